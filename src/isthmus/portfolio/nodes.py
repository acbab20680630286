"""One node of the search by itself: its bound, what of it is left, and the equilibria of its last completions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isthmus.assignment.deterministic import RoadStart
from isthmus.portfolio.completions import SMALL, Cut, complete
from isthmus.portfolio.instance import UNDECIDED, DesignInstance, Flags, Ints
from isthmus.portfolio.leaves import Leaves
from isthmus.portfolio.relaxation import Bound, Relaxation

ROOM = 1e-9  # of the budget, for rounding
_KEPT = 12  # cuts that a node takes from those above it
_FEW = 8  # completions that are solved without asking for a bound
_CLOSING = 2  # links that open are as far as one that closes
_MOST = 16  # completions that are solved rather than branched on


@dataclass(frozen=True)
class Node:
    """A partial design (C), a bound of it, the price of the budget, and the flows and cuts of the node above."""

    design: Ints
    bound: float
    multiplier: float
    start: RoadStart
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A node that was looked at.

    Attributes:
        node: with what follows for its candidates, and its bound.
        bound: its relaxation, None where none was solved.
        leaves: whole designs that were solved, all that are left of the node if there is one; with their total time.
        start: paths of the last of them.
        closed: whether nothing of it is left.
    """

    node: Node
    bound: Bound | None
    leaves: tuple[tuple[Flags, float], ...] = ()
    start: RoadStart | None = None
    closed: bool = False


@dataclass(frozen=True)
class Near:
    """A design that was solved, and its paths."""

    built: Flags
    start: RoadStart


class Looker:
    """Looks at nodes of one instance and budget; several threads may at once."""

    def __init__(self, instance: DesignInstance, budget: float) -> None:
        self._cost, self._budget = instance.cost, budget * (1.0 + ROOM)
        self.leaves, self.relaxation = Leaves(instance), Relaxation(instance, budget)

    def left(self, design: Ints) -> float:
        """Budget for undecided candidates."""
        return self._budget - float(self._cost[design == 1].sum())

    def look(self, node: Node, enough: float, best: float, near: Sequence[Near]) -> Seen:
        """Bound a node, and close it if it reaches `enough` or few completions are left; those above `best` are not solved to the end."""
        design = node.design.copy()
        design[(design == UNDECIDED) & (self._cost > self.left(design))] = 0
        node = Node(design, node.bound, node.multiplier, node.start, node.cuts)
        node, seen = self._last(node, enough, best, near, _FEW, None)
        if seen is not None:
            return seen
        bound = self.relaxation.bound(node.design, node.multiplier, node.start, enough)
        cuts = (node.cuts + bound.cuts)[-_KEPT:]
        node = Node(node.design, max(node.bound, bound.value), bound.multiplier, bound.start, cuts)
        if node.bound >= enough:
            return Seen(node, bound, closed=True)
        node.design[(node.design == UNDECIDED) & (bound.value + bound.loss >= enough)] = 1
        if self.left(node.design) < 0.0:
            return Seen(node, bound, closed=True)
        node, seen = self._last(node, enough, best, near, _MOST, bound)
        return seen if seen is not None else Seen(node, bound)

    def _last(
        self, node: Node, enough: float, best: float, near: Sequence[Near], most: int, bound: Bound | None
    ) -> tuple[Node, Seen | None]:
        """What the cuts leave of a node with few undecided candidates: settled further, or solved if that is few completions."""
        undecided = int((node.design == UNDECIDED).sum())
        if undecided > SMALL:
            return node, None
        left = complete(node.design, node.cuts, self._cost, self.left(node.design), enough, most)
        if left.count <= most:
            solved, start = self._solve(left.first, best, near)
            return node, Seen(node, bound, solved, start, closed=True)
        design = node.design.copy()
        design[left.never], design[left.always] = 0, 1
        return Node(design, node.bound, node.multiplier, node.start, node.cuts), None

    def _solve(
        self, designs: Flags, best: float, near: Sequence[Near]
    ) -> tuple[tuple[tuple[Flags, float], ...], RoadStart | None]:
        """Total times of whole designs one after the other, each from the paths of the nearest that was solved before."""
        known, solved = list(near), []
        for built in designs:
            away = [_distance(each.built, built) for each in known]
            start = known[int(np.argmin(away))].start if known else None
            total, found = self.leaves.solve(built, best, start)
            known.append(Near(built, found))
            best = min(best, total)
            solved.append((built, total))
        return tuple(solved), known[-1].start if solved else None


def _distance(before: Flags, after: Flags) -> int:
    """How far a design is from another's paths: where links only open all of them are still there."""
    return int((after & ~before).sum()) + _CLOSING * int((before & ~after).sum())
