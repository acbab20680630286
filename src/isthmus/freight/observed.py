"""What a tonne on each route adds to what was counted: observations as linear forms of the flows of routes.

The matrix is the assignment map of demand estimation (Cascetta and Nguyen 1988): times the flows it gives the model's figures, and
times the flows of one market the part of that market in each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from isthmus.freight.flows import TRAFFIC, first_arcs, market_countries
from isthmus.freight.itineraries import corridor_gates, gate_arcs
from isthmus.freight.outcome import corridor_routes
from isthmus.freight.prepared import Prepared, Solved
from isthmus.freight.vehicles import carriage_rows
from isthmus.network import FAMILIES, LINK, SERVICE
from isthmus.tables import codes, split_list

Floats = NDArray[np.float64]

UNITS = ("tonnes", "teu", "tkm")


def observed_routes(
    prepared: Prepared, solved: Solved, observations: pd.DataFrame
) -> tuple[pd.DataFrame, csr_array]:
    """What a tonne on each route adds to each observation.

    Parameters
    ----------
    prepared, solved
        A region and a solved condition of it.
    observations : DataFrame
        Rows of a table of observations; their year and role are not looked at.

    Returns
    -------
    rows : DataFrame (K)
        The observations, one row for each unit given (tonnes, teu, tkm), with the columns `unit` and `counted`. What routes cannot tell
        (tonne-kilometres of something other than a country's lines) is left out.
    weights : csr_array (K, R)
        Tonnes, TEU or tonne-kilometres that a tonne a year on a route adds.
    """
    look = _Looking(prepared, solved)
    at, units, forms = [], [], []
    for number, row in enumerate(observations.to_dict("records")):
        for unit in UNITS:
            form = look.form(row, unit) if pd.notna(row[unit]) else None
            if form is not None:
                at.append(number)
                units.append(unit)
                forms.append(csr_array(form[None, :]))
    rows = observations.iloc[at].reset_index(drop=True).assign(unit=np.array(units, object))
    counted = [float(row[row["unit"]]) for row in rows.to_dict("records")]
    weights = csr_array(vstack(forms)) if forms else csr_array((0, prepared.routes.market.size))
    return rows.assign(counted=np.array(counted, float)), weights


class _Looking:
    """Routes of a solved condition by what they pass."""

    def __init__(self, prepared: Prepared, solved: Solved) -> None:
        self.prepared, self.solved, self.layout = prepared, solved, prepared.layout
        routes = prepared.routes
        steps = np.diff(routes.path_first)
        route = np.repeat(np.arange(steps.size), steps)
        shape = (steps.size, prepared.layout.arcs)
        self.passes = csr_array((np.ones(route.size), (route, routes.arcs)), shape=shape)
        self.carriage = carriage_rows(solved.demand)[routes.market]
        self.teu = np.stack([carriage.teu for carriage in solved.carriages])
        market = solved.demand.market[routes.market]
        self.classes = solved.pack.table("markets")["cargo_class"].to_numpy(object)[market]
        self.begins, self.ends = (country[routes.market] for country in market_countries(prepared, solved))

    def form(self, row: Mapping[Any, Any], unit: str) -> Floats | None:
        """(R) what a tonne on each route adds to an observation in a unit; None if routes do not tell."""
        classes, element, direction = split_list(row["classes"]), str(row["element"]), str(row["direction"])
        counted = np.isin(self.classes, classes) if classes else np.ones(self.classes.size, bool)
        if row["kind"] == "country":
            found = self._national(row, unit)
        elif unit == "tkm":
            return None
        elif row["kind"] == "corridor":
            if direction != "both":
                return None
            found = self._corridor(element, unit)
        elif row["kind"] == "port":
            found = self._on(self._calls(element, direction), unit)
        else:
            found = self._on(gate_arcs(self.layout, row["kind"], element, direction).astype(float), unit)
        return None if found is None else found * counted

    def _on(self, arcs: Floats, unit: str) -> Floats:
        """Tonnes or TEU on some arcs (A: how often each counts)."""
        if unit == "tonnes":
            return np.asarray(self.passes @ arcs)
        out = np.zeros(self.classes.size)
        for c, teu in enumerate(self.teu):
            if teu.any():
                of = self.carriage == c
                out[of] = self.passes[of] @ (arcs * teu)
        return out

    def _corridor(self, name: str, unit: str) -> Floats:
        """Once a route; TEU as they are at its first gate."""
        through = corridor_routes(self.prepared, self.solved, name)
        if unit == "tonnes":
            return through.astype(float)
        gate = first_arcs(self.prepared, corridor_gates(self.prepared, self.solved, name))
        return np.asarray(np.where(through, self.teu[self.carriage, gate], 0.0))

    def _calls(self, place: str, direction: str) -> Floats:
        """(A) services that land (forward) or load (back) at a place."""
        layout = self.layout
        of = layout.nodes["place"].to_numpy(object) == place
        lands, loads = of[layout.head], of[layout.tail]
        at: NDArray[np.bool_] = {"both": lands | loads, "forward": lands, "back": loads}[direction]
        return np.asarray(at & (layout.kind == SERVICE), float)

    def _national(self, row: Mapping[Any, Any], unit: str) -> Floats | None:
        layout = self.layout
        country = layout.countries.tolist().index(row["element"])
        traffic, trunk = split_list(row["traffic"]), row["trunk"]
        if trunk == "sea":
            if unit == "tkm" or traffic:
                return None
            place = codes(self.solved.pack.table("places")["country"], layout.countries)
            of = place[layout.nodes["place_index"].to_numpy()] == country
            ship = layout.kind == SERVICE
            return self._on(ship * (of[layout.head].astype(float) + of[layout.tail]), unit)
        if unit == "teu":
            return None
        inside = self._traffic(country, traffic)
        if not trunk and traffic in (("import",), ("export",)):
            return inside.astype(float) if unit == "tonnes" else None
        if not trunk and traffic != ("transit",):
            return None
        line = layout.kind == LINK
        if trunk:
            family = np.array([FAMILIES.index(name) for name in self.solved.pack.table("modes")["trunk"]])
            line = line & (family[layout.mode] == FAMILIES.index(str(trunk)))
        ends = (layout.country_from == country).astype(float) + (layout.country_to == country)
        if unit == "tkm":
            return np.asarray(inside * (self.passes @ (0.5 * line * ends * self.solved.state.length)))
        return np.asarray(inside & (self.passes @ (line * ends) > 0), float)

    def _traffic(self, country: int, wanted: tuple[str, ...]) -> NDArray[np.bool_]:
        begins, ends = self.begins == country, self.ends == country
        how = np.where(begins, np.where(ends, 0, 1), np.where(ends, 2, 3))
        return np.isin(how, [TRAFFIC.index(name) for name in wanted or TRAFFIC])
