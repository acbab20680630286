"""Page of the manual on the calibration, and what it does to rows of role test: `python -m tests.evidence.fit` writes it (ten minutes)."""

import csv
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from isthmus import backtest, calibrate
from isthmus.evidence.calibrate import Calibration
from isthmus.pack import find_region
from tests.evidence.pages import FOLDER, table


def fitted_region(folder: Path, values: dict[str, float]) -> Path:
    """A copy of caspian with other values of parameters."""
    copy = folder / "caspian"
    shutil.copytree(find_region("caspian"), copy)
    path = copy / "parameters.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["value"] = str(values.get(row["parameter"], row["value"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return copy


def parameters_of(result: Calibration) -> pd.DataFrame:
    """Prior, fitted, error, how much was learned, and what it is least told from."""
    rows = [
        (
            f"`{row['parameter']}`",
            row["prior"],
            row["fitted"],
            f"{row['se']:.2g}" + (" of the logarithm" if row["log"] else ""),
            round(row["learned"], 2),
            f"`{row['tied_to']}` ({row['correlation']:.2f})",
        )
        for row in result.parameters.to_dict("records")
    ]
    names = ["parameter", "prior", "fitted", "standard error", "learned", "least told from (correlation)"]
    return pd.DataFrame(rows, columns=names)


def page() -> str:
    """The fit, and both scores."""
    result = calibrate("caspian", iterations=3)
    shipped = backtest("caspian").scores
    with tempfile.TemporaryDirectory() as folder:
        values = dict(zip(result.parameters["parameter"], result.parameters["fitted"], strict=True))
        after = backtest(fitted_region(Path(folder), values)).scores
    beside = shipped[["part", "measure", "model"]].rename(columns={"model": "as shipped"})
    beside["fitted"] = after["model"].to_numpy()
    beside["target"] = shipped["target"]
    lines = [
        "# Calibration",
        "",
        "`isthmus calibrate caspian --iterations 3 --scenario FILE` fits the eight global parameters to the counts of role *fit*. How:",
        "[`isthmus calibrate`](../../commands/calibrate.md). Made by a command (`python -m tests.evidence.fit`).",
        "",
        *table(parameters_of(result)),
        "",
        f"The sum of squares falls from {result.loss[0]:.3g} to {result.loss[1]:.3g} over {len(result.rows)} figures. {result.note}",
        "",
        "**The fitted values are not shipped.** What they do to the rows of role *test*:",
        "",
        *table(beside),
        "",
        "Parameters of behaviour cannot mend what is wrong here: the levels at Alat, on the Trans-Caspian route and of lorries on the",
        "ferries are matters of demand and of what is tied to the road. And they are eight numbers told by some two dozen counts, most of",
        "which are uncertain by a third: a fit that gains in one part and loses in another is no ground to move them.",
        "",
        "## Counts fitted to",
        "",
        *table(result.rows),
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    (FOLDER / "calibration.md").write_text(page(), encoding="utf-8")
