"""Rules of rows that point at other rows: keys, references, targets, edits, gates, observations."""

import pandas as pd

from isthmus._errors import Problem
from isthmus.pack.rules.draft import Draft
from isthmus.pack.schema import SCHEMA
from isthmus.tables import check_keys, check_references, key_texts, parse_cells

ELEMENTS = {"link": "links", "crossing": "crossings", "service": "services", "terminal": "terminals"}
"""Kind of an element -> its table, whose first key column is called as the kind."""


def keys_are_unique(draft: Draft) -> list[Problem]:
    """No two rows of a table share their key."""
    return [
        problem
        for name, frame in draft.frames.items()
        for problem in check_keys(frame, SCHEMA.tables[name], draft.files[name])
    ]


def references_are_met(draft: Draft) -> list[Problem]:
    """A cell that names a row of another table names one that is there."""
    return check_references(draft.frames, SCHEMA, draft.files)


def targets_exist(draft: Draft) -> list[Problem]:
    """A ban or premium names a country, an operator of a service, or a place."""
    known = {
        "country": set(draft.frames["countries"]["country"]),
        "operator": set(draft.frames["services"]["operator"].dropna()),
        "place": set(draft.frames["places"]["place"]),
    }
    return [
        problem
        for table in ("bans", "premiums")
        for problem in _elements_exist(draft, table, "target", known)
    ]


def gates_exist(draft: Draft) -> list[Problem]:
    """A corridor's gate is an element of the network."""
    return _elements_exist(draft, "corridor_gates", "element", _network_elements(draft))


def observations_exist(draft: Draft) -> list[Problem]:
    """An observation is of a corridor, an element, a port (a place) or a country, and counts tonnes, TEU or tonne-kilometres."""
    known = _network_elements(draft) | {
        "corridor": set(draft.frames["corridors"]["corridor"]),
        "port": set(draft.frames["places"]["place"]),
        "country": set(draft.frames["countries"]["country"]),
    }
    frame = draft.frames["observations"]
    empty = frame[["tonnes", "teu", "tkm"]].isna().all(axis=1)
    national = frame["kind"] == "country"
    found = [
        *_elements_exist(draft, "observations", "element", known),
        *draft.flag("observations", empty, "tonnes", "a number here, in teu or in tkm"),
        *draft.flag(
            "observations", national & (frame["direction"] != "both"), "direction", "both, for a country"
        ),
    ]
    for column in ("trunk", "traffic", "tkm"):
        alone = ~national & frame[column].notna()
        found += draft.flag("observations", alone, column, "empty; it is for the kind country")
    return found


def waypoints_have_positions(draft: Draft) -> list[Problem]:
    """A waypoint has a longitude and a latitude, or is a place."""
    frame = draft.frames["waypoints"]
    elsewhere = ~frame["waypoint"].isin(set(draft.frames["places"]["place"]))
    return [
        problem
        for column in ("lon", "lat")
        for problem in draft.flag(
            "waypoints", elsewhere & frame[column].isna(), column, "degrees; it is no place"
        )
    ]


def edits_fit(draft: Draft) -> list[Problem]:
    """A row of by_year or project_edits names a table, a row of it, a column that may change, a value that fits."""
    found = []
    for table in ("by_year", "project_edits"):
        frame = draft.frames[table]
        named = frame["table"].notna()
        unknown = named & ~frame["table"].isin(list(SCHEMA.tables))
        found += draft.flag(table, unknown, "table", f"one of: {', '.join(SCHEMA.tables)}")
        for target, rows in frame[named & ~unknown].groupby("table"):
            found += _edits_of_one_table(draft, table, str(target), rows)
    return found


def _edits_of_one_table(draft: Draft, table: str, target: str, rows: pd.DataFrame) -> list[Problem]:
    schema, frame = SCHEMA.tables[target], draft.frames[table]
    keys = set(key_texts(draft.frames[target], schema))
    lost = rows.index[~rows["row"].isin(keys) & rows["row"].notna()]
    found = draft.flag(table, frame.index.isin(lost), "row", f"the key of a row of {draft.files[target]}")
    free = [name for name in schema.columns if name not in schema.key]
    fixed = rows.index[~rows["column"].isin(free) & rows["column"].notna()]
    found += draft.flag(table, frame.index.isin(fixed), "column", f"one of: {', '.join(free)}")
    for name, cells in rows[rows["column"].isin(free)].groupby("column")["value"]:
        column = schema.columns[str(name)]
        wrong = parse_cells([cell or "" for cell in cells], column)[1]
        bad = frame.index.isin(cells.index[wrong])
        found += draft.flag(table, bad, "value", f"{column.expectation}, for {target}.{name}")
        if column.reference:
            other, _, key = column.reference.partition(".")
            known = set(draft.frames[other][key])
            astray = [not set(str(cell).split("|")) <= known for cell in cells]
            bad = frame.index.isin(cells.index[astray]) & frame["value"].notna()
            found += draft.flag(table, bad, "value", f"a {key} of {draft.files[other]}")
    return found


def _network_elements(draft: Draft) -> dict[str, set[str]]:
    return {kind: set(draft.frames[table][kind]) for kind, table in ELEMENTS.items()}


def _elements_exist(draft: Draft, table: str, column: str, known: dict[str, set[str]]) -> list[Problem]:
    frame = draft.frames[table]
    found = []
    for kind, ids in known.items():
        lost = (frame["kind"] == kind) & ~frame[column].isin(ids) & frame[column].notna()
        found += draft.flag(table, lost, column, f"a {kind} of the region")
    return found


RULES = (
    keys_are_unique,
    references_are_met,
    targets_exist,
    gates_exist,
    observations_exist,
    waypoints_have_positions,
    edits_fit,
)
