"""A region from nothing: the smallest tables that pass the check and answer a run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from isthmus._errors import UserError
from isthmus.pack.describing import describe
from isthmus.pack.loading import DESCRIPTOR
from isthmus.pack.schema import SCHEMA
from isthmus.store import write_whole
from isthmus.tables import SLUG, read_csv, write_csv

_TEMPLATE = Path(__file__).parent / "template"


def new(folder: Path, name: str = "") -> Path:
    """Write a smallest valid region: two countries, three places, a road, a railway, a border, two markets.

    Parameters
    ----------
    folder : Path
        Folder to make.
    name : str
        Id of the region; by default the folder's name.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UserError
        If the folder exists or the name is no id.
    """
    return write_region(folder, starting_tables(), name)


def starting_tables() -> dict[str, pd.DataFrame]:
    """Tables of the smallest region by name, parameters at their defaults."""
    tables = {
        path.stem: read_csv(path, SCHEMA.tables[path.stem])[0] for path in sorted(_TEMPLATE.glob("*.csv"))
    }
    parameters = [
        {
            "parameter": key, "value": column.default, "unit": column.unit, "meaning": column.meaning, "source": "estimate",
            "confidence": "low", "note": None,
        }
        for key, column in SCHEMA.parameters.items()
        if column.required
    ]  # fmt: skip
    return {**tables, "parameters": pd.DataFrame(parameters)}


def write_region(folder: Path, tables: dict[str, pd.DataFrame], name: str = "") -> Path:
    """Write tables and their descriptor into a folder that does not exist yet; whole or not at all."""
    refuse_region(folder, name)
    title = name or folder.absolute().name

    def fill(beside: Path) -> None:
        for table, frame in tables.items():
            write_csv(frame, SCHEMA.tables[table], beside / f"{table}.csv")
        (beside / DESCRIPTOR).write_text(json.dumps({"name": title, "title": title}), encoding="utf-8")
        describe(beside)

    return write_whole(folder, fill)


def refuse_region(folder: Path, name: str = "") -> None:
    """Raise UserError if a region cannot be written there under that name."""
    if folder.exists():
        raise UserError(f"{folder} exists; choose another name.")
    title = name or folder.absolute().name
    if not SLUG.fullmatch(title):
        raise UserError(
            f"{title!r} is no id of a region: expected lower-case letters, digits and hyphens; --name gives another."
        )
