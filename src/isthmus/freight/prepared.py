"""Freight of a region, prepared once per layout and solved for any condition of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isthmus.assignment import (
    Empties,
    Markets,
    Pools,
    Problem,
    Routes,
    Solution,
    Start,
    Stochastic,
    paths,
    solve,
)
from isthmus.freight.costs import Carriage, Tariff, tariff_of
from isthmus.freight.profiles import Demand, carriages_of, demand_of, open_costs, reopened, shut
from isthmus.freight.routeset import RouteSet, View, find_routes
from isthmus.freight.vehicles import Stocks, empties_of, ridden, route_use, stocks_of
from isthmus.network import Condition, Layout, condition_of, lay_out
from isthmus.pack import Pack

Floats = NDArray[np.float64]

_PRICED = (
    "places", "zones", "classes", "segments", "load_units", "rates", "handling", "modes", "bans", "premiums", "groups", "markets",
    "parameters",
)  # fmt: skip
_COSTING = (
    "length", "running", "border", "terminal", "waiting", "deviation", "cost_factor", "border_usd", "bulk_usd", "box_usd",
    "load_factor", "carried", "pool",
)  # fmt: skip
_TWIN_SHARPNESS = 20.0  # scale between parallel lines over that between routes
_PASSES = 3  # solves by which the pivot settles
_DEPOT_SHARE = 0.9  # of a vehicle type's traffic that its depots see themselves


@dataclass(frozen=True)
class Pivot:
    """What the base fixes for every scenario, by market and segment (M).

    Attributes:
        composite: composite cost S0 at which the base tonnes are shipped, USD per tonne.
        scale_route, scale_mode: logit scales per USD per tonne.
        slot_value: (P) USD that an hour of a slot of each pool is worth.
    """

    composite: Floats
    scale_route: Floats
    scale_mode: Floats
    slot_value: Floats


@dataclass(frozen=True)
class Rides:
    """(carriage, A) vehicle type ridden and tonnes in one; (carriage, A, 2) slots per tonne."""

    unit: NDArray[np.int64]
    per_unit: Floats
    slots: Floats


@dataclass(frozen=True)
class RouteUse:
    """Pools that bind, and what each route uses of them and of the stocks, as in `isthmus.assignment.Routes`."""

    binding: NDArray[np.int64]
    first: NDArray[np.int64]
    of: NDArray[np.int64]
    amount: Floats


@dataclass(frozen=True)
class Look:
    """A pack as its markets see it on a layout: state, tariffs, demand, costs by carriage and by profile (as it is, and as if every
    arc were open), what is ridden."""

    pack: Pack
    state: Condition
    tariff: Tariff
    demand: Demand
    carriages: list[Carriage]
    costs: Floats
    open_costs: Floats
    rides: Rides


@dataclass(frozen=True)
class Solved:
    """One solved condition, with what tables and accounts are made of."""

    pack: Pack
    state: Condition
    demand: Demand
    carriages: list[Carriage]
    costs: Floats
    problem: Problem
    solution: Solution

    @property
    def start(self) -> Start:
        """Prices from which a neighbour may be solved: of all pools (P), 0 where one does not bind, and of the stocks (U)."""
        price = np.zeros(self.state.capacity.size)
        price[np.isfinite(self.state.capacity)] = self.solution.start.price
        return Start(price, self.solution.start.stock)


@dataclass(frozen=True)
class Prepared:
    """A region's freight: graph, route sets, stocks and the base's pivot.

    `solve` answers for the pack itself or for any edit of it that keeps its ids. `start` holds the prices of the pivot.
    """

    pack: Pack
    layout: Layout
    routes: RouteSet
    stocks: Stocks
    pivot: Pivot
    rule: Stochastic
    guesses: bool
    base: Look
    use: RouteUse | None = None
    start: Start | None = None

    def solve(self, pack: Pack | None = None, start: Start | None = None) -> Solved:
        """Equilibrium of a pack.

        Parameters
        ----------
        pack : Pack, optional
            The region after a scenario; by default as prepared.
        start : Start, optional
            Prices of a solved neighbour: its `Solved.start`.
        """
        pack = pack or self.pack
        seen = self.base if pack is self.pack else look(pack, self.layout, self.guesses, self.base)
        problem = _problem(self, seen, self.pivot, elastic=True)
        return Solved(
            pack,
            seen.state,
            seen.demand,
            seen.carriages,
            seen.costs,
            problem,
            solve(problem, self.rule, _of_binding(start, seen.state)),
        )

    def rebased(self, pack: Pack, start: Start | None = None, passes: int = _PASSES) -> Prepared:
        """The same region had its tables been these: a base of its own, pivoted anew, on the same layout, route sets and depots.

        Parameters
        ----------
        pack : Pack
            An edit of the base that keeps its ids and markets: other tonnes, prices, hours, capacities, parameters.
        start : Start, optional
            Prices of a solved neighbour.
        passes : int
            Solves by which the pivot settles; one leaves out what elasticity does to it.
        """
        seen = look(pack, self.layout, self.guesses, self.base)
        cost = _route_costs(seen.demand, self.routes, seen.costs)
        best = np.full(seen.demand.market.size, np.inf)
        np.minimum.at(best, self.routes.market, cost)
        routes = replace(
            self.routes,
            reference=np.where(np.isfinite(best), best, self.routes.reference),
            log_size=_sizes_at(self, seen.state),
        )
        pivot = _scales(pack, self.layout, seen.demand, routes, seen.carriages, seen.state)
        prepared = replace(self, pack=pack, base=seen, routes=routes, pivot=pivot)
        return _settled(replace(prepared, use=_route_use(self, seen)), start, passes)


def prepare(
    pack: Pack, *, others: tuple[Pack, ...] = (), guesses: bool = False, rule: Stochastic | None = None
) -> Prepared:
    """Lay out a region, find its route sets and pivot its demand at the base.

    Parameters
    ----------
    pack : Pack
        The base: demand is pivoted at its equilibrium.
    others : tuple of Pack
        Edits of it that will be solved: the route sets are those of all.
    guesses : bool
        Let capacities bind that are estimates.
    rule : Stochastic, optional
        Gap and steps of every solve.
    """
    rule = rule or Stochastic()
    layout = lay_out(pack)
    base = look(pack, layout, guesses)
    demand = base.demand
    everything = condition_of(pack, layout, guesses=guesses, everything=True)
    planned = shut(demand, reopened(layout, everything, base.carriages), base.open_costs)
    seen = [look(other, layout, guesses, base) for other in others]
    routes = find_routes(
        pack, layout, demand, View(base.costs, demand.profile), View(planned, demand.profile),
        tuple(View(each.costs, each.demand.profile) for each in seen),
    )  # fmt: skip
    routes = replace(routes, log_size=routes.log_size + _taken_up(routes, base.state.taken_up))
    pivot = _scales(pack, layout, demand, routes, base.carriages, base.state)
    flow = _free_flow(pack, demand, routes, base.costs, pivot)
    stocks = stocks_of(
        layout,
        demand,
        routes,
        base.tariff,
        base.state,
        base.rides.unit,
        base.rides.per_unit,
        flow,
        _DEPOT_SHARE,
    )
    prepared = Prepared(pack, layout, routes, stocks, pivot, rule, guesses, base)
    return _settled(replace(prepared, use=_route_use(prepared, base)))


def _settled(prepared: Prepared, start: Start | None = None, passes: int = _PASSES) -> Prepared:
    """With demand pivoted at the composite costs at which the base tonnes are shipped: first for fixed tonnes, then by the demand
    curve through the last composite costs, until those stay."""
    start = _of_binding(start, prepared.base.state)
    elastic = False
    for _ in range(passes):
        solution = solve(
            _problem(prepared, prepared.base, prepared.pivot, elastic=elastic), prepared.rule, start
        )
        composite = np.where(np.isfinite(solution.composite), solution.composite, prepared.pivot.composite)
        prepared = replace(prepared, pivot=replace(prepared.pivot, composite=composite))
        start, elastic = solution.start, True
    assert start is not None
    price = np.zeros(prepared.base.state.capacity.size)
    price[np.isfinite(prepared.base.state.capacity)] = start.price
    return replace(prepared, start=Start(price, start.stock))


def _of_binding(start: Start | None, state: Condition) -> Start | None:
    """A start of all pools, cut to those that bind in a state."""
    return None if start is None else Start(start.price[np.isfinite(state.capacity)], start.stock)


def look(pack: Pack, layout: Layout, guesses: bool, before: Look | None = None) -> Look:
    """A pack seen by its markets; what an earlier look settles and no edit touched is taken from there."""
    state = condition_of(pack, layout, guesses=guesses)
    if before is None or not _priced_alike(pack, before.pack):
        tariff = tariff_of(pack, layout)
        demand = demand_of(pack, layout, tariff)
    elif pack.shares("services", before.pack) and _costs_alike(state, before.state):
        carriages = reopened(layout, state, before.carriages)
        costs = shut(before.demand, carriages, before.open_costs)
        return replace(before, pack=pack, state=state, carriages=carriages, costs=costs)
    else:
        tariff, demand = before.tariff, before.demand
    carriages = carriages_of(tariff, state, demand)
    costs = open_costs(pack, layout, demand, carriages)
    return Look(
        pack,
        state,
        tariff,
        demand,
        carriages,
        shut(demand, carriages, costs),
        costs,
        _rides(layout, carriages),
    )


def _rides(layout: Layout, carriages: list[Carriage]) -> Rides:
    per_unit, slots = (
        np.stack([getattr(carriage, name) for carriage in carriages]) for name in ("per_unit", "slots")
    )
    return Rides(ridden(layout, carriages), per_unit, slots)


def _priced_alike(pack: Pack, other: Pack) -> bool:
    """Whether markets, prices and the units of the pools are the same."""
    if not all(pack.shares(name, other) for name in _PRICED):
        return False
    return pack.shares("pools", other) or pack.table("pools")["unit"].equals(other.table("pools")["unit"])


def _costs_alike(state: Condition, other: Condition) -> bool:
    """Whether two states differ at most in what is open and in capacities."""
    return all(
        np.array_equal(getattr(state, name), getattr(other, name), equal_nan=True) for name in _COSTING
    )


def _scales(
    pack: Pack, layout: Layout, demand: Demand, routes: RouteSet, carriages: list[Carriage], state: Condition
) -> Pivot:
    """Scales = kappa / reference cost; the composite is still that of the best route."""
    cheapest = np.where(np.isfinite(routes.reference), np.maximum(routes.reference, 1e-3), 1.0)
    unitised = pack.table("classes")["unitised"].to_numpy(bool)[demand.cargo_class]
    reference = cheapest / np.where(unitised, pack.parameters["unitised-kappa-factor"], 1.0)
    route = pack.parameters["route-kappa"] / reference
    mode = np.minimum(pack.parameters["mode-kappa"] / reference, route)
    return Pivot(cheapest, route, mode, _slot_values(layout, demand, carriages, state))


def _slot_values(layout: Layout, demand: Demand, carriages: list[Carriage], state: Condition) -> Floats:
    """USD an hour of a slot: value of time of the cargo in it and standing cost of its vehicles, averaged over the base tonnes of the
    carriages that could use it."""
    row = np.array([profile.carriage for profile in demand.profiles], np.int64)[demand.profile]
    time = np.array([profile.value_of_time for profile in demand.profiles])[demand.profile]
    tonnes = np.bincount(row, demand.tonnes, minlength=len(carriages))
    value = np.bincount(row, demand.tonnes * time, minlength=len(carriages)) / np.maximum(tonnes, 1e-9)
    total, weight = np.zeros(state.capacity.size), np.zeros(state.capacity.size)
    for c, carriage in enumerate(carriages):
        for column in range(2):
            pool = state.pool[:, column]
            used = np.flatnonzero((pool >= 0) & (carriage.slots[:, column] > 0) & ~carriage.closed)
            per_slot = 1.0 / carriage.slots[used, column]
            standing = np.nan_to_num(carriage.standing[used])
            np.add.at(total, pool[used], tonnes[c] * per_slot * (value[c] + standing))
            np.add.at(weight, pool[used], tonnes[c])
    return np.where(weight > 0, total / np.maximum(weight, 1e-9), 1.0)


def _route_costs(demand: Demand, routes: RouteSet, costs: Floats) -> Floats:
    """(R) generalised cost of every route, USD per tonne."""
    cost = np.empty(routes.market.size)
    identity = np.arange(routes.market.size)
    paths.route_sums(routes.market, demand.profile, identity, routes.path_first, routes.arcs, costs, cost)
    return cost


def _taken_up(routes: RouteSet, share: Floats) -> Floats:
    """(R) logarithm of the share of shippers who have taken up every new crossing on a route (Cascetta and Papola 2001)."""
    if (share == 1.0).all():
        return np.zeros(routes.market.size)
    logarithm = np.log(share)
    return np.add.reduceat(logarithm[routes.arcs], routes.path_first[:-1])


def _sizes_at(prepared: Prepared, state: Condition) -> Floats:
    """(R) path-size terms of the base, with the crossings as far taken up as they are in a state."""
    routes, base = prepared.routes, prepared.base.state.taken_up
    if np.array_equal(base, state.taken_up):
        return routes.log_size
    return np.asarray(routes.log_size + _taken_up(routes, state.taken_up) - _taken_up(routes, base))


def _log_sizes(routes: RouteSet, log_size: Floats, cost: Floats, pivot: Pivot) -> Floats:
    """(R) path-size terms of a state, shared between the twins that are open."""
    share = np.empty(cost.size)
    paths.twin_weights(routes.market, routes.twin, cost, pivot.scale_route, _TWIN_SHARPNESS, share)
    return np.asarray(log_size + share)


def _markets(pack: Pack, demand: Demand, pivot: Pivot, *, elastic: bool) -> Markets:
    """Demand as far as it answers in the state's time: elasticities by the share `response`, nobody stays at home sooner."""
    response = pack.parameters.get("response", 1.0)
    elasticity = response * demand.elasticity if elastic else np.zeros(demand.tonnes.size)
    rise = pack.parameters["no-shipment-share"] / response * demand.price
    return Markets(
        demand.tonnes, demand.price, elasticity, pivot.composite, pivot.composite + rise, pivot.scale_route,
        pivot.scale_mode,
    )  # fmt: skip


def _free_flow(pack: Pack, demand: Demand, routes: RouteSet, costs: Floats, pivot: Pivot) -> Floats:
    """(R) tonnes a year by route if nothing were scarce and empties were free."""
    none = np.zeros(0, np.int64), np.zeros(0)
    first = np.zeros(routes.market.size + 1, np.int64)
    cost = _route_costs(demand, routes, costs)
    problem = Problem(
        Routes(
            routes.nest_first, routes.route_first, cost, _log_sizes(routes, routes.log_size, cost, pivot), first, *none
        ),
        _markets(pack, demand, pivot, elastic=False), Pools(none[1], none[1], 1),
        Empties(0, none[0], none[0], none[1], none[1], np.zeros(1, np.int64), *none),
    )  # fmt: skip
    return solve(problem, Stochastic()).flow


def _pools_drawn(state: Condition) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pools that bind, and (A, 2) the pools of the arcs numbered among those, -1 elsewhere."""
    binding = np.flatnonzero(np.isfinite(state.capacity))
    number = np.full(state.capacity.size + 1, -1, np.int64)
    number[binding] = np.arange(binding.size)
    return binding, number[state.pool]


def _route_use(prepared: Prepared, seen: Look) -> RouteUse:
    """What the routes use, taken from the base where neither rides nor binding pools differ."""
    binding, pool = _pools_drawn(seen.state)
    known, rides = prepared.use, seen.rides
    if known is not None and rides is prepared.base.rides and np.array_equal(known.binding, binding):
        return known
    use = route_use(
        prepared.layout, seen.demand, prepared.routes, seen.tariff, prepared.stocks, pool, binding.size, rides.unit,
        rides.per_unit, rides.slots,
    )  # fmt: skip
    return RouteUse(binding, *use)


def _problem(prepared: Prepared, seen: Look, pivot: Pivot, *, elastic: bool) -> Problem:
    """The convex programme of a condition on the route sets of the layout."""
    routes, parameters, state = prepared.routes, seen.pack.parameters, seen.state
    binding, pool = _pools_drawn(state)
    used = _route_use(prepared, seen)
    cost = _route_costs(seen.demand, routes, seen.costs)
    price = np.maximum(state.delay_hours, 0.01) * pivot.slot_value
    return Problem(
        Routes(
            routes.nest_first,
            routes.route_first,
            cost,
            _log_sizes(routes, _sizes_at(prepared, state), cost, pivot),
            used.first,
            used.of,
            used.amount,
        ),
        _markets(seen.pack, seen.demand, pivot, elastic=elastic),
        Pools(state.capacity[binding], price[binding], int(parameters["delay-power"])),
        empties_of(seen.tariff, prepared.layout, state, prepared.stocks, pool, parameters["empties-slope"]),
    )
