"""What the page says of a figure's confidence and sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from isthmus.report.figures import short
from isthmus.report.tables import with_countries
from isthmus.store import Run

CONFIDENCES = ("low", "medium", "high")
_PARTS = ("demand", "network")
_CITED = 12
_ROWS = {"crossing": "region_crossings", "pool": "region_pools", "count": "region_observations"}
"""Kinds of figures that rest on a row of their own, and its table; the first column is its id."""


def provenance_of(run: Run) -> dict[str, Any]:
    """Parts of the block: `confidence` and `cited` by kind and element, `rows` of figures that rest on a row of their own.

    `confidence`: per cent of low, medium and high confidence of the demand, then of the network, by tonne-kilometres (of trade between
    two countries by tonnes). `cited`: flat triples of source, part (0 demand, 1 network) and per mille. `rows`: source, confidence, note.
    """
    index = {source: i for i, source in enumerate(run.tables["region_sources"]["source"])}
    confidence = _confidence(run.tables["confidence"])
    cited = _cited(run.tables["cited"], index)
    _add_trade(run, index, confidence, cited)
    return {"confidence": confidence, "cited": cited, "rows": _rows(run, index)}


def _confidence(table: pd.DataFrame) -> dict[str, list[Any]]:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * (len(_PARTS) * len(CONFIDENCES)))
    for row in table.to_dict("records"):
        at = _PARTS.index(row["part"]) * len(CONFIDENCES) + CONFIDENCES.index(row["confidence"])
        sums[f"{row['kind']}|{row['element']}"][at] += row["tkm"]
    return {key: _shares(values[:3]) + _shares(values[3:]) for key, values in sums.items()}


def _shares(values: list[float]) -> list[Any]:
    whole = sum(values)
    return [short(100.0 * value / whole, 3) if whole > 0 else None for value in values]


def _cited(table: pd.DataFrame, index: Mapping[str, int]) -> dict[str, list[int]]:
    whole = table.groupby(["kind", "element", "part"])["tkm"].transform("sum")
    out: dict[str, list[int]] = defaultdict(list)
    for row in table.assign(share=table["tkm"] / whole).to_dict("records"):
        flat = (index[row["source"]], _PARTS.index(row["part"]), round(1000.0 * row["share"]))
        out[f"{row['kind']}|{row['element']}"] += flat
    return dict(out)


def _add_trade(
    run: Run, index: Mapping[str, int], confidence: dict[str, list[Any]], cited: dict[str, list[int]]
) -> None:
    """Confidence and sources of what moves between two countries, from the rows of its markets."""
    rows = run.tables["region_markets"][["market", "source", "confidence"]]
    markets = with_countries(run).merge(rows, on="market")
    key = "trade|" + markets["origin"] + "|" + markets["destination"] + "|" + markets["cargo_class"]
    levels = (
        markets.groupby([key, "confidence"])["shipped"]
        .sum()
        .unstack(fill_value=0)
        .reindex(columns=list(CONFIDENCES), fill_value=0.0)
    )
    for name, values in zip(levels.index, levels.to_numpy().tolist(), strict=True):
        confidence[str(name)] = _shares(values) + [None] * 3
    sums = markets.groupby([key.rename("key"), "source"])["shipped"].sum().reset_index()
    sums = sums.sort_values(["key", "shipped"], ascending=[True, False], kind="stable")
    whole = sums.groupby("key")["shipped"].transform("sum")
    top = sums.assign(share=sums["shipped"] / whole.where(whole > 0)).groupby("key").head(_CITED)
    for row in top[top["share"] > 0].to_dict("records"):
        cited.setdefault(row["key"], []).extend((index[row["source"]], 0, round(1000.0 * row["share"])))


def _rows(run: Run, index: Mapping[str, int]) -> dict[str, list[Any]]:
    used = {"pool": set(run.tables["pools"]["pool"]), "count": set(run.tables["counts"]["observation"])}
    used["crossing"] = set(run.tables["crossings"]["crossing"])
    out = {}
    for kind, ids in used.items():
        table = run.tables[_ROWS[kind]]
        for row in table.to_dict("records"):
            name = row[table.columns[0]]
            if name in ids:
                out[f"{kind}|{name}"] = [
                    index[row["source"]],
                    CONFIDENCES.index(row["confidence"]),
                    row["note"] or "",
                ]
    return out
