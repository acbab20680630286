"""The primal programme written out a second time, in numpy, from its statement in words."""

import numpy as np
from scipy.optimize import minimize_scalar

from isthmus.assignment import Problem

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)


def slot_integral(problem: Problem, used: np.ndarray) -> float:
    """Area under the slot prices up to `used`, by Gauss-Legendre quadrature; infinite beyond the wall."""
    pools = problem.pools
    if np.any(used >= pools.capacity):
        return np.inf
    u = 0.5 * (_NODES[:, None] + 1.0) * (used / pools.capacity)[None, :]
    price = pools.scale * u**pools.power / (1.0 - u)
    return float((0.5 * _WEIGHTS @ price) @ used)


def pool_use(problem: Problem, flow: np.ndarray) -> np.ndarray:
    """Slots and vehicles that the routes use, by pool and stock."""
    routes = problem.routes
    out = np.zeros(problem.pools.capacity.size + problem.empties.stocks)
    for r in range(flow.size):
        for i in range(routes.use_first[r], routes.use_first[r + 1]):
            out[routes.use_of[i]] += routes.use[i] * flow[r]
    return out


def entropy(problem: Problem, flow: np.ndarray) -> float:
    """Nested entropy in USD: within trunk modes, then between them."""
    routes, markets, total = problem.routes, problem.markets, 0.0
    for m in range(markets.tonnes.size):
        nests = range(routes.nest_first[m], routes.nest_first[m + 1])
        shipped = sum(flow[routes.route_first[n] : routes.route_first[n + 1]].sum() for n in nests)
        for n in nests:
            part = slice(routes.route_first[n], routes.route_first[n + 1])
            f, in_nest = flow[part], flow[part].sum()
            safe = np.maximum(f, 1e-300)
            total += float(f @ (np.log(safe / in_nest) - routes.log_size[part])) / markets.scale_route[m]
            total += in_nest * np.log(in_nest / shipped) / markets.scale_mode[m]
    return total


def potential_at_pivot(problem: Problem, m: int) -> float:
    """Tonnes of market m at its pivot that are shipped or stay at home."""
    markets = problem.markets
    scale, pivot, ceiling = markets.scale_mode[m], markets.pivot[m], markets.ceiling[m]
    at_pivot = -np.logaddexp(-scale * pivot, -scale * ceiling) / scale
    return float(markets.tonnes[m] / np.exp(-scale * (pivot - at_pivot)))


def benefit(problem: Problem, m: int, shipped: float, stays: float) -> float:
    """USD that shippers of market m would pay at most for `shipped` tonnes while `stays` stay at home.

    Potential tonnes X = shipped + stays have the willingness b(X) = base (X / reference)^(-1/e) - price; beyond the
    cost of staying at home nothing is gained. Staying costs the ceiling, and choosing between the two has its entropy.
    """
    markets = problem.markets
    price, elasticity = markets.price[m], markets.elasticity[m]
    ceiling, scale = markets.ceiling[m], markets.scale_mode[m]
    at_pivot = -np.logaddexp(-scale * markets.pivot[m], -scale * ceiling) / scale
    reference = potential_at_pivot(problem, m)
    potential = shipped + stays
    if elasticity == 0.0:
        worth = reference * ceiling
    else:
        base = price + at_pivot
        least = reference * ((price + ceiling) / base) ** -elasticity
        x = least + 0.5 * (_NODES + 1.0) * (potential - least)
        willing = base * (x / reference) ** (-1.0 / elasticity) - price
        worth = ceiling * least + 0.5 * (potential - least) * float(_WEIGHTS @ willing)
    spread = shipped * np.log(shipped / potential) + stays * np.log(stays / potential)
    return worth - ceiling * stays - spread / scale


def best_benefit(problem: Problem, m: int, shipped: float) -> float:
    """The most that `shipped` tonnes are worth over what may stay at home."""
    if problem.markets.elasticity[m] == 0.0:
        return benefit(problem, m, shipped, max(potential_at_pivot(problem, m) - shipped, 1e-300))
    found = minimize_scalar(
        lambda log: -benefit(problem, m, shipped, float(np.exp(log))),
        bounds=(np.log(shipped) - 40.0, np.log(shipped) + 10.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return -float(found.fun)


def primal_value(problem: Problem, flow: np.ndarray, moved: np.ndarray | None = None) -> float:
    """Objective of the programme at route flows and moves of empties, USD a year."""
    routes, empties = problem.routes, problem.empties
    moved = np.zeros(empties.tail.size) if moved is None else moved
    used = pool_use(problem, flow)[: problem.pools.capacity.size]
    for e in range(moved.size):
        for i in range(empties.use_first[e], empties.use_first[e + 1]):
            used[empties.use_of[i]] += empties.use[i] * moved[e]
    value = slot_integral(problem, used) + float(flow @ routes.cost) + entropy(problem, flow)
    value += float(moved @ empties.cost + 0.5 * empties.slope @ moved**2)
    for m in range(problem.markets.tonnes.size):
        first, last = routes.route_first[routes.nest_first[m]], routes.route_first[routes.nest_first[m + 1]]
        value -= best_benefit(problem, m, float(flow[first:last].sum()))
    return value


def market_of_route(problem: Problem) -> np.ndarray:
    """(R) market of each route."""
    routes = problem.routes
    nests = np.repeat(np.arange(problem.markets.tonnes.size), np.diff(routes.nest_first))
    return np.repeat(nests, np.diff(routes.route_first))
