"""Sorting of some dozens of values inside kernels: numpy's own sorts take seconds to compile.

Shell's sort (1959) with the gaps of Gonnet and Baeza-Yates (1991).
"""

from __future__ import annotations

from isthmus._kernels import kernel_part


@kernel_part
def sort_few(value, count):  # type: ignore[no-untyped-def]
    """Sort the first `count` values in place, ascending."""
    gap = _next_gap(count)
    while gap > 0:
        for i in range(gap, count):
            held, k = value[i], i
            while k >= gap and held < value[k - gap]:
                value[k] = value[k - gap]
                k -= gap
            value[k] = held
        gap = _next_gap(gap)


@kernel_part
def order_few(key, count, order):  # type: ignore[no-untyped-def]
    """Fill `order[:count]` with the places of the first `count` keys, ascending, equal ones as they stand; no key is NaN."""
    for i in range(count):
        order[i] = i
    gap = _next_gap(count)
    while gap > 0:
        for i in range(gap, count):
            held, k = order[i], i
            while k >= gap and _is_before(key, held, order[k - gap]):
                order[k] = order[k - gap]
                k -= gap
            order[k] = held
        gap = _next_gap(gap)


@kernel_part
def _next_gap(gap):  # type: ignore[no-untyped-def]
    return 0 if gap < 2 else max((5 * gap - 1) // 11, 1)


@kernel_part
def _is_before(key, one, other):  # type: ignore[no-untyped-def]
    return key[one] < key[other] or (key[one] == key[other] and one < other)
