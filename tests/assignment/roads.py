"""Small road problems, and an independent look at what a solution claims."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from isthmus.assignment import RoadProblem, Roads, RoadSolution, Trips


@dataclass(frozen=True)
class Arc:
    """An arc with its delay and the fixed cost of each class."""

    tail: int
    head: int
    free: float
    rise: float = 0.0
    capacity: float = 1.0
    power: float = 1.0
    fixed: Sequence[float] = (0.0,)


def problem_of(
    nodes: int, arcs: Sequence[Arc], trips: Sequence[tuple[int, int, float] | tuple[int, int, float, int]],
    objective: str = "user", impassable: Sequence[int] = (),
) -> RoadProblem:  # fmt: skip
    """A problem of arcs and of (origin, destination, trips[, class])."""
    passable = np.ones(nodes, bool)
    passable[list(impassable)] = False
    roads = Roads(
        nodes,
        np.array([arc.tail for arc in arcs], np.int64),
        np.array([arc.head for arc in arcs], np.int64),
        *(
            np.array([getattr(arc, name) for arc in arcs], float)
            for name in ("free", "rise", "capacity", "power")
        ),
        passable,
        np.array([arc.fixed for arc in arcs], float).T.copy(),
    )
    rows = [(*row, 0)[:4] for row in trips]
    return RoadProblem(
        roads,
        Trips(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], float),
            np.array([row[3] for row in rows], np.int64),
        ),
        objective,  # type: ignore[arg-type]
    )


def braess() -> RoadProblem:
    """Braess (1968): 6 trips, 10 x, 50 + x, 10 + x; all ways cost 92 at the equilibrium, 83 without the bridge."""
    return problem_of(
        4,
        [
            Arc(0, 2, 1e-8, 1e9), Arc(0, 3, 50.0, 0.02), Arc(2, 1, 50.0, 0.02), Arc(2, 3, 10.0, 0.1), Arc(3, 1, 1e-8, 1e9),
        ],
        [(0, 1, 6.0)],
    )  # fmt: skip


def pigou(power: float, objective: str = "user") -> RoadProblem:
    """Pigou (1920): one trip, a road of cost 1 and one of cost x^power (less a thousandth)."""
    return problem_of(2, [Arc(0, 1, 1.0), Arc(0, 1, 1e-6, 1e6, 1.0, power)], [(0, 1, 1.0)], objective)


def times(roads: Roads, flow: np.ndarray) -> np.ndarray:
    """Time of each arc at a flow, by the formula as it is written."""
    return roads.free * (1.0 + roads.rise * (flow / roads.capacity) ** roads.power)


def gap_of(problem: RoadProblem, solution: RoadSolution) -> float:
    """Relative gap of a user equilibrium by Dijkstra's algorithm of another library, class by class."""
    roads, trips = problem.roads, problem.trips
    by_class, time = solution.class_flow(), times(roads, solution.flow)
    paid = float(
        sum(
            (flow * np.where(flow > 0, time + fixed, 0.0)).sum()
            for flow, fixed in zip(by_class, roads.fixed, strict=True)
        )
    )
    least = 0.0
    for w in np.flatnonzero(~solution.unreached & (trips.origin != trips.destination)):
        least += trips.trips[w] * _distance(
            roads, time + roads.fixed[trips.kind[w]], trips.origin[w], trips.destination[w]
        )
    return (paid - least) / paid if paid > 0 else 0.0


def _distance(roads: Roads, cost: np.ndarray, origin: int, destination: int) -> float:
    out = roads.passable[roads.tail] | (roads.tail == origin)
    open_ = out & np.isfinite(cost)
    order = np.argsort(-cost[open_], kind="stable")  # of parallel arcs the last, the least, stays
    tail, head, weight = roads.tail[open_][order], roads.head[open_][order], cost[open_][order]
    keep = {(a, b): w for a, b, w in zip(tail.tolist(), head.tolist(), weight.tolist(), strict=True)}
    ends = np.array(list(keep), np.int64).reshape(-1, 2)
    graph = coo_array(
        (np.array(list(keep.values())) + 1e-300, (ends[:, 0], ends[:, 1])), shape=(roads.nodes, roads.nodes)
    )
    return float(dijkstra(graph.tocsr(), indices=origin)[destination])


def imbalance(problem: RoadProblem, solution: RoadSolution) -> float:
    """Greatest difference of what flows in, out, begins and ends at a node, over all classes."""
    roads, trips = problem.roads, problem.trips
    worst = 0.0
    for kind, flow in enumerate(solution.class_flow()):
        net = np.zeros(roads.nodes)
        np.add.at(net, roads.tail, flow)
        np.add.at(net, roads.head, -flow)
        told = (trips.kind == kind) & ~solution.unreached
        np.add.at(net, trips.origin[told], -trips.trips[told])
        np.add.at(net, trips.destination[told], trips.trips[told])
        worst = max(worst, float(np.abs(net).max()))
    return worst
