"""The laid-out network as a General Modeling Network Specification (Zephyr Foundation, version 0.96): node, link, zone and others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.network.condition import condition_of
from isthmus.network.layout import ACCESS, KINDS, LINK, SERVICE, Layout, lay_out
from isthmus.pack import Pack, load
from isthmus.store import check_target, write_whole

MARK = "link.csv"


def export_gmns(region: str | Path | Pack, folder: Path, *, force: bool = False) -> Path:
    """Write a region's network as GMNS: `node.csv`, `link.csv`, `zone.csv`, `use_definition.csv`, `config.csv`.

    A node is a place with a mode, or a zone; a link one direction of a line, ship, terminal or access. What GMNS has no word for
    (hours of borders and terminals, waits, charges, pools, status) stands in further columns.

    Raises StoreError if the folder exists and `force` is not given, or if it holds anything but a GMNS network.
    """
    pack = region if isinstance(region, Pack) else load(region)
    check_target(folder, force=force, mark=MARK, what="GMNS network")
    tables = gmns_tables(pack)

    def fill(beside: Path) -> None:
        for name, frame in tables.items():
            frame.to_csv(beside / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")

    return write_whole(folder, fill)


def gmns_tables(pack: Pack) -> dict[str, pd.DataFrame]:
    """The GMNS tables of a region by name."""
    layout = lay_out(pack)
    nodes = _nodes(pack, layout)
    zones = pack.table("zones")
    modes = pack.table("modes")
    return {
        "node": nodes,
        "link": _links(pack, layout, nodes["node_id"].to_numpy(object)),
        "zone": pd.DataFrame({"zone_id": zones["zone"], "name": zones["name"]}),
        "use_definition": pd.DataFrame(
            {"use": modes["mode"], "persons_per_vehicle": 1.0, "pce": 1.0, "description": modes["name"]}
        ),
        "config": pd.DataFrame(
            [{"dataset_name": pack.name, "short_length": "meter", "long_length": "km", "speed": "kph", "crs": "EPSG:4326", "currency": "USD"}]  # noqa: E501
        ),
    }  # fmt: skip


def _nodes(pack: Pack, layout: Layout) -> pd.DataFrame:
    places = pack.table("places").set_index("place")
    zone_of = pack.table("zones").drop_duplicates("place").set_index("place")["zone"]
    nodes, at = layout.nodes, places.loc[layout.nodes["place"]]
    is_zone = (nodes["zone"] != "").to_numpy()
    side = np.where(nodes["landed"], ".landed", "")
    ids = np.where(is_zone, "zone." + nodes["zone"], nodes["place"] + "." + nodes["mode"] + side)
    return pd.DataFrame(
        {
            "node_id": ids,
            "name": at["name"].to_numpy(object),
            "x_coord": at["lon"].to_numpy(float),
            "y_coord": at["lat"].to_numpy(float),
            "node_type": np.where(is_zone, "zone", nodes["mode"]),
            "zone_id": np.where(is_zone, nodes["zone"], nodes["place"].map(zone_of).fillna("")),
            "place": nodes["place"].to_numpy(object),
            "country": at["country"].to_numpy(object),
        }
    )


def _links(pack: Pack, layout: Layout, node_ids: NDArray[np.object_]) -> pd.DataFrame:
    state = condition_of(pack, layout, observed=True)
    kinds = np.array(KINDS, object)[layout.kind]
    elements = [layout.elements(kind)[row] for kind, row in zip(layout.kind, layout.element, strict=True)]
    ends = [node_ids[layout.tail], node_ids[layout.head]]
    is_access = layout.kind == ACCESS
    moving = (layout.kind == LINK) | (layout.kind == SERVICE)
    speed = np.where(moving & (state.running > 0), layout.length / np.maximum(state.running, 1e-9), np.nan)
    links = pack.table("links")
    own = np.where(layout.kind == LINK, layout.element, 0)
    if len(links):
        speed = np.where(layout.kind == LINK, links["speed_kmh"].to_numpy(float)[own], speed)
    pools = pack.table("pools")
    names = np.array([*pools["pool"], None], object)
    units = pools["unit"].to_numpy(object)
    drawn = np.where(state.pool[:, 0] >= 0, state.pool[:, 0], state.pool[:, 1])
    trucks = np.append((units == "trucks_per_day") * pools["capacity"].to_numpy(float), np.nan)[drawn] / 48.0
    crossings = np.array([*layout.crossings, None], object)
    direction = np.where(layout.forward, "forward", "back")
    return pd.DataFrame(
        {
            "link_id": [
                ".".join([kind, str(element), way, *([tail, head] if access else [])])
                for kind, element, way, tail, head, access in zip(kinds, elements, direction, *ends, is_access, strict=True)
            ],
            "from_node_id": ends[0],
            "to_node_id": ends[1],
            "directed": "true",
            "length": layout.length,
            "facility_type": kinds,
            "capacity": np.where(trucks > 0, trucks, np.nan),
            "free_speed": speed,
            "allowed_uses": layout.modes.to_numpy(object)[layout.mode],
            "element": elements,
            "open": np.where(state.open, "true", "false"),
            "running_hours": state.running,
            "border_hours": state.border,
            "terminal_hours": state.terminal,
            "waiting_hours": state.waiting,
            "hours_sd": state.deviation,
            "border": crossings[layout.crossing],
            "border_usd_per_unit": state.border_usd,
            "pool": names[state.pool[:, 0]],
            "border_pool": names[state.pool[:, 1]],
        }
    )  # fmt: skip
