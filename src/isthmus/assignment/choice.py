"""Nested path-size logit with elastic demand: flows, surplus and curvature at given prices.

Routes: path-size logit (Ben-Akiva and Bierlaire 1999) inside a trunk mode, nested logit (McFadden 1978) between trunk modes,
a no-shipment alternative beside them, and tonnes elastic in the delivered price. The surplus of a market is a convex function
of its route costs whose gradient is minus the route flows (Fosgerau, McFadden and Bierlaire 2013): that is what makes the dual smooth.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment.sorting import sort_few


@kernel
def demand_curve(composite, tonnes, price, elasticity, pivot, ceiling, scale):  # type: ignore[no-untyped-def]
    """Tonnes, surplus and relative slope of one market at composite cost S.

    Returns (shipped tonnes, surplus in USD, -dD/dS / D per USD). Tonnes are `tonnes` at S = pivot; the surplus is the integral
    of shipped tonnes from S upwards, finite because of the no-shipment alternative at `ceiling`.
    """
    at_pivot = _with_alternative(pivot, ceiling, scale)
    best = _with_alternative(composite, ceiling, scale)
    share = np.exp(-scale * (composite - best))
    reference = tonnes / np.exp(-scale * (pivot - at_pivot))
    base = price + at_pivot
    ratio = (price + best) / base
    top = (price + ceiling) / base
    potential = reference * ratio**-elasticity
    if abs(elasticity - 1.0) < 1e-9:
        surplus = reference * base * np.log(top / ratio)
    else:
        surplus = (
            reference * base / (1.0 - elasticity) * (top ** (1.0 - elasticity) - ratio ** (1.0 - elasticity))
        )
    slope = elasticity * share / (price + best) + scale * (1.0 - share)
    return potential * share, surplus, slope


@kernel_part
def _with_alternative(composite, ceiling, scale):  # type: ignore[no-untyped-def]
    low = min(composite, ceiling)
    high = max(composite, ceiling)
    if not np.isfinite(high):
        return low
    return low - np.log1p(np.exp(-scale * (high - low))) / scale


@kernel
def route_shares(cost, log_size, first, last, scale, share):  # type: ignore[no-untyped-def]
    """Fill `share[first:last]` with logit shares within a nest; return the nest's composite cost (infinite if all are closed)."""
    best = np.inf
    for r in range(first, last):
        value = cost[r] - log_size[r] / scale
        best = min(best, value)
    if not np.isfinite(best):
        for r in range(first, last):
            share[r] = 0.0
        return np.inf
    total = 0.0
    for r in range(first, last):
        share[r] = np.exp(log_size[r] - scale * (cost[r] - best))
        total += share[r]
    for r in range(first, last):
        share[r] /= total
    return best - np.log(total) / scale


@kernel
def route_costs(cost, use_first, use_of, use, price, out):  # type: ignore[no-untyped-def]
    """Cost of each route with pool prices and stock values added: out = cost + use . price."""
    for r in range(cost.size):
        total = cost[r]
        for i in range(use_first[r], use_first[r + 1]):
            total += use[i] * price[use_of[i]]
        out[r] = total


@kernel
def load_markets(  # type: ignore[no-untyped-def]
    nest_first, route_first, log_size, tonnes, value, elasticity, pivot, ceiling, scale_route, scale_mode,
    cost, flow, nest_share, shipped, composite, surplus, slope,
):  # fmt: skip
    """Flows of every market at the route costs `cost`; fills the output arrays and returns the total surplus, USD."""
    total = 0.0
    for m in range(nest_first.size - 1):
        first, last = nest_first[m], nest_first[m + 1]
        best = np.inf
        for n in range(first, last):
            nest_share[n] = route_shares(
                cost, log_size, route_first[n], route_first[n + 1], scale_route[m], flow
            )
            best = min(best, nest_share[n])
        if not np.isfinite(best):
            for n in range(first, last):
                nest_share[n] = 0.0
            shipped[m], surplus[m], slope[m], composite[m] = 0.0, 0.0, 0.0, np.inf
            continue
        weight = 0.0
        for n in range(first, last):
            nest_share[n] = np.exp(-scale_mode[m] * (nest_share[n] - best))
            weight += nest_share[n]
        composite[m] = best - np.log(weight) / scale_mode[m]
        shipped[m], surplus[m], slope[m] = demand_curve(
            composite[m], tonnes[m], value[m], elasticity[m], pivot[m], ceiling[m], scale_mode[m]
        )
        for n in range(first, last):
            nest_share[n] /= weight
            for r in range(route_first[n], route_first[n + 1]):
                flow[r] *= nest_share[n] * shipped[m]
        total += surplus[m]
    return total


@kernel
def add_use(flow, use_first, use_of, use, load):  # type: ignore[no-untyped-def]
    """load += transpose(use) . flow."""
    for r in range(flow.size):
        if flow[r] > 0.0:
            for i in range(use_first[r], use_first[r + 1]):
                load[use_of[i]] += use[i] * flow[r]


@kernel_part
def _add_outer(matrix, index, value, count, weight):  # type: ignore[no-untyped-def]
    """Lower triangle of matrix += weight v v', with v sparse on ascending `index`."""
    for i in range(count):
        a = index[i]
        scaled = weight * value[i]
        for j in range(i + 1):
            matrix[a, index[j]] += scaled * value[j]


@kernel_part
def _gather(mean, touched, mark, stamp, count, use_first, use_of, use, r, weight):  # type: ignore[no-untyped-def]
    for i in range(use_first[r], use_first[r + 1]):
        v = use_of[i]
        if mark[v] != stamp:
            mark[v] = stamp
            mean[v] = 0.0
            touched[count] = v
            count += 1
        mean[v] += weight * use[i]
    return count


@kernel
def curvature(  # type: ignore[no-untyped-def]
    nest_first, route_first, scale_route, scale_mode, use_first, use_of, use, flow, shipped, slope, matrix,
):  # fmt: skip
    """Lower triangle of matrix += Hessian of the total surplus with respect to the prices of pools and stocks.

    Per market, with a_r the use row of route r: sum_r s f_r a_r a_r' - sum_n (s - t) F_n b_n b_n' - (t - d) D c c',
    b_n and c the flow-weighted means of a nest and of the market, s and t the scales, d the relative slope of demand.
    """
    size = matrix.shape[0]
    mean_nest, mean_all = np.zeros(size), np.zeros(size)
    mark_nest, mark_all = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    touched_nest, touched_all = np.zeros(size, np.int64), np.zeros(size, np.int64)
    row = np.zeros(size)
    for m in range(nest_first.size - 1):
        if shipped[m] <= 0.0:
            continue
        count_all = np.int64(0)
        for n in range(nest_first[m], nest_first[m + 1]):
            count = np.int64(0)
            volume = 0.0
            for r in range(route_first[n], route_first[n + 1]):
                volume += flow[r]
            if volume <= 0.0:
                continue
            for r in range(route_first[n], route_first[n + 1]):
                if flow[r] <= 0.0:
                    continue
                first = use_first[r]
                _add_outer(
                    matrix, use_of[first:], use[first:], use_first[r + 1] - first, scale_route[m] * flow[r]
                )
                count = _gather(
                    mean_nest, touched_nest, mark_nest, n, count, use_first, use_of, use, r, flow[r] / volume
                )
                count_all = _gather(
                    mean_all,
                    touched_all,
                    mark_all,
                    m,
                    count_all,
                    use_first,
                    use_of,
                    use,
                    r,
                    flow[r] / shipped[m],
                )
            sort_few(touched_nest, count)
            for i in range(count):
                row[i] = mean_nest[touched_nest[i]]
            _add_outer(matrix, touched_nest, row, count, (scale_mode[m] - scale_route[m]) * volume)
        sort_few(touched_all, count_all)
        for i in range(count_all):
            row[i] = mean_all[touched_all[i]]
        _add_outer(matrix, touched_all, row, count_all, (slope[m] - scale_mode[m]) * shipped[m])


@kernel
def load_empties(tail, head, cost, slope, use_first, use_of, use, price, pools, barrier, moved, gained, load):  # type: ignore[no-untyped-def]
    """Empty vehicles moved on each arc at the stock values; adds slots and stock changes to `load`; returns the dual term, USD.

    An arc's gain g is what a vehicle is worth more at its head, less its cost and slots. Moves e solve slope e - barrier / e = g:
    with a barrier of 0 that is e = max(0, g) / slope; a barrier above 0 rounds the corner (Chen and Harker 1993).
    """
    total = 0.0
    for e in range(tail.size):
        gain = price[pools + head[e]] - price[pools + tail[e]] - cost[e]
        for i in range(use_first[e], use_first[e + 1]):
            gain -= use[i] * price[use_of[i]]
        gained[e] = gain
        if not np.isfinite(gain):
            moved[e] = 0.0
            continue
        root = np.sqrt(gain * gain + 4.0 * slope[e] * barrier)
        moved[e] = (
            (gain + root) / (2.0 * slope[e]) if gain > 0.0 else 2.0 * barrier / max(root - gain, 1e-300)
        )
        if moved[e] <= 0.0:
            continue
        total += gain * moved[e] - 0.5 * slope[e] * moved[e] * moved[e]
        if barrier > 0.0:
            total += barrier * np.log(moved[e])
        load[pools + tail[e]] += moved[e]
        load[pools + head[e]] -= moved[e]
        for i in range(use_first[e], use_first[e + 1]):
            load[use_of[i]] += use[i] * moved[e]
    return total


@kernel
def curvature_empties(tail, head, slope, use_first, use_of, use, pools, barrier, moved, gained, matrix):  # type: ignore[no-untyped-def]
    """Lower triangle of matrix += curvature of the empties' dual term."""
    longest = 0
    for e in range(tail.size):
        longest = max(longest, use_first[e + 1] - use_first[e])
    index, value = np.zeros(longest + 2, np.int64), np.zeros(longest + 2)
    for e in range(tail.size):
        if moved[e] <= 0.0:
            continue
        count = 0
        for i in range(use_first[e], use_first[e + 1]):
            index[count], value[count] = use_of[i], -use[i]
            count += 1
        low, high = min(tail[e], head[e]), max(tail[e], head[e])
        sign = 1.0 if head[e] == low else -1.0
        index[count], value[count] = pools + low, sign
        index[count + 1], value[count + 1] = pools + high, -sign
        _add_outer(
            matrix,
            index,
            value,
            count + 2,
            moved[e] / np.sqrt(gained[e] * gained[e] + 4.0 * slope[e] * barrier),
        )


@kernel
def gap_of_empties(slope, moved, gained):  # type: ignore[no-untyped-def]
    """USD between what the moves cost and what the stock values say: slope e^2 / 2 - g e + max(0, g)^2 / (2 slope), summed."""
    total = 0.0
    for e in range(slope.size):
        if np.isfinite(gained[e]):
            short = max(gained[e], 0.0) - slope[e] * moved[e]
            total += 0.5 * short * short / slope[e] - min(gained[e], 0.0) * moved[e]
    return total
