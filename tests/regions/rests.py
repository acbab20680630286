"""What the headlines of caspian rest on: `python -m tests.regions.rests` makes 200 draws (some ten minutes) and writes the page."""

from pathlib import Path

import pandas as pd

from isthmus import variance
from isthmus.evidence import Variance

PAGE = Path(__file__).parents[2] / "docs" / "regions" / "caspian" / "rests.md"
DRAWS = 200
_SCALES = {
    "tonnes": (1e3, "kt"),
    "teu": (1e3, "kTEU"),
    "tkm": (1e9, "billion tkm"),
    "USD": (1e6, "million USD"),
}


def page(shares: pd.DataFrame, groups: pd.DataFrame, draws: int) -> str:
    """The page of the manual."""
    names = groups["group"].tolist()
    head = ["headline", "unit", "as it is", "mean", "cv", *names, "together"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in shares.to_dict("records"):
        scale, unit = _SCALES[row["unit"]]
        cells = [row["headline"], unit, *(f"{row[name] / scale:,.4g}" for name in ("base", "mean"))]
        lines.append(
            "| " + " | ".join(cells + [f"{100 * row[name]:.0f}" for name in ("cv", *names, "rest")]) + " |"
        )
    errors = [f"{name} {100 * error:.0f}" for name, error in zip(names, groups["error"], strict=True)]
    mean = ", ".join(f"{name} {100 * shares[name].mean():.0f} %" for name in names)
    return "\n".join(
        [
            "# What rests on what",
            "",
            f"First-order shares of the variance of each headline by group of inputs, in per cent, from {draws} draws over what the",
            "confidence of each row leaves open: [`isthmus variance`](../../commands/variance.md). Made by a command, nothing here is",
            "typed by hand. *cv* is the coefficient of variation of the headline over the draws; *together* is what no group does alone.",
            "",
            f"On average over the headlines: {mean}. Usual standard error of a share, in points: {', '.join(errors)}.",
            "",
            *lines,
            "",
        ]
    )


def write(made: Variance) -> None:
    """Write the page of some shares."""
    PAGE.write_text(page(made.shares, made.groups, made.draws), encoding="utf-8")


def main() -> None:
    """Draw and write."""
    write(variance("caspian", draws=DRAWS, progress=print))


if __name__ == "__main__":
    main()
