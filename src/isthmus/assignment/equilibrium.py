"""The one seam of the room: a problem, a rule, a start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from isthmus.assignment.problem import Problem, Solution, Start
from isthmus.assignment.roads import RoadProblem

if TYPE_CHECKING:
    from isthmus.assignment.deterministic import PreparedRoads, RoadSolution, RoadStart


@dataclass(frozen=True)
class Stochastic:
    """Stochastic user equilibrium: nested path-size logit.

    Attributes:
        gap: primal-dual gap at which to stop, USD a year.
        iterations: Newton steps at most.
    """

    gap: float = 1000.0
    iterations: int = 100


@dataclass(frozen=True)
class Deterministic:
    """Deterministic equilibrium: every traveller at least cost (Wardrop 1952), or all together (`RoadProblem.objective`).

    Attributes:
        gap: relative gap at which to stop.
        iterations: pricing passes at most.
    """

    gap: float = 1e-6
    iterations: int = 200


@overload
def solve(problem: Problem, rule: Stochastic, start: Start | None = None) -> Solution: ...
@overload
def solve(problem: RoadProblem, rule: Deterministic, start: None = None) -> RoadSolution: ...
@overload
def solve(problem: PreparedRoads, rule: Deterministic, start: RoadStart | None = None) -> RoadSolution: ...
def solve(
    problem: Problem | RoadProblem | PreparedRoads,
    rule: Stochastic | Deterministic,
    start: Start | RoadStart | None = None,
) -> Solution | RoadSolution:
    """Solve an equilibrium problem by a rule, from a neighbour if given.

    Whoever solves roads often prepares them once (`PreparedRoads`) and solves that, or calls its `solve` with a change.
    The answer carries its certificate; a gap that was not reached is told there, not raised.
    """
    if isinstance(rule, Stochastic):
        from isthmus.assignment.stochastic import solve_stochastic

        assert isinstance(problem, Problem) and (start is None or isinstance(start, Start))
        return solve_stochastic(problem, start, gap=rule.gap, iterations=rule.iterations)
    from isthmus.assignment.deterministic import PreparedRoads

    assert not isinstance(problem, Problem) and not isinstance(start, Start)
    prepared = PreparedRoads(problem) if isinstance(problem, RoadProblem) else problem
    return prepared.solve(start=start, gap=rule.gap, iterations=rule.iterations)
