"""Sorting inside kernels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from isthmus._kernels import kernel
from isthmus.assignment.sorting import order_few, sort_few


@kernel
def _both(value, count, order):  # type: ignore[no-untyped-def]
    order_few(value, count, order)
    sort_few(value, count)


@given(st.lists(st.integers(0, 9).map(float) | st.just(float("inf")), max_size=80), st.integers(0, 5))
def test_the_first_values_are_sorted_and_equal_ones_keep_their_order(values: list[float], more: int) -> None:
    count = max(len(values) - more, 0)
    value, order = np.array(values, float), np.full(len(values), -1)
    expected = np.append(np.sort(value[:count]), value[count:])
    places = np.argsort(value[:count], kind="stable")
    _both(value, count, order)
    assert np.array_equal(value, expected)
    assert np.array_equal(order[:count], places) and np.all(order[count:] == -1)
