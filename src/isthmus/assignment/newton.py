"""Newton's method on the flows of all used paths at once (Bertsekas and Gafni 1983).

One market after another converges slowly where a shift between long corridors moves many markets together. Here the quadratic
model over all pairs of paths is minimised by conjugate gradients, with the pairs' own curvature as preconditioner, the answer
is cut back to flows that are not negative, and the step along it searched, so that the objective never rises.
"""

from __future__ import annotations

from isthmus._kernels import kernel
from isthmus.assignment.arrays import PAIRS
from isthmus.assignment.delays import set_delay

_FLAT = 1e-10  # share of the largest curvature that is added to each: arcs without slope


@kernel
def step_all(delays, load, paths, pairs, scratch, counts, iterations, tolerance):  # type: ignore[no-untyped-def]
    """One Newton step on all pairs; returns the step taken along its direction (0: none)."""
    number = counts[PAIRS]
    if _solve(load, paths, pairs, scratch, number, iterations, tolerance) == 0:
        return 0.0
    fixed = _cut(paths, pairs, number)
    along = scratch.along
    along[:] = 0.0
    _spread(pairs, pairs.move, along, number)
    step = _search(delays, load, along, scratch.across, fixed)
    if step == 0.0:
        return 0.0
    for i in range(number):
        move = step * pairs.move[i]
        paths.flow[pairs.path[i]] = max(paths.flow[pairs.path[i]] + move, 0.0)
        paths.flow[pairs.base[i]] = max(paths.flow[pairs.base[i]] - move, 0.0)
    for a in range(along.size):
        if along[a] != 0.0:
            load.flow[a] += step * along[a]
            set_delay(delays, load, a)
    return step


@kernel
def _spread(pairs, values, onto, number):  # type: ignore[no-untyped-def]
    """Add a value of each pair to its path's arcs and take it off those of its base."""
    for i in range(number):
        value = values[i]
        if value == 0.0:
            continue
        for k in range(pairs.first[i], pairs.middle[i]):
            onto[pairs.arcs[k]] += value
        for k in range(pairs.middle[i], pairs.first[i + 1]):
            onto[pairs.arcs[k]] -= value


@kernel
def _solve(load, paths, pairs, scratch, number, iterations, tolerance):  # type: ignore[no-untyped-def]
    """Fill `pairs.move` with the minimiser of the quadratic model over pairs that may move; returns iterations made."""
    residual, direction, image, scale, move = (
        pairs.residual, pairs.direction, pairs.image, pairs.scale, pairs.move,
    )  # fmt: skip
    largest = 0.0
    for i in range(number):
        dearer, slope = pairs.fixed[i], 0.0
        for k in range(pairs.first[i], pairs.middle[i]):
            dearer += load.time[pairs.arcs[k]]
            slope += load.slope[pairs.arcs[k]]
        for k in range(pairs.middle[i], pairs.first[i + 1]):
            dearer -= load.time[pairs.arcs[k]]
            slope += load.slope[pairs.arcs[k]]
        may_move = paths.flow[pairs.path[i]] > 0.0 if dearer > 0.0 else paths.flow[pairs.base[i]] > 0.0
        residual[i] = -dearer if may_move else 0.0
        scale[i] = slope if may_move else 0.0
        largest = max(largest, scale[i])
        move[i] = 0.0
    if largest == 0.0:
        return 0
    flat = _FLAT * largest
    product = 0.0
    for i in range(number):
        scale[i] = 1.0 / (scale[i] + flat) if scale[i] > 0.0 or residual[i] != 0.0 else 0.0
        direction[i] = scale[i] * residual[i]
        product += direction[i] * residual[i]
    target = tolerance * tolerance * product
    made = 0
    while made < iterations and product > target:
        scratch.across[:] = 0.0
        _spread(pairs, direction, scratch.across, number)
        scratch.across[:] *= load.slope
        curvature = 0.0
        for i in range(number):
            if scale[i] == 0.0:
                continue
            value = flat * direction[i]
            for k in range(pairs.first[i], pairs.middle[i]):
                value += scratch.across[pairs.arcs[k]]
            for k in range(pairs.middle[i], pairs.first[i + 1]):
                value -= scratch.across[pairs.arcs[k]]
            image[i] = value
            curvature += value * direction[i]
        if curvature <= 0.0:
            break
        length = product / curvature
        before = product
        product = 0.0
        for i in range(number):
            if scale[i] == 0.0:
                continue
            move[i] += length * direction[i]
            residual[i] -= length * image[i]
            product += residual[i] * residual[i] * scale[i]
        for i in range(number):
            direction[i] = scale[i] * residual[i] + product / before * direction[i]
        made += 1
    return made


@kernel
def _cut(paths, pairs, number):  # type: ignore[no-untyped-def]
    """Cut moves back so that no path falls below nothing; returns the fixed cost of them all."""
    total = 0.0
    i = 0
    while i < number:
        base = pairs.base[i]
        end = i
        taken, given = 0.0, 0.0
        while end < number and pairs.base[end] == base:
            pairs.move[end] = max(pairs.move[end], -paths.flow[pairs.path[end]])
            taken += max(pairs.move[end], 0.0)
            given -= min(pairs.move[end], 0.0)
            end += 1
        most = paths.flow[base] + given
        share = most / taken if taken > most else 1.0
        for j in range(i, end):
            if pairs.move[j] > 0.0:
                pairs.move[j] *= share
            total += pairs.move[j] * pairs.fixed[j]
        i = end
    return total


@kernel
def _search(delays, load, along, keep, fixed):  # type: ignore[no-untyped-def]
    """Step in (0, 1] along a direction of arc flows at which the objective no longer falls, by regula falsi.

    Leaves the load as it was.
    """
    start = fixed
    for a in range(along.size):
        start += along[a] * load.time[a]
    if start >= 0.0:
        return 0.0
    keep[:] = load.flow
    low, low_value, high, high_value = 0.0, start, 1.0, 0.0
    step = 1.0
    for trial in range(6):
        value = fixed
        for a in range(along.size):
            if along[a] != 0.0:
                load.flow[a] = keep[a] + step * along[a]
                set_delay(delays, load, a)
                value += along[a] * load.time[a]
        if value > 0.0:
            high, high_value = step, value
        else:
            low, low_value = step, value
            if trial == 0 or value > 0.2 * start:
                break
        step = low + (high - low) * min(max(low_value / (low_value - high_value), 0.1), 0.9)
    for a in range(along.size):
        if along[a] != 0.0:
            load.flow[a] = keep[a]
            set_delay(delays, load, a)
    return low
