"""Shortest paths on a graph in forward-star form (Dijkstra 1959) with a binary heap."""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part

_ALL = np.int64(-1)


@kernel
def shortest_tree(first_out, head, cost, source, passable, distance, arrival, heap_key, heap_node):  # type: ignore[no-untyped-def]
    """Least cost from `source` to every node; fills `distance` (inf where not reached) and `arrival` (arc by which, or -1).

    As `shortest_to`, for all nodes.
    """
    shortest_to(
        first_out, head, cost, source, passable, passable, _ALL, distance, arrival, heap_key, heap_node
    )


@kernel_part
def shortest_to(  # type: ignore[no-untyped-def]
    first_out, head, cost, source, passable, wanted, count, distance, arrival, heap_key, heap_node
):  # fmt: skip
    """Least cost from `source` until `count` nodes with `wanted` true are settled (all nodes if `count` is negative).

    Nodes with `passable` false may begin or end a path but not lie inside one. `heap_key` and `heap_node` are scratch of at
    least the number of arcs + 1. Ties go to the arc met first, so that the answer does not depend on the run.
    """
    distance[:] = np.inf
    arrival[:] = -1
    distance[source] = 0.0
    heap_key[0], heap_node[0] = 0.0, source
    size = 1
    while size > 0:
        key, node = heap_key[0], heap_node[0]
        size -= 1
        _sink(heap_key, heap_node, size)
        if key > distance[node]:
            continue
        if count > 0 and wanted[node]:
            count -= 1
            if count == 0:
                return
        if not (passable[node] or node == source):
            continue
        for a in range(first_out[node], first_out[node + 1]):
            new = key + cost[a]
            if new < distance[head[a]]:
                distance[head[a]] = new
                arrival[head[a]] = a
                _rise(heap_key, heap_node, size, new, head[a])
                size += 1


@kernel_part
def _rise(heap_key, heap_node, size, key, node):  # type: ignore[no-untyped-def]
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap_key[parent] <= key:
            break
        heap_key[i], heap_node[i] = heap_key[parent], heap_node[parent]
        i = parent
    heap_key[i], heap_node[i] = key, node


@kernel_part
def _sink(heap_key, heap_node, size):  # type: ignore[no-untyped-def]
    """Move the last entry (at `size`) to the top and let it sink."""
    key, node = heap_key[size], heap_node[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap_key[child + 1] < heap_key[child]:
            child += 1
        if heap_key[child] >= key:
            break
        heap_key[i], heap_node[i] = heap_key[child], heap_node[child]
        i = child
    heap_key[i], heap_node[i] = key, node


@kernel
def trace(arrival, tail, source, target, path):  # type: ignore[no-untyped-def]
    """Arcs from `source` to `target` in order, into `path`; returns how many (0 if not reached)."""
    if arrival[target] < 0:
        return 0
    count = 0
    node = target
    while node != source:
        arc = arrival[node]
        path[count] = arc
        count += 1
        node = tail[arc]
    for i in range(count // 2):
        path[i], path[count - 1 - i] = path[count - 1 - i], path[i]
    return count
