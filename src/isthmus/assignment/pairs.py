"""Pairs of alternative segments (Bar-Gera 2010) between used paths, and the shift of flow over one.

Where two paths of a market differ, the arcs of the one and those of the other are a pair; many markets share a pair, and a
shift over it is a shift for as many of them as are needed. So there are some hundred pairs where thousands of markets choose.
"""

from __future__ import annotations

import numpy as np

from isthmus._kernels import kernel_inline, kernel_part
from isthmus.assignment.arrays import (
    AFTER,
    FIRST,
    FIXED,
    FLOW,
    HASHED,
    HEAD,
    MARKET,
    MEMBER,
    MEMBERS,
    MIDDLE,
    NEXT,
    ON_ONE,
    ON_OTHER,
    ONE,
    OTHER,
    PAIR,
    PAIR_ARCS,
    PAIRS,
    SIZE,
    SLOPE,
    TIME,
    WENT,
)
from isthmus.assignment.delays import set_delay

_MIX, _STIR = 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85


@kernel_part
def clear_pairs(pairs, counts):  # type: ignore[no-untyped-def]
    """Forget all pairs."""
    place, slots = pairs.place, pairs.slot
    counts[PAIRS] = 0
    counts[PAIR_ARCS] = 0
    counts[MEMBERS] = 0
    place[0, FIRST] = 0
    for k in range(slots.size):
        slots[k] = -1


@kernel_part
def pair_up(paths, pairs, members, mark, own, counts, w, until):  # type: ignore[no-untyped-def]
    """Pair paths of market `w`, those before the path `until` (-1: all), with the one that carries most."""
    market, span, amount = paths.market, paths.span, paths.amount
    first = np.int64(market[w, HEAD])
    base, p = first, span[first, NEXT]
    while p >= 0:
        if amount[FLOW, p] > amount[FLOW, base]:
            base = p
        p = span[p, NEXT]
    p = first
    while p != until:
        if p != base:
            _pair(paths, pairs, members, mark, own, counts, w, p, base)
        p = span[p, NEXT]


@kernel_part
def _pair(paths, pairs, members, mark, own, counts, w, path, base):  # type: ignore[no-untyped-def]
    """Make two paths members of the pair of segments in which they differ."""
    span, place = paths.span, pairs.place
    arcs, pair_arcs = paths.arcs, pairs.arcs
    f, g = span[path, FIRST], span[base, FIRST]
    f_end, g_end = f + span[path, SIZE], g + span[base, SIZE]
    while f < f_end and g < g_end and arcs[f] == arcs[g]:
        f += 1
        g += 1
    while f < f_end and g < g_end and arcs[f_end - 1] == arcs[g_end - 1]:
        f_end -= 1
        g_end -= 1
    m = counts[MEMBERS]
    hashed = 0
    for k in range(g, g_end):
        mark[arcs[k]] = 1
        hashed -= _mixed(arcs[k])
    for k in range(f, f_end):
        if mark[arcs[k]] == 1:
            mark[arcs[k]] = 2
        hashed += _mixed(arcs[k])
    if hashed < 0:  # one orientation for all members
        hashed = -hashed
        path, base = base, path
        f, f_end, g, g_end = g, g_end, f, f_end
    middle = _copy_unshared(arcs, f, f_end, pair_arcs, counts[PAIR_ARCS], mark)
    end = _copy_unshared(arcs, g, g_end, pair_arcs, middle, mark)
    for k in range(f, f_end):
        mark[arcs[k]] = 0
    for k in range(g, g_end):
        mark[arcs[k]] = 0
    fixed = 0.0
    for k in range(counts[PAIR_ARCS], middle):
        fixed += own[pair_arcs[k]]
    for k in range(middle, end):
        fixed -= own[pair_arcs[k]]
    i = _enter(pairs, counts, hashed, middle, end, fixed)
    members[m, ONE] = path
    members[m, OTHER] = base
    members[m, MARKET] = w
    members[m, PAIR] = i
    members[m, AFTER] = place[i, MEMBER]
    place[i, MEMBER] = m
    counts[MEMBERS] = m + 1


@kernel_inline
def _mixed(a):  # type: ignore[no-untyped-def]
    x = (a + 1) * _MIX
    return (x ^ (x >> 29)) * _STIR


@kernel_inline
def _copy_unshared(arcs, first, end, onto, at, mark):  # type: ignore[no-untyped-def]
    for k in range(first, end):
        if mark[arcs[k]] != 2:
            onto[at] = arcs[k]
            at += 1
    return at


@kernel_part
def _enter(pairs, counts, hashed, middle, end, fixed):  # type: ignore[no-untyped-def]
    """Find the pair written behind the last one among those there are, or keep it as a new one."""
    place, pair_value, pair_arcs, slots = pairs.place, pairs.value, pairs.arcs, pairs.slot
    first, last = counts[PAIR_ARCS], slots.size - 1
    slot = (hashed ^ (hashed >> 32)) & last
    while slots[slot] >= 0:
        i = slots[slot]
        shift = place[i, FIRST] - first
        if (
            place[i + 1, FIRST] - shift == end
            and place[i, MIDDLE] - shift == middle
            and pair_value[FIXED, i] == fixed
        ):
            k = first
            while k < end and pair_arcs[k + shift] == pair_arcs[k]:
                k += 1
            if k == end:
                return i
        slot = (slot + 1) & last
    i = counts[PAIRS]
    slots[slot] = i
    place[i, MIDDLE] = middle
    place[i + 1, FIRST] = end
    pair_value[FIXED, i] = fixed
    place[i, HASHED] = hashed
    place[i, MEMBER] = -1
    counts[PAIRS] = i + 1
    counts[PAIR_ARCS] = end
    return i


@kernel_part
def close_ranks(pairs, counts):  # type: ignore[no-untyped-def]
    """Drop pairs whose MEMBER is -1, in place; WENT tells where the others went, which have no members then."""
    place, pair_value, pair_arcs, slots = pairs.place, pairs.value, pairs.arcs, pairs.slot
    for k in range(slots.size):
        slots[k] = -1
    last = slots.size - 1
    number, end = 0, 0
    first = place[0, FIRST]
    for i in range(counts[PAIRS]):
        after = place[i + 1, FIRST]
        if place[i, MEMBER] >= 0:
            shift = first - end
            place[number, MIDDLE] = place[i, MIDDLE] - shift
            pair_value[FIXED, number] = pair_value[FIXED, i]
            place[number, HASHED] = place[i, HASHED]
            for k in range(first, after):
                pair_arcs[k - shift] = pair_arcs[k]
            end = after - shift
            place[number + 1, FIRST] = end
            place[i, WENT] = number
            slot = (place[i, HASHED] ^ (place[i, HASHED] >> 32)) & last
            while slots[slot] >= 0:
                slot = (slot + 1) & last
            slots[slot] = number
            number += 1
        first = after
    for i in range(number):
        place[i, MEMBER] = -1
    counts[PAIRS] = number
    counts[PAIR_ARCS] = end


@kernel_inline
def compare(load, pairs, i):  # type: ignore[no-untyped-def]
    """By how much the one segment is dearer than the other, and the slope of that difference."""
    place, pair_value, pair_arcs = pairs.place, pairs.value, pairs.arcs
    dearer, slope = pair_value[FIXED, i], 0.0
    middle = place[i, MIDDLE]
    for k in range(place[i, FIRST], middle):
        a = pair_arcs[k]
        dearer += load[TIME, a]
        slope += load[SLOPE, a]
    for k in range(middle, place[i + 1, FIRST]):
        a = pair_arcs[k]
        dearer -= load[TIME, a]
        slope += load[SLOPE, a]
    return dearer, slope


@kernel_part
def count_movable(paths, pairs, members, counts):  # type: ignore[no-untyped-def]
    """Count what members could move off either segment of all pairs."""
    amount, pair_value = paths.amount, pairs.value
    for i in range(counts[PAIRS]):
        pair_value[ON_ONE, i] = 0.0
        pair_value[ON_OTHER, i] = 0.0
    for m in range(counts[MEMBERS]):
        pair_value[ON_ONE, members[m, PAIR]] += amount[FLOW, members[m, ONE]]
        pair_value[ON_OTHER, members[m, PAIR]] += amount[FLOW, members[m, OTHER]]


@kernel_part
def move_members(paths, pairs, members, i, flow):  # type: ignore[no-untyped-def]
    """Take `flow` off the one segment (negative: off the other), of each member the same share of what it has.

    Returns what was taken.
    """
    amount, place, pair_value = paths.amount, pairs.place, pairs.value
    on_one, on_other = 0.0, 0.0
    m = place[i, MEMBER]
    while m >= 0:
        on_one += amount[FLOW, members[m, ONE]]
        on_other += amount[FLOW, members[m, OTHER]]
        m = members[m, AFTER]
    most = on_one if flow > 0.0 else on_other
    share = min(abs(flow) / most, 1.0) if most > 0.0 else 0.0
    done = 0.0
    m = place[i, MEMBER]
    while m >= 0:
        giver, taker = members[m, ONE], members[m, OTHER]
        if flow < 0.0:
            giver, taker = taker, giver
        part = amount[FLOW, giver]
        if share < 1.0:
            part *= share
            amount[FLOW, giver] -= part
        else:
            amount[FLOW, giver] = 0.0
        amount[FLOW, taker] += part
        done += part
        m = members[m, AFTER]
    if flow < 0.0:
        done = -done
    pair_value[ON_ONE, i] = on_one - done
    pair_value[ON_OTHER, i] = on_other + done
    return done


@kernel_part
def balance(delays, load, paths, pairs, members, i, skip):  # type: ignore[no-untyped-def]
    """Move flow over a pair by Newton's step on the difference of its segments, corrected by the secant if it went too far.

    Returns what the flow that could move paid too much before; nothing moves where that is not above `skip`.
    """
    place, pair_value, pair_arcs = pairs.place, pairs.value, pairs.arcs
    if place[i, MEMBER] < 0:
        return 0.0
    dearer, slope = compare(load, pairs, i)
    paid = dearer * pair_value[ON_ONE, i] if dearer > 0.0 else -dearer * pair_value[ON_OTHER, i]
    if paid <= skip:
        return paid
    for _ in range(4):
        most = pair_value[ON_ONE, i] if dearer > 0.0 else pair_value[ON_OTHER, i]
        wanted = dearer / slope if abs(dearer) < slope * most else (most if dearer > 0.0 else -most)
        if wanted == 0.0:
            break
        move = move_members(paths, pairs, members, i, wanted)
        if move == 0.0:
            break
        for k in range(place[i, FIRST], place[i + 1, FIRST]):
            a = pair_arcs[k]
            load[FLOW, a] += move if k >= place[i, MIDDLE] else -move
            set_delay(delays, load, np.int64(a))
        left, _ = compare(load, pairs, i)
        if left * dearer >= 0.0 or abs(left) <= 0.1 * abs(dearer):
            break
        slope = (dearer - left) / move
        dearer = left
    return paid
