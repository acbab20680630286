"""An instance of the discrete network design problem: roads, trips, links that may be built, what they cost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isthmus._errors import UserError
from isthmus.assignment import Roads, Trips
from isthmus.roads import read_network, read_trips

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNDECIDED = -1
"""Of a candidate in a partial design, beside 1 built and 0 not."""


@dataclass(frozen=True)
class DesignInstance:
    """Which of the candidate links (C) to build within a budget, so that all trips together take least time at the user equilibrium.

    Attributes:
        name: for messages.
        roads: with the candidates as arcs.
        trips: between its nodes.
        candidates: (C) arcs that may be built, each by itself.
        cost: (C) of building it, in any unit of money, above 0.
        links: (C) names of the candidates.
    """

    name: str
    roads: Roads
    trips: Trips
    candidates: Ints
    cost: Floats
    links: tuple[str, ...]

    def closed(self, built: Flags) -> Flags:
        """(A) arcs that nobody may use when these candidates (C) are built."""
        out = np.zeros(self.roads.tail.size, np.bool_)
        out[self.candidates[~built]] = True
        return out

    def key(self) -> str:
        """Hash of everything that the answer depends on."""
        roads, trips = self.roads, self.trips
        digest = hashlib.sha256()
        for array in (
            roads.tail, roads.head, roads.free, roads.rise, roads.capacity, roads.power, roads.passable, roads.fixed, trips.origin,
            trips.destination, trips.trips, trips.kind, self.candidates, self.cost,
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def read_instance(path: Path, trips: Path | None = None, *, demand: float = 1.0) -> DesignInstance:
    """Read an instance: a TNTP network with `<NUMBER OF NEW LINKS>`, whose last rows are candidates with their cost behind the columns.

    Parameters
    ----------
    path : Path
        The network; each candidate is one directed arc.
    trips : Path, optional
        Its trips; by default `trips.txt` beside it.
    demand : float
        By what the trips are multiplied.

    Raises
    ------
    UserError
        With everything that is wrong in a file, or if there is nothing to build.
    """
    if not 0.0 < demand < np.inf:
        raise UserError(f"--demand {demand:g}: expected a number above 0.")
    network = read_network(path)
    if not network.new.size:
        raise UserError(
            f"{path} has nothing to build: expected <NUMBER OF NEW LINKS> and as many rows with a cost at the end."
        )
    if not (network.cost > 0.0).all():
        free = ", ".join(network.links[arc] for arc in network.new[network.cost <= 0.0])
        raise UserError(f"{path}: expected a cost above 0 for each new link; {free} has none.")
    asked = read_trips(trips if trips is not None else path.parent / "trips.txt", network)
    scaled = replace(asked, trips=asked.trips * demand)
    links = tuple(network.links[arc] for arc in network.new)
    return DesignInstance(path.stem, network.roads, scaled, network.new, network.cost, links)
