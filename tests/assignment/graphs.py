"""Small graphs in forward-star form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isthmus.assignment.paths import find_paths
from isthmus.assignment.shortest import shortest_tree, trace


@dataclass(frozen=True)
class Graph:
    """Arcs in order of their tail."""

    nodes: int
    tail: np.ndarray
    head: np.ndarray
    cost: np.ndarray
    passable: np.ndarray

    @property
    def first_out(self) -> np.ndarray:
        return np.searchsorted(self.tail, np.arange(self.nodes + 1)).astype(np.int64)

    def tree(self, source: int) -> tuple[np.ndarray, np.ndarray]:
        """Distance and arrival arc of every node."""
        distance, arrival = np.empty(self.nodes), np.empty(self.nodes, np.int64)
        size = self.cost.size + 2
        shortest_tree(
            self.first_out, self.head, self.cost, source, self.passable, distance, arrival,
            np.empty(size), np.empty(size, np.int64),
        )  # fmt: skip
        return distance, arrival

    def path(self, arrival: np.ndarray, source: int, target: int) -> list[int]:
        out = np.empty(self.nodes + 1, np.int64)
        return out[: trace(arrival, self.tail, source, target, out)].tolist()

    def paths(
        self, source: int, targets: Sequence[int], variants: np.ndarray | None = None, rounds: int = 0,
        penalty: float = 1.5, room: int = 10000,
    ) -> list[tuple[int, list[int]]] | None:  # fmt: skip
        """Target and arcs of each path found; None if the buffers were too short."""
        variants = np.ones((1, self.cost.size)) if variants is None else variants
        most = len(targets) * (variants.shape[0] + rounds) + 1
        arcs, first = np.empty(room, np.int64), np.empty(most + 1, np.int64)
        target, digest = np.empty(most, np.int64), np.empty(most, np.uint64)
        count = find_paths(
            self.first_out, self.head, self.tail, self.passable, self.cost, variants, rounds, penalty, source,
            np.array(targets, np.int64), np.arange(self.cost.size), np.arange(self.cost.size), arcs, first,
            target, digest,
        )  # fmt: skip
        if count < 0:
            return None
        return [(int(target[k]), arcs[first[k] : first[k + 1]].tolist()) for k in range(count)]


def graph_of(nodes: int, arcs: Sequence[tuple[int, int, float]], impassable: Sequence[int] = ()) -> Graph:
    """Graph of (tail, head, cost) arcs; the order of arcs of one tail is kept."""
    tail, head, cost = (np.array(column) for column in zip(*arcs, strict=True))
    order = np.argsort(tail, kind="stable")
    passable = np.ones(nodes, bool)
    passable[list(impassable)] = False
    return Graph(
        nodes,
        tail[order].astype(np.int64),
        head[order].astype(np.int64),
        cost[order].astype(float),
        passable,
    )


def grid(side: int, cost: float = 1.0) -> Graph:
    """Streets of a square grid, both ways."""
    arcs = []
    for i in range(side):
        for j in range(side):
            for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):
                if 0 <= i + a < side and 0 <= j + b < side:
                    arcs.append((i * side + j, (i + a) * side + j + b, cost))
    return graph_of(side * side, arcs)
