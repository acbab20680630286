"""An evaluation as a run on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from isthmus.evaluation.counts import beside
from isthmus.evaluation.evaluation import Evaluation
from isthmus.network import service_shapes
from isthmus.store import write_run

_INPUTS = (
    "places", "zones", "markets", "links", "services", "crossings", "terminals", "pools", "countries", "classes", "modes", "corridors",
    "sources", "observations",
)  # fmt: skip
"""Tables of the region that a run holds, so that it can be read alone."""


def write(evaluation: Evaluation, folder: Path, *, force: bool = False) -> Path:
    """Write an evaluation as a run: its tables, the places and networks it needs to be read alone, a map, a manifest.

    Raises StoreError if the folder exists and `force` is not given.
    """
    pack = evaluation.pack
    inputs = {f"region_{name}": pack.table(name) for name in _INPUTS}
    counted = pack.table("observations")
    made = {
        "region_shapes": service_shapes(pack),
        "counts": beside(evaluation, counted[counted["year"] == pack.year]),
    }
    return write_run(
        folder,
        {**evaluation.tables, **inputs, **made},
        manifest_of(evaluation),
        layers_of(evaluation),
        force=force,
    )


def manifest_of(evaluation: Evaluation) -> dict[str, Any]:
    """What a run says of itself."""
    pack, certificate = evaluation.pack, evaluation.certificate
    return {
        "key": evaluation.key,
        "region": {"name": pack.name, "title": pack.title, "hash": pack.hash, "year": pack.year},
        "scenario": evaluation.scenario.model_dump(mode="json", exclude_none=True),
        "guesses": evaluation.guesses,
        "parameters": dict(pack.parameters),
        "certificate": {
            "gap_usd": certificate.gap, "objective_usd": certificate.objective, "bound_usd": certificate.bound,
            "iterations": certificate.iterations, "converged": certificate.converged,
        },
    }  # fmt: skip


def layers_of(evaluation: Evaluation) -> dict[str, pd.DataFrame]:
    """Layers of the map: lines with tonnes, TEU and direction; crossings and ports as points."""
    places = evaluation.pack.table("places").set_index("place")[["lon", "lat"]]
    flows = evaluation.tables["flows"]
    lines = flows[flows["kind"].isin(["link", "service"])]
    lines = lines.groupby(["kind", "element", "from_place", "to_place", "mode"], as_index=False)[
        ["tonnes", "teu"]
    ].sum()
    for end in ("from", "to"):
        at = places.reindex(lines[f"{end}_place"])
        lines[f"{end}_lon"], lines[f"{end}_lat"] = at["lon"].to_numpy(), at["lat"].to_numpy()
    between = evaluation.pack.table("crossings")[["crossing", "from_place", "to_place"]]
    crossings = evaluation.tables["crossings"].merge(between, on="crossing")
    ends = [places.reindex(crossings[f"{end}_place"]).reset_index(drop=True) for end in ("from", "to")]
    crossings[["lon", "lat"]] = (ends[0] + ends[1]) / 2.0
    ports = evaluation.tables["ports"]
    at = places.reindex(ports["port"])
    return {
        "flows": lines,
        "crossings": crossings,
        "ports": ports.assign(lon=at["lon"].to_numpy(), lat=at["lat"].to_numpy()),
    }
