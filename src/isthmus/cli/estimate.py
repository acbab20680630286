"""`isthmus estimate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from isthmus.cli._output import AsJson, Region, print_json, print_table, print_text, progress

if TYPE_CHECKING:
    from isthmus.evidence import Estimate

_SHOWN = 15
_COUNTS = {name: ",.0f" for name in ("year", "counted", "before", "after")} | {
    "year": ".0f",
    "cv": ".0%",
    "expected": ".0%",
}


def estimate(
    region: Region = "caspian",
    scenario: Annotated[Path | None, typer.Option(help="File of edits that make the prior.")] = None,
    passes: Annotated[int, typer.Option(help="Assignments at most.")] = 10,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder to write the scenario and the tables to.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace that folder if it is an estimate.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every row of the longer tables.")] = False,
    as_json: AsJson = False,
) -> None:
    """Correct a region's demand by the counts marked for it; the answer is a scenario."""
    from isthmus import evidence
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force, mark=evidence.MARK, what="estimate")
    made = evidence.estimate(region, scenario=scenario, passes=passes, progress=progress)
    folder = evidence.write_estimate(made, out, force=force) if out is not None else None
    if as_json:
        tables = {name: getattr(made, name) for name in ("markets", "fitted", "tested", "railways", "passes")}
        print_json(
            "estimate", {**evidence.manifest_of(made), "folder": str(folder) if folder else None, **tables}
        )
        return
    _print(made, everything)
    if folder is not None:
        print_text(f"Written to {folder}; isthmus run {region} --scenario {folder / 'scenario.yaml'}")


def _print(made: "Estimate", everything: bool) -> None:
    markets = made.markets
    print_text(
        f"{made.pack.title}, {made.pack.year}: {markets['prior'].sum() / 1e6:,.1f} Mt before, "
        f"{markets['posterior'].sum() / 1e6:,.1f} after; {(markets['bound'] != '').sum()} of {len(markets):,} markets at a bound\n"
    )
    for title, rows in (("Counts to fit", made.fitted), ("Counts kept for judging", made.tested)):
        ratio = rows.assign(
            before_ratio=rows["before"] / rows["counted"], after_ratio=rows["after"] / rows["counted"]
        )
        shown = ["what", "year", "unit", "counted", "before", "after", "before_ratio", "after_ratio"]
        if rows["used"].any():
            shown += ["cv", "expected", "because"]
        print_table(
            ratio[shown], title=title, formats={**_COUNTS, "before_ratio": ".2f", "after_ratio": ".2f"}
        )
    million = made.railways.drop(columns="counted_traffic")
    million = million.assign(**{name: million[name] / 1e6 for name in million.columns[1:]})
    print_table(
        million,
        title="Railways (million tonnes, million tonne-kilometres)",
        formats=dict.fromkeys(million.columns[1:], ",.1f"),
    )
    moved = markets.assign(off=(markets["factor"] - 1).abs() * markets["prior"]).sort_values(
        "off", ascending=False, kind="stable"
    )
    moved = moved.drop(columns="off") if everything else moved.drop(columns="off").head(_SHOWN)
    print_table(
        moved,
        title="Markets that change most",
        formats={"prior": ",.0f", "posterior": ",.0f", "factor": ".2f"},
    )
