"""Completions of a partial design, one by one, by the bounds that its relaxations left behind.

The dual of a relaxation is a sum over arcs. With marginal times t an arc that may be used costs it the conjugate of its total time,
f*(t) = p t0 b x^(p+1) / k^p at the flow x whose marginal time is t; what remains are all trips at the least cost of t. So one solve gives
a bound that is affine in the candidates (a generalised Benders cut, Geoffrion 1972): a base less the worth of those that are built. With
the budget's price it is the bound of the node; by itself it says of each completion whether that can be better than what is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isthmus._kernels import kernel
from isthmus.portfolio.instance import UNDECIDED, Flags, Floats, Ints

SMALL = 12  # undecided candidates up to which completions are looked at one by one
_ROOM = 1e-9  # of the bound, for rounding


@dataclass(frozen=True)
class Cut:
    """Every completion of the partial design it was made for, built (C), takes at least base - worth @ built.

    Attributes:
        base: time of all trips, in the unit of the network.
        worth: (C) time that a candidate saves at most; 0 for those that were decided.
    """

    base: float
    worth: Floats


@dataclass(frozen=True)
class Completions:
    """What is left of a partial design.

    Attributes:
        count: completions within the budget that no cut forbids.
        first: (_, C) some of them, all if there are few.
        never, always: (C) candidates that none, or all of them, build.
    """

    count: int
    first: Flags
    never: Flags
    always: Flags


def complete(
    design: Ints, cuts: Sequence[Cut], cost: Floats, left: float, enough: float, most: int
) -> Completions:
    """Completions of a partial design (C; at most SMALL undecided) with a bound below `enough`, and up to `most` of them.

    `left` is the budget for undecided candidates.
    """
    at = np.flatnonzero(design == UNDECIDED)
    built = design == 1
    base = np.array([cut.base - cut.worth[built].sum() for cut in cuts])
    worth = np.array([cut.worth[at] for cut in cuts]).reshape(len(cuts), at.size)
    codes = np.empty(most, np.int64)
    count, union, common = _walk(base, worth, cost[at], left, enough * (1.0 + _ROOM), codes)
    bits = np.arange(at.size)
    first = np.tile(built, (min(count, most), 1))
    first[:, at] = codes[: first.shape[0], None] >> bits & 1
    never, always = np.zeros(design.size, np.bool_), np.zeros(design.size, np.bool_)
    never[at] = (union >> bits & 1) == 0
    always[at] = (common >> bits & 1) == 1
    return Completions(count, first, never, always)


@kernel
def _walk(base, worth, cost, left, enough, codes):  # type: ignore[no-untyped-def]
    """Codes of completions (bit i: the i-th undecided is built); returns their number, and the bits that any and that all have."""
    cuts, size = worth.shape
    count, union, common = 0, 0, (1 << size) - 1
    for code in range(1 << size):
        spent = 0.0
        for i in range(size):
            if code >> i & 1:
                spent += cost[i]
        if spent > left:
            continue
        j = cuts - 1
        while j >= 0:
            bound = base[j]
            for i in range(size):
                if code >> i & 1:
                    bound -= worth[j, i]
            if bound >= enough:
                break
            j -= 1
        if j < 0:
            if count < codes.size:
                codes[count] = code
            count += 1
            union |= code
            common &= code
    return count, union, common
