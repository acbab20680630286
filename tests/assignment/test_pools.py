"""A slot's price, what it adds up to and the load it comes with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from isthmus.assignment.pools import load_factor, slot_cost, slot_price, slot_price_slope

factors = st.floats(1e-4, 0.999)
scales = st.floats(1e-3, 1e5)
powers = st.integers(1, 12)


@given(factors, scales, powers)
def test_the_cost_of_slots_is_the_area_under_their_price(x: float, scale: float, power: int) -> None:
    area, error = quad(slot_price, 0.0, x, args=(scale, power), epsabs=0.0, epsrel=1e-12, limit=400)
    assert slot_cost(x, scale, power) == pytest.approx(area, rel=1e-8, abs=10 * error)


@given(st.floats(1e-9, 0.999), scales, powers)
def test_the_price_of_a_load_comes_with_that_load(x: float, scale: float, power: int) -> None:
    assert load_factor(slot_price(x, scale, power), scale, power) == pytest.approx(x, rel=1e-10)


@given(st.floats(1e-6, 1e9), scales, powers)
def test_the_load_of_a_price_has_that_price(price: float, scale: float, power: int) -> None:
    x = load_factor(price, scale, power)
    if x < 1.0 - 1e-9:
        assert slot_price(x, scale, power) == pytest.approx(price, rel=1e-6)


@given(st.floats(0.01, 0.99), scales, powers)
def test_the_slope_is_that_of_the_price(x: float, scale: float, power: int) -> None:
    step = 1e-5 * min(x, 1.0 - x)
    rise = slot_price(x + step, scale, power) - slot_price(x - step, scale, power)
    assert slot_price_slope(x, scale, power) == pytest.approx(rise / (2.0 * step), rel=1e-5)


def test_the_price_at_half_load_is_the_scale_over_two_to_the_power_less_one() -> None:
    assert slot_price(0.5, 8.0, 4) == pytest.approx(8.0 / 8.0)


def test_the_price_has_a_wall_at_capacity() -> None:
    prices = [slot_price(1.0 - 10.0**-k, 1.0, 4) for k in range(1, 9)]
    assert np.all(np.diff(prices) > 0)
    assert prices[-1] > 1e7


def test_an_empty_pool_costs_nothing() -> None:
    assert slot_price(0.0, 5.0, 4) == 0.0
    assert slot_cost(0.0, 5.0, 4) == 0.0
    assert load_factor(0.0, 5.0, 4) == 0.0


@given(scales, powers)
def test_series_and_closed_form_of_the_cost_meet(scale: float, power: int) -> None:
    below, above = slot_cost(0.05 - 1e-12, scale, power), slot_cost(0.05 + 1e-12, scale, power)
    assert above == pytest.approx(below, rel=1e-7 if power < 5 else 1e-2)
