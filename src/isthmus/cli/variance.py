"""`isthmus variance`."""

from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Force, Out, Region, print_json, print_table, print_text, progress


def variance(
    region: Region = "caspian",
    draws: Annotated[int, typer.Option(help="Runs to make; a multiple of five.")] = 200,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal draws.")] = 1,
    guesses: Annotated[
        bool, typer.Option("--guesses", help="Let capacities bind that are estimates.")
    ] = False,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Say what headlines rest on: share of their variance by group of inputs."""
    from isthmus import evidence
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force)
    made = evidence.variance(region, draws=draws, seed=seed, guesses=guesses, progress=progress)
    folder = evidence.write_variance(made, out, force=force) if out is not None else None
    if as_json:
        head = {
            **evidence.said_of(made),
            "seed": seed,
            "guesses": guesses,
            "folder": str(folder) if folder else None,
        }
        print_json("variance", {**head, "shares": made.shares, "groups": made.groups})
        return
    names = made.groups["group"].tolist()
    print_text(
        f"{made.pack.title}, {made.pack.base_year}: {made.draws} draws; {made.unsolved} did not reach their gap\n"
    )
    percent = dict.fromkeys(["cv", *names, "rest"], ".0%")
    print_table(
        made.shares,
        title="First-order shares of the variance",
        formats={"base": ",.0f", "mean": ",.0f", **percent},
    )
    print_table(
        made.groups,
        title="Inputs that were drawn",
        formats=dict.fromkeys(["cv_high", "cv_medium", "cv_low", "error"], ".0%"),
    )
    if folder is not None:
        print_text(f"Written to {folder}")
