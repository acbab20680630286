"""`isthmus run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from isthmus.cli._output import AsJson, Region, print_json, print_table, print_text, progress

if TYPE_CHECKING:
    from isthmus.evaluation import Evaluation

_SHOWN = 15


def run(
    region: Region = "caspian",
    year: Annotated[int | None, typer.Option(help="Year whose statuses, values and demand hold.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="File of edits to apply.")] = None,
    guesses: Annotated[
        bool, typer.Option("--guesses", help="Let capacities bind that are estimates.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to write the run to.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace that folder if it is a run.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every row of the tables.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve a region's freight: who moves what which way, at what cost, and where it is stuck."""
    from isthmus import evaluation
    from isthmus.report import write_report
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force)
    result = evaluation.run(
        region, year=year, scenario=scenario, guesses=guesses, sheets=out is not None, progress=progress
    )
    folder = evaluation.write(result, out, force=force) if out is not None else None
    page = write_report(folder) if folder is not None else None
    if as_json:
        _print_json(result, folder)
    else:
        _print(result, None if everything else _SHOWN)
        if folder is not None:
            print_text(f"Written to {folder}; the page to read is {page}")


def _print_json(result: "Evaluation", folder: Path | None) -> None:
    from isthmus.evaluation import manifest_of

    shown = ("corridors", "crossings", "ports", "countries", "pools", "accounts", "gains")
    tables = {name: result.tables[name] for name in shown if name in result.tables}
    markets = result.tables["markets"]
    tables["not_shipped"] = markets[markets["not_shipped_because"].notna()]
    print_json("run", {**manifest_of(result), "folder": str(folder) if folder else None, **tables})


def _print(result: "Evaluation", most: int | None) -> None:
    from isthmus.evaluation import summaries

    pack, certificate = result.pack, result.certificate
    markets = result.tables["markets"]
    print_text(
        f"{pack.title}, {pack.year}: {markets['shipped'].sum() / 1e6:,.1f} Mt shipped of {markets['tonnes'].sum() / 1e6:,.1f}; "
        f"gap {certificate.gap:,.0f} USD a year{'' if certificate.converged else ' (not reached)'}"
    )
    print_text(
        "Not to be asked: new trade with new partners, where industry settles, single months, the politics of a closure.\n"
    )
    if pack.parameters.get("response", 1.0) < 1.0:
        print_text(
            "Demand answers as far as it does while the state lasts; figures are those of a year at that rate.\n"
        )
    for title, frame, formats in summaries(result, most):
        print_table(frame, title=title, formats=formats)
