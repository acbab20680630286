"""`isthmus check`."""

import sys
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Region, print_json, print_table, print_text


def check(
    region: Region = "caspian",
    describe: Annotated[
        bool, typer.Option("--describe", help="First write the folder's datapackage.json anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with a region's tables, at once.

    Exit code 0 if nothing is, 2 otherwise.
    """
    from dataclasses import asdict

    from isthmus import pack

    if describe:
        pack.describe(pack.find_region(region))
    result = pack.check(region)
    if as_json:
        content = {
            "region": result.region,
            "hash": result.hash,
            "tables": result.tables,
            "problems": [asdict(problem) for problem in result.problems],
        }
        print_json("check", content)
    elif not result.problems:
        print_table(result.tables, title=f"Region {result.region}")
        print_text(f"Nothing wrong in {int(result.tables['rows'].sum()):,} rows. Content {result.hash[:12]}.")
    if result.problems:
        problems = "\n".join(f"  {problem}" for problem in result.problems)
        print(f"Region {result.folder} cannot be used:\n{problems}", file=sys.stderr)
        raise typer.Exit(2)
