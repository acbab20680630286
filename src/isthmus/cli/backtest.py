"""`isthmus backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Force, Out, Region, print_json, print_table, print_text, progress

_SHOWN = (
    ("shares", "(a) Shares inside screenlines, per cent"),
    ("changes", "(b) Last over first count around the base year"),
    ("levels", "(c) Levels of the base year, one a physical flow"),
    ("doors", "(d) Door to door"),
    ("elasticities", "Elasticities of tonnes to carriers' prices, own and cross"),
    ("unmapped", "Not judged, and why"),
)


def backtest(
    region: Region = "caspian",
    observations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Counts to judge by, instead of the region's own.")
    ] = None,
    door_to_door: Annotated[Path | None, typer.Option(metavar="FILE", help="Journeys to judge by.")] = None,
    role: Annotated[str, typer.Option(help="Role of the region's own rows: test or fit.")] = "test",
    elasticities: Annotated[
        bool, typer.Option("--elasticities", help="Work out elasticities of corridors too.")
    ] = False,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Judge the model by counts and journeys that it was not told."""
    from isthmus import evidence
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force)
    result = evidence.backtest(
        region,
        observations=observations,
        door_to_door=door_to_door,
        role=role,
        elasticities=elasticities,
        progress=progress,
    )
    folder = evidence.write_backtest(result, out, force=force) if out is not None else None
    if as_json:
        tables = {name: getattr(result, name) for name, _ in _SHOWN}
        print_json(
            "backtest",
            {
                **evidence.backtest_manifest(result),
                "folder": str(folder) if folder else None,
                "scores": result.scores,
                **tables,
            },
        )
        return
    for name, title in _SHOWN:
        frame = getattr(result, name)
        if len(frame):
            hidden = ("door_to_door", "cargo", "usd_unit") if name == "doors" else ()
            print_table(
                frame.drop(columns=list(hidden)),
                title=title,
                formats={"year": "d", "first": "d", "last": "d"},
            )
    print_table(result.scores, title="Scores, beside all tonnes on the cheapest path (prior)")
    if folder is not None:
        print_text(f"Written to {folder}")
