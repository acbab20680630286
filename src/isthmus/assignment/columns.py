"""The pricing pass of the path-based equilibrium: trees, gap, new paths, pairs of paths to balance.

Column generation on the used paths of every market (Leventhal, Nemhauser and Trotter 1973): the tree of a source says what its
trips could cost at least; a market that pays more gets the tree's path beside its own.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel
from isthmus.assignment.arrays import ARCS, COST, EXCESS, PAIR_ARCS, PAIRS, PATHS, UNREACHED
from isthmus.assignment.delays import set_delay
from isthmus.assignment.trees import grow_tree, mend_tree

_TIE = 1e-15  # relative difference of costs that is rounding


@kernel
def price(graph, delays, fixed, sources, load, trees, paths, pairs, scratch, counts, figures, slack, greedy):  # type: ignore[no-untyped-def]
    """Bring all trees up to date, give markets that pay more than (1 + slack) of the least a new path, pair up paths.

    Greedy, each source is loaded and balanced before the next one is looked at; otherwise times stand still and `figures` says
    what all trips pay above the least. Returns whether there was room; if not, enlarge the arrays and call again.
    """
    counts[PAIRS] = 0
    counts[PAIR_ARCS] = 0
    pairs.first[0] = 0
    figures[COST] = 0.0
    figures[EXCESS] = 0.0
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
            trips = sources.trips[w]
            target = sources.target[w]
            least = scratch.distance[target]
            if trips == 0.0:
                continue
            if least == np.inf:
                figures[UNREACHED] += trips
                continue
            figures[COST] += least * trips
            if paths.on_tree[w] and not scratch.changed[target]:
                continue
            if not _has_room(paths, pairs, counts, w, order.size):
                paths.on_tree[sources.first[s] : sources.first[s + 1]] = False
                return False
            if paths.head[w] < 0:
                _add_path(graph, own, source, target, arrival, paths, counts, w, trips)
                paths.on_tree[w] = True
                _put(paths, counts[PATHS] - 1, load, trips)
                loaded = True
                continue
            excess, best = _pay(paths, load, w, least)
            figures[EXCESS] += excess
            tight = least * (1.0 + slack + _TIE)
            if best > tight or excess > (tight - least) * trips:
                if best > least * (1.0 + _TIE):
                    _add_path(graph, own, source, target, arrival, paths, counts, w, 0.0)
            one = paths.next[paths.head[w]] < 0
            paths.on_tree[w] = one and _is_tree_path(graph, source, target, arrival, paths, paths.head[w])
            if not one:
                before = counts[PAIRS]
                _pair_up(paths, pairs, scratch, counts, w)
                if greedy:
                    for i in range(before, counts[PAIRS]):
                        balance(delays, load, paths, pairs, i, 0.0)
        if loaded:
            for i in range(1, trees.reached[s]):
                set_delay(delays, load, arrival[order[i]])
    return True


@kernel
def _has_room(paths, pairs, counts, w, nodes):  # type: ignore[no-untyped-def]
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
        and counts[PAIRS] + number < pairs.path.size
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
def _put(paths, p, load, trips):  # type: ignore[no-untyped-def]
    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
        load.flow[paths.arcs[k]] += trips


@kernel
def path_cost(paths, load, p):  # type: ignore[no-untyped-def]
    """Time and fixed cost of a path."""
    cost = paths.fixed[p]
    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
        cost += load.time[paths.arcs[k]]
    return cost


@kernel
def _pay(paths, load, w, least):  # type: ignore[no-untyped-def]
    """Drop the paths of a market that carry nothing; returns what its trips pay above the least, and its least path cost."""
    excess, best = 0.0, np.inf
    p, before = paths.head[w], -1
    while p >= 0:
        after = paths.next[p]
        if paths.flow[p] > 0.0:
            cost = path_cost(paths, load, p)
            best = min(best, cost)
            excess += max(cost - least, 0.0) * paths.flow[p]
            before = p
        elif before < 0:
            paths.head[w] = after
        else:
            paths.next[before] = after
        p = after
    return excess, best


@kernel
def _is_tree_path(graph, source, target, arrival, paths, p):  # type: ignore[no-untyped-def]
    node = target
    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
        a = paths.arcs[k]
        if arrival[node] != a:
            return False
        node = graph.tail[a]
    return node == source


@kernel
def _pair_up(paths, pairs, scratch, counts, w):  # type: ignore[no-untyped-def]
    """Pair every path of a market with the one that carries most."""
    base, p = paths.head[w], paths.next[paths.head[w]]
    while p >= 0:
        if paths.flow[p] > paths.flow[base]:
            base = p
        p = paths.next[p]
    p = paths.head[w]
    while p >= 0:
        if p != base:
            _pair(paths, pairs, scratch.mark, counts, p, base)
        p = paths.next[p]


@kernel
def _pair(paths, pairs, mark, counts, path, base):  # type: ignore[no-untyped-def]
    """List the arcs of a path and of a base path that are not in both."""
    arcs, f, g = paths.arcs, paths.first[path], paths.first[base]
    f_end, g_end = f + paths.size[path], g + paths.size[base]
    while f < f_end and g < g_end and arcs[f] == arcs[g]:
        f += 1
        g += 1
    while f < f_end and g < g_end and arcs[f_end - 1] == arcs[g_end - 1]:
        f_end -= 1
        g_end -= 1
    i, end = counts[PAIRS], counts[PAIR_ARCS]
    pairs.path[i] = path
    pairs.base[i] = base
    pairs.fixed[i] = paths.fixed[path] - paths.fixed[base]
    for k in range(g, g_end):
        mark[arcs[k]] = 1
    for k in range(f, f_end):
        a = arcs[k]
        if mark[a] == 1:
            mark[a] = 2
        else:
            pairs.arcs[end] = a
            end += 1
    pairs.middle[i] = end
    for k in range(g, g_end):
        a = arcs[k]
        if mark[a] == 1:
            pairs.arcs[end] = a
            end += 1
        mark[a] = 0
    pairs.first[i + 1] = end
    counts[PAIRS] = i + 1
    counts[PAIR_ARCS] = end


@kernel
def balance(delays, load, paths, pairs, i, skip):  # type: ignore[no-untyped-def]
    """Move flow from the dearer path of a pair to the other by Newton's step on their difference, corrected by its secant.

    Returns what the flow that could move paid too much before; nothing moves where that is not above `skip`.
    """
    first, middle, end = pairs.first[i], pairs.middle[i], pairs.first[i + 1]
    path, base = pairs.path[i], pairs.base[i]
    dearer, slope = pairs.fixed[i], 0.0
    for k in range(first, middle):
        dearer += load.time[pairs.arcs[k]]
        slope += load.slope[pairs.arcs[k]]
    for k in range(middle, end):
        dearer -= load.time[pairs.arcs[k]]
        slope += load.slope[pairs.arcs[k]]
    paid = dearer * paths.flow[path] if dearer > 0.0 else -dearer * paths.flow[base]
    if paid <= skip:
        return paid
    for _ in range(4):
        move = _step(dearer, slope, paths.flow[path], paths.flow[base])
        if move == 0.0:
            break
        paths.flow[path] -= move
        paths.flow[base] += move
        left = pairs.fixed[i]
        for k in range(first, middle):
            a = pairs.arcs[k]
            load.flow[a] -= move
            set_delay(delays, load, a)
            left += load.time[a]
        for k in range(middle, end):
            a = pairs.arcs[k]
            load.flow[a] += move
            set_delay(delays, load, a)
            left -= load.time[a]
        if left * dearer >= 0.0 or abs(left) <= 0.1 * abs(dearer):
            break
        slope = (dearer - left) / move
        dearer = left
    return paid


@kernel
def _step(dearer, slope, on_path, on_base):  # type: ignore[no-untyped-def]
    """Flow to take off the path (negative: off the base), not more than there is."""
    if dearer > 0.0:
        return dearer / slope if dearer < slope * on_path else on_path
    return dearer / slope if -dearer < slope * on_base else -on_base
