"""The arrays that the kernels of the user equilibrium share, named once.

Arcs lie in order of their tail, nodes and arcs are 32-bit, a *source* is a class of travellers at one origin, a *market* one
destination of a source with its trips. Arrays of one name stand in every kernel for the same thing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Graph(NamedTuple):
    """Nodes (N) and arcs (A): `first_out` (N + 1), `head` and `tail` (A), `passable` (N)."""

    first_out: Shorts
    head: Shorts
    tail: Shorts
    passable: Flags


class Delays(NamedTuple):
    """Time of an arc (A): free + rise · (max(flow, floor) · inverse)^power; a rise of 0 is a constant."""

    free: Floats
    rise: Floats
    inverse: Floats
    power: Floats
    floor: Floats


class Sources(NamedTuple):
    """Sources (S): node and class of each, `first` (S + 1) market; markets (W): `target` node and `trips`."""

    node: Shorts
    kind: Shorts
    first: Ints
    target: Shorts
    trips: Floats


class Load(NamedTuple):
    """What arcs (A) carry now: `flow`, the `time` it takes and the `slope` of that time."""

    flow: Floats
    time: Floats
    slope: Floats


class Trees(NamedTuple):
    """Shortest path trees (S, N): arc of `arrival` (-1: none), nodes in `order` parents first, `reached` (S) of them.

    `reached` is 0 where no tree was grown yet.
    """

    arrival: Shorts
    order: Shorts
    reached: Shorts


class Paths(NamedTuple):
    """Paths as linked lists of markets: `head` (W) first path of a market, `next` path (-1: none), `on_tree` (W) whether the
    tree's path is one of them, `stale` (W) whether pairs must be made anew.

    Path p holds the `size` arcs of `arcs` from `first`, target first, and carries `flow`; `fixed` is the sum of its fixed costs,
    `keep` a copy of flows.
    """

    head: Shorts
    on_tree: Flags
    stale: Flags
    first: Ints
    size: Shorts
    flow: Floats
    fixed: Floats
    next: Shorts
    keep: Floats
    arcs: Shorts


class Pairs(NamedTuple):
    """Pairs of alternative segments: arcs of the one segment from `first` to `middle`, of the other to the next pair's first.

    `fixed` is the difference of fixed costs, `member` the first member (-1: none), `on_one` and `on_other` what
    members could move off either segment when last counted, `hashed` and `slot` a hash table
    of pairs, `place` where a pair went when others were dropped; `move`, `residual`, `direction`, `image`, `scale` serve Newton's method.
    """

    first: Ints
    middle: Ints
    fixed: Floats
    member: Shorts
    on_one: Floats
    on_other: Floats
    hashed: Ints
    place: Shorts
    slot: Shorts
    arcs: Shorts
    move: Floats
    residual: Floats
    direction: Floats
    image: Floats
    scale: Floats


class Members(NamedTuple):
    """Two paths of a `market` that differ by a pair: `one` and `other`, of which one is the market's `base`; `pair`; `next` member
    of the same pair (-1: none)."""

    one: Shorts
    other: Shorts
    base: Shorts
    market: Shorts
    pair: Shorts
    next: Shorts


class Scratch(NamedTuple):
    """Working memory: arcs' `cost`; nodes' `distance`, `queue` (N + 1), `state`, `stamp`, `stack` (2 N), `before` (arrivals), `changed`;
    arcs' `mark` and sums `along` and `across`."""

    cost: Floats
    distance: Floats
    queue: Shorts
    state: NDArray[np.int8]
    stamp: Shorts
    stack: Shorts
    before: Shorts
    changed: Flags
    mark: NDArray[np.int8]
    along: Floats
    across: Floats


PATHS, ARCS, PAIRS, PAIR_ARCS, MEMBERS, LOADED, PASSES, SWEEPS, STEPS = range(9)
"""Places in the counts (9): paths, arcs of paths, pairs, arcs of pairs, members in use; markets that the last pass put on their
first path; passes, sweeps, Newton steps made."""

COST, EXCESS, UNREACHED, DAMPING = range(4)
"""Places in the figures (4): least cost of all trips at the times of the last pass, what is paid above it, trips that
reach nothing, damping of the next Newton step."""
