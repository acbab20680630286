"""The block of data of a page: the tables of a run, short and in the order that the scripts expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from isthmus.report.basemap import Box, clip
from isthmus.report.figures import short
from isthmus.report.findings import findings_of
from isthmus.report.provenance import CONFIDENCES, provenance_of
from isthmus.report.tables import tables_of
from isthmus.store import Run

_CARRYING = ("open", "limited")
_MARGIN = 4.0  # degrees of coast beyond the outermost place


def block_of(run: Run) -> dict[str, Any]:
    """Everything that the page shows, as plain lists, numbers and words.

    Lines are numbered; `line * 2 + 1` is a line in its own direction (from `a` to `b`), `line * 2` the way back. Tonnes of flows and
    layers are in hundreds.
    """
    tables = run.tables
    lines, number = _lines(run)
    places = tables["region_places"]
    sources = tables["region_sources"]
    modes, classes = tables["region_modes"], tables["region_classes"]
    return {
        "meta": _meta(run),
        "places": _columns(places, ("place", "name", "country"), {"lon": 3, "lat": 3}),
        "countries": dict(
            zip(tables["region_countries"]["country"], tables["region_countries"]["name"], strict=True)
        ),
        "inner": _inner(run),
        "capitals": [i for i in _inner(run) if "capital" in str(places["roles"].iloc[i]).split("|")],
        "modes": _columns(modes, ("mode", "name", "trunk")),
        "classes": _columns(classes, ("cargo_class", "name")),
        "lines": lines,
        "flows": _flows(tables["flows"], number, list(classes["cargo_class"])),
        "teu": _directed(tables["flows"].assign(tonnes=tables["flows"]["teu"]), number, 1.0),
        "layers": _layers(tables["layers"], number),
        "base": _directed(tables["base_flows"], number) if "base_flows" in tables else None,
        "pools": _pools(tables["pools"]),
        "crossings": _crossings(run),
        "ports": _ports(run),
        "tables": tables_of(run),
        "itineraries": _itineraries(tables["itineraries"], ["corridor"]),
        "saved": _itineraries(tables["saved_routes"], ["route"]) if "saved_routes" in tables else {},
        "feu": _feu(tables["corridors"]),
        **provenance_of(run),
        "sources": [
            [row["source"], row["title"] or "", row["url"] or ""] for row in sources.to_dict("records")
        ],
        "findings": findings_of(run),
        "map": clip(_box(run)),
    }


def _columns(
    frame: pd.DataFrame, names: Iterable[str], rounded: Mapping[str, int] | None = None
) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {name: frame[name].tolist() for name in names if name in frame}
    for name, digits in (rounded or {}).items():
        out[name] = [round(float(value), digits) for value in frame[name]]
    return out


def _meta(run: Run) -> dict[str, Any]:
    manifest = run.manifest
    scenario = manifest["scenario"]
    return {
        "title": manifest["region"]["title"], "name": manifest["region"]["name"], "year": manifest["region"]["year"],
        "hash": manifest["region"]["hash"], "key": manifest["key"], "version": manifest["isthmus"], "created": manifest["created"],
        "scenario": {"name": scenario["name"], "note": scenario.get("note", ""), "edits": scenario.get("edits", [])},
        "certificate": dict(manifest["certificate"]), "guesses": manifest["guesses"],
    }  # fmt: skip


def _lines(run: Run) -> tuple[dict[str, Any], dict[tuple[str, str], int]]:
    """Links and services that are open, or carry traffic in the run or in its base, and the number of each by kind and id."""
    tables = run.tables
    index = {place: i for i, place in enumerate(tables["region_places"]["place"])}
    modes = list(tables["region_modes"]["mode"])
    pools = {pool: i for i, pool in enumerate(tables["pools"]["pool"])}
    sources = {source: i for i, source in enumerate(tables["region_sources"]["source"])}
    shapes, shape_of = _shapes(tables["region_shapes"])
    used = {
        pair
        for name in ("flows", "base_flows")
        if name in tables
        for pair in zip(tables[name]["kind"], tables[name]["element"], strict=True)
    }
    names = ("id", "kind", "a", "b", "mode", "km", "pool", "source", "confidence", "note", "shape")
    out: dict[str, Any] = {name: [] for name in names}
    number: dict[tuple[str, str], int] = {}
    for kind, table in (("link", tables["region_links"]), ("service", tables["region_services"])):
        for row in table.to_dict("records"):
            if row["status"] not in _CARRYING and (kind, row[kind]) not in used:
                continue
            number[(kind, row[kind])] = len(number)
            cells = (
                row[kind], int(kind == "service"), index[row["from_place"]], index[row["to_place"]], modes.index(row["mode"]),
                short(row["length_km"]), pools.get(row["pool"], -1), sources[row["source"]], CONFIDENCES.index(row["confidence"]),
                row["note"] or "", shape_of.get(row[kind], -1) if kind == "service" else -1,
            )  # fmt: skip
            for name, cell in zip(names, cells, strict=True):
                out[name].append(cell)
    out["shapes"] = shapes
    return out, number


def _shapes(table: pd.DataFrame) -> tuple[list[list[float]], dict[str, int]]:
    """Different ways of ships as flat lists of longitude and latitude, and which of them a service sails."""
    shapes: list[list[float]] = []
    known: dict[tuple[float, ...], int] = {}
    of: dict[str, int] = {}
    for service, points in table.sort_values(["service", "point"], kind="stable").groupby(
        "service", sort=False
    ):
        flat = tuple(float(value) for value in points[["lon", "lat"]].to_numpy().round(2).ravel())
        if flat not in known:
            known[flat] = len(shapes)
            shapes.append(list(flat))
        of[str(service)] = known[flat]
    return shapes, of


def _flows(flows: pd.DataFrame, number: Mapping[tuple[str, str], int], classes: list[str]) -> list[int]:
    """Flat triples: directed line, class, hundreds of tonnes."""
    out: list[int] = []
    for row in flows.to_dict("records"):
        line = number.get((row["kind"], row["element"]))
        hundreds = round(row["tonnes"] / 100.0)
        if line is not None and hundreds > 0:
            out += (line * 2 + int(row["forward"]), classes.index(row["cargo_class"]), hundreds)
    return out


def _directed(flows: pd.DataFrame, number: Mapping[tuple[str, str], int], unit: float = 100.0) -> list[int]:
    """Flat pairs: directed line, tonnes in a unit."""
    sums = flows.groupby(["kind", "element", "forward"], sort=False)["tonnes"].sum().reset_index()
    out: list[int] = []
    for row in sums.to_dict("records"):
        line, amount = number.get((row["kind"], row["element"])), round(row["tonnes"] / unit)
        if line is not None and amount > 0:
            out += (line * 2 + int(row["forward"]), amount)
    return out


def _layers(layers: pd.DataFrame, number: Mapping[tuple[str, str], int]) -> dict[str, dict[str, list[int]]]:
    out: dict[str, dict[str, list[int]]] = {}
    for (layer, name), rows in layers.groupby(["layer", "name"], sort=False):
        out.setdefault(str(layer), {})[str(name)] = _directed(rows, number)
    return out


def _pools(pools: pd.DataFrame) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {name: pools[name].tolist() for name in ("name", "unit", "basis", "country")}
    for name in ("capacity", "used", "load_factor", "usd_per_slot", "delay_hours", "rent_usd"):
        out[name] = [short(value) for value in pools[name]]
    return out


def _crossings(run: Run) -> list[list[Any]]:
    """Id, name, longitude, latitude, tonnes forward and back, TEU, hours, load factor, USD per slot, pool's name; those that carry."""
    rows = run.tables["region_crossings"].set_index("crossing")
    at = run.tables["region_places"].set_index("place")[["lon", "lat"]]
    out = []
    for row in run.tables["crossings"].to_dict("records"):
        if row["tonnes"] + row["tonnes_back"] < 1000.0:
            continue
        ends = at.loc[[rows.at[row["crossing"], "from_place"], rows.at[row["crossing"], "to_place"]]].mean()
        figures = (
            row["tonnes"],
            row["tonnes_back"],
            row["teu"],
            row["hours"],
            row["load_factor"],
            row["usd_per_slot"],
        )
        out.append(
            [
                row["crossing"],
                row["name"],
                round(ends["lon"], 3),
                round(ends["lat"], 3),
                *map(short, figures),
                row["modes"],
            ]
        )
    return out


def _ports(run: Run) -> list[list[Any]]:
    """Id, name, longitude, latitude, tonnes landed and loaded, TEU, load factor, USD per slot; those that carry."""
    at = run.tables["region_places"].set_index("place")[["lon", "lat"]]
    out = []
    for row in run.tables["ports"].to_dict("records"):
        if row["tonnes_landed"] + row["tonnes_loaded"] >= 1000.0:
            figures = (
                row["tonnes_landed"],
                row["tonnes_loaded"],
                row["teu"],
                row["load_factor"],
                row["usd_per_slot"],
            )
            where = at.loc[row["port"]]
            out.append(
                [
                    row["port"],
                    row["name"],
                    round(where["lon"], 3),
                    round(where["lat"], 3),
                    *map(short, figures),
                    row["country"],
                ]
            )
    return out


def _itineraries(table: pd.DataFrame, key: list[str]) -> dict[str, list[list[Any]]]:
    """Legs in order: what, name, mode, from, to, km, hours, USD per tonne, kg CO2 per tonne, USD of scarcity per tonne."""
    out: dict[str, list[list[Any]]] = {}
    if "scarcity_usd_per_t" not in table:
        table = table.assign(scarcity_usd_per_t=0.0)
    for row in table.to_dict("records"):
        figures = ("km", "hours", "usd_per_t", "co2_kg_per_t", "scarcity_usd_per_t")
        words = ("what", "name", "mode", "from_place", "to_place")
        leg = [row[name] or "" for name in words] + [short(row[name]) for name in figures]
        out.setdefault(str(row[key[0]]), []).append(leg)
    return out


def _feu(corridors: pd.DataFrame) -> dict[str, Any]:
    """Tonnes of a FEU on each corridor's itinerary, where its cargo goes in boxes."""
    tonnes = corridors["usd_per_feu"] / corridors["usd_per_t"]
    return {name: short(value) for name, value in zip(corridors["corridor"], tonnes, strict=True)}


def _inner(run: Run) -> list[int]:
    """Places of the region's own countries: what the map shows first."""
    outer = run.tables["region_countries"].set_index("country")["outer"].astype(bool)
    places = run.tables["region_places"]
    return [int(i) for i in np.flatnonzero(~places["country"].map(outer).to_numpy(bool))]


def _box(run: Run) -> Box:
    places, shapes = run.tables["region_places"], run.tables["region_shapes"]
    lon = np.concatenate([places["lon"].to_numpy(float), shapes["lon"].to_numpy(float)])
    lat = np.concatenate([places["lat"].to_numpy(float), shapes["lat"].to_numpy(float)])
    return (lon.min() - _MARGIN, lat.min() - _MARGIN, lon.max() + _MARGIN, lat.max() + _MARGIN)
