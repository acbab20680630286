"""Which rows of a table an edit means."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from isthmus.pack import SCHEMA, Pack
from isthmus.scenario.wrong import Wrong
from isthmus.tables import format_value, key_texts

Truths = npt.NDArray[np.bool_]
Condition = Callable[[set[str]], Truths]

_FROM, _TO, _AT = ("from_place", "origin"), ("to_place", "destination"), ("place", "zone")
_ENDS = (*_FROM, *_TO, *_AT)
_ZONES = {"origin", "destination", "zone"}


def select(pack: Pack, table: str, rows: Iterable[str], where: Mapping[str, Any]) -> Truths:
    """Rows of a table with one of the keys (all if none is given) that meet every condition.

    A condition names a column and the value, or values, one of which it must hold (a list column: contain); or
    `place`, `country` (either end), `from_country`, `to_country`, found through places and zones. Raises Wrong if a
    key or column is unknown, or no row is left.
    """
    frame = pack.table(table)
    chosen, wrong = np.ones(len(frame), bool), Wrong()
    wanted = list(rows)
    if wanted:
        keys = key_texts(frame, SCHEMA.tables[table])
        known = set(keys)
        for key in wanted:
            if key not in known:
                wrong.add("rows", key, f"the key of a row of {table}")
        chosen &= np.array([key in wanted for key in keys], bool)
    for name, value in where.items():
        values = {format_value(part) for part in (value if isinstance(value, list | tuple) else [value])}
        meets = _conditions(pack, table, frame).get(name)
        if meets is None:
            options = ", ".join(_conditions(pack, table, frame))
            wrong.add("where", name, f"one of: {options}")
        else:
            chosen &= meets(values)
    if not wrong and not chosen.any():
        wrong.add(
            "where" if where else "table", "" if where else table, "at least one row, and none meets it"
        )
    wrong.raise_if_any()
    return chosen


def touches_country(pack: Pack, table: str, countries: Iterable[str]) -> Truths:
    """Rows of a table of elements with an end in one of the countries."""
    return _ends_in(pack, pack.table(table), _ENDS, set(countries))


def touches_place(pack: Pack, table: str, places: Iterable[str]) -> Truths:
    """Rows of a table of elements with an end at one of the places."""
    return _any_end(pack, pack.table(table), _ENDS, set(places))


def _conditions(pack: Pack, table: str, frame: pd.DataFrame) -> dict[str, Condition]:
    conditions: dict[str, Condition] = {}
    columns = set(frame.columns)
    for name, ends in (("from_country", _FROM), ("to_country", _TO), ("country", _ENDS)):
        if columns & set(ends):
            conditions[name] = partial(_ends_in, pack, frame, ends)
    if "country" in conditions:
        conditions["place"] = partial(_any_end, pack, frame, _ENDS)
    for name, column in SCHEMA.tables[table].columns.items():
        conditions[name] = partial(_holds, frame[name].tolist(), column.type == "list")
    return conditions


def _holds(cells: list[Any], is_list: bool, values: set[str]) -> Truths:
    texts = [format_value(cell) for cell in cells]
    if is_list:
        return np.array([bool(values & set(text.split("|"))) for text in texts], bool)
    return np.array([text in values for text in texts], bool)


def _ends_in(pack: Pack, frame: pd.DataFrame, ends: Iterable[str], countries: set[str]) -> Truths:
    places = pack.table("places")
    inside = set(places["place"][places["country"].isin(list(countries))])
    return _any_end(pack, frame, ends, inside)


def _any_end(pack: Pack, frame: pd.DataFrame, ends: Iterable[str], places: set[str]) -> Truths:
    zones = pack.table("zones")
    at = set(zones["zone"][zones["place"].isin(list(places))])
    chosen = np.zeros(len(frame), bool)
    for end in ends:
        if end in frame.columns:
            chosen |= frame[end].isin(list(at if end in _ZONES else places)).to_numpy(bool)
    return chosen
