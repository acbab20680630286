"""From a neighbour's paths to those of a changed problem."""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel
from isthmus.assignment.arrays import ARCS, PATHS


@kernel
def adopt_paths(fixed, sources, old, paths, counts):  # type: ignore[no-untyped-def]
    """Copy the paths of every market that still are open, with flows that add up to its trips.

    `old` has the same markets. A market without an open path is left without any, and loaded by the next pass.
    """
    for s in range(sources.node.size):
        own = fixed[sources.kind[s]]
        for w in range(sources.first[s], sources.first[s + 1]):
            paths.head[w] = -1
            paths.on_tree[w] = False
            trips, carried = sources.trips[w], 0.0
            p = old.head[w] if trips > 0.0 else -1
            while p >= 0:
                if old.flow[p] > 0.0 and _fixed_cost(own, old, p) < np.inf:
                    carried += old.flow[p]
                p = old.next[p]
            p = old.head[w] if carried > 0.0 else -1
            while p >= 0:
                total = _fixed_cost(own, old, p) if old.flow[p] > 0.0 else np.inf
                if total < np.inf:
                    share = old.flow[p] / carried
                    _copy_path(old, p, paths, counts, w, trips * share, total)
                p = old.next[p]


@kernel
def _fixed_cost(own, paths, p):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
        total += own[paths.arcs[k]]
    return total


@kernel
def _copy_path(old, p, paths, counts, w, flow, total):  # type: ignore[no-untyped-def]
    new, end = counts[PATHS], counts[ARCS]
    for k in range(old.size[p]):
        paths.arcs[end + k] = old.arcs[old.first[p] + k]
    paths.first[new] = end
    paths.size[new] = old.size[p]
    paths.flow[new] = flow
    paths.fixed[new] = total
    paths.next[new] = paths.head[w]
    paths.head[w] = new
    counts[PATHS] = new + 1
    counts[ARCS] = end + old.size[p]


@kernel
def add_flows(sources, paths, kind, flow):  # type: ignore[no-untyped-def]
    """Add to `flow` what the paths of a class carry (-1: of all classes)."""
    for s in range(sources.node.size):
        if kind < 0 or sources.kind[s] == kind:
            for w in range(sources.first[s], sources.first[s + 1]):
                p = paths.head[w]
                while p >= 0:
                    for k in range(paths.first[p], paths.first[p] + paths.size[p]):
                        flow[paths.arcs[k]] += paths.flow[p]
                    p = paths.next[p]


@kernel
def add_selected(sources, paths, chosen, flow, through):  # type: ignore[no-untyped-def]
    """Of paths that use a chosen arc: add their flow to all their arcs in `flow`, and to their market in `through`."""
    for w in range(paths.head.size):
        p = paths.head[w]
        while p >= 0:
            first, end = paths.first[p], paths.first[p] + paths.size[p]
            k = first
            while k < end and not chosen[paths.arcs[k]]:
                k += 1
            if k < end:
                through[w] += paths.flow[p]
                for k in range(first, end):
                    flow[paths.arcs[k]] += paths.flow[p]
            p = paths.next[p]
