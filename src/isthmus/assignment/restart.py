"""From a neighbour's paths to those of a changed problem."""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment.arrays import ARCS, FIRST, FIXED, FLOW, HEAD, NEXT, ON_TREE, PATHS, SIZE


@kernel
def adopt_paths(fixed, sources, old, paths, counts):  # type: ignore[no-untyped-def]
    """Copy the paths of every market that still are open, with flows that add up to its trips.

    `old` has the same markets. A market without an open path is left without any, and loaded by the next pass.
    """
    market, old_market, old_span, old_amount = paths.market, old.market, old.span, old.amount
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        for w in range(sources.first[s], sources.first[s + 1]):
            market[w, HEAD] = -1
            market[w, ON_TREE] = 0
            trips, carried = sources.trips[w], 0.0
            p = old_market[w, HEAD] if trips > 0.0 else -1
            while p >= 0:
                if old_amount[FLOW, p] > 0.0 and _fixed_cost(own, old, p) < np.inf:
                    carried += old_amount[FLOW, p]
                p = old_span[p, NEXT]
            p = old_market[w, HEAD] if carried > 0.0 else -1
            while p >= 0:
                total = _fixed_cost(own, old, p) if old_amount[FLOW, p] > 0.0 else np.inf
                if total < np.inf:
                    share = old_amount[FLOW, p] / carried
                    _copy_path(old, p, paths, counts, w, trips * share, total)
                p = old_span[p, NEXT]


@kernel_part
def _fixed_cost(own, paths, p):  # type: ignore[no-untyped-def]
    span, path_arcs = paths.span, paths.arcs
    total = 0.0
    for k in range(span[p, FIRST], span[p, FIRST] + span[p, SIZE]):
        total += own[path_arcs[k]]
    return total


@kernel_part
def _copy_path(old, p, paths, counts, w, flow, total):  # type: ignore[no-untyped-def]
    market, span, amount, path_arcs, old_span = paths.market, paths.span, paths.amount, paths.arcs, old.span
    new, end = counts[PATHS], counts[ARCS]
    for k in range(old_span[p, SIZE]):
        path_arcs[end + k] = old.arcs[old_span[p, FIRST] + k]
    span[new, FIRST] = end
    span[new, SIZE] = old_span[p, SIZE]
    amount[FLOW, new] = flow
    amount[FIXED, new] = total
    span[new, NEXT] = market[w, HEAD]
    market[w, HEAD] = new
    counts[PATHS] = new + 1
    counts[ARCS] = end + old_span[p, SIZE]


@kernel
def add_flows(sources, paths, kind, flow):  # type: ignore[no-untyped-def]
    """Add to `flow` what the paths of a class carry (-1: of all classes)."""
    market, span, amount, path_arcs = paths.market, paths.span, paths.amount, paths.arcs
    for s in range(sources.node.size):
        if kind < 0 or sources.kind[s] == kind:
            for w in range(sources.first[s], sources.first[s + 1]):
                p = market[w, HEAD]
                while p >= 0:
                    for k in range(span[p, FIRST], span[p, FIRST] + span[p, SIZE]):
                        flow[path_arcs[k]] += amount[FLOW, p]
                    p = span[p, NEXT]


@kernel
def add_selected(sources, paths, chosen, flow, through):  # type: ignore[no-untyped-def]
    """Of paths that use a chosen arc: add their flow to all their arcs in `flow`, and to their market in `through`."""
    market, span, amount, path_arcs = paths.market, paths.span, paths.amount, paths.arcs
    for w in range(len(market)):
        p = market[w, HEAD]
        while p >= 0:
            first, end = span[p, FIRST], span[p, FIRST] + span[p, SIZE]
            k = first
            while k < end and not chosen[path_arcs[k]]:
                k += 1
            if k < end:
                through[w] += amount[FLOW, p]
                for k in range(first, end):
                    flow[path_arcs[k]] += amount[FLOW, p]
            p = span[p, NEXT]
