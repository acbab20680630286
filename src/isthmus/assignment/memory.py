"""The growing arrays of one solve: paths, pairs, members; and what is lent from solve to solve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isthmus.assignment.arrays import (
    ARCS,
    FIXED,
    KEEP,
    MEMBERS,
    PAIR_ARCS,
    PAIRS,
    PATHS,
    Floats,
    Ints,
    Pairs,
    Paths,
    Scratch,
    Shorts,
    Trees,
)

_GROWTH = 1.7


class State(NamedTuple):
    """Everything that a solve changes."""

    load: Floats
    trees: Trees
    paths: Paths
    pairs: Pairs
    members: Shorts
    counts: Ints
    figures: Floats


def make_scratch(nodes: int, arcs: int) -> Scratch:
    """Working memory of the kernels."""
    return Scratch(
        arcs=np.empty((3, arcs)),
        distance=np.empty(nodes),
        nodes=np.zeros((7, nodes + 1), np.int32),
        mark=np.zeros(arcs, np.int8),
    )


def make_state(nodes: int, arcs: int, sources: int, markets: int) -> State:
    """Arrays without content; memory that is not used is not taken from the machine."""
    paths, pairs = 3 * markets + 64, markets // 2 + 256
    return State(
        np.zeros((3, arcs)),
        Trees(
            np.empty((sources, nodes), np.int32), np.empty((sources, nodes), np.int32), np.zeros(sources, np.int32)
        ),
        _make_paths(markets, paths, paths * min(nodes, 40) + 4 * nodes),
        _make_pairs(pairs, pairs * min(nodes, 40) + 8 * nodes),
        np.empty((2 * markets + 256, 5), np.int32),
        np.zeros(9, np.int64),
        np.zeros(5),
    )  # fmt: skip


def _make_paths(markets: int, paths: int, arcs: int) -> Paths:
    return Paths(
        market=np.full((markets, 3), (-1, 0, 0), np.int32),
        span=np.empty((paths, 3), np.int64),
        amount=np.empty((3, paths)),
        arcs=np.empty(arcs, np.int32),
    )


def _make_pairs(pairs: int, arcs: int) -> Pairs:
    return Pairs(
        place=np.zeros((pairs + 1, 5), np.int64),
        value=np.empty((8, pairs)),
        slot=np.empty(1 << (2 * pairs).bit_length(), np.int32),
        arcs=np.empty(arcs, np.int32),
    )


def with_more_room(state: State) -> State:
    """The same paths in larger arrays; pairs must be made anew."""
    paths, counts = state.paths, state.counts
    used, arcs = int(counts[PATHS]), int(counts[ARCS])
    larger = _make_paths(len(paths.market), int(_GROWTH * len(paths.span)), int(_GROWTH * paths.arcs.size))
    _copy_paths(paths, larger, used, arcs)
    pairs = int(_GROWTH * state.pairs.value.shape[1])
    return state._replace(
        paths=larger,
        pairs=_make_pairs(pairs, int(_GROWTH * state.pairs.arcs.size)),
        members=np.empty((int(_GROWTH * len(state.members)), 5), np.int32),
    )


def _copy_paths(old: Paths, new: Paths, used: int, arcs: int) -> None:
    new.market[:] = old.market
    new.span[:used] = old.span[:used]
    new.amount[:KEEP, :used] = old.amount[:KEEP, :used]
    new.arcs[:arcs] = old.arcs[:arcs]


def fits(state: State, start: State) -> bool:
    """Whether the content of a state has room in another and leaves a third of its paths free."""
    needed = start.counts
    return bool(
        1.4 * needed[PATHS] < len(state.paths.span)
        and 1.4 * needed[ARCS] < state.paths.arcs.size
        and 1.2 * needed[PAIRS] < state.pairs.value.shape[1]
        and 1.2 * needed[PAIR_ARCS] < state.pairs.arcs.size
        and 1.2 * needed[MEMBERS] < len(state.members)
    )


def copy_trees(start: State, state: State) -> None:
    """Copy trees and load."""
    for name in Trees._fields:
        getattr(state.trees, name)[...] = getattr(start.trees, name)
    state.load[...] = start.load


def copy_state(start: State, state: State) -> None:
    """Copy everything that a solve reads; both have room for it."""
    counts = start.counts
    copy_trees(start, state)
    _copy_paths(start.paths, state.paths, int(counts[PATHS]), int(counts[ARCS]))
    pairs, arcs, members = int(counts[PAIRS]), int(counts[PAIR_ARCS]), int(counts[MEMBERS])
    state.pairs.place[: pairs + 1] = start.pairs.place[: pairs + 1]
    state.pairs.value[FIXED, :pairs] = start.pairs.value[FIXED, :pairs]
    state.pairs.arcs[:arcs] = start.pairs.arcs[:arcs]
    if state.pairs.slot.size == start.pairs.slot.size:
        state.pairs.slot[:] = start.pairs.slot
    else:
        state.pairs.slot[:] = -1
    state.members[:members] = start.members[:members]
    state.counts[:] = counts
    state.figures[:] = start.figures
