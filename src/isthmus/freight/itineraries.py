"""Itineraries: the ways of one consignment through the network, leg by leg."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus._errors import UserError
from isthmus.assignment import paths
from isthmus.assignment.shortest import shortest_tree, trace
from isthmus.freight.costs import PAYEES, Carriage, carriage_of, tariff_of
from isthmus.freight.flows import pool_prices
from isthmus.freight.prepared import Prepared, Solved
from isthmus.freight.profiles import perceived, touched
from isthmus.network import (
    ACCESS,
    KINDS,
    LINK,
    SERVICE,
    TERMINAL,
    TRANSHIPMENT,
    Condition,
    Layout,
    condition_of,
    lay_out,
)
from isthmus.pack import Pack
from isthmus.tables import codes, split_list

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CRITERIA = ("generalised", "cost", "time", "co2")
_TREES, _PENALTY, _PER_FEU = 12, 1.15, 2.0
_LEG = ("what", "name", "mode", "from_place", "to_place", "km", "hours", "usd_per_t", "co2_kg_per_t")
_LIKELY_TIME = 0.25  # USD per tonne-hour by which a corridor's itinerary is chosen between its places


@dataclass(frozen=True)
class Way:
    """One itinerary.

    Attributes:
        legs: table of legs in order: `what` (haul, border, transfer, wait, handling), `name`, `mode`, `from_place`, `to_place`,
            `km`, `hours`, `usd_per_t`, `co2_kg_per_t`.
        summary: days, km, USD per tonne and per FEU, kg CO2 per tonne, borders, places passed.
    """

    legs: pd.DataFrame
    summary: dict[str, object]


class Router:
    """Shortest ways on a region, hours and queues as observed in the base year.

    Parameters
    ----------
    pack : Pack
        The region.
    avoid : sequence of str
        Countries, operators or places not to be used.
    layout : Layout, optional
        Its graph, if it has been laid out before.
    state : Condition, optional
        What holds on its arcs, instead of the base year's as observed.
    """

    def __init__(
        self,
        pack: Pack,
        avoid: tuple[str, ...] = (),
        layout: Layout | None = None,
        state: Condition | None = None,
    ) -> None:
        self.pack = pack
        self.layout = layout or lay_out(pack)
        self.state = condition_of(pack, self.layout, observed=True) if state is None else state
        self.tariff = tariff_of(pack, self.layout)
        self.barred = _barred(pack, self.layout, avoid)
        grams = pack.table("modes")["co2_g_per_tkm"].to_numpy(float)
        at_zone = self.layout.kind == ACCESS
        self.co2: Floats = np.where(at_zone, 0.0, grams[self.layout.mode] * self.state.length / 1000.0)

    def ways(
        self,
        origin: str,
        destination: str,
        cargo: str,
        *,
        by: str = "generalised",
        via: tuple[str, ...] = (),
        alternatives: int = 5,
    ) -> list[Way]:
        """Distinct itineraries from one place to another, best first.

        Parameters
        ----------
        origin, destination, via : str
            Places (ids).
        cargo : str
            A segment, or a cargo class (its segment of largest share stands for it).
        by : str
            What to minimise: generalised cost, money, hours, CO2.
        alternatives : int
            Most itineraries to return.
        """
        layout, segment = self.layout, segment_called(self.pack, cargo)
        start, end = (zone_at(self.pack, layout, place) for place in (origin, destination))
        carriage = self.carriage(str(segment["cargo_class"]), start, end)
        cost = self.criterion(carriage, by, float(segment["value_of_time"]))
        chains = self._chains(cost, int(layout.zone_node[start]), int(layout.zone_node[end]), via)
        chains.sort(key=lambda chain: float(cost[chain].sum()))
        kept = _distinct(layout, chains, alternatives)
        return [
            Way(
                legs_of(self.pack, layout, carriage, self.co2, chain),
                summary_of(self.pack, layout, carriage, self.co2, chain),
            )
            for chain in kept
        ]

    def carriage(self, cargo_class: str, start: int, end: int) -> Carriage:
        """Costs of a class on every arc between two zones."""
        node = self.layout.zone_node[[start, end]]
        countries = self.tariff.place_country[self.layout.nodes["place_index"].to_numpy()[node]]
        row = int(codes([cargo_class], self.tariff.classes)[0])
        return carriage_of(self.tariff, self.state, row, int(countries[0]), int(countries[1]))

    def criterion(self, carriage: Carriage, by: str, value_of_time: float) -> Floats:
        """(A) what is minimised, infinite where the cargo may not go; ties by money and hours."""
        money, hours = carriage.money.sum(axis=0), carriage.hours.sum(axis=0)
        if by == "cost":
            cost = money + 1e-3 * hours
        elif by == "time":
            cost = hours + 1e-3 * money
        elif by == "co2":
            cost = self.co2 + 1e-4 * (money + hours)
        else:
            times = self.pack.parameters["value-of-time-factor"]
            cost = perceived(self.pack.parameters, self.layout, carriage, value_of_time * times)
        return np.where(carriage.closed | self.barred, np.inf, cost + 1e-9)

    def _chains(self, cost: Floats, start: int, end: int, via: tuple[str, ...]) -> list[Ints]:
        if via:
            return [
                chain for chain in [chain_through(self.layout, cost, start, end, via)] if chain is not None
            ]
        layout = self.layout
        factors = _mode_factors(layout)
        size, most = 400_000, factors.shape[0] + _TREES + 1
        arcs, first = np.empty(size, np.int64), np.empty(most + 1, np.int64)
        target, digest = np.empty(most, np.int64), np.empty(most, np.uint64)
        count = paths.find_paths(
            layout.first_out, layout.head, layout.tail, layout.passable, cost, factors, _TREES, _PENALTY, int(start),
            np.array([end], np.int64), np.arange(layout.arcs), layout.segment, arcs, first, target, digest,
        )  # fmt: skip
        return [arcs[first[k] : first[k + 1]].copy() for k in range(count)]


def segment_called(pack: Pack, cargo: str) -> pd.Series:
    """The segment of that id, or the largest one of the class; raises UserError if there is none."""
    segments = pack.table("segments")
    found = segments[(segments["segment"] == cargo) | (segments["cargo_class"] == cargo)]
    if found.empty:
        names = ", ".join(sorted({*segments["segment"], *segments["cargo_class"]}))
        raise UserError(f"There is no cargo {cargo!r}: expected one of {names}.")
    return found.sort_values("share", ascending=False, kind="stable").iloc[0]


def _barred(pack: Pack, layout: Layout, avoid: tuple[str, ...]) -> NDArray[np.bool_]:
    operators = pack.table("services")["operator"].to_numpy(object)
    barred = np.zeros(layout.arcs, bool)
    wrong = []
    for target in avoid:
        for kind, ids in (("country", layout.countries), ("place", layout.places), ("operator", operators)):
            if target in ids:
                barred |= touched(layout, operators, kind, target)
                break
        else:
            wrong.append(target)
    if wrong:
        raise UserError(
            f"Not to be avoided, for there is no such country, place or operator: {', '.join(wrong)}."
        )
    return np.asarray(barred & (layout.kind != ACCESS))


def zone_at(pack: Pack, layout: Layout, place: str) -> int:
    """Zone that lies at a place, or has that id."""
    zones = pack.table("zones")
    found = np.flatnonzero((zones["zone"] == place) | (zones["place"] == place))
    if not found.size:
        raise UserError(f"No freight begins or ends at {place!r}: `with_zone` adds a zone to a place.")
    return int(found[0])


def with_zone(pack: Pack, places: tuple[str, ...]) -> Pack:
    """The pack with a zone at each of the places that has none, so that itineraries may begin and end there."""
    zones = pack.table("zones")
    known = set(zones["zone"]) | set(zones["place"])
    fresh = [place for place in dict.fromkeys(places) if place not in known]
    if not fresh:
        return pack
    names = pack.table("places").set_index("place")["name"]
    rows = pd.DataFrame(
        {"zone": fresh, "name": [names[place] for place in fresh], "place": fresh, "source": "estimate"}
    )
    rows["confidence"], rows["note"] = "low", None
    return pack.replace("zones", pd.concat([zones, rows[zones.columns]], ignore_index=True))


def _mode_factors(layout: Layout) -> Floats:
    rows = [np.ones(layout.arcs)]
    rows += [np.where((layout.family >= 0) & (layout.family != f), 4.0, 1.0) for f in range(3)]
    return np.stack(rows)


def _distinct(layout: Layout, chains: list[Ints], most: int) -> list[Ints]:
    """The best chains, each with at least a tenth of its length off every better one."""
    kept: list[Ints] = []
    for chain in chains:
        own = layout.length[chain].sum()
        shares = [layout.length[np.intersect1d(chain, other)].sum() for other in kept]
        if all(
            shared < 0.9 * max(own, layout.length[other].sum())
            for shared, other in zip(shares, kept, strict=True)
        ):
            kept.append(chain)
        if len(kept) == most:
            break
    return kept


def chain_through(
    layout: Layout,
    cost: Floats,
    start: int,
    end: int,
    via: tuple[str, ...],
    gates: NDArray[np.bool_] | None = None,
) -> Ints | None:
    """Cheapest chain of arcs through places in their order, whatever the mode in which each is passed; None if there is none.

    With `gates` (A) it also uses at least one of those arcs. One search over copies of the graph: a copy for each number of places
    passed, before and after a gate.
    """
    nodes, sides = len(layout.nodes), 1 if gates is None else 2
    copies = (len(via) + 1) * sides
    place = layout.nodes["place"].to_numpy()
    tail = np.concatenate([layout.tail + copy * nodes for copy in range(copies)])
    head = np.concatenate([layout.head + copy * nodes for copy in range(copies)])
    for copy in range(copies):
        part = slice(copy * layout.arcs, (copy + 1) * layout.arcs)
        level, side = divmod(copy, sides)
        if level < len(via):
            head[part] += ((place[layout.head] == via[level]) & layout.passable[layout.head]) * sides * nodes
        if gates is not None and side == 0:
            head[part] += gates * nodes
    total = nodes * copies
    first_out = np.searchsorted(tail, np.arange(total + 1)).astype(np.int64)
    distance, arrival, path = np.empty(total), np.empty(total, np.int64), np.empty(total + 1, np.int64)
    costs = np.tile(cost, copies)
    shortest_tree(
        first_out, head, costs, int(start), np.tile(layout.passable, copies), distance, arrival, np.empty(costs.size + 2),
        np.empty(costs.size + 2, np.int64),
    )  # fmt: skip
    target = int(end) + (copies - 1) * nodes
    if not np.isfinite(distance[target]):
        return None
    count = trace(arrival, tail, int(start), target, path)
    return np.asarray(path[:count] % layout.arcs)


def legs_of(
    pack: Pack, layout: Layout, carriage: Carriage, co2: Floats, chain: Ints, scarcity: Floats | None = None
) -> pd.DataFrame:
    """Legs of a chain in order; hauls by one mode in one country are one leg. With `scarcity` (A) USD of it per tonne are a column."""
    tables = {name: pack.table(name) for name in ("services", "crossings", "places")}
    names = tables["places"]["name"].to_numpy()
    place = layout.nodes["place_index"].to_numpy()
    rows: list[tuple[object, ...]] = []
    paid: list[float] = []
    for a in chain.tolist():
        paid += [0.0] * (len(rows) - len(paid))
        kind, mode = layout.kind[a], layout.modes[layout.mode[a]]
        money, hours = carriage.money[:, a], carriage.hours[:, a]
        here, there = names[place[layout.tail[a]]], names[place[layout.head[a]]]
        if kind == ACCESS:
            what = "loading" if layout.forward[a] else "unloading"
            rows.append((what, "", mode, here, there, layout.length[a], hours.sum(), money.sum(), 0.0))
        elif kind in (TERMINAL, TRANSHIPMENT):
            to = (
                f"to {layout.nodes['mode'].iloc[layout.head[a]]}" if kind == TERMINAL else "from ship to ship"
            )
            rows.append(("transfer", to, mode, here, there, 0.0, hours.sum(), money.sum(), 0.0))
        else:
            if hours[3] > 0:
                rows.append(("wait", "for departure", mode, here, here, 0.0, hours[3], 0.0, 0.0))
            operator = tables["services"]["operator"].iloc[layout.element[a]] if kind == SERVICE else None
            name = operator or (layout.countries[layout.country_to[a]] if kind == LINK else "")
            rows.append(
                ("haul", name, mode, here, there, layout.length[a], hours[0], money.sum() - money[2], co2[a])
            )
            if layout.crossing[a] >= 0:
                border = tables["crossings"]["name"].iloc[layout.crossing[a]]
                rows.append(("border", border, mode, here, there, 0.0, hours[1], money[2], 0.0))
        if scarcity is not None:  # what the slots of an arc cost stands at its end
            paid += [0.0] * (len(rows) - len(paid) - 1) + [float(scarcity[a])]
    legs = pd.DataFrame(rows, columns=list(_LEG))
    return _merged(legs if scarcity is None else legs.assign(scarcity_usd_per_t=paid))


def _merged(legs: pd.DataFrame) -> pd.DataFrame:
    same = (legs["what"] == "haul") & (
        legs[["what", "mode", "name"]] == legs[["what", "mode", "name"]].shift()
    ).all(axis=1)
    number = (~same).cumsum()
    sums = {
        column: "sum"
        for column in legs.columns
        if column not in ("what", "name", "mode", "from_place", "to_place")
    }
    firsts = {column: "first" for column in ("what", "name", "mode", "from_place")}
    return legs.groupby(number).agg({**firsts, "to_place": "last", **sums}).reset_index(drop=True)


def summary_of(pack: Pack, layout: Layout, carriage: Carriage, co2: Floats, chain: Ints) -> dict[str, object]:
    """Totals of a chain: days, km, USD per tonne and FEU (a truck's load if the class goes in none), CO2, borders, places."""
    money = carriage.money[:, chain]
    tonnes = box_tonnes(layout, carriage, chain)
    names = pack.table("places")["name"].to_numpy()[
        layout.nodes["place_index"].to_numpy()[layout.head[chain]]
    ]
    kept = names[np.append(True, names[1:] != names[:-1])]
    usd = float(money.sum())
    return {
        "days": float(carriage.hours[:, chain].sum() / 24.0),
        "km": float(layout.length[chain].sum()),
        "usd_per_t": usd,
        "usd_per_feu": usd * tonnes,
        "co2_kg_per_t": float(co2[chain].sum()),
        "borders": int((layout.crossing[chain] >= 0).sum()),
        **{f"{payee}_usd_per_t": float(money[i].sum()) for i, payee in enumerate(PAYEES)},
        "places": [str(name) for name in kept],
    }


def box_tonnes(layout: Layout, carriage: Carriage, chain: Ints) -> float:
    """Tonnes of a FEU on a chain, as loaded on the vehicle that carries it furthest; NaN for cargo outside boxes."""
    boxed = chain[(carriage.teu[chain] > 0) & (layout.length[chain] > 0)]
    if not boxed.size:
        return float("nan")
    loads, which = np.unique(carriage.teu[boxed], return_inverse=True)
    return _PER_FEU / float(loads[np.argmax(np.bincount(which, layout.length[boxed]))])


@dataclass(frozen=True)
class CorridorWay:
    """The named itinerary of a corridor: its class, carriage, arcs in order (none if there is no way) and USD of scarcity per tonne
    on every arc."""

    corridor: str
    cargo: str
    carriage: Carriage
    chain: Ints
    scarcity: Floats


def corridor_ways(prepared: Prepared, solved: Solved) -> tuple[Router, list[CorridorWay]]:
    """For each corridor the cheapest way through its places and a gate, at 0.25 USD a tonne-hour with the solved prices of slots."""
    pack, layout = solved.pack, prepared.layout
    router = Router(pack, layout=layout)
    price = pool_prices(solved)[0]
    found = []
    for row in pack.table("corridors").to_dict("records"):
        cargo = _typical_class(pack, split_list(row["classes"]))
        start, end = (zone_at(pack, layout, row[zone]) for zone in ("from_zone", "to_zone"))
        carriage = router.carriage(cargo, start, end)
        at_pools = np.where(solved.state.pool >= 0, price[solved.state.pool], 0.0) if price.size else 0.0
        scarcity = np.asarray((carriage.slots * at_pools).sum(axis=1))
        chain = chain_through(
            layout, router.criterion(carriage, "generalised", _LIKELY_TIME) + scarcity, layout.zone_node[start],
            layout.zone_node[end], split_list(row["via"]), corridor_gates(prepared, solved, row["corridor"]),
        )  # fmt: skip
        none = np.empty(0, np.int64)
        found.append(
            CorridorWay(row["corridor"], cargo, carriage, none if chain is None else chain, scarcity)
        )
    return router, found


def corridor_itineraries(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """For each corridor its named itinerary through a gate: days and USD as published (hours as observed, scarcity apart), USD of
    scarcity a tonne, CO2, borders, and the pool on it with the highest load factor."""
    pack, layout = solved.pack, prepared.layout
    router, ways = corridor_ways(prepared, solved)
    factor = np.nan_to_num(pool_prices(solved)[1] / solved.state.capacity)
    names = pack.table("pools")["name"].to_numpy(object)
    rows: list[dict[str, object]] = []
    for way in ways:
        if not way.chain.size:
            rows.append({"cargo": way.cargo})
            continue
        summary = summary_of(pack, layout, way.carriage, router.co2, way.chain)
        drawn, paid = solved.state.pool[way.chain], float(way.scarcity[way.chain].sum())
        met = np.unique(drawn[drawn >= 0])
        worst = int(met[np.argmax(factor[met])]) if met.size and factor[met].max() > 0 else -1
        kept = ("days", "usd_per_feu", "usd_per_t", "co2_kg_per_t", "borders", "km")
        rows.append(
            {
                "cargo": way.cargo, **{name: summary[name] for name in kept}, "scarcity_usd_per_t": paid,
                "bottleneck": names[worst] if worst >= 0 else None, "bottleneck_load": factor[worst] if worst >= 0 else np.nan,
            }
        )  # fmt: skip
    columns = (
        "cargo",
        "days",
        "usd_per_feu",
        "usd_per_t",
        "scarcity_usd_per_t",
        "co2_kg_per_t",
        "borders",
        "km",
    )
    return pd.DataFrame(rows).reindex(columns=[*columns, "bottleneck", "bottleneck_load"])


def corridor_gates(prepared: Prepared, solved: Solved, corridor: str) -> NDArray[np.bool_]:
    """(A) arcs of the gates of a corridor, in the direction in which each counts."""
    table = solved.pack.table("corridor_gates")
    wanted = np.zeros(prepared.layout.arcs, bool)
    for gate in table[table["corridor"] == corridor].itertuples():
        wanted |= gate_arcs(prepared.layout, str(gate.kind), str(gate.element), str(gate.direction))
    return wanted


def gate_arcs(layout: Layout, kind: str, element: str, direction: str = "both") -> NDArray[np.bool_]:
    """(A) arcs of an element: a link, terminal or service by id, a crossing with all its links; `forward` or `back`: those arcs
    alone that run from its first place (or mode) to its second, or the other way."""
    if kind == "crossing":
        found, forward = layout.crossing == layout.crossings.get_loc(element), layout.crossing_forward
    else:
        code = KINDS.index(kind)
        found = (layout.kind == code) & (layout.element == layout.elements(code).get_loc(element))
        forward = layout.forward
    if direction == "both":
        return np.asarray(found)
    return np.asarray(found & (forward == (direction == "forward")))


def _typical_class(pack: Pack, counted: tuple[str, ...]) -> str:
    """The class whose itinerary stands for a corridor: the counted one in boxes of highest value, else the first counted."""
    classes = pack.table("classes")
    among = classes[classes["cargo_class"].isin(counted)] if counted else classes
    return str(
        among.sort_values(["unitised", "value_usd_per_t"], ascending=False, kind="stable")[
            "cargo_class"
        ].iloc[0]
    )
