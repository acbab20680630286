"""What the model says beside counts that did not enter the demand: `python -m tests.regions.totals` writes the page of the manual."""

import csv
import math
from pathlib import Path

import pandas as pd

from isthmus.evaluation import Evaluation, beside

PAGE = Path(__file__).parents[2] / "docs" / "regions" / "caspian" / "totals.md"
APART = Path(__file__).parent / "totals_apart.csv"
FACTOR = 2.0
"""A single count is met within this, or named in `totals_apart.csv` with its reason."""
_YEARS_OFF = 2
_COLUMNS = ["observation", "what", "year", "role", "unit", "counted", "model", "ratio"]


def totals(result: Evaluation) -> pd.DataFrame:
    """Counts of the base year on corridors, crossings, services and ports, with the role test or fit, beside the model."""
    seen = _judged(result)
    return _beside(result, seen[(seen["year"] == result.pack.year) & (seen["kind"] != "country")])


def nationals(result: Evaluation) -> pd.DataFrame:
    """Totals of countries, and ports counted in other years only, beside the model of the base year: the nearest year counts."""
    seen = _judged(result)
    off = (seen["year"] - result.pack.year).abs()
    seen = seen[off <= _YEARS_OFF].assign(off=off, what_of=seen["tkm"].notna())
    seen = seen.sort_values(["off", "year"], kind="stable")
    countries = seen[seen["kind"] == "country"]
    countries = countries.drop_duplicates(["element", "trunk", "traffic", "classes", "what_of"])
    every = result.pack.table("observations")
    counted_now = every.loc[(every["kind"] == "port") & (every["year"] == result.pack.year), "element"]
    ports = seen[(seen["kind"] == "port") & seen["classes"].isna() & ~seen["element"].isin(counted_now)]
    rows = pd.concat([countries, ports.drop_duplicates("element")])
    return _beside(result, rows.sort_values(["kind", "observation"], kind="stable"))


def median_factor(table: pd.DataFrame, *, scopes: bool = False) -> float:
    """Factor within which half of the counts are met, those of another scope left out unless asked for; one of which the model has
    nothing is missed by more than any."""
    apart = named_apart()
    names = zip(table["observation"], table["unit"], strict=True)
    same = [scopes or apart.get(name, ("", ""))[0] != "scope" for name in names]
    return math.exp(table.loc[same, "ratio"].map(_off).median())


def beyond(table: pd.DataFrame, factor: float = FACTOR) -> set[tuple[str, str]]:
    """Observation and unit of the counts that the model misses by more than a factor."""
    far = table["ratio"].map(_off) > math.log(factor)
    return set(zip(table.loc[far, "observation"], table.loc[far, "unit"], strict=True))


def named_apart() -> dict[tuple[str, str], tuple[str, str]]:
    """(Observation, unit) -> what is apart (`scope`: the count holds what the model leaves out; `model`: the model is off), reason."""
    with APART.open(newline="", encoding="utf-8") as file:
        return {
            (row["observation"], row["unit"]): (row["apart"], row["reason"]) for row in csv.DictReader(file)
        }


def _off(ratio: float) -> float:
    return abs(math.log(ratio)) if ratio > 0 else math.inf


def _judged(result: Evaluation) -> pd.DataFrame:
    seen = result.pack.table("observations")
    return seen[(seen["role"] != "build") & (seen["direction"] == "both")]


def _beside(result: Evaluation, seen: pd.DataFrame) -> pd.DataFrame:
    table = beside(result, seen)
    return table.assign(ratio=table["model"] / table["counted"])[_COLUMNS]


def _lines(table: pd.DataFrame, *, year: bool) -> list[str]:
    apart = named_apart()
    head = ["what was counted", *(["year"] if year else []), "role", "unit", "counted", "model"]
    lines = [
        "| " + " | ".join([*head, "model / counted", "apart because"]) + " |",
        "|" + "---|" * (len(head) + 2),
    ]
    for row in table.itertuples():
        kind, reason = apart.get((row.observation, row.unit), ("", ""))
        cells = [
            row.what,
            *([str(row.year)] if year else []),
            row.role,
            row.unit,
            f"{row.counted:,.0f}",
            f"{row.model:,.0f}",
            f"{row.ratio:.2f}",
            f"{kind}: {reason}" if kind else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _medians(table: pd.DataFrame) -> str:
    return f"{median_factor(table):.2f} ({median_factor(table, scopes=True):.2f} with those of another scope)"


def page(result: Evaluation) -> str:
    """The page of the manual."""
    counts, countries = totals(result), nationals(result)
    lines = [
        "# Totals beside counts",
        "",
        "Counts that did not enter the demand (role *test*), or that may be fitted to later (role *fit*), beside the model as it",
        f"ships, unfitted. A count missed by more than a factor of {FACTOR:g} is named with what is apart: *scope*, the count holds",
        "what the model leaves out or counts otherwise; *model*, the model is off. Medians are over all but those of another scope.",
        "Made by a command; nothing here is typed by hand.",
        "",
        "## Corridors, crossings, services and ports in the base year",
        "",
        f"The median count is met within a factor of {_medians(counts)}.",
        "",
        *_lines(counts, year=False),
        "",
        "## Countries, and ports counted in other years",
        "",
        f"The median total is met within a factor of {_medians(countries)}. The model is of the base year; of a count",
        f"of several years the nearest stands here, at most {_YEARS_OFF} away. *Loaded* is domestic freight and exports; a tonne counts",
        "once in a country.",
        "",
        *_lines(countries, year=True),
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    """Write the page."""
    from isthmus import run

    PAGE.write_text(page(run("caspian")), encoding="utf-8")


if __name__ == "__main__":
    main()
