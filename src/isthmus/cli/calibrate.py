"""`isthmus calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Force, Out, Region, print_json, print_table, print_text, progress


def calibrate(
    region: Region = "caspian",
    iterations: Annotated[int, typer.Option(help="Steps at most.")] = 4,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Scenario file to write the fitted values to.")
    ] = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Fit a few global parameters of behaviour to the counts marked for it."""
    from isthmus import evidence
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force)
    result = evidence.calibrate(region, iterations=iterations, progress=progress)
    if scenario is not None:
        evidence.write_scenario(result, scenario)
    folder = evidence.write_calibration(result, out, force=force) if out is not None else None
    if as_json:
        content = {
            **evidence.calibration_manifest(result),
            "folder": str(folder) if folder else None,
            "parameters": result.parameters,
            "rows": result.rows,
        }
        print_json("calibrate", content)
        return
    print_table(result.rows, title="Counts fitted to")
    print_table(result.parameters, title="Parameters (spreads and errors of the logarithm where log)")
    print_text(result.note)
    print_text(f"Sum of squares {result.loss[0]:,.2f} before, {result.loss[1]:,.2f} after.")
    for path in (scenario, folder):
        if path is not None:
            print_text(f"Written to {path}")
