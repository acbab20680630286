"""Route choice and demand at given costs: shares, surplus, curvature."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from isthmus.assignment import Problem, choice
from tests.assignment.small import Market, Route, pools_of, problem_of, three_markets

# Elasticity, goods value, pivot, no-shipment share, scale = kappa over the pivot.
demands = st.tuples(
    st.floats(0.1, 2.5), st.floats(20, 3000), st.floats(5, 200), st.floats(0.05, 1.0), st.floats(2, 50)
).map(lambda each: (*each[:4], each[4] / each[2]))


def loaded(problem: Problem, price: np.ndarray) -> dict[str, np.ndarray]:
    """Flows, tonnes and surplus at prices of pools and stocks."""
    routes, markets = problem.routes, problem.markets
    cost, flow = np.empty(routes.cost.size), np.zeros(routes.cost.size)
    count = markets.tonnes.size
    out = {name: np.zeros(count) for name in ("shipped", "composite", "surplus", "slope")}
    nest = np.zeros(routes.route_first.size - 1)
    choice.route_costs(routes.cost, routes.use_first, routes.use_of, routes.use, price, cost)
    choice.load_markets(
        routes.nest_first, routes.route_first, routes.log_size, markets.tonnes, markets.price,
        markets.elasticity, markets.pivot, markets.ceiling, markets.scale_route, markets.scale_mode,
        cost, flow, nest, out["shipped"], out["composite"], out["surplus"], out["slope"],
    )  # fmt: skip
    used = np.zeros(price.size)
    choice.add_use(flow, routes.use_first, routes.use_of, routes.use, used)
    return {**out, "flow": flow, "nest": nest, "cost": cost, "used": used}


def with_costs(problem: Problem, cost: np.ndarray) -> Problem:
    return replace(problem, routes=replace(problem.routes, cost=cost))


def test_shares_are_those_of_the_nested_path_size_logit() -> None:
    problem = three_markets()
    found = loaded(problem, np.zeros(2))
    # The first market: two routes by one trunk mode, two by another.
    s, t = 0.4, 0.25
    sizes, costs = np.array([[0.7, 0.7], [1.0, 0.5]]), np.array([[18.0, 20.0], [21.0, 24.0]])
    weight = sizes * np.exp(-s * costs)
    inclusive = weight.sum(axis=1) ** (t / s)
    share = inclusive[:, None] / inclusive.sum() * weight / weight.sum(axis=1)[:, None]
    assert found["flow"][:4] / found["shipped"][0] == pytest.approx(share.ravel(), rel=1e-12)
    assert found["composite"][0] == pytest.approx(-np.log(inclusive.sum()) / t, rel=1e-12)
    assert found["nest"][:2] == pytest.approx(inclusive / inclusive.sum(), rel=1e-12)


def test_a_closed_route_carries_nothing_and_a_market_without_an_open_one_ships_nothing() -> None:
    market = Market([[Route(10), Route(np.inf)], [Route(np.inf)]])
    found = loaded(problem_of([market, Market([[Route(np.inf)], [Route(np.inf)]])]), np.zeros(0))
    assert found["flow"][0] == pytest.approx(found["shipped"][0])
    assert np.all(found["flow"][1:] == 0.0)
    assert found["shipped"][1] == 0.0
    assert found["surplus"][1] == 0.0
    assert np.isinf(found["composite"][1])


def test_very_dear_routes_do_not_overflow() -> None:
    found = loaded(problem_of([Market([[Route(1e7), Route(1e7 + 5)]], ceiling=1e8)]), np.zeros(0))
    assert found["flow"].sum() == pytest.approx(1000.0)
    assert found["flow"][1] / found["flow"][0] == pytest.approx(np.exp(-2.5))


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8))
def test_the_slope_of_surplus_in_a_route_s_cost_is_minus_its_flow(shift: list[float]) -> None:
    problem = three_markets()
    cost = problem.routes.cost + np.array(shift)
    flow, step = loaded(with_costs(problem, cost), np.zeros(2))["flow"], 1e-4
    for r in range(cost.size):
        ends = []
        for sign in (1.0, -1.0):
            moved = cost.copy()
            moved[r] += sign * step
            ends.append(loaded(with_costs(problem, moved), np.zeros(2))["surplus"].sum())
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(-flow[r], rel=1e-5, abs=1e-4)


@given(st.floats(0, 12), st.floats(0, 12))
def test_curvature_is_the_fall_of_use_with_prices(first: float, second: float) -> None:
    problem = three_markets()
    routes, markets = problem.routes, problem.markets
    price, step = np.array([first, second]), 1e-5
    found = loaded(problem, price)
    matrix = np.zeros((2, 2))
    choice.curvature(
        routes.nest_first, routes.route_first, markets.scale_route, markets.scale_mode, routes.use_first,
        routes.use_of, routes.use, found["flow"], found["shipped"], found["slope"], matrix,
    )  # fmt: skip
    for p in range(2):
        up, down = price.copy(), price.copy()
        up[p], down[p] = up[p] + step, down[p] - step
        fall = (loaded(problem, down)["used"] - loaded(problem, up)["used"]) / (2 * step)
        for q in range(p, 2):
            assert matrix[q, p] == pytest.approx(fall[q], rel=2e-5, abs=1e-3)


def test_curvature_of_stocks_has_vehicles_taken_and_left() -> None:
    market = Market(
        [[Route(10, 1.0, {0: 0.3}, {0: 0.1, 1: -0.1}), Route(12, 1.0, {}, {0: 0.2, 1: -0.2})]],
        elasticity=1.2,
        pivot=11,
    )
    problem = problem_of([market], pools_of([1000.0]), stocks=2)
    routes, markets = problem.routes, problem.markets
    price, step = np.array([1.0, 5.0, -5.0]), 1e-4
    found, matrix = loaded(problem, price), np.zeros((3, 3))
    choice.curvature(
        routes.nest_first, routes.route_first, markets.scale_route, markets.scale_mode, routes.use_first,
        routes.use_of, routes.use, found["flow"], found["shipped"], found["slope"], matrix,
    )  # fmt: skip
    for p in range(3):
        up, down = price.copy(), price.copy()
        up[p], down[p] = up[p] + step, down[p] - step
        fall = (loaded(problem, down)["used"] - loaded(problem, up)["used"]) / (2 * step)
        assert matrix[p:, p] == pytest.approx(fall[p:], rel=1e-5, abs=1e-6)


@given(demands)
def test_base_tonnes_are_shipped_at_the_pivot(given_: tuple[float, ...]) -> None:
    elasticity, price, pivot, share, scale = given_
    ceiling = pivot + share * price
    if (
        scale * (ceiling - pivot) > 8.0
    ):  # else many stay at home at the pivot itself: `tonnes` then counts them
        shipped, _, _ = choice.demand_curve(pivot, 500.0, price, elasticity, pivot, ceiling, scale)
        assert shipped == pytest.approx(500.0, rel=1e-9)


def test_demand_falls_with_the_delivered_price_by_its_elasticity() -> None:
    for elasticity in (0.3, 1.0, 1.7):
        shipped, _, slope = choice.demand_curve(60.0, 1000.0, 400.0, elasticity, 20.0, 5000.0, 0.5)
        assert shipped == pytest.approx(1000.0 * ((400.0 + 60.0) / (400.0 + 20.0)) ** -elasticity, rel=1e-9)
        assert slope == pytest.approx(elasticity / 460.0, rel=1e-9)


def test_nobody_ships_far_above_the_no_shipment_alternative() -> None:
    shipped, surplus, _ = choice.demand_curve(200.0, 1000.0, 400.0, 0.8, 20.0, 140.0, 0.5)
    assert shipped < 1e-9
    assert surplus < 1e-6
    half, _, _ = choice.demand_curve(140.0, 1000.0, 400.0, 0.0, 20.0, 140.0, 0.5)
    assert half == pytest.approx(500.0)


@given(demands, st.floats(1.0, 3.0))
def test_surplus_is_the_area_under_demand_above_the_composite_cost(
    given_: tuple[float, ...], at: float
) -> None:
    elasticity, price, pivot, share, scale = given_
    ceiling = pivot + share * price
    start = pivot + (at - 1.0) * share * price

    def tonnes(cost: float) -> float:
        return choice.demand_curve(cost, 500.0, price, elasticity, pivot, ceiling, scale)[0]

    end = max(ceiling, start) + 60.0 / scale
    middle = sorted(
        {min(max(c, start), end) for c in (pivot, ceiling - 8 / scale, ceiling, ceiling + 8 / scale)}
    )
    cuts = [start, *middle, end]
    area = sum(quad(tonnes, a, b, limit=300)[0] for a, b in pairwise(cuts) if b > a)
    surplus = choice.demand_curve(start, 500.0, price, elasticity, pivot, ceiling, scale)[1]
    assert surplus == pytest.approx(area, rel=1e-6, abs=1e-5)


@given(demands, st.floats(1.0, 2.5))
def test_the_relative_slope_is_that_of_the_demand_curve(given_: tuple[float, ...], at: float) -> None:
    elasticity, price, pivot, share, scale = given_
    ceiling, step = pivot + share * price, 1e-5 / scale
    cost = pivot + (at - 1.0) * share * price
    args = (500.0, price, elasticity, pivot, ceiling, scale)
    shipped, _, slope = choice.demand_curve(cost, *args)
    fall = choice.demand_curve(cost - step, *args)[0] - choice.demand_curve(cost + step, *args)[0]
    if shipped > 1e-6:
        assert slope == pytest.approx(fall / (2 * step) / shipped, rel=1e-4, abs=1e-8)
