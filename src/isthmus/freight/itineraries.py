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
from isthmus.freight.prepared import Prepared, Solved
from isthmus.freight.flows import pool_prices
from isthmus.network import ACCESS, LINK, SERVICE, TERMINAL, Layout, condition_of, lay_out
from isthmus.pack import Pack
from isthmus.tables import split_list

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CRITERIA = ("generalised", "cost", "time", "co2")
_TREES, _PENALTY, _PER_FEU = 12, 1.15, 2.0


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
    """Shortest ways on a region for one cargo class and value of time, hours and queues as observed in the base year.

    Parameters
    ----------
    pack : Pack
        The region.
    cargo : str
        A segment, or a cargo class (its segment of largest share stands for it).
    avoid : sequence of str
        Countries, operators or places not to be used.
    """

    def __init__(self, pack: Pack, cargo: str, avoid: tuple[str, ...] = ()) -> None:
        self.pack = pack
        self.layout = lay_out(pack)
        self.segment = _segment(pack, cargo)
        self.state = condition_of(pack, self.layout, observed=True)
        self.tariff = tariff_of(pack, self.layout)
        self.barred = _barred(pack, self.layout, avoid)
        self.grams = pack.table("modes")["co2_g_per_tkm"].to_numpy(float)

    def ways(
        self, origin: str, destination: str, *, by: str = "generalised", via: tuple[str, ...] = (), alternatives: int = 5
    ) -> list[Way]:
        """Distinct itineraries from one place to another, best first.

        Parameters
        ----------
        origin, destination, via : str
            Places (ids).
        by : str
            What to minimise: generalised cost, money, hours, CO2.
        alternatives : int
            Most itineraries to return.
        """
        layout = self.layout
        start, end = (zone_at(self.pack, layout, place) for place in (origin, destination))
        row = int(self.tariff.classes.get_loc(self.segment["cargo_class"]))
        countries = self.tariff.place_country[layout.nodes["place_index"].to_numpy()[layout.zone_node[[start, end]]]]
        carriage = carriage_of(self.tariff, self.state, row, int(countries[0]), int(countries[1]))
        cost = self._criterion(carriage, by)
        chains = self._chains(cost, layout.zone_node[start], layout.zone_node[end], via)
        chains.sort(key=lambda chain: float(cost[chain].sum()))
        return [self._way(carriage, chain) for chain in _distinct(layout, chains, alternatives)]

    def _criterion(self, carriage: Carriage, by: str) -> Floats:
        money, hours = carriage.money.sum(axis=0), carriage.hours.sum(axis=0)
        time = float(self.segment["value_of_time"])
        ratio = self.pack.parameters["reliability-ratio"]
        if by == "cost":
            cost = money + 1e-3 * hours
        elif by == "time":
            cost = hours + 1e-3 * money
        elif by == "co2":
            cost = self._co2() + 1e-4 * (money + hours)
        else:
            cost = money + time * (hours + ratio * carriage.deviation)
        return np.where(carriage.closed | self.barred, np.inf, cost + 1e-9)

    def _co2(self) -> Floats:
        layout = self.layout
        moving = (layout.kind == LINK) | (layout.kind == SERVICE)
        return np.where(moving, self.grams[layout.mode] * layout.length / 1000.0, 0.0)

    def _chains(self, cost: Floats, start: int, end: int, via: tuple[str, ...]) -> list[Ints]:
        if via:
            return [chain for chain in [chain_through(self.layout, cost, start, end, via)] if chain is not None]
        layout = self.layout
        factors = _mode_factors(layout)
        size, most = 400_000, factors.shape[0] + _TREES + 1
        arcs, first = np.empty(size, np.int64), np.empty(most + 1, np.int64)
        target, digest = np.empty(most, np.int64), np.empty(most, np.uint64)
        count = paths.find_paths(
            layout.first_out, layout.head, layout.tail, layout.passable, cost, factors, _TREES, _PENALTY, int(start),
            np.array([end], np.int64), np.arange(layout.arcs), arcs, first, target, digest,
        )  # fmt: skip
        return [arcs[first[k] : first[k + 1]].copy() for k in range(count)]

    def _way(self, carriage: Carriage, chain: Ints) -> Way:
        legs = legs_of(self.pack, self.layout, carriage, self._co2(), chain)
        return Way(legs, summary_of(self.pack, self.layout, carriage, self._co2(), chain))


def _segment(pack: Pack, cargo: str) -> pd.Series:
    segments = pack.table("segments")
    found = segments[(segments["segment"] == cargo) | (segments["cargo_class"] == cargo)]
    if found.empty:
        names = ", ".join(sorted({*segments["segment"], *segments["cargo_class"]}))
        raise UserError(f"There is no cargo {cargo!r}: expected one of {names}.")
    return found.sort_values("share", ascending=False, kind="stable").iloc[0]


def _barred(pack: Pack, layout: Layout, avoid: tuple[str, ...]) -> NDArray[np.bool_]:
    from isthmus.freight.profiles import touched

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
        raise UserError(f"Not to be avoided, for there is no such country, place or operator: {', '.join(wrong)}.")
    return barred & (layout.kind != ACCESS)


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
    rows = pd.DataFrame({"zone": fresh, "name": [names[place] for place in fresh], "place": fresh, "source": "estimate"})
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
        if all(shared < 0.9 * max(own, layout.length[other].sum()) for shared, other in zip(shares, kept, strict=True)):
            kept.append(chain)
        if len(kept) == most:
            break
    return kept


def chain_through(layout: Layout, cost: Floats, start: int, end: int, via: tuple[str, ...]) -> Ints | None:
    """Cheapest chain of arcs through places in their order, whatever the mode in which each is passed; None if there is none.

    One search over copies of the graph, one for each place still to be passed.
    """
    nodes, levels = len(layout.nodes), len(via) + 1
    place = layout.nodes["place"].to_numpy()
    tail = np.concatenate([layout.tail + level * nodes for level in range(levels)])
    head = np.concatenate([layout.head + level * nodes for level in range(levels)])
    for level, name in enumerate(via):
        reached = (place[layout.head] == name) & layout.passable[layout.head]
        head[level * layout.arcs : (level + 1) * layout.arcs][reached] += nodes
    total = nodes * levels
    first_out = np.searchsorted(tail, np.arange(total + 1)).astype(np.int64)
    distance, arrival, path = np.empty(total), np.empty(total, np.int64), np.empty(total + 1, np.int64)
    costs = np.tile(cost, levels)
    shortest_tree(
        first_out, head, costs, int(start), np.tile(layout.passable, levels), distance, arrival, np.empty(costs.size + 2),
        np.empty(costs.size + 2, np.int64),
    )  # fmt: skip
    target = int(end) + (levels - 1) * nodes
    if not np.isfinite(distance[target]):
        return None
    count = trace(arrival, tail, int(start), target, path)
    return np.asarray(path[:count] % layout.arcs)


def legs_of(pack: Pack, layout: Layout, carriage: Carriage, co2: Floats, chain: Ints) -> pd.DataFrame:
    """Legs of a chain in order; hauls by one mode in one country are one leg."""
    tables = {name: pack.table(name) for name in ("services", "crossings", "terminals", "places")}
    names = tables["places"]["name"].to_numpy()
    place = layout.nodes["place_index"].to_numpy()
    rows: list[dict[str, object]] = []
    for a in chain.tolist():
        kind, mode = layout.kind[a], layout.modes[layout.mode[a]]
        money, hours = carriage.money[:, a], carriage.hours[:, a]
        ends = {"from_place": names[place[layout.tail[a]]], "to_place": names[place[layout.head[a]]], "mode": mode}
        if kind == ACCESS:
            what = "loading" if layout.forward[a] else "unloading"
            rows.append({**ends, "what": what, "name": "", "km": layout.length[a], "hours": hours.sum(), "usd_per_t": money.sum(), "co2_kg_per_t": 0.0})
        elif kind == TERMINAL:
            head = layout.modes[layout.nodes["mode_index"].to_numpy()[layout.head[a]]]
            rows.append({**ends, "what": "transfer", "name": f"to {head}", "km": 0.0, "hours": hours.sum(), "usd_per_t": money.sum(), "co2_kg_per_t": 0.0})
        else:
            if hours[3] > 0:
                rows.append({**ends, "to_place": ends["from_place"], "what": "wait", "name": "for departure", "km": 0.0, "hours": hours[3], "usd_per_t": 0.0, "co2_kg_per_t": 0.0})
            operator = tables["services"]["operator"].iloc[layout.element[a]] if kind == SERVICE else None
            country = layout.countries[layout.country_to[a]]
            rows.append({**ends, "what": "haul", "name": operator or (country if kind == LINK else ""), "km": layout.length[a], "hours": hours[0], "usd_per_t": money.sum() - money[2], "co2_kg_per_t": co2[a]})
            if layout.crossing[a] >= 0:
                rows.append({**ends, "what": "border", "name": tables["crossings"]["name"].iloc[layout.crossing[a]], "km": 0.0, "hours": hours[1], "usd_per_t": money[2], "co2_kg_per_t": 0.0})
    return _merged(pd.DataFrame(rows))


def _merged(legs: pd.DataFrame) -> pd.DataFrame:
    same = (legs["what"] == "haul") & (legs[["what", "mode", "name"]] == legs[["what", "mode", "name"]].shift()).all(axis=1)
    number = (~same).cumsum()
    sums = {column: "sum" for column in ("km", "hours", "usd_per_t", "co2_kg_per_t")}
    firsts = {column: "first" for column in ("what", "name", "mode", "from_place")}
    return legs.groupby(number).agg({**firsts, "to_place": "last", **sums}).reset_index(drop=True)


def summary_of(pack: Pack, layout: Layout, carriage: Carriage, co2: Floats, chain: Ints) -> dict[str, object]:
    """Totals of a chain: days, km, USD per tonne and FEU (a truck's load if the class goes in none), CO2, borders, places."""
    money = carriage.money[:, chain]
    tonnes = box_tonnes(carriage, layout)
    names = pack.table("places")["name"].to_numpy()[layout.nodes["place_index"].to_numpy()[layout.head[chain]]]
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


def box_tonnes(carriage: Carriage, layout: Layout) -> float:
    """Tonnes of a FEU of the carriage, NaN for cargo outside boxes."""
    boxed = (carriage.teu > 0) & (layout.kind == LINK)
    if not boxed.any():
        return float("nan")
    return _PER_FEU / float(np.median(carriage.teu[boxed]))


def corridor_itineraries(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """For each corridor its named itinerary at the solved state, queues included: days, USD, CO2, borders, tightest pool."""
    pack, layout = solved.pack, prepared.layout
    corridors = pack.table("corridors")
    tariff = tariff_of(pack, layout)
    price, used = pool_prices(solved)
    pools = pack.table("pools")
    queue = np.where(price > 0, solved.state.delay_hours * _relative(price, solved), 0.0)
    router_co2 = np.where(
        (layout.kind == LINK) | (layout.kind == SERVICE),
        pack.table("modes")["co2_g_per_tkm"].to_numpy(float)[layout.mode] * layout.length / 1000.0, 0.0,
    )  # fmt: skip
    rows = []
    for row in corridors.itertuples():
        cargo = _typical_class(pack, split_list(row.classes))
        start, end = (zone_at(pack, layout, str(zone)) for zone in (row.from_zone, row.to_zone))
        ends = tariff.place_country[layout.nodes["place_index"].to_numpy()[layout.zone_node[[start, end]]]]
        carriage = carriage_of(tariff, solved.state, int(tariff.classes.get_loc(cargo)), int(ends[0]), int(ends[1]))
        cost = np.where(carriage.closed, np.inf, carriage.money.sum(axis=0) + 0.25 * carriage.hours.sum(axis=0))
        chain = chain_through(layout, cost, layout.zone_node[start], layout.zone_node[end], split_list(row.via))
        if chain is None:
            rows.append({"cargo": cargo})
            continue
        summary = summary_of(pack, layout, carriage, router_co2, chain)
        drawn = solved.state.pool[chain]
        met = np.unique(drawn[(drawn >= 0)])
        factor = np.nan_to_num((used / solved.state.capacity)[met])
        worst = met[np.argmax(factor)] if factor.size and factor.max() > 0 else -1
        rows.append(
            {
                "cargo": cargo, **{name: summary[name] for name in ("usd_per_feu", "usd_per_t", "co2_kg_per_t", "borders", "km")},
                "days": float(summary["days"]) + queue[met].sum() / 24.0,  # type: ignore[arg-type]
                "bottleneck": pools["name"].iloc[worst] if worst >= 0 else None,
                "bottleneck_load": float(np.nan_to_num((used / solved.state.capacity)[worst])) if worst >= 0 else np.nan,
            }
        )  # fmt: skip
    columns = ["cargo", "days", "usd_per_feu", "usd_per_t", "co2_kg_per_t", "borders", "km", "bottleneck", "bottleneck_load"]
    return pd.DataFrame(rows).reindex(columns=columns)


def _relative(price: Floats, solved: Solved) -> Floats:
    """Price of each pool's slot over what an hour of it is worth: x^power / (1 - x)."""
    scale = np.ones(price.size)
    scale[np.isfinite(solved.state.capacity)] = np.maximum(solved.problem.pools.scale, 1e-300)
    return price / scale


def _typical_class(pack: Pack, counted: tuple[str, ...]) -> str:
    """The class whose itinerary stands for a corridor: the counted one in boxes of highest value, else the first counted."""
    classes = pack.table("classes")
    among = classes[classes["cargo_class"].isin(counted)] if counted else classes
    return str(among.sort_values(["unitised", "value_usd_per_t"], ascending=False, kind="stable")["cargo_class"].iloc[0])

