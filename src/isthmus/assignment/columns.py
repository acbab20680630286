"""The pricing pass of the path-based equilibrium: trees, gap, new paths, pairs of paths to balance.

Column generation on the used paths of every market (Leventhal, Nemhauser and Trotter 1973): the tree of a source says what its
trips could cost at least; a market that pays more gets the tree's path beside its own.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel
from isthmus.assignment.arrays import ARCS, COST, MEMBERS, PAIR_ARCS, PAIRS, PATHS, UNREACHED
from isthmus.assignment.delays import set_delay
from isthmus.assignment.pairs import clear_pairs, pair_up
from isthmus.assignment.trees import grow_tree, mend_tree

_TIE = 1e-15  # relative difference of costs that is rounding


@kernel
def price(  # type: ignore[no-untyped-def]
    graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, slack, greedy, anew,
):  # fmt: skip
    """Bring all trees up to date, give markets that pay more than (1 + slack) of the least a new path, and pair it.

    Greedy, each source is loaded and balanced before the next one is looked at; otherwise times stand still and `figures` says
    what all trips would pay at least. `anew` drops paths that carry nothing and makes all pairs anew. Returns whether there was
    room; if not, enlarge the arrays and call again, anew.
    """
    if anew:
        clear_pairs(pairs, counts)
    figures[COST] = 0.0
    figures[UNREACHED] = 0.0
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        source, arrival, order = sources.node[s], trees.arrival[s], trees.order[s]
        if trees.reached[s] == 0:
            trees.reached[s] = grow_tree(graph, load.time, own, source, arrival, order, scratch)
        else:
            trees.reached[s] = mend_tree(
                graph, load.time, own, source, arrival, order, trees.reached[s], scratch
            )
        loaded = False
        for w in range(sources.first[s], sources.first[s + 1]):
            trips, target = sources.trips[w], sources.target[w]
            least = scratch.distance[target]
            if trips == 0.0:
                continue
            if least == np.inf:
                figures[UNREACHED] += trips
                continue
            figures[COST] += least * trips
            is_known = paths.on_tree[w] and not scratch.changed[target]
            if is_known and not (anew and paths.next[paths.head[w]] >= 0):
                continue
            if not _has_room(paths, pairs, members, counts, w, order.size):
                paths.on_tree[sources.first[s] : sources.first[s + 1]] = False
                return False
            if paths.head[w] < 0:
                _add_path(graph, own, source, target, arrival, paths, counts, w, trips)
                paths.on_tree[w] = True
                for k in range(paths.first[paths.head[w]], counts[ARCS]):
                    load.flow[paths.arcs[k]] += trips
                loaded = True
                continue
            tree_path = _tree_path(graph, source, target, arrival, paths, w)
            is_new = tree_path < 0 and _pays_more(paths, load, w, least, slack, trips)
            if is_new:
                _add_path(graph, own, source, target, arrival, paths, counts, w, 0.0)
                tree_path = paths.head[w]
            paths.on_tree[w] = tree_path >= 0
            if anew:
                _drop_empty(paths, w, tree_path)
                pair_up(paths, pairs, members, scratch.mark, own, counts, w, False, greedy, delays, load)
            elif is_new:
                pair_up(paths, pairs, members, scratch.mark, own, counts, w, True, False, delays, load)
        if loaded:
            for i in range(1, trees.reached[s]):
                set_delay(delays, load, arrival[order[i]])
    return True


@kernel
def total_cost(load, paths, counts):  # type: ignore[no-untyped-def]
    """What all trips pay at the times of the load: time and fixed costs."""
    total = 0.0
    for a in range(load.flow.size):
        total += load.flow[a] * load.time[a]
    for p in range(counts[PATHS]):
        total += paths.flow[p] * paths.fixed[p]
    return total


@kernel
def _has_room(paths, pairs, members, counts, w, nodes):  # type: ignore[no-untyped-def]
    """Whether one more path and the pairs of a market fit."""
    number, arcs = 1, nodes
    p = paths.head[w]
    while p >= 0:
        number += 1
        arcs += paths.size[p]
        p = paths.next[p]
    return (
        counts[PATHS] + 1 < paths.flow.size
        and counts[ARCS] + nodes <= paths.arcs.size
        and counts[PAIRS] + number < pairs.fixed.size
        and counts[MEMBERS] + number < members.one.size
        and counts[PAIR_ARCS] + number * arcs <= pairs.arcs.size
    )


@kernel
def _add_path(graph, own, source, target, arrival, paths, counts, w, flow):  # type: ignore[no-untyped-def]
    """The tree's path as the first one of a market."""
    p, end = counts[PATHS], counts[ARCS]
    paths.first[p] = end
    total = 0.0
    node = target
    while node != source:
        a = arrival[node]
        paths.arcs[end] = a
        end += 1
        total += own[a]
        node = graph.tail[a]
    paths.size[p] = end - counts[ARCS]
    paths.flow[p] = flow
    paths.fixed[p] = total
    paths.next[p] = paths.head[w]
    paths.head[w] = p
    counts[PATHS] = p + 1
    counts[ARCS] = end


@kernel
def path_cost(paths, load, p):  # type: ignore[no-untyped-def]
    """Time and fixed cost of a path."""
    cost = paths.fixed[p]
    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
        cost += load.time[paths.arcs[k]]
    return cost


@kernel
def _pays_more(paths, load, w, least, slack, trips):  # type: ignore[no-untyped-def]
    """Whether even the best path of a market costs more than the least, and its trips pay more than that and the slack."""
    excess, best = 0.0, np.inf
    p = paths.head[w]
    while p >= 0:
        cost = path_cost(paths, load, p)
        best = min(best, cost)
        excess += max(cost - least, 0.0) * paths.flow[p]
        p = paths.next[p]
    return best > least * (1.0 + _TIE) and excess > slack * least * trips


@kernel
def _drop_empty(paths, w, kept):  # type: ignore[no-untyped-def]
    """Drop the paths of a market that carry nothing, but for one."""
    p, before = paths.head[w], -1
    while p >= 0:
        after = paths.next[p]
        if paths.flow[p] > 0.0 or p == kept:
            before = p
        elif before < 0:
            paths.head[w] = after
        else:
            paths.next[before] = after
        p = after


@kernel
def _tree_path(graph, source, target, arrival, paths, w):  # type: ignore[no-untyped-def]
    """The path of a market that is the tree's (-1: none)."""
    p = paths.head[w]
    while p >= 0:
        node, k, end = target, paths.first[p], paths.first[p] + paths.size[p]
        while k < end and arrival[node] == paths.arcs[k]:
            node = graph.tail[paths.arcs[k]]
            k += 1
        if k == end and node == source:
            return p
        p = paths.next[p]
    return p
