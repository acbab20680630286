"""The edits as pure functions from a pack to a pack; each raises Wrong with all that it cannot use."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from isthmus.pack import SCHEMA, Pack
from isthmus.scenario.edits import Avoid, Close, Scale, Set
from isthmus.scenario.selecting import Truths, select, touches_country, touches_place
from isthmus.scenario.wrong import Wrong
from isthmus.tables import Column, format_value, key_texts, parse_cells, parse_value
from isthmus.tables.cells import within_range

ELEMENTS = ("links", "crossings", "terminals", "services")
"""Tables whose rows have a status."""

SOURCE = "scenario"
"""Source of the rows that a scenario adds."""


def close(pack: Pack, edit: Close) -> Pack:
    """Close elements by id, and every element that touches a place or country."""
    wrong = Wrong()
    _require(wrong, "places", edit.places, pack.table("places")["place"], "a place of the region")
    _require(
        wrong, "countries", edit.countries, pack.table("countries")["country"], "a country of the region"
    )
    for table in ELEMENTS:
        key = SCHEMA.tables[table].key[0]
        _require(wrong, table, getattr(edit, table), pack.table(table)[key], f"a {key} of the region")
    wrong.raise_if_any()
    for table in ELEMENTS:
        frame = pack.table(table)
        chosen = frame[SCHEMA.tables[table].key[0]].isin(list(getattr(edit, table))).to_numpy(bool)
        chosen = (
            chosen | touches_country(pack, table, edit.countries) | touches_place(pack, table, edit.places)
        )
        if chosen.any():
            frame["status"] = frame["status"].mask(chosen, "closed")
            pack = pack.replace(table, frame)
    return pack


def build(pack: Pack, projects: Iterable[str]) -> Pack:
    """Make the edits of projects."""
    edits, wrong = pack.table("project_edits"), Wrong()
    wanted = list(projects)
    _require(wrong, "build", wanted, pack.table("projects")["project"], "a project of the region")
    _require(wrong, "build", wanted, edits["project"], "a project with rows in project_edits")
    wrong.raise_if_any()
    for project in wanted:
        pack = write_cells(pack, edits[edits["project"] == project])
    return pack


def avoid(pack: Pack, edit: Avoid) -> Pack:
    """Bar countries, operators and places to groups, in every year."""
    wrong = Wrong()
    known = {
        "country": (edit.countries, pack.table("countries")["country"]),
        "operator": (edit.operators, pack.table("services")["operator"].dropna()),
        "place": (edit.places, pack.table("places")["place"]),
    }
    groups = pack.table("groups")["group"]
    for kind, (targets, options) in known.items():
        field = {"country": "countries"}.get(kind, f"{kind}s")
        _require(wrong, field, targets, options, f"a {kind} of the region")
    _require(wrong, "groups", edit.groups, groups, "a group of the region")
    wrong.raise_if_any()
    rows = [
        {"group": group, "kind": kind, "target": target, "from_year": np.nan, "to_year": np.nan}
        for kind, (targets, _) in known.items()
        for target in dict.fromkeys(targets)
        for group in edit.groups or groups.tolist()
    ]
    added = sourced(pd.DataFrame(rows), "Chosen by the scenario.")
    kept = pack.table("bans")
    key = list(SCHEMA.tables["bans"].key)
    again = pd.MultiIndex.from_frame(kept[key]).isin(pd.MultiIndex.from_frame(added[key]))
    return with_source(pack).replace("bans", stack(kept[~again], added))


def lasts(pack: Pack, days: float) -> Pack:
    """Let demand answer as far as it does within some days: 1 - (1 - adjustment) to the power of their years (Nerlove 1958)."""
    return _responding(pack, 1.0 - (1.0 - pack.parameters["adjustment"]) ** (days / 365.0))


def lasting_as(pack: Pack, other: Pack) -> Pack:
    """The pack in a state that lasts as long as another's: surpluses are compared at one response of demand only."""
    share = other.parameters.get("response", 1.0)
    return pack if share == pack.parameters.get("response", 1.0) else _responding(pack, share)


def _responding(pack: Pack, share: float) -> Pack:
    return with_parameter(pack, "response", share, "1", "Share of the whole response of demand.")


def with_parameter(pack: Pack, name: str, value: float, unit: str, meaning: str) -> Pack:
    """The pack with a parameter that a scenario chose, in the place of the one it had."""
    kept = pack.table("parameters")
    row = pd.DataFrame([{"parameter": name, "value": value, "unit": unit, "meaning": meaning}])
    row = sourced(row, "Chosen by the scenario.")
    return with_source(pack).replace("parameters", stack(kept[kept["parameter"] != name], row))


def scale(pack: Pack, edit: Scale) -> Pack:
    """Multiply a column in the selected rows; empty cells stay empty."""
    frame, chosen = pack.table(edit.table), select(pack, edit.table, edit.rows, edit.where)
    factor: float | np.ndarray[tuple[int, ...], np.dtype[np.float64]] = edit.factor or 0.0
    wrong = Wrong()
    if edit.factors is not None:
        keys = key_texts(frame, SCHEMA.tables[edit.table])
        _require(
            wrong, "factors", edit.factors, pd.Series(keys, dtype=object), f"the key of a row of {edit.table}"
        )
        wrong.raise_if_any()
        factor = np.array([edit.factors.get(key, np.nan) for key in keys], float)
        chosen = chosen & ~np.isnan(factor)
    chosen = chosen & frame[edit.column].notna().to_numpy(bool)
    if not chosen.any():
        wrong.add("column", edit.column, "a column with a number in some selected row")
        raise wrong
    frame[edit.column] = frame[edit.column].mask(chosen, frame[edit.column] * factor)
    _refuse_out_of_range(frame, edit.table, edit.column, chosen)
    return pack.replace(edit.table, frame)


def set_(pack: Pack, edit: Set) -> Pack:
    """Set a column in the selected rows."""
    column = SCHEMA.tables[edit.table].columns[edit.column]
    value, good = parse_value(edit.value, column)
    wrong = Wrong()
    if not good:
        wrong.add("value", format_value(edit.value), column.expectation)
    elif not _is_reference(pack, column, value):
        wrong.add("value", format_value(value), f"a value of {column.reference}")
    wrong.raise_if_any()
    frame, chosen = pack.table(edit.table), select(pack, edit.table, edit.rows, edit.where)
    cells = frame[edit.column].copy()
    cells[chosen] = value
    frame[edit.column] = cells
    _refuse_out_of_range(frame, edit.table, edit.column, chosen)
    return pack.replace(edit.table, frame)


def write_cells(pack: Pack, edits: pd.DataFrame) -> Pack:
    """Write values, given as text, into cells: rows with the columns table, row, column, value, checked before."""
    for name, rows in edits.groupby("table", sort=True):
        table, frame = SCHEMA.tables[str(name)], pack.table(str(name))
        at = {key: position for position, key in enumerate(key_texts(frame, table))}
        for column, cells in rows.groupby("column", sort=True):
            texts = [text or "" for text in cells["value"]]
            values = frame[str(column)].to_numpy(copy=True)
            values[[at[row] for row in cells["row"]]] = parse_cells(texts, table.columns[str(column)])[0]
            frame[str(column)] = pd.Series(values, dtype=values.dtype)
        pack = pack.replace(table.name, frame)
    return pack


def sourced(rows: pd.DataFrame, note: str) -> pd.DataFrame:
    """Rows that a scenario adds, with source, confidence and note."""
    return rows.assign(source=SOURCE, confidence="high", note=note)


def with_source(pack: Pack) -> Pack:
    """The pack with a source for rows that a scenario adds."""
    sources = pack.table("sources")
    if (sources["source"] == SOURCE).any():
        return pack
    row = pd.DataFrame([{"source": SOURCE, "title": "Scenario, not data", "url": None, "year": np.nan}])
    return pack.replace("sources", stack(sources, row))


def stack(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Rows of both, typed as the first."""
    if first.empty:
        return second[list(first.columns)].astype(dict(first.dtypes))
    both = [first, second[list(first.columns)].astype(dict(first.dtypes))]
    return pd.concat(both, ignore_index=True)


def _require(
    wrong: Wrong, field: str, names: Iterable[str], options: "pd.Series[str]", expectation: str
) -> None:
    known = set(options)
    for name in names:
        if name not in known:
            wrong.add(field, name, expectation)


def _is_reference(pack: Pack, column: Column, value: object) -> bool:
    if not column.reference or value is None:
        return True
    table, _, key = column.reference.partition(".")
    return set(str(value).split("|")) <= set(pack.table(table)[key])


def _refuse_out_of_range(frame: pd.DataFrame, table: str, name: str, chosen: Truths) -> None:
    """Raise Wrong if a chosen cell is out of its column's range, or a parameter out of its own."""
    wrong, schema = Wrong(), SCHEMA.tables[table]
    keys, cells = key_texts(frame, schema), frame[name].tolist()
    good = within_range(frame[name], schema.columns[name])
    for at in np.flatnonzero(chosen).tolist():
        expectation = "" if good[at] else schema.columns[name].expectation
        if table == "parameters" and name == "value":
            if keys[at] in ("base-year", "year"):
                expectation = "no change; the edit `year` chooses a year"
            elif not parse_value(cells[at], SCHEMA.parameters[keys[at]])[1]:
                expectation = SCHEMA.parameters[keys[at]].expectation
        if expectation:
            wrong.add(f"{name} of {keys[at]}", format_value(cells[at]), expectation)
    wrong.raise_if_any()
