"""Route sets: candidates by many shortest paths, the selection per market, path sizes from physical length.

Candidates come from labelling (Ben-Akiva, Bergman, Daly and Ramaswamy 1984) and link penalties (de la Barra, Perez and Anez 1993), on
trees from one origin, so that one search serves every destination. Neither depends on how a line is cut into links.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment.shortest import shortest_to, trace
from isthmus.assignment.sorting import order_few

_USED = 1.001  # factor on an arc already used, so that its parallels are found


@kernel_part
def _hash(path, count, label):  # type: ignore[no-untyped-def]
    """64-bit hash (FNV-1a on words) of the labels of a path's arcs; runs of one label count once."""
    value = np.uint64(14695981039346656037)
    last = np.int64(-1)
    for i in range(count):
        word = label[path[i]]
        if word == last:
            continue
        last = word
        value = (value ^ np.uint64(word + 1)) * np.uint64(1099511628211)
    return value


@kernel
def find_paths(  # type: ignore[no-untyped-def]
    first_out, head, tail, passable, cost, variants, rounds, penalty, source, targets,
    label, segment, arcs, path_first, path_target, path_hash,
):  # fmt: skip
    """Distinct paths from `source` to each of `targets`; returns how many, or -1 if the buffers are too short.

    One tree for each row of `variants` (factors on the cost of every arc), then `rounds` trees in which the segments of the paths
    found last cost `penalty` times more each time, and of parallel arcs those not yet used come first.
    Path k is arcs[path_first[k] : path_first[k + 1]].
    """
    nodes, count = first_out.size - 1, 0
    distance, arrival = np.empty(nodes), np.empty(nodes, np.int64)
    heap_key, heap_node = np.empty(cost.size + 2), np.empty(cost.size + 2, np.int64)
    path = np.empty(nodes + 1, np.int64)
    weighted, factor = np.empty(cost.size), np.ones(cost.size)
    highest = 0
    for a in range(segment.size):
        highest = max(highest, segment[a])
    raised, own = np.ones(highest + 1), np.ones(cost.size)
    path_first[0] = 0
    wanted = np.zeros(nodes, np.bool_)
    for t in targets:
        wanted[t] = True
    for v in range(variants.shape[0] + rounds):
        for a in range(cost.size):
            factor[a] = variants[v, a] if v < variants.shape[0] else raised[segment[a]]
            weighted[a] = cost[a] * factor[a] * own[a]
        shortest_to(
            first_out,
            head,
            weighted,
            source,
            passable,
            wanted,
            targets.size,
            distance,
            arrival,
            heap_key,
            heap_node,
        )
        for t in targets:
            length = trace(arrival, tail, source, t, path)
            if length == 0 or not np.isfinite(distance[t]):
                continue
            if v == 0 or v >= variants.shape[0]:
                for i in range(length):
                    where = segment[path[i]]
                    raised[where] = max(raised[where], factor[path[i]] * penalty)
                    own[path[i]] = _USED
            key = _hash(path, length, label)
            known = False
            for k in range(count):
                if path_target[k] == t and path_hash[k] == key:
                    known = True
                    break
            if known:
                continue
            if count + 1 >= path_first.size or path_first[count] + length > arcs.size:
                return -1
            for i in range(length):
                arcs[path_first[count] + i] = path[i]
            path_target[count], path_hash[count] = t, key
            path_first[count + 1] = path_first[count] + length
            count += 1
    return count


@kernel
def path_hashes(path_first, arcs, label, out):  # type: ignore[no-untyped-def]
    """Hash of each path by the labels of its arcs."""
    for k in range(path_first.size - 1):
        first = path_first[k]
        out[k] = _hash(arcs[first:], path_first[k + 1] - first, label)


@kernel
def trunk_of(path_first, arcs, length, family, families, least, out):  # type: ignore[no-untyped-def]
    """Trunk mode of each path: the family with at least the share `least` of its length, else `families` (combined)."""
    parts = np.empty(families)
    for k in range(path_first.size - 1):
        parts[:] = 0.0
        total = 0.0
        for i in range(path_first[k], path_first[k + 1]):
            a = arcs[i]
            if family[a] >= 0:
                parts[family[a]] += length[a]
                total += length[a]
        out[k] = families
        for f in range(families):
            if parts[f] >= least * total:
                out[k] = f
                break


@kernel
def select_routes(  # type: ignore[no-untyped-def]
    market_profile, market_group, allowed, group_first, path_first, arcs, path_hash, trunk, costs, kappa, factor, margin, most, only_shut,
    entry_first, base_cost, turn, chosen,
):  # fmt: skip
    """Choose each market's routes among the candidates of its group under one state of the network.

    A route stays if it costs at most factor x best + margin / scale, scale = kappa / best; at most `most` of them, cheapest
    first, routes that differ only in parallel arcs counted as one.
    Entry entry_first[m] + k of `chosen` is candidate k of market m; it is set to `turn` where chosen and still 0.
    In turn 1 `base_cost` is filled; with `only_shut` only candidates infinite there may be chosen.
    """
    longest = 0
    for g in range(group_first.size - 1):
        longest = max(longest, group_first[g + 1] - group_first[g])
    cost, picked, order = np.empty(longest), np.zeros(longest, np.bool_), np.empty(longest, np.int64)
    for m in range(market_profile.size):
        first = group_first[market_group[m]]
        size = group_first[market_group[m] + 1] - first
        row, entry = market_profile[m], entry_first[m]
        best = np.inf
        for k in range(size):
            cost[k] = np.inf
            if allowed[m, trunk[first + k]]:
                total = 0.0
                for i in range(path_first[first + k], path_first[first + k + 1]):
                    total += costs[row, arcs[i]]
                cost[k] = total
            best = min(best, cost[k])
            if turn == 1:
                base_cost[entry + k] = cost[k]
        if not np.isfinite(best):
            continue
        limit = factor * best + margin * best / kappa
        taken = 0
        picked[:size] = False
        order_few(cost, size, order)
        for k in order[:size]:
            if not cost[k] <= limit or taken >= most:
                break
            if only_shut and np.isfinite(base_cost[entry + k]):
                continue
            twin = False
            for j in range(size):
                if j != k and picked[j] and path_hash[first + j] == path_hash[first + k]:
                    twin = True
                    break
            picked[k] = True
            taken += 0 if twin else 1
            if chosen[entry + k] == 0:
                chosen[entry + k] = turn


@kernel
def path_sizes(  # type: ignore[no-untyped-def]
    chosen_first, chosen, path_first, arcs, path_hash, is_open, segment, length, segments, out,
):  # fmt: skip
    """Natural log of the path size of each chosen route (Ben-Akiva and Bierlaire 1999): sum over its segments of their share of
    its length over the number of routes of the market that use them.

    Parallel arcs are one segment, and routes that differ only in which of them they take count as one. Only routes open at the base
    count, and the route itself.
    """
    users = np.zeros(segments, np.int64)
    for m in range(chosen_first.size - 1):
        first, last = chosen_first[m], chosen_first[m + 1]
        for j in range(first, last):
            if is_open[j] and _earlier_twin(chosen, path_hash, is_open, first, j) < 0:
                for i in range(path_first[chosen[j]], path_first[chosen[j] + 1]):
                    users[segment[arcs[i]]] += 1
        for j in range(first, last):
            open_twins = 0
            for other in range(first, last):
                if is_open[other] and path_hash[chosen[other]] == path_hash[chosen[j]]:
                    open_twins += 1
            total, size = 0.0, 0.0
            for i in range(path_first[chosen[j]], path_first[chosen[j] + 1]):
                a = arcs[i]
                others = users[segment[a]] + (0 if open_twins > 0 else 1)
                total += length[a]
                size += length[a] / others
            out[j] = np.log(size / total) if total > 0.0 else 0.0
        for j in range(first, last):
            for i in range(path_first[chosen[j]], path_first[chosen[j] + 1]):
                users[segment[arcs[i]]] = 0


@kernel_part
def _earlier_twin(chosen, path_hash, is_open, first, j):  # type: ignore[no-untyped-def]
    for other in range(first, j):
        if is_open[other] and path_hash[chosen[other]] == path_hash[chosen[j]]:
            return other
    return -1


@kernel
def route_sums(market, market_profile, path, path_first, arcs, costs, out):  # type: ignore[no-untyped-def]
    """Cost of each route by its market's profile: sum of costs[profile] over the arcs of its path."""
    for r in range(path.size):
        row = market_profile[market[r]]
        total = 0.0
        for i in range(path_first[path[r]], path_first[path[r] + 1]):
            total += costs[row, arcs[i]]
        out[r] = total


@kernel
def twin_weights(market, twin, cost, scale, sharpness, out):  # type: ignore[no-untyped-def]
    """Natural log of the share of one route's weight that each of its twins has: routes of a market that differ only in which of
    parallel arcs they take (`twin` names the first of them) share it by a logit of `sharpness` times the market's scale.

    So a line entered twice, or built beside an equal one, changes nothing, and a better one takes all.
    """
    best = np.full(cost.size, np.inf)
    total = np.zeros(cost.size)
    for r in range(cost.size):
        best[twin[r]] = min(best[twin[r]], cost[r])
    for r in range(cost.size):
        if np.isfinite(cost[r]):
            total[twin[r]] += np.exp(-sharpness * scale[market[r]] * (cost[r] - best[twin[r]]))
    for r in range(cost.size):
        out[r] = 0.0
        if np.isfinite(cost[r]):
            out[r] = -sharpness * scale[market[r]] * (cost[r] - best[twin[r]]) - np.log(total[twin[r]])
