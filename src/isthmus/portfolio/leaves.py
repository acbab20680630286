"""Total time of whole designs at their user equilibrium."""

from __future__ import annotations

import numpy as np

from isthmus.assignment import PreparedRoads, RoadChange, RoadProblem, RoadSolution
from isthmus.portfolio.instance import DesignInstance, Flags

QUICK, FINE = 1e-6, 1e-12


class Leaves:
    """Equilibria of one instance, each design solved once."""

    def __init__(self, instance: DesignInstance) -> None:
        self._instance = instance
        self._prepared = PreparedRoads(RoadProblem(instance.roads, instance.trips, "user"))
        self._start = self._prepared.solve(gap=QUICK).start
        self._power = np.where(instance.roads.rise * instance.roads.free > 0.0, instance.roads.power, 0.0)
        self.known: dict[bytes, float] = {}

    def total(self, built: Flags, enough: float = np.inf) -> float:
        """Total time with these candidates (C) built, to a gap of FINE; if it is surely above `enough`, to a gap of QUICK.

        At a Beckmann excess e the total is off by at most about sqrt(2 e sum(p D)), with D the delays of arcs of power p: from the
        strong convexity of the objective at the flows found. Twice that is allowed for.
        """
        key = built.tobytes()
        if key not in self.known:
            self.known[key] = self._solved(built, enough)
        return self.known[key]

    def _solved(self, built: Flags, enough: float) -> float:
        change = RoadChange(closed=self._instance.closed(built))
        solution = self._prepared.solve(change, self._start, gap=QUICK)
        if solution.unreached.any():
            return np.inf
        if solution.certificate.total - self._margin(solution) > enough:
            return solution.certificate.total
        return self._prepared.solve(change, solution.start, gap=FINE).certificate.total

    def _margin(self, solution: RoadSolution) -> float:
        roads, certificate = self._instance.roads, solution.certificate
        delay = float((self._power * solution.flow * (solution.time - roads.free)).sum())
        excess = max(certificate.objective - certificate.bound, 0.0)
        return 2.0 * float(np.sqrt(2.0 * excess * max(delay, 0.0))) + excess
