"""Markets by segment, and the profiles by which they see the network: carriage, value of time, bans, premiums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.freight.costs import CAUSES, Carriage, Tariff, carriage_of, specific_rows
from isthmus.network import SERVICE, Condition, Layout
from isthmus.pack import Pack
from isthmus.tables import codes, split_list

TRUNKS = ("sea", "rail", "road", "combined")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Profile:
    """How a set of markets sees the arcs.

    Attributes:
        carriage: index of its carriage.
        value_of_time: USD per tonne-hour.
        bans, premiums: rows of those tables that hold for it, its own ends left out.
    """

    carriage: int
    value_of_time: float
    bans: tuple[tuple[str, str], ...]
    premiums: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Demand:
    """Markets by segment (M), their carriages and profiles.

    Attributes:
        market: (M) row in the table of markets.
        segment: (M) row in the table of segments.
        tonnes: (M) tonnes a year.
        price: (M) value of the goods, USD per tonne.
        elasticity: (M).
        origin, destination: (M) zones.
        cargo_class: (M) row in the table of classes.
        profile: (M) index of its profile.
        allowed: (M, 4) trunk modes it may use, in the order of TRUNKS.
        carriages: what tells each carriage: codes of the class and of the end countries of a market that rides it.
        profiles: the profiles.
    """

    market: Ints
    segment: Ints
    tonnes: Floats
    price: Floats
    elasticity: Floats
    origin: Ints
    destination: Ints
    cargo_class: Ints
    profile: Ints
    allowed: NDArray[np.bool_]
    carriages: tuple[tuple[int, int, int], ...]
    profiles: tuple[Profile, ...]


def demand_of(pack: Pack, layout: Layout, tariff: Tariff) -> Demand:
    """Markets of a pack, split by segment, with their profiles."""
    markets, classes = pack.table("markets"), pack.table("classes").set_index("cargo_class")
    segments = pack.table("segments")
    places = pack.table("places").set_index("place")["country"]
    zone_place = pack.table("zones").set_index("zone")["place"]
    ends = pd.DataFrame(
        {"origin": markets["origin"].map(zone_place), "destination": markets["destination"].map(zone_place)}
    )
    ends["from_country"], ends["to_country"] = ends["origin"].map(places), ends["destination"].map(places)
    carriage, names = _carriages(tariff, markets, ends)
    rows = pd.DataFrame({"row": np.arange(len(markets)), "cargo_class": markets["cargo_class"]}).merge(
        segments.reset_index(names="segment_row")[["segment_row", "cargo_class", "share", "value_of_time"]],
        on="cargo_class",
    )
    rows = rows.sort_values(["row", "segment_row"], kind="stable").reset_index(drop=True)
    own = rows["row"].to_numpy()
    profile, profiles = _profiles(pack, markets, ends, carriage, rows)
    price = (
        markets["value_usd_per_t"]
        .astype(float)
        .fillna(markets["cargo_class"].map(classes["value_usd_per_t"]).astype(float))
    )
    captive = [split_list(cell) for cell in markets["captive"]]
    allowed = np.array([[not tied or trunk in tied for trunk in TRUNKS] for tied in captive], bool).reshape(
        -1, len(TRUNKS)
    )
    return Demand(
        market=own,
        segment=rows["segment_row"].to_numpy(np.int64),
        tonnes=markets["tonnes"].to_numpy(float)[own] * rows["share"].to_numpy(float),
        price=price.to_numpy(float)[own],
        elasticity=markets["cargo_class"].map(classes["elasticity"]).to_numpy(float)[own],
        origin=codes(markets["origin"], layout.zones)[own],
        destination=codes(markets["destination"], layout.zones)[own],
        cargo_class=codes(markets["cargo_class"], pd.Index(classes.index))[own],
        profile=profile,
        allowed=allowed[own],
        carriages=names,
        profiles=profiles,
    )


def _carriages(
    tariff: Tariff, markets: pd.DataFrame, ends: pd.DataFrame
) -> tuple[Ints, tuple[tuple[int, int, int], ...]]:
    """Carriage of each market; a new one wherever its ends call for load units or rates of their own."""
    ends_of = np.stack(
        [
            codes(markets["cargo_class"], tariff.classes),
            codes(ends["from_country"], tariff.layout.countries),
            codes(ends["to_country"], tariff.layout.countries),
        ],
        axis=1,
    )
    triples, inverse = np.unique(ends_of, axis=0, return_inverse=True)
    known: dict[tuple[int, ...], int] = {}
    names: list[tuple[int, int, int]] = []
    of_triple = np.empty(len(triples), np.int64)
    for i, (cargo_class, origin, destination) in enumerate(triples.tolist()):
        key = (cargo_class, *specific_rows(tariff, cargo_class, origin, destination))
        if key not in known:
            known[key] = len(names)
            names.append((cargo_class, origin, destination))
        of_triple[i] = known[key]
    return of_triple[inverse.reshape(-1)], tuple(names)


def _profiles(
    pack: Pack, markets: pd.DataFrame, ends: pd.DataFrame, carriage: Ints, rows: pd.DataFrame
) -> tuple[Ints, tuple[Profile, ...]]:
    bans = pack.in_force("bans").groupby("group")
    premiums = pack.in_force("premiums").groupby("group")
    ban_rows = {group: list(zip(part["kind"], part["target"], strict=True)) for group, part in bans}
    times = pack.parameters["value-of-time-factor"]
    asked_times = pack.parameters["premium-factor"]
    premium_rows = {
        group: list(
            zip(part["kind"], part["target"], part["usd_per_t"].astype(float) * asked_times, strict=True)
        )
        for group, part in premiums
    }
    restrictions = []
    for group, *own in zip(markets["group"], *(ends[column] for column in ends), strict=True):
        away = {("place", own[0]), ("place", own[1]), ("country", own[2]), ("country", own[3])}
        barred = tuple(sorted(row for row in ban_rows.get(group, ()) if row not in away))
        asked = tuple(sorted(row for row in premium_rows.get(group, ()) if row[:2] not in away))
        restrictions.append((barred, asked))
    found: dict[Profile, int] = {}
    index = np.empty(len(rows), np.int64)
    for i, (row, value) in enumerate(zip(rows["row"], rows["value_of_time"].astype(float), strict=True)):
        profile = Profile(int(carriage[row]), value * times, *restrictions[row])
        index[i] = found.setdefault(profile, len(found))
    return index, tuple(found)


def carriages_of(tariff: Tariff, state: Condition, demand: Demand) -> list[Carriage]:
    """Costs on every arc for each carriage of the demand."""
    return [carriage_of(tariff, state, *name) for name in demand.carriages]


def reopened(layout: Layout, state: Condition, carriages: list[Carriage]) -> list[Carriage]:
    """The same carriages where only what is open has changed."""
    return [replace(carriage, closed=carriage.barred | ~state.open) for carriage in carriages]


def shut(demand: Demand, carriages: list[Carriage], costs: Floats) -> Floats:
    """(profile, A) the costs, infinite where the carriage may not go."""
    closed = np.stack([carriage.closed for carriage in carriages])
    return np.where(closed[[profile.carriage for profile in demand.profiles]], np.inf, costs)


def open_costs(pack: Pack, layout: Layout, demand: Demand, carriages: list[Carriage]) -> Floats:
    """(profile, A) generalised cost as if every arc were open; infinite where the profile is barred."""
    operators = pack.table("services")["operator"].to_numpy(object)
    costs = np.empty((len(demand.profiles), layout.arcs))
    for i, profile in enumerate(demand.profiles):
        cost = perceived(pack.parameters, layout, carriages[profile.carriage], profile.value_of_time)
        for kind, target, usd in profile.premiums:
            cost[_asked(layout, operators, kind, target)] += usd
        for kind, target in profile.bans:
            cost[touched(layout, operators, kind, target)] = np.inf
        costs[i] = cost
    return costs


def perceived(
    parameters: Mapping[str, float], layout: Layout, carriage: Carriage, value_of_time: float
) -> Floats:
    """(A) generalised cost of an arc without premiums, USD per tonne: money, hours and their spread at a value of time in USD per
    tonne-hour, hours at borders `border-factor` times as much, and what is asked for boarding a train."""
    hours = (
        carriage.hours.sum(axis=0)
        + (parameters["border-factor"] - 1.0) * carriage.hours[CAUSES.index("border")]
    )
    cost = carriage.money.sum(axis=0) + value_of_time * (
        hours + parameters["reliability-ratio"] * carriage.deviation
    )
    return np.asarray(cost + parameters["rail-usd-per-t"] * layout.boards_rail)


def premium_costs(pack: Pack, layout: Layout, demand: Demand) -> Floats:
    """(profile, A) premiums alone, USD per tonne."""
    operators = pack.table("services")["operator"].to_numpy(object)
    costs = np.zeros((len(demand.profiles), layout.arcs))
    for i, profile in enumerate(demand.profiles):
        for kind, target, usd in profile.premiums:
            costs[i, _asked(layout, operators, kind, target)] += usd
    return costs


def touched(layout: Layout, operators: NDArray[np.object_], kind: str, target: str) -> NDArray[np.bool_]:
    """Arcs on a territory, at a place, or of an operator."""
    if kind == "country":
        country = layout.countries.get_loc(target)
        return np.asarray((layout.country_from == country) | (layout.country_to == country))
    if kind == "place":
        at = (layout.nodes["place"] == target).to_numpy() & (layout.nodes["mode_index"] >= 0).to_numpy()
        return at[layout.tail] | at[layout.head]
    return _operated(layout, operators, target)


def _asked(layout: Layout, operators: NDArray[np.object_], kind: str, target: str) -> NDArray[np.bool_]:
    """Arcs on which a premium falls due: those that enter the territory or the place, those of the operator."""
    if kind == "country":
        country = layout.countries.get_loc(target)
        return np.asarray((layout.country_to == country) & (layout.country_from != country))
    if kind == "place":
        at = (layout.nodes["place"] == target).to_numpy()
        return at[layout.head] & ~at[layout.tail]
    return _operated(layout, operators, target)


def _operated(layout: Layout, operators: NDArray[np.object_], target: str) -> NDArray[np.bool_]:
    service = layout.kind == SERVICE
    if not len(operators):
        return np.zeros(layout.arcs, bool)
    return np.asarray(service & (operators[np.where(service, layout.element, 0)] == target))
