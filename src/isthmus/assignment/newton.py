"""Newton's method on the flows of all used paths at once (Bertsekas and Gafni 1983).

One pair after another converges slowly where a shift between long corridors moves many pairs together. Here the quadratic
model over all pairs is minimised by conjugate gradients, with the pairs' own curvature as preconditioner, the answer is cut
back to flows that are not negative, and the step along it searched, so that the objective never rises.
"""

from __future__ import annotations

from isthmus._kernels import kernel_inline, kernel_part
from isthmus.assignment.arrays import (
    ACROSS,
    ALONG,
    DIRECTION,
    FIRST,
    FIXED,
    FLOW,
    IMAGE,
    KEEP,
    MEMBER,
    MEMBERS,
    MIDDLE,
    MOVE,
    ON_ONE,
    ON_OTHER,
    ONE,
    OTHER,
    PAIRS,
    RESIDUAL,
    SCALE,
    SLOPE,
    TIME,
)
from isthmus.assignment.delays import set_delay
from isthmus.assignment.pairs import compare, count_movable, move_members

_FLAT = 1e-10  # share of the largest curvature that is added to each: arcs without slope
_ROUNDS = 6  # of holding pairs at their bounds


@kernel_part
def step_all(delays, load, paths, pairs, members, scratch, counts, iterations, tolerance, damping):  # type: ignore[no-untyped-def]
    """One Newton step on all pairs; returns the step taken along its direction (0: none)."""
    amount, pair_value = paths.amount, pairs.value
    number = counts[PAIRS]
    count_movable(paths, pairs, members, counts)
    if _solve(load, pairs, scratch, number, iterations, tolerance, damping) == 0:
        return 0.0
    for m in range(counts[MEMBERS]):
        amount[KEEP, members[m, ONE]] = amount[FLOW, members[m, ONE]]
        amount[KEEP, members[m, OTHER]] = amount[FLOW, members[m, OTHER]]
    fixed = 0.0
    for i in range(number):
        if pair_value[MOVE, i] != 0.0:
            pair_value[MOVE, i] = -move_members(paths, pairs, members, i, -pair_value[MOVE, i])
        fixed += pair_value[MOVE, i] * pair_value[FIXED, i]
    along = scratch.arcs[ALONG]
    for a in range(along.size):
        along[a] = 0.0
    _spread(pairs, pair_value[MOVE], along, number)
    step = _search(delays, load, along, scratch.arcs[ACROSS], fixed)
    if step < 1.0:
        for m in range(counts[MEMBERS]):
            for p in (members[m, ONE], members[m, OTHER]):
                amount[FLOW, p] = amount[KEEP, p] + step * (amount[FLOW, p] - amount[KEEP, p])
                amount[KEEP, p] = amount[FLOW, p]
        count_movable(paths, pairs, members, counts)
    if step > 0.0:
        for a in range(along.size):
            if along[a] != 0.0:
                load[FLOW, a] += step * along[a]
                set_delay(delays, load, a)
    return step


@kernel_part
def _spread(pairs, values, onto, number):  # type: ignore[no-untyped-def]
    """Add a value of each pair to its one segment and take it off the other."""
    place, pair_arcs = pairs.place, pairs.arcs
    for i in range(number):
        value = values[i]
        if value == 0.0:
            continue
        for k in range(place[i, FIRST], place[i, MIDDLE]):
            onto[pair_arcs[k]] += value
        for k in range(place[i, MIDDLE], place[i + 1, FIRST]):
            onto[pair_arcs[k]] -= value


@kernel_inline
def _gather(pairs, values, i):  # type: ignore[no-untyped-def]
    place, pair_arcs = pairs.place, pairs.arcs
    total = 0.0
    for k in range(place[i, FIRST], place[i, MIDDLE]):
        total += values[pair_arcs[k]]
    for k in range(place[i, MIDDLE], place[i + 1, FIRST]):
        total -= values[pair_arcs[k]]
    return total


@kernel_part
def _solve(load, pairs, scratch, number, iterations, tolerance, damping):  # type: ignore[no-untyped-def]
    """Fill MOVE of the pairs with the minimiser of the quadratic model within what may move; returns iterations made.

    What a round moves too far is held at its bound in the next.
    """
    place, pair_value = pairs.place, pairs.value
    residual, scale, move = pair_value[RESIDUAL], pair_value[SCALE], pair_value[MOVE]
    largest = 0.0
    for i in range(number):
        dearer, slope = 0.0, 0.0
        if place[i, MEMBER] >= 0:
            dearer, slope = compare(load, pairs, i)
        may_move = (pair_value[ON_ONE, i] if dearer > 0.0 else pair_value[ON_OTHER, i]) > 0.0
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


@kernel_part
def _descend(load, pairs, scratch, number, damping, iterations, target):  # type: ignore[no-untyped-def]
    """Conjugate gradients on the pairs with a scale; returns iterations made."""
    pair_value, across = pairs.value, scratch.arcs[ACROSS]
    residual, direction, image = pair_value[RESIDUAL], pair_value[DIRECTION], pair_value[IMAGE]
    scale, move = pair_value[SCALE], pair_value[MOVE]
    product = 0.0
    for i in range(number):
        direction[i] = scale[i] * residual[i]
        product += direction[i] * residual[i]
    made = 0
    while made < iterations and product > target:
        _apply(load, pairs, across, direction, number)
        curvature = 0.0
        for i in range(number):
            if scale[i] != 0.0:
                image[i] = damping * direction[i] / scale[i] + _gather(pairs, across, i)
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


@kernel_part
def _apply(load, pairs, across, values, number):  # type: ignore[no-untyped-def]
    """Change of arc times, into `across`, for moves of the pairs."""
    for a in range(across.size):
        across[a] = 0.0
    _spread(pairs, values, across, number)
    for a in range(across.size):
        across[a] *= load[SLOPE, a]


@kernel_part
def _hold(load, pairs, scratch, number, damping):  # type: ignore[no-untyped-def]
    """Hold pairs at the bound that their move passed, and set the residuals of the others anew; returns how many."""
    pair_value, across = pairs.value, scratch.arcs[ACROSS]
    held = 0
    for i in range(number):
        if pair_value[SCALE, i] != 0.0 and pair_value[MOVE, i] != 0.0:
            most = pair_value[ON_ONE, i] if pair_value[MOVE, i] < 0.0 else pair_value[ON_OTHER, i]
            if abs(pair_value[MOVE, i]) > most:
                pair_value[MOVE, i] = most if pair_value[MOVE, i] > 0.0 else -most
                pair_value[SCALE, i] = 0.0
                held += 1
    if held > 0:
        _apply(load, pairs, across, pair_value[MOVE], number)
        for i in range(number):
            if pair_value[SCALE, i] != 0.0:
                dearer, _ = compare(load, pairs, i)
                pair_value[RESIDUAL, i] = (
                    -dearer - damping * pair_value[MOVE, i] / pair_value[SCALE, i] - _gather(pairs, across, i)
                )
            else:
                pair_value[RESIDUAL, i] = 0.0
    return held


@kernel_part
def _search(delays, load, along, keep, fixed):  # type: ignore[no-untyped-def]
    """Step in (0, 1] along a direction of arc flows at which the objective no longer falls, by regula falsi.

    Leaves the load as it was.
    """
    start = fixed
    for a in range(along.size):
        start += along[a] * load[TIME, a]
    if start >= 0.0:
        return 0.0
    for a in range(along.size):
        keep[a] = load[FLOW, a]
    low, low_value, high, high_value = 0.0, start, 1.0, 0.0
    step = 1.0
    for trial in range(6):
        value = fixed
        for a in range(along.size):
            if along[a] != 0.0:
                load[FLOW, a] = keep[a] + step * along[a]
                set_delay(delays, load, a)
                value += along[a] * load[TIME, a]
        if value > 0.0:
            high, high_value = step, value
        else:
            low, low_value = step, value
            if trial == 0 or value > 0.2 * start:
                break
        step = low + (high - low) * min(max(low_value / (low_value - high_value), 0.1), 0.9)
    for a in range(along.size):
        if along[a] != 0.0:
            load[FLOW, a] = keep[a]
            set_delay(delays, load, a)
    return low
