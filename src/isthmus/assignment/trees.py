"""Shortest path trees that are mended rather than grown anew when costs change.

Labels are corrected with the double-ended queue of Pape (1974) and Pallottino (1984), which on sparse road networks is about
twice as fast as a heap; labels of an older tree, summed anew, are upper bounds from which the correction may go on, so that
a tree of which little changed costs one look at every arc.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment.arrays import BEFORE, CHANGED, QUEUE, SORTED, STACK, STAMP, STATE


@kernel_part
def _correct(graph, cost, arrival, scratch, back):  # type: ignore[no-untyped-def]
    """Correct labels from the nodes at the places up to `back` of the queue, which may be passed through, until no arc shortens any."""
    distance, queue, state = scratch.distance, scratch.nodes[QUEUE], scratch.nodes[STATE]
    first_out, heads, passable = graph.first_out, graph.head, graph.passable
    front, size = 0, queue.size
    while front != back:
        node = queue[front]
        front = front + 1 if front + 1 < size else 0
        state[node] = 2
        label = distance[node]
        for a in range(first_out[node], first_out[node + 1]):
            new = label + cost[a]
            head = heads[a]
            if new >= distance[head]:
                continue
            distance[head] = new
            arrival[head] = a
            if state[head] == 1 or not passable[head]:
                continue
            if state[head] == 2 or (front != back and new < distance[queue[front]]):
                front = front - 1 if front > 0 else size - 1
                queue[front] = head
            else:
                queue[back] = head
                back = back + 1 if back + 1 < size else 0
            state[head] = 1


@kernel_part
def _put_in_order(graph, source, arrival, order, scratch):  # type: ignore[no-untyped-def]
    """Order nodes so that each follows its parent, unreached ones last; returns how many are reached."""
    stamp, stack, placed = scratch.nodes[STAMP], scratch.nodes[STACK], scratch.nodes[SORTED]
    tail, nodes = graph.tail, order.size
    for i in range(nodes):
        stamp[i] = 0
    stamp[source] = 1
    count = 1
    placed[0] = source
    for i in range(nodes):
        node = order[i]
        depth = 0
        while stamp[node] == 0 and arrival[node] >= 0:
            stamp[node] = 1
            stack[depth] = node
            depth += 1
            node = tail[arrival[node]]
        while depth > 0:
            depth -= 1
            placed[count] = stack[depth]
            count += 1
    reached = count
    for i in range(nodes):
        if stamp[order[i]] == 0:
            placed[count] = order[i]
            count += 1
    for i in range(nodes):
        order[i] = placed[i]
    return reached


@kernel_part
def mend_tree(graph, cost, source, arrival, order, reached, scratch):  # type: ignore[no-untyped-def]
    """Tree of least cost from `source`, from what it was at other costs (`reached` 0: none); returns how many nodes are reached.

    Fills `scratch.distance` (inf where not reached) and CHANGED of `scratch.nodes`: nodes whose path is another one than before.
    """
    distance, nodes = scratch.distance, scratch.nodes
    queue, state, before, changed = nodes[QUEUE], nodes[STATE], nodes[BEFORE], nodes[CHANGED]
    first_out, heads, tail, passable = graph.first_out, graph.head, graph.tail, graph.passable
    if reached == 0:
        for i in range(order.size):
            arrival[i] = -1
            order[i] = i
        order[0], order[source] = source, 0
        reached = 1
    distance[source] = 0.0
    for i in range(1, reached):
        node = order[i]
        a = arrival[node]
        distance[node] = distance[tail[a]] + cost[a]
    for i in range(reached, order.size):
        distance[order[i]] = np.inf
    back, is_same = np.int64(0), True
    for i in range(reached):
        node = order[i]
        if not (passable[node] or node == source):
            continue
        label = distance[node]
        for a in range(first_out[node], first_out[node + 1]):
            new = label + cost[a]
            head = heads[a]
            if new >= distance[head]:
                continue
            if is_same:
                is_same = False
                for k in range(order.size):
                    before[k] = arrival[k]
                    state[order[k]] = 2 if k < reached else 0
            distance[head] = new
            arrival[head] = a
            if state[head] != 1 and passable[head]:
                queue[back] = head
                back += 1
                state[head] = 1
    for i in range(order.size):
        changed[i] = 0
    if is_same:
        return reached
    _correct(graph, cost, arrival, scratch, back)
    reached = _put_in_order(graph, source, arrival, order, scratch)
    for i in range(1, reached):
        node = order[i]
        a = arrival[node]
        changed[node] = 1 if a != before[node] else changed[tail[a]]
    return reached


@kernel
def skim(graph, cost, zones, arrival, order, scratch, least):  # type: ignore[no-untyped-def]
    """Least cost between all `zones`, into the matrix `least` (inf where nothing leads)."""
    for i in range(zones.size):
        mend_tree(graph, cost, zones[i], arrival, order, 0, scratch)
        for j in range(zones.size):
            least[i, j] = scratch.distance[zones[j]]
