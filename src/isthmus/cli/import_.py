"""`isthmus import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_table, print_text

if TYPE_CHECKING:
    from isthmus.evidence import TradePrior

_FORMS = ("gmns", "baci", "comext")
_SHOWN = 15


def import_(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="gmns, baci or comext.")],
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="Folder of the network; files of the statistics."),
    ],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Folder to make: of the region (gmns), of the scenario (baci, comext)."
        ),
    ],
    mode: Annotated[str, typer.Option(help="gmns: mode of the links to take.")] = "road",
    country: Annotated[str, typer.Option(help="gmns: country of nodes that name none.")] = "ZZZ",
    name: Annotated[str, typer.Option(help="gmns: id of the region; by default the folder's name.")] = "",
    region: Annotated[str, typer.Option(help="baci, comext: region whose demand to scale.")] = "caspian",
    year: Annotated[
        int | None, typer.Option(help="baci, comext: year of the trade; by default the region's base year.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="baci, comext: file of products and cargo classes.")
    ] = None,
    usd_per_euro: Annotated[float, typer.Option(help="comext: USD of a euro in that year.")] = 1.08,
    force: Annotated[
        bool, typer.Option("--force", help="baci, comext: replace that folder if it is such a scenario.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a region from a network of other software, or a scenario of demand from files of trade."""
    from isthmus._errors import UserError

    if form not in _FORMS:
        raise UserError(f"Not a format to import: {form!r}; expected one of {', '.join(_FORMS)}.")
    if form == "gmns":
        if len(sources) != 1:
            raise UserError("gmns: expected one folder to read and one to make.")
        _network(sources[0], folder, mode, country, name, as_json)
        return
    from isthmus import evidence
    from isthmus.store import check_target

    check_target(folder, force=force, mark=evidence.TRADE_MARK, what="prior made from trade")
    if form == "baci":
        made = evidence.import_baci(sources, region=region, year=year, classes=classes)
    else:
        made = evidence.import_comext(
            sources, region=region, year=year, classes=classes, usd_per_euro=usd_per_euro
        )
    _said(form, made, evidence.write_prior(made, folder, force=force), as_json)


def _network(source: Path, folder: Path, mode: str, country: str, name: str, as_json: bool) -> None:
    from isthmus import pack

    made = pack.import_gmns(source, folder, mode=mode, country=country, name=name)
    tables = pack.check(made).tables
    if as_json:
        print_json("import", {"format": "gmns", "folder": str(made), "tables": tables})
    else:
        print_text(f"Written to {made}. Its demand is a placeholder; next: isthmus check {folder}")


def _said(form: str, made: "TradePrior", folder: Path, as_json: bool) -> None:
    if as_json:
        head = {
            "format": form,
            "folder": str(folder),
            "region": made.pack.name,
            "year": made.year,
            "said": list(made.said),
        }
        print_json("import", {**head, "flows": made.flows, "left_out": made.left_out})
        return
    used = made.flows["factor"].notna()
    print_text(
        f"{made.pack.title}: trade of {made.year} in {used.sum():,} of {(made.flows['markets'] > 0).sum():,} flows of its markets, "
        f"{made.flows.loc[used, 'tonnes'].sum() / 1e6:,.1f} Mt instead of {made.flows.loc[used, 'market_tonnes'].sum() / 1e6:,.1f}\n"
    )
    for text in made.said:
        print_text(f"{text}.")
    numbers = {name: ",.0f" for name in ("tonnes", "imputed", "usd", "market_tonnes")} | {"factor": ".2f"}
    order = made.flows["tonnes"].fillna(0).sort_values(ascending=False, kind="stable").index
    print_table(made.flows.loc[order].head(_SHOWN), title="Largest flows of the files", formats=numbers)
    if not made.left_out.empty:
        print_table(made.left_out, title="Left out", formats=numbers)
    print_text(f"Written to {folder}; isthmus run {made.pack.name} --scenario {folder / 'scenario.yaml'}")
