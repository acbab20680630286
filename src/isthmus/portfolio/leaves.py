"""Total time of whole designs at their user equilibrium."""

from __future__ import annotations

import numpy as np

from isthmus.assignment import PreparedRoads, RoadChange, RoadProblem
from isthmus.assignment.deterministic import RoadStart
from isthmus.portfolio.instance import DesignInstance, Flags

QUICK, FINE = 1e-6, 1e-12


class Leaves:
    """Equilibria of one instance, each design solved once."""

    def __init__(self, instance: DesignInstance) -> None:
        self._instance = instance
        self._prepared = PreparedRoads(RoadProblem(instance.roads, instance.trips, "user"))
        self._start = self._prepared.solve(gap=QUICK).start
        self.known: dict[bytes, float] = {}

    def total(self, built: Flags, enough: float = np.inf) -> float:
        """Total time with these candidates (C) built, to a gap of FINE; if it is surely above `enough`, only some value above that."""
        key = built.tobytes()
        if key not in self.known:
            self.known[key] = self.solve(built, enough, self._start)[0]
        return self.known[key]

    def solve(self, built: Flags, enough: float, start: RoadStart | None) -> tuple[float, RoadStart]:
        """As `total`, from a neighbour's paths, which are not asked of; and the paths found."""
        change = RoadChange(closed=self._instance.closed(built))
        solution = self._prepared.solve(change, start or self._start, gap=QUICK, enough=enough)
        if solution.unreached.any():
            return np.inf, solution.start
        if solution.certificate.least <= enough:
            solution = self._prepared.solve(change, solution.start, gap=FINE)
        return solution.certificate.total, solution.start
