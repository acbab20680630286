"""Shapes of sea legs: the way of a ship by capes, straits and canals, for maps and for checks of lengths."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.pack import Pack

if TYPE_CHECKING:
    from scipy.sparse import coo_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EARTH_KM = 6371.0
RIVER_BENDS = 1.3
_ALIKE = 1.05
_SHUNNED = 20.0  # a ship takes rivers and canals where there is no way by sea


def great_circle(first: Floats, second: Floats) -> Floats:
    """Kilometres between rows of longitude and latitude (degrees)."""
    one, other = np.radians(first), np.radians(second)
    half = (other - one) / 2.0
    chord = np.sin(half[:, 1]) ** 2 + np.cos(one[:, 1]) * np.cos(other[:, 1]) * np.sin(half[:, 0]) ** 2
    return np.asarray(2.0 * EARTH_KM * np.arcsin(np.sqrt(chord)))


class SeaWays:
    """Shortest ways by ship between the waypoints of a region: two points on the same water are a straight leg apart.

    Attributes
    ----------
    points : Index
        Ids of the waypoints.
    at : (W, 2) array
        Longitude and latitude, degrees; of a place where the row gives none.
    """

    def __init__(self, pack: Pack) -> None:
        table = pack.table("waypoints").reset_index(drop=True)
        places = pack.table("places").set_index("place")
        self.points = pd.Index(table["waypoint"])
        self.at: Floats = np.stack(
            [
                table[axis].astype(float).fillna(table["waypoint"].map(places[axis])).to_numpy(float)
                for axis in ("lon", "lat")
            ],
            axis=1,
        )
        inland = self._inland = table["inland"].to_numpy(bool)
        waters = table["waters"].str.split("|").explode()
        pairs = {
            pair
            for _, rows in waters.groupby(waters)
            for pair in combinations(sorted(int(i) for i in table.index.get_indexer(rows.index)), 2)
        }
        self._tail, self._head = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
        bends = np.where(inland[self._tail] & inland[self._head], RIVER_BENDS, 1.0)
        self._km = great_circle(self.at[self._tail], self.at[self._head]) * bends
        self._shunned = np.where(inland[self._tail] & inland[self._head], _SHUNNED, 1.0)
        self._km_of = dict(
            zip(zip(self._tail.tolist(), self._head.tolist(), strict=True), self._km.tolist(), strict=True)
        )
        from scipy.sparse.csgraph import dijkstra

        self._before = dijkstra(self._graph((), self._shunned), directed=False, return_predecessors=True)[1]

    def lengths(self, without: tuple[str, ...] = ()) -> pd.DataFrame:
        """Kilometres from every waypoint to every other, infinite where there is no way but by those in `without`."""
        from scipy.sparse.csgraph import dijkstra

        return pd.DataFrame(dijkstra(self._graph(without), directed=False), self.points, self.points)

    def way(self, start: str, end: str, km: float) -> list[str]:
        """Waypoints in order of the way whose length is nearest to `km`: the shortest that keeps to the sea where it can, or, if that
        is over 5 % off, one that leaves out one of its points. Empty if there is none."""
        if start not in self.points or end not in self.points:
            return []
        best = self._shortest(start, end)
        if not best[1] or abs(np.log(km / max(best[0], 1e-9))) < np.log(_ALIKE):
            return best[1]
        others = [self._shortest(start, end, (point,)) for point in best[1][1:-1]]
        found = [
            best,
            *(
                way
                for way in others
                if way[1] and (self._goes_inland(best[1]) or not self._goes_inland(way[1]))
            ),
        ]
        return min(found, key=lambda each: abs(np.log(km / max(each[0], 1e-9))))[1]

    def _goes_inland(self, way: list[str]) -> bool:
        return (
            bool(self._inland[self.points.get_indexer(pd.Index(way[1:-1]))].any()) if len(way) > 2 else False
        )

    def _graph(self, without: tuple[str, ...], times: Floats | float = 1.0) -> coo_array:
        from scipy.sparse import coo_array

        out = self.points.get_indexer(pd.Index(without)) if without else np.empty(0, np.int64)
        kept = ~(np.isin(self._tail, out) | np.isin(self._head, out))
        size = (len(self.points), len(self.points))
        weights = np.maximum(self._km * times, 1e-6)  # a length of 0 would be no edge
        return coo_array((weights[kept], (self._tail[kept], self._head[kept])), shape=size).tocsr()

    def _shortest(self, start: str, end: str, without: tuple[str, ...] = ()) -> tuple[float, list[str]]:
        """Kilometres of a way, and its points."""
        first, last = (int(self.points.get_loc(point)) for point in (start, end))
        before = self._before[first]
        if without:
            from scipy.sparse.csgraph import dijkstra

            graph = self._graph(without, self._shunned)
            before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)[1]
        if before[last] < 0 and first != last:
            return np.inf, []
        chain = [last]
        while chain[-1] != first:
            chain.append(int(before[chain[-1]]))
        km = sum(self._km_of[min(pair), max(pair)] for pair in pairwise(chain))
        return float(km), [str(self.points[i]) for i in reversed(chain)]


def service_shapes(pack: Pack) -> pd.DataFrame:
    """Points of the ways of the region's services, ends included: `service`, `point` (order), `lon`, `lat`; only of those that do not
    run straight."""
    empty = {"service": pd.Series(dtype=object), "point": pd.Series(dtype=np.int64), "lon": [], "lat": []}
    if not len(pack.table("waypoints")):
        return pd.DataFrame(empty)
    ways = SeaWays(pack)
    known: dict[tuple[str, str, int], list[str]] = {}
    rows = [pd.DataFrame(empty)]
    for row in pack.table("services")[["service", "from_place", "to_place", "length_km"]].to_dict("records"):
        start, end, km = str(row["from_place"]), str(row["to_place"]), float(row["length_km"])
        key = (start, end, round(km / 50.0))
        if key not in known:
            known[key] = ways.way(start, end, km)
        at = ways.at[ways.points.get_indexer(pd.Index(known[key]))] if known[key] else ways.at[:0]
        if len(at) > 2:
            columns = {
                "service": str(row["service"]),
                "point": np.arange(len(at)),
                "lon": at[:, 0],
                "lat": at[:, 1],
            }
            rows.append(pd.DataFrame(columns))
    return pd.concat(rows[1:] or rows, ignore_index=True)
