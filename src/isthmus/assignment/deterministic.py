"""Deterministic user equilibrium and system optimum: prepared once, solved for any change, from any neighbour."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from isthmus.assignment import memory, restart, sweeping, trees
from isthmus.assignment.arrays import (
    ARCS,
    DAMPING,
    EXCESS,
    FLOW,
    FREE,
    HEAD,
    INTEGRAL,
    LEAST,
    ON_TREE,
    PASSES,
    PATHS,
    POWER,
    RISE,
    TIME,
    Flags,
    Floats,
    Graph,
    Ints,
    Scratch,
    Sources,
)
from isthmus.assignment.roads import RoadCertificate, RoadChange, RoadProblem, Roads, refuse

_DAMPING = 1e-2  # of the first Newton step
_SPARE = 4  # states kept for solves to come
_CHANGELESS = RoadChange()

_T = TypeVar("_T")


@dataclass(frozen=True)
class RoadStart:
    """Where a solve may begin: paths, flows and trees of a solution; of use to the prepared roads that made it."""

    state: memory.State
    sources: Sources
    fixed: Floats


@dataclass(frozen=True)
class RoadSolution:
    """Flows, times and certificate of one solve, in the order of the problem's arcs and markets.

    Attributes:
        flow: (A) trips of all classes.
        time: (A) time at that flow, without fixed costs.
        unreached: (W) markets with trips whose destination cannot be reached; their trips are in no other figure.
        certificate: gap and bounds.
        start: from which a neighbour may be solved.
    """

    flow: Floats
    time: Floats
    unreached: Flags
    certificate: RoadCertificate
    start: RoadStart
    _prepared: PreparedRoads = field(repr=False)

    def class_flow(self) -> Floats:
        """(K, A) trips of each class by arc."""
        return self._prepared.class_flow(self.start)

    def select(self, arcs: Ints) -> tuple[Floats, Floats]:
        """(A) flow, and (W) trips of each market, of the paths that use any of the arcs.

        Path flows are not unique where arc flows are; these are those found, each pair of segments shared in proportion.
        """
        return self._prepared.select(self.start, arcs)


class PreparedRoads:
    """A road problem laid out for the kernels. Equal inputs give equal outputs; several threads may solve at once."""

    def __init__(self, problem: RoadProblem) -> None:
        """Lay out the arrays. Raises ValueError where they do not fit."""
        refuse(problem)
        self.problem = problem
        self._is_shut: Flags = np.zeros(0, np.bool_)
        roads, trips = problem.roads, problem.trips
        self._arc = np.argsort(roads.tail, kind="stable")
        tail = roads.tail[self._arc].astype(np.int32)
        self.graph = Graph(
            np.searchsorted(tail, np.arange(roads.nodes + 1)).astype(np.int32),
            roads.head[self._arc].astype(np.int32),
            tail,
            np.asarray(roads.passable, np.bool_) & ~_is_dead_end(roads),
        )
        local = trips.origin == trips.destination
        self.intrazonal = float(trips.trips[local].sum())
        markets = np.flatnonzero(~local)
        self._market = markets[
            np.lexsort((trips.destination[markets], trips.origin[markets], trips.kind[markets]))
        ]
        kind, origin = trips.kind[self._market], trips.origin[self._market]
        begins = np.flatnonzero(np.append(True, (np.diff(kind) != 0) | (np.diff(origin) != 0))[: kind.size])
        self.sources = Sources(
            origin[begins].astype(np.int32),
            kind[begins].astype(np.int32),
            np.append(begins, kind.size).astype(np.int64),
            trips.destination[self._market].astype(np.int32),
            trips.trips[self._market].astype(np.float64),
        )
        self.delays, self.fixed = self._condition(_CHANGELESS)
        self._spare: list[memory.State] = []
        self._scratches: list[Scratch] = []

    def solve(
        self,
        change: RoadChange = _CHANGELESS,
        start: RoadStart | None = None,
        *,
        gap: float = 1e-6,
        iterations: int = 200,
        enough: float = np.inf,
    ) -> RoadSolution:
        """Solve to a relative gap, from a neighbour's paths if a start of the same prepared roads is given.

        Where it turns out earlier that the answer is above `enough` the solve stops there: `total` at the equilibrium for `user`,
        the least objective for `system`. The certificate's `least` says what it is at least.
        """
        delays, fixed = (self.delays, self.fixed) if change is _CHANGELESS else self._condition(change)
        sources = self.sources
        if change.trips is not None:
            sources = sources._replace(trips=np.ascontiguousarray(change.trips[self._market], np.float64))
        state, warm = self._begin(fixed, sources, start)
        scratch = _take(self._scratches) or self._make_scratch()
        while True:
            status = sweeping.equilibrate(
                self.graph, delays, fixed, sources, state.load, state.trees, state.paths, state.pairs, state.members,
                scratch, state.counts, state.figures, gap, iterations, warm, float(enough), self.problem.objective == "user",
            )  # fmt: skip
            if status != sweeping.NO_ROOM:
                break
            state = memory.with_more_room(state)
            warm = sweeping.ADOPTED if warm == sweeping.PAIRED else warm
        self._scratches.append(scratch)
        return self._answer(delays, fixed, sources, state, status == sweeping.CONVERGED)

    def class_flow(self, start: RoadStart) -> Floats:
        """(K, A) trips of each class by arc at a start."""
        flow = np.zeros((len(start.fixed), self._arc.size))
        for kind in range(len(flow)):
            restart.add_flows(start.sources, start.state.paths, kind, flow[kind])
        return self._by_arc(flow)

    def select(self, start: RoadStart, arcs: Ints) -> tuple[Floats, Floats]:
        """(A) flow and (W) trips of the paths at a start that use any of the arcs."""
        is_chosen = np.zeros(self._arc.size, np.bool_)
        is_chosen[arcs] = True
        flow, through = np.zeros(self._arc.size), np.zeros(self._market.size)
        restart.add_selected(start.sources, start.state.paths, is_chosen[self._arc], flow, through)
        by_market = np.zeros(self.problem.trips.trips.size)
        by_market[self._market] = through
        return self._by_arc(flow), by_market

    def least_costs(self, solution: RoadSolution, nodes: Ints, kind: int = 0) -> Floats:
        """Least cost of a class between all pairs of the nodes at the times of a solution (inf where nothing leads)."""
        count = self.graph.passable.size
        least = np.empty((nodes.size, nodes.size))
        cost = solution.time[self._arc] + solution.start.fixed[kind]
        arrival, order = np.empty(count, np.int32), np.empty(count, np.int32)
        trees.skim(self.graph, cost, nodes.astype(np.int32), arrival, order, self._make_scratch(), least)
        return least

    def _by_arc(self, values: Floats) -> Floats:
        """Values of the kernels' arcs in the order of the problem's."""
        out = np.empty_like(values)
        out[..., self._arc] = values
        return out

    def _condition(self, change: RoadChange) -> tuple[Floats, Floats]:
        """Delays (5, A) and fixed costs (K, A) of the kernels' arcs under a change."""
        roads = self.problem.roads
        free = roads.free if change.free is None else change.free
        rise = roads.rise if change.rise is None else change.rise
        capacity = roads.capacity if change.capacity is None else change.capacity
        fixed = roads.fixed if change.fixed is None else change.fixed
        rises = free * rise
        is_constant = (rises == 0.0) | (roads.power == 0.0)
        is_shut = ~is_constant & (capacity <= 0.0)
        if self.problem.objective == "system":
            rises = rises * (1.0 + roads.power)
        delays = np.empty((5, self._arc.size))
        for row, values in enumerate(
            (
                np.where(roads.power == 0.0, free + rises, free),
                np.where(is_constant, 0.0, rises),
                1.0 / np.where(capacity > 0.0, capacity, 1.0),
                roads.power,
                0.0 if change.floor is None else change.floor,
            )
        ):
            delays[row] = np.broadcast_to(values, self._arc.shape)[self._arc]
        if change.closed is not None:
            is_shut = is_shut | change.closed
        if change is not _CHANGELESS and change.fixed is None and np.array_equal(is_shut, self._is_shut):
            return delays, self.fixed
        if change is _CHANGELESS:
            self._is_shut = is_shut
        fixed = np.where(is_shut, np.inf, fixed)[:, self._arc]
        return delays, np.ascontiguousarray(fixed, np.float64)

    def _make_scratch(self) -> Scratch:
        return memory.make_scratch(self.graph.passable.size, self._arc.size)

    def _make_state(self) -> memory.State:
        return memory.make_state(
            self.graph.passable.size, self._arc.size, self.sources.node.size, self.sources.target.size
        )

    def _begin(self, fixed: Floats, sources: Sources, start: RoadStart | None) -> tuple[memory.State, int]:
        """Arrays to solve in, and from what they start."""
        state = _take(self._spare) or self._make_state()
        if start is not None:
            while not memory.fits(state, start.state):
                state = memory.with_more_room(state)
            if _only_opens(start.fixed, fixed) and sources is start.sources and _is_compact(start.state):
                memory.copy_state(start.state, state)
                if state.pairs.slot.size == start.state.pairs.slot.size:
                    state.counts[PASSES:] = 0
                    state.figures[DAMPING] = _DAMPING
                    return state, sweeping.PAIRED
        state.counts[:] = 0
        state.figures[:] = 0.0
        state.figures[DAMPING] = _DAMPING
        state.load[FLOW] = 0.0
        if start is None:
            state.paths.market[:, HEAD] = -1
            state.paths.market[:, ON_TREE] = 0
            state.trees.reached[:] = 0
        else:
            memory.copy_trees(start.state, state)
            restart.adopt_paths(fixed, sources, start.state.paths, state.paths, state.counts)
            state.load[FLOW] = 0.0
            restart.add_flows(sources, state.paths, -1, state.load[FLOW])
        return state, sweeping.COLD if start is None else sweeping.ADOPTED

    def _answer(
        self, delays: Floats, fixed: Floats, sources: Sources, state: memory.State, converged: bool
    ) -> RoadSolution:
        load, figures = state.load, state.figures
        flow, time = load[FLOW], load[TIME]
        paid = float(figures[LEAST] + figures[EXCESS])
        carried = float(sources.trips[state.paths.market[:, HEAD] >= 0].sum())
        on_top = paid - float(flow @ time)  # fixed costs of all trips
        objective = float(figures[INTEGRAL]) + on_top
        if self.problem.objective == "system":
            power = np.where(delays[RISE] > 0.0, delays[POWER], 0.0)
            time = delays[FREE] + (time - delays[FREE]) / (1.0 + power)
        unreached = np.zeros(self.problem.trips.trips.size, np.bool_)
        unreached[self._market] = (state.paths.market[:, HEAD] < 0) & (sources.trips > 0.0)
        least = sweeping.least_answer(delays, load, figures, paid, self.problem.objective == "user")
        certificate = RoadCertificate(
            gap=float(figures[EXCESS]) / paid if paid > 0.0 else 0.0,
            excess=float(figures[EXCESS]) / carried if carried > 0.0 else 0.0,
            objective=objective,
            bound=objective - float(figures[EXCESS]),
            least=float(least),
            total=float(flow @ time) + on_top,
            iterations=int(state.counts[PASSES]),
            converged=converged,
        )
        start = RoadStart(state, sources, fixed)
        weakref.finalize(start, _give_back, self._spare, state).atexit = False
        return RoadSolution(
            self._by_arc(np.maximum(flow, 0.0)), self._by_arc(time), unreached, certificate, start, self
        )


def _is_dead_end(roads: Roads) -> Flags:
    """(N) nodes with one neighbour: who passes through comes back to where he was, which no shortest path does."""
    low, high = np.full(roads.nodes, roads.nodes), np.full(roads.nodes, -1)
    for here, there in ((roads.tail, roads.head), (roads.head, roads.tail)):
        np.minimum.at(low, here, there)
        np.maximum.at(high, here, there)
    return np.asarray(low == high)


def _take(spare: list[_T]) -> _T | None:
    """One of the spare things, if there is any; safe between threads."""
    try:
        return spare.pop()
    except IndexError:
        return None


def _give_back(spare: list[memory.State], state: memory.State) -> None:
    """Keep the arrays of a start that nobody holds any more for the next solve."""
    if len(spare) < _SPARE:
        spare.append(state)


def _only_opens(before: Floats, after: Floats) -> bool:
    """Whether all paths there were are open at the same fixed costs."""
    return after is before or bool(((after == before) | np.isinf(before)).all())


def _is_compact(state: memory.State) -> bool:
    """Whether few of the paths in the arrays are ones that were dropped."""
    live = len(state.paths.market)
    return bool(state.counts[PATHS] <= 3 * live + 64 or state.counts[ARCS] == 0)
