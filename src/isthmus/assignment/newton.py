"""Newton's method on the flows of all used paths at once (Bertsekas and Gafni 1983).

One pair after another converges slowly where a shift between long corridors moves many pairs together. Here the quadratic
model over all pairs is minimised by conjugate gradients, with the pairs' own curvature as preconditioner, the answer is cut
back to flows that are not negative, and the step along it searched, so that the objective never rises.
"""

from __future__ import annotations

from isthmus._kernels import kernel
from isthmus.assignment.arrays import MEMBERS, PAIRS
from isthmus.assignment.delays import set_delay
from isthmus.assignment.pairs import compare, count_movable, move_members

_FLAT = 1e-10  # share of the largest curvature that is added to each: arcs without slope
_ROUNDS = 6  # of holding pairs at their bounds


@kernel
def step_all(delays, load, paths, pairs, members, scratch, counts, iterations, tolerance, damping):  # type: ignore[no-untyped-def]
    """One Newton step on all pairs; returns the step taken along its direction (0: none)."""
    number = counts[PAIRS]
    count_movable(paths, pairs, members, counts)
    if _solve(load, pairs, scratch, number, iterations, tolerance, damping) == 0:
        return 0.0
    for m in range(counts[MEMBERS]):
        paths.keep[members.one[m]] = paths.flow[members.one[m]]
        paths.keep[members.other[m]] = paths.flow[members.other[m]]
    fixed = 0.0
    for i in range(number):
        if pairs.move[i] != 0.0:
            pairs.move[i] = -move_members(paths, pairs, members, i, -pairs.move[i])
        fixed += pairs.move[i] * pairs.fixed[i]
    along = scratch.along
    for a in range(along.size):
        along[a] = 0.0
    _spread(pairs, pairs.move, along, number)
    step = _search(delays, load, along, scratch.across, fixed)
    if step < 1.0:
        for m in range(counts[MEMBERS]):
            _go_back(paths, members.one[m], step)
            _go_back(paths, members.other[m], step)
        count_movable(paths, pairs, members, counts)
    if step > 0.0:
        for a in range(along.size):
            if along[a] != 0.0:
                load.flow[a] += step * along[a]
                set_delay(delays, load, a)
    return step


@kernel
def _go_back(paths, p, step):  # type: ignore[no-untyped-def]
    paths.flow[p] = paths.keep[p] + step * (paths.flow[p] - paths.keep[p])
    paths.keep[p] = paths.flow[p]


@kernel
def _spread(pairs, values, onto, number):  # type: ignore[no-untyped-def]
    """Add a value of each pair to its one segment and take it off the other."""
    for i in range(number):
        value = values[i]
        if value == 0.0:
            continue
        for k in range(pairs.first[i], pairs.middle[i]):
            onto[pairs.arcs[k]] += value
        for k in range(pairs.middle[i], pairs.first[i + 1]):
            onto[pairs.arcs[k]] -= value


@kernel
def _gather(pairs, values, i):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(pairs.first[i], pairs.middle[i]):
        total += values[pairs.arcs[k]]
    for k in range(pairs.middle[i], pairs.first[i + 1]):
        total -= values[pairs.arcs[k]]
    return total


@kernel
def _solve(load, pairs, scratch, number, iterations, tolerance, damping):  # type: ignore[no-untyped-def]
    """Fill `pairs.move` with the minimiser of the quadratic model within what may move; returns iterations made.

    What a round moves too far is held at its bound in the next.
    """
    residual, scale, move = pairs.residual, pairs.scale, pairs.move
    largest = 0.0
    for i in range(number):
        dearer, slope = compare(load, pairs, i) if pairs.member[i] >= 0 else (0.0, 0.0)
        may_move = (pairs.on_one[i] if dearer > 0.0 else pairs.on_other[i]) > 0.0
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
        product += residual[i] * residual[i] * scale[i]
    target = tolerance * tolerance * product
    made = 0
    for _ in range(_ROUNDS):
        made += _descend(load, pairs, scratch, number, damping, iterations, target)
        if _hold(load, pairs, scratch, number, damping) == 0:
            break
    return made


@kernel
def _descend(load, pairs, scratch, number, damping, iterations, target):  # type: ignore[no-untyped-def]
    """Conjugate gradients on the pairs with a scale; returns iterations made."""
    residual, direction, image, scale, move = (
        pairs.residual, pairs.direction, pairs.image, pairs.scale, pairs.move,
    )  # fmt: skip
    product = 0.0
    for i in range(number):
        direction[i] = scale[i] * residual[i]
        product += direction[i] * residual[i]
    made = 0
    while made < iterations and product > target:
        _apply(load, pairs, scratch, direction, number)
        curvature = 0.0
        for i in range(number):
            if scale[i] != 0.0:
                image[i] = damping * direction[i] / scale[i] + _gather(pairs, scratch.across, i)
                curvature += image[i] * direction[i]
        if curvature <= 0.0:
            break
        length = product / curvature
        before = product
        product = 0.0
        for i in range(number):
            if scale[i] != 0.0:
                move[i] += length * direction[i]
                residual[i] -= length * image[i]
                product += residual[i] * residual[i] * scale[i]
        for i in range(number):
            direction[i] = scale[i] * residual[i] + product / before * direction[i]
        made += 1
    return made


@kernel
def _apply(load, pairs, scratch, values, number):  # type: ignore[no-untyped-def]
    """Change of arc times, into `scratch.across`, for moves of the pairs."""
    across = scratch.across
    for a in range(across.size):
        across[a] = 0.0
    _spread(pairs, values, across, number)
    for a in range(across.size):
        across[a] *= load.slope[a]


@kernel
def _hold(load, pairs, scratch, number, damping):  # type: ignore[no-untyped-def]
    """Hold pairs at the bound that their move passed, and set the residuals of the others anew; returns how many."""
    held = 0
    for i in range(number):
        if pairs.scale[i] != 0.0 and pairs.move[i] != 0.0:
            most = pairs.on_one[i] if pairs.move[i] < 0.0 else pairs.on_other[i]
            if abs(pairs.move[i]) > most:
                pairs.move[i] = most if pairs.move[i] > 0.0 else -most
                pairs.scale[i] = 0.0
                held += 1
    if held > 0:
        _apply(load, pairs, scratch, pairs.move, number)
        for i in range(number):
            if pairs.scale[i] != 0.0:
                dearer, _ = compare(load, pairs, i)
                pairs.residual[i] = (
                    -dearer - damping * pairs.move[i] / pairs.scale[i] - _gather(pairs, scratch.across, i)
                )
            else:
                pairs.residual[i] = 0.0
    return held


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
    for a in range(along.size):
        keep[a] = load.flow[a]
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
