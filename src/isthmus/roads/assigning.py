"""The verb: a network and trips in, an equilibrium out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from isthmus._errors import UserError
from isthmus.assignment import (
    Deterministic,
    PreparedRoads,
    RoadCertificate,
    RoadProblem,
    RoadSolution,
    Trips,
    solve,
)
from isthmus.roads.network import RoadNetwork
from isthmus.roads.reading import read_network, read_trips


@dataclass(frozen=True)
class Assignment:
    """An assigned network.

    Attributes:
        network, trips: as read.
        solution: flows and certificate.
        links: link, from, to, flow (trips), time and cost (time and fixed costs) a trip, by arc.
        unreached: origin, destination and trips of markets that reach nothing.
        intrazonal: trips within a zone, which are not assigned.
        seconds: wall time of layout and solve.
    """

    network: RoadNetwork
    trips: Trips
    prepared: PreparedRoads
    solution: RoadSolution
    links: pd.DataFrame
    unreached: pd.DataFrame
    intrazonal: float
    seconds: float

    @property
    def certificate(self) -> RoadCertificate:
        """Gap, bounds and total cost."""
        return self.solution.certificate


def assign(
    net: Path,
    trips: Path,
    *,
    gap: float = 1e-6,
    iterations: int = 200,
    objective: Literal["user", "system"] = "user",
    length_weight: float = 0.0,
    toll_weight: float = 0.0,
    matrix: str = "",
) -> Assignment:
    """Assign trips to a road network: each at least cost, or (`system`) all together at least cost.

    Parameters
    ----------
    net, trips : Path
        As `isthmus.roads.read_network` and `read_trips` read them.
    gap : float
        Relative gap at which to stop.
    iterations : int
        Pricing passes at most; a gap that was not reached is told in the certificate.
    objective : {"user", "system"}
        User equilibrium or system optimum.
    length_weight, toll_weight : float
        Time that a unit of length and of toll are worth.
    matrix : str
        Which matrix of an OMX file holds the trips.

    Raises
    ------
    UserError
        With everything that is wrong in the files.
    """
    if objective not in ("user", "system"):
        raise UserError(f"Objective {objective!r}: expected user or system.")
    if not 0.0 <= gap < 1.0 or iterations < 1:
        raise UserError("Expected a gap from 0 to below 1, and at least one iteration.")
    network = read_network(net, length_weight=length_weight, toll_weight=toll_weight)
    table = read_trips(trips, network, matrix=matrix)
    before = time.perf_counter()
    prepared = PreparedRoads(RoadProblem(network.roads, table, objective))
    solution = solve(prepared, Deterministic(gap, iterations))
    seconds = time.perf_counter() - before
    return Assignment(
        network, table, prepared, solution, _links(network, solution), _unreached(network, table, solution),
        prepared.intrazonal, seconds,
    )  # fmt: skip


def select_link(assignment: Assignment, link: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What goes through a link, named A-B by its nodes or by its id: flow of those trips by link, and trips by market.

    Raises UserError if there is no such link.
    """
    network = assignment.network
    roads = network.roads
    names = np.array(network.nodes, object)
    ends = names[roads.tail] + "-" + names[roads.head]
    chosen = np.flatnonzero((ends == link) | (np.array(network.links, object) == link))
    if chosen.size == 0:
        raise UserError(f"No link {link!r}; expected FROM-TO by nodes, or the id of a link.")
    flow, through = assignment.solution.select(chosen)
    links = assignment.links[["link", "from", "to"]].assign(flow=flow)
    markets = _markets(network, assignment.trips).assign(trips=through)
    return links[links["flow"] > 0.0], markets[markets["trips"] > 0.0]


def _links(network: RoadNetwork, solution: RoadSolution) -> pd.DataFrame:
    names = np.array(network.nodes, object)
    return pd.DataFrame(
        {
            "link": network.links,
            "from": names[network.roads.tail],
            "to": names[network.roads.head],
            "flow": solution.flow,
            "time": solution.time,
            "cost": solution.time + network.roads.fixed[0],
        }
    )


def _markets(network: RoadNetwork, trips: Trips) -> pd.DataFrame:
    zone = {node: name for name, node in network.zones.items()}
    return pd.DataFrame(
        {
            "origin": [zone[node] for node in trips.origin.tolist()],
            "destination": [zone[node] for node in trips.destination.tolist()],
            "trips": trips.trips,
        }
    )


def _unreached(network: RoadNetwork, trips: Trips, solution: RoadSolution) -> pd.DataFrame:
    return _markets(network, trips)[solution.unreached]
