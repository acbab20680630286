"""The one seam of the room: a problem, a rule, a start."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.assignment.problem import Problem, Solution, Start
from isthmus.assignment.stochastic import solve_stochastic


@dataclass(frozen=True)
class Stochastic:
    """Stochastic user equilibrium: nested path-size logit.

    Attributes:
        gap: primal-dual gap at which to stop, USD a year.
        iterations: Newton steps at most.
    """

    gap: float = 1000.0
    iterations: int = 100


def solve(problem: Problem, rule: Stochastic, start: Start | None = None) -> Solution:
    """Solve an equilibrium problem by a rule, from the prices of a neighbour if given.

    The answer carries its certificate; a gap that was not reached is told there, not raised.
    """
    return solve_stochastic(problem, start, gap=rule.gap, iterations=rule.iterations)
