"""Pages of the manual on known events and the backtest: `python -m tests.evidence.pages` writes them."""

from pathlib import Path

import pandas as pd

from isthmus import backtest, events

FOLDER = Path(__file__).parents[2] / "docs" / "regions" / "caspian"
_PUBLISHED = (
    ("tonnes by road, carriers' prices", "-0.6 (-0.5 to -1.2)", "CE Delft and Significance 2010; NODUS, Belgium, 2001, as recalled"),
    ("tonnes by rail, carriers' prices", "-1.5 (to -1.8)", "NODUS, Belgium, 2001; later European runs lower, as recalled"),
    ("tonnes by ship or barge, carriers' prices", "-2.1", "NODUS, Belgium, 2001, inland waterways, as recalled"),
    ("rail, prices of road (cross)", "0.4", "long haul, as recalled"),
    ("one corridor among parallel ones, boxes", "-2 (-1 to -4)", "an estimate"),
)  # fmt: skip


def shown(value: object) -> str:
    """A cell: numbers with four digits or thousands apart, nothing where empty."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value).replace("|", ", ")


def table(frame: pd.DataFrame) -> list[str]:
    """Lines of a table in Markdown."""
    lines = [
        "| " + " | ".join(str(name).replace("_", " ") for name in frame.columns) + " |",
        "|" + "---|" * len(frame.columns),
    ]
    return lines + [
        "| " + " | ".join(shown(cell) for cell in row) + " |"
        for row in frame.astype(object).to_numpy().tolist()
    ]


def events_page() -> str:
    """The nine events: what happened, what was put in, what the model says, why it misses."""
    told = events("caspian")
    passed = int(told.events["passes"].sum())
    lines = [
        "# Known events",
        "",
        f"{passed} of {len(told.events)} events pass. Made by a command (`python -m tests.evidence.pages`); nothing",
        "here is typed by hand but",
        "what the events themselves say. The bands were agreed before the model was asked; a figure without one is",
        "shown and not judged. [`isthmus",
        "events`](../../commands/events.md) runs them.",
    ]
    for row in told.events.to_dict("records"):
        lines += [
            "",
            f"## {row['name']}: {'passes' if row['passes'] else 'missed'}",
            "",
            str(row["happened"]).strip(),
            "",
        ]
        lines += [
            f"*Inputs.* {str(row['inputs']).strip()}",
            "",
            f"*Role.* {row['role']}. *Sources.* {shown(row['sources'])}.",
            "",
        ]
        lines += table(told.figures[told.figures["event"] == row["event"]].drop(columns="event"))
        if not row["passes"]:
            lines += ["", f"*Missed because.* {str(row['miss']).strip()}"]
    return "\n".join([*lines, ""])


def backtest_page() -> str:
    """Scores, and every row behind them."""
    result = backtest("caspian", elasticities=True)
    lines = [
        "# Backtest",
        "",
        "Counts and journeys of role *test*, beside the model and beside the same demand with all tonnes on the cheapest path (*prior*).",
        "Made by a command (`python -m tests.evidence.pages`). How each part is judged: [`isthmus backtest`](../../commands/backtest.md).",
        "",
        *table(result.scores),
        "",
        "Within a quarter: days or price within 25 % of what was published. Days of journeys hold loading and",
        "unloading, which many published",
        "ones leave out.",
        "",
        "## (a) Shares inside screenlines, per cent",
        "",
        *table(result.shares.drop(columns="observation")),
        "",
        "## (b) Last over first count around the base year",
        "",
        *table(result.changes.astype({"first": str, "last": str})),
        "",
        "## (c) Levels of the base year",
        "",
        *table(result.levels.drop(columns=["kind", "element"])),
        "",
        "## (d) Door to door",
        "",
        *table(result.doors.drop(columns=["door_to_door", "cargo"]).astype({"year": str})),
        "",
        "## Elasticities",
        "",
        "Change of tonnes, in per cent, when carriers' prices of a family rise by one per cent (measured at 5 %);",
        "without domestic freight.",
        "Own in the family's own row or a corridor of that family, cross elsewhere.",
        "",
        *table(result.elasticities),
        "",
        "Published ranges for comparison, most recalled and not seen again; none is of this region:",
        "",
        *table(pd.DataFrame(_PUBLISHED, columns=["of", "published", "where"])),
        "",
        "The model's elasticities are low. Of whole modes: three quarters of the road's tonnes, most boxes at sea and",
        "many more are tied to their",
        "mode. Of corridors: nothing where a pool is full (Baku-Tbilisi-Kars, Dostyk), up to a half or two thirds",
        "elsewhere, beyond one only on",
        "the northern rail route. If behaviour were as elastic as the published ranges, more would have to be free to choose.",
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    """Write both pages."""
    (FOLDER / "known-events.md").write_text(events_page(), encoding="utf-8")
    (FOLDER / "backtest.md").write_text(backtest_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
