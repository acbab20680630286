"""Price of a slot in a capacity pool: rises with load and walls at capacity.

At load factor x the price is w x^k / (1 - x): the delay curve of a queue (Davidson 1966) with a flat start.
Its integral P and the conjugate of that are closed forms, so that pools enter the programme and its dual exactly.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel


@kernel
def slot_price(factor, scale, power):  # type: ignore[no-untyped-def]
    """Price of a slot (USD) at load factor `factor` in [0, 1)."""
    return scale * factor**power / (1.0 - factor)


@kernel
def slot_price_slope(factor, scale, power):  # type: ignore[no-untyped-def]
    """Derivative of the price with respect to the load factor, USD."""
    free = 1.0 - factor
    return scale * factor ** (power - 1) * (power / free + factor / (free * free))


@kernel
def slot_cost(factor, scale, power):  # type: ignore[no-untyped-def]
    """Integral of the price from 0 to `factor`, USD per slot of capacity."""
    if factor < 0.05:  # the closed form cancels here; the series does not
        total = 0.0
        term = factor ** (power + 1)
        for j in range(power + 1, power + 13):
            total += term / j
            term *= factor
        return scale * total
    total = -np.log1p(-factor)
    term = 1.0
    for j in range(1, power + 1):
        term *= factor
        total -= term / j
    return scale * total


@kernel
def load_factor(price, scale, power):  # type: ignore[no-untyped-def]
    """Load factor at which a slot costs `price`: the inverse of `slot_price`."""
    if price <= 0.0 or scale <= 0.0:
        return 0.0
    target = np.log(price / scale)
    low, high = 0.0, 1.0
    ratio = price / scale
    root = ratio if ratio > 1.0 else ratio ** (1.0 / power)
    x = root / (1.0 + root)
    for _ in range(80):
        error = power * np.log(x) - np.log1p(-x) - target
        if error > 0.0:
            high = x
        else:
            low = x
        step = error / (power / x + 1.0 / (1.0 - x))
        new = x - step
        if new <= low or new >= high:
            new = 0.5 * (low + high)
        if abs(new - x) <= 1e-15 * min(x, 1.0 - x):
            return new
        x = new
    return x
