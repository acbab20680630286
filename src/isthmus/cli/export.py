"""`isthmus export`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_text


def export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="gmns.")],
    region: Annotated[str, typer.Argument(metavar="REGION", help="A region that ships, or a folder.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace that folder if it is such a network.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a region's network for other software."""
    from isthmus._errors import UserError

    if form != "gmns":
        raise UserError(f"Not a format to export: {form!r}; expected gmns.")
    from isthmus.network import export_gmns

    made = export_gmns(region, folder, force=force)
    if as_json:
        print_json("export", {"format": form, "region": region, "folder": str(made)})
    else:
        print_text(f"Written to {made}")
