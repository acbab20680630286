"""`isthmus route`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_table, print_text


def route(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Place, by id or name.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Place, by id or name.")],
    region: Annotated[str, typer.Option(help="A region that ships, or a folder.")] = "caspian",
    cargo: Annotated[str, typer.Option(help="Cargo class or segment.")] = "manufactures",
    by: Annotated[str, typer.Option(help="cost, time, co2 or generalised.")] = "generalised",
    avoid: Annotated[str, typer.Option(help="Countries, places or operators, with commas between.")] = "",
    via: Annotated[str, typer.Option(help="Places to pass, in order, with commas between.")] = "",
    alternatives: Annotated[int, typer.Option(help="Most itineraries to find.")] = 5,
    save: Annotated[Path | None, typer.Option(help="Run whose page is to show these itineraries.")] = None,
    as_json: AsJson = False,
) -> None:
    """Itineraries from one place to another: every leg, transfer, border and wait."""
    from isthmus import evaluation

    found = evaluation.route(
        origin,
        destination,
        region=region,
        cargo=cargo,
        by=by,
        avoid=_names(avoid),
        via=_names(via),
        alternatives=alternatives,
    )
    if save is not None:
        from isthmus.report import write_report

        write_report(evaluation.save_route(found, save))
    if as_json:
        ways = [{**way.summary, "legs": way.legs} for way in found.ways]
        head = {
            "region": found.pack.name,
            "hash": found.pack.hash,
            "from": found.origin,
            "to": found.destination,
        }
        print_json("route", {**head, "cargo": found.cargo, "by": by, "ways": ways})
        return
    print_text(
        f"{found.origin} to {found.destination}, {found.cargo}, by {by}; hours as observed in {found.pack.base_year}\n"
    )
    numbers = {"km": ",.0f", "hours": ",.1f", "usd_per_t": ",.1f", "co2_kg_per_t": ",.0f"}
    for number, way in enumerate(found.ways, start=1):
        total = way.summary
        box = (
            f", {total['usd_per_feu']:,.0f} USD a FEU" if total["usd_per_feu"] == total["usd_per_feu"] else ""
        )
        title = (
            f"{number}. {total['days']:.1f} days, {total['km']:,.0f} km, {total['usd_per_t']:,.0f} USD/t{box}, "
            f"{total['co2_kg_per_t']:,.0f} kg CO2/t, {total['borders']} borders"
        )
        print_table(way.legs, title=title, formats=numbers)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
