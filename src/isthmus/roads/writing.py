"""Flows and skims to files of the field's formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from isthmus._errors import UserError
from isthmus.roads.assigning import Assignment
from isthmus.store import write_omx

_FLOWS = (".tntp", ".csv", ".parquet")
_GMNS = {
    "link": "link_id",
    "from": "from_node_id",
    "to": "to_node_id",
    "flow": "volume",
    "time": "travel_time",
}


def refuse_flows(path: Path, *, force: bool) -> None:
    """Raise UserError if flows cannot be written there."""
    _refuse(path, _FLOWS, force)


def refuse_skims(path: Path, *, force: bool) -> None:
    """Raise UserError if skims cannot be written there."""
    _refuse(path, (".omx",), force)


def write_flows(assignment: Assignment, path: Path) -> None:
    """Write flows by link: TNTP (From, To, Volume, Cost), CSV in GMNS words (link_id, from_node_id, to_node_id, volume,
    travel_time, cost) or Parquet (link, from, to, flow, time, cost), as the suffix says."""
    links, suffix = assignment.links, path.suffix.lower()
    beside = path.with_name(path.name + ".part")
    if suffix == ".parquet":
        links.to_parquet(beside, index=False)
    elif suffix == ".csv":
        links.rename(columns=_GMNS).to_csv(beside, index=False, lineterminator="\n")
    else:
        rows = links[["from", "to", "flow", "cost"]].itertuples(index=False)
        lines = [
            "From \tTo \tVolume \tCost ",
            *(f"{a} \t{b} \t{flow!r} \t{cost!r} " for a, b, flow, cost in rows),
        ]
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    beside.replace(path)


def write_skims(assignment: Assignment, path: Path) -> None:
    """Write least costs and trips between all zones as OMX: matrices `cost` (time and fixed costs; NaN where none leads) and
    `trips`, rows and columns named by `/lookup/zone`."""
    network, trips = assignment.network, assignment.trips
    zones = list(network.zones)
    nodes = np.array([network.zones[zone] for zone in zones], np.int64)
    place = np.full(network.roads.nodes, -1)
    place[nodes] = np.arange(nodes.size)
    demand = np.zeros((nodes.size, nodes.size))
    demand[place[trips.origin], place[trips.destination]] = trips.trips
    cost = assignment.prepared.least_costs(assignment.solution, nodes)
    beside = path.with_name(path.name + ".part")
    write_omx(beside, {"cost": np.where(np.isfinite(cost), cost, np.nan), "trips": demand}, "zone", zones)
    beside.replace(path)


def _refuse(path: Path, suffixes: tuple[str, ...], force: bool) -> None:
    if path.suffix.lower() not in suffixes:
        raise UserError(f"Cannot write {path}: expected a name that ends in {' or '.join(suffixes)}.")
    if not path.absolute().parent.is_dir():
        raise UserError(f"Cannot write {path}: expected an existing folder {path.parent}.")
    if path.exists() and not force:
        raise UserError(f"{path} exists; give --force to replace it.")
