"""How tests look at a region's freight: itineraries by the ids of their elements, accounts, edits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from isthmus.freight import Prepared, Solved, outcome_of
from isthmus.freight.costs import Carriage, carriage_of, tariff_of
from isthmus.network import ACCESS, LINK, SERVICE, TERMINAL, Layout, condition_of, lay_out
from isthmus.pack import Pack
from isthmus.scenario import Scenario, apply

_KINDS = (LINK, TERMINAL, SERVICE)


def edited(pack: Pack, *edits: dict[str, Any]) -> Pack:
    """The pack after edits."""
    return apply(pack, Scenario.model_validate({"name": "edited", "edits": list(edits)}))


def setting(table: str, row: str, column: str, value: Any) -> dict[str, Any]:
    """Edit that sets one cell."""
    return {"set": {"table": table, "column": column, "value": value, "rows": [row]}}


def scaling(table: str, column: str, factor: float, *rows: str, **where: Any) -> dict[str, Any]:
    """Edit that scales a column."""
    return {"scale": {"table": table, "column": column, "factor": factor, "rows": list(rows), "where": where}}


def with_row(pack: Pack, table: str, like: str, **cells: Any) -> Pack:
    """The pack with one more row, like another but for the cells given."""
    frame = pack.table(table)
    row = frame[frame.iloc[:, 0] == like].assign(**cells)
    return pack.replace(table, pd.concat([frame, row.astype(frame.dtypes.to_dict())], ignore_index=True))


def without_rows(pack: Pack, table: str, rows: Sequence[str]) -> Pack:
    """The pack without some rows of a table."""
    frame = pack.table(table)
    return pack.replace(table, frame[~frame.iloc[:, 0].isin(rows)])


def arcs_of(layout: Layout, element: str) -> list[int]:
    """Both arcs of a link, terminal or service."""
    for kind in _KINDS:
        if element in layout.elements(kind):
            row = layout.elements(kind).get_loc(element)
            return np.flatnonzero((layout.kind == kind) & (layout.element == row)).tolist()
    raise KeyError(element)


def chain_of(layout: Layout, origin: str, elements: Sequence[str], destination: str) -> list[int]:
    """Arcs from a zone through elements in order to another zone."""
    access = np.flatnonzero(layout.kind == ACCESS)
    start, end = (layout.zone_node[layout.zones.get_loc(zone)] for zone in (origin, destination))
    joins = {(layout.tail[a], layout.head[a]): int(a) for a in access}
    for first in arcs_of(layout, elements[0]):
        if (start, layout.tail[first]) not in joins:
            continue
        chain = [joins[start, layout.tail[first]], first]
        for element in elements[1:]:
            onward = [a for a in arcs_of(layout, element) if layout.tail[a] == layout.head[chain[-1]]]
            if not onward:
                break
            chain += onward
        else:
            if (layout.head[chain[-1]], end) in joins:
                return [*chain, joins[layout.head[chain[-1]], end]]
    raise KeyError(f"no way through {elements}")


class Trip:
    """What a tonne of a segment pays and waits on an itinerary, pools empty (or hours as observed)."""

    def __init__(
        self, pack: Pack, origin: str, elements: Sequence[str], destination: str, segment: str,
        *, observed: bool = False,
    ) -> None:  # fmt: skip
        layout = lay_out(pack)
        self.arcs = chain_of(layout, origin, elements, destination)
        row = pack.table("segments").set_index("segment").loc[segment]
        tariff = tariff_of(pack, layout)
        zones = pack.table("zones").set_index("zone")["place"]
        countries = pack.table("places").set_index("place")["country"]
        ends = [int(layout.countries.get_loc(countries[zones[zone]])) for zone in (origin, destination)]
        cargo = int(tariff.classes.get_loc(row["cargo_class"]))
        state = condition_of(pack, layout, observed=observed)
        self.carriage: Carriage = carriage_of(tariff, state, cargo, *ends)
        self.value_of_time = float(row["value_of_time"])
        moving = np.isin(layout.kind, (LINK, SERVICE))
        hours = self.carriage.hours
        standing = np.where(
            moving, np.nan_to_num(self.carriage.standing) * (hours[0] + hours[1] + hours[3]), 0.0
        )
        self.standing = float(standing[self.arcs].sum())
        self.by_payee = self.carriage.money[:, self.arcs].sum(axis=1)
        self.by_cause = hours[:, self.arcs].sum(axis=1)
        self.money = float(self.by_payee.sum()) - self.standing
        self.hours = float(self.by_cause.sum())
        self.reliability = 0.5 * float(self.carriage.deviation[self.arcs].sum()) * self.value_of_time
        self.generalised = self.money + self.standing + self.value_of_time * self.hours + self.reliability


def routes_of(prepared: Prepared, solved: Solved, market: str, segment: str | None = None) -> np.ndarray:
    """(R) routes of a market, or of one of its segments."""
    demand = solved.demand
    chosen = solved.pack.table("markets")["market"].to_numpy()[demand.market] == market
    if segment is not None:
        chosen &= solved.pack.table("segments")["segment"].to_numpy()[demand.segment] == segment
    return np.asarray(chosen[prepared.routes.market])


def on_territory(layout: Layout, country: str) -> np.ndarray:
    """(A) arcs that touch a country."""
    row = layout.countries.get_loc(country)
    return np.asarray((layout.country_from == row) | (layout.country_to == row))


def using(prepared: Prepared, wanted: np.ndarray) -> np.ndarray:
    """(R) whether a route uses any of the wanted arcs, counted without the engine's kernels."""
    routes = prepared.routes
    return np.logical_or.reduceat(wanted[routes.arcs], routes.path_first[:-1])


def accounts(prepared: Prepared, solved: Solved) -> pd.Series:
    """Corridor tonnes, receipts by country and payee, tonnes shipped by market: one series."""
    tables = outcome_of(prepared, solved).tables
    corridors = tables["corridors"].set_index("corridor")["tonnes"]
    receipts = tables["receipts"].set_index(["country", "payee"])["usd"]
    shipped = tables["markets"].groupby("market")["shipped"].sum()
    parts = {"corridor": corridors, "receipts": receipts, "shipped": shipped}
    out = {(name, str(key)): value for name, part in parts.items() for key, value in part.items()}
    return pd.Series(out, dtype=float)


def split_in_two(pack: Pack, link: str) -> Pack:
    """The pack with a new place in the middle of a link."""
    links, places = pack.table("links"), pack.table("places")
    row = links[links["link"] == link]
    length = row["length_km"] / 2.0
    middle = f"{link}-middle"
    first = row.assign(to_place=middle, length_km=length)
    second = row.assign(link=f"{link}-on", from_place=middle, length_km=length)
    place = places[places["place"] == row["from_place"].iloc[0]].assign(place=middle, name=middle)
    halves = pd.concat([links[links["link"] != link], first, second], ignore_index=True)
    return pack.replace("places", pd.concat([places, place], ignore_index=True)).replace("links", halves)


def largest_change(before: pd.Series, after: pd.Series, least: float = 1.0) -> float:
    """Largest change of an account over what it was, accounts of less than `least` measured against that."""
    before, after = before.align(after, fill_value=0.0)
    return float(((after - before).abs() / before.abs().clip(lower=least)).max())
