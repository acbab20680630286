"""Time of an arc by its flow (Bureau of Public Roads 1964): free + rise · (max(flow, floor) / capacity)^power."""

from __future__ import annotations

from isthmus._kernels import kernel

_LEAST = 1e-12  # load factor below which the slope of a power under 1 rises no further


@kernel
def set_delay(delays, load, a):  # type: ignore[no-untyped-def]
    """Time and slope of arc `a` at its flow."""
    rise = delays.rise[a]
    if rise == 0.0:
        return
    power, inverse = delays.power[a], delays.inverse[a]
    is_flat = load.flow[a] < delays.floor[a]
    x = max(delays.floor[a] if is_flat else load.flow[a], 0.0) * inverse
    if power == 4.0:
        y = x * x * x
    elif power == 1.0:
        y = 1.0
    elif power < 1.0:
        y = max(x, _LEAST) ** (power - 1.0)
    else:
        y = x ** (power - 1.0)
    load.slope[a] = 0.0 if is_flat else rise * power * y * inverse
    load.time[a] = delays.free[a] + rise * y * x


@kernel
def set_delays(delays, load):  # type: ignore[no-untyped-def]
    """Time and slope of all arcs."""
    for a in range(load.flow.size):
        load.time[a] = delays.free[a]
        load.slope[a] = 0.0
        set_delay(delays, load, a)


@kernel
def integrate_delays(delays, flow):  # type: ignore[no-untyped-def]
    """Sum over arcs of the integral of time from no flow to `flow` (Beckmann, McGuire and Winsten 1956)."""
    total = 0.0
    for a in range(flow.size):
        v = max(flow[a], 0.0)
        total += delays.free[a] * v
        if delays.rise[a] != 0.0 and v > 0.0:
            power, floor = delays.power[a], delays.floor[a]
            flat = (floor * delays.inverse[a]) ** power if floor > 0.0 else 0.0
            if v <= floor:
                total += delays.rise[a] * v * flat
            else:
                rising = v * (v * delays.inverse[a]) ** power - floor * flat
                total += delays.rise[a] * (floor * flat + rising / (power + 1.0))
    return total


@kernel
def delays_by_power(delays, load):  # type: ignore[no-untyped-def]
    """Sum over arcs of what their flow loses by delay, times the power or at least 1."""
    total = 0.0
    for a in range(load.flow.size):
        if delays.rise[a] != 0.0:
            delay = max(load.flow[a], 0.0) * max(load.time[a] - delays.free[a], 0.0)
            total += max(delays.power[a], 1.0) * delay
    return total
