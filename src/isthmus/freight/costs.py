"""What a tonne pays, waits and uses on every arc: money by payee, hours by cause, slots, vehicles.

A carriage is a cargo class with the load units and rates that its direction calls for; most classes have one. Money and hours
depend on the carriage alone; the value of time, bans and premiums are a profile's (`isthmus.freight.profiles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.network import ACCESS, LINK, SERVICE, TERMINAL, TRANSHIPMENT, Condition, Layout
from isthmus.pack import Pack
from isthmus.tables import codes

PAYEES = ("carrier", "infrastructure", "border", "terminal")
CAUSES = ("running", "border", "terminal", "waiting")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Load units of one carriage by mode (Q modes): NaN or -1 where the class has no unit.

    Attributes:
        unit: (Q) index of the vehicle type.
        tonnes: (Q) net load of a laden unit.
        train: (Q) units of a train, 1 where none is given.
        teu: (Q) TEU of a laden unit.
        standing: (Q) USD per hour.
    """

    unit: Ints
    tonnes: Floats
    train: Floats
    teu: Floats
    standing: Floats


@dataclass(frozen=True)
class Carriage:
    """Costs of a tonne of one carriage on every arc (A).

    Attributes:
        cargo_class: row of its class.
        money: (payee, A) USD per tonne, standing cost included in the carrier's.
        hours: (cause, A) hours.
        deviation: (A) standard deviation of the hours.
        unit: (A) vehicle type in which it rides, -1 at access.
        per_unit: (A) tonnes of a laden unit, NaN at access.
        teu: (A) TEU per tonne.
        standing: (A) USD per tonne for an hour of the vehicle.
        slots: (A, 2) slots per tonne of the arc's pools.
        barred: (A) whatever the status: not carried, or without a load unit or a price.
        closed: (A) not to be used: barred or closed.
    """

    cargo_class: int
    money: Floats
    hours: Floats
    deviation: Floats
    unit: Ints
    per_unit: Floats
    teu: Floats
    standing: Floats
    slots: Floats
    barred: NDArray[np.bool_]
    closed: NDArray[np.bool_]


@dataclass(frozen=True)
class Lookup:
    """A price table by codes: -1 where a row holds for any.

    Attributes:
        mode, country, cargo_class, origin, destination: (rows) codes.
        order: rows from the least specific to the most.
        value: numeric columns by name, empty ones NaN.
    """

    mode: Ints
    country: Ints
    cargo_class: Ints
    origin: Ints
    destination: Ints
    order: Ints
    value: dict[str, Floats]

    def fits(self, cargo_class: int, origin: int, destination: int) -> NDArray[np.bool_]:
        """Rows that hold for a class from one country to another."""
        return np.asarray(
            ((self.cargo_class < 0) | (self.cargo_class == cargo_class))
            & ((self.origin < 0) | (self.origin == origin))
            & ((self.destination < 0) | (self.destination == destination))
        )

    def by_mode(self, layout: Layout, cargo_class: int, origin: int = -1, destination: int = -1) -> Ints:
        """(mode, country) row that counts, -1 if none: the more specific overwrites the less."""
        rows = np.full((len(layout.modes), len(layout.countries)), -1, np.int64)
        fits = self.fits(cargo_class, origin, destination)
        for row in self.order[fits[self.order]]:
            country = self.country[row]
            rows[self.mode[row], country if country >= 0 else slice(None)] = row
        return rows


def _lookup_of(table: pd.DataFrame, columns: tuple[str, ...], layout: Layout, classes: pd.Index) -> Lookup:
    """Codes of a table; `columns` are those that make a row specific, the first counting most among equals."""

    def code(column: str, index: pd.Index) -> Ints:
        if column not in table:
            return np.full(len(table), -1, np.int64)
        return codes(table[column], index)

    filled = np.zeros(len(table))
    for place, column in enumerate(reversed(columns)):
        filled += table[column].notna().to_numpy() * (100.0 + 2.0**place)
    value = {name: table[name].to_numpy(float) for name in table.columns if table[name].dtype.kind in "fb"}
    return Lookup(
        code("mode", layout.modes), code("country", layout.countries), code("cargo_class", classes),
        code("from_country", layout.countries), code("to_country", layout.countries), np.argsort(filled, kind="stable"), value,
    )  # fmt: skip


@dataclass(frozen=True)
class Tariff:
    """The price tables of a region by codes.

    Attributes:
        units: ids of the vehicle types; unit: (rows of load_units) which one a row is.
        unitised: (classes) whether the class travels in boxes.
        sea: modes of ships; ferry: (modes) whether it carries vehicles.
        place_country: (places) country.
        pool_unit: (pools) the scarce thing.
    """

    layout: Layout
    parameters: Mapping[str, float]
    classes: pd.Index
    unitised: NDArray[np.bool_]
    units: pd.Index
    unit: Ints
    load_units: Lookup
    rates: Lookup
    handling: Lookup
    sea: Ints
    ferry: NDArray[np.bool_]
    place_country: Ints
    pool_unit: NDArray[np.object_]


def tariff_of(pack: Pack, layout: Layout) -> Tariff:
    """Price tables of a region, ready to be looked up."""
    load_units, modes, classes = pack.table("load_units"), pack.table("modes"), pack.table("classes")
    names = pd.Index(classes["cargo_class"])
    units = pd.Index(sorted(set(load_units["unit"])))
    return Tariff(
        layout=layout,
        parameters=pack.parameters,
        classes=names,
        unitised=classes["unitised"].to_numpy(bool),
        units=units,
        unit=codes(load_units["unit"], units),
        load_units=_lookup_of(load_units, ("from_country", "to_country"), layout, names),
        rates=_lookup_of(
            pack.table("rates"), ("country", "cargo_class", "from_country", "to_country"), layout, names
        ),
        handling=_lookup_of(pack.table("handling"), ("country", "cargo_class"), layout, names),
        sea=np.flatnonzero(modes["trunk"] == "sea"),
        ferry=modes["carries"].notna().to_numpy(),
        place_country=codes(pack.table("places")["country"], layout.countries),
        pool_unit=pack.table("pools")["unit"].to_numpy(object),
    )


def specific_rows(tariff: Tariff, cargo_class: int, origin: int, destination: int) -> tuple[int, ...]:
    """Rows of `load_units` and `rates` that name the ends of a market: what tells its carriage from the class's usual one."""
    found: list[int] = []
    for shift, table in ((0, tariff.load_units), (len(tariff.unit), tariff.rates)):
        named = np.flatnonzero((table.origin >= 0) | (table.destination >= 0))
        fits = table.fits(cargo_class, origin, destination)[named]
        found += (named[fits] + shift).tolist()
    return tuple(found)


def units_of(tariff: Tariff, cargo_class: int, origin: int, destination: int) -> Units:
    """Load units by mode for a class from one country to another."""
    table = tariff.load_units
    chosen = np.full(len(tariff.layout.modes), -1, np.int64)
    fits = table.fits(cargo_class, origin, destination)
    for row in table.order[fits[table.order]]:
        chosen[table.mode[row]] = row

    def column(name: str, missing: float) -> Floats:
        values = np.where(np.isnan(table.value[name]), missing, table.value[name])
        return np.where(chosen >= 0, values[chosen], np.nan)

    unit = np.where(chosen >= 0, tariff.unit[chosen], -1)
    return Units(
        unit,
        column("tonnes_laden", np.nan),
        column("units_per_train", 1.0),
        column("teu", 0.0),
        column("standing_usd_per_h", 0.0),
    )


def carriage_of(
    tariff: Tariff, state: Condition, cargo_class: int, origin: int, destination: int
) -> Carriage:
    """Costs of a tonne of a class on every arc, for markets from one country to another.

    Parameters
    ----------
    tariff : Tariff
        Price tables.
    state : Condition
        Hours, charges and pools of the arcs.
    cargo_class, origin, destination : int
        Codes of the class and of the countries of a market that rides this carriage.
    """
    layout = tariff.layout
    boxed = bool(tariff.unitised[cargo_class])
    units = units_of(tariff, cargo_class, origin, destination)
    tonnes, unit = units.tonnes[layout.mode], units.unit[layout.mode]
    box = _box_tonnes(tariff, units)[layout.mode]
    waits = state.waiting * (boxed | tariff.ferry[layout.mode])
    money = np.zeros((len(PAYEES), layout.arcs))
    hours = np.stack([state.running, state.border, state.terminal, waits])
    deviation = state.deviation.copy()
    _add_distance(tariff, state, cargo_class, origin, destination, tonnes, money)
    _add_services(tariff, state, boxed, tonnes, box, money)
    money[2] += np.where(layout.crossing >= 0, state.border_usd / tonnes, 0.0)
    _add_access(tariff, cargo_class, money, hours, deviation)
    moving = (layout.kind == LINK) | (layout.kind == SERVICE)
    standing = units.standing[layout.mode] / tonnes * (hours[0] + hours[1] + hours[3])
    money[0] += np.where(moving, standing, 0.0)
    barred = (
        ~state.carried[:, cargo_class]
        | (np.isnan(tonnes) & (layout.kind != ACCESS))
        | np.isnan(money).any(axis=0)
    )
    slots = _slots(tariff, state, units, tonnes)
    at_access = layout.kind == ACCESS
    return Carriage(
        cargo_class, np.where(barred, 0.0, money), hours, deviation, np.where(at_access, -1, unit), np.where(at_access, np.nan, tonnes),
        np.nan_to_num(units.teu[layout.mode] / tonnes), units.standing[layout.mode] / tonnes, slots, barred, barred | ~state.open,
    )  # fmt: skip


def _box_tonnes(tariff: Tariff, units: Units) -> Floats:
    """Tonnes of a FEU by mode: that of the ship if the class goes in boxes by sea, else the mode's own unit."""
    at_sea = units.tonnes[tariff.sea][np.nan_to_num(units.teu[tariff.sea]) > 0]
    if at_sea.size:
        return np.full(units.tonnes.size, at_sea[0])
    return units.tonnes


def _add_distance(
    tariff: Tariff,
    state: Condition,
    cargo_class: int,
    origin: int,
    destination: int,
    tonnes: Floats,
    money: Floats,
) -> None:
    """Distance money of the links; on a link across a border the mean of the two countries' rates."""
    layout, value = tariff.layout, tariff.rates.value
    rows = tariff.rates.by_mode(layout, cargo_class, origin, destination)
    links = np.flatnonzero(layout.kind == LINK)
    per_tkm, per_km, share = value["usd_per_tkm"], value["usd_per_unit_km"], value["infrastructure_share"]
    for country in (layout.country_from, layout.country_to):
        row = rows[layout.mode[links], country[links]]
        price = np.where(row >= 0, per_tkm[row] + per_km[row] / tonnes[links], np.nan)
        half = 0.5 * price * state.length[links] * state.cost_factor[links]
        money[0, links] += half * (1.0 - share[row])
        money[1, links] += half * share[row]


def _add_services(
    tariff: Tariff, state: Condition, boxed: bool, tonnes: Floats, box: Floats, money: Floats
) -> None:
    layout = tariff.layout
    ferry = tariff.ferry[layout.mode]
    at_sea = np.where(ferry, state.box_usd / tonnes, state.box_usd / box if boxed else state.bulk_usd)
    services = layout.kind == SERVICE
    money[0] += np.where(services, at_sea, 0.0)
    ashore = state.box_usd / box if boxed else state.bulk_usd
    money[3] += np.where((layout.kind == TERMINAL) | (layout.kind == TRANSHIPMENT), ashore, 0.0)


def _add_access(tariff: Tariff, cargo_class: int, money: Floats, hours: Floats, deviation: Floats) -> None:
    """Handling at the zone, and drayage to a place further off."""
    layout, value, parameters = tariff.layout, tariff.handling.value, tariff.parameters
    rows = tariff.handling.by_mode(layout, cargo_class)
    arcs = np.flatnonzero(layout.kind == ACCESS)
    zone_place = layout.nodes["place_index"].to_numpy()[layout.zone_node]
    row = rows[layout.mode[arcs], tariff.place_country[zone_place[layout.element[arcs]]]]
    known = row >= 0
    money[3, arcs] += np.where(known, value["usd_per_t"][row], np.nan)
    hours[2, arcs] += np.where(known, value["hours"][row], 0.0)
    deviation[arcs] += np.where(known, value["hours_sd"][row], 0.0)
    money[0, arcs] += layout.length[arcs] * parameters["drayage-usd-per-tkm"]
    hours[0, arcs] += layout.length[arcs] / parameters["drayage-km-per-h"]


def _slots(tariff: Tariff, state: Condition, units: Units, tonnes: Floats) -> Floats:
    """(A, 2) slots per tonne of the arc's own pool and of its crossing's; a draft below the nominal takes more."""
    mode = tariff.layout.mode
    slots = slots_by_pool(
        tariff,
        state,
        1.0 / (tonnes * units.train[mode]),
        1.0 / tonnes,
        units.teu[mode] / tonnes,
        np.ones(mode.size),
    )
    return np.asarray(np.nan_to_num(slots) / state.load_factor[:, None])


def slots_by_pool(
    tariff: Tariff, state: Condition, trains: Floats, vehicles: Floats, teu: Floats, tonnes: Floats
) -> Floats:
    """(A, 2) amount that counts in the unit of each arc's two pools, 0 where there is none."""
    amounts = {
        "train_pairs_per_day": trains,
        "trucks_per_day": vehicles,
        "wagons_per_year": vehicles,
        "teu_per_year": teu,
    }
    slots = np.zeros(state.pool.shape)
    for column in range(2):
        where = np.flatnonzero(state.pool[:, column] >= 0)
        drawn = tariff.pool_unit[state.pool[where, column]]
        slots[where, column] = tonnes[where]
        for name, amount in amounts.items():
            its = where[drawn == name]
            slots[its, column] = amount[its]
    return slots
