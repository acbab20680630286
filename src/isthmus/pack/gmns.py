"""A region from a General Modeling Network Specification (Zephyr Foundation): the network of one mode from its nodes and links."""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import Problem, UserError
from isthmus.pack.pack import Pack
from isthmus.pack.rules import Draft, find_problems
from isthmus.pack.schema import SCHEMA
from isthmus.pack.starting import refuse_region, starting_tables, write_region
from isthmus.tables import format_value, parse_cells

KM = {
    "km": 1.0,
    "kilometer": 1.0,
    "kilometre": 1.0,
    "mi": 1.609344,
    "mile": 1.609344,
    "miles": 1.609344,
    "m": 0.001,
    "meter": 0.001,
}
KMH = {"kph": 1.0, "km/h": 1.0, "kmh": 1.0, "mph": 1.609344}
"""Units of length and speed that GMNS names, in km and km/h."""
_SPEED, _FASTEST = {"road": 60.0}, 120.0
_OTHER_SPEED = 40.0
_CONNECTORS = ("access", "terminal", "transhipment", "service")
_NODE, _LINK = "node.csv", "link.csv"
_BORDER = ("border_hours", "border_usd_per_unit", "hours_sd")

Row = dict[str, str]


@dataclass
class _Reading:
    """Files read so far and what is wrong with them."""

    problems: list[Problem] = field(default_factory=list)

    def number(self, file: str, row: int, cells: Row, column: str, low: float, high: float) -> float:
        """Value of a cell, NaN if empty or wrong."""
        text = cells.get(column, "")
        if text in ("", "NaN"):
            return math.nan
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            self.problems.append(Problem(file, row, column, text, f"a number from {low:g} to {high:g}"))
            return math.nan
        return value


def import_gmns(source: Path, folder: Path, *, mode: str = "", country: str = "ZZZ", name: str = "") -> Path:
    """Make a region from a GMNS network: places, zones and links of one mode; the other tables as `new` makes them.

    Both directions of a road become one row; a link of one direction only is taken for both, and its note says so. Nodes may have
    the columns `place` (id) and `country`; a zone lies at its first node. Demand is a placeholder.

    Parameters
    ----------
    source : Path
        Folder with `node.csv` and `link.csv`, and `zone.csv` and `config.csv` if there are any. Coordinates in degrees, WGS 84.
    folder : Path
        Folder to make.
    mode : str
        Mode of the links to take, `road` or `rail-1520`: those whose `allowed_uses` name it or are empty. By default `road`.
    country : str
        Country of nodes that name none.
    name : str
        Id of the region; by default the folder's name.

    Raises
    ------
    UserError
        With everything that is wrong in the files.
    """
    refuse_region(folder, name)
    mode = mode or "road"
    tables = starting_tables()
    known = tables["modes"]["mode"].tolist()
    if mode not in known:
        raise UserError(f"--mode {mode}: expected one of {', '.join(known)}.")
    reading = _Reading()
    nodes = _read(reading, source / _NODE, ("node_id", "x_coord", "y_coord"))
    links = _read(reading, source / _LINK, ("link_id", "from_node_id", "to_node_id", "directed"))
    zones = _read(reading, source / "zone.csv", ("zone_id",)) if (source / "zone.csv").is_file() else []
    scales = _scales(reading, source / "config.csv")
    if nodes and links:
        tables |= _network(reading, nodes, links, zones, scales, mode, country)
    if reading.problems:
        raise UserError(f"GMNS network {source} cannot be used:", reading.problems)
    draft = Draft(
        {key: tables[key].set_axis(range(2, len(tables[key]) + 2)) if key in tables else _empty(key) for key in SCHEMA.tables},
        {key: f"{key}.csv" for key in SCHEMA.tables},
    )  # fmt: skip
    wrong = find_problems(draft)
    if wrong:
        raise UserError(f"GMNS network {source} makes no region:", wrong)
    Pack(name or folder.absolute().name, "", draft.frames)
    return write_region(folder, tables, name)


def _empty(name: str) -> pd.DataFrame:
    return _frame(name, [])


def _read(reading: _Reading, path: Path, needed: tuple[str, ...]) -> list[tuple[int, Row]]:
    """Rows of a file with their numbers; cells that must not be empty are reported."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                (number, {str(k): (v or "").strip() for k, v in row.items() if k})
                for number, row in enumerate(csv.DictReader(file), 2)
            ]
    except FileNotFoundError:
        reading.problems.append(Problem(path.name, 0, "", "", "expected in the folder; the file is missing"))
        return []
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        reading.problems.append(Problem(path.name, 0, "", "", f"expected CSV in UTF-8: {error}"))
        return []
    if not rows:
        reading.problems.append(Problem(path.name, 0, "", "", "expected a header and rows"))
        return []
    seen: dict[str, int] = {}
    lacking = [column for column in needed if column not in rows[0][1]]
    reading.problems += [
        Problem(path.name, 1, column, "", "expected in the header; the column is missing")
        for column in lacking
    ]
    for number, row in rows:
        reading.problems += [
            Problem(path.name, number, column, "", "a value")
            for column in needed
            if column in row and not row[column]
        ]
        key = row.get(needed[0], "")
        if key and seen.setdefault(key, number) != number:
            reading.problems.append(
                Problem(path.name, number, needed[0], key, f"an id of its own; row {seen[key]} has the same")
            )
    return [] if lacking else rows  # fmt: skip


def _scales(reading: _Reading, path: Path) -> tuple[float, float]:
    """Km in the file's unit of length, km/h in its unit of speed."""
    if not path.is_file():
        return 1.0, 1.0
    try:
        rows = _config(path)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        reading.problems.append(Problem(path.name, 0, "", "", f"expected CSV in UTF-8: {error}"))
        return 1.0, 1.0
    found = []
    for column, units in (("long_length", KM), ("speed", KMH)):
        text = rows.get(column, "").lower()
        if text and text not in units:
            reading.problems.append(Problem(path.name, 2, column, text, f"one of: {', '.join(units)}"))
        found.append(units.get(text, 1.0))
    return found[0], found[1]


def _config(path: Path) -> Row:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            str(key): (value or "").strip() for key, value in next(csv.DictReader(file), {}).items() if key
        }


def _is_amount(text: str) -> bool:
    return re.fullmatch(r"\d+\.?\d*([eE][+-]?\d+)?", text) is not None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _takes(row: Row, mode: str) -> bool:
    uses = [use.strip() for use in row.get("allowed_uses", "").split(",") if use.strip()]
    return (not uses or mode in uses) and row.get("facility_type", "") not in _CONNECTORS


def _network(
    reading: _Reading, nodes: list[tuple[int, Row]], links: list[tuple[int, Row]], zones: list[tuple[int, Row]],
    scales: tuple[float, float], mode: str, country: str,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    kept = [(number, row) for number, row in links if _takes(row, mode)]
    if not kept:
        reading.problems.append(Problem(_LINK, 0, "allowed_uses", "", f"expected links of the mode {mode}"))
    ids = {row["node_id"] for _, row in nodes}
    for number, row in kept:
        for end in ("from_node_id", "to_node_id"):
            if row[end] and row[end] not in ids:
                reading.problems.append(Problem(_LINK, number, end, row[end], f"a node_id of {_NODE}"))
        if row["directed"].lower() not in ("true", "false", "1", "0", ""):
            reading.problems.append(Problem(_LINK, number, "directed", row["directed"], "true or false"))
        reading.problems += [
            Problem(_LINK, number, column, row[column], "a number of 0 or more")
            for column in _BORDER
            if row.get(column) and not _is_amount(row[column])
        ]
    used = {row[end] for _, row in kept for end in ("from_node_id", "to_node_id")}
    places, place_of = _places(reading, [each for each in nodes if each[1]["node_id"] in used], country)
    zone_rows = _zones(reading, nodes, zones, place_of)
    if reading.problems:
        return {}
    link_rows = _link_rows(reading, kept, place_of, places, scales, mode)
    where = {str(row["place"]): str(row["country"]) for row in places}
    crossings = _crossings(link_rows, where, mode, kept, place_of)
    countries = [{"country": code, "name": code, "outer": False} for code in sorted(set(where.values()))]
    ends = zone_rows[0], zone_rows[-1]
    same = where[str(ends[0]["place"])] == where[str(ends[1]["place"])]
    market = {
        "market": "placeholder", "origin": ends[0]["zone"], "destination": ends[1]["zone"], "cargo_class": "manufactures", "group": "any",
        "tonnes": 1000.0, "traffic": "domestic" if same else "trade", "rule": "observed", "note": "Placeholder: write the region's demand.",
    }  # fmt: skip
    made = {
        "countries": countries, "places": places, "zones": zone_rows, "links": link_rows, "crossings": crossings, "markets": [market],
        "terminals": [], "pools": [],
    }  # fmt: skip
    return {name: _frame(name, rows) for name, rows in made.items()}


def _places(
    reading: _Reading, nodes: list[tuple[int, Row]], country: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    places: list[dict[str, Any]] = []
    place_of: dict[str, str] = {}
    first: dict[str, int] = {}
    for number, row in nodes:
        lon = reading.number(_NODE, number, row, "x_coord", -180.0, 180.0)
        lat = reading.number(_NODE, number, row, "y_coord", -90.0, 90.0)
        place = _slug(row.get("place") or f"n-{row['node_id']}")
        place_of[row["node_id"]] = place
        if first.setdefault(place, number) != number:
            expected = f"an id that stays its own in lower-case letters, digits and hyphens; row {first[place]} becomes {place} too"
            reading.problems.append(Problem(_NODE, number, "node_id", row["node_id"], expected))
            continue
        places.append(
            {
                "place": place, "name": row.get("name") or row["node_id"], "country": row.get("country") or country, "lon": lon, "lat": lat,
                "note": f"Node {row['node_id']}.",
            }
        )  # fmt: skip
    return places, place_of


def _zones(
    reading: _Reading, nodes: list[tuple[int, Row]], zones: list[tuple[int, Row]], place_of: dict[str, str]
) -> list[dict[str, Any]]:
    names = {row["zone_id"]: row.get("name", "") for _, row in zones}
    found: dict[str, dict[str, Any]] = {}
    for _, row in nodes:
        zone = row.get("zone_id", "")
        if zone and zone not in found and row["node_id"] in place_of:
            slug = _slug(zone)
            found[zone] = {"zone": slug, "name": names.get(zone) or zone, "place": place_of[row["node_id"]]}
    if len({each["zone"] for each in found.values()}) < 2:
        expected = "expected two zones at least at nodes that the links reach"
        reading.problems.append(Problem(_NODE, 0, "zone_id", "", expected))
    return list(found.values())


def _link_rows(
    reading: _Reading, links: list[tuple[int, Row]], place_of: dict[str, str], places: list[dict[str, Any]], scales: tuple[float, float],
    mode: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """One row for both directions: the k-th link back is the other direction of the k-th forward."""
    at = {each["place"]: (each["lon"], each["lat"]) for each in places}
    pairs: dict[frozenset[str], dict[tuple[str, str], list[tuple[int, Row]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for number, row in links:
        ends = place_of[row["from_node_id"]], place_of[row["to_node_id"]]
        if ends[0] == ends[1]:
            reading.problems.append(
                Problem(_LINK, number, "to_node_id", row["to_node_id"], "another than from_node_id")
            )
            continue
        pairs[frozenset(ends)][ends].append((number, row))
    rows: list[dict[str, Any]] = []
    for directions in pairs.values():
        ends, forward = next(iter(directions.items()))
        back = directions.get((ends[1], ends[0]), [])
        two_way = [each for each in forward + back if each[1]["directed"].lower() in ("false", "0")]
        ahead = [each for each in forward if each not in two_way]
        behind = [each for each in back if each not in two_way]
        single = (ahead if len(ahead) > len(behind) else behind)[min(len(ahead), len(behind)) :]
        taken = [(each, "") for each in two_way + ahead[: min(len(ahead), len(behind))]]
        taken += [(each, " One direction only in the network; taken for both.") for each in single]
        for (number, row), note in taken:
            length = reading.number(_LINK, number, row, "length", 0.0, 1e6) * scales[0]
            if not length > 0:
                length, note = (
                    max(_great_circle(at[ends[0]], at[ends[1]]), 0.01),
                    f"{note} Length: great circle.",
                )
            speed = reading.number(_LINK, number, row, "free_speed", 0.0, 200.0) * scales[1]
            if not speed > 0:
                speed, note = _SPEED.get(mode, _OTHER_SPEED), f"{note} Speed: assumed."
            if speed > _FASTEST:
                speed, note = _FASTEST, f"{note} Free speed is higher."
            rows.append(
                {
                    "link": _slug(row.get("element") or f"{mode}-{row['link_id']}"),
                    "from_place": ends[0], "to_place": ends[1], "mode": mode,
                    "length_km": length, "speed_kmh": speed, "status": "closed" if row.get("open", "").lower() == "false" else "open",
                    "note": f"Link {row['link_id']}.{note}",
                }
            )  # fmt: skip
    return rows


def _crossings(
    links: list[dict[str, Any]],
    country: dict[str, str],
    mode: str,
    rows: list[tuple[int, Row]],
    place_of: dict[str, str],
) -> list[dict[str, Any]]:
    """One for each pair of places in two countries; hours and charges from the columns of an export, else assumed."""
    given = {(place_of[row["from_node_id"]], place_of[row["to_node_id"]]): row for _, row in rows}
    found: dict[frozenset[str], dict[str, Any]] = {}
    for link in links:
        ends = link["from_place"], link["to_place"]
        if country[ends[0]] == country[ends[1]] or frozenset(ends) in found:
            continue
        ahead, back = (given.get(pair, {}) for pair in (ends, ends[::-1]))

        def cell(row: Row, column: str, default: float) -> float:
            return float(row[column]) if row.get(column) else default

        hours, usd = cell(ahead, "border_hours", 12.0), cell(ahead, "border_usd_per_unit", 100.0)
        found[frozenset(ends)] = {
            "crossing": f"{ends[0]}-{ends[1]}", "name": f"{ends[0]} - {ends[1]}", "from_place": ends[0], "to_place": ends[1], "modes": mode,
            "hours": hours, "hours_back": cell(back, "border_hours", hours), "hours_sd": cell(ahead, "hours_sd", 6.0),
            "usd_per_unit": usd, "usd_per_unit_back": cell(back, "border_usd_per_unit", usd), "status": "open",
        }  # fmt: skip
    return list(found.values())


def _great_circle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Km on a sphere of the earth's mean radius (haversine)."""
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2.0 * 6371.0088 * math.asin(math.sqrt(half))


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Typed table of some rows; what they leave out is empty, source and confidence an estimate's."""
    filled = [{"source": "estimate", "confidence": "low", **row} for row in rows]
    columns = {
        column: parse_cells([format_value(row.get(column)) for row in filled], spec)[0]
        for column, spec in SCHEMA.tables[name].columns.items()
    }
    return pd.DataFrame({column: pd.Series(cells, dtype=cells.dtype) for column, cells in columns.items()})
