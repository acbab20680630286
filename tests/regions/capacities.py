"""What the pools under an observation can carry in a year, by the engine's own slots per tonne."""

import numpy as np
import pandas as pd

from isthmus.freight.costs import Carriage, carriage_of, tariff_of
from isthmus.network import Condition, Layout, condition_of, lay_out
from isthmus.pack import Pack
from isthmus.scenario.years import to_year
from isthmus.tables import split_list

_CARGO = ("tonnes_per_year", "teu_per_year")
_TABLES = {"link": "links", "crossing": "crossings", "service": "services", "terminal": "terminals"}


class Year:
    """A region in a year, with the capacities of its pools (estimates too) and what a tonne of each class takes of them."""

    def __init__(self, pack: Pack, year: int) -> None:
        self.pack = to_year(pack, year)
        self.layout: Layout = lay_out(self.pack)
        self.state: Condition = condition_of(self.pack, self.layout, guesses=True)
        tariff = tariff_of(self.pack, self.layout)
        self.classes = list(tariff.classes)
        self.carriages: list[Carriage] = [
            carriage_of(tariff, self.state, row, -1, -1) for row in range(len(self.classes))
        ]
        self.tonnes = self.pack.table("markets").groupby("cargo_class")["tonnes"].sum()
        pools = self.pack.table("pools").set_index("pool")
        self.unit = pools["unit"]
        # A count of a port holds what is outside the markets; passenger trains are in no count.
        self.others = pools["used_by_others"].astype(float).fillna(0.0).where(self.unit.isin(_CARGO), 0.0)

    def capacity(self, pool: str, classes: list[str], unit: str) -> float:
        """Tonnes or TEU a year, all vehicles laden with the classes in the proportions of the markets; 0 if it takes none."""
        arc, column = np.nonzero(self.state.pool == self.layout.pools.get_loc(pool))
        amount = slots = 0.0
        for name, carriage in zip(self.classes, self.carriages, strict=True):
            used = carriage.slots[arc, column]
            taken = (used > 0) & ~carriage.closed[arc]
            if name in classes and taken.any():
                amount += self.tonnes[name] * (carriage.teu[arc][taken].mean() if unit == "teu" else 1.0)
                slots += self.tonnes[name] * used[taken].mean()
        held = float(self.state.capacity[self.layout.pools.get_loc(pool)]) + self.others[pool]
        return held * amount / slots if slots else 0.0

    def pools_under(self, kind: str, element: str, classes: list[str]) -> set[str]:
        """Pools of an element, of a corridor's gates, or of a port's quays and ferries, that take some of the classes."""
        if kind == "corridor":
            gates = self.pack.table("corridor_gates")
            gates = gates[gates["corridor"] == element]
            return {
                pool
                for kind, gate in zip(gates["kind"], gates["element"], strict=True)
                for pool in self.pools_under(kind, gate, classes)
            }
        if kind == "port":
            quays, ships = self.pack.table("terminals"), self.pack.table("services")
            quays = quays[
                (quays["place"] == element) & ((quays["from_mode"] == "sea") | (quays["to_mode"] == "sea"))
            ]
            ferry = ships["mode"].str.contains("ferry")
            ships = ships[ferry & ((ships["from_place"] == element) | (ships["to_place"] == element))]
            return self._taking(quays, classes) | self._taking(ships, classes)
        if kind not in _TABLES:
            return set()
        table = self.pack.table(_TABLES[kind])
        return self._taking(table[table.iloc[:, 0] == element], classes)

    def _taking(self, rows: pd.DataFrame, classes: list[str]) -> set[str]:
        if "classes" in rows:
            named = [split_list(cell) for cell in rows["classes"]]
            rows = rows[np.array([not taken or bool(set(taken) & set(classes)) for taken in named], bool)]
        return set(rows["pool"].dropna())


def loads(pack: Pack) -> pd.DataFrame:
    """`observation`, `unit`, `seen`, `capacity` of every observation that lies on a pool; elements without one add nothing."""
    years: dict[int, Year] = {}
    rows = []
    for seen in pack.table("observations").to_dict("records"):
        if seen["year"] not in years:
            years[seen["year"]] = Year(pack, seen["year"])
        year = years[seen["year"]]
        classes = split_list(seen["classes"]) or year.classes
        pools = year.pools_under(str(seen["kind"]), str(seen["element"]), list(classes))
        for unit in ("tonnes", "teu"):
            drawn = {pool for pool in pools if unit == "tonnes" or year.unit[pool] == "teu_per_year"}
            if drawn and pd.notna(seen[unit]):
                capacity = sum(year.capacity(pool, list(classes), unit) for pool in sorted(drawn))
                rows.append((seen["observation"], unit, float(seen[unit]), capacity))
    return pd.DataFrame(rows, columns=["observation", "unit", "seen", "capacity"])
