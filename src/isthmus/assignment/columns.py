"""The pricing pass of the path-based equilibrium: trees, gap, new paths, pairs of paths to balance.

Column generation on the used paths of every market (Leventhal, Nemhauser and Trotter 1973): the tree of a source says what its
trips could cost at least; a market that pays more gets the tree's path beside its own.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel
from isthmus.assignment.arrays import ARCS, COST, LOADED, MEMBERS, PAIR_ARCS, PAIRS, PATHS, UNREACHED
from isthmus.assignment.delays import set_delay
from isthmus.assignment.pairs import balance, clear_pairs, close_ranks, pair_up
from isthmus.assignment.trees import grow_tree, mend_tree

_TIE = 1e-15  # relative difference of costs that is rounding


@kernel
def price(  # type: ignore[no-untyped-def]
    graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, slack, greedy
):  # fmt: skip
    """Bring all trees up to date, give markets that pay more than (1 + slack) of the least a new path, and pair it.

    Greedy, each source is loaded and balanced before the next one is looked at; otherwise times stand still and `figures` says
    what all trips would pay at least. Returns whether there was room; if not, enlarge the arrays and call again.
    """
    figures[COST] = 0.0
    figures[UNREACHED] = 0.0
    counts[LOADED] = 0
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        source, arrival, order = sources.node[s], trees.arrival[s], trees.order[s]
        if greedy or s == 0 or sources.kind[s] != sources.kind[s - 1]:
            for a in range(own.size):
                scratch.cost[a] = load.time[a] + own[a]
        if trees.reached[s] == 0:
            trees.reached[s] = grow_tree(graph, scratch.cost, source, arrival, order, scratch)
        else:
            trees.reached[s] = mend_tree(
                graph, scratch.cost, source, arrival, order, trees.reached[s], scratch
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
            if paths.on_tree[w] and not scratch.changed[target]:
                continue
            if paths.head[w] >= 0:
                paths.on_tree[w] = _is_known(graph, source, target, arrival, paths, w)
                if paths.on_tree[w] or not _pays_more(paths, load, w, least, slack, trips):
                    continue
            if not _has_room(paths, pairs, members, counts, w, order.size):
                for k in range(sources.first[s], sources.first[s + 1]):
                    paths.on_tree[k] = False
                return False
            is_first = paths.head[w] < 0
            _add_path(graph, own, source, target, arrival, paths, counts, w, trips if is_first else 0.0)
            paths.on_tree[w] = True
            if is_first:
                for k in range(paths.first[paths.head[w]], counts[ARCS]):
                    load.flow[paths.arcs[k]] += trips
                loaded = True
                counts[LOADED] += 1
            else:
                pair_up(paths, pairs, members, scratch.mark, own, counts, w, True)
                if greedy:
                    _balance_last(delays, load, paths, pairs, members, counts[MEMBERS] - 1)
        if loaded:
            for i in range(1, trees.reached[s]):
                set_delay(delays, load, arrival[order[i]])
    return True


@kernel
def _balance_last(delays, load, paths, pairs, members, m):  # type: ignore[no-untyped-def]
    """Balance the pair of a new member."""
    i = members.pair[m]
    if members.next[m] < 0:
        pairs.on_one[i] = 0.0
        pairs.on_other[i] = 0.0
    pairs.on_one[i] += paths.flow[members.one[m]]
    pairs.on_other[i] += paths.flow[members.other[m]]
    balance(delays, load, paths, pairs, members, i, 0.0)


@kernel
def pair_anew(fixed, sources, paths, pairs, members, scratch, counts, every):  # type: ignore[no-untyped-def]
    """Make the pairs of markets anew that have a path without flow, which is dropped, or of every market.

    Returns whether there was room.
    """
    if every:
        clear_pairs(pairs, counts)
        for w in range(paths.stale.size):
            paths.stale[w] = True
    else:
        _forget_stale(paths, pairs, members, counts)
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        for w in range(sources.first[s], sources.first[s + 1]):
            if not paths.stale[w]:
                continue
            paths.stale[w] = False
            if paths.head[w] < 0 or paths.next[paths.head[w]] < 0:
                continue
            _drop_empty(paths, w)
            if not _has_room(paths, pairs, members, counts, w, 0):
                return False
            pair_up(paths, pairs, members, scratch.mark, own, counts, w, False)
    return True


@kernel
def _forget_stale(paths, pairs, members, counts):  # type: ignore[no-untyped-def]
    """Forget the members of markets with a path that carries nothing, or with more than two of which
    the base carries little, and pairs without members."""
    for m in range(counts[MEMBERS]):
        w = members.market[m]
        on_one, on_other = paths.flow[members.one[m]], paths.flow[members.other[m]]
        if on_one <= 0.0 or on_other <= 0.0 or paths.next[paths.next[paths.head[w]]] >= 0:
            paths.stale[w] = True
    for i in range(counts[PAIRS]):
        pairs.member[i] = -1
    kept = 0
    for m in range(counts[MEMBERS]):
        if not paths.stale[members.market[m]]:
            members.one[kept] = members.one[m]
            members.other[kept] = members.other[m]
            members.base[kept] = members.base[m]
            members.market[kept] = members.market[m]
            members.pair[kept] = members.pair[m]
            pairs.member[members.pair[m]] = 0
            kept += 1
    counts[MEMBERS] = kept
    close_ranks(pairs, counts)
    for m in range(kept):
        members.pair[m] = pairs.place[members.pair[m]]
        members.next[m] = pairs.member[members.pair[m]]
        pairs.member[members.pair[m]] = m


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
def _drop_empty(paths, w):  # type: ignore[no-untyped-def]
    """Drop the paths of a market that carry nothing."""
    p, before = paths.head[w], -1
    while p >= 0:
        after = paths.next[p]
        if paths.flow[p] > 0.0:
            before = p
        else:
            paths.on_tree[w] = False
            if before < 0:
                paths.head[w] = after
            else:
                paths.next[before] = after
        p = after


@kernel
def _is_known(graph, source, target, arrival, paths, w):  # type: ignore[no-untyped-def]
    """Whether the tree's path is one of the market's."""
    p = paths.head[w]
    while p >= 0:
        node, k, end = target, paths.first[p], paths.first[p] + paths.size[p]
        while k < end and arrival[node] == paths.arcs[k]:
            node = graph.tail[paths.arcs[k]]
            k += 1
        if k == end and node == source:
            return True
        p = paths.next[p]
    return False
