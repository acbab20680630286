"""Numbers only: shortest paths, route sets, equilibrium rules behind one seam, `solve(problem, rule, start)`."""

from isthmus.assignment.equilibrium import Stochastic, solve
from isthmus.assignment.problem import (
    Certificate,
    Empties,
    Markets,
    Pools,
    Problem,
    Routes,
    Solution,
    Start,
)

__all__ = [
    "Certificate",
    "Empties",
    "Markets",
    "Pools",
    "Problem",
    "Routes",
    "Solution",
    "Start",
    "Stochastic",
    "solve",
]
