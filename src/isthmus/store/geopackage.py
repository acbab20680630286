"""Layers of a map as a GeoPackage (Open Geospatial Consortium 12-128r18), which any desktop map opens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

POINT = ("lon", "lat")
LINE = ("from_lon", "from_lat", "to_lon", "to_lat")


def write_geopackage(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    """Write layers, WGS 84, into a new file.

    A frame with the columns lon and lat (degrees) becomes points; one with from_lon, from_lat, to_lon, to_lat
    straight lines; its other columns the attributes. Rows without coordinates are left out. A frame with neither
    raises ValueError.
    """
    from fudgeo.geopkg import GeoPackage

    package = GeoPackage.create(path, flavor="EPSG")
    try:
        for name, frame in layers.items():
            _write_layer(package, name, frame)
    finally:
        package.connection.close()


def _write_layer(package: Any, name: str, frame: pd.DataFrame) -> None:
    from fudgeo.enumeration import FieldType, ShapeType
    from fudgeo.geometry import LineString, Point
    from fudgeo.geopkg import Field, SpatialReferenceSystem

    ends = next((ends for ends in (LINE, POINT) if set(ends) <= set(frame.columns)), None)
    if ends is None:
        raise ValueError(f"layer {name}: needs the columns {', '.join(POINT)} or {', '.join(LINE)}")
    frame = frame[frame[list(ends)].notna().all(axis=1)]
    attributes = frame.drop(columns=list(ends))
    kinds = {"b": FieldType.boolean, "i": FieldType.integer, "u": FieldType.integer, "f": FieldType.double}
    fields = [
        Field(str(column), kinds.get(dtype.kind, FieldType.text))
        for column, dtype in zip(attributes.columns, attributes.dtypes, strict=True)
    ]
    layer = package.create_feature_class(
        name,
        srs=SpatialReferenceSystem("WGS 84", "EPSG", 4326, _WGS84),
        shape_type=ShapeType.linestring if ends == LINE else ShapeType.point,
        fields=fields,
    )
    if ends == LINE:
        shapes = [LineString([(a, b), (c, d)], srs_id=4326) for a, b, c, d in _rows(frame[list(ends)])]
    else:
        shapes = [Point(x=x, y=y, srs_id=4326) for x, y in _rows(frame[list(ends)])]
    columns = ", ".join(f'"{column}"' for column in ["SHAPE", *attributes.columns])
    marks = ", ".join("?" * (1 + len(fields)))
    rows = [(shape, *row) for shape, row in zip(shapes, _rows(attributes), strict=True)]
    with package.connection as connection:
        connection.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', rows)
    if rows:
        xs = frame[list(ends[0::2])].to_numpy(float)
        ys = frame[list(ends[1::2])].to_numpy(float)
        layer.extent = xs.min(), ys.min(), xs.max(), ys.max()


def _rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    columns = [[None if pd.isna(cell) else cell for cell in frame[name].tolist()] for name in frame.columns]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
