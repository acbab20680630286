"""The verb `skim`: matrices of what a tonne meets between all zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus._errors import UserError
from isthmus.evaluation.evaluation import plan_of
from isthmus.freight import MEASURES, prepare, segments_called, skims_of
from isthmus.pack import Pack, load
from isthmus.scenario import apply
from isthmus.store import write_omx, write_run

FORMATS = ("parquet", "omx", "both")


@dataclass(frozen=True)
class Skims:
    """Answer of `skim`.

    Attributes:
        pack: the region, of the year asked for.
        zones: (Z) ids, in the order of rows and columns.
        segments: rows of the table of segments that were skimmed.
        measures: names of what is measured.
        values: (segments, measures, Z, Z); NaN where no way is open and within a zone.
        congested: whether scarcity prices are in it.
    """

    pack: Pack
    zones: tuple[str, ...]
    segments: pd.DataFrame
    measures: tuple[str, ...]
    values: NDArray[np.float64]
    congested: bool

    def table(self) -> pd.DataFrame:
        """One row for each origin, destination and segment, a column for each measure."""
        size = len(self.zones)
        zones = np.array(self.zones, object)
        each = {
            "origin": np.tile(np.repeat(zones, size), len(self.segments)),
            "destination": np.tile(zones, size * len(self.segments)),
        }
        names = {
            name: np.repeat(self.segments[name].to_numpy(object), size * size)
            for name in ("cargo_class", "segment")
        }
        cells = self.values.transpose(1, 0, 2, 3).reshape(len(self.measures), -1)
        return pd.DataFrame({**each, **names, **dict(zip(self.measures, cells, strict=True))})


def skim(
    region: str | Path | Pack = "caspian",
    *,
    cargo: Sequence[str] = (),
    year: int | None = None,
    congested: bool = False,
) -> Skims:
    """Cost, hours, distance and CO2 of a tonne between all zones on the way of least generalised cost, by segment.

    Hours are those observed in the base year, queues in them; bans and premiums of shipper groups are not in it.

    Parameters
    ----------
    region : str, Path or Pack
        A region that ships, a folder, or a region loaded before.
    cargo : sequence of str
        Cargo classes or segments; by default all.
    year : int, optional
        Year whose statuses and values hold; by default the base year.
    congested : bool
        Solve the region and add the scarcity prices of its pools, as a measure of their own and in the generalised cost.

    Raises
    ------
    UserError
        If the region, the year or a cargo cannot be used.
    """
    base = region if isinstance(region, Pack) else load(region)
    plan = plan_of(base, year, None)
    pack = apply(base, plan) if plan.edits else base
    segments = segments_called(pack, cargo)
    solved = None
    if congested:
        prepared = prepare(base, others=() if pack is base else (pack,))
        solved = prepared.solve(pack, start=prepared.start)
    values = skims_of(pack, segments, solved)
    measures = MEASURES if congested else MEASURES[:-1]
    zones = tuple(pack.table("zones")["zone"])
    return Skims(pack, zones, segments, measures, values[:, : len(measures)], congested)


def write_skims(skims: Skims, folder: Path, *, form: str = "both", force: bool = False) -> Path:
    """Write `skims.parquet`, an OMX file for each class, or both, with a manifest.

    Raises StoreError if the folder exists and `force` is not given, UserError for an unknown form.
    """
    refuse_form(form)
    tables = {"skims": skims.table()} if form != "omx" else {}
    classes = skims.segments["cargo_class"].unique() if form != "parquet" else ()
    files = {
        f"{name}.omx": partial(
            _write_class, rows=np.flatnonzero(skims.segments["cargo_class"] == name), skims=skims
        )
        for name in classes
    }
    return write_run(folder, tables, skims_manifest(skims), files=files, force=force)


def refuse_form(form: str) -> None:
    """Raise UserError for a form that is not known."""
    if form not in FORMATS:
        raise UserError(f"--format {form}: expected one of {', '.join(FORMATS)}.")


def _write_class(path: Path, *, rows: NDArray[np.int64], skims: Skims) -> None:
    matrices = {
        f"{skims.segments['segment'].iloc[row]}_{measure}".replace("-", "_"): skims.values[row, column]
        for row in rows.tolist()
        for column, measure in enumerate(skims.measures)
    }
    write_omx(path, matrices, "zone", skims.zones)


def skims_manifest(skims: Skims) -> dict[str, Any]:
    """What the folder says of itself."""
    pack = skims.pack
    return {
        "kind": "skims",
        "region": {"name": pack.name, "title": pack.title, "hash": pack.hash, "year": pack.year},
        "congested": skims.congested,
        "zones": len(skims.zones),
        "segments": skims.segments["segment"].tolist(),
        "measures": list(skims.measures),
    }
