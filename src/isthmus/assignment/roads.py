"""What a user equilibrium is asked of and what it answers: arcs with delays, classes of travellers, trips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from isthmus.assignment.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Roads:
    """Arcs (A) between nodes (N) that classes of travellers (K) share; time in any one unit, flow as capacity.

    An arc takes free · (1 + rise · (flow / capacity)^power). Where rise, power or free is 0 that is a constant; where the capacity
    is 0 and it is none, the arc is closed.

    Attributes:
        nodes: number of nodes.
        tail, head: (A) nodes of each arc.
        free: (A) time without flow.
        rise: (A) by what share of it the time has risen at capacity.
        capacity: (A) in trips.
        power: (A) of the ratio of flow to capacity.
        passable: (N) whether a path may pass through; every node may begin and end one.
        fixed: (K, A) what a class pays beside time, in units of time (tolls over its value of time, lengths by a weight), not
            negative; infinite where the class is barred.
    """

    nodes: int
    tail: Ints
    head: Ints
    free: Floats
    rise: Floats
    capacity: Floats
    power: Floats
    passable: Flags
    fixed: Floats


@dataclass(frozen=True)
class Trips:
    """Markets (W): trips of a class from a node to another, each combination once.

    Attributes:
        origin, destination: (W) nodes.
        trips: (W) in units of the capacity; a class of larger vehicles in car units.
        kind: (W) class, a row of `Roads.fixed`.
    """

    origin: Ints
    destination: Ints
    trips: Floats
    kind: Ints


@dataclass(frozen=True)
class RoadProblem:
    """Who travels where on which roads; `user`: each at least cost, `system`: all together at least cost."""

    roads: Roads
    trips: Trips
    objective: Literal["user", "system"] = "user"


@dataclass(frozen=True)
class RoadChange:
    """What is otherwise than in the prepared problem; None where nothing is.

    Attributes:
        free, rise, capacity: (A) as in `Roads`.
        fixed: (K, A) as in `Roads`.
        closed: (A) arcs that nobody may use.
        floor: (A) flow below which the time of an arc does not fall further; 0 in the problem itself.
        trips: (W) as in `Trips`.
    """

    free: Floats | None = None
    rise: Floats | None = None
    capacity: Floats | None = None
    fixed: Floats | None = None
    closed: Flags | None = None
    floor: Floats | None = None
    trips: Floats | None = None


@dataclass(frozen=True)
class RoadCertificate:
    """How near the flows are to the equilibrium, at their own costs; for `system` the costs are marginal.

    Attributes:
        gap: what is paid above the least cost of all trips, as a share of all that is paid.
        excess: average excess cost: what a trip pays above the least on average.
        objective: sum of the integrals of the arcs' costs (Beckmann).
        bound: lower bound on the least objective, `objective` less all that is paid above the least.
        least: lower bound on `total` at the equilibrium itself for `user`, `bound` for `system`.
        total: sum of time and fixed costs of all trips, never marginal.
        iterations: pricing passes made.
        converged: whether the gap asked for was reached.
    """

    gap: float
    excess: float
    objective: float
    bound: float
    least: float
    total: float
    iterations: int
    converged: bool


def refuse(problem: RoadProblem) -> None:
    """Raise ValueError, naming the field, if arrays do not fit or hold what they cannot."""
    roads, trips = problem.roads, problem.trips
    arcs = roads.tail.size
    for name in ("head", "free", "rise", "capacity", "power"):
        values = getattr(roads, name)
        if values.shape != (arcs,):
            raise ValueError(f"roads.{name}: expected {arcs} values, one for each arc")
        if name != "head" and not (
            np.all(values >= 0.0) and np.all(np.isfinite(values) | (name == "capacity"))
        ):
            raise ValueError(f"roads.{name}: expected finite numbers, not negative")
    if roads.passable.shape != (roads.nodes,):
        raise ValueError(f"roads.passable: expected {roads.nodes} values, one for each node")
    if roads.fixed.ndim != 2 or roads.fixed.shape[1] != arcs or not np.all(roads.fixed >= 0.0):
        raise ValueError("roads.fixed: expected a row for each class and a column for each arc, not negative")
    for nodes, name in (
        (roads.tail, "tail"),
        (roads.head, "head"),
        (trips.origin, "origin"),
        (trips.destination, "destination"),
    ):
        if nodes.size and not (nodes.min() >= 0 and nodes.max() < roads.nodes):
            raise ValueError(f"{name}: expected nodes from 0 to {roads.nodes - 1}")
    if trips.kind.size and not (trips.kind.min() >= 0 and trips.kind.max() < roads.fixed.shape[0]):
        raise ValueError(f"trips.kind: expected classes from 0 to {roads.fixed.shape[0] - 1}")
    if not (np.all(trips.trips >= 0.0) and np.all(np.isfinite(trips.trips))):
        raise ValueError("trips.trips: expected finite numbers, not negative")
