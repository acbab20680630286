"""Coasts and borders of a part of the world, from the atlas that ships with the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from isthmus.report.files import PAGE

Box = tuple[float, float, float, float]


@cache
def _atlas() -> dict[str, Any]:
    text = (PAGE / "vendor" / "countries-50m.json").read_text(encoding="utf-8")
    atlas: dict[str, Any] = json.loads(text)
    return atlas


def clip(box: Box) -> dict[str, Any]:
    """A TopoJSON topology with the polygons of the atlas that reach into a box, and the arcs that they need.

    Parameters
    ----------
    box : (west, south, east, north)
        Degrees.
    """
    atlas = _atlas()
    boxes = _arc_boxes(atlas)
    kept: list[dict[str, Any]] = []
    used: dict[int, int] = {}

    def renumbered(ring: Sequence[int]) -> list[int]:
        out = []
        for arc in ring:
            index = used.setdefault(arc if arc >= 0 else ~arc, len(used))
            out.append(index if arc >= 0 else ~index)
        return out

    for country in atlas["objects"]["countries"]["geometries"]:
        polygons = [country["arcs"]] if country["type"] == "Polygon" else country.get("arcs", [])
        inside = [polygon for polygon in polygons if _meets(boxes, polygon[0], box)]
        if inside:
            rings = [[renumbered(ring) for ring in polygon] for polygon in inside]
            kept.append({"type": "MultiPolygon", "arcs": rings, "id": country.get("id")})
    arcs = [atlas["arcs"][index] for index in used]
    countries = {"type": "GeometryCollection", "geometries": kept}
    return {
        "type": "Topology",
        "transform": atlas["transform"],
        "objects": {"countries": countries},
        "arcs": arcs,
    }


def _arc_boxes(atlas: dict[str, Any]) -> np.ndarray:
    """(arc, 4) west, south, east, north of each arc in degrees."""
    scale, translate = (np.array(atlas["transform"][name]) for name in ("scale", "translate"))
    boxes = np.empty((len(atlas["arcs"]), 4))
    for row, arc in enumerate(atlas["arcs"]):
        points = np.cumsum(np.array(arc), axis=0) * scale + translate
        boxes[row] = [*points.min(axis=0), *points.max(axis=0)]
    return boxes


def _meets(boxes: np.ndarray, ring: Sequence[int], box: Box) -> bool:
    found = boxes[[arc if arc >= 0 else ~arc for arc in ring]]
    west, south, east, north = found[:, 0].min(), found[:, 1].min(), found[:, 2].max(), found[:, 3].max()
    return bool(west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1])
