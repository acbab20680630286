"""`isthmus design`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_text, progress


def design(
    instance: Annotated[
        Path, typer.Argument(metavar="INSTANCE", help="A TNTP network whose last rows may be built.")
    ],
    trips: Annotated[Path | None, typer.Option(help="Its trips; by default trips.txt beside it.")] = None,
    budget_share: Annotated[
        float, typer.Option(help="Budget as a share of the cost of all candidates.")
    ] = 0.5,
    budget: Annotated[
        float | None, typer.Option(help="Budget in the unit of the costs, instead of a share.")
    ] = None,
    demand: Annotated[float, typer.Option(help="By what the trips are multiplied.")] = 1.0,
    gap: Annotated[
        float, typer.Option(help="Relative gap between design and bound at which to stop.")
    ] = 1e-6,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds after which to stop with the gap reached.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Cores to use; the answer is the same on any number.")] = 2,
    saved: Annotated[
        Path | None, typer.Option(help="File of the search: gone on with, and written as it goes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Which links to build within a budget, so that all trips take least time at the user equilibrium: to proven optimum."""
    import math

    from isthmus import portfolio
    from isthmus._errors import UserError

    if not 0.0 <= budget_share < math.inf:
        raise UserError(f"--budget-share {budget_share:g}: expected a number from 0.")
    problem = portfolio.read_instance(instance, trips, demand=demand)
    money = budget if budget is not None else budget_share * float(problem.cost.sum())
    limit = time_limit if time_limit is not None else math.inf
    found = portfolio.design(
        problem, money, gap=gap, time_limit=limit, threads=threads, saved=saved, progress=progress
    )
    figures = {
        "links": list(found.links), "cost": found.cost, "budget": money, "total": found.total, "bound": found.bound, "gap": found.gap,
        "proven": found.proven, "nodes": found.nodes, "equilibria": found.equilibria, "seconds": found.seconds,
    }  # fmt: skip
    if as_json:
        print_json("design", {"instance": problem.name, "candidates": list(problem.links), **figures})
        return
    print_text(
        f"{problem.name}: build {len(found.links)} of {len(problem.links)} links for {found.cost:,.0f} of {money:,.0f}"
    )
    print_text(f"  {', '.join(found.links) or 'nothing'}")
    word = "proven" if found.proven else "not proven"
    print_text(
        f"Total time {found.total:,.1f}, at least {found.bound:,.1f} for any design: gap {found.gap:.1e}, {word}; "
        f"{found.nodes:,} nodes, {found.equilibria:,} equilibria, {found.seconds:.1f} s"
    )
