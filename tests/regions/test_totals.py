"""Totals of caspian beside counts that did not enter its demand."""

import pandas as pd
import pytest

from isthmus import run
from isthmus.evaluation import Evaluation
from tests.regions.totals import (
    FACTOR,
    PAGE,
    beyond,
    median_factor,
    named_apart,
    nationals,
    page,
    totals,
)


@pytest.fixture(scope="module")
def result() -> Evaluation:
    return run("caspian")


@pytest.fixture(scope="module")
def both(result: Evaluation) -> pd.DataFrame:
    return pd.concat([totals(result), nationals(result)])


def test_the_median_count_of_the_base_year_is_met_within_two_fifths(result: Evaluation) -> None:
    table = totals(result)
    assert len(table) >= 20
    assert median_factor(table) < 1.4
    assert median_factor(table, scopes=True) < 1.6


def test_the_median_total_of_a_country_is_met_within_a_third(result: Evaluation) -> None:
    table = nationals(result)
    assert len(table) >= 35
    assert median_factor(table) < 4 / 3
    assert median_factor(table, scopes=True) < 1.7


def test_a_count_is_met_within_the_factor_or_named_with_its_reason(both: pd.DataFrame) -> None:
    assert beyond(both) <= set(named_apart())


def test_what_is_named_is_apart_and_says_why(both: pd.DataFrame) -> None:
    assert set(named_apart()) <= beyond(both, 0.9 * FACTOR)
    assert all(kind in ("scope", "model") and len(why) > 15 for kind, why in named_apart().values())


def test_tonne_kilometres_of_railways_are_met_within_a_quarter(both: pd.DataFrame) -> None:
    ratio = both.loc[both["unit"] == "tkm", "ratio"]
    assert len(ratio) >= 2
    assert ratio.between(0.8, 1.25).all()


def test_the_page_has_what_the_command_writes(result: Evaluation) -> None:
    made, written = _ratios(page(result)), _ratios(PAGE.read_text(encoding="utf-8"))
    assert list(made) == list(written)
    assert list(made.values()) == pytest.approx(list(written.values()), rel=0.1, abs=0.03)


def _ratios(text: str) -> dict[tuple[str, ...], float]:
    """What was counted, unit -> model over counted, of the rows of a page."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    return {(row[0], row[-5]): float(row[-2]) for row in cells if row[-2][:1].isdigit()}
