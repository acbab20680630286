"""What figures rest on: how much of a corridor's, crossing's, port's or country's tonne-kilometres is of rows of what confidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from isthmus.freight.outcome import corridor_routes
from isthmus.freight.prepared import Prepared, Solved
from isthmus.network import ACCESS, LINK, SERVICE, TERMINAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CITED = 12
"""Sources named of a figure, those with most tonne-kilometres first."""
_TABLES = {LINK: "links", TERMINAL: "terminals", SERVICE: "services"}


def provenance_of(prepared: Prepared, solved: Solved) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the figures of the region, its corridors, crossings, ports and countries rest on.

    Returns
    -------
    confidence : DataFrame
        `kind` (region, corridor, crossing, port, country), `element`, `part` (demand: rows of markets; network: rows of links, services,
        terminals), `confidence`, `tkm`: tonne-kilometres a year of the routes that make the figure.
    cited : DataFrame
        `kind`, `element`, `part`, `source`, `tkm`: the CITED sources of each with most of them.
    """
    routes, flow = prepared.routes, solved.solution.flow
    kept = np.flatnonzero(flow > 0.5)
    steps = np.diff(routes.path_first)
    row = np.repeat(np.arange(steps.size), steps)
    passes = csr_array((np.ones(row.size), (row, routes.arcs)), shape=(steps.size, prepared.layout.arcs))[
        kept
    ]
    length = solved.state.length * (prepared.layout.kind != ACCESS)
    tkm = flow[kept] * (passes @ length)
    names, member = _scopes(prepared, solved, passes, kept)
    market = solved.demand.market[routes.market[kept]]
    markets = solved.pack.table("markets")
    parts = {
        "demand": [_one_hot(markets[column].to_numpy(object)[market]) for column in ("confidence", "source")],
        "network": [
            _on_arcs(prepared, solved, passes, length, column) for column in ("confidence", "source")
        ],
    }
    found: dict[str, list[pd.DataFrame]] = {"confidence": [], "source": []}
    for part, matrices in parts.items():
        weight = tkm if part == "demand" else flow[kept]
        for column, (labels, matrix) in zip(found, matrices, strict=True):
            sums = (member.T @ matrix.multiply(weight[:, None]).tocsr()).tocoo()
            table = names.iloc[sums.row].reset_index(drop=True)
            found[column].append(table.assign(part=part, **{column: labels[sums.col]}, tkm=sums.data))
    keys = ["kind", "element", "part"]
    confidence = pd.concat(found["confidence"]).sort_values([*keys, "confidence"], kind="stable")
    cited = pd.concat(found["source"]).sort_values(
        [*keys, "tkm", "source"], ascending=[True, True, True, False, True]
    )
    cited = cited.groupby(keys, sort=False).head(CITED)
    return confidence.reset_index(drop=True), cited.reset_index(drop=True)


def _scopes(
    prepared: Prepared, solved: Solved, passes: csr_array, kept: Ints
) -> tuple[pd.DataFrame, csr_array]:
    """Kind and element of each scope (S), and (kept routes, S) whether a route is part of it."""
    layout = prepared.layout
    place = layout.nodes["place_index"].to_numpy()
    corridors = solved.pack.table("corridors")["corridor"].to_numpy(object)
    every = np.ones(kept.size, bool)
    through = [corridor_routes(prepared, solved, name)[kept] for name in corridors]
    columns = [csr_array(np.stack([every, *through], axis=1).astype(float))]
    kinds, elements = ["region", *["corridor"] * corridors.size], ["", *corridors]
    crossing, ship = layout.crossing >= 0, layout.kind == SERVICE
    ashore = np.flatnonzero(layout.kind == LINK)
    for kind, ids, arcs, at in (
        ("crossing", layout.crossings, [np.flatnonzero(crossing)], [layout.crossing[crossing]]),
        (
            "port",
            layout.places,
            [np.flatnonzero(ship)] * 2,
            [place[layout.tail[ship]], place[layout.head[ship]]],
        ),
        ("country", layout.countries, [ashore] * 2, [layout.country_from[ashore], layout.country_to[ashore]]),
    ):
        arc, element = np.concatenate(arcs), np.concatenate(at)
        touched = csr_array((np.ones(arc.size), (arc, element)), shape=(layout.arcs, len(ids)))
        columns.append((passes @ touched > 0).astype(float))
        kinds += [kind] * len(ids)
        elements += list(ids)
    return pd.DataFrame({"kind": kinds, "element": elements}), csr_array(hstack(columns))


def _one_hot(values: NDArray[np.object_]) -> tuple[NDArray[np.object_], csr_array]:
    labels, code = np.unique(values.astype(str), return_inverse=True)
    rows = np.arange(values.size)
    return labels.astype(object), csr_array(
        (np.ones(rows.size), (rows, code)), shape=(rows.size, labels.size)
    )


def _on_arcs(
    prepared: Prepared, solved: Solved, passes: csr_array, length: Floats, column: str
) -> tuple[NDArray[np.object_], csr_array]:
    """Labels of the rows behind the arcs, and (route, label) kilometres of each."""
    layout = prepared.layout
    label = np.full(layout.arcs, "", object)
    for kind, name in _TABLES.items():
        of = layout.kind == kind
        label[of] = solved.pack.table(name)[column].to_numpy(object)[layout.element[of]]
    known = np.flatnonzero(label != "")
    labels, code = np.unique(label[known].astype(str), return_inverse=True)
    km = csr_array((length[known], (known, code)), shape=(layout.arcs, labels.size))
    return labels.astype(object), csr_array(passes @ km)
