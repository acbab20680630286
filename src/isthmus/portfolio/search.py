"""The discrete network design problem by branch and bound, exact on the true delays."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isthmus._errors import UserError
from isthmus.portfolio import checkpoint
from isthmus.portfolio.instance import UNDECIDED, DesignInstance, Flags, Ints
from isthmus.portfolio.nodes import ROOM, Looker, Near, Node, Seen
from isthmus.portfolio.relaxation import Bound

_BATCH = (
    8  # nodes taken at once, whatever the number of threads: the same answer and count on one core or many
)
_WIDE = 512  # open nodes up to which the one of least bound is taken; beyond, the subtrees of these one after the other, depth first
_ROUNDED = 16  # every so many nodes the relaxation is rounded to a design
_SAVED_EVERY = 10.0  # seconds between checkpoints
_NEARLY = 1.01  # of the best, up to which a rounded design is descended from
_DESCENDING = 0.1  # share of all solves that this may be
_NEAR = 16  # designs solved last, from whose paths others start


@dataclass(frozen=True)
class Design:
    """Answer of `design`.

    Attributes:
        built: (C) candidates to build.
        links: their names.
        cost: of building them.
        total: time of all trips at the user equilibrium, in the unit of the network.
        bound: no design within the budget takes less.
        gap: (total - bound) / total.
        proven: whether the gap asked for was reached.
        nodes, bounds, equilibria: partial designs looked at, system optima and user equilibria solved.
        seconds: of the search, over all its parts if it was resumed.
    """

    built: Flags
    links: tuple[str, ...]
    cost: float
    total: float
    bound: float
    gap: float
    proven: bool
    nodes: int
    bounds: int
    equilibria: int
    seconds: float


def _silent(message: str) -> None:
    """Say nothing."""


def design(
    instance: DesignInstance,
    budget: float,
    *,
    gap: float = 1e-6,
    time_limit: float = np.inf,
    threads: int = 2,
    saved: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> Design:
    """The design of least total time at the user equilibrium within a budget, proven to a gap or as far as the time allows.

    Branch and bound in the manner of LeBlanc (1975), with the budget in the bound (see `relaxation`), penalties that settle candidates
    without branching, and a local search for the first design.

    Parameters
    ----------
    budget : float
        In the unit of the candidates' costs.
    gap : float
        Relative gap between the best design and the bound at which to stop.
    time_limit : float
        Seconds; the search then stops with the gap it has.
    threads : int
        Equal answers for any number.
    saved : Path, optional
        File of the search: gone on with if it is there, written now and then, when the time is over and when interrupted.
    progress : callable
        Called with a line of text as the search goes on.

    Raises
    ------
    UserError
        If the budget or a number is out of range, or the file is not of this search.
    """
    for name, value, least in (("budget", budget, 0.0), ("gap", gap, 0.0), ("time limit", time_limit, 0.0)):
        if not value >= least:
            raise UserError(f"The {name} {value:g}: expected a number from {least:g}.")
    before = checkpoint.load(saved, instance.key(), budget) if saved is not None else None
    with ThreadPoolExecutor(max(1, threads)) as pool:
        search = _Search(instance, budget, gap, pool, progress)
        search.begin(before)
        try:
            search.run(time_limit, saved)
        finally:
            if saved is not None:
                search.save(saved)
        return search.answer()


class _Search:
    def __init__(
        self,
        instance: DesignInstance,
        budget: float,
        gap: float,
        pool: ThreadPoolExecutor,
        progress: Callable[[str], None],
    ) -> None:
        self.pool = pool
        self.instance, self.budget, self.gap, self.progress = instance, budget, gap, progress
        self.began, self.spent = time.perf_counter(), 0.0
        self.looker = Looker(instance, budget)
        self.leaves, self.relaxation = self.looker.leaves, self.looker.relaxation
        self.near: deque[Near] = deque(maxlen=_NEAR)
        self.best, self.total = np.zeros(instance.cost.size, np.bool_), np.inf
        self.visited = self.bounds = self.equilibria = 0
        self.descending = 0  # of the equilibria, those of local search in the tree
        self.wide: list[tuple[float, int, Node]] = []  # a heap: bound, order of arrival
        self.is_wide, self.arrived = True, 0
        self.stack: list[Node] = []
        self.taken: list[Node] = []  # from the stack, and not yet branched

    @property
    def seconds(self) -> float:
        return self.spent + time.perf_counter() - self.began

    @property
    def enough(self) -> float:
        """Bound from which a node holds nothing better."""
        return self.total * (1.0 - self.gap)

    def begin(self, before: checkpoint.Saved | None) -> None:
        """From nothing: a first design by rounding and local search; or from a saved search."""
        root = self.relaxation.root()
        self.bounds += 1
        if before is None:
            self._descend(self._rounded(np.full(self.best.size, UNDECIDED), root))
            self._push(
                Node(np.full(self.best.size, UNDECIDED), root.value, root.multiplier, root.start, root.cuts)
            )
            return
        self.best, self.total = np.array(before.best, np.bool_), before.total
        self.visited, self.bounds, self.equilibria, self.spent = (
            before.visited,
            before.bounds,
            before.equilibria,
            before.seconds,
        )
        for bound, price, partial in before.nodes:
            self._push(Node(np.array(partial), bound, price, root.start))

    def run(self, limit: float, saved: Path | None) -> None:
        """Least bound first while few nodes are open, then depth first below the one of least bound; a batch of nodes at a time, whose
        bounds are solved side by side and looked at in order."""
        written = time.perf_counter()
        while (self.stack or self.wide) and self.seconds < limit:
            enough, best, near = self.enough, self.total, tuple(self.near)
            self.taken = self._next()
            alive = [node for node in self.taken if node.bound < enough]
            for seen in list(self.pool.map(lambda node: self.looker.look(node, enough, best, near), alive)):  # noqa: B023 (ends within the turn)
                self._follow(seen)
            self.taken = []
            if saved is not None and time.perf_counter() - written > _SAVED_EVERY:
                self.save(saved)
                written = time.perf_counter()
                self.progress(
                    f"{self.visited:,} nodes, {len(self.open):,} open, best {self.total:,.0f}, gap {self.answer().gap:.1e}"
                )

    def _next(self) -> list[Node]:
        self.is_wide = self.is_wide and len(self.wide) < _WIDE
        if not self.stack:
            self.stack = [heapq.heappop(self.wide)[2] for _ in range(min(_BATCH, len(self.wide)))][::-1]
        return [self.stack.pop() for _ in range(min(_BATCH, len(self.stack)))]

    def _push(self, node: Node) -> None:
        if self.is_wide:
            heapq.heappush(self.wide, (node.bound, self.arrived, node))
            self.arrived += 1
        else:
            self.stack.append(node)

    @property
    def open(self) -> list[Node]:
        """Nodes that nobody has looked at, and those of a batch that was interrupted."""
        return [*(node for _, _, node in self.wide), *self.stack, *self.taken]

    def save(self, path: Path) -> None:
        """The search as it stands, with a batch that was under way when it was interrupted."""
        nodes = [(node.bound, node.multiplier, node.design.tolist()) for node in self.open]
        counts = (self.visited, self.bounds, self.equilibria, self.seconds)
        saved = checkpoint.Saved(
            self.instance.key(), self.budget, nodes, self.best.astype(int).tolist(), self.total, *counts
        )
        checkpoint.save(path, saved)

    def answer(self) -> Design:
        """What is known now."""
        bound = min([self.enough if self.gap > 0.0 else self.total, *(node.bound for node in self.open)])
        gap = (self.total - bound) / self.total if self.total > 0.0 else 0.0
        links = tuple(np.array(self.instance.links, object)[self.best])
        return Design(
            self.best, links, float(self.instance.cost[self.best].sum()), self.total, bound, gap, gap <= self.gap * (1.0 + 1e-9),
            self.visited, self.bounds, self.equilibria, self.seconds,
        )  # fmt: skip

    def _follow(self, seen: Seen) -> None:
        """Keep what was found at a node, and push what is left of it."""
        self.visited += 1
        self.bounds += seen.bound.solves if seen.bound is not None else 0
        self.equilibria += len(seen.leaves)
        for built, total in seen.leaves:
            if total < self.total:
                self.best, self.total = built.copy(), total
        if seen.start is not None:
            self.near.append(Near(seen.leaves[-1][0], seen.start))
        if not seen.closed and seen.bound is not None and seen.node.bound < self.enough:
            self._branch(seen.node, seen.bound)

    def _branch(self, node: Node, bound: Bound) -> None:
        design, cost = node.design, self.instance.cost
        if self.visited % _ROUNDED == 0:
            self._try(self._rounded(design, bound))
        undecided = design == UNDECIDED
        chosen = int(np.argmax(np.where(undecided, bound.worth, -1.0)))
        for value in (0, 1):  # the last is looked at first
            child = design.copy()
            child[chosen] = value
            least = max(node.bound, bound.value + bound.loss[chosen]) if value == 0 else node.bound
            if cost[child == 1].sum() <= self.budget * (1.0 + ROOM):
                self._push(Node(child, least, node.multiplier, node.start, node.cuts))

    def _rounded(self, design: Ints, bound: Bound) -> Flags:
        """A whole design: candidates by their share in the relaxation as long as the budget holds."""
        built: Flags = np.asarray(design == 1)
        cost = self.instance.cost
        left = self.budget * (1.0 + ROOM) - cost[built].sum()
        for candidate in np.argsort(-bound.share, kind="stable"):
            if design[candidate] == UNDECIDED and cost[candidate] <= left:
                built[candidate] = True
                left -= cost[candidate]
        return built

    def _try(self, built: Flags) -> None:
        """A design by rounding; descended from if it is near the best, as long as that is a small part of the work."""
        if built.tobytes() in self.leaves.known:
            return
        total, _ = self.leaves.solve(built, self.total, None)
        self._keep(built, total)
        if total <= self.total * _NEARLY and self.descending <= _DESCENDING * (self.bounds + self.equilibria):
            before = self.equilibria
            self._descend(built)
            self.descending += self.equilibria - before

    def _keep(self, built: Flags, total: float) -> None:
        self.equilibria += 1
        self.leaves.known[built.tobytes()] = total
        if total < self.total:
            self.best, self.total = built.copy(), total

    def _descend(self, built: Flags) -> None:
        """Local search: build one more, drop one, or put one in another's place, as long as that helps; neighbours side by side."""
        total, start = self.leaves.solve(built, np.inf, None)
        self._keep(built, total)
        while True:
            least, paths = total, start
            fresh = [near for near in self._neighbours(built) if near.tobytes() not in self.leaves.known]
            found = list(self.pool.map(lambda near: self.leaves.solve(near, least, paths), fresh))  # noqa: B023 (ends within the turn)
            for near, (its, its_paths) in zip(fresh, found, strict=True):
                self._keep(near, its)
                if its < total:
                    built, total, start = near, its, its_paths
            if total >= least:
                return

    def _neighbours(self, built: Flags) -> Iterable[Flags]:
        room, cost = self.budget * (1.0 + ROOM), self.instance.cost
        inside, outside = np.flatnonzero(built), np.flatnonzero(~built)
        for dropped in (-1, *inside):
            for added in (-1, *outside):
                near = built.copy()
                if dropped >= 0:
                    near[dropped] = False
                if added >= 0:
                    near[added] = True
                if dropped + added > -2 and cost[near].sum() <= room:
                    yield near
