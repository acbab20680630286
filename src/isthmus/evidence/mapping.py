"""Counts in a user's file, mapped to elements of a region by rules: no row is mapped by hand.

Two layouts are read. That of the table `observations` (`kind`, `element`, `year`, and `tonnes`, `teu` or `tkm`), and one of two places
(`place_a` and `place_b`, or `from_place` and `to_place`; `year`; `tonnes`, `tonnes_thousand` or `teu`) whose element is found:

1. kind `port`, or no second place: the ships at the place;
2. else the services, the crossing or the link between the two places, in either order, of the row's mode if it names one;
3. else the corridor whose itinerary passes both places.

Modes may be named as families (sea, rail, road, ferry) or begin with one; cargo by the id of a class or by its first letters; what is of no
class is of all.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import Problem, UserError
from isthmus.pack import SCHEMA, Pack
from isthmus.tables import split_list

UNITS = ("tonnes", "teu", "tkm")
ELEMENT = "element"
_ALIASES = {
    "from_place": "place_a",
    "to_place": "place_b",
    "flow_id": "observation",
    "commodity": "cargo",
    "cargo_class": "cargo",
}
_DIRECTIONS = {"a_to_b": "forward", "b_to_a": "back", "in": "forward", "out": "back", "": "both"}
_LINKED = {"crossing": "crossings", "link": "links", "service": "services", "terminal": "terminals"}
_FAMILIES = ("sea", "rail", "road")
_ALL = ("general", "all", "any", "")


class MappingError(UserError):
    """A file of counts or of journeys that cannot be read, with everything wrong in it."""


@dataclass(frozen=True)
class Counts:
    """Counts mapped to a region.

    Attributes:
        rows: a row for each count as in the table `observations`, with a column `targets`: tuples (kind, element, direction) whose flows
            add up.
        unmapped: rows that have no element here: `row` (as a spreadsheet counts), `observation`, `what`, `why`.
    """

    rows: pd.DataFrame
    unmapped: pd.DataFrame


def counts_of(observations: pd.DataFrame) -> pd.DataFrame:
    """Rows of the region's own table, with their targets."""
    targets = [
        ((kind, element, direction),)
        for kind, element, direction in zip(
            observations["kind"], observations["element"], observations["direction"], strict=True
        )
    ]
    return observations.assign(targets=pd.Series(targets, index=observations.index, dtype=object))


def read_records(
    path: Path, needed: tuple[tuple[str, ...], ...], numbers: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Rows of a CSV file with cells stripped, `row` added and numbers read; raises MappingError with everything wrong.

    Parameters
    ----------
    needed : tuple of tuples
        Of each, one column at least must be there.
    numbers : tuple of str
        Columns whose cells are empty or a number of at least 0.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MappingError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    header = [_ALIASES.get(cell.strip(), cell.strip()) for cell in table[0]] if table else []
    problems = [
        Problem(path.name, 1, "", "", f"expected in the header: {' or '.join(names)}")
        for names in needed
        if not set(names) & set(header)
    ]
    records = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(map(str.strip, cells)):
            continue
        if len(cells) != len(header):
            problems.append(
                Problem(path.name, number, "", f"{len(cells)} cells", f"as many as the header, {len(header)}")
            )
            continue
        record: dict[str, Any] = {"row": number, **dict(zip(header, map(str.strip, cells), strict=True))}
        for name in numbers:
            if name in record:
                record[name], good = _number(record[name])
                if not good:
                    problems.append(
                        Problem(
                            path.name,
                            number,
                            name,
                            cells[header.index(name)],
                            "a number of at least 0, or nothing",
                        )
                    )
        records.append(record)
    if problems:
        raise MappingError(f"{path} cannot be used:", problems)
    return records


def _number(text: str) -> tuple[float | None, bool]:
    if not text:
        return None, True
    try:
        value = float(text)
    except ValueError:
        return None, False
    return (value, True) if 0 <= value < float("inf") else (None, False)


def read_counts(path: Path, pack: Pack) -> Counts:
    """Counts of a file, mapped by the rules of this module.

    Raises MappingError with everything that cannot be read; what can be read but has no place in the region is listed in `unmapped`.
    """
    amounts = ("tonnes", "tonnes_thousand", "teu", "tkm", "value")
    records = read_records(path, (("year",), ("element", "place_a"), amounts[:4]), ("year", *amounts))
    rows, unmapped = [], []
    for record in records:
        mapped = _mapped(record, pack)
        name = str(record.get("observation") or f"row-{record['row']}")
        if isinstance(mapped, str):
            unmapped.append(
                {"row": record["row"], "observation": name, "what": record.get("what", ""), "why": mapped}
            )
            continue
        thousand = record.get("tonnes_thousand")
        rows.append(
            {
                "observation": name, "what": record.get("what", "") or name, "kind": mapped[0][0], "element": mapped[0][1],
                "direction": mapped[0][2], "trunk": record.get("trunk") or None, "traffic": record.get("traffic") or None,
                "classes": classes_called(record, pack), "year": int(record["year"]), "screenline": record.get("screenline") or None,
                "tonnes": record.get("tonnes") if thousand is None else 1000.0 * thousand, "teu": record.get("teu"),
                "tkm": record.get("tkm"), "role": "test", "wider": record.get("wider", "").lower() == "true", "targets": mapped,
            }
        )  # fmt: skip
    columns = [
        *(
            name
            for name in SCHEMA.tables["observations"].columns
            if name not in ("source", "confidence", "note")
        ),
        "targets",
    ]
    # Texts are objects with None where empty, as in a pack's own tables.
    cells = {
        name: pd.Series([row[name] for row in rows], dtype=float if name in UNITS else object)
        for name in columns
    }
    return Counts(pd.DataFrame(cells), pd.DataFrame(unmapped, columns=["row", "observation", "what", "why"]))


def _mapped(record: Mapping[str, Any], pack: Pack) -> tuple[tuple[str, str, str], ...] | str:
    """Targets of a row, or why it has none."""
    if record.get("year") is None:
        return "no year"
    note = str(record.get("note", ""))
    months = re.match(r"months=(\d+)", note)
    if months:
        return f"a part of a year: {months.group(1)} months"
    if "not for testing" in note.lower():
        return "its own note says that it is not for testing"
    if all(record.get(unit) is None for unit in (*UNITS, "tonnes_thousand")):
        return "no tonnes, TEU or tonne-kilometres"
    direction = str(record.get("direction", ""))
    direction = _DIRECTIONS.get(direction, direction)
    if direction not in ("both", "forward", "back"):
        return f"direction {direction!r} is none of both, forward, back, a_to_b, b_to_a, in, out"
    if record.get(ELEMENT):
        return _by_element(str(record.get("kind", "")), str(record[ELEMENT]), direction, pack)
    return _by_places(record, direction, pack)


def _by_element(
    kind: str, element: str, direction: str, pack: Pack
) -> tuple[tuple[str, str, str], ...] | str:
    tables = {**_LINKED, "corridor": "corridors", "port": "places", "country": "countries"}
    if kind not in tables:
        return f"kind {kind!r} is none of {', '.join(tables)}"
    key = SCHEMA.tables[tables[kind]].key[0]
    if element not in set(pack.table(tables[kind])[key]):
        return f"no {kind} {element!r} in the region"
    return ((kind, element, direction),)


def _by_places(
    record: Mapping[str, Any], direction: str, pack: Pack
) -> tuple[tuple[str, str, str], ...] | str:
    if record.get("kind") == "operator":
        return "of an operator: it has no element of the network"
    ends = [str(record.get(name, "")) for name in ("place_a", "place_b")]
    known = set(pack.table("places")["place"])
    lost = [end for end in ends if end and end not in known]
    if lost or not ends[0]:
        return f"no place {' or '.join(map(repr, lost or ['']))} in the region"
    if record.get("kind") == "port" or not ends[1]:
        return (("port", ends[0], direction),)
    found = _between(ends, str(record.get("mode", "")), direction, pack)
    if not found:
        corridors = pack.table("corridors")
        passed = [
            {*split_list(row["via"]), row["from_zone"], row["to_zone"]}
            for row in corridors.to_dict("records")
        ]
        found = [
            ("corridor", name, "both")
            for name, places in zip(corridors["corridor"], passed, strict=True)
            if set(ends) <= places
        ][:1]
        if found and direction != "both":
            return "of one direction of a corridor, whose gates count both"
    return tuple(found) or f"no service, crossing, link or corridor between {ends[0]} and {ends[1]}"


def _between(ends: list[str], mode: str, direction: str, pack: Pack) -> list[tuple[str, str, str]]:
    """Elements of the first kind that has one between two places: services (all of the mode), a crossing, a link."""
    modes = _modes_called(mode, pack)
    for kind in ("service", "crossing", "link"):
        table = pack.table(_LINKED[kind])
        same = (table["from_place"] == ends[0]) & (table["to_place"] == ends[1])
        other = (table["from_place"] == ends[1]) & (table["to_place"] == ends[0])
        own = (
            table["modes"].map(lambda cell: bool(set(split_list(cell)) & modes))
            if kind == "crossing"
            else table["mode"].isin(modes)
        )
        chosen = table[(same | other) & (own if mode else True)]
        if not chosen.empty:
            turned = {"forward": "back", "back": "forward", "both": "both"}
            return [
                (kind, str(row[kind]), direction if row["from_place"] == ends[0] else turned[direction])
                for row in chosen.to_dict("records")
            ]
    return []


def _modes_called(text: str, pack: Pack) -> set[str]:
    """Modes of that id, or of the family that the text begins with; a ferry is any that carries a mode's vehicles."""
    modes = pack.table("modes")
    plain = text.replace("_", "-").lower()
    if plain in set(modes["mode"]):
        return {plain}
    if plain.startswith("ferry"):
        return set(modes.loc[modes["trunk"] == "sea", "mode"])
    family = next((each for each in _FAMILIES if plain.startswith(each)), None)
    return set(modes.loc[modes["trunk"] == family, "mode"]) if family else set()


def classes_called(record: Mapping[str, Any], pack: Pack) -> str | None:
    """Classes of a row, joined by |: those it lists, or the one that its cargo means; None for all.

    Containers are of the classes that go in boxes.
    """
    if record.get("classes"):
        return str(record["classes"])
    cargo = str(record.get("cargo", "")).lower().replace("_", "-")
    if cargo in _ALL:
        return None
    classes = pack.table("classes")
    if cargo.startswith("contain") or cargo in ("box", "boxes", "teu"):
        return "|".join(classes.loc[classes["unitised"], "cargo_class"])
    words = set(cargo.split("-"))
    for name in classes["cargo_class"]:
        own = name.split("-")
        if name == cargo or any(
            len(word) > 2 and part[: min(6, len(word))] == word[:6] for word in words for part in own
        ):
            return str(name)
    return None
