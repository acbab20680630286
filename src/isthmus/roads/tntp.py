"""Networks and trips of the Transportation Networks collection (Bar-Gera; Stabler, Bar-Gera and Sall): TNTP text files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from isthmus.roads.network import Reading, RoadNetwork, network_of

_COLUMNS = (
    "init_node",
    "term_node",
    "capacity",
    "length",
    "free_flow_time",
    "b",
    "power",
    "speed",
    "toll",
    "link_type",
)
_NEEDED = 7
_TAG = re.compile(r"\s*<([^>]*)>\s*([^\s]*)")
_ORIGIN = re.compile(r"\s*origin\s+(\S+)\s*$", re.IGNORECASE)

Lines = list[tuple[int, str]]


def is_tntp(text: str) -> bool:
    """Whether a text begins with the metadata of the collection."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def read_net(
    path: Path, text: str, reading: Reading, length_weight: float, toll_weight: float
) -> RoadNetwork | None:
    """A `_net.tntp` file; weights are time per unit of length and of toll. None if anything is wrong."""
    tags, rows = _split(text)
    zones = _count(reading, tags, "NUMBER OF ZONES", 1)
    nodes = _count(reading, tags, "NUMBER OF NODES", 1)
    thru = _count(reading, tags, "FIRST THRU NODE", 1) if "FIRST THRU NODE" in tags else 1
    declared = _count(reading, tags, "NUMBER OF LINKS", 0) if "NUMBER OF LINKS" in tags else None
    fresh = _count(reading, tags, "NUMBER OF NEW LINKS", 0) if "NUMBER OF NEW LINKS" in tags else 0
    if zones is None or nodes is None or thru is None:
        return None
    if zones > nodes:
        reading.wrong(tags["NUMBER OF ZONES"][0], "NUMBER OF ZONES", str(zones), f"at most the {nodes} nodes")
    tail, head, costs = [], [], []
    columns: dict[str, list[float]] = {name: [] for name in ("free", "rise", "capacity", "power", "fixed")}
    for line, row in rows:
        cells = row.replace(";", " ").split()
        if not cells:
            continue
        if len(cells) < _NEEDED:
            reading.wrong(line, "", row.strip(), f"at least {_NEEDED} columns: {', '.join(_COLUMNS)}")
            continue
        tail.append(reading.whole(line, "init_node", cells[0], nodes) - 1)
        head.append(reading.whole(line, "term_node", cells[1], nodes) - 1)
        numbers = [
            reading.number(line, name, cell) for name, cell in zip(_COLUMNS[2:7], cells[2:7], strict=True)
        ]
        toll = reading.number(line, "toll", cells[8]) if toll_weight and len(cells) > 8 else 0.0
        columns["capacity"].append(numbers[0])
        columns["free"].append(numbers[2])
        columns["rise"].append(numbers[3])
        columns["power"].append(numbers[4])
        columns["fixed"].append(length_weight * numbers[1] + toll_weight * toll)
        costs.append(_cost(reading, line, cells) if fresh and len(tail) > (declared or 0) else 0.0)
    if declared is not None and fresh is not None and declared + fresh != len(tail):
        there = f"the {len(tail)} rows there are" + (f" less {fresh} new ones" if fresh else "")
        reading.wrong(tags["NUMBER OF LINKS"][0], "NUMBER OF LINKS", str(declared), there)
    if reading.problems:
        return None
    names = [str(i + 1) for i in range(nodes)]
    links = [f"{a + 1}-{b + 1}" for a, b in zip(tail, head, strict=True)]
    passable = np.arange(1, nodes + 1) >= thru
    network = network_of(
        tail, head, columns, passable, names, links, {names[z]: z for z in range(zones)}, "minutes"
    )
    return replace(
        network,
        new=np.arange(len(tail) - (fresh or 0), len(tail)),
        cost=np.array(costs[len(tail) - (fresh or 0) :]),
    )


def _cost(reading: Reading, line: int, cells: list[str]) -> float:
    """Cost of a new link, which has it behind the columns of a link."""
    if len(cells) <= len(_COLUMNS):
        reading.wrong(line, "cost", "", f"a new link has its cost in column {len(_COLUMNS) + 1}")
        return 0.0
    return reading.number(line, "cost", cells[len(_COLUMNS)])


def read_od(text: str, reading: Reading) -> list[tuple[int, str, str, float]]:
    """Line, origin, destination and trips of every cell of a `_trips.tntp` file that is not 0."""
    tags, rows = _split(text)
    zones = _count(reading, tags, "NUMBER OF ZONES", 1) if "NUMBER OF ZONES" in tags else None
    most = zones if zones is not None else 10**9
    cells: list[tuple[int, str, str, float]] = []
    origin = ""
    for line, row in rows:
        begins = _ORIGIN.match(row)
        if begins:
            origin = str(reading.whole(line, "origin", begins[1], most))
            continue
        for part in row.split(";"):
            if not part.strip():
                continue
            target, colon, value = part.partition(":")
            if not colon:
                reading.wrong(line, "", part.strip(), "destination : trips;")
                continue
            if not origin:
                reading.wrong(line, "", part.strip(), "a line `Origin n` before it")
                continue
            destination = reading.whole(line, "destination", target.strip(), most)
            trips = reading.number(line, "trips", value.strip())
            if trips > 0.0 and destination:
                cells.append((line, origin, str(destination), trips))
    return cells


def _split(text: str) -> tuple[dict[str, tuple[int, str]], Lines]:
    """Metadata with their lines, and the lines that are neither metadata, comment nor empty."""
    tags: dict[str, tuple[int, str]] = {}
    rows: Lines = []
    for line, row in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        tag = _TAG.match(row)
        if tag:
            tags[" ".join(tag[1].upper().split())] = (line, tag[2])
        elif row.strip() and not row.lstrip().startswith("~"):
            rows.append((line, row))
    return tags, rows


def _count(reading: Reading, tags: dict[str, tuple[int, str]], name: str, least: int) -> int | None:
    line, value = tags.get(name, (0, ""))
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        expectation = f"<{name}> and a whole number from {least}"
        reading.wrong(line, name if value else "", value, expectation if value else f"expected {expectation}")
        return None
    return int(value)
