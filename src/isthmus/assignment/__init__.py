"""Numbers only: shortest paths, route sets, equilibrium rules behind one seam, `solve(problem, rule, start)`."""

from isthmus.assignment.deterministic import PreparedRoads, RoadSolution, RoadStart
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
