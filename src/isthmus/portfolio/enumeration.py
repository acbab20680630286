"""Every design within a budget, one by one: the oracle of small instances."""

from __future__ import annotations

from itertools import product

import numpy as np

from isthmus._errors import UserError
from isthmus.portfolio.instance import DesignInstance, Flags
from isthmus.portfolio.leaves import Leaves

_MOST = 14


def enumerate_designs(instance: DesignInstance, budget: float) -> tuple[float, Flags, int]:
    """Least total time, the design (C) that reaches it, and how many designs the budget allows.

    Raises UserError for more than 14 candidates.
    """
    if instance.cost.size > _MOST:
        raise UserError(f"{instance.cost.size} candidates are too many to enumerate: at most {_MOST}.")
    leaves = Leaves(instance)
    best, design, count = np.inf, np.zeros(instance.cost.size, np.bool_), 0
    for choice in product((False, True), repeat=instance.cost.size):
        built = np.array(choice, np.bool_)
        if instance.cost[built].sum() <= budget * (1.0 + 1e-12):
            count += 1
            total = leaves.total(built, best)
            if total < best:
                best, design = total, built
    return best, design, count
