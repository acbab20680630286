"""`isthmus skim`."""

from pathlib import Path
from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Region, print_json, print_text, progress


def skim(
    region: Region = "caspian",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")] = ...,  # type: ignore[assignment]
    cargo: Annotated[str, typer.Option(help="Cargo classes or segments, with commas between.")] = "",
    year: Annotated[int | None, typer.Option(help="Year whose statuses and values hold.")] = None,
    form: Annotated[str, typer.Option("--format", help="parquet, omx or both.")] = "both",
    congested: Annotated[
        bool, typer.Option("--congested", help="Solve the region and add scarcity prices.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace that folder if it is a run.")] = False,
    as_json: AsJson = False,
) -> None:
    """Matrices of cost, hours, distance and CO2 between all zones, by cargo segment."""
    from isthmus import evaluation
    from isthmus.store import check_target

    evaluation.refuse_form(form)
    check_target(out, force=force)
    names = [name.strip() for name in cargo.split(",") if name.strip()]
    if congested:
        progress("solving the region")
    skims = evaluation.skim(region, cargo=names, year=year, congested=congested)
    folder = evaluation.write_skims(skims, out, form=form, force=force)
    if as_json:
        print_json("skim", {**evaluation.skims_manifest(skims), "folder": str(folder)})
    else:
        print_text(
            f"{skims.pack.title}, {skims.pack.year}: {len(skims.zones)} zones, {len(skims.segments)} segments. Written to {folder}"
        )
