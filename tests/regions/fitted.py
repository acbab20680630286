"""Demand of caspian estimated on the counts of role fit: `python -m tests.regions.fitted` writes the page and the scenario that ships."""

import math
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from isthmus import estimate
from isthmus.evidence import Estimate, misses, write_estimate
from isthmus.pack import find_region
from tests.regions.totals import named_apart

PAGE = Path(__file__).parents[2] / "docs" / "regions" / "caspian" / "estimate.md"
SCENARIO = Path(find_region("caspian")) / "scenarios" / "estimated-demand.yaml"


def same_scope(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of what the model holds too, of all classes together, those of the base year before others of the same port."""
    apart = named_apart()
    names = zip(rows["observation"], rows["unit"], strict=True)
    return rows[[apart.get(name, ("", ""))[0] != "scope" for name in names]]


def _scores(made: Estimate) -> str:
    lines = [
        "| counts | rows | median factor before | after | mean of abs. ln before | after |",
        "|---|---|---|---|---|---|",
    ]
    used = made.fitted[made.fitted["used"]]
    for name, rows in (("fitted", used), ("kept for judging, same scope", same_scope(made.tested))):
        off = [misses(rows, when) for when in ("before", "after")]
        cells = [f"{math.exp(np.median(each)):.2f}" for each in off] + [f"{each.mean():.3f}" for each in off]
        lines.append(f"| {name} | {len(rows)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _beside(rows: pd.DataFrame, *, because: bool) -> str:
    head = [
        "what was counted",
        "year",
        "unit",
        "counted",
        "before",
        "after",
        "before / counted",
        "after / counted",
    ]
    head += ["set aside because"] if because else []
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows.to_dict("records"):
        cells = [str(row["what"]), f"{row['year']:.0f}", str(row["unit"])]
        cells += [f"{row[name]:,.0f}" for name in ("counted", "before", "after")]
        cells += [f"{row[name] / row['counted']:.2f}" for name in ("before", "after")]
        lines.append("| " + " | ".join(cells + ([row["because"] or ""] if because else [])) + " |")
    return "\n".join(lines)


def _railways(made: Estimate) -> str:
    lines = [
        "| railway | domestic Mt before | after | domestic billion tkm before | after |",
        "|---|---|---|---|---|",
    ]
    names = made.pack.table("countries").set_index("country")["name"]
    for row in made.railways.to_dict("records"):
        if row["domestic_tonnes_before"] > 0:
            tonnes, tkm = (
                [f"{row[f'domestic_{what}_{when}'] / unit:.2f}" for when in ("before", "after")]
                for what, unit in (("tonnes", 1e6), ("tkm", 1e9))
            )
            lines.append(f"| {names[row['country']]} | " + " | ".join([*tonnes, *tkm]) + " |")
    return "\n".join(lines)


def _by_flow(made: Estimate, most: int = 20) -> str:
    pack, markets = made.pack, made.markets
    place = pack.table("zones").set_index("zone")["place"]
    country = pack.table("places").set_index("place")["country"]
    ends = [markets[end].map(place).map(country) for end in ("origin", "destination")]
    sums = (
        markets.assign(one=ends[0], two=ends[1])
        .groupby(["one", "two", "cargo_class"])[["prior", "posterior"]]
        .sum()
    )
    sums = (
        sums.assign(off=(sums["posterior"] - sums["prior"]).abs())
        .sort_values("off", ascending=False, kind="stable")
        .head(most)
    )
    lines = ["| from | to | class | prior kt | posterior kt | factor |", "|---|---|---|---|---|---|"]
    for key, row in zip(sums.index, sums.to_dict("records"), strict=True):
        lines.append(
            "| "
            + " | ".join(
                [
                    *key,
                    f"{row['prior'] / 1e3:,.0f}",
                    f"{row['posterior'] / 1e3:,.0f}",
                    f"{row['posterior'] / row['prior']:.2f}",
                ]
            )
            + " |"
        )
    return "\n".join(lines)


def page(made: Estimate) -> str:
    """The page of the manual."""
    factor = made.markets["factor"]
    low, high = factor.min(), factor.max()
    held, moved = int((made.markets["bound"] != "").sum()), int(((factor - 1).abs() > 0.1).sum())
    tonnes = [made.markets[name].sum() for name in ("prior", "posterior")]
    return "\n".join(
        [
            "# Demand estimated",
            "",
            "What [`isthmus estimate`](../../commands/estimate.md) makes of the demand of 2023 with the counts of role *fit*; made by a",
            "command, nothing here is typed by hand. It ships as a scenario beside the tables (`scenarios/estimated-demand.yaml`);",
            "the region's own demand stays as it was found, for the reason that [the demand's page](demand.md) gives.",
            "",
            f"Factors of {len(factor):,} markets lie between {low:.2f} and {high:.2f}; {held} are at a bound (1/3, 3);",
            f"{moved:,} differ from 1 by more than a tenth. All tonnes: {tonnes[0] / 1e6:,.1f} Mt before, {tonnes[1] / 1e6:,.1f} after.",
            "",
            _scores(made),
            "",
            "## Counts that were fitted",
            "",
            _beside(made.fitted, because=True),
            "",
            "## Railways at home",
            "",
            _railways(made),
            "",
            "## Counts kept for judging, of the same scope",
            "",
            _beside(same_scope(made.tested), because=False),
            "",
            "## Flows that change most",
            "",
            _by_flow(made),
            "",
        ]
    )


def main() -> None:
    """Write the page and the scenario."""
    made = estimate("caspian", progress=print)
    PAGE.write_text(page(made), encoding="utf-8")
    SCENARIO.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        written = write_estimate(made, Path(folder) / "made")
        text = (written / "scenario.yaml").read_text(encoding="utf-8")
        SCENARIO.write_text(text.replace("factors.csv", SCENARIO.with_suffix(".csv").name), encoding="utf-8")
        shutil.copy(written / "factors.csv", SCENARIO.with_suffix(".csv"))


if __name__ == "__main__":
    main()
