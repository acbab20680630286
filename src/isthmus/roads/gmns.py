"""Networks and demand of the General Modeling Network Specification (Zephyr Foundation, 0.96): node.csv, link.csv, demand.csv.

A link takes `vdf_fftt` minutes, or its length at its free speed; its capacity is `vdf_cap`, or `capacity` times `lanes`; the delay
has `vdf_alpha` and `vdf_beta`, or 0.15 and 4.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from isthmus.pack.gmns import KM, KMH
from isthmus.roads.network import Reading, RoadNetwork, network_of

_ALPHA, _BETA = "0.15", "4"
_CENTROIDS = ("zone", "centroid")

Rows = list[tuple[int, dict[str, str]]]


def read_folder(
    folder: Path, readings: list[Reading], length_weight: float, toll_weight: float
) -> RoadNetwork | None:
    """The network of a folder; None if anything is wrong, which stands in the readings then."""
    nodes_in, links_in = Reading("node.csv"), Reading("link.csv")
    readings += [nodes_in, links_in]
    node_rows = read_csv(folder / "node.csv", nodes_in, ("node_id",))
    link_rows = read_csv(folder / "link.csv", links_in, ("from_node_id", "to_node_id"))
    if nodes_in.problems or links_in.problems:
        return None
    km_length, km_speed = _units(folder)
    at: dict[str, int] = {}
    zones: dict[str, int] = {}
    passable = np.ones(len(node_rows), np.bool_)
    for line, row in node_rows:
        if row["node_id"] in at:
            nodes_in.wrong(line, "node_id", row["node_id"], "an id of its own")
        node = at.setdefault(row["node_id"], len(at))
        if row.get("zone_id", ""):
            is_centroid = row.get("node_type", "").lower() in _CENTROIDS
            if is_centroid or row["zone_id"] not in zones:
                zones[row["zone_id"]] = node
            passable[node] = not is_centroid
    arcs = _Arcs(links_in, at, length_weight, toll_weight, km_length / km_speed)
    for line, row in link_rows:
        arcs.add(line, row)
    if nodes_in.problems or links_in.problems:
        return None
    return network_of(arcs.tail, arcs.head, arcs.columns, passable, list(at), arcs.links, zones, "minutes")


class _Arcs:
    """Arcs of the links read so far."""

    def __init__(
        self, reading: Reading, at: dict[str, int], length_weight: float, toll_weight: float, scale: float
    ) -> None:
        self.reading, self.at, self.scale = reading, at, scale
        self.length_weight, self.toll_weight = length_weight, toll_weight
        self.tail: list[int] = []
        self.head: list[int] = []
        self.links: list[str] = []
        self.columns: dict[str, list[float]] = {
            name: [] for name in ("free", "rise", "capacity", "power", "fixed")
        }

    def add(self, line: int, row: dict[str, str]) -> None:
        """One arc, or two where the link is not directed."""
        reading = self.reading
        ends = []
        for column in ("from_node_id", "to_node_id"):
            if row[column] not in self.at:
                reading.wrong(line, column, row[column], "a node_id of node.csv")
            ends.append(self.at.get(row[column], 0))
        length = self._cell(line, row, "length", "0")
        if row.get("vdf_fftt", ""):
            free = self._cell(line, row, "vdf_fftt")
        else:
            speed = self._cell(line, row, "free_speed") if length > 0.0 else 1.0
            if speed == 0.0:
                reading.wrong(
                    line, "free_speed", row.get("free_speed", ""), "a speed above 0 where there is a length"
                )
            free = 60.0 * length * self.scale / speed if speed > 0.0 else 0.0
        lanes = self._cell(line, row, "lanes", "1")
        if row.get("vdf_cap", "") or row.get("capacity", ""):
            capacity = (
                self._cell(line, row, "vdf_cap")
                if row.get("vdf_cap", "")
                else lanes * self._cell(line, row, "capacity")
            )
            rise = self._cell(line, row, "vdf_alpha", _ALPHA)
        else:  # no capacity is known: no delay
            capacity, rise = 1.0, 0.0
        values = {
            "free": free,
            "rise": rise,
            "capacity": capacity,
            "power": self._cell(line, row, "vdf_beta", _BETA),
            "fixed": self.length_weight * length + self.toll_weight * self._cell(line, row, "toll", "0"),
        }
        name = row.get("link_id", "") or f"{row['from_node_id']}-{row['to_node_id']}"
        undirected = row.get("directed", "").lower() in ("false", "0", "f", "no")
        for tail, head in (ends, ends[::-1]) if undirected else (ends,):
            self.tail.append(tail)
            self.head.append(head)
            self.links.append(name)
            for column, value in values.items():
                self.columns[column].append(value)

    def _cell(self, line: int, row: dict[str, str], column: str, default: str = "") -> float:
        return self.reading.number(line, column, row.get(column, "") or default)


def read_demand(path: Path, reading: Reading) -> list[tuple[int, str, str, float]]:
    """Line, origin, destination and trips of every row of a demand.csv that is not 0."""
    cells = []
    for line, row in read_csv(path, reading, ("o_zone_id", "d_zone_id", "volume")):
        trips = reading.number(line, "volume", row["volume"])
        if trips > 0.0:
            cells.append((line, row["o_zone_id"], row["d_zone_id"], trips))
    return cells


def read_csv(path: Path, reading: Reading, needed: tuple[str, ...]) -> Rows:
    """Rows by lower-case column, with their lines; what is missing is a problem."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            names = [(name or "").strip().lower() for name in table.fieldnames or []]
            rows = [
                (
                    line,
                    {
                        name: (row[key] or "").strip()
                        for name, key in zip(names, table.fieldnames or [], strict=True)
                    },
                )
                for line, row in enumerate(table, 2)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reading.wrong(0, "", "", f"expected CSV in UTF-8: {error}")
        return []
    lacking = [column for column in needed if column not in names]
    for column in lacking:
        reading.wrong(1, column, "", "expected in the header; the column is missing")
    for line, row in rows:
        for column in needed:
            if not lacking and not row[column]:
                reading.wrong(line, column, "", "a value")
    return [] if lacking else rows


def _units(folder: Path) -> tuple[float, float]:
    """Km in the unit of length and km/h in that of speed; where no config.csv says it, of one system."""
    path = folder / "config.csv"
    rows = read_csv(path, Reading("config.csv"), ()) if path.is_file() else []
    cells = rows[0][1] if rows else {}
    length = KM.get(cells.get("long_length", "").lower(), 1.0)
    return length, KMH.get(cells.get("speed", "").lower(), length)
