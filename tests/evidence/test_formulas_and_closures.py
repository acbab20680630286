"""Formulas of events, and the rule of queues by hand."""

import math

import numpy as np
import pytest

from isthmus.evidence.closures import queue_of, waiting
from isthmus.evidence.formulas import names_in, value_of

VALUES = {("north-west", "before"): 8.0, ("north-west", "after"): 20.0, ("none", "after"): 0.0}


def look_up(quantity: str, run: str) -> float:
    return VALUES[quantity, run]


def test_a_formula_is_arithmetic_over_quantities_and_runs() -> None:
    text = "100 * (north-west.after - north-west.before) / north-west.before - -1"
    assert value_of(text, look_up) == pytest.approx(151.0)
    assert names_in(text) == {("north-west", "after"), ("north-west", "before")}


def test_dividing_by_nothing_is_no_number() -> None:
    assert math.isnan(value_of("north-west.after / none.after", look_up))


@pytest.mark.parametrize(
    "text", ["", "north-west", "f(1)", "a.b ** 2", "a.b.c", "'a'", "True", "__import__('os')"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a formula of"):
        names_in(text)


def test_everybody_waits_by_the_rule_of_queues_where_there_is_no_detour() -> None:
    # 6 an hour arrive for 10 h, 10 an hour pass: the queue is gone after 25 h; 6 x 10^2 / (2 (1 - 0.6)) = 750 unit-hours
    assert waiting(10.0, 6.0, 10.0) == pytest.approx(750.0)
    queue = queue_of(10.0, np.array([6.0]), 10.0, np.array([np.inf]), np.array([2.0]))
    assert queue.unit_hours == pytest.approx(750.0)
    assert queue.mean_wait_hours == pytest.approx(5.0)
    assert queue.diverted_share == 0.0
    assert queue.usd == pytest.approx(1500.0)
    assert waiting(10.0, 10.0, 10.0) == math.inf


def test_only_those_go_round_whose_expected_wait_exceeds_the_detour() -> None:
    # With a detour worth 4 h the first 6 h of arrivals (36 units) go round; the others find a closure of 4 h: 6 x 4^2 / 0.8 = 120.
    queue = queue_of(10.0, np.array([6.0]), 10.0, np.array([4.0]), np.array([2.0]))
    assert queue.unit_hours == pytest.approx(120.0)
    assert queue.usd == pytest.approx(2.0 * 120.0 + 36.0 * 4.0 * 2.0)
    assert queue.diverted_share == pytest.approx(36.0 / (6.0 * (6.0 + 10.0)))


def test_the_impatient_leave_the_queue_to_the_patient() -> None:
    # 2 an hour go round for 6 h, during which 4 an hour queue (the wait falls by 0.6 an hour), from a wait of 4 h on all do (by 0.4).
    queue = queue_of(10.0, np.array([4.0, 2.0]), 10.0, np.array([np.inf, 4.0]), np.array([1.0, 1.0]))
    apart, together = (10.0 - 4.0) / 0.6, 4.0 / 0.4
    assert queue.unit_hours == pytest.approx(4.0 * apart * 7.0 + 6.0 * together * 2.0)
    assert queue.diverted_share == pytest.approx(2.0 * apart / (6.0 * (apart + together)))
    assert queue.usd == pytest.approx(queue.unit_hours + 2.0 * apart * 4.0)


def test_going_round_never_costs_more_than_waiting() -> None:
    costs = [
        queue_of(48.0, np.array([3.0]), 5.0, np.array([patience]), np.array([7.0])).usd
        for patience in (np.inf, 40.0, 20.0, 5.0, 0.0)
    ]
    assert costs == sorted(costs, reverse=True)


def test_a_queue_that_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="never end"):
        queue_of(1.0, np.array([5.0]), 5.0, np.array([np.inf]), np.array([1.0]))
