"""Layout: everything that any row of a region could open, laid out once as ids and arrays.

A node is a (place, mode) pair, or a zone; ships have two at a place, one where they are boarded and one where they land, joined by
the transhipment from ship to ship. An arc is one direction of a link, a terminal, a service or a zone's access, or a transhipment;
arcs stand in forward-star order. Status, prices and hours are not here: they are the condition's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.pack import Pack
from isthmus.tables import codes, split_list

LINK, TERMINAL, SERVICE, ACCESS, TRANSHIPMENT = 0, 1, 2, 3, 4
KINDS = ("link", "terminal", "service", "access", "transhipment")
FAMILIES = ("sea", "rail", "road")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Layout:
    """The multimodal graph of a region.

    Attributes:
        places, modes, countries, zones, links, terminals, services, crossings, pools: ids, in the order of the pack's tables.
        nodes: table of nodes (`place`, `mode` as ids; for a zone its `zone` and an empty mode).
        zone_node: (Z) node of each zone.
        first_out: (N + 1) first arc that leaves each node.
        tail, head: (A) nodes.
        kind: (A) LINK, TERMINAL, SERVICE, ACCESS or TRANSHIPMENT.
        element: (A) row in the table of its kind; for ACCESS the zone, for TRANSHIPMENT the place.
        forward: (A) from from_place to to_place (from_mode to to_mode); ACCESS: leaving the zone.
        mode: (A) mode of the vehicle, for a terminal the railway's if there is one, else the first mode's.
        family: (A) 0 sea, 1 rail, 2 road; -1 for terminals, access and transhipments.
        crossing: (A) row of the border crossing it passes, -1 if none.
        crossing_forward: (A) whether the crossing is passed forward.
        country_from, country_to: (A) territory left and reached.
        segment: (A) physical segment: arcs between the same places by the same mode share one, in both directions.
        length: (A) km, 0 for terminals and transhipments.
        boards_rail: (A) cargo boards a train there: from a zone or another mode, not from another gauge or off a ferry for wagons.
    """

    places: pd.Index
    modes: pd.Index
    countries: pd.Index
    zones: pd.Index
    links: pd.Index
    terminals: pd.Index
    services: pd.Index
    crossings: pd.Index
    pools: pd.Index
    nodes: pd.DataFrame
    zone_node: Ints
    first_out: Ints
    tail: Ints
    head: Ints
    kind: Ints
    element: Ints
    forward: Bools
    mode: Ints
    family: Ints
    crossing: Ints
    crossing_forward: Bools
    country_from: Ints
    country_to: Ints
    segment: Ints
    length: Floats
    boards_rail: Bools

    @property
    def arcs(self) -> int:
        """Number of arcs."""
        return int(self.tail.size)

    @property
    def passable(self) -> Bools:
        """(N) whether a path may run through the node: zones begin and end paths only."""
        inside = np.ones(len(self.nodes), bool)
        inside[self.zone_node] = False
        return inside

    def elements(self, kind: int) -> pd.Index:
        """Ids of the elements of a kind."""
        return (self.links, self.terminals, self.services, self.zones, self.places)[kind]


def lay_out(pack: Pack) -> Layout:
    """The layout of a region.

    Parameters
    ----------
    pack : Pack
        A region that has passed its check.

    Returns
    -------
    Layout
        Equal for equal ids and geometry: status, prices and hours do not enter.
    """
    tables = {
        name: pack.table(name)
        for name in ("places", "modes", "countries", "zones", "links", "terminals", "services")
    }
    ids = {name: pd.Index(tables[name].iloc[:, 0]) for name in tables}
    crossings = pack.table("crossings")
    rows = pd.concat(
        [
            _link_rows(tables, ids),
            _terminal_rows(tables, ids),
            _service_rows(tables, ids),
            _access_rows(pack, tables, ids),
        ],
        ignore_index=True,
    )
    ships = ((tables["modes"]["trunk"] == "sea") & tables["modes"]["carries"].isna()).to_numpy()
    nodes, zone_node = _nodes(rows, tables, ids, ships)
    arcs = pd.concat(
        [_both_ways(rows, nodes, zone_node, ships), _transhipments(nodes, ships)], ignore_index=True
    )
    arcs = _with_crossings(arcs, crossings, ids)
    arcs = arcs.sort_values(["tail", "head", "kind", "element"], kind="stable").reset_index(drop=True)
    place_country = codes(tables["places"]["country"], ids["countries"])
    return Layout(
        places=ids["places"],
        modes=ids["modes"],
        countries=ids["countries"],
        zones=ids["zones"],
        links=ids["links"],
        terminals=ids["terminals"],
        services=ids["services"],
        crossings=pd.Index(crossings["crossing"]),
        pools=pd.Index(pack.table("pools")["pool"]),
        nodes=nodes,
        zone_node=zone_node,
        first_out=np.searchsorted(arcs["tail"].to_numpy(), np.arange(len(nodes) + 1)).astype(np.int64),
        country_from=place_country[arcs["place_from"]].astype(np.int64),
        country_to=place_country[arcs["place_to"]].astype(np.int64),
        segment=_segments(arcs),
        length=arcs["length"].to_numpy(np.float64),
        forward=arcs["forward"].to_numpy(bool),
        crossing_forward=arcs["crossing_forward"].to_numpy(bool),
        tail=arcs["tail"].to_numpy(np.int64),
        head=arcs["head"].to_numpy(np.int64),
        kind=arcs["kind"].to_numpy(np.int64),
        element=arcs["element"].to_numpy(np.int64),
        mode=arcs["mode"].to_numpy(np.int64),
        family=arcs["family"].to_numpy(np.int64),
        crossing=arcs["crossing"].to_numpy(np.int64),
        boards_rail=_boards_rail(arcs, nodes, tables["modes"]),
    )


def _boards_rail(arcs: pd.DataFrame, nodes: pd.DataFrame, modes: pd.DataFrame) -> Bools:
    """(A) whether a train is boarded: the mode reached is a railway's, that left is neither one nor a ferry that carries one's wagons."""
    rail = (modes["trunk"] == "rail").to_numpy()
    carried = codes(modes["carries"], pd.Index(modes["mode"]))
    on_rails = rail | ((carried >= 0) & rail[carried])
    mode = nodes["mode_index"].to_numpy(np.int64)
    ends = [mode[arcs[end].to_numpy(np.int64)] for end in ("tail", "head")]
    left, reached = (
        np.where(at >= 0, flags[at], False) for at, flags in zip(ends, (on_rails, rail), strict=True)
    )
    return np.asarray(reached & ~left)


def _line_rows(table: pd.DataFrame, kind: int, modes: pd.DataFrame, ids: dict[str, pd.Index]) -> pd.DataFrame:
    mode = codes(table["mode"], ids["modes"])
    family = np.array([FAMILIES.index(trunk) for trunk in modes["trunk"]])
    return pd.DataFrame(
        {
            "kind": kind,
            "element": np.arange(len(table)),
            "place_from": codes(table["from_place"], ids["places"]),
            "place_to": codes(table["to_place"], ids["places"]),
            "mode_from": mode,
            "mode_to": mode,
            "mode": mode,
            "family": family[mode] if len(table) else mode,
            "length": table["length_km"].astype(float),
        }
    )


def _link_rows(tables: dict[str, pd.DataFrame], ids: dict[str, pd.Index]) -> pd.DataFrame:
    return _line_rows(tables["links"], LINK, tables["modes"], ids)


def _service_rows(tables: dict[str, pd.DataFrame], ids: dict[str, pd.Index]) -> pd.DataFrame:
    return _line_rows(tables["services"], SERVICE, tables["modes"], ids)


def _terminal_rows(tables: dict[str, pd.DataFrame], ids: dict[str, pd.Index]) -> pd.DataFrame:
    table, modes = tables["terminals"], tables["modes"]
    place = codes(table["place"], ids["places"])
    first, second = codes(table["from_mode"], ids["modes"]), codes(table["to_mode"], ids["modes"])
    rail = (modes["trunk"] == "rail").to_numpy()
    vehicle = np.where(rail[first] | ~rail[second], first, second)
    return pd.DataFrame(
        {
            "kind": TERMINAL, "element": np.arange(len(table)), "place_from": place, "place_to": place, "mode_from": first,
            "mode_to": second, "mode": vehicle, "family": -1, "length": 0.0,
        }
    )  # fmt: skip


def _access_rows(pack: Pack, tables: dict[str, pd.DataFrame], ids: dict[str, pd.Index]) -> pd.DataFrame:
    """A zone reaches every mode at its own place, and those that `access` names."""
    zones, access = tables["zones"], pack.table("access")
    ends = [
        tables[name][[place, mode]].set_axis(["place", "mode"], axis=1)
        for name in ("links", "services", "terminals")
        for place in (("place",) if name == "terminals" else ("from_place", "to_place"))
        for mode in (("from_mode", "to_mode") if name == "terminals" else ("mode",))
    ]
    served = pd.concat(ends).drop_duplicates()
    ferry = tables["modes"]["mode"][tables["modes"]["carries"].notna()]
    own = (
        zones[["zone", "place"]].merge(served[~served["mode"].isin(ferry)], on="place").assign(length_km=0.0)
    )
    rows = pd.concat([own, access[["zone", "place", "mode", "length_km"]]])
    rows = rows.sort_values("length_km", kind="stable").drop_duplicates(["zone", "place", "mode"])
    mode = codes(rows["mode"], ids["modes"])
    zone = codes(rows["zone"], ids["zones"])
    place = codes(rows["place"], ids["places"])
    return pd.DataFrame(
        {
            "kind": ACCESS, "element": zone, "place_from": place, "place_to": place, "mode_from": -1, "mode_to": mode,
            "mode": mode, "family": -1, "length": rows["length_km"].to_numpy(float),
        }
    )  # fmt: skip


def _nodes(
    rows: pd.DataFrame, tables: dict[str, pd.DataFrame], ids: dict[str, pd.Index], ships: Bools
) -> tuple[pd.DataFrame, Ints]:
    """Table of nodes, and those of the zones. `landed` marks the nodes where ships land."""
    ends = pd.concat(
        [
            rows[["place_from", "mode_from"]].set_axis(["place", "mode"], axis=1),
            rows[["place_to", "mode_to"]].set_axis(["place", "mode"], axis=1),
        ]
    )
    ends = ends[ends["mode"] >= 0].drop_duplicates()
    ends = pd.concat([ends.assign(landed=False), ends[ships[ends["mode"]]].assign(landed=True)])
    ends = ends.sort_values(["place", "mode", "landed"])
    zones = tables["zones"]
    nodes = pd.DataFrame(
        {
            "place": np.concatenate([ids["places"][ends["place"]], zones["place"]]),
            "mode": np.concatenate([ids["modes"][ends["mode"]], np.full(len(zones), "", object)]),
            "zone": np.concatenate([np.full(len(ends), "", object), zones["zone"]]),
            "place_index": np.concatenate([ends["place"], codes(zones["place"], ids["places"])]),
            "mode_index": np.concatenate([ends["mode"], np.full(len(zones), -1)]),
            "landed": np.concatenate([ends["landed"], np.zeros(len(zones), bool)]),
        }
    )
    return nodes, np.arange(len(ends), len(nodes), dtype=np.int64)


def _both_ways(rows: pd.DataFrame, nodes: pd.DataFrame, zone_node: Ints, ships: Bools) -> pd.DataFrame:
    """Both directions of every row with their nodes: a service lands where ships land, land modes are reached from there."""
    swap = {
        "place_from": "place_to",
        "place_to": "place_from",
        "mode_from": "mode_to",
        "mode_to": "mode_from",
    }
    arcs = pd.concat(
        [rows.assign(forward=True), rows.rename(columns=swap).assign(forward=False)], ignore_index=True
    )
    index = pd.MultiIndex.from_frame(
        nodes.iloc[: len(nodes) - zone_node.size][["place_index", "mode_index", "landed"]]
    )
    sails = (arcs["kind"] == SERVICE).to_numpy()
    zone = (
        zone_node[arcs["element"].where(arcs["kind"] == ACCESS, 0)]
        if zone_node.size
        else np.zeros(len(arcs), np.int64)
    )
    for name, end, landed in (("tail", "from", ~sails), ("head", "to", sails)):
        mode = arcs[f"mode_{end}"].to_numpy()
        key = pd.DataFrame(
            {"place": arcs[f"place_{end}"], "mode": mode, "landed": landed & (mode >= 0) & ships[mode]}
        )
        found = index.get_indexer(pd.MultiIndex.from_frame(key))
        arcs[name] = np.where(mode < 0, zone, found)
    return arcs


def _transhipments(nodes: pd.DataFrame, ships: Bools) -> pd.DataFrame:
    """From where ships land to where they are boarded, at every port."""
    landed = np.flatnonzero(nodes["landed"])
    place, mode = nodes["place_index"].to_numpy()[landed], nodes["mode_index"].to_numpy()[landed]
    return pd.DataFrame(
        {
            "kind": TRANSHIPMENT, "element": place, "place_from": place, "place_to": place, "mode_from": mode, "mode_to": mode,
            "mode": mode, "family": -1, "length": 0.0, "forward": True, "tail": landed, "head": landed - 1,
        }
    )  # fmt: skip


def _with_crossings(arcs: pd.DataFrame, crossings: pd.DataFrame, ids: dict[str, pd.Index]) -> pd.DataFrame:
    modes = crossings["modes"].map(split_list)
    each = pd.DataFrame(
        {
            "crossing": np.arange(len(crossings)),
            "place_from": codes(crossings["from_place"], ids["places"]),
            "place_to": codes(crossings["to_place"], ids["places"]),
            "mode": modes,
        }
    ).explode("mode")
    each["mode"] = codes(each["mode"], ids["modes"])
    back = each.rename(columns={"place_from": "place_to", "place_to": "place_from"})
    both = pd.concat([each.assign(crossing_forward=True), back.assign(crossing_forward=False)])
    both = both.drop_duplicates(["place_from", "place_to", "mode"]).assign(kind=LINK)
    joined = arcs.merge(both, how="left", on=["kind", "place_from", "place_to", "mode"])
    joined["crossing"] = joined["crossing"].fillna(-1).astype(np.int64)
    joined["crossing_forward"] = joined["crossing_forward"].eq(True)
    return joined


def _segments(arcs: pd.DataFrame) -> Ints:
    low = np.minimum(arcs["place_from"], arcs["place_to"])
    high = np.maximum(arcs["place_from"], arcs["place_to"])
    key = pd.DataFrame({"kind": arcs["kind"].where(arcs["kind"].isin([ACCESS, TRANSHIPMENT]), 0)})
    key = key.assign(low=low, high=high, first=arcs[["mode_from", "mode_to"]].min(axis=1), mode=arcs["mode"])
    key["zone"] = arcs["element"].where(arcs["kind"] == ACCESS, -1)
    return np.asarray(key.groupby(list(key.columns), sort=True).ngroup(), np.int64)
