"""`isthmus events`."""

from typing import Annotated

import typer

from isthmus.cli._output import AsJson, Force, Out, Region, print_json, print_table, print_text, progress


def events(
    region: Region = "caspian",
    event: Annotated[str, typer.Option(metavar="ID", help="One event only.")] = "",
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Known events: what happened, what the model says of it, pass or fail."""
    from isthmus import evidence
    from isthmus.store import check_target

    if out is not None:
        check_target(out, force=force)
    result = evidence.events(region, only=event or None, progress=progress)
    folder = evidence.write_events(result, out, force=force) if out is not None else None
    if as_json:
        head = evidence.events_manifest(result)
        tables = {"events": result.events, "figures": result.figures, "values": result.values}
        print_json("events", {**head, "folder": str(folder) if folder else None, **tables})
        return
    for row in result.events.to_dict("records"):
        print_text(f"{row['name']}: {'pass' if row['passes'] else 'FAIL'}")
        print_text(f"  Happened: {str(row['happened']).strip()}")
        print_text(f"  Inputs: {str(row['inputs']).strip()}")
        if row["miss"] and not row["passes"]:
            print_text(f"  Missed because: {str(row['miss']).strip()}")
        print_table(result.figures[result.figures["event"] == row["event"]].drop(columns="event"))
    passed = int(result.events["passes"].sum())
    print_text(f"{passed} of {len(result.events)} events pass.")
    if folder is not None:
        print_text(f"Written to {folder}")
