"""Totals of caspian beside counts that did not enter its demand."""

from isthmus import run
from tests.regions.totals import median_factor, totals


def test_the_median_count_is_met_within_a_factor_of_two() -> None:
    table = totals(run("caspian"))
    assert len(table) >= 10
    assert median_factor(table) < 2.0
