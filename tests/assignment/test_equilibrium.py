"""The solved programme against its own statement and against another solver."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from isthmus.assignment import Problem, Solution, Stochastic, solve
from tests.assignment.primal import benefit, entropy, market_of_route, pool_use, primal_value, slot_integral
from tests.assignment.small import Market, Route, pools_of, problem_of, three_markets

FINE = Stochastic(gap=1e-6)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return three_markets()


@pytest.fixture(scope="module")
def solution(problem: Problem) -> Solution:
    return solve(problem, FINE)


def by_another_solver(problem: Problem) -> np.ndarray:
    """Route flows that minimise the primal, by BFGS: logs of flows and of stays; shares where the tonnes are fixed."""
    market, count = market_of_route(problem), problem.markets.tonnes.size
    fixed, size = problem.markets.elasticity == 0, market.size

    def flows(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        flow, stays = np.exp(x[:size]), np.exp(x[size:])
        for m in np.flatnonzero(fixed):
            total = flow[market == m].sum() + stays[m]
            flow[market == m] *= problem.markets.tonnes[m] / total
            stays[m] *= problem.markets.tonnes[m] / total
        return flow, stays

    def value(x: np.ndarray) -> float:
        if np.any(np.abs(x) > 40.0):
            return 1e12
        flow, stays = flows(x)
        used = pool_use(problem, flow)
        if np.any(used >= problem.pools.capacity):
            return 1e12
        total = slot_integral(problem, used) + float(flow @ problem.routes.cost) + entropy(problem, flow)
        return total - sum(
            benefit(problem, m, float(flow[market == m].sum()), float(stays[m])) for m in range(count)
        )

    start = np.concatenate([np.log(problem.markets.tonnes[market] / 8.0), np.zeros(count)])
    found = minimize(value, start, method="BFGS", options={"gtol": 1e-3})
    return flows(found.x)[0]


def test_another_solver_finds_the_same_flows(problem: Problem, solution: Solution) -> None:
    other = by_another_solver(problem)
    assert solution.flow == pytest.approx(other, rel=5e-3, abs=0.5)
    here, there = primal_value(problem, solution.flow), primal_value(problem, other)
    assert here <= there + 1e-5
    assert there >= solution.certificate.bound - 1e-6
    assert there == pytest.approx(here, rel=1e-5)


def test_the_objective_of_the_certificate_is_the_primal_value_of_the_flows(problem: Problem) -> None:
    for gap in (1000.0, 10.0, 1e-3):
        found = solve(problem, Stochastic(gap=gap))
        value = primal_value(problem, found.flow)
        assert found.certificate.converged
        assert found.certificate.gap <= gap
        assert found.certificate.objective == pytest.approx(value, abs=1e-4)
        assert found.certificate.objective - found.certificate.bound == pytest.approx(
            found.certificate.gap, abs=1e-9
        )


def test_no_flows_cost_less_than_the_bound(problem: Problem, solution: Solution) -> None:
    rough = solve(problem, Stochastic(gap=500.0, iterations=3)).certificate
    best = primal_value(problem, solution.flow)
    assert rough.bound <= best <= rough.objective
    assert rough.objective - best <= rough.gap
    assert solution.certificate.bound == pytest.approx(best, abs=1e-4)
    rng = np.random.default_rng(7)
    for _ in range(30):
        flow = solution.flow * np.exp(rng.normal(0.0, 0.05, solution.flow.size))
        shipped = np.bincount(market_of_route(problem), flow)
        if np.all(pool_use(problem, flow) < problem.pools.capacity) and shipped[2] < 400.0:
            assert primal_value(problem, flow) > best


def test_prices_are_those_of_the_loads(problem: Problem, solution: Solution) -> None:
    pools, x = problem.pools, solution.load / problem.pools.capacity
    assert solution.load == pytest.approx(pool_use(problem, solution.flow), rel=1e-12)
    assert solution.start.price == pytest.approx(pools.scale * x**4 / (1 - x), rel=1e-4)
    assert np.all(x < 1)
    assert x.max() > 0.8  # the case is one of scarcity


def test_flows_add_up_to_the_tonnes_shipped(problem: Problem, solution: Solution) -> None:
    assert np.bincount(market_of_route(problem), solution.flow) == pytest.approx(solution.shipped, rel=1e-12)


def crowded(tonnes: float) -> Problem:
    """One market, one way, a pool of 1000 slots."""
    market = Market([[Route(10.0, 1.0, {0: 1.0})]], tonnes, price=100.0, pivot=10.0, ceiling=60.0)
    return problem_of([market], pools_of([1000.0], [1.0]))


def test_load_stays_below_capacity_and_the_price_rises_to_the_wall() -> None:
    prices, loads = [], []
    for tonnes in (300.0, 600.0, 900.0, 990.0):
        found = solve(crowded(tonnes), FINE)
        prices.append(float(found.start.price[0]))
        loads.append(float(found.load[0]))
        assert found.shipped[0] == pytest.approx(tonnes, rel=0.02)
    assert np.all(np.diff(prices) > 0)
    assert np.all(np.array(loads) < 1000.0)


def test_demand_above_capacity_is_partly_not_shipped_at_the_price_of_not_shipping() -> None:
    found = solve(crowded(1600.0), FINE)
    assert found.certificate.converged
    assert 950.0 < found.shipped[0] < 1000.0
    # The tonne that is indifferent pays the ceiling, 60, save what the logit of staying at home gives.
    stays = 1600.0 - found.shipped[0]
    assert found.composite[0] == pytest.approx(60.0 - np.log(found.shipped[0] / stays) / 0.3, rel=1e-6)
    assert found.start.price[0] == pytest.approx(found.composite[0] - 10.0, rel=1e-6)


def test_a_start_from_a_neighbour_gives_the_same_answer_within_the_gap(problem: Problem) -> None:
    neighbour = replace(
        problem,
        routes=replace(problem.routes, cost=problem.routes.cost + np.array([9, 0, 0, 0, 0, 0, 4, 0.0])),
    )
    rule = Stochastic(gap=1.0)
    before = solve(problem, rule)
    cold, warm = solve(neighbour, rule), solve(neighbour, rule, before.start)
    assert cold.certificate.converged and warm.certificate.converged
    assert abs(cold.certificate.objective - warm.certificate.objective) <= 1.0
    assert warm.flow == pytest.approx(cold.flow, rel=0.1, abs=1.0)
    again = solve(problem, rule, before.start)
    assert again.certificate.iterations == 0
    assert again.flow == pytest.approx(before.flow)


def test_a_gap_that_is_not_reached_is_told(problem: Problem) -> None:
    found = solve(problem, Stochastic(gap=1e-9, iterations=1))
    assert not found.certificate.converged
    assert found.certificate.gap > 1e-9
    assert found.certificate.iterations == 1


def test_doubling_demand_and_capacity_doubles_the_flows(problem: Problem, solution: Solution) -> None:
    markets, pools = problem.markets, problem.pools
    double = replace(
        problem,
        markets=replace(markets, tonnes=2 * markets.tonnes),
        pools=replace(pools, capacity=2 * pools.capacity),
    )
    found = solve(double, FINE)
    assert found.flow == pytest.approx(2 * solution.flow, rel=1e-4)
    assert found.start.price == pytest.approx(solution.start.price, rel=1e-3)


def test_as_scales_grow_all_go_the_cheapest_way_until_it_is_as_dear_as_the_next() -> None:
    market = Market([[Route(10.0, 1.0, {0: 1.0}), Route(14.0)]], 1000.0, pivot=12.0)
    for scale in (5.0, 50.0):
        sharp = replace(market, scale_route=scale, scale_mode=scale)
        found = solve(problem_of([sharp], pools_of([800.0], [1.0])), FINE)
        x = found.load[0] / 800.0
        # Wardrop: both ways used, hence 10 + price = 14.
        assert x**4 / (1 - x) == pytest.approx(4.0, abs=2.0 / scale)


def test_closing_slowing_or_taxing_a_way_never_gains_at_fixed_congestion(
    problem: Problem, solution: Solution
) -> None:
    price = solution.start.price
    fixed = problem_of([], pools_of([1e12, 1e12]))
    held = replace(problem, pools=replace(fixed.pools, scale=np.zeros(2)))
    cost = problem.routes.cost + np.array([p @ price for p in _rows(problem)])
    base = solve(replace(held, routes=replace(problem.routes, cost=cost)), FINE).surplus.sum()
    for r in range(cost.size):
        for worse in (1.0, 10.0, np.inf):
            dearer = cost.copy()
            dearer[r] += worse
            after = solve(replace(held, routes=replace(problem.routes, cost=dearer)), FINE)
            paid = after.flow[r] * worse if np.isfinite(worse) else 0.0
            assert after.surplus.sum() + paid <= base + 1e-6
            assert after.surplus.sum() <= base


def _rows(problem: Problem) -> np.ndarray:
    routes = problem.routes
    rows = np.zeros((routes.cost.size, problem.pools.capacity.size))
    for r in range(routes.cost.size):
        at = slice(routes.use_first[r], routes.use_first[r + 1])
        rows[r, routes.use_of[at]] = routes.use[at]
    return rows
