"""The user equilibrium against closed forms, published flows, another solver, and itself."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from isthmus.assignment import (
    Deterministic,
    PreparedRoads,
    RoadChange,
    RoadProblem,
    Roads,
    Stochastic,
    Trips,
    solve,
)
from isthmus.roads import read_network, read_trips
from tests.assignment.roads import Arc, braess, gap_of, imbalance, pigou, problem_of, times
from tests.assignment.small import Market, Route, pools_of
from tests.assignment.small import problem_of as freight_of
from tests.benchmarks import OBJECTIVES, WEIGHTS, tntp

FINE = Deterministic(gap=1e-12)


def grid(side: int, seed: int, markets: int, classes: int = 1) -> RoadProblem:
    """Streets of a square grid with random delays of powers 0 to 6, constant and free arcs among them."""
    rng = np.random.default_rng(seed)
    arcs = []
    for i in range(side):
        for j in range(side):
            for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):
                if 0 <= i + a < side and 0 <= j + b < side:
                    free = 0.0 if rng.random() < 0.05 else rng.uniform(1.0, 10.0)
                    rise = 0.0 if rng.random() < 0.1 else 0.15 * rng.integers(1, 5)
                    fixed = [
                        np.inf if classes > 1 and rng.random() < 0.1 else rng.integers(0, 3)
                        for _ in range(classes)
                    ]
                    power = rng.choice([0.0, 1.0, 2.5, 4.0, 6.0])
                    ends = i * side + j, (i + a) * side + j + b
                    arcs.append(Arc(*ends, free, rise, rng.uniform(5.0, 30.0), power, fixed))
    wanted: dict[tuple[int, int, int], float] = {}
    for _ in range(markets):
        o, d = rng.integers(0, side * side, 2).tolist()
        wanted[o, d, int(rng.integers(classes))] = float(rng.uniform(0.0, 12.0))
    return problem_of(side * side, arcs, [(o, d, t, k) for (o, d, k), t in wanted.items()])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_published_optimum_and_flows_are_found(name: str) -> None:
    net, trips, flows = tntp(name)
    length, toll = WEIGHTS.get(name, (0.0, 0.0))
    network = read_network(net, length_weight=length, toll_weight=toll)
    found = solve(RoadProblem(network.roads, read_trips(trips, network)), FINE)
    certificate = found.certificate
    assert certificate.converged and certificate.gap <= 1e-12
    assert certificate.objective == pytest.approx(OBJECTIVES[name], rel=1e-10)
    assert certificate.bound <= OBJECTIVES[name] * (1.0 + 1e-12)
    rows = [line.split() for line in flows.read_text().splitlines()[1:] if line.strip()]
    best = {(int(row[0]) - 1, int(row[1]) - 1): float(row[2]) for row in rows}
    roads = network.roads
    published = np.array([best[end] for end in zip(roads.tail.tolist(), roads.head.tolist(), strict=True)])
    rising = (roads.free > 0) & (roads.rise > 0) & (roads.power > 0)  # where flows are unique
    # A slope of nearly nothing leaves a flow nearly free, so flows are compared where a trip more is felt, times everywhere.
    felt = rising & (times(roads, published + 1.0) - times(roads, published) > 1e-6)
    assert found.flow[felt] == pytest.approx(published[felt], rel=1e-6, abs=1e-6 * published.max())
    assert times(roads, found.flow)[rising] == pytest.approx(times(roads, published)[rising], rel=1e-6)


def test_all_three_ways_of_braess_cost_92_and_83_without_the_bridge() -> None:
    prepared = PreparedRoads(braess())
    found = prepared.solve(gap=1e-12)
    assert found.flow == pytest.approx([4.0, 2.0, 2.0, 2.0, 4.0], abs=1e-6)
    assert found.certificate.total == pytest.approx(6 * 92.0, rel=1e-9)
    bridge = np.arange(5) == 3
    for start in (None, found.start):
        without = prepared.solve(RoadChange(closed=bridge), start, gap=1e-12)
        assert without.flow == pytest.approx([3.0, 3.0, 3.0, 0.0, 3.0], abs=1e-6)
        assert without.certificate.total == pytest.approx(6 * 83.0, rel=1e-9)
    system = solve(replace(braess(), objective="system"), FINE)
    assert system.certificate.total == pytest.approx(6 * 83.0, rel=1e-9)


@pytest.mark.parametrize("power", [1.0, 2.0, 4.0])
def test_pigous_price_of_anarchy(power: float) -> None:
    user, system = solve(pigou(power), FINE), solve(pigou(power, "system"), FINE)
    assert user.certificate.total == pytest.approx(1.0, abs=1e-4)
    share = (1.0 + power) ** (-1.0 / power)
    assert system.flow[1] == pytest.approx(share, abs=1e-4)
    assert system.certificate.total == pytest.approx(1.0 - share + share ** (power + 1.0), abs=1e-4)
    assert system.time[1] == pytest.approx(share**power, abs=1e-4)  # not the marginal time


def test_another_solver_finds_the_same_flows_of_two_classes_of_which_one_is_barred() -> None:
    barred = (0.0, np.inf)
    problem = problem_of(
        3,
        [
            Arc(0, 2, 2.0, 0.5, 10.0, 2.0, barred), Arc(0, 1, 1.0, 0.3, 8.0, 4.0, (0.5, 0.5)), Arc(1, 2, 1.0, 0.6, 9.0, 2.0, (0.0, 0.2)),
            Arc(0, 2, 4.0, 0.1, 5.0, 1.0, (0.0, 0.0)),
        ],
        [(0, 2, 14.0, 0), (0, 2, 9.0, 1)],
    )  # fmt: skip
    roads = problem.roads
    routes = [(0, [0]), (0, [1, 2]), (0, [3]), (1, [1, 2]), (1, [3])]

    def value(flows: np.ndarray) -> float:
        total, fixed = np.zeros(4), 0.0
        for (kind, arcs), flow in zip(routes, flows, strict=True):
            total[arcs] += flow
            fixed += flow * roads.fixed[kind, arcs].sum()
        x = total / roads.capacity
        return fixed + float(
            (roads.free * total * (1.0 + roads.rise * x**roads.power / (roads.power + 1.0))).sum()
        )

    sums = [
        {"type": "eq", "fun": lambda f: f[:3].sum() - 14.0},
        {"type": "eq", "fun": lambda f: f[3:].sum() - 9.0},
    ]
    other = minimize(value, [5.0, 5.0, 4.0, 5.0, 4.0], bounds=[(0.0, None)] * 5, constraints=sums, tol=1e-12)
    found = solve(problem, FINE)
    assert found.certificate.objective == pytest.approx(other.fun, rel=1e-8)
    by_class = found.class_flow()
    assert by_class[1, 0] == 0.0
    assert by_class.sum(axis=0) == pytest.approx(found.flow, abs=1e-9)
    assert found.flow[[0, 3]] == pytest.approx([other.x[0], other.x[2] + other.x[4]], abs=1e-3)


@settings(max_examples=25)
@given(st.integers(2, 6), st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 3))
def test_the_certificate_is_true_and_trips_are_conserved(
    side: int, seed: int, markets: int, classes: int
) -> None:
    problem = grid(side, seed, markets, classes)
    found = solve(problem, Deterministic(gap=1e-8))
    assert found.certificate.converged
    assert gap_of(problem, found) == pytest.approx(found.certificate.gap, abs=1e-11)
    assert imbalance(problem, found) < 1e-9
    assert found.time == pytest.approx(times(problem.roads, found.flow), rel=1e-9)
    system = solve(replace(problem, objective="system"), Deterministic(gap=1e-8))
    assert system.certificate.total <= found.certificate.total * (1.0 + 1e-7)


@settings(max_examples=20)
@given(st.integers(3, 6), st.integers(0, 10**6), st.data())
def test_warm_and_cold_solves_agree_after_any_change(side: int, seed: int, data: st.DataObject) -> None:
    problem = grid(side, seed, 30, 2)
    roads, prepared = problem.roads, PreparedRoads(problem)
    before = prepared.solve(gap=1e-10)
    arcs = roads.tail.size
    rng = np.random.default_rng(seed)
    some = rng.random(arcs) < 0.1
    change = data.draw(
        st.sampled_from(
            [
                RoadChange(capacity=np.where(some, 0.5, 1.0) * roads.capacity),
                RoadChange(closed=some),
                RoadChange(trips=problem.trips.trips * rng.choice([0.0, 0.5, 3.0], problem.trips.trips.size)),
                RoadChange(free=roads.free + some, fixed=roads.fixed + 2.0 * some),
            ]
        )
    )
    cold, warm = prepared.solve(change, gap=1e-10), prepared.solve(change, before.start, gap=1e-10)
    assert cold.certificate.converged and warm.certificate.converged
    assert warm.certificate.objective == pytest.approx(cold.certificate.objective, rel=2e-10, abs=1e-9)
    assert np.array_equal(warm.unreached, cold.unreached)
    back = prepared.solve(start=warm.start, gap=1e-10)
    assert back.certificate.objective == pytest.approx(before.certificate.objective, rel=2e-10, abs=1e-9)
    again = prepared.solve(start=before.start, gap=1e-10)
    assert again.certificate.iterations == 1


def test_renaming_nodes_and_shuffling_arcs_changes_no_flow() -> None:
    problem = grid(5, 3, 40)
    roads, trips = problem.roads, problem.trips
    rng = np.random.default_rng(4)
    name, arc, market = (
        rng.permutation(roads.nodes),
        rng.permutation(roads.tail.size),
        rng.permutation(trips.trips.size),
    )
    shuffled = RoadProblem(
        Roads(
            roads.nodes, name[roads.tail][arc], name[roads.head][arc], roads.free[arc], roads.rise[arc], roads.capacity[arc],
            roads.power[arc], roads.passable, roads.fixed[:, arc],
        ),
        Trips(name[trips.origin][market], name[trips.destination][market], trips.trips[market], trips.kind[market]),
    )  # fmt: skip
    one, other = solve(problem, FINE), solve(shuffled, FINE)
    assert other.certificate.objective == pytest.approx(one.certificate.objective, rel=1e-11)
    rising = (roads.free * roads.rise * roads.power > 0)[arc]
    assert other.time[rising] == pytest.approx(one.time[arc][rising], rel=1e-4)


def test_equal_inputs_give_equal_bits_whatever_was_solved_before_and_on_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    problem = grid(6, 11, 60, 2)
    prepared = PreparedRoads(problem)
    first = prepared.solve(gap=1e-9)
    halves = [
        RoadChange(
            capacity=problem.roads.capacity * np.where(np.arange(problem.roads.tail.size) == a, 0.5, 1.0)
        )
        for a in range(8)
    ]
    alone = [prepared.solve(change, first.start, gap=1e-9).flow for change in halves]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda change: prepared.solve(change, first.start, gap=1e-9).flow, halves))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(PreparedRoads(problem).solve(gap=1e-9).flow, first.flow)


def test_a_link_split_in_two_halves_of_capacity_carries_the_same_flow() -> None:
    whole = problem_of(2, [Arc(0, 1, 5.0, 0.2, 10.0, 4.0), Arc(0, 1, 7.0, 0.1, 6.0, 4.0)], [(0, 1, 20.0)])
    arcs = [Arc(0, 1, 5.0, 0.2, 5.0, 4.0), Arc(0, 1, 5.0, 0.2, 5.0, 4.0), Arc(0, 1, 7.0, 0.1, 6.0, 4.0)]
    one, two = solve(whole, FINE), solve(problem_of(2, arcs, [(0, 1, 20.0)]), FINE)
    assert two.flow[:2] == pytest.approx([one.flow[0] / 2] * 2, rel=1e-6)


def test_zones_are_not_passed_through_and_what_reaches_nothing_is_told() -> None:
    arcs = [Arc(0, 1, 1.0), Arc(1, 2, 1.0), Arc(0, 3, 5.0), Arc(3, 2, 5.0), Arc(2, 4, 1.0)]
    problem = problem_of(6, arcs, [(0, 2, 4.0), (2, 0, 3.0), (1, 1, 2.0), (5, 4, 0.0)], impassable=[1])
    prepared = PreparedRoads(problem)
    found = prepared.solve()
    assert found.flow == pytest.approx([0.0, 0.0, 4.0, 4.0, 0.0])
    assert found.unreached.tolist() == [False, True, False, False]
    assert prepared.intrazonal == 2.0
    assert found.certificate.total == pytest.approx(40.0)
    shut = prepared.solve(RoadChange(closed=np.arange(5) == 2), found.start)
    assert shut.unreached.tolist() == [True, True, False, False]
    assert shut.certificate.total == 0.0 and shut.certificate.converged


def test_arcs_of_no_capacity_are_closed_and_constant_ones_take_all() -> None:
    arcs = [Arc(0, 1, 1.0, 0.15, 0.0, 4.0), Arc(0, 1, 9.0, 0.0, 0.0, 4.0), Arc(0, 1, 3.0, 1.0, 0.0, 0.0)]
    found = solve(problem_of(2, arcs, [(0, 1, 5.0)]), FINE)
    assert found.flow == pytest.approx([0.0, 0.0, 5.0])
    assert found.certificate.total == pytest.approx(5 * 3.0 * (1.0 + 1.0))  # power 0: always risen


def test_selected_trips_are_the_flow_of_the_link() -> None:
    problem = grid(5, 5, 50, 2)
    found = solve(problem, FINE)
    for a in np.flatnonzero(found.flow > 0)[:10]:
        flow, through = found.select(np.array([a]))
        assert flow[a] == pytest.approx(found.flow[a], rel=1e-9)
        assert through.sum() == pytest.approx(found.flow[a], rel=1e-9)
        assert np.all(flow <= found.flow + 1e-9) and np.all(through <= problem.trips.trips + 1e-9)


def test_a_gap_that_is_not_reached_is_told() -> None:
    problem = grid(6, 8, 80)
    found = solve(problem, Deterministic(gap=1e-14, iterations=3))
    assert not found.certificate.converged
    assert found.certificate.gap == pytest.approx(gap_of(problem, found), abs=1e-11)
    best = solve(problem, FINE).certificate.objective
    assert found.certificate.bound <= best <= found.certificate.objective


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 4), st.integers(0, 10**6))
def test_what_the_total_is_at_least_holds_at_any_gap_and_stops_a_solve_early(side: int, seed: int) -> None:
    problem = grid(side, seed, 3 * side)
    prepared = PreparedRoads(problem)
    exact = prepared.solve(gap=1e-12, iterations=2000).certificate
    scale = max(exact.total, 1.0)
    for gap in (0.3, 1e-1, 1e-2, 1e-3, 1e-6):
        found = prepared.solve(gap=gap).certificate
        assert found.least <= exact.total + 1e-6 * scale
        assert found.least >= found.total - 6.0 * np.sqrt(gap) * scale
    assert exact.least >= exact.total - 1e-4 * scale
    early = prepared.solve(gap=1e-12, iterations=2000, enough=0.5 * exact.total).certificate
    assert early.converged or early.least > 0.5 * exact.total
    assert early.iterations <= exact.iterations
    never = prepared.solve(gap=1e-12, iterations=2000, enough=1.001 * exact.total + 1e-6).certificate
    assert never.converged == exact.converged and never.iterations == exact.iterations


def test_a_system_optimum_stops_where_its_bound_is_above_enough() -> None:
    problem = replace(grid(4, 3, 20), objective="system")
    prepared = PreparedRoads(problem)
    exact = prepared.solve(gap=1e-10).certificate
    early = prepared.solve(gap=1e-10, enough=0.9 * exact.objective).certificate
    assert 0.9 * exact.objective < early.least <= exact.objective * (1 + 1e-9)
    assert early.least == pytest.approx(early.bound, rel=1e-12)
    assert early.iterations < exact.iterations


def test_arrays_that_do_not_fit_are_refused_by_name() -> None:
    problem = braess()
    for name, values in (
        ("free", np.array([-1.0] * 5)),
        ("capacity", np.ones(4)),
        ("fixed", np.zeros((1, 4))),
    ):
        with pytest.raises(ValueError, match=name):
            PreparedRoads(replace(problem, roads=replace(problem.roads, **{name: values})))
    with pytest.raises(ValueError, match=r"trips\.kind"):
        PreparedRoads(replace(problem, trips=replace(problem.trips, kind=np.array([1]))))


def test_as_its_scale_grows_the_stochastic_model_tends_to_this_one() -> None:
    # Three roads side by side, 10 + x, 12 + 2 x, 19 + x/2 for 12 trips. The price of a pool is scale x^k / (1 - x): far from
    # its wall it is the power alone, so pools a million times the flow, with their scale, are straight lines.
    free, slope, tonnes, size = np.array([10.0, 12.0, 19.0]), np.array([1.0, 2.0, 0.5]), 12.0, 1e6
    roads = problem_of(2, [Arc(0, 1, f, s / f) for f, s in zip(free, slope, strict=True)], [(0, 1, tonnes)])
    exact = solve(roads, FINE).flow
    routes = [Route(f, slots={p: 1.0}) for p, f in enumerate(free)]
    away = []
    for scale in (0.5, 5.0, 50.0):
        market = Market(
            [routes], tonnes, price=1000.0, pivot=20.0, ceiling=500.0, scale_route=scale, scale_mode=scale
        )
        freight = freight_of([market], pools_of([size] * 3, (slope * size).tolist(), power=1))
        away.append(float(np.abs(solve(freight, Stochastic(gap=1e-7)).flow - exact).max()))
    assert away[0] > 0.1
    assert away[0] > 5.0 * away[1] > 25.0 * away[2]
    assert away[2] < 0.02


def test_the_code_of_the_manual_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "assignment.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})
