"""The pricing pass of the path-based equilibrium: trees, gap, new paths, pairs of paths to balance.

Column generation on the used paths of every market (Leventhal, Nemhauser and Trotter 1973): the tree of a source says what its
trips could cost at least; a market that pays more gets the tree's path beside its own.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel_inline, kernel_part
from isthmus.assignment.arrays import (
    AFTER,
    ARCS,
    CHANGED,
    COST,
    FIRST,
    FIXED,
    FLOW,
    HEAD,
    LEAST,
    LOADED,
    MARKET,
    MEMBER,
    MEMBERS,
    NEXT,
    ON_ONE,
    ON_OTHER,
    ON_TREE,
    ONE,
    OTHER,
    PAIR,
    PAIR_ARCS,
    PAIRS,
    PATHS,
    SIZE,
    STALE,
    TIME,
    UNREACHED,
    WENT,
)
from isthmus.assignment.delays import set_delay
from isthmus.assignment.pairs import balance, clear_pairs, close_ranks, pair_up
from isthmus.assignment.trees import mend_tree

_ALL = np.int64(-1)
_TIE = 1e-15  # relative difference of costs that is rounding


@kernel_part
def price(  # type: ignore[no-untyped-def]
    graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, slack, greedy
):  # fmt: skip
    """Bring all trees up to date, give markets that pay more than (1 + slack) of the least a new path, and pair it.

    Greedy, each source is loaded and balanced before the next one is looked at; otherwise times stand still and `figures` says
    what all trips would pay at least. Returns whether there was room; if not, enlarge the arrays and call again.
    """
    market, span, path_arcs = paths.market, paths.span, paths.arcs
    cost, changed, distance = scratch.arcs[COST], scratch.nodes[CHANGED], scratch.distance
    figures[LEAST] = 0.0
    figures[UNREACHED] = 0.0
    counts[LOADED] = 0
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        source, arrival, order = sources.node[s], trees.arrival[s], trees.order[s]
        if greedy or s == 0 or sources.kind[s] != sources.kind[s - 1]:
            for a in range(own.size):
                cost[a] = load[TIME, a] + own[a]
        trees.reached[s] = mend_tree(graph, cost, source, arrival, order, trees.reached[s], scratch)
        loaded = False
        for w in range(sources.first[s], sources.first[s + 1]):
            trips, target = sources.trips[w], sources.target[w]
            least = distance[target]
            if trips == 0.0:
                continue
            if least == np.inf:
                figures[UNREACHED] += trips
                continue
            figures[LEAST] += least * trips
            if market[w, ON_TREE] != 0 and changed[target] == 0:
                continue
            if market[w, HEAD] >= 0:
                is_known = _is_known(graph, source, target, arrival, paths, w)
                market[w, ON_TREE] = 1 if is_known else 0
                if is_known or not _pays_more(paths, load, w, least, slack, trips):
                    continue
            if not _has_room(paths, pairs, members, counts, w, order.size):
                for k in range(sources.first[s], sources.first[s + 1]):
                    market[k, ON_TREE] = 0
                return False
            is_first = market[w, HEAD] < 0
            _add_path(graph, own, source, target, arrival, paths, counts, w, trips if is_first else 0.0)
            market[w, ON_TREE] = 1
            if is_first:
                for k in range(span[market[w, HEAD], FIRST], counts[ARCS]):
                    load[FLOW, path_arcs[k]] += trips
                loaded = True
                counts[LOADED] += 1
            else:
                pair_up(paths, pairs, members, scratch.mark, own, counts, w, span[market[w, HEAD], NEXT])
                if greedy:
                    _balance_last(delays, load, paths, pairs, members, counts[MEMBERS] - 1)
        if loaded:
            for i in range(1, trees.reached[s]):
                set_delay(delays, load, np.int64(arrival[order[i]]))
    return True


@kernel_part
def _balance_last(delays, load, paths, pairs, members, m):  # type: ignore[no-untyped-def]
    """Balance the pair of a new member."""
    amount, pair_value = paths.amount, pairs.value
    i = np.int64(members[m, PAIR])
    if members[m, AFTER] < 0:
        pair_value[ON_ONE, i] = 0.0
        pair_value[ON_OTHER, i] = 0.0
    pair_value[ON_ONE, i] += amount[FLOW, members[m, ONE]]
    pair_value[ON_OTHER, i] += amount[FLOW, members[m, OTHER]]
    balance(delays, load, paths, pairs, members, i, 0.0)


@kernel_part
def pair_anew(fixed, sources, paths, pairs, members, scratch, counts, every):  # type: ignore[no-untyped-def]
    """Make the pairs of markets anew that have a path without flow, which is dropped, or of every market.

    Returns whether there was room.
    """
    market, span = paths.market, paths.span
    if every:
        clear_pairs(pairs, counts)
        for w in range(len(market)):
            market[w, STALE] = 1
    else:
        _forget_stale(paths, pairs, members, counts)
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        for w in range(sources.first[s], sources.first[s + 1]):
            if market[w, STALE] == 0:
                continue
            market[w, STALE] = 0
            if market[w, HEAD] < 0 or span[market[w, HEAD], NEXT] < 0:
                continue
            _drop_empty(paths, w)
            if not _has_room(paths, pairs, members, counts, w, np.int64(0)):
                return False
            pair_up(paths, pairs, members, scratch.mark, own, counts, w, _ALL)
    return True


@kernel_part
def _forget_stale(paths, pairs, members, counts):  # type: ignore[no-untyped-def]
    """Forget the members of markets with a path that carries nothing, or with more than two of which
    the base carries little, and pairs without members."""
    market, span, amount, place = paths.market, paths.span, paths.amount, pairs.place
    for m in range(counts[MEMBERS]):
        w = members[m, MARKET]
        on_one, on_other = amount[FLOW, members[m, ONE]], amount[FLOW, members[m, OTHER]]
        if on_one <= 0.0 or on_other <= 0.0 or span[span[market[w, HEAD], NEXT], NEXT] >= 0:
            market[w, STALE] = 1
    for i in range(counts[PAIRS]):
        place[i, MEMBER] = -1
    kept = 0
    for m in range(counts[MEMBERS]):
        if market[members[m, MARKET], STALE] == 0:
            members[kept, ONE] = members[m, ONE]
            members[kept, OTHER] = members[m, OTHER]
            members[kept, MARKET] = members[m, MARKET]
            members[kept, PAIR] = members[m, PAIR]
            place[members[m, PAIR], MEMBER] = 0
            kept += 1
    counts[MEMBERS] = kept
    close_ranks(pairs, counts)
    for m in range(kept):
        members[m, PAIR] = place[members[m, PAIR], WENT]
        members[m, AFTER] = place[members[m, PAIR], MEMBER]
        place[members[m, PAIR], MEMBER] = m


@kernel_part
def total_cost(load, paths, counts):  # type: ignore[no-untyped-def]
    """What all trips pay at the times of the load: time and fixed costs."""
    amount = paths.amount
    total = 0.0
    for a in range(load.shape[1]):
        total += load[FLOW, a] * load[TIME, a]
    for p in range(counts[PATHS]):
        total += amount[FLOW, p] * amount[FIXED, p]
    return total


@kernel_part
def _has_room(paths, pairs, members, counts, w, nodes):  # type: ignore[no-untyped-def]
    """Whether one more path and the pairs of a market fit."""
    market, span = paths.market, paths.span
    number, arcs = 1, nodes
    p = market[w, HEAD]
    while p >= 0:
        number += 1
        arcs += span[p, SIZE]
        p = span[p, NEXT]
    return (
        counts[PATHS] + 1 < len(span)
        and counts[ARCS] + nodes <= paths.arcs.size
        and counts[PAIRS] + number < len(pairs.place)
        and counts[MEMBERS] + number < len(members)
        and counts[PAIR_ARCS] + number * arcs <= pairs.arcs.size
    )


@kernel_part
def _add_path(graph, own, source, target, arrival, paths, counts, w, flow):  # type: ignore[no-untyped-def]
    """The tree's path as the first one of a market."""
    market, span, amount, path_arcs = paths.market, paths.span, paths.amount, paths.arcs
    p, end = counts[PATHS], counts[ARCS]
    span[p, FIRST] = end
    total = 0.0
    node = target
    while node != source:
        a = arrival[node]
        path_arcs[end] = a
        end += 1
        total += own[a]
        node = graph.tail[a]
    span[p, SIZE] = end - counts[ARCS]
    amount[FLOW, p] = flow
    amount[FIXED, p] = total
    span[p, NEXT] = market[w, HEAD]
    market[w, HEAD] = p
    counts[PATHS] = p + 1
    counts[ARCS] = end


@kernel_inline
def path_cost(paths, load, p):  # type: ignore[no-untyped-def]
    """Time and fixed cost of a path."""
    span, amount, path_arcs = paths.span, paths.amount, paths.arcs
    cost = amount[FIXED, p]
    for k in range(span[p, FIRST], span[p, FIRST] + span[p, SIZE]):
        cost += load[TIME, path_arcs[k]]
    return cost


@kernel_part
def _pays_more(paths, load, w, least, slack, trips):  # type: ignore[no-untyped-def]
    """Whether even the best path of a market costs more than the least, and its trips pay more than that and the slack."""
    market, span, amount = paths.market, paths.span, paths.amount
    excess, best = 0.0, np.inf
    p = market[w, HEAD]
    while p >= 0:
        cost = path_cost(paths, load, p)
        best = min(best, cost)
        excess += max(cost - least, 0.0) * amount[FLOW, p]
        p = span[p, NEXT]
    return best > least * (1.0 + _TIE) and excess > slack * least * trips


@kernel_part
def _drop_empty(paths, w):  # type: ignore[no-untyped-def]
    """Drop the paths of a market that carry nothing."""
    market, span, amount = paths.market, paths.span, paths.amount
    p, before = market[w, HEAD], -1
    while p >= 0:
        after = span[p, NEXT]
        if amount[FLOW, p] > 0.0:
            before = p
        else:
            market[w, ON_TREE] = 0
            if before < 0:
                market[w, HEAD] = after
            else:
                span[before, NEXT] = after
        p = after


@kernel_part
def _is_known(graph, source, target, arrival, paths, w):  # type: ignore[no-untyped-def]
    """Whether the tree's path is one of the market's."""
    market, span, path_arcs = paths.market, paths.span, paths.arcs
    p = market[w, HEAD]
    while p >= 0:
        node, k, end = target, span[p, FIRST], span[p, FIRST] + span[p, SIZE]
        while k < end and arrival[node] == path_arcs[k]:
            node = graph.tail[path_arcs[k]]
            k += 1
        if k == end and node == source:
            return True
        p = span[p, NEXT]
    return False
