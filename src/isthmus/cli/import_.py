"""`isthmus import`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_text


def import_(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="gmns.")],
    source: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the network.")],
    folder: Annotated[Path, typer.Argument(metavar="REGION_DIR", help="Folder of the region to make.")],
    mode: Annotated[str, typer.Option(help="Mode of the links to take.")] = "road",
    country: Annotated[str, typer.Option(help="Country of nodes that name none.")] = "ZZZ",
    name: Annotated[str, typer.Option(help="Id of the region; by default the folder's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a region from a network of other software."""
    from isthmus._errors import UserError

    if form != "gmns":
        raise UserError(f"Not a format to import: {form!r}; expected gmns.")
    from isthmus import pack

    made = pack.import_gmns(source, folder, mode=mode, country=country, name=name)
    tables = pack.check(made).tables
    if as_json:
        print_json("import", {"format": form, "folder": str(made), "tables": tables})
    else:
        print_text(f"Written to {made}. Its demand is a placeholder; next: isthmus check {folder}")
