"""Short closures by the rule of queues: who waits, who goes round, what it costs.

An element is shut for d hours; units arrive at a rate a and, once it is open, pass at most at a rate m. A unit that arrives t hours after
the closure waits d - t(1 - a/m), so that all wait a d^2 / (2 (1 - a/m)) unit-hours until the queue is gone (the fluid queue of
Newell 1982, *Applications of Queueing Theory*, chapter 2). A shipper goes round where the wait it expects exceeds its detour, both in
money; those who would arrive first expect most, so they go, and the queue is theirs who arrive later. Beyond LONGEST hours carriers
re-plan: a new equilibrium, not a queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isthmus.evidence.measures import World
from isthmus.freight import first_arcs, gate_arcs, route_prices

Floats = NDArray[np.float64]

LONGEST = 720.0
"""Hours of a closure from which on it is a new equilibrium: 30 days."""
HOURS_A_YEAR = 8760.0
_FREE = 1e9  # units an hour of an element whose capacity is not known to bind


@dataclass(frozen=True)
class Queue:
    """A closure and what came of it.

    Attributes:
        hours: of the closure.
        arrivals, discharge: units an hour.
        unit_hours: waited by those who wait.
        mean_wait_hours: of a unit that waits; 0 if none does.
        diverted_share: share of the units that arrive before the queue is gone and go round.
        usd: what waiting and going round cost together.
    """

    hours: float
    arrivals: float
    discharge: float
    unit_hours: float
    mean_wait_hours: float
    diverted_share: float
    usd: float


def waiting(hours: float, arrivals: float, discharge: float) -> float:
    """Unit-hours waited because of a closure if nobody goes round: a d^2 / (2 (1 - a/m)); infinite if a reaches m.

    Parameters
    ----------
    hours : float
        d, hours shut.
    arrivals, discharge : float
        a and m, units an hour.
    """
    if arrivals >= discharge:
        return float("inf")
    return arrivals * hours**2 / (2.0 * (1.0 - arrivals / discharge))


def queue_of(
    hours: float, arrivals: Floats, discharge: float, patience: Floats, usd_per_hour: Floats
) -> Queue:
    """The closure with shippers of several kinds (K), each of which joins the queue once the wait is no longer than its patience.

    Parameters
    ----------
    hours : float
        d, hours shut.
    arrivals : array
        (K) units an hour.
    discharge : float
        m, units an hour once open.
    patience : array
        (K) hours of waiting that cost as much as the detour; infinite without one.
    usd_per_hour : array
        (K) USD that an hour of a unit's waiting costs.

    Raises ValueError if all together arrive as fast as they can pass, for then the queue never ends.
    """
    total = float(arrivals.sum())
    if total >= discharge:
        raise ValueError("units arrive as fast as they pass: the queue would never end")
    wait, clock, joined = hours, 0.0, 0.0
    waited = paid = waiting_units = diverted = 0.0
    joins = np.zeros(arrivals.size, bool)
    for level in [*sorted({float(each) for each in patience if each < hours}, reverse=True), 0.0]:
        joins = patience >= wait
        joined = float(arrivals[joins].sum())
        slope = 1.0 - joined / discharge
        lasts = (wait - level) / slope
        mean = 0.5 * (wait + level)
        waited += joined * lasts * mean
        waiting_units += joined * lasts
        paid += lasts * float((arrivals * usd_per_hour)[joins].sum()) * mean
        gone = ~joins
        diverted += lasts * float(arrivals[gone].sum())
        if gone.any():
            paid += lasts * float((arrivals * usd_per_hour * patience)[gone].sum())
        wait, clock = level, clock + lasts
    return Queue(
        hours, total, discharge, waited, waited / waiting_units if waiting_units else 0.0,
        diverted / (total * clock) if total else 0.0, paid,
    )  # fmt: skip


def closure_of(world: World, kind: str, element: str, hours: float) -> Queue:
    """A closure of an element in a solved condition, in units of its vehicles as the markets load them.

    Arrivals are a year's vehicles over its hours, discharge the capacity of the element's pool over them (of several pools the least that
    binds), unbounded where none binds. The detour of a market is its cheapest route that leaves the element out over its cheapest
    through it, both in generalised cost with the solved prices; an hour costs its value of time and the standing cost of its vehicle.
    """
    layout, solved = world.prepared.layout, world.solved
    wanted = gate_arcs(layout, kind, element)
    arc = first_arcs(world.prepared, wanted)
    market, flow = world.prepared.routes.market, world.flow
    used = np.flatnonzero((arc >= 0) & (flow > 0))
    if not used.size:
        return Queue(hours, 0.0, _FREE, 0.0, 0.0, 0.0, 0.0)
    profiles = solved.demand.profiles
    row = np.array([profiles[p].carriage for p in solved.demand.profile], np.int64)
    load = np.stack([carriage.per_unit for carriage in solved.carriages])[row[market[used]], arc[used]]
    standing = np.stack([carriage.standing for carriage in solved.carriages])[row[market[used]], arc[used]]
    time = np.array([profiles[p].value_of_time for p in solved.demand.profile])[market[used]]
    cost = solved.problem.routes.cost + route_prices(solved)
    count = solved.demand.market.size
    best = np.full((2, count), np.inf)
    for through in (0, 1):
        of = np.flatnonzero((arc >= 0) == bool(through))
        np.minimum.at(best[through], market[of], cost[of])
    detour = np.maximum(best[0] - best[1], 0.0)[market[used]]
    hourly = np.maximum(time + np.nan_to_num(standing), 1e-9)
    arrivals = flow[used] / load / HOURS_A_YEAR
    slots = np.stack([carriage.slots for carriage in solved.carriages])[row[market[used]], arc[used]]
    taken = np.average(slots * load[:, None], axis=0, weights=arrivals)
    return queue_of(hours, arrivals, _discharge(world, wanted, taken), detour / hourly, hourly * load)


def _discharge(world: World, wanted: NDArray[np.bool_], taken: Floats) -> float:
    """Vehicles an hour that the element passes at most, if one takes so many slots (2) of its pools."""
    capacity, least = world.solved.state.capacity, _FREE
    for column in range(2):
        for pool in np.unique(world.solved.state.pool[wanted, column]):
            if pool >= 0 and np.isfinite(capacity[pool]) and taken[column] > 0:
                least = min(least, capacity[pool] / taken[column] / HOURS_A_YEAR)
    return least
