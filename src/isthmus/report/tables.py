"""The tables of a page: which columns of a run they show, in which unit, and the sheet that a row leads to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isthmus.store import Run

_MOST = 600
_PAYEES = ("carrier", "infrastructure", "border", "terminal", "scarcity", "empties")


@dataclass(frozen=True)
class Column:
    """A column: its heading's key among the words, the run's column, what one unit shown is of it, decimals (None: words)."""

    key: str
    name: str
    per: float = 1.0
    digits: int | None = 0


@dataclass(frozen=True)
class Table:
    """A table of the page: its id, the rows, the columns, what kind of sheet a row leads to and the column with its id."""

    name: str
    rows: Callable[[Run], pd.DataFrame]
    columns: tuple[Column, ...]
    kind: str = ""
    element: str = ""


def _words(key: str, name: str = "") -> Column:
    return Column(key, name or key, digits=None)


def tables_of(run: Run) -> list[dict[str, Any]]:
    """The tables that have rows: id, kind of sheet, ids of the rows, columns (key, decimals) and cells by row."""
    names = run.tables["region_countries"].set_index("country")["name"].to_dict()
    found = [_made(table, run, names) for table in _TABLES]
    return [made for made in (*found, _variance(run)) if made]


def _events(run: Run) -> pd.DataFrame:
    """Figures of known events with the event's name, for those that are judged."""
    if "event_figures" not in run.tables:
        return pd.DataFrame()
    names = run.tables["events"].set_index("event")["name"]
    figures = run.tables["event_figures"]
    figures = figures[figures["passes"].notna()]
    return figures.assign(name=figures["event"].map(names), passes=_truths(figures["passes"]))


def _misses(run: Run) -> pd.DataFrame:
    if "events" not in run.tables:
        return pd.DataFrame()
    return run.tables["events"].assign(passes=_truths(run.tables["events"]["passes"]))


def _truths(values: pd.Series) -> list[str]:
    return ["yes" if value else "no" for value in values]


def _judged(name: str) -> Callable[[Run], pd.DataFrame]:
    """Rows of a table of the backtest, with its truths in words."""

    def rows(run: Run) -> pd.DataFrame:
        frame = run.tables.get(f"backtest_{name}", pd.DataFrame())
        for column in ("passes", "sign"):
            if column in frame:
                frame = frame.assign(
                    **{column: ["" if pd.isna(v) else "yes" if v else "no" for v in frame[column]]}
                )
        return frame

    return rows


def _variance(run: Run) -> dict[str, Any] | None:
    """The table of shares of variance, whose columns are the groups of inputs that were drawn."""
    if "variance_shares" not in run.tables:
        return None
    frame = run.tables["variance_shares"]
    groups = run.tables["variance_groups"]["group"].tolist()
    columns = [
        _words("what", "headline"),
        Column("cv", "cv", 0.01),
        *(Column(name, name, 0.01) for name in (*groups, "rest")),
    ]
    cells = [_cells(frame[column.name], column, {}) for column in columns]
    return {
        "name": "variance", "kind": "", "ids": [], "columns": [[column.key, column.digits] for column in columns],
        "rows": [list(row) for row in zip(*cells, strict=True)],
    }  # fmt: skip


def _made(table: Table, run: Run, countries: Mapping[Any, str]) -> dict[str, Any] | None:
    frame = table.rows(run)
    if frame.empty:
        return None
    frame = frame.reset_index(drop=True)
    columns = [_cells(frame[column.name], column, countries) for column in table.columns]
    return {
        "name": table.name,
        "kind": table.kind,
        "ids": frame[table.element].fillna("").tolist() if table.element else [],
        "columns": [[column.key, column.digits] for column in table.columns],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }


def _cells(values: pd.Series, column: Column, countries: Mapping[Any, str]) -> list[Any]:
    if column.digits is None:
        texts = ["" if pd.isna(value) else str(value) for value in values]
        if column.key in ("country", "origin", "destination"):
            return [countries.get(text, text) for text in texts]
        return [text.replace("|", ", ") if column.key == "modes" else text for text in texts]
    return [_rounded(float(value) / column.per, column.digits) for value in values]


def _rounded(value: float, digits: int) -> Any:
    if not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _busy(frame: pd.DataFrame, columns: tuple[str, str]) -> pd.DataFrame:
    tonnes = frame[list(columns)].sum(axis=1)
    kept = frame[tonnes > 500.0]
    return kept.iloc[np.argsort(-tonnes[tonnes > 500.0].to_numpy(), kind="stable")]


def with_countries(run: Run) -> pd.DataFrame:
    """The run's markets, with the country (or outer zone) of their origin and destination in place of the zone."""
    place_of = run.tables["region_zones"].set_index("zone")["place"]
    country_of = run.tables["region_places"].set_index("place")["country"]
    markets = run.tables["markets"].copy()
    for end in ("origin", "destination"):
        markets[end] = markets[end].map(place_of).map(country_of)
    return markets


def _trade(run: Run) -> pd.DataFrame:
    """Shipped tonnes, mean cost and shares of trunk modes by country of origin and destination and cargo class."""
    markets = with_countries(run)
    shares = [name for name in markets.columns if name.startswith("share_")]
    weighted = ["usd_per_t", *shares]
    for name in weighted:
        markets[name] = markets[name].fillna(0.0) * markets["shipped"]
    sums = markets.groupby(["origin", "destination", "cargo_class"], as_index=False, sort=True)[
        ["tonnes", "shipped", *weighted]
    ].sum()
    sums[weighted] = sums[weighted].div(sums["shipped"].where(sums["shipped"] > 0), axis=0)
    order = np.argsort(-sums["shipped"].to_numpy(), kind="stable")
    key = sums["origin"] + "|" + sums["destination"] + "|" + sums["cargo_class"]
    return sums.assign(key=key).iloc[order].head(_MOST)


def _missing(run: Run) -> pd.DataFrame:
    markets = with_countries(run)
    lost = markets[markets["not_shipped_because"].notna()]
    lost = lost.assign(missing=lost["tonnes"] - lost["shipped"], because=lost["not_shipped_because"])
    pools = run.tables["region_pools"].set_index("pool")["name"].to_dict()
    lost["because"] = [_reason(str(reason), pools) for reason in lost["because"]]
    sums = lost.groupby(["origin", "destination", "cargo_class", "because"], as_index=False)[
        ["tonnes", "missing"]
    ].sum()
    return sums.sort_values("missing", ascending=False, kind="stable").head(_MOST)


def _reason(reason: str, pools: Mapping[Any, str]) -> str:
    what, _, pool = reason.partition(": ")
    return f"{what}: {pools.get(pool, pool)}" if pool else reason


def _counts(run: Run) -> pd.DataFrame:
    counts = run.tables["counts"]
    return counts.assign(ratio=counts["model"] / counts["counted"].where(counts["counted"] > 0))


_TABLES = (
    Table(
        "corridors", lambda run: run.tables["corridors"],
        (
            _words("corridor", "name"), Column("kt", "tonnes", 1e3), Column("kteu", "teu", 1e3, 1), Column("days", "days", 1.0, 1),
            Column("usd_feu", "usd_per_feu"), Column("usd_t", "usd_per_t"), Column("scarcity_t", "scarcity_usd_per_t", 1.0, 1),
            Column("co2_t", "co2_kg_per_t"), Column("borders", "borders"), Column("km", "km"), _words("bottleneck"),
            Column("load", "bottleneck_load", 0.01),
        ), "corridor", "corridor",
    ),
    Table(
        "crossings", lambda run: _busy(run.tables["crossings"], ("tonnes", "tonnes_back")),
        (
            _words("crossing", "name"), _words("modes"), Column("kt_forward", "tonnes", 1e3), Column("kt_back", "tonnes_back", 1e3),
            Column("kteu", "teu", 1e3, 1), Column("hours", "hours", 1.0, 1), Column("load", "load_factor", 0.01),
            Column("usd_slot", "usd_per_slot", 1.0, 2), _words("basis"),
        ), "crossing", "crossing",
    ),
    Table(
        "ports", lambda run: _busy(run.tables["ports"], ("tonnes_landed", "tonnes_loaded")),
        (
            _words("port", "name"), _words("country", "country"), Column("kt_landed", "tonnes_landed", 1e3),
            Column("kt_loaded", "tonnes_loaded", 1e3), Column("kteu", "teu", 1e3, 1), Column("load", "load_factor", 0.01),
            Column("usd_slot", "usd_per_slot", 1.0, 2),
        ), "port", "port",
    ),
    Table(
        "countries", lambda run: run.tables["countries"],
        (
            _words("country", "country"), Column("kt_land", "tonnes", 1e3), Column("kt_transit", "transit_tonnes", 1e3),
            Column("bn_tkm", "tkm", 1e9, 1), *(Column(f"usd_{payee}", f"{payee}_usd", 1e6) for payee in _PAYEES),
            Column("kt_co2", "co2_t", 1e3),
        ), "country", "country",
    ),
    Table(
        "gains", lambda run: run.tables.get("gains", pd.DataFrame()),
        (
            _words("country", "country"), Column("gain", "gain_usd", 1e6, 1), Column("surplus", "surplus_usd", 1e6, 1),
            Column("rent", "rent_usd", 1e6, 1), Column("receipts", "receipts_usd", 1e6, 1), Column("kt", "tonnes", 1e3, 1),
            Column("kt_co2", "co2_t", 1e3, 1),
        ), "country", "country",
    ),
    Table(
        "pools", lambda run: run.tables["pools"],
        (
            _words("pool", "name"), _words("country", "country"), _words("unit"), _words("basis"), Column("capacity", "capacity"),
            Column("used", "used"), Column("load", "load_factor", 0.01), Column("usd_slot", "usd_per_slot", 1.0, 2),
            Column("delay", "delay_hours", 1.0, 1), Column("rent", "rent_usd", 1e6, 2),
        ), "pool", "pool",
    ),
    Table(
        "trade", _trade,
        (
            _words("origin"), _words("destination"), _words("cargo", "cargo_class"), Column("kt", "shipped", 1e3),
            Column("kt_asked", "tonnes", 1e3), Column("usd_t", "usd_per_t"), Column("share_sea", "share_sea", 0.01),
            Column("share_rail", "share_rail", 0.01), Column("share_road", "share_road", 0.01),
            Column("share_combined", "share_combined", 0.01),
        ), "trade", "key",
    ),
    Table(
        "missing", _missing,
        (
            _words("origin"), _words("destination"), _words("cargo", "cargo_class"), Column("kt_asked", "tonnes", 1e3, 1),
            Column("kt_missing", "missing", 1e3, 1), _words("because"),
        ),
    ),
    Table(
        "counts", _counts,
        (
            _words("what"), _words("role"), _words("unit"), Column("counted", "counted"), Column("model", "model"),
            Column("ratio", "ratio", 1.0, 2),
        ), "count", "observation",
    ),
    Table(
        "national", lambda run: run.tables["national"],
        (_words("country", "country"), _words("trunk"), _words("traffic"), Column("kt", "tonnes", 1e3), Column("bn_tkm", "tkm", 1e9, 2)),
        "country", "country",
    ),
    Table(
        "events", _misses,
        (_words("event", "name"), _words("passes"), _words("happened"), _words("inputs"), _words("miss")),
    ),
    Table(
        "event_figures", _events,
        (
            _words("event", "name"), _words("figure"), _words("unit"), Column("happened", "happened", 1.0, 3),
            Column("model", "model", 1.0, 3), Column("least", "least", 1.0, 2), Column("most", "most", 1.0, 2), _words("passes"),
        ),
    ),
    Table(
        "backtest_scores", _judged("scores"),
        (
            _words("part"), _words("measure"), Column("rows", "rows"), Column("model", "model", 1.0, 2), Column("prior", "prior", 1.0, 2),
            _words("target"), _words("passes"),
        ),
    ),
    Table(
        "backtest_shares", _judged("shares"),
        (
            _words("screenline"), _words("what"), _words("unit"), Column("counted", "counted", 1.0, 1), Column("model", "model", 1.0, 1),
            Column("prior", "prior", 1.0, 1),
        ),
    ),
    Table(
        "backtest_changes", _judged("changes"),
        (
            _words("what"), _words("unit"), Column("counted", "counted", 1.0, 2), Column("model", "model", 1.0, 2),
            Column("prior", "prior", 1.0, 2), _words("sign"), Column("factor", "factor", 1.0, 2),
        ),
    ),
    Table(
        "backtest_levels", _judged("levels"),
        (
            _words("what"), _words("unit"), Column("counted", "counted"), Column("model", "model"), Column("prior", "prior"),
            Column("off", "off", 1.0, 2),
        ), "count", "observation",
    ),
)  # fmt: skip
