"""What the model says beside counts that did not enter the demand: `python -m tests.regions.totals` writes the page of the manual."""

import math
from pathlib import Path

import pandas as pd

from isthmus.evaluation import Evaluation

PAGE = Path(__file__).parents[2] / "docs" / "regions" / "caspian" / "totals.md"


def totals(result: Evaluation) -> pd.DataFrame:
    """`what`, `unit`, `counted`, `model`, `ratio` of every count of the base year with the role test or fit that a table answers."""
    seen = result.pack.table("observations")
    seen = seen[
        (seen["year"] == result.pack.year) & (seen["role"] != "build") & (seen["direction"] == "both")
    ]
    rows = []
    for row in seen.to_dict("records"):
        for unit in ("tonnes", "teu"):
            if pd.notna(row[unit]):
                model = _model(result, row, unit)
                if model is not None:
                    rows.append((row["what"], row["role"], unit, row[unit], model, model / row[unit]))
    return pd.DataFrame(rows, columns=["what", "role", "unit", "counted", "model", "ratio"])


def median_factor(table: pd.DataFrame) -> float:
    """Factor within which half of the counts are met; a count of which the model has nothing is missed by more than any."""
    return math.exp(
        table["ratio"].map(lambda ratio: abs(math.log(ratio)) if ratio > 0 else math.inf).median()
    )


def _model(result: Evaluation, row: dict[str, object], unit: str) -> float | None:
    classes = str(row["classes"]).split("|") if row["classes"] else None
    if row["kind"] == "corridor":
        table = result.tables["corridors"].set_index("corridor")
        return float(table.loc[str(row["element"]), unit])
    flows = result.tables["flows"]
    if classes:
        flows = flows[flows["cargo_class"].isin(classes)]
    if row["kind"] == "port":
        ships = flows[flows["kind"] == "service"]
        at = (ships["from_place"] == row["element"]) | (ships["to_place"] == row["element"])
        return float(ships.loc[at, unit].sum())
    if row["kind"] == "crossing":
        table = result.tables["crossings"].set_index("crossing").loc[str(row["element"])]
        return float(table["tonnes"] + table["tonnes_back"]) if unit == "tonnes" and not classes else None
    return float(flows.loc[flows["element"] == row["element"], unit].sum())


def main() -> None:
    """Write the page."""
    from isthmus import run

    table = totals(run("caspian"))
    median = median_factor(table)
    lines = [
        "# Totals beside counts",
        "",
        "Counts of the base year that did not enter the demand (role *test*), or that may be fitted to later (role *fit*),",
        f"beside the model as it ships, unfitted. The median count is met within a factor of {median:.2f}.",
        "Made by a command; nothing here is typed by hand.",
        "",
        "| what was counted | role | unit | counted | model | model / counted |",
        "|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        lines.append(
            f"| {row.what} | {row.role} | {row.unit} | {row.counted:,.0f} | {row.model:,.0f} | {row.ratio:.2f} |"
        )
    PAGE.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
