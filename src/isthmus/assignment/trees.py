"""Shortest path trees that are mended rather than grown anew when costs change.

Labels are corrected with the double-ended queue of Pape (1974) and Pallottino (1984), which on sparse road networks is about
twice as fast as a heap; labels of an older tree, summed anew, are upper bounds from which the correction may go on, so that
a tree of which little changed costs one look at every arc.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel


@kernel
def _correct(graph, cost, source, arrival, scratch, front, back):  # type: ignore[no-untyped-def]
    """Correct labels from the nodes of the queue until no arc shortens any."""
    distance, queue, state = scratch.distance, scratch.queue, scratch.state
    size = queue.size
    while front != back:
        node = queue[front]
        front = front + 1 if front + 1 < size else 0
        state[node] = 2
        if not (graph.passable[node] or node == source):
            continue
        label = distance[node]
        for a in range(graph.first_out[node], graph.first_out[node + 1]):
            new = label + cost[a]
            head = graph.head[a]
            if new >= distance[head]:
                continue
            distance[head] = new
            arrival[head] = a
            if state[head] == 1:
                continue
            if state[head] == 2 or (front != back and new < distance[queue[front]]):
                front = front - 1 if front > 0 else size - 1
                queue[front] = head
            else:
                queue[back] = head
                back = back + 1 if back + 1 < size else 0
            state[head] = 1


@kernel
def _put_in_order(graph, source, arrival, order, scratch):  # type: ignore[no-untyped-def]
    """Order nodes so that each follows its parent, unreached ones last; returns how many are reached."""
    stamp, stack = scratch.stamp, scratch.stack
    nodes = order.size
    for i in range(nodes):
        stamp[i] = 0
    stamp[source] = 1
    count = 1
    stack[nodes] = source
    for i in range(nodes):
        node = order[i]
        depth = 0
        while stamp[node] == 0 and arrival[node] >= 0:
            stamp[node] = 1
            stack[depth] = node
            depth += 1
            node = graph.tail[arrival[node]]
        while depth > 0:
            depth -= 1
            stack[nodes + count] = stack[depth]
            count += 1
    reached = count
    for i in range(nodes):
        if stamp[order[i]] == 0:
            stack[nodes + count] = order[i]
            count += 1
    for i in range(nodes):
        order[i] = stack[nodes + i]
    return reached


@kernel
def grow_tree(graph, cost, source, arrival, order, scratch):  # type: ignore[no-untyped-def]
    """Tree of least cost from `source`; fills `scratch.distance` (inf where not reached) and `scratch.changed`."""
    for i in range(order.size):
        scratch.distance[i] = np.inf
        scratch.state[i] = 0
        scratch.changed[i] = True
        arrival[i] = -1
    scratch.distance[source] = 0.0
    scratch.queue[0] = source
    scratch.state[source] = 1
    _correct(graph, cost, source, arrival, scratch, 0, 1)
    for i in range(order.size):
        order[i] = i
    return _put_in_order(graph, source, arrival, order, scratch)


@kernel
def mend_tree(graph, cost, source, arrival, order, reached, scratch):  # type: ignore[no-untyped-def]
    """As `grow_tree`, from the tree as it was; `scratch.changed` tells nodes whose path is another one than before."""
    distance, queue, state, changed = scratch.distance, scratch.queue, scratch.state, scratch.changed
    distance[source] = 0.0
    for i in range(1, reached):
        node = order[i]
        a = arrival[node]
        distance[node] = distance[graph.tail[a]] + cost[a]
    for i in range(reached, order.size):
        distance[order[i]] = np.inf
    back = 0
    for i in range(reached):
        node = order[i]
        if not (graph.passable[node] or node == source):
            continue
        label = distance[node]
        for a in range(graph.first_out[node], graph.first_out[node + 1]):
            new = label + cost[a]
            head = graph.head[a]
            if new >= distance[head]:
                continue
            if back == 0:
                for k in range(order.size):
                    scratch.before[k] = arrival[k]
                    state[k] = 2
            distance[head] = new
            arrival[head] = a
            if state[head] == 2:
                queue[back] = head
                back += 1
                state[head] = 1
    for i in range(order.size):
        changed[i] = False
    if back == 0:
        return reached
    _correct(graph, cost, source, arrival, scratch, 0, back)
    reached = _put_in_order(graph, source, arrival, order, scratch)
    for i in range(1, reached):
        node = order[i]
        a = arrival[node]
        changed[node] = a != scratch.before[node] or changed[graph.tail[a]]
    return reached


@kernel
def skim(graph, cost, zones, arrival, order, scratch, least):  # type: ignore[no-untyped-def]
    """Least cost between all `zones`, into the matrix `least` (inf where nothing leads)."""
    for i in range(zones.size):
        grow_tree(graph, cost, zones[i], arrival, order, scratch)
        for j in range(zones.size):
            least[i, j] = scratch.distance[zones[j]]
