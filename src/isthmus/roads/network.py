"""A road network as read, and numbers read with what is wrong in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from isthmus._errors import Problem
from isthmus.assignment import Roads


@dataclass(frozen=True)
class RoadNetwork:
    """Roads with the names their file has for them.

    Attributes:
        roads: one class; `fixed` is in units of time.
        nodes: (N) names of the nodes.
        links: (A) names of the arcs.
        zones: node of each zone by the zone's name.
        unit: of time, as the file has it.
        new: arcs that are not there yet and may be built; none in a plain network.
        cost: of building each of them.
    """

    roads: Roads
    nodes: list[str]
    links: list[str]
    zones: dict[str, int]
    unit: str
    new: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    cost: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


@dataclass
class Reading:
    """One file that is read, and what is wrong with it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, column: str, value: str, expectation: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.file, line, column, value, expectation))

    def number(self, line: int, column: str, text: str, least: float = 0.0) -> float:
        """A finite number of a cell, not under the least; NaN and a problem otherwise."""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            self.wrong(line, column, text, f"a number from {least:g}")
            return math.nan
        return value

    def whole(self, line: int, column: str, text: str, most: int) -> int:
        """A number from 1 to `most`; 0 and a problem otherwise."""
        value = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= value <= most:
            self.wrong(line, column, text, f"a whole number from 1 to {most}")
            return 0
        return value


def network_of(
    tail: list[int], head: list[int], columns: dict[str, list[float]], passable: NDArray[np.bool_], nodes: list[str],
    links: list[str], zones: dict[str, int], unit: str,
) -> RoadNetwork:  # fmt: skip
    """A network of arcs between node numbers from 0, with the columns free, rise, capacity, power and fixed."""
    values = {name: np.array(column, np.float64) for name, column in columns.items()}
    roads = Roads(
        nodes=len(nodes),
        tail=np.array(tail, np.int64),
        head=np.array(head, np.int64),
        free=values["free"],
        rise=values["rise"],
        capacity=values["capacity"],
        power=values["power"],
        passable=passable,
        fixed=values["fixed"][None, :],
    )
    return RoadNetwork(roads, nodes, links, zones, unit)
