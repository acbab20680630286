"""`isthmus places`."""

from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_table, print_text


def places(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of a name or id, spelled loosely.")],
    region: Annotated[str, typer.Option(help="A region that ships, or a folder.")] = "caspian",
    as_json: AsJson = False,
) -> None:
    """Find places by name: country, coordinates, modes there."""
    from isthmus import pack

    loaded = pack.load(region)
    found = pack.find_places(loaded, text)
    if as_json:
        print_json("places", {"region": loaded.name, "hash": loaded.hash, "text": text, "places": found})
    elif found.empty:
        print_text(f"No place like {text!r} in region {loaded.name}.")
    else:
        print_table(found.drop(columns="match"), formats={"lon": ".3f", "lat": ".3f"})
