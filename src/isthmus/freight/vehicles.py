"""What routes use: slots of pools, vehicles taken and left; and the moves of empties that put the stocks right.

A vehicle is taken where a route begins to ride its type and left where it ceases to; a box or a wagon that goes on by another mode
of the same type is not changed. Empties run between the nodes where vehicles are taken or left, along the cheapest path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isthmus._kernels import kernel, kernel_part
from isthmus.assignment import Empties
from isthmus.assignment.shortest import shortest_tree
from isthmus.assignment.sorting import sort_few
from isthmus.freight.costs import Carriage, Tariff, slots_by_pool
from isthmus.freight.profiles import Demand
from isthmus.freight.routeset import RouteSet
from isthmus.network import ACCESS, LINK, SERVICE, TERMINAL, TRANSHIPMENT, Condition, Layout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Stocks:
    """Where vehicles are taken and left.

    Attributes:
        index: (vehicle type, node) stock that counts a vehicle taken or left there, -1 where none is: a node of little traffic is
            counted at the nearest one of much.
        depot: (vehicle type, node) stock kept at that very node, -1 elsewhere.
        unit, node: (U) of each stock.
        volume: (U) vehicles a year taken and left there at free flow, for the slope of the cost of empties.
    """

    index: Ints
    depot: Ints
    unit: Ints
    node: Ints
    volume: Floats


@kernel_part
def _vehicle_changes(  # type: ignore[no-untyped-def]
    first, last, arcs, unit, tail, returns, event_unit, event_node, event_arc, event_sign
):
    """Vehicles taken (+1) and left (-1) along one route, with the arc on which each was boarded; returns how many entries.

    A route ends with access, on which nothing is ridden: so whatever was taken is left.
    """
    count = 0
    riding, boarded = -1, -1
    for i in range(first, last):
        a = arcs[i]
        here = unit[a]
        if here >= 0 and not returns[here]:
            here = -1
        if here == riding:
            continue
        if riding >= 0:
            event_unit[count], event_node[count], event_arc[count], event_sign[count] = (
                riding,
                tail[a],
                boarded,
                -1.0,
            )
            count += 1
        if here >= 0:
            event_unit[count], event_node[count], event_arc[count], event_sign[count] = here, tail[a], a, 1.0
            count += 1
        riding, boarded = here, a
    return count


@kernel
def _count_vehicles(  # type: ignore[no-untyped-def]
    path_first, arcs, market, row_of, unit, per_unit, flow, tail, returns, seen, volume
):
    """Where vehicles of each type may be taken or left, and how many a year are."""
    u, n, e, s = np.empty(400, np.int64), np.empty(400, np.int64), np.empty(400, np.int64), np.empty(400)
    for r in range(market.size):
        row = row_of[market[r]]
        count = _vehicle_changes(path_first[r], path_first[r + 1], arcs, unit[row], tail, returns, u, n, e, s)
        for i in range(count):
            seen[u[i], n[i]] = True
            volume[u[i], n[i]] += flow[r] / per_unit[row, e[i]]


@kernel
def _route_use(  # type: ignore[no-untyped-def]
    path_first, arcs, market, row_of, unit, per_unit, slots, pool, tail, returns, stock, pools, use_first, use_of, use
):  # fmt: skip
    """Fill the use rows of all routes, ascending in what they use; returns the entries, or -1 if the arrays are too short."""
    u, n, e, s = np.empty(400, np.int64), np.empty(400, np.int64), np.empty(400, np.int64), np.empty(400)
    highest = 0
    for index in stock.flat:
        highest = max(highest, index)
    amount = np.zeros(pools + highest + 1)
    touched = np.empty(1000, np.int64)
    mark = np.full(amount.size, -1, np.int64)
    total = 0
    use_first[0] = 0
    for r in range(market.size):
        row = row_of[market[r]]
        count = 0
        for i in range(path_first[r], path_first[r + 1]):
            a = arcs[i]
            for c in range(2):
                p = pool[a, c]
                if p >= 0 and slots[row, a, c] > 0.0:
                    if mark[p] != r:
                        mark[p] = r
                        amount[p] = 0.0
                        touched[count] = p
                        count += 1
                    amount[p] += slots[row, a, c]
        events = _vehicle_changes(
            path_first[r], path_first[r + 1], arcs, unit[row], tail, returns, u, n, e, s
        )
        for i in range(events):
            v = pools + stock[u[i], n[i]]
            if mark[v] != r:
                mark[v] = r
                amount[v] = 0.0
                touched[count] = v
                count += 1
            amount[v] += s[i] / per_unit[row, e[i]]
        if total + count > use_of.size:
            return -1
        sort_few(touched, count)
        for v in touched[:count]:
            if amount[v] != 0.0:
                use_of[total], use[total] = v, amount[v]
                total += 1
        use_first[r + 1] = total
    return total


def returning(tariff: Tariff) -> NDArray[np.bool_]:
    """(vehicle type) whether its empties are moved in the region."""
    back = np.zeros(len(tariff.units), bool)
    back[tariff.unit[tariff.load_units.value["returns_empty"] > 0]] = True
    return back


def ridden(layout: Layout, carriages: list[Carriage]) -> Ints:
    """(carriage, A) vehicle type ridden on every arc; a terminal between two modes of one type does not end the ride."""
    unit = np.stack([carriage.unit for carriage in carriages])
    terminal = np.flatnonzero((layout.kind == TERMINAL) | (layout.kind == TRANSHIPMENT))
    for row in unit:
        by_node = np.full(len(layout.nodes), -1, np.int64)
        moving = (layout.kind == LINK) | (layout.kind == SERVICE)
        by_node[layout.tail[moving]] = row[moving]
        by_node[layout.head[moving]] = row[moving]
        same = by_node[layout.tail[terminal]] == by_node[layout.head[terminal]]
        row[terminal] = np.where(same, by_node[layout.tail[terminal]], -1)
    return unit


def stocks_of(
    layout: Layout, demand: Demand, routes: RouteSet, tariff: Tariff, state: Condition, unit: Ints, per_unit: Floats, flow: Floats,
    share: float,
) -> Stocks:  # fmt: skip
    """Depots of every vehicle type.

    Parameters
    ----------
    unit, per_unit : (carriage, A)
        Vehicle type ridden, and tonnes in one.
    flow : (R)
        Tonnes by route at free flow: what makes a node one of much traffic.
    share : float
        Share of a type's vehicles that its depots see themselves; the rest is counted at the nearest depot.
    """
    shape = (len(tariff.units), len(layout.nodes))
    seen, volume = np.zeros(shape, bool), np.zeros(shape)
    _count_vehicles(
        routes.path_first, routes.arcs, routes.market, carriage_rows(demand), unit, per_unit, flow, layout.tail,
        returning(tariff), seen, volume,
    )  # fmt: skip
    kept, nearest = np.zeros(shape, bool), np.full(shape, -1, np.int64)
    for row in np.flatnonzero(seen.any(axis=1)).tolist():
        cost, _ = _empty_costs(tariff, layout, replace(state, open=np.ones(layout.arcs, bool)), row)
        nearest[row] = _depots(layout, cost, seen[row], volume[row], share)
        kept[row, nearest[row][nearest[row] >= 0]] = True
    depot = np.full(shape, -1, np.int64)
    where = np.nonzero(kept)
    depot[where] = np.arange(where[0].size)
    index = np.where(nearest >= 0, np.take_along_axis(depot, np.maximum(nearest, 0), axis=1), -1)
    total = np.bincount(index[index >= 0], volume[index >= 0], minlength=where[0].size)
    return Stocks(
        index, depot, where[0].astype(np.int64), where[1].astype(np.int64), total.astype(np.float64)
    )


def _depots(layout: Layout, cost: Floats, seen: NDArray[np.bool_], volume: Floats, share: float) -> Ints:
    """(N) nearest depot of each node that has seen a vehicle, -1 elsewhere: the busiest nodes that together see `share` of the
    vehicles, and one in each part of the network that would have none."""
    ranked = np.flatnonzero(seen)[np.lexsort((np.flatnonzero(seen), -volume[seen]))]
    before = np.cumsum(volume[ranked]) - volume[ranked]
    best, distance = np.full(seen.size, -1, np.int64), np.full(seen.size, np.inf)
    found, arrival = np.empty(seen.size), np.empty(seen.size, np.int64)
    scratch = np.empty(cost.size + 2), np.empty(cost.size + 2, np.int64)
    for node, passed in zip(ranked.tolist(), before.tolist(), strict=True):
        if passed >= share * volume.sum() and best[node] >= 0:
            continue
        shortest_tree(layout.first_out, layout.head, cost, node, layout.passable, found, arrival, *scratch)
        nearer = found < distance
        best[nearer], distance[nearer] = node, found[nearer]
    return np.where(seen, best, -1)


def carriage_rows(demand: Demand) -> Ints:
    """(M) carriage of each market by segment."""
    return np.array([profile.carriage for profile in demand.profiles], np.int64)[demand.profile]


def route_use(
    layout: Layout, demand: Demand, routes: RouteSet, tariff: Tariff, stocks: Stocks, pool: Ints, pools: int, unit: Ints,
    per_unit: Floats, slots: Floats,
) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    """Offsets, things used and amounts per tonne of every route: pools that bind (numbered as in `pool`), then stocks."""
    size = 16 * routes.market.size + 64
    while True:
        first = np.zeros(routes.market.size + 1, np.int64)
        use_of, use = np.empty(size, np.int64), np.empty(size)
        count = _route_use(
            routes.path_first, routes.arcs, routes.market, carriage_rows(demand), unit, per_unit, slots, pool,
            layout.tail, returning(tariff), stocks.index, pools, first, use_of, use,
        )  # fmt: skip
        if count >= 0:
            return first, use_of[:count].copy(), use[:count].copy()
        size *= 2


@kernel
def _moves_from(  # type: ignore[no-untyped-def]
    first_out, head, tail, cost, passable, source, stock, slots, pool, amount, out_head, out_cost, out_pool, out_slots, out_first
):  # fmt: skip
    """Cheapest ways from one stock to the next ones, none through another stock; returns how many."""
    nodes = first_out.size - 1
    distance, arrival = np.empty(nodes), np.empty(nodes, np.int64)
    shortest_tree(
        first_out,
        head,
        cost,
        source,
        passable,
        distance,
        arrival,
        np.empty(cost.size + 2),
        np.empty(cost.size + 2, np.int64),
    )
    count, entries = 0, 0
    out_first[0] = 0
    for node in range(nodes):
        if node == source or stock[node] < 0 or not np.isfinite(distance[node]):
            continue
        at = tail[arrival[node]]
        while at != source and stock[at] < 0:
            at = tail[arrival[at]]
        if at != source:
            continue
        out_head[count], out_cost[count] = stock[node], distance[node]
        start = entries
        at = node
        while at != source:
            a = arrival[at]
            for c in range(2):
                p = pool[a, c]
                if p >= 0 and slots[a, c] > 0.0:
                    if amount[p] == 0.0:
                        out_pool[entries] = p
                        entries += 1
                    amount[p] += slots[a, c]
            at = tail[a]
        sort_few(out_pool[start:entries], entries - start)
        for i in range(start, entries):
            out_slots[i] = amount[out_pool[i]]
            amount[out_pool[i]] = 0.0
        count += 1
        out_first[count] = entries
    return count


def empties_of(
    tariff: Tariff, layout: Layout, state: Condition, stocks: Stocks, pool: Ints, slope: float
) -> Empties:
    """Moves of empties between stocks under a condition.

    Parameters
    ----------
    pool : (A, 2)
        Pools of the arcs, numbered among those that bind, -1 elsewhere.
    slope : float
        Relative rise of the cost of a move at the volume of the depot it leaves: it breaks ties.
    """
    tails, heads, costs, firsts, pools, slots_used = [], [], [], [np.zeros(1, np.int64)], [], []
    entries = 0
    passable = layout.passable
    amount = np.zeros(int(pool.max(initial=-1)) + 1)
    for unit in np.unique(stocks.unit).tolist():
        cost, slots = _empty_costs(tariff, layout, state, unit)
        at = stocks.depot[unit]
        mine = np.flatnonzero(stocks.unit == unit)
        out_head, out_cost = np.empty(mine.size, np.int64), np.empty(mine.size)
        out_first = np.empty(mine.size + 1, np.int64)
        out_pool, out_slots = np.empty(mine.size * 200 + 1, np.int64), np.empty(mine.size * 200 + 1)
        for stock in mine.tolist():
            count = _moves_from(
                layout.first_out, layout.head, layout.tail, cost, passable, int(stocks.node[stock]), at, slots, pool,
                amount, out_head, out_cost, out_pool, out_slots, out_first,
            )  # fmt: skip
            tails.append(np.full(count, stock, np.int64))
            heads.append(out_head[:count].copy())
            costs.append(out_cost[:count].copy())
            firsts.append(out_first[1 : count + 1] + entries)
            pools.append(out_pool[: out_first[count]].copy())
            slots_used.append(out_slots[: out_first[count]].copy())
            entries += int(out_first[count])
    tail = np.concatenate([*tails, np.zeros(0, np.int64)])
    cost = np.concatenate([*costs, np.zeros(0)])
    reference = np.maximum(stocks.volume[tail] if tail.size else np.zeros(0), 100.0)
    return Empties(
        stocks.unit.size, tail, np.concatenate([*heads, np.zeros(0, np.int64)]), cost,
        slope * np.maximum(cost, 1.0) / reference, np.concatenate(firsts), np.concatenate([*pools, np.zeros(0, np.int64)]),
        np.concatenate([*slots_used, np.zeros(0)]),
    )  # fmt: skip


def _empty_costs(tariff: Tariff, layout: Layout, state: Condition, unit: int) -> tuple[Floats, Floats]:
    """(A) USD of moving one empty vehicle along each arc, infinite off its modes; (A, 2) slots it takes."""
    table = tariff.load_units
    rows = np.flatnonzero(tariff.unit == unit)
    rows = rows[np.unique(table.mode[rows], return_index=True)[1]]
    modes = len(layout.modes)
    per_km, standing, train, teu = np.full(modes, np.nan), np.zeros(modes), np.ones(modes), np.zeros(modes)
    at = table.mode[rows]
    per_km[at], standing[at] = table.value["empty_usd_per_km"][rows], table.value["standing_usd_per_h"][rows]
    train[at], teu[at] = (
        np.nan_to_num(table.value["units_per_train"][rows], nan=1.0),
        table.value["teu"][rows],
    )
    mode = layout.mode
    cost = per_km[mode] * state.length + standing[mode] * (state.running + state.border)
    cost += np.where(layout.crossing >= 0, state.border_usd, 0.0)
    ends = layout.nodes["mode_index"].to_numpy()
    its_modes = np.isfinite(per_km)
    joined = its_modes[ends[layout.tail]] & its_modes[ends[layout.head]]
    changes = (layout.kind == TERMINAL) | (layout.kind == TRANSHIPMENT)
    cost = np.where(changes, np.where(joined, np.where(teu[mode] > 0, state.box_usd, 1.0), np.inf), cost)
    cost = np.where(state.open & (layout.kind != ACCESS) & ~np.isnan(cost), cost, np.inf)
    return cost, slots_by_pool(
        tariff, state, 1.0 / train[mode], np.ones(mode.size), teu[mode], np.zeros(mode.size)
    )
