"""What commands print: tables for people, one JSON document for programs, progress on standard error."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isthmus import __version__

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Version of the JSON documents' keys."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder to write the tables to.")]
Force = Annotated[bool, typer.Option("--force", help="Replace that folder if it is such a folder.")]
Region = Annotated[str, typer.Argument(metavar="REGION", help="A region that ships, or a folder.")]


def print_json(command: str, content: Mapping[str, Any]) -> None:
    """Print the document of a command, alone on standard output; frames become lists of records, NaN null."""
    document = {"isthmus": __version__, "command": command, "schema": SCHEMA, **content}
    print(json.dumps(_plain(document), ensure_ascii=False, indent=1, allow_nan=False))


def print_table(frame: "pd.DataFrame", title: str = "", formats: Mapping[str, str] | None = None) -> None:
    """Print a frame as a table; underscores of column names become spaces.

    `formats` holds format specifications of columns, as in ``{"tonnes": ",.0f"}``; other numbers have at most four
    significant digits. Empty cells are blank; columns of numbers stand to the right.
    """
    from rich import box
    from rich.table import Table

    formats = formats or {}
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for name in frame.columns:
        is_number = frame[name].dtype.kind in "iuf"
        # A column of words folds, one of numbers or ids (the first) is never cut.
        table.add_column(
            str(name).replace("_", " "),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number,
        )
    for row in frame.itertuples(index=False):
        table.add_row(
            *(_shown(cell, formats.get(name, "")) for name, cell in zip(frame.columns, row, strict=True))
        )
    print_text(table)


def print_text(what: Any) -> None:
    """Print on standard output: to a terminal as wide as it is, to a file or pipe as wide as the widest line."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=200, no_color=True)
    console.print(what)


def progress(message: str) -> None:
    """Say on standard error what long work is doing."""
    print(message, file=sys.stderr, flush=True)


def _shown(cell: Any, spec: str) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if spec and isinstance(cell, int | float):
        return format(cell, spec)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.4g}"
    return str(cell)


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [_plain(record) for record in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
