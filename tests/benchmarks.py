"""Public problems with known answers, which a clone may lack."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("ISTHMUS_BENCHMARKS", Path(__file__).parents[2] / "shared" / "benchmarks"))
"""ISTHMUS_BENCHMARKS, or shared/benchmarks beside the repository."""

OBJECTIVES = {
    "SiouxFalls": 42.31335287107440e5,
    "Anaheim": 1286032.17109602,
    "Barcelona": 1265654.92203177,
    "Winnipeg": 827911.494629963,
    "Chicago-Sketch": 17313018.7387476,
}
"""Least Beckmann objective of each network of the collection."""

WEIGHTS = {"Chicago-Sketch": (0.04, 0.02)}
"""Minutes that a unit of length and of toll are worth, where not 0."""


def tntp(name: str) -> tuple[Path, Path, Path]:
    """Network, trips and flows of a network of the collection; skips the test where the folder is missing."""
    folder = FOLDER / "tntp" / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing; ISTHMUS_BENCHMARKS may name the folder of public problems")
    stem = name.replace("-", "")
    return tuple(folder / f"{stem}_{kind}.tntp" for kind in ("net", "trips", "flow"))  # type: ignore[return-value]
