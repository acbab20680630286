"""Time of an arc by its flow (Bureau of Public Roads 1964): free + rise · (max(flow, floor) / capacity)^power."""

from __future__ import annotations

from isthmus._kernels import kernel_part
from isthmus.assignment.arrays import FLOOR, FLOW, FREE, INVERSE, POWER, RISE, SLOPE, TIME

_LEAST = 1e-12  # load factor below which the slope of a power under 1 rises no further


@kernel_part
def set_delay(delays, load, a):  # type: ignore[no-untyped-def]
    """Time and slope of arc `a` at its flow."""
    rise = delays[RISE, a]
    if rise == 0.0:
        return
    power, inverse, floor = delays[POWER, a], delays[INVERSE, a], delays[FLOOR, a]
    is_flat = load[FLOW, a] < floor
    x = max(floor if is_flat else load[FLOW, a], 0.0) * inverse
    if power == 4.0:
        y = x * x * x
    elif power == 1.0:
        y = 1.0
    elif power < 1.0:
        y = max(x, _LEAST) ** (power - 1.0)
    else:
        y = x ** (power - 1.0)
    load[SLOPE, a] = 0.0 if is_flat else rise * power * y * inverse
    load[TIME, a] = delays[FREE, a] + rise * y * x


@kernel_part
def set_delays(delays, load):  # type: ignore[no-untyped-def]
    """Time and slope of all arcs."""
    for a in range(load.shape[1]):
        load[TIME, a] = delays[FREE, a]
        load[SLOPE, a] = 0.0
        set_delay(delays, load, a)


@kernel_part
def integrate_delays(delays, load):  # type: ignore[no-untyped-def]
    """Sum over arcs of the integral of time from no flow to the flow (Beckmann, McGuire and Winsten 1956)."""
    total = 0.0
    for a in range(load.shape[1]):
        v = max(load[FLOW, a], 0.0)
        total += delays[FREE, a] * v
        if delays[RISE, a] != 0.0 and v > 0.0:
            power, floor, inverse = delays[POWER, a], delays[FLOOR, a], delays[INVERSE, a]
            flat = (floor * inverse) ** power if floor > 0.0 else 0.0
            if v <= floor:
                total += delays[RISE, a] * v * flat
            else:
                rising = v * (v * inverse) ** power - floor * flat
                total += delays[RISE, a] * (floor * flat + rising / (power + 1.0))
    return total


@kernel_part
def delays_by_power(delays, load):  # type: ignore[no-untyped-def]
    """Sum over arcs of what their flow loses by delay, times the power or at least 1."""
    total = 0.0
    for a in range(load.shape[1]):
        if delays[RISE, a] != 0.0:
            delay = max(load[FLOW, a], 0.0) * max(load[TIME, a] - delays[FREE, a], 0.0)
            total += max(delays[POWER, a], 1.0) * delay
    return total
