"""Totals of caspian beside counts that did not enter its demand."""

import math

from isthmus import run
from tests.regions.totals import totals


def test_the_median_count_is_met_within_a_factor_of_two() -> None:
    table = totals(run("caspian"))
    assert len(table) >= 10
    assert table["ratio"].map(math.log).abs().median() < math.log(2.0)
