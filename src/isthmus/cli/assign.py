"""`isthmus assign`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isthmus.cli._output import AsJson, print_json, print_table, print_text

if TYPE_CHECKING:
    import pandas as pd

    from isthmus.roads import Assignment

_SHOWN = 15


def assign(
    net: Annotated[Path, typer.Argument(metavar="NET", help="A TNTP network, or a GMNS folder.")],
    trips: Annotated[Path, typer.Argument(metavar="TRIPS", help="TNTP trips, a GMNS demand.csv, or OMX.")],
    gap: Annotated[float, typer.Option(help="Relative gap at which to stop.")] = 1e-6,
    iterations: Annotated[int, typer.Option(help="Pricing passes at most.")] = 200,
    objective: Annotated[str, typer.Option(help="user or system.")] = "user",
    length_weight: Annotated[float, typer.Option(help="Time that a unit of length is worth.")] = 0.0,
    toll_weight: Annotated[float, typer.Option(help="Time that a unit of toll is worth.")] = 0.0,
    matrix: Annotated[str, typer.Option(help="Which matrix of an OMX file.")] = "",
    flows: Annotated[Path | None, typer.Option(help="File to write flows to: .tntp, .csv, .parquet.")] = None,
    skims: Annotated[Path | None, typer.Option(help="File to write least costs to: .omx.")] = None,
    link: Annotated[
        str, typer.Option("--select-link", metavar="A-B", help="Whose trips go through a link.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    as_json: AsJson = False,
) -> None:
    """Assign trips to a road network: user equilibrium or system optimum, with a certificate."""
    from isthmus import roads

    if flows is not None:
        roads.refuse_flows(flows, force=force)
    if skims is not None:
        roads.refuse_skims(skims, force=force)
    found = roads.assign(
        net, trips, gap=gap, iterations=iterations, objective=objective, length_weight=length_weight,  # type: ignore[arg-type]
        toll_weight=toll_weight, matrix=matrix,
    )  # fmt: skip
    selected = roads.select_link(found, link) if link else None
    if flows is not None:
        roads.write_flows(found, flows)
    if skims is not None:
        roads.write_skims(found, skims)
    written = [str(path) for path in (flows, skims) if path is not None]
    if as_json:
        print_json("assign", _document(found, objective, selected, written))
    else:
        _print(found, objective, link, selected, written)


def _document(
    found: "Assignment",
    objective: str,
    selected: "tuple[pd.DataFrame, pd.DataFrame] | None",
    written: list[str],
) -> dict[str, Any]:
    from dataclasses import asdict

    document: dict[str, Any] = {
        "objective": objective,
        "certificate": asdict(found.certificate),
        "seconds": found.seconds,
        "trips": float(found.trips.trips.sum()),
        "intrazonal": found.intrazonal,
        "unreached": found.unreached,
        "written": written,
    }
    if selected is not None:
        document |= {"select_links": selected[0], "select_markets": selected[1]}
    return document


def _print(
    found: "Assignment",
    objective: str,
    link: str,
    selected: "tuple[pd.DataFrame, pd.DataFrame] | None",
    written: list[str],
) -> None:
    certificate = found.certificate
    name = "User equilibrium" if objective == "user" else "System optimum"
    reached = "" if certificate.converged else " (not reached)"
    print_text(
        f"{name}: relative gap {certificate.gap:.2e}{reached}, average excess cost {certificate.excess:.2e}; "
        f"{certificate.iterations} passes, {found.seconds:.3f} s"
    )
    print_text(
        f"Total cost {certificate.total:,.2f}; objective {certificate.objective:,.4f}, not below {certificate.bound:,.4f}"
    )
    if found.intrazonal > 0.0:
        print_text(f"{found.intrazonal:,.2f} trips stay within their zone and are not assigned.")
    if len(found.unreached):
        trips = found.unreached["trips"].sum()
        print_text(
            f"{trips:,.2f} trips in {len(found.unreached):,} markets reach nothing and are not assigned."
        )
    if selected is not None:
        links, markets = selected
        print_text(f"\n{markets['trips'].sum():,.2f} trips in {len(markets):,} markets go through {link}.")
        largest = markets.sort_values("trips", ascending=False, kind="stable").head(_SHOWN)
        print_table(largest, title=f"Largest markets through {link}", formats={"trips": ",.2f"})
        others = links.sort_values("flow", ascending=False, kind="stable").head(_SHOWN)
        print_table(others, title="Links that those trips use most", formats={"flow": ",.2f"})
    for path in written:
        print_text(f"Written to {path}")
