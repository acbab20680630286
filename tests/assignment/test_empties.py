"""Empty vehicles: what the imbalance of laden ones costs, and who pays it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from isthmus.assignment import Problem, Solution, Stochastic, solve
from tests.assignment.primal import pool_use, primal_value
from tests.assignment.small import Market, Move, Route, pools_of, problem_of

FINE = Stochastic(gap=1e-3)
OUT, BACK = {0: 0.1, 1: -0.1}, {1: 0.1, 0: -0.1}  # ten tonnes a vehicle


def two_ways(out: float, back: float, slots: dict[int, float] | None = None) -> Problem:
    """Two places, a market each way, an empty vehicle that costs 30 USD to bring over."""
    markets = [
        Market([[Route(10.0, 1.0, slots or {}, OUT)]], out, pivot=10.0),
        Market([[Route(10.0, 1.0, slots or {}, BACK)]], back, pivot=10.0),
    ]
    moves = [Move(0, 1, 30.0, 1e-3), Move(1, 0, 30.0, 1e-3)]
    return problem_of(markets, pools_of([1e4]) if slots else None, moves, stocks=2)


def test_the_imbalance_moves_back_empty() -> None:
    found = solve(two_ways(10000.0, 4000.0), FINE)
    assert found.certificate.converged
    assert found.empties == pytest.approx([0.0, 600.0], abs=0.01)


def test_the_heavy_direction_pays_the_whole_empty_return() -> None:
    found = solve(two_ways(10000.0, 4000.0), FINE)
    # A vehicle brought back costs 30, and 0.001 more for each already moved; ten tonnes share it.
    empty = (30.0 + 0.6) / 10.0
    assert found.composite[0] == pytest.approx(10.0 + empty, abs=1e-3)
    # One more tonne the other way saves an empty.
    assert found.composite[1] == pytest.approx(10.0 - empty, abs=1e-3)


def test_balanced_flows_move_no_empties_and_pay_for_none_together() -> None:
    found = solve(two_ways(8000.0, 8000.0), FINE)
    assert found.empties == pytest.approx([0.0, 0.0], abs=0.01)
    assert found.composite.sum() == pytest.approx(20.0, abs=1e-6)
    assert np.all(np.abs(found.composite - 10.0) <= 3.0)


def test_empties_take_slots() -> None:
    slots = {0: 0.1}
    problem = two_ways(10000.0, 4000.0, slots)
    empties = replace(
        problem.empties, use_first=np.array([0, 1, 2]), use_of=np.array([0, 0]), use=np.array([1.0, 1.0])
    )
    with_slots = solve(replace(problem, empties=empties), FINE)
    assert solve(problem, FINE).load == pytest.approx([1400.0], rel=1e-6)
    assert with_slots.load == pytest.approx([1400.0 + 600.0], rel=1e-4)


def test_a_net_whose_vehicles_cannot_return_is_refused_by_the_price_of_not_shipping() -> None:
    problem = two_ways(10000.0, 4000.0)
    cut = replace(problem, empties=replace(problem.empties, cost=np.array([30.0, np.inf])))
    found = solve(cut, Stochastic(gap=1000.0))
    assert found.shipped[0] == pytest.approx(found.shipped[1], rel=0.05)


def six_places(seed: int) -> tuple[Problem, np.ndarray]:
    """Six depots in a net with random costs, random laden flows between them; also the vehicles left less those taken."""
    rng = np.random.default_rng(seed)
    pairs = [
        (a, b) for a in range(6) for b in range(6) if a != b and (abs(a - b) in (1, 5) or rng.random() < 0.3)
    ]
    moves = [Move(a, b, float(rng.uniform(20, 80)), 1e-5) for a, b in pairs]
    markets = []
    for _ in range(9):
        a, b = rng.choice(6, 2, replace=False)
        tonnes = float(rng.uniform(500, 4000))
        markets.append(Market([[Route(20.0, 1.0, {}, {int(a): 0.05, int(b): -0.05})]], tonnes))
    problem = problem_of(markets, None, moves, stocks=6)
    return problem, -pool_use(problem, problem.markets.tonnes)


@pytest.mark.parametrize("seed", range(5))
def test_empties_go_the_cheapest_way(seed: int) -> None:
    problem, surplus = six_places(seed)
    found = solve(problem, Stochastic(gap=1.0))
    empties = problem.empties
    balance = np.zeros((6, empties.tail.size))
    balance[empties.tail, np.arange(empties.tail.size)] += 1.0
    balance[empties.head, np.arange(empties.tail.size)] -= 1.0
    best = linprog(empties.cost, A_eq=balance, b_eq=surplus, bounds=(0, None))
    assert found.certificate.converged
    assert found.empties @ empties.cost == pytest.approx(best.fun, rel=2e-3)
    assert balance @ found.empties == pytest.approx(surplus, abs=0.05)
    # What a vehicle is worth more at one depot than at another are the duals, up to a level.
    worth = best.eqlin.marginals
    pairs = np.flatnonzero(found.empties > 1.0)
    gain = (worth[empties.tail] - worth[empties.head])[pairs]
    stock = found.start.stock
    assert (stock[empties.head] - stock[empties.tail])[pairs] == pytest.approx(gain, abs=0.05)


def put_right(problem: Problem, found: Solution) -> np.ndarray:
    """Moves with what stocks still disagree about brought along the cheapest arcs."""
    empties, count = problem.empties, problem.empties.tail.size
    balance = np.zeros((empties.stocks, count))
    balance[empties.tail, np.arange(count)] += 1.0
    balance[empties.head, np.arange(count)] -= 1.0
    lacking = -pool_use(problem, found.flow)[problem.pools.capacity.size :] - balance @ found.empties
    extra = linprog(
        np.concatenate([empties.cost, np.zeros(count)]),
        A_eq=np.hstack([balance, -balance]),
        b_eq=lacking,
        bounds=[(0, None)] * count + [(0, float(each)) for each in found.empties],
    )
    assert extra.success
    return np.asarray(found.empties + extra.x[:count] - extra.x[count:])


@pytest.mark.parametrize("gap", [1000.0, 100.0, 1.0])
def test_the_primal_value_with_stocks_put_right_lies_within_the_gap_of_the_bound(gap: float) -> None:
    problem, _ = six_places(11)
    markets = replace(problem.markets, elasticity=np.full(9, 0.7), pivot=np.full(9, 20.0))
    problem = replace(problem, markets=markets)
    found = solve(problem, Stochastic(gap=gap))
    value = primal_value(problem, found.flow, put_right(problem, found))
    assert found.certificate.converged
    assert found.certificate.bound <= value + 1e-6
    assert value - found.certificate.bound <= found.certificate.gap + 1e-6
