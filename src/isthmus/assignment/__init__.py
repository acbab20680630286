"""Numbers only: shortest paths, route sets, equilibrium rules behind one seam, `solve(problem, rule, start)`.

The kernels of a rule are loaded when it is first used.
"""

from typing import TYPE_CHECKING, Any

from isthmus.assignment.equilibrium import Deterministic, Stochastic, solve
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
from isthmus.assignment.roads import RoadCertificate, RoadChange, RoadProblem, Roads, Trips

if TYPE_CHECKING:
    from isthmus.assignment.deterministic import PreparedRoads, RoadSolution, RoadStart

__all__ = [
    "Certificate",
    "Deterministic",
    "Empties",
    "Markets",
    "Pools",
    "PreparedRoads",
    "Problem",
    "RoadCertificate",
    "RoadChange",
    "RoadProblem",
    "RoadSolution",
    "RoadStart",
    "Roads",
    "Routes",
    "Solution",
    "Start",
    "Stochastic",
    "Trips",
    "solve",
]


def __getattr__(name: str) -> Any:
    """Load what holds the kernels of road networks when it is first asked for."""
    if name not in ("PreparedRoads", "RoadSolution", "RoadStart"):
        raise AttributeError(f"module 'isthmus.assignment' has no attribute {name!r}")
    from isthmus.assignment import deterministic

    return getattr(deterministic, name)
