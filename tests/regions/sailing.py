"""Shortest ways by ship through named points: two points on the same water are a straight leg apart."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

EARTH_KM = 6371.0
RIVER_BENDS = 1.3


def great_circle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kilometres between rows of longitude and latitude."""
    one, other = np.radians(first), np.radians(second)
    half = (other - one) / 2.0
    chord = np.sin(half[:, 1]) ** 2 + np.cos(one[:, 1]) * np.cos(other[:, 1]) * np.sin(half[:, 0]) ** 2
    return np.asarray(2.0 * EARTH_KM * np.arcsin(np.sqrt(chord)))


def sea_ways(places: pd.DataFrame) -> pd.DataFrame:
    """Points of `sea_ways.csv` with lon, lat and waters; ports, which have no position there, take that of their place."""
    points = pd.read_csv(Path(__file__).parent / "sea_ways.csv").set_index("point")
    for column in ("lon", "lat"):
        points[column] = points[column].fillna(places[column]).astype(float)
    return points


def shortest_ways(points: pd.DataFrame, without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Kilometres from every point to every other but those in `without`; on rivers 1.3 times the straight leg, for their bends."""
    left = points.drop(index=list(without))
    at = left[["lon", "lat"]].to_numpy(float)
    waters = left["waters"].str.split("|").explode()
    size = (len(at), len(at))
    lengths = np.full(size, np.inf)
    for water, points_of in waters.groupby(waters):
        tail, head = (
            np.array(list(combinations(sorted(left.index.get_indexer(points_of.index)), 2)), np.int64)
            .reshape(-1, 2)
            .T
        )
        straight = great_circle(at[tail], at[head])
        bent = straight * (RIVER_BENDS if str(water).startswith("river-") else 1.0)
        lengths[tail, head] = np.minimum(lengths[tail, head], bent)
    tail, head = np.nonzero(np.isfinite(lengths))
    graph = coo_array((lengths[tail, head], (tail, head)), shape=size).tocsr()
    return pd.DataFrame(dijkstra(graph, directed=False), left.index, left.index)
