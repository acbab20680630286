"""The whole solve as one kernel: pricing passes, and between them sweeps and Newton steps on the pairs they found."""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel
from isthmus.assignment.arrays import COST, EXCESS, PAIRS, PASSES, STEPS, SWEEPS
from isthmus.assignment.columns import pair_anew, price, total_cost
from isthmus.assignment.newton import step_all
from isthmus.assignment.pairs import balance

CONVERGED, STOPPED, NO_ROOM = range(3)
"""What `equilibrate` returns."""


@kernel
def equilibrate(  # type: ignore[no-untyped-def]
    graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, gap, limit, greedy,
    tune, trace,
):  # fmt: skip
    """Passes until what is paid above the least is `gap` of all that is paid, or `limit` passes are made."""
    estimate = 1.0
    every = True
    while True:
        is_greedy = counts[PASSES] < greedy
        slack = max(tune[0] * gap, tune[1] * estimate)
        if not pair_anew(fixed, sources, paths, pairs, members, scratch, counts, every):
            return NO_ROOM
        every = False
        if not price(
            graph, delays, fixed, sources, load, trees, paths, pairs, members, scratch, counts, figures, slack, is_greedy
        ):  # fmt: skip
            return NO_ROOM
        total = total_cost(load, paths, counts)
        figures[EXCESS] = max(total - figures[COST], 0.0)
        if not is_greedy:
            estimate = figures[EXCESS] / total
        if trace.size > counts[PASSES]:
            trace[counts[PASSES]] = figures[EXCESS] / total
        counts[PASSES] += 1
        if not is_greedy and figures[EXCESS] <= gap * total:
            return CONVERGED
        if counts[PASSES] >= limit:
            return STOPPED
        _settle(delays, load, paths, pairs, members, scratch, counts, gap * total, is_greedy, figures[EXCESS], tune)


@kernel
def _settle(delays, load, paths, pairs, members, scratch, counts, aim, is_greedy, excess, tune):  # type: ignore[no-untyped-def]
    """Balance the pairs at hand until what they pay too much is small against what the last pass found."""
    enough = max(tune[2] * aim, tune[3] * excess)
    skip = tune[4] * enough / max(counts[PAIRS], 1)
    before = np.inf
    for turn in range(int(tune[5])):
        paid = 0.0
        for i in range(counts[PAIRS]):
            paid += balance(delays, load, paths, pairs, members, i, skip)
        counts[SWEEPS] += 1
        if is_greedy or paid <= enough:
            return
        if turn >= tune[6] and paid > tune[7] * before:
            step_all(delays, load, paths, pairs, members, scratch, counts, int(tune[8]), tune[9])
            counts[STEPS] += 1
            before = np.inf
        else:
            before = paid
