"""The growing arrays of one solve: paths, pairs, members; and what is lent from solve to solve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isthmus.assignment.arrays import (
    ARCS,
    MEMBERS,
    PAIR_ARCS,
    PAIRS,
    PATHS,
    Floats,
    Ints,
    Load,
    Members,
    Pairs,
    Paths,
    Scratch,
    Trees,
)

_GROWTH = 1.7


class State(NamedTuple):
    """Everything that a solve changes."""

    load: Load
    trees: Trees
    paths: Paths
    pairs: Pairs
    members: Members
    counts: Ints
    figures: Floats


def make_scratch(nodes: int, arcs: int) -> Scratch:
    """Working memory of the kernels."""
    return Scratch(
        cost=np.empty(arcs),
        distance=np.empty(nodes),
        queue=np.empty(nodes + 1, np.int32),
        state=np.zeros(nodes, np.int8),
        stamp=np.empty(nodes, np.int32),
        stack=np.empty(2 * nodes, np.int32),
        before=np.empty(nodes, np.int32),
        changed=np.empty(nodes, np.bool_),
        mark=np.zeros(arcs, np.int8),
        along=np.empty(arcs),
        across=np.empty(arcs),
    )


def make_state(nodes: int, arcs: int, sources: int, markets: int) -> State:
    """Arrays without content; memory that is not used is not taken from the machine."""
    paths, pairs = 3 * markets + 64, markets // 2 + 256
    return State(
        Load(np.zeros(arcs), np.zeros(arcs), np.zeros(arcs)),
        Trees(
            np.empty((sources, nodes), np.int32), np.empty((sources, nodes), np.int32), np.zeros(sources, np.int32)
        ),
        _make_paths(markets, paths, paths * min(nodes, 40) + 4 * nodes),
        _make_pairs(pairs, pairs * min(nodes, 40) + 8 * nodes),
        _make_members(2 * markets + 256),
        np.zeros(9, np.int64),
        np.zeros(4),
    )  # fmt: skip


def _make_paths(markets: int, paths: int, arcs: int) -> Paths:
    return Paths(
        head=np.full(markets, -1, np.int32),
        on_tree=np.zeros(markets, np.bool_),
        stale=np.zeros(markets, np.bool_),
        first=np.empty(paths, np.int64),
        size=np.empty(paths, np.int32),
        flow=np.empty(paths),
        fixed=np.empty(paths),
        next=np.empty(paths, np.int32),
        keep=np.empty(paths),
        arcs=np.empty(arcs, np.int32),
    )


def _make_pairs(pairs: int, arcs: int) -> Pairs:
    return Pairs(
        first=np.zeros(pairs + 1, np.int64),
        middle=np.empty(pairs, np.int64),
        fixed=np.empty(pairs),
        member=np.empty(pairs, np.int32),
        on_one=np.empty(pairs),
        on_other=np.empty(pairs),
        hashed=np.empty(pairs, np.int64),
        place=np.empty(pairs, np.int32),
        slot=np.empty(1 << (2 * pairs).bit_length(), np.int32),
        arcs=np.empty(arcs, np.int32),
        move=np.empty(pairs),
        residual=np.empty(pairs),
        direction=np.empty(pairs),
        image=np.empty(pairs),
        scale=np.empty(pairs),
    )


def _make_members(members: int) -> Members:
    return Members(*(np.empty(members, np.int32) for _ in range(6)))


def with_more_room(state: State) -> State:
    """The same paths in larger arrays; pairs must be made anew."""
    paths, counts = state.paths, state.counts
    used, arcs = int(counts[PATHS]), int(counts[ARCS])
    larger = _make_paths(paths.head.size, int(_GROWTH * paths.flow.size), int(_GROWTH * paths.arcs.size))
    _copy_paths(paths, larger, used, arcs)
    pairs = int(_GROWTH * state.pairs.fixed.size)
    return state._replace(
        paths=larger,
        pairs=_make_pairs(pairs, int(_GROWTH * state.pairs.arcs.size)),
        members=_make_members(int(_GROWTH * state.members.one.size)),
    )


def _copy_paths(old: Paths, new: Paths, used: int, arcs: int) -> None:
    new.head[:] = old.head
    new.on_tree[:] = old.on_tree
    new.stale[:] = old.stale
    for name in ("first", "size", "flow", "fixed", "next"):
        getattr(new, name)[:used] = getattr(old, name)[:used]
    new.arcs[:arcs] = old.arcs[:arcs]


def fits(state: State, start: State) -> bool:
    """Whether the content of a state has room in another and leaves a third of its paths free."""
    needed = start.counts
    return bool(
        1.4 * needed[PATHS] < state.paths.flow.size
        and 1.4 * needed[ARCS] < state.paths.arcs.size
        and 1.2 * needed[PAIRS] < state.pairs.fixed.size
        and 1.2 * needed[PAIR_ARCS] < state.pairs.arcs.size
        and 1.2 * needed[MEMBERS] < state.members.one.size
    )


def copy_trees(start: State, state: State) -> None:
    """Copy trees and load."""
    for name in Trees._fields:
        getattr(state.trees, name)[...] = getattr(start.trees, name)
    for name in Load._fields:
        getattr(state.load, name)[...] = getattr(start.load, name)


def copy_state(start: State, state: State) -> None:
    """Copy everything that a solve reads; both have room for it."""
    counts = start.counts
    copy_trees(start, state)
    _copy_paths(start.paths, state.paths, int(counts[PATHS]), int(counts[ARCS]))
    pairs, arcs, members = int(counts[PAIRS]), int(counts[PAIR_ARCS]), int(counts[MEMBERS])
    state.pairs.first[: pairs + 1] = start.pairs.first[: pairs + 1]
    for name in ("middle", "fixed", "member", "hashed"):
        getattr(state.pairs, name)[:pairs] = getattr(start.pairs, name)[:pairs]
    state.pairs.arcs[:arcs] = start.pairs.arcs[:arcs]
    if state.pairs.slot.size == start.pairs.slot.size:
        state.pairs.slot[:] = start.pairs.slot
    else:
        state.pairs.slot[:] = -1
    for old, new in zip(start.members, state.members, strict=True):
        new[:members] = old[:members]
    state.counts[:] = counts
    state.figures[:] = start.figures
