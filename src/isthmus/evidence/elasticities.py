"""Elasticities of corridors and modes, from the model: by how much tonnes change when a price does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from isthmus.evidence.measures import World
from isthmus.freight import TRUNKS, Prepared, corridor_routes
from isthmus.pack import Pack
from isthmus.scenario import Edit, Scenario, apply

STEP = 0.05
"""Rise of a price by which elasticities are measured."""
_FAMILIES = ("sea", "rail", "road")


def elasticities_of(prepared: Prepared) -> pd.DataFrame:
    """Tonnes by trunk mode and by corridor against carriers' prices of a family of modes, all other prices as they are.

    Returns
    -------
    DataFrame
        `kind` (mode, corridor), `element`, `tonnes` (a year at the base), and for each family `price_of_…`: the percentage by which tonnes
        change when its carriers' prices rise by one per cent (arc elasticity at a rise of 5 %). Own where the element is of that family,
        cross elsewhere. Domestic freight is left out: it has few rivals.
    """
    first = prepared.solve(start=prepared.start)
    base = _tonnes(World(prepared, first))
    table = base.rename("tonnes").reset_index()
    for family in _FAMILIES:
        dearer = prepared.solve(_dearer(prepared.pack, family), start=first.start)
        after = _tonnes(World(prepared, dearer))
        change = np.log(np.maximum(after, 1e-9) / np.maximum(base, 1e-9)) / np.log1p(STEP)
        table[f"price_of_{family}"] = change.where(base > 1000.0).to_numpy()
    return table


def _dearer(pack: Pack, family: str) -> Pack:
    """The pack with distance rates and fares of a family up by STEP."""
    modes = pack.table("modes")
    own = modes.loc[modes["trunk"] == family, "mode"].tolist()
    edits = []
    for table, columns in (
        ("rates", ("usd_per_tkm", "usd_per_unit_km")),
        ("services", ("usd_per_t", "usd_per_feu")),
    ):
        frame = pack.table(table)
        for column in columns:
            if frame.loc[frame["mode"].isin(own), column].notna().any():
                edits.append(
                    {
                        "scale": {
                            "table": table,
                            "column": column,
                            "where": {"mode": own},
                            "factor": 1.0 + STEP,
                        }
                    }
                )
    return apply(pack, Scenario(name=family, edits=tuple(Edit.model_validate(edit) for edit in edits)))


def _tonnes(world: World) -> pd.Series:
    """Tonnes a year by (kind, element)."""
    abroad = (world.pack.table("markets")["traffic"] != "domestic").to_numpy()[world.solved.demand.market]
    flow = world.flow * abroad[world.prepared.routes.market]
    found: Mapping[tuple[str, str], float] = {
        ("mode", trunk): float(flow[world.prepared.routes.trunk == i].sum()) for i, trunk in enumerate(TRUNKS)
    } | {
        ("corridor", str(name)): float(flow[corridor_routes(world.prepared, world.solved, str(name))].sum())
        for name in world.pack.table("corridors")["corridor"]
    }
    index = pd.MultiIndex.from_tuples(list(found), names=["kind", "element"])
    return pd.Series(list(found.values()), index=index, dtype=float)
