"""Pairs of alternative segments (Bar-Gera 2010) between used paths, and the shift of flow over one.

Where two paths of a market differ, the arcs of the one and those of the other are a pair; many markets share a pair, and a
shift over it is a shift for as many of them as are needed. So there are some hundred pairs where thousands of markets choose.
"""

from __future__ import annotations

from isthmus._kernels import kernel
from isthmus.assignment.arrays import MEMBERS, PAIR_ARCS, PAIRS
from isthmus.assignment.delays import set_delay

_MIX, _STIR = 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85


@kernel
def clear_pairs(pairs, counts):  # type: ignore[no-untyped-def]
    """Forget all pairs."""
    counts[PAIRS] = 0
    counts[PAIR_ARCS] = 0
    counts[MEMBERS] = 0
    pairs.first[0] = 0
    for k in range(pairs.slot.size):
        pairs.slot[k] = -1


@kernel
def pair_up(paths, pairs, members, mark, own, counts, w, only_first):  # type: ignore[no-untyped-def]
    """Pair paths of market `w`, all or only the first, with the one that carries most."""
    base, p = paths.head[w], paths.next[paths.head[w]]
    while p >= 0:
        if paths.flow[p] > paths.flow[base]:
            base = p
        p = paths.next[p]
    p = paths.head[w]
    while p >= 0:
        if p != base:
            _pair(paths, pairs, members, mark, own, counts, w, p, base)
        p = -1 if only_first else paths.next[p]


@kernel
def _pair(paths, pairs, members, mark, own, counts, w, path, base):  # type: ignore[no-untyped-def]
    """Make two paths members of the pair of segments in which they differ."""
    arcs, f, g = paths.arcs, paths.first[path], paths.first[base]
    f_end, g_end = f + paths.size[path], g + paths.size[base]
    while f < f_end and g < g_end and arcs[f] == arcs[g]:
        f += 1
        g += 1
    while f < f_end and g < g_end and arcs[f_end - 1] == arcs[g_end - 1]:
        f_end -= 1
        g_end -= 1
    m = counts[MEMBERS]
    members.base[m] = base
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
    middle = _copy_unshared(arcs, f, f_end, pairs.arcs, counts[PAIR_ARCS], mark)
    end = _copy_unshared(arcs, g, g_end, pairs.arcs, middle, mark)
    for k in range(f, f_end):
        mark[arcs[k]] = 0
    for k in range(g, g_end):
        mark[arcs[k]] = 0
    fixed = 0.0
    for k in range(counts[PAIR_ARCS], middle):
        fixed += own[pairs.arcs[k]]
    for k in range(middle, end):
        fixed -= own[pairs.arcs[k]]
    i = _enter(pairs, counts, hashed, middle, end, fixed)
    members.one[m] = path
    members.other[m] = base
    members.market[m] = w
    members.pair[m] = i
    members.next[m] = pairs.member[i]
    pairs.member[i] = m
    counts[MEMBERS] = m + 1


@kernel
def _mixed(a):  # type: ignore[no-untyped-def]
    x = (a + 1) * _MIX
    return (x ^ (x >> 29)) * _STIR


@kernel
def _copy_unshared(arcs, first, end, onto, at, mark):  # type: ignore[no-untyped-def]
    for k in range(first, end):
        if mark[arcs[k]] != 2:
            onto[at] = arcs[k]
            at += 1
    return at


@kernel
def _enter(pairs, counts, hashed, middle, end, fixed):  # type: ignore[no-untyped-def]
    """Find the pair written behind the last one among those there are, or keep it as a new one."""
    first, last = counts[PAIR_ARCS], pairs.slot.size - 1
    slot = (hashed ^ (hashed >> 32)) & last
    while pairs.slot[slot] >= 0:
        i = pairs.slot[slot]
        shift = pairs.first[i] - first
        if (
            pairs.first[i + 1] - shift == end
            and pairs.middle[i] - shift == middle
            and pairs.fixed[i] == fixed
        ):
            k = first
            while k < end and pairs.arcs[k + shift] == pairs.arcs[k]:
                k += 1
            if k == end:
                return i
        slot = (slot + 1) & last
    i = counts[PAIRS]
    pairs.slot[slot] = i
    pairs.middle[i] = middle
    pairs.first[i + 1] = end
    pairs.fixed[i] = fixed
    pairs.hashed[i] = hashed
    pairs.member[i] = -1
    counts[PAIRS] = i + 1
    counts[PAIR_ARCS] = end
    return i


@kernel
def close_ranks(pairs, counts):  # type: ignore[no-untyped-def]
    """Drop pairs whose `member` is -1, in place; `pairs.place` tells where the others went, which have no members then."""
    for k in range(pairs.slot.size):
        pairs.slot[k] = -1
    last = pairs.slot.size - 1
    number, end = 0, 0
    first = pairs.first[0]
    for i in range(counts[PAIRS]):
        after = pairs.first[i + 1]
        if pairs.member[i] >= 0:
            shift = first - end
            pairs.middle[number] = pairs.middle[i] - shift
            pairs.fixed[number] = pairs.fixed[i]
            pairs.hashed[number] = pairs.hashed[i]
            for k in range(first, after):
                pairs.arcs[k - shift] = pairs.arcs[k]
            end = after - shift
            pairs.first[number + 1] = end
            pairs.place[i] = number
            slot = (pairs.hashed[i] ^ (pairs.hashed[i] >> 32)) & last
            while pairs.slot[slot] >= 0:
                slot = (slot + 1) & last
            pairs.slot[slot] = number
            number += 1
        first = after
    for i in range(number):
        pairs.member[i] = -1
    counts[PAIRS] = number
    counts[PAIR_ARCS] = end


@kernel
def compare(load, pairs, i):  # type: ignore[no-untyped-def]
    """By how much the one segment is dearer than the other, and the slope of that difference."""
    dearer, slope = pairs.fixed[i], 0.0
    middle = pairs.middle[i]
    for k in range(pairs.first[i], middle):
        a = pairs.arcs[k]
        dearer += load.time[a]
        slope += load.slope[a]
    for k in range(middle, pairs.first[i + 1]):
        a = pairs.arcs[k]
        dearer -= load.time[a]
        slope += load.slope[a]
    return dearer, slope


@kernel
def count_movable(paths, pairs, members, counts):  # type: ignore[no-untyped-def]
    """Count what members could move off either segment of all pairs."""
    for i in range(counts[PAIRS]):
        pairs.on_one[i] = 0.0
        pairs.on_other[i] = 0.0
    for m in range(counts[MEMBERS]):
        pairs.on_one[members.pair[m]] += paths.flow[members.one[m]]
        pairs.on_other[members.pair[m]] += paths.flow[members.other[m]]


@kernel
def move_members(paths, pairs, members, i, flow):  # type: ignore[no-untyped-def]
    """Take `flow` off the one segment (negative: off the other), of each member the same share of what it has.

    Returns what was taken.
    """
    on_one, on_other = 0.0, 0.0
    m = pairs.member[i]
    while m >= 0:
        on_one += paths.flow[members.one[m]]
        on_other += paths.flow[members.other[m]]
        m = members.next[m]
    most = on_one if flow > 0.0 else on_other
    share = min(abs(flow) / most, 1.0) if most > 0.0 else 0.0
    done = 0.0
    m = pairs.member[i]
    while m >= 0:
        giver, taker = members.one[m], members.other[m]
        if flow < 0.0:
            giver, taker = taker, giver
        part = paths.flow[giver]
        if share < 1.0:
            part *= share
            paths.flow[giver] -= part
        else:
            paths.flow[giver] = 0.0
        paths.flow[taker] += part
        done += part
        m = members.next[m]
    if flow < 0.0:
        done = -done
    pairs.on_one[i] = on_one - done
    pairs.on_other[i] = on_other + done
    return done


@kernel
def balance(delays, load, paths, pairs, members, i, skip):  # type: ignore[no-untyped-def]
    """Move flow over a pair by Newton's step on the difference of its segments, corrected by the secant if it went too far.

    Returns what the flow that could move paid too much before; nothing moves where that is not above `skip`.
    """
    if pairs.member[i] < 0:
        return 0.0
    dearer, slope = compare(load, pairs, i)
    paid = dearer * pairs.on_one[i] if dearer > 0.0 else -dearer * pairs.on_other[i]
    if paid <= skip:
        return paid
    for _ in range(4):
        most = pairs.on_one[i] if dearer > 0.0 else pairs.on_other[i]
        wanted = dearer / slope if abs(dearer) < slope * most else (most if dearer > 0.0 else -most)
        if wanted == 0.0:
            break
        move = move_members(paths, pairs, members, i, wanted)
        if move == 0.0:
            break
        _shift(delays, load, pairs, i, move)
        left, _ = compare(load, pairs, i)
        if left * dearer >= 0.0 or abs(left) <= 0.1 * abs(dearer):
            break
        slope = (dearer - left) / move
        dearer = left
    return paid


@kernel
def _shift(delays, load, pairs, i, move):  # type: ignore[no-untyped-def]
    for k in range(pairs.first[i], pairs.first[i + 1]):
        a = pairs.arcs[k]
        load.flow[a] += move if k >= pairs.middle[i] else -move
        set_delay(delays, load, a)
