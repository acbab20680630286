"""The arrays that the kernels of the user equilibrium share, named once.

Arcs lie in order of their tail, nodes and arcs are 32-bit, a *source* is a class of travellers at one origin, a *market* one
destination of a source with its trips. Arrays of one name stand in every kernel for the same thing.

What belongs together lies in the rows or columns of one array, whose names are constants: each array that a kernel takes is
seven numbers to the compiler and more, and the time to compile grows with them.
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


FREE, RISE, INVERSE, POWER, FLOOR = range(5)
"""Rows of the delays (5, A): time of an arc is free + rise · (max(flow, floor) · inverse)^power; a rise of 0 is a constant."""

FLOW, TIME, SLOPE = range(3)
"""Rows of the load (3, A): what arcs carry now, the time it takes and the slope of that time."""


class Sources(NamedTuple):
    """Sources (S): node and class of each, `first` (S + 1) market; markets (W): `target` node and `trips`."""

    node: Shorts
    kind: Shorts
    first: Ints
    target: Shorts
    trips: Floats


class Trees(NamedTuple):
    """Shortest path trees (S, N): arc of `arrival` (-1: none), nodes in `order` parents first, `reached` (S) of them.

    `reached` is 0 where no tree was grown yet.
    """

    arrival: Shorts
    order: Shorts
    reached: Shorts


class Paths(NamedTuple):
    """Paths as linked lists of markets.

    `market` (W, 3): HEAD first path of a market, ON_TREE whether the tree's path is one of them, STALE whether pairs must be made anew.
    Path p is its SIZE arcs in `arcs` from FIRST, target first, with the NEXT path of its market (-1: none): `span` (P, 3).
    `amount` (3, P): its FLOW, the FIXED costs of its arcs, and KEEP, a copy of flows.
    """

    market: Shorts
    span: Ints
    amount: Floats
    arcs: Shorts


HEAD, ON_TREE, STALE = range(3)
FIRST, SIZE, NEXT = range(3)
FIXED, KEEP = 1, 2


class Pairs(NamedTuple):
    """Pairs of alternative segments: arcs of the one segment from FIRST to MIDDLE, of the other to the next pair's FIRST.

    `place` (Q + 1, 5): those, the HASHED arcs, the first MEMBER (-1: none), and where a pair WENT when others were dropped.
    `value` (8, Q): what members could move ON_ONE or ON_OTHER segment when last counted, the difference of FIXED costs, and what serves
    Newton's method. `slot` is a hash table of pairs.
    """

    place: Ints
    value: Floats
    slot: Shorts
    arcs: Shorts


MIDDLE, HASHED, MEMBER, WENT = range(1, 5)
ON_ONE, ON_OTHER, MOVE, RESIDUAL, DIRECTION, IMAGE, SCALE = 0, 2, 3, 4, 5, 6, 7

ONE, OTHER, MARKET, PAIR, AFTER = range(5)
"""Columns of the members (M, 5): two paths of a market that differ by a pair, and the member of the same pair after it (-1: none)."""


class Scratch(NamedTuple):
    """Working memory: of arcs (3, A) COST and sums ALONG and ACROSS, of nodes their `distance` and seven rows (7, N + 1) of
    the trees, and a `mark` of arcs."""

    arcs: Floats
    distance: Floats
    nodes: Shorts
    mark: NDArray[np.int8]


COST, ALONG, ACROSS = range(3)
QUEUE, STATE, STAMP, BEFORE, CHANGED, STACK, SORTED = range(7)

PATHS, ARCS, PAIRS, PAIR_ARCS, MEMBERS, LOADED, PASSES, SWEEPS, STEPS = range(9)
"""Places in the counts (9): paths, arcs of paths, pairs, arcs of pairs, members in use; markets that the last pass put on their
first path; passes, sweeps, Newton steps made."""

LEAST, EXCESS, UNREACHED, DAMPING, INTEGRAL = range(5)
"""Places in the figures (5): least cost of all trips at the times of the last pass, what is paid above it, trips that
reach nothing, damping of the next Newton step, sum of the arcs' integrals of time over flow."""
