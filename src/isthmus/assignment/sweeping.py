"""The whole solve as one kernel: pricing passes, and between them sweeps and Newton steps on the pairs they found."""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment.arrays import (
    DAMPING,
    EXCESS,
    FLOW,
    INTEGRAL,
    LEAST,
    LOADED,
    PAIRS,
    PASSES,
    STEPS,
    SWEEPS,
    TIME,
    UNREACHED,
)  # fmt: skip
from isthmus.assignment.columns import pair_anew, price, total_cost
from isthmus.assignment.delays import delays_by_power, integrate_delays, set_delays
from isthmus.assignment.newton import step_all
from isthmus.assignment.pairs import balance, count_movable

CONVERGED, STOPPED, NO_ROOM, DECIDED = range(4)
"""What `equilibrate` returns."""

COLD, PAIRED, ADOPTED = range(3)
"""From what `equilibrate` starts."""

_GREEDY = 2  # passes of a cold solve that load and balance source by source
_SLACK_OF_AIM, _SLACK_OF_GAP = 0.1, 0.01  # what a market may pay too much without a new path
_ENOUGH_OF_AIM, _ENOUGH_OF_GAP = 0.2, 0.1  # what pairs may pay too much when a pass is due
_SKIP = 0.03  # share of that, divided by the pairs, at which a pair is left alone
_TURNS = 20  # sweeps between two passes at most
_SLOW = 0.5  # of a sweep's excess left by the next: time for a Newton step
_ITERATIONS, _TOLERANCE = 40, 0.1  # of the conjugate gradients
_LEAST_DAMPING = 1e-5


@kernel
def equilibrate(  # type: ignore[no-untyped-def]
    graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, gap, limit, warm, enough, of_total,
):  # fmt: skip
    """Passes until what is paid above the least is `gap` of all that is paid, `limit` passes are made, or the answer is surely above
    `enough`: all that is paid at the equilibrium if `of_total`, otherwise the least objective.

    `warm` is COLD, PAIRED (pairs and figures are those of a neighbour, and are balanced before the first pass) or ADOPTED (there
    are paths with flows, but no pairs). Where there was no room call again with more, PAIRED as ADOPTED.
    """
    set_delays(delays, load)
    estimate, aim = 1.0, 0.0
    if warm != COLD:
        estimate = min(1.0, 10.0 * gap / _SLACK_OF_GAP * _SLACK_OF_AIM)
    if warm == PAIRED:
        figures[EXCESS] = 0.0
        aim = 3.0 * gap * figures[LEAST]
    every = warm != PAIRED
    is_priced = not every and enough == np.inf  # otherwise it may be decided before anything is balanced
    is_greedy = warm == COLD and counts[PASSES] < _GREEDY
    while True:
        if is_priced:
            _settle(delays, load, paths, pairs, members, scratch, counts, aim, figures, is_greedy)
        is_greedy = warm == COLD and counts[PASSES] < _GREEDY
        slack = max(_SLACK_OF_AIM * gap, _SLACK_OF_GAP * estimate)
        is_due = warm != PAIRED or counts[PASSES] > 0  # a neighbour's pairs serve for the first pass
        if is_due and not pair_anew(fixed, sources, paths, pairs, members, scratch, counts, every):
            return NO_ROOM
        every, is_priced = False, True
        if not price(
            graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, slack, is_greedy
        ):  # fmt: skip
            return NO_ROOM
        total = total_cost(load, paths, counts)
        figures[EXCESS] = max(total - figures[LEAST], 0.0)
        is_exact = not is_greedy and counts[LOADED] == 0
        if is_exact:
            estimate = figures[EXCESS] / total if total > 0.0 else 0.0
        counts[PASSES] += 1
        is_converged = is_exact and figures[EXCESS] <= gap * total
        if is_converged or (is_exact and counts[PASSES] >= limit):
            figures[INTEGRAL] = integrate_delays(delays, load)
            return CONVERGED if is_converged else STOPPED
        if is_exact and enough < np.inf and least_answer(delays, load, figures, total, of_total) > enough:
            figures[INTEGRAL] = integrate_delays(delays, load)
            return DECIDED
        aim = gap * total


@kernel_part
def _settle(delays, load, paths, pairs, members, scratch, counts, aim, figures, once):  # type: ignore[no-untyped-def]
    """Balance the pairs at hand until what they pay too much is small against what the last pass found, or `once`, all of them."""
    enough, skip = np.inf, 0.0
    if not once:
        enough = max(_ENOUGH_OF_AIM * aim, _ENOUGH_OF_GAP * figures[EXCESS])
        skip = _SKIP * enough / max(counts[PAIRS], 1)
    before = np.inf
    for turn in range(_TURNS):
        count_movable(paths, pairs, members, counts)
        paid = 0.0
        for i in range(counts[PAIRS]):
            paid += balance(delays, load, paths, pairs, members, i, skip)
        counts[SWEEPS] += 1
        if paid <= enough:
            return
        if turn < 2 or paid <= _SLOW * before:
            before = paid
            continue
        step = step_all(
            delays, load, paths, pairs, members, scratch, counts, _ITERATIONS, _TOLERANCE, figures[DAMPING]
        )
        counts[STEPS] += 1
        if step == 1.0:
            figures[DAMPING] = max(0.2 * figures[DAMPING], _LEAST_DAMPING)
        elif step < 0.5:
            figures[DAMPING] = min(10.0 * figures[DAMPING], 1.0)
        before = np.inf


@kernel
def least_answer(delays, load, figures, total, of_total):  # type: ignore[no-untyped-def]
    """Lower bound on what `enough` is asked of, by the last pass.

    With t the times now, x the flows and E what is paid above the least: times s and flows z of the equilibrium have t z >= t x - E
    and, as s (z - x) <= 0, sum (s - t)(z - x) <= E. Within these s z is least where, arc by arc, (s - t)(z + m (z - x)) is, less m E for
    any m >= 0; that is at least -p D / 4 (1 + m) for a delay D = x (t - free) of power p >= 1, and with the best m in all
    s z >= t x - sqrt(E sum p D), or t x - E - sum p D / 4 where E is above sum p D / 4.
    """
    excess = figures[EXCESS]
    if not of_total:
        on_top = total
        for a in range(load.shape[1]):
            on_top -= load[FLOW, a] * load[TIME, a]
        return integrate_delays(delays, load) + on_top - excess
    if figures[UNREACHED] > 0.0:
        return -np.inf
    steep = delays_by_power(delays, load)
    if steep < 4.0 * excess:
        return total - excess - 0.25 * steep
    return total - np.sqrt(excess * steep)
