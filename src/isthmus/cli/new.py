"""`isthmus new`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_text


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    name: Annotated[str, typer.Option(help="Id of the region; by default the folder's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a smallest valid region to start from."""
    from isthmus import pack

    made = pack.new(folder, name)
    if as_json:
        print_json("new", {"folder": str(made), "region": name or made.name})
    else:
        print_text(f"Written to {made}. Next: isthmus check {folder}, isthmus run {folder}")
