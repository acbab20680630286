"""Skims: what a tonne meets on the least generalised-cost way between all zones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus._errors import UserError
from isthmus._kernels import kernel
from isthmus.assignment.shortest import shortest_tree
from isthmus.freight.costs import Carriage, carriage_of, specific_rows
from isthmus.freight.flows import delays, pool_prices
from isthmus.freight.itineraries import Router
from isthmus.freight.prepared import Solved
from isthmus.pack import Pack
from isthmus.tables import codes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEASURES = (
    "usd_per_t",
    "generalised_usd_per_t",
    "hours",
    "km",
    "co2_kg_per_t",
    "scarcity_usd_per_t",
)


@kernel
def tree_sums(first_out, head, tail, passable, cost, values, sources, targets, out):  # type: ignore[no-untyped-def]
    """Sums of arc values (V, A) along the shortest trees from `sources` to `targets`: out (V, sources, targets).

    NaN where a target is not reached and from a source to itself. Arcs that may be used cost more than 0: a node's predecessor on
    the tree is nearer than it, so that one pass in the order of distance adds everything up.
    """
    nodes = first_out.size - 1
    distance, arrival = np.empty(nodes), np.empty(nodes, np.int64)
    heap_key, heap_node = np.empty(cost.size + 2), np.empty(cost.size + 2, np.int64)
    sums = np.empty((nodes, values.shape[0]))
    for s in range(sources.size):
        source = sources[s]
        shortest_tree(first_out, head, cost, source, passable, distance, arrival, heap_key, heap_node)
        sums[:] = np.nan
        sums[source] = 0.0
        for node in np.argsort(distance, kind="mergesort"):
            if not np.isfinite(distance[node]):
                break
            if node != source:
                arc = arrival[node]
                for v in range(values.shape[0]):
                    sums[node, v] = sums[tail[arc], v] + values[v, arc]
        for t in range(targets.size):
            for v in range(values.shape[0]):
                out[v, s, t] = sums[targets[t], v] if targets[t] != source else np.nan


def segments_called(pack: Pack, cargo: Sequence[str] = ()) -> pd.DataFrame:
    """Rows of `segments` that some names mean, each a segment or a class; all without names. Raises UserError for unknown ones."""
    segments = pack.table("segments")
    known = {*segments["segment"], *segments["cargo_class"]}
    wrong = [name for name in cargo if name not in known]
    if wrong:
        raise UserError(f"There is no cargo {', '.join(wrong)}: expected some of {', '.join(sorted(known))}.")
    if cargo:
        segments = segments[segments["segment"].isin(cargo) | segments["cargo_class"].isin(cargo)]
    return segments.sort_values(["cargo_class", "segment"], kind="stable").reset_index(drop=True)


def skims_of(pack: Pack, segments: pd.DataFrame, solved: Solved | None = None) -> Floats:
    """What a tonne of each segment meets between all zones.

    The way is the one of least generalised cost: money + value of time x (hours + reliability ratio x their standard deviation),
    hours with the queues observed in the base year, without bans and premiums of shipper groups. Of a solved region the queues are
    those of the solution: in the hours as delays, in the generalised cost within the prices of slots, once.

    Parameters
    ----------
    pack : Pack
        The region.
    segments : DataFrame
        Rows of its table of segments.
    solved : Solved, optional
        The same region solved: prices and delays of its pools take the place of the queues observed.

    Returns
    -------
    array (segments, MEASURES, Z, Z)
        USD per tonne, generalised USD per tonne, hours, km, kg CO2 per tonne, USD of scarcity per tonne; NaN where no way is open
        and within a zone. Zones in the order of the pack.
    """
    router = Router(pack, state=solved.state if solved is not None else None)
    layout, tariff = router.layout, router.tariff
    place = layout.nodes["place_index"].to_numpy()[layout.zone_node]
    country = tariff.place_country[place]
    zones = layout.zone_node.size
    out = np.full((len(segments), len(MEASURES), zones, zones), np.nan)
    price = pool_prices(solved)[0] if solved is not None else None
    delay = _at_pools(solved, delays(solved)) if solved is not None else np.zeros((layout.arcs, 2))
    for cargo_class, rows in segments.groupby("cargo_class"):
        row = int(codes([cargo_class], tariff.classes)[0])
        for origin, destinations in _alike(router, row, country):
            carriage = carriage_of(tariff, router.state, row, origin, int(country[destinations[0]]))
            sources = np.flatnonzero(country == origin)
            scarcity = _scarcity(carriage, solved, price, layout.arcs)
            for at, time in zip(rows.index, rows["value_of_time"].astype(float), strict=True):
                cost = router.criterion(carriage, "generalised", time) + scarcity
                values = np.stack(
                    [
                        carriage.money.sum(axis=0),
                        cost,
                        carriage.hours.sum(axis=0) + (delay * (carriage.slots > 0)).sum(axis=1),
                        router.state.length,
                        router.co2,
                        scarcity,
                    ]
                )
                found = np.empty((len(MEASURES), sources.size, destinations.size))
                tree_sums(
                    layout.first_out, layout.head, layout.tail, layout.passable, cost, values, layout.zone_node[sources],
                    layout.zone_node[destinations], found,
                )  # fmt: skip
                out[at][:, sources[:, None], destinations[None, :]] = found
    return out


def _alike(router: Router, cargo_class: int, country: Ints) -> list[tuple[int, Ints]]:
    """Country of origin with the zones of destination to which a class rides one and the same carriage."""
    found = []
    for origin in np.unique(country).tolist():
        groups: dict[tuple[int, ...], list[int]] = {}
        for zone, destination in enumerate(country.tolist()):
            rows = specific_rows(router.tariff, cargo_class, origin, destination)
            groups.setdefault(rows, []).append(zone)
        found += [(origin, np.array(zones, np.int64)) for zones in groups.values()]
    return found


def _scarcity(carriage: Carriage, solved: Solved | None, price: Floats | None, arcs: int) -> Floats:
    """(A) USD per tonne of the slots of the arcs' pools."""
    if solved is None or price is None:
        return np.zeros(arcs)
    return np.asarray((carriage.slots * _at_pools(solved, price)).sum(axis=1))


def _at_pools(solved: Solved, values: Floats) -> Floats:
    """(A, 2) values of the pools that each arc draws on, 0 where it draws on none."""
    pool = solved.state.pool
    if not values.size:
        return np.zeros(pool.shape)
    return np.where(pool >= 0, values[pool], 0.0)
