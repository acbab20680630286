"""What the model says of what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from isthmus.pack import Pack
from isthmus.tables import split_list

UNITS = ("tonnes", "teu", "tkm")
COLUMNS = ("observation", "what", "kind", "element", "year", "role", "unit", "counted", "model")


class Told(Protocol):
    """What a condition of a region says: an evaluation, or the tables of an outcome with the pack they are of."""

    @property
    def pack(self) -> Pack:
        """The region as solved."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """`flows`, `corridors`, `crossings`, `countries`, `national`, `markets`."""


def beside(result: Told, observations: pd.DataFrame) -> pd.DataFrame:
    """Counts beside the model, a row for each observation and unit.

    Parameters
    ----------
    observations : DataFrame
        Rows of a table of observations; their year is not looked at.

    Returns
    -------
    DataFrame
        `observation`, `what`, `kind`, `element`, `year`, `role`, `unit` (tonnes, teu, tkm), `counted` and `model` (that unit a year).
        Rows that the model's tables cannot tell are left out.
    """
    rows = []
    for row in observations.to_dict("records"):
        for unit in UNITS:
            model = modelled(result, row, unit) if pd.notna(row[unit]) else None
            if model is not None:
                head = (*(row[name] for name in COLUMNS[:4]), int(row["year"]), row["role"])
                rows.append((*head, unit, float(row[unit]), model))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def modelled(result: Told, row: Mapping[Any, Any], unit: str) -> float | None:
    """The model's figure for an observation in a unit; None if its tables do not tell it."""
    classes, direction = split_list(row["classes"]), str(row["direction"])
    if row["kind"] == "corridor":
        corridors = result.tables["corridors"]
        counted = corridors.loc[corridors["corridor"] == row["element"], "classes"]
        if classes and unit == "tonnes" and set(classes) != set(split_list(counted.iloc[0])):
            return None  # of other classes than the corridor counts; boxes are of what goes in them
        return _cell(corridors, "corridor", str(row["element"]), [unit]) if direction == "both" else None
    if row["kind"] == "country":
        return _national(result, row, unit, classes)
    if row["kind"] == "crossing":
        return _at_crossing(result, str(row["element"]), unit, direction) if not classes else None
    flows = result.tables["flows"]
    if classes:
        flows = flows[flows["cargo_class"].isin(classes)]
    if row["kind"] == "port":
        ends = {"both": ("from_place", "to_place"), "forward": ("to_place",), "back": ("from_place",)}[
            direction
        ]
        ships = flows[flows["kind"] == "service"]
        return float(ships.loc[(ships[list(ends)] == row["element"]).any(axis=1), unit].sum())
    flows = flows[(flows["kind"] == row["kind"]) & (flows["element"] == row["element"])]
    if direction != "both":
        flows = flows[flows["forward"] == (direction == "forward")]
    return float(flows[unit].sum())


def _cell(table: pd.DataFrame, key: str, value: str, columns: list[str]) -> float:
    return float(table.loc[table[key] == value, columns].to_numpy(float).sum())


def _at_crossing(result: Told, crossing: str, unit: str, direction: str) -> float | None:
    ways = {"both": ["tonnes", "tonnes_back"], "forward": ["tonnes"], "back": ["tonnes_back"]}
    if unit == "teu" and direction != "both":
        return None
    return _cell(
        result.tables["crossings"], "crossing", crossing, ways[direction] if unit == "tonnes" else [unit]
    )


def _national(result: Told, row: Mapping[Any, Any], unit: str, classes: tuple[str, ...]) -> float | None:
    """Of a country: what ships land and load, or what its railways or roads carry, or all on land (transit) or shipped (trade)."""
    country, trunk, traffic = str(row["element"]), row["trunk"], split_list(row["traffic"])
    if trunk == "sea":
        ships = result.tables["flows"]
        ships = ships[
            (ships["kind"] == "service") & (ships["cargo_class"].isin(classes) if classes else True)
        ]
        of = result.pack.table("places").set_index("place")["country"]
        ends = (ships[end].map(of) == country for end in ("from_place", "to_place"))
        return float(sum(ships.loc[end, unit].sum() for end in ends))
    if classes:
        return None
    if trunk:
        lines = result.tables["national"]
        lines = lines[(lines["country"] == country) & (lines["trunk"] == trunk)]
        return float(lines.loc[lines["traffic"].isin(traffic) if traffic else slice(None), unit].sum())
    if traffic == ("transit",):
        return _cell(result.tables["countries"], "country", country, ["transit_tonnes"])
    return _traded(result, country, traffic) if traffic in (("import",), ("export",)) else None


def _traded(result: Told, country: str, traffic: tuple[str, ...]) -> float:
    place_of = result.pack.table("zones").set_index("zone")["place"]
    country_of = result.pack.table("places").set_index("place")["country"]
    markets = result.tables["markets"]
    begins, ends = (
        markets[end].map(place_of).map(country_of) == country for end in ("origin", "destination")
    )
    own = ends & ~begins if traffic == ("import",) else begins & ~ends
    return float(markets.loc[own, "shipped"].sum())
