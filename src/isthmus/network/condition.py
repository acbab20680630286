"""Condition: what a scenario can change about the arcs, rebuilt whole and vectorised from the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.network.layout import LINK, SERVICE, TERMINAL, TRANSHIPMENT, Layout
from isthmus.pack import Pack
from isthmus.tables import codes, split_list

HOURS_PER_WEEK = 168.0
WEEKS_PER_YEAR = 365.0 / 7.0
CARRYING = ("open", "limited")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Condition:
    """State of the arcs (A) and pools (P) of a layout.

    Attributes:
        open: (A) carries traffic.
        length: (A) km charged.
        running, border, terminal, waiting: (A) hours by cause; waiting holds for unitised cargo, and for all that rides a ferry.
        deviation: (A) standard deviation of the hours.
        cost_factor: (A) distance price over the country's.
        border_usd: (A) charge per vehicle at the border passed.
        bulk_usd, box_usd: (A) price per tonne outside boxes and per FEU (or vehicle on a ferry) of terminals and services;
            NaN where not carried.
        load_factor: (A) share of the nominal load that the draft allows.
        carried: (A, K) cargo classes that a terminal or service takes, in the order of the table `classes`.
        pool: (A, 2) pools drawn on (of the element, of the crossing), -1 if none.
        capacity: (P) slots a year left for the markets, infinite where not binding.
        guessed: (P) whether the capacity is an estimate.
        delay_hours: (P) delay scale.
        taken_up: (A) share of the shippers who have taken up the crossing of an arc by the year; 1 away from new crossings.
    """

    open: Bools
    length: Floats
    running: Floats
    border: Floats
    terminal: Floats
    waiting: Floats
    deviation: Floats
    cost_factor: Floats
    border_usd: Floats
    bulk_usd: Floats
    box_usd: Floats
    load_factor: Floats
    carried: Bools
    pool: Ints
    capacity: Floats
    guessed: Bools
    delay_hours: Floats
    taken_up: Floats


def condition_of(
    pack: Pack, layout: Layout, *, guesses: bool = False, everything: bool = False, observed: bool = False
) -> Condition:
    """The state that the tables give the arcs of a layout.

    Parameters
    ----------
    pack : Pack
        The region, after a scenario or not; its ids are those of the layout.
    layout : Layout
        The graph.
    guesses : bool
        Let estimated capacities bind.
    everything : bool
        Open whatever any row could open, as route sets need it.
    observed : bool
        Leave in the hours the queues that they were observed with.
    """
    n = layout.arcs
    zero = np.zeros(n)
    pools = pack.table("pools")
    capacity, guessed = _capacities(pack, layout, pools, guesses)
    queue = np.where(np.isfinite(capacity), _observed_delay(pools, pack.parameters["delay-power"]), 0.0)
    parts = [
        _links(pack, layout),
        _terminals(pack, layout),
        _services(pack, layout),
        _transhipments(pack, layout),
    ]
    state = {
        name: zero.copy() for name in ("running", "terminal", "waiting", "deviation", "border", "border_usd")
    } | {
        "bulk_usd": zero.copy(),
        "box_usd": zero.copy(),
        "load_factor": np.ones(n),
        "cost_factor": np.ones(n),
    }
    state["length"] = layout.length.copy()
    is_open = np.ones(n, bool)
    pool = np.full((n, 2), -1, np.int64)
    classes = pack.table("classes")["cargo_class"]
    carried = np.ones((n, len(classes)), bool)
    for where, values in parts:
        for name, value in values.items():
            if name == "open":
                is_open[where] = value
            elif name == "pool":
                pool[where, 0] = value
            elif name == "carried":
                carried[where] = value
            else:
                state[name][where] = value
    _add_crossings(pack, layout, state, is_open, pool)
    floor = pack.parameters["hours-floor-share"]
    for column, hours in ((0, "terminal"), (1, "border")):
        if observed:
            break
        delay = np.where(pool[:, column] >= 0, queue[pool[:, column]], 0.0) if len(pools) else zero
        state[hours] = np.maximum(state[hours] - delay, floor * state[hours])
    if everything:
        is_open[:] = True
    return Condition(
        open=is_open, carried=carried, pool=pool, capacity=capacity, guessed=guessed,
        delay_hours=pools["delay_hours"].to_numpy(float), taken_up=_taken_up(pack, layout), **state,
    )  # fmt: skip


def _filled(column: pd.Series, default: float) -> Floats:
    return np.asarray(column.astype(float).fillna(default), np.float64)


def _links(pack: Pack, layout: Layout) -> tuple[Ints, dict[str, NDArray[np.generic]]]:
    where = np.flatnonzero(layout.kind == LINK)
    table = pack.table("links").take(layout.element[where])
    day = _filled(pack.table("modes")["moving_hours_per_day"], 24.0)
    return where, {
        "open": table["status"].isin(CARRYING).to_numpy(),
        "running": (table["length_km"] / table["speed_kmh"]).to_numpy(float)
        * (24.0 / day[layout.mode[where]]),
        "length": table["length_km"].to_numpy(float),
        "cost_factor": _filled(table["cost_factor"], 1.0),
        "pool": codes(table["pool"], layout.pools),
    }


def _terminals(pack: Pack, layout: Layout) -> tuple[Ints, dict[str, NDArray[np.generic]]]:
    where = np.flatnonzero(layout.kind == TERMINAL)
    table = pack.table("terminals")
    rows = layout.element[where]
    taken = table.take(rows)
    return where, {
        "open": taken["status"].isin(CARRYING).to_numpy(),
        "terminal": taken["hours"].to_numpy(float),
        "deviation": taken["hours_sd"].to_numpy(float),
        "bulk_usd": taken["usd_per_t"].to_numpy(float),
        "box_usd": taken["usd_per_feu"].to_numpy(float),
        "carried": _carried(pack, table)[rows],
        "pool": codes(taken["pool"], layout.pools),
    }


def _services(pack: Pack, layout: Layout) -> tuple[Ints, dict[str, NDArray[np.generic]]]:
    """Prices by direction and draft, and the wait: half the pooled headway, or the time to fill if that is shorter."""
    where = np.flatnonzero(layout.kind == SERVICE)
    table = pack.table("services")
    running = table["status"].isin(CARRYING)
    sailings = table["departures_per_week"].astype(float).where(running)
    low, high = (
        np.minimum(table["from_place"], table["to_place"]),
        np.maximum(table["from_place"], table["to_place"]),
    )
    pooled = sailings.groupby([low, high, table["mode"]]).transform("sum").to_numpy()
    headway = np.where(pooled > 0, HOURS_PER_WEEK / 2.0 / np.maximum(pooled, 1e-9), 0.0)
    chartered = table["departures_per_week"].isna().to_numpy()
    wait = np.where(chartered, 0.0, np.minimum(headway, _filled(table["fill_hours"], np.inf)))
    rows, forward = layout.element[where], layout.forward[where]
    price = (
        np.where(forward, 1.0, _filled(table["back_factor"], 1.0)[rows])
        / _filled(table["load_factor"], 1.0)[rows]
    )
    return where, {
        "open": running.to_numpy()[rows],
        "length": table["length_km"].to_numpy(float)[rows],
        "running": table["hours"].to_numpy(float)[rows],
        "deviation": table["hours_sd"].to_numpy(float)[rows],
        "waiting": wait[rows],
        "bulk_usd": table["usd_per_t"].to_numpy(float)[rows] * price,
        "box_usd": table["usd_per_feu"].to_numpy(float)[rows] * price,
        "load_factor": _filled(table["load_factor"], 1.0)[rows],
        "carried": _carried(pack, table)[rows],
        "pool": codes(table["pool"], layout.pools)[rows],
    }


def _transhipments(pack: Pack, layout: Layout) -> tuple[Ints, dict[str, NDArray[np.generic]]]:
    """From ship to ship at every port, by the region's parameters."""
    where = np.flatnonzero(layout.kind == TRANSHIPMENT)
    hours = np.full(where.size, pack.parameters["transhipment-hours"])
    return where, {
        "terminal": hours,
        "deviation": 0.5 * hours,
        "bulk_usd": np.full(where.size, pack.parameters["transhipment-usd-per-t"]),
        "box_usd": np.full(where.size, pack.parameters["transhipment-usd-per-feu"]),
    }


def _carried(pack: Pack, table: pd.DataFrame) -> Bools:
    classes = pack.table("classes")["cargo_class"].tolist()
    named = [split_list(cell) for cell in table["classes"]]
    return np.array([[not taken or name in taken for name in classes] for taken in named], bool).reshape(
        -1, len(classes)
    )


def _add_crossings(
    pack: Pack, layout: Layout, state: dict[str, Floats], is_open: Bools, pool: NDArray[np.int64]
) -> None:
    table = pack.table("crossings")
    where = np.flatnonzero(layout.crossing >= 0)
    rows, forward = layout.crossing[where], layout.crossing_forward[where]
    for name, ahead, back in (
        ("border", "hours", "hours_back"),
        ("border_usd", "usd_per_unit", "usd_per_unit_back"),
    ):
        one = table[ahead].to_numpy(float)
        other = table[back].astype(float).fillna(table[ahead].astype(float)).to_numpy()
        state[name][where] = np.where(forward, one[rows], other[rows])
    state["deviation"][where] = table["hours_sd"].to_numpy(float)[rows]
    is_open[where] &= table["status"].isin(CARRYING).to_numpy()[rows]
    drawn = codes(table["pool"], layout.pools)[rows]
    pool[where, 0] = np.where(pool[where, 0] == drawn, -1, pool[where, 0])
    pool[where, 1] = drawn


def _taken_up(pack: Pack, layout: Layout) -> Floats:
    """Share of the shippers who have taken up a crossing that opened, or was due, some years before the year looked at.

    1 - (1 - adjustment) to the power of those years, half a year in the first (partial adjustment, Nerlove 1958). A crossing of no
    known year is an old one; one of a later year, a project built in the base year say, is judged as it will be.
    """
    table = pack.table("crossings")
    since = table["opened"].astype(float).fillna(table["due"].astype(float)).to_numpy()
    age = np.where(since <= pack.year, np.maximum(pack.year - since, 0.5), np.inf)
    share = np.ones(layout.arcs)
    where = np.flatnonzero(layout.crossing >= 0)
    share[where] = (1.0 - (1.0 - pack.parameters["adjustment"]) ** age)[layout.crossing[where]]
    return share


def _observed_delay(pools: pd.DataFrame, power: float) -> Floats:
    """Hours of queue that observed hours hold: delay_hours x^power / (1 - x) at the load they were observed at.

    They are taken out of the hours of pools that bind alone, for a solve puts queues back at no others."""
    load = _filled(pools["observed_load"], 0.0)
    return np.asarray(pools["delay_hours"].to_numpy(float) * load**power / (1.0 - load))


def _capacities(pack: Pack, layout: Layout, pools: pd.DataFrame, guesses: bool) -> tuple[Floats, Bools]:
    """Slots a year that the markets may use, and whether that is a guess."""
    capacity = pools["capacity"].astype(float).to_numpy(copy=True)
    scheduled = (pools["basis"] == "schedule").to_numpy() & np.isnan(capacity)
    services = pack.table("services")
    offered = (
        services["departures_per_week"] * services["slots_per_departure"] * WEEKS_PER_YEAR * 2.0
    ).astype(float)
    offered = offered.where(services["status"].isin(CARRYING), 0.0).fillna(0.0)
    drawn = codes(services["pool"], layout.pools)
    total = np.bincount(drawn[drawn >= 0], offered.to_numpy()[drawn >= 0], minlength=len(pools))
    capacity[scheduled] = total[scheduled]
    left = capacity - _filled(pools["used_by_others"], 0.0)
    yearly = (
        pools["unit"].map({"train_pairs_per_day": 730.0, "trucks_per_day": 365.0}).fillna(1.0).to_numpy(float)
    )
    slots = left * yearly * _open_shares(pack, layout, len(pools))
    guessed = (pools["basis"] == "estimate").to_numpy()
    bound = ~np.isnan(slots) & ((pools["basis"] != "unknown").to_numpy()) & (guesses | ~guessed)
    return np.where(bound, np.maximum(slots, 1e-6), np.inf), guessed


def _open_shares(pack: Pack, layout: Layout, pools: int) -> Floats:
    """Share of the year that a pool is open: the least of the elements that draw on it."""
    share = np.ones(pools)
    for name in ("links", "crossings", "terminals", "services"):
        table = pack.table(name)
        drawn = codes(table["pool"], layout.pools)
        np.minimum.at(share, drawn[drawn >= 0], _filled(table["open_share"], 1.0)[drawn >= 0])
    return share
