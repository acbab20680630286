"""What a sheet shows of a corridor and a map of a layer: legs of named itineraries, tonnes of lines by corridor and by traffic."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.freight.flows import flows_of
from isthmus.freight.itineraries import corridor_ways, legs_of
from isthmus.freight.outcome import corridor_routes
from isthmus.freight.prepared import Prepared, Solved
from isthmus.network import KINDS, LINK, SERVICE

Floats = NDArray[np.float64]
_TONNES_SHOWN = 500.0


def sheets_of(prepared: Prepared, solved: Solved) -> dict[str, pd.DataFrame]:
    """Tables beyond the outcome's that a report draws on.

    Returns
    -------
    dict of DataFrame
        `itineraries`: legs of each corridor's named itinerary in order, as `legs_of` says, with `scarcity_usd_per_t` apart.
        `layers`: tonnes a year on links and services, by direction, of each corridor (`layer` corridor) and traffic (`layer` traffic).
        `confidence`, `cited`: as `provenance_of` says.
    """
    from isthmus.freight.provenance import provenance_of  # scipy's matrices are loaded where they are needed

    confidence, cited = provenance_of(prepared, solved)
    return {
        "itineraries": _itineraries(prepared, solved),
        "layers": _layers(prepared, solved),
        "confidence": confidence,
        "cited": cited,
    }


def _itineraries(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    router, ways = corridor_ways(prepared, solved)
    found = []
    for way in ways:
        if way.chain.size:
            legs = legs_of(solved.pack, prepared.layout, way.carriage, router.co2, way.chain, way.scarcity)
            found.append(legs.assign(corridor=way.corridor, cargo=way.cargo, leg=np.arange(len(legs))))
    if not found:
        return pd.DataFrame(columns=["corridor", "leg"])
    table = pd.concat(found, ignore_index=True)
    first = ["corridor", "cargo", "leg"]
    return table[[*first, *table.columns.drop(first)]]


def _layers(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    pack, routes = solved.pack, prepared.routes
    traffic = pack.table("markets")["traffic"].to_numpy(object)[solved.demand.market[routes.market]]
    chosen = [
        ("corridor", name, corridor_routes(prepared, solved, name))
        for name in pack.table("corridors")["corridor"]
    ]
    chosen += [("traffic", str(name), traffic == name) for name in np.unique(traffic.astype(str))]
    return pd.concat([_layer(prepared, solved, *each) for each in chosen], ignore_index=True)


def _layer(prepared: Prepared, solved: Solved, layer: str, name: str, of: NDArray[np.bool_]) -> pd.DataFrame:
    layout = prepared.layout
    tonnes = flows_of(prepared, solved.solution.flow * of)
    arcs = np.flatnonzero((tonnes > _TONNES_SHOWN) & np.isin(layout.kind, (LINK, SERVICE)))
    ids = [layout.elements(kind).to_numpy(object) for kind in range(len(KINDS))]
    return pd.DataFrame(
        {
            "layer": layer, "name": name, "kind": np.array(KINDS, object)[layout.kind[arcs]],
            "element": [ids[layout.kind[a]][layout.element[a]] for a in arcs], "forward": layout.forward[arcs], "tonnes": tonnes[arcs],
        }
    )  # fmt: skip
