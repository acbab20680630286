"""Newton's method on the dual of the stochastic freight equilibrium.

The primal minimises, over route flows, pool loads and empty moves, the integral of slot prices plus the flows' own cost, the
nested entropy and the cost of empties, less the integral of inverse demand. For given prices of pools and values of vehicle
stocks the inner problem has a closed form, so the dual is a smooth convex function of those prices alone (a few hundred of
them), minimised by a globalised Newton method (Nocedal and Wright 2006, chapters 3 and 6). Flows at any prices are the exact
answer of the inner problem; the gap is what pools and stocks still disagree about, in USD.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from isthmus._kernels import kernel
from isthmus.assignment import choice
from isthmus.assignment.pools import load_factor, slot_cost, slot_price, slot_price_slope
from isthmus.assignment.problem import Certificate, Floats, Problem, Solution, Start

_RIDGE = 1e-9  # added to the scaled Hessian: the level of a net's stock values is free
_FALL = 0.15  # by which the barrier of the empties is multiplied after each good step
_UNKNOWN = 0.5  # load factor from which a pool starts that the start knows no price of
_MATURE = 0.8  # above this load factor a pool is stepped in its price, below it in its load


@kernel
def _pool_terms(price, capacity, scale, power, load, cost, slope):  # type: ignore[no-untyped-def]
    """Supply of slots at `price`: fills load, its cost and dprice/dload; returns the sum of conjugates, USD."""
    total = 0.0
    for p in range(price.size):
        x = load_factor(price[p], scale[p], power)
        load[p] = x * capacity[p]
        cost[p] = slot_cost(x, scale[p], power) * capacity[p]
        slope[p] = slot_price_slope(x, scale[p], power) / capacity[p]
        total += price[p] * load[p] - cost[p]
    return total


@kernel
def _step_prices(price, load, slope, change, step, capacity, scale, power, out):  # type: ignore[no-untyped-def]
    """Pool prices after a step: along the load where the pool is slack, along the price where it is tight."""
    for p in range(price.size):
        if load[p] > _MATURE * capacity[p]:
            out[p] = max(price[p] + step * change[p], 0.1 * price[p])
            continue
        moved = load[p] + step * change[p] / max(slope[p], 1e-300)
        moved = min(max(moved, 0.1 * load[p], 1e-9 * capacity[p]), 0.95 * capacity[p])
        out[p] = slot_price(moved / capacity[p], scale[p], power)


@kernel
def _first_prices(load, capacity, scale, power, out):  # type: ignore[no-untyped-def]
    for p in range(load.size):
        x = min(max(load[p] / capacity[p], 1e-6), 0.9)
        out[p] = slot_price(x, scale[p], power)


@kernel
def _pool_gap(used, load, price, cost, capacity, scale, power):  # type: ignore[no-untyped-def]
    """Sum over pools of P(used) - P(load) - price (used - load): infinite where more is used than there is."""
    gap = 0.0
    for p in range(used.size):
        x = used[p] / capacity[p]
        if x >= 1.0:
            return np.inf
        gap += max(
            slot_cost(x, scale[p], power) * capacity[p] - cost[p] - price[p] * (used[p] - load[p]), 0.0
        )
    return gap


@dataclass
class _Point:
    """The dual at one vector of prices."""

    price: Floats
    value: float = 0.0
    flow: Floats = field(default_factory=lambda: np.empty(0))
    shipped: Floats = field(default_factory=lambda: np.empty(0))
    composite: Floats = field(default_factory=lambda: np.empty(0))
    surplus: Floats = field(default_factory=lambda: np.empty(0))
    decline: Floats = field(default_factory=lambda: np.empty(0))
    barrier: float = 0.0
    moved: Floats = field(default_factory=lambda: np.empty(0))
    gained: Floats = field(default_factory=lambda: np.empty(0))
    used: Floats = field(default_factory=lambda: np.empty(0))
    load: Floats = field(default_factory=lambda: np.empty(0))
    cost: Floats = field(default_factory=lambda: np.empty(0))
    slope: Floats = field(default_factory=lambda: np.empty(0))


class _Dual:
    """Evaluates the dual of a problem and its curvature."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.pools = problem.pools.capacity.size
        self.size = self.pools + problem.empties.stocks
        self.tree, self.sides = _repair_tree(problem)

    def at(self, price: Floats, barrier: float) -> _Point:
        routes, markets, pools, empties = _parts(self.problem)
        count = markets.tonnes.size
        point = _Point(price, barrier=barrier)
        point.flow, cost = np.zeros(routes.cost.size), np.empty(routes.cost.size)
        point.shipped, point.composite = np.zeros(count), np.zeros(count)
        point.surplus, point.decline = np.zeros(count), np.zeros(count)
        point.moved, point.gained = np.zeros(empties.tail.size), np.zeros(empties.tail.size)
        point.used = np.zeros(self.size)
        point.load, point.cost, point.slope = (np.zeros(self.pools) for _ in range(3))
        choice.route_costs(routes.cost, routes.use_first, routes.use_of, routes.use, price, cost)
        value = choice.load_markets(
            routes.nest_first, routes.route_first, routes.log_size, markets.tonnes, markets.price, markets.elasticity,
            markets.pivot, markets.ceiling, markets.scale_route, markets.scale_mode, cost, point.flow,
            np.zeros(routes.route_first.size - 1), point.shipped, point.composite, point.surplus, point.decline,
        )  # fmt: skip
        choice.add_use(point.flow, routes.use_first, routes.use_of, routes.use, point.used)
        value += choice.load_empties(
            empties.tail, empties.head, empties.cost, empties.slope, empties.use_first, empties.use_of, empties.use,
            price, self.pools, barrier, point.moved, point.gained, point.used,
        )  # fmt: skip
        value += _pool_terms(
            price[: self.pools], pools.capacity, pools.scale, pools.power, point.load, point.cost, point.slope
        )
        point.value = value
        return point

    def gap(self, point: _Point) -> float:
        """USD between the primal value of the flows of a point, with stocks put right, and the dual bound."""
        p, pools, empties = self.pools, self.problem.pools, self.problem.empties
        gap = _pool_gap(
            point.used[:p], point.load, point.price[:p], point.cost, pools.capacity, pools.scale, pools.power
        )
        if not empties.stocks:
            return float(gap)
        gap += choice.gap_of_empties(empties.slope, point.moved, point.gained)
        imbalance = point.used[p:]
        return float(
            gap + self._repair_cost(point.price, imbalance) + abs(float(imbalance @ point.price[p:]))
        )

    def _repair_cost(self, price: Floats, imbalance: Floats) -> float:
        """USD that moving what is too much or too little along a least spanning tree costs, slots at their price included."""
        empties, total = self.problem.empties, 0.0
        for e, side in zip(self.tree, self.sides, strict=True):
            entries = slice(empties.use_first[e], empties.use_first[e + 1])
            usd = empties.cost[e] + empties.use[entries] @ price[empties.use_of[entries]]
            total += usd * abs(float(imbalance[side].sum()))
        return total

    def gradient(self, point: _Point) -> Floats:
        gradient = -point.used
        gradient[: self.pools] += point.load
        return gradient

    def curvature(self, point: _Point) -> Floats:
        """Lower triangle of the Hessian without the pools' own term."""
        routes, markets, _, empties = _parts(self.problem)
        matrix = np.zeros((self.size, self.size))
        choice.curvature(
            routes.nest_first, routes.route_first, markets.scale_route, markets.scale_mode, routes.use_first, routes.use_of,
            routes.use, point.flow, point.shipped, point.decline, matrix,
        )  # fmt: skip
        choice.curvature_empties(
            empties.tail, empties.head, empties.slope, empties.use_first, empties.use_of, empties.use, self.pools, point.barrier,
            point.moved, point.gained, matrix,
        )  # fmt: skip
        return matrix


def _parts(problem: Problem):  # type: ignore[no-untyped-def]
    return problem.routes, problem.markets, problem.pools, problem.empties


def _repair_tree(problem: Problem) -> tuple[list[int], list[NDArray[np.int64]]]:
    """Arcs of a least spanning tree of each net of stocks, and the stocks on one side of each.

    What is too much on that side must be moved along the arc, so that the tree prices the repair of any imbalance.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

    empties, stocks = problem.empties, problem.empties.stocks
    if stocks == 0:
        return [], []
    low, high = np.minimum(empties.tail, empties.head), np.maximum(empties.tail, empties.head)
    order = np.lexsort((-empties.cost, high, low))  # of both directions the dearer comes first
    first = order[np.unique(low[order] * stocks + high[order], return_index=True)[1]]
    first = first[np.isfinite(empties.cost[first])]
    arc_of = dict(zip((low[first] * stocks + high[first]).tolist(), first.tolist(), strict=True))
    graph = coo_array((empties.cost[first] + 1e-9, (low[first], high[first])), shape=(stocks, stocks)).tocsr()
    tree = minimum_spanning_tree(graph)
    _, net = connected_components(tree, directed=False)
    arcs: list[int] = []
    sides: list[NDArray[np.int64]] = []
    for root in np.unique(net, return_index=True)[1].tolist():
        reached, parent = breadth_first_order(tree, root, directed=False)
        below: dict[int, list[int]] = {int(node): [int(node)] for node in reached}
        for node in reached[:0:-1].tolist():
            up = int(parent[node])
            arcs.append(arc_of[min(node, up) * stocks + max(node, up)])
            sides.append(np.array(below[node], np.int64))
            below[up] += below[node]
    return arcs, sides


def first_point(dual: _Dual, start: Start | None, barrier: float) -> _Point:
    """The dual at a given start, or at the prices of the loads that free pools would carry."""
    pools = dual.problem.pools
    if start is not None:
        fresh = slot_price(_UNKNOWN, 1.0, pools.power) * pools.scale
        return dual.at(
            np.concatenate([np.where(start.price > 0.0, start.price, fresh), start.stock]), barrier
        )
    free = dual.at(np.zeros(dual.size), 0.0)
    price = np.zeros(dual.size)
    _first_prices(free.used[: dual.pools], pools.capacity, pools.scale, pools.power, price[: dual.pools])
    return dual.at(price, barrier)


class _Newton:
    """Newton direction; keeps the factor of the last Hessian so that it can serve again."""

    def __init__(self, dual: _Dual) -> None:
        self.dual = dual
        self.factor: tuple[Floats, bool] | None = None
        self.root: Floats = np.empty(0)

    def refresh(self, point: _Point) -> None:
        """Factor the Hessian at a point, pools scaled by the root of their price slope so that slack ones do no harm."""
        from scipy.linalg import cho_factor

        dual, pools = self.dual, self.dual.pools
        matrix = dual.curvature(point)
        root = np.ones(dual.size)
        root[:pools] = np.sqrt(np.maximum(point.slope, 1e-300))
        diagonal = matrix.diagonal().copy()
        root[pools:] = 1.0 / np.sqrt(np.maximum(diagonal[pools:], 1e-12))
        matrix *= root[:, None]
        matrix *= root[None, :]
        ridge = np.full(dual.size, _RIDGE)
        ridge[:pools] = 1.0
        matrix[np.diag_indices(dual.size)] += ridge
        self.root = root
        self.factor = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)

    def direction(self, gradient: Floats) -> Floats:
        from scipy.linalg import cho_solve

        assert self.factor is not None
        return np.asarray(-self.root * cho_solve(self.factor, self.root * gradient, check_finite=False))


def _search(dual: _Dual, point: _Point, direction: Floats, slope: float) -> tuple[_Point, float]:
    """Backtrack along the direction until the dual falls enough (Armijo); returns the new point and the step."""
    pools, step = dual.problem.pools, 1.0
    for _ in range(30):
        price = point.price + step * direction
        _step_prices(
            point.price[: dual.pools], point.load, point.slope, direction[: dual.pools], step, pools.capacity, pools.scale,
            pools.power, price[: dual.pools],
        )  # fmt: skip
        new = dual.at(price, point.barrier)
        if new.value <= point.value + 1e-4 * step * slope + 1e-14 * abs(point.value):
            return new, step
        step *= 0.5
    return point, 0.0


def solve_stochastic(problem: Problem, start: Start | None, *, gap: float, iterations: int) -> Solution:
    """Minimise the dual to a primal-dual gap in USD a year; see `isthmus.assignment.solve`.

    The corners of the empties' dual are rounded by a barrier that falls with every good step, to a last value whose share in
    the gap is small (Wright 1997); the gap is that of the problem without it.
    """
    dual = _Dual(problem)
    arcs = max(problem.empties.tail.size, 1)
    last = 0.05 * gap / arcs
    first = (
        0.02 * float(problem.markets.tonnes @ np.abs(problem.markets.pivot)) / arcs
        if start is None
        else 100.0 * last
    )
    point = first_point(dual, start, last if start else max(first, last))
    if start is not None and dual.gap(point) > gap:
        point = dual.at(point.price, max(first, last))
    newton = _Newton(dual)
    best, best_gap, steps, stuck = point, dual.gap(point), 0, 0
    while best_gap > gap and steps < iterations and stuck < 4:
        newton.refresh(point)
        gradient = dual.gradient(point)
        direction = newton.direction(gradient)
        point, step = _search(dual, point, direction, float(gradient @ direction))
        stuck = stuck + 1 if step == 0.0 else 0
        steps += 1
        current = dual.gap(point)
        if current < best_gap:
            best, best_gap = point, current
        if point.barrier > last and (step >= 0.3 or step == 0.0):
            point = dual.at(point.price, max(point.barrier * (_FALL if step > 0.0 else 0.5), last))
    return _answer(dual, best, best_gap, steps, best_gap <= gap)


def _start_of(problem: Problem, point: _Point) -> Start:
    pools = problem.pools.capacity.size
    return Start(point.price[:pools].copy(), point.price[pools:].copy())


def _answer(dual: _Dual, point: _Point, gap: float, steps: int, converged: bool) -> Solution:
    pools = dual.pools
    bound = -dual.at(point.price, 0.0).value  # without the barrier, whose value bounds another programme
    certificate = Certificate(gap, bound + gap, bound, steps, converged)
    return Solution(
        flow=point.flow,
        shipped=point.shipped,
        composite=point.composite,
        surplus=point.surplus,
        load=point.used[:pools].copy(),
        empties=point.moved,
        start=_start_of(dual.problem, point),
        certificate=certificate,
    )
