"""`isthmus report`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, print_json, print_text


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A run, as `isthmus run --out DIR` writes it.")
    ],
    language: Annotated[str, typer.Option(help="Language in which the page opens.")] = "en",
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", metavar="FOLDER", help="Events, backtest or variance (written with --out) to show too."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a run's page anew, from its folder alone: one file that works with the network off."""
    from isthmus.report import write_report

    path = write_report(folder, language=language, evidence=evidence or ())
    if as_json:
        print_json("report", {"file": str(path), "bytes": path.stat().st_size, "language": language})
    else:
        print_text(f"Written to {path}")
