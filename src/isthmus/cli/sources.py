"""`isthmus sources`."""

from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_table


def sources(
    what: Annotated[
        str, typer.Argument(metavar="[TABLE|ID]", help="A table, the id of a row, or a source.")
    ] = "",
    region: Annotated[str, typer.Option(help="A region that ships, or a folder.")] = "caspian",
    as_json: AsJson = False,
) -> None:
    """Say where numbers come from: of a region, of one table, of one row; or what rests on one source."""
    from isthmus import pack

    loaded = pack.load(region)
    cited = pack.cite(loaded, what)
    if as_json:
        print_json("sources", {"region": loaded.name, "hash": loaded.hash, "what": what, "sources": cited})
        return
    print_table(cited, title=f"Sources of {what or loaded.name}", formats={"year": ".0f"})
