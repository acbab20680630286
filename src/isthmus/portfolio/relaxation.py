"""A lower bound on what any completion of a partial design can reach.

At the user equilibrium trips take no less in all than at the system optimum of the same roads (LeBlanc 1975). Here the budget stays in the
bound: a candidate may be built in part. With a share y of a link that carries x trips, the time of all is y f(x / y), the perspective
of f(x) = x t(x) (Frangioni and Gentile 2006): convex, and at y = 1 the link itself. The budget is priced by a multiplier m. For a given x
the best share is x / s, at most 1, with s the flow at which the link's rise in time times the power equals m times its cost; put
back, the candidate is an arc whose marginal time does not fall below that at s. So one system optimum with such floors, less m times
the budget left, is a bound for every m, and its flows say how m should move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from isthmus.assignment import PreparedRoads, RoadChange, RoadProblem
from isthmus.assignment.deterministic import RoadStart
from isthmus.portfolio.completions import Cut
from isthmus.portfolio.instance import UNDECIDED, DesignInstance, Flags, Floats, Ints

_LOOSE, _GAP = (
    1e-3,
    1e-5,
)  # the bound is the dual's, so a loose gap costs so much of it and no rigour; tight where it decides
_TRIES = 1
_NEAR = 0.1  # share of the budget by which the shares may miss it
_FASTEST = 3.0
_POWER = (
    2.5  # shares go with the multiplier to the power of -1 / (p + 1) at constant flow; flows give way too
)


@dataclass(frozen=True)
class Bound:
    """A lower bound for a partial design.

    Attributes:
        value: least total time of any completion, at most.
        multiplier: price of the budget, time per unit of cost.
        share: (C) of each candidate built in the relaxation.
        worth: (C) time that a candidate saves, as the flows stand.
        loss: (C) rise of the bound if an undecided candidate were not built, at least.
        cuts: of all multipliers tried, each a bound of single completions.
        solves: system optima solved.
        start: from which a neighbour's bound may be solved.
    """

    value: float
    multiplier: float
    share: Floats
    worth: Floats
    loss: Floats
    cuts: tuple[Cut, ...]
    solves: int
    start: RoadStart


class Relaxation:
    """Bounds of one instance and budget."""

    def __init__(self, instance: DesignInstance, budget: float) -> None:
        self.instance, self.budget = instance, budget
        roads, at = instance.roads, instance.candidates
        self._prepared = PreparedRoads(RoadProblem(roads, instance.trips, "system"))
        self._power = roads.power[at]
        rise = roads.free[at] * roads.rise[at]
        self._priced = (rise > 0.0) & (self._power > 0.0) & (roads.capacity[at] > 0.0)
        safe = np.where(self._priced, rise * self._power, 1.0)
        self._rise = np.where(self._priced, rise, 0.0)
        self._capacity = np.where(self._priced, roads.capacity[at], 1.0)
        # (flow at which a unit multiplier is just worth paying)^(power + 1)
        self._unit = np.where(self._priced, instance.cost * self._capacity**self._power / safe, 0.0)

    def root(self) -> Bound:
        """The bound of the empty design, its multiplier searched for."""
        nothing = np.full(self.instance.cost.size, UNDECIDED)
        first = self._prepared.solve(gap=_GAP)
        saved = self._prepared.solve(
            RoadChange(closed=self.instance.closed(np.zeros(nothing.size, bool))), gap=_GAP
        )
        whole = max(saved.certificate.bound - first.certificate.bound, 0.0)
        guess = max(whole / max(self.instance.cost.sum(), 1e-300), 1e-9)
        return self.bound(nothing, guess, first.start, np.inf, tries=12)

    def bound(
        self, design: Ints, multiplier: float, start: RoadStart, enough: float, tries: int = _TRIES
    ) -> Bound:
        """Bound of a partial design (C): 1 built, 0 not, UNDECIDED; stops early where the bound reaches `enough`."""
        cost, at = self.instance.cost, self.instance.candidates
        open_ = design == UNDECIDED
        left = self.budget - float(cost[design == 1].sum())
        closed = self.instance.closed(design != 0)
        best: Bound | None = None
        cuts: list[Cut] = []
        solves = 0
        for _ in range(tries):
            turn = np.where(open_, (multiplier * self._unit) ** (1.0 / (self._power + 1.0)), 0.0)
            floor = np.zeros(closed.size)
            floor[at] = turn
            change = RoadChange(closed=closed, floor=floor)
            solution = self._prepared.solve(change, start, gap=_LOOSE, enough=enough + multiplier * left)
            solves += 1
            if solution.certificate.bound < enough + multiplier * left <= solution.certificate.objective:
                solution = self._prepared.solve(
                    change, solution.start, gap=_GAP, enough=enough + multiplier * left
                )
                solves += 1
            start = solution.start
            value = solution.certificate.bound - multiplier * left
            flow = solution.flow[at]
            share = np.where(open_, np.minimum(1.0, flow / np.maximum(turn, 1e-300)), design == 1)
            cut = self._cut(solution.certificate.bound, multiplier, flow, turn, open_)
            cuts.append(cut)
            if best is None or value > best.value:
                loss = np.where(open_, cut.worth - multiplier * np.where(self._priced, cost, 0.0), 0.0)
                best = Bound(value, multiplier, share, self._delay(flow), loss, (), 0, start)
            used = float((share * cost)[open_].sum())
            move = min(max(used / max(left, 1e-9), 1.0 / _FASTEST), _FASTEST)
            is_near = not open_.any() or abs(used - left) <= _NEAR * left
            following = multiplier if is_near else multiplier * move**_POWER
            if best.value >= enough or is_near:
                break
            multiplier = following
        assert best is not None
        return replace(best, multiplier=following, cuts=tuple(cuts), solves=solves)

    def _delay(self, flow: Floats) -> Floats:
        """(C) delay of the trips on each candidate."""
        return self._rise * flow * (flow / self._capacity) ** self._power

    def _cut(self, value: float, multiplier: float, flow: Floats, turn: Floats, open_: Flags) -> Cut:
        """The bound of single completions: what undecided candidates may save at most is put back and taken off those built."""
        priced = open_ & self._priced
        worth = np.where(priced, self._power * self._delay(np.maximum(flow, turn)), 0.0)
        return Cut(value + float((worth - multiplier * self.instance.cost)[priced].sum()), worth)
