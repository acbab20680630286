"""The verb `backtest`: what the model says of counts that it was not told, beside all tonnes on the cheapest path."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus.evaluation import UNITS, modelled
from isthmus.evidence.doors import doors_of, judged_doors, read_doors
from isthmus.evidence.elasticities import elasticities_of
from isthmus.evidence.mapping import Counts, counts_of, read_counts
from isthmus.evidence.states import State, all_or_nothing, prepare_years, solve_years, told, years_known
from isthmus.pack import Pack, load
from isthmus.store import write_run

SHARE_POINTS = 8.0
SIGN_SHARE = 0.8
CHANGE_FACTOR = 1.4
LEVEL_LOG = 0.35
BEATS = 2.0 / 3.0
"""Targets: points of shares, share of changes with the right sign, factor of changes, |ln| of levels, their error over the prior's."""
WINDOW = 1
"""Years before and after the base year between which changes are judged."""
_SAME = 0.02  # a change smaller than this has no sign

SHARES = ("screenline", "year", "unit", "observation", "what", "counted", "model", "prior")
CHANGES = ("what", "unit", "first", "last", "counted", "model", "prior", "sign", "factor", "prior_factor")
LEVELS = ("observation", "what", "kind", "element", "unit", "counted", "model", "prior", "off", "prior_off")


@dataclass(frozen=True)
class Backtest:
    """Answer of `backtest`.

    Attributes:
        pack: the region.
        scores: one row a measure: `part`, `measure`, `rows`, `model`, `prior` (all tonnes on the cheapest path), `target`, `passes`.
        shares: (a) shares inside screenlines, in per cent.
        changes: (b) ratios of the last to the first year of a series around the base year.
        levels: (c) counts of the base year, one a physical flow: `off` is |ln(model / counted)|.
        doors: (d) days and prices of single consignments.
        elasticities: of corridors, own and cross, if asked for.
        unmapped: rows that have no element or no inputs here, and why.
    """

    pack: Pack
    scores: pd.DataFrame
    shares: pd.DataFrame
    changes: pd.DataFrame
    levels: pd.DataFrame
    doors: pd.DataFrame
    elasticities: pd.DataFrame
    unmapped: pd.DataFrame


def _silent(message: str) -> None:
    """Say nothing."""


def backtest(
    region: str | Path = "caspian",
    *,
    observations: Path | None = None,
    door_to_door: Path | None = None,
    role: str = "test",
    elasticities: bool = False,
    gap: float = 1000.0,
    progress: Callable[[str], None] = _silent,
) -> Backtest:
    """Score the model on counts and journeys that are kept for judging.

    Parameters
    ----------
    region : str or Path
        A region that ships, or a folder.
    observations : Path, optional
        A file of counts to judge by in place of the region's own, as `isthmus.evidence.mapping` reads it.
    door_to_door : Path, optional
        A file of journeys, as `isthmus.evidence.doors` reads it.
    role : str
        Role of the region's own rows that count: `test`, or `fit` to see how near the fit comes.
    elasticities : bool
        Work out elasticities of corridors too.
    gap : float
        Primal-dual gap to reach in every solve, USD a year.

    Raises
    ------
    UserError
        If the region or a file cannot be used, with everything wrong in it.
    """
    pack = load(region)
    doors, lost_doors = read_doors(door_to_door, pack) if door_to_door else (doors_of(pack, role), [])
    own = pack.table("observations")
    counts = (
        read_counts(observations, pack)
        if observations
        else Counts(counts_of(own[own["role"] != "build"]), pd.DataFrame())
    )
    judges = "test" if observations else role
    known = years_known(pack)
    counts = Counts(counts.rows.astype({"year": int}), counts.unmapped)
    dated = counts.rows[counts.rows["year"].isin(known)]
    undated = counts.rows[~counts.rows["year"].isin(known)]
    near = {pack.base_year, *(year for year in dated["year"] if _wanted(dated, int(year), pack.base_year))}
    progress(f"{pack.title}: {len(dated)} counts of {len(near)} years, {len(doors)} journeys")
    years = prepare_years(pack, near, gap=gap)
    worlds = solve_years(years)
    progress("reading the tables of each year")
    model = {year: told(world) for year, world in worlds.items()}
    prior = {year: told(all_or_nothing(world)) for year, world in worlds.items()}
    beside = _beside(dated[dated["year"].isin(near)], model, prior)
    judging = beside[beside["role"] == judges]
    shares = _shares(judging)
    changes = _changes(beside, pack.base_year, judges)
    levels = _levels(judging[judging["year"] == pack.base_year])
    judged = judged_doors(doors, pack)
    lost = [
        {
            "row": getattr(row, "row", None),
            "observation": row.observation,
            "what": row.what,
            "why": f"no inputs of the year {row.year}",
        }
        for row in undated.itertuples()
    ]
    unmapped = pd.DataFrame(
        [*counts.unmapped.to_dict("records"), *lost, *lost_doors],
        columns=["row", "observation", "what", "why"],
    )
    return Backtest(
        pack,
        _scores(shares, changes, levels, judged),
        shares,
        changes,
        levels,
        judged,
        elasticities_of(years.prepared) if elasticities else pd.DataFrame(),
        unmapped,
    )


def _wanted(rows: pd.DataFrame, year: int, base: int) -> bool:
    """Whether a year has rows that are judged: in the window of changes, or on a screenline."""
    return abs(year - base) <= WINDOW or bool(rows.loc[rows["year"] == year, "screenline"].notna().any())


def figure_of(state: State, row: dict[Any, Any], unit: str) -> float | None:
    """What a state says of a count, its targets added up; None if a table cannot tell it."""
    parts = [
        modelled(state, {**row, "kind": kind, "element": element, "direction": direction}, unit)
        for kind, element, direction in row["targets"]
    ]
    found = [part for part in parts if part is not None]
    return sum(found) if len(found) == len(parts) else None


def _beside(rows: pd.DataFrame, model: dict[int, State], prior: dict[int, State]) -> pd.DataFrame:
    """A row for each count and unit: with what the model and the prior say."""
    found = []
    for row in rows.to_dict("records"):
        for unit in UNITS:
            if pd.notna(row[unit]) and row[unit] > 0:
                figures = [figure_of(states[int(row["year"])], row, unit) for states in (model, prior)]
                if figures[0] is not None and figures[1] is not None:
                    found.append(
                        {
                            **row,
                            "unit": unit,
                            "counted": float(row[unit]),
                            "model": figures[0],
                            "prior": figures[1],
                        }
                    )
    columns = [*rows.columns, "unit", "counted", "model", "prior"]
    return pd.DataFrame(found, columns=columns)


def _shares(beside: pd.DataFrame) -> pd.DataFrame:
    """Shares of rows of one screenline, year and unit, in per cent; screenlines of one row have none."""
    lined = beside[beside["screenline"].notna()]
    parts = []
    for _, group in lined.groupby(["screenline", "year", "unit"], sort=True):
        if len(group) > 1:
            part = group[["screenline", "year", "unit", "observation", "what"]].copy()
            for name in ("counted", "model", "prior"):
                total = group[name].sum()
                part[name] = 100.0 * group[name] / total if total else 0.0
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SHARES))


def _series(row: Any) -> tuple[Any, ...]:
    return (row.targets, row.trunk, row.traffic, row.classes, row.unit)


def _changes(beside: pd.DataFrame, base: int, role: str) -> pd.DataFrame:
    """The last over the first count of each series in the window around the base year, where the last is of a role."""
    inside = beside[(beside["year"] - base).abs() <= WINDOW]
    series: dict[tuple[Any, ...], list[Any]] = {}
    for row in inside.sort_values("year", kind="stable").itertuples():
        series.setdefault(_series(row), []).append(row)
    found = []
    for rows in series.values():
        first, last = rows[0], rows[-1]
        if first.year == last.year or last.role != role:
            continue
        counted, model, prior = (
            getattr(last, name) / getattr(first, name) if getattr(first, name) else math.nan
            for name in ("counted", "model", "prior")
        )
        found.append(
            (
                last.what,
                last.unit,
                first.year,
                last.year,
                counted,
                model,
                prior,
                _sign(counted) == _sign(model),
                _factor(model, counted),
                _factor(prior, counted),
            )
        )
    return pd.DataFrame(found, columns=list(CHANGES))


def _sign(ratio: float) -> int:
    return 0 if math.isnan(ratio) or abs(ratio - 1.0) < _SAME else (1 if ratio > 1.0 else -1)


def _factor(model: float, counted: float) -> float:
    return math.exp(abs(math.log(model / counted))) if model > 0 and counted > 0 else math.inf


def _levels(beside: pd.DataFrame) -> pd.DataFrame:
    """One row a physical flow: tonnes before TEU before tonne-kilometres, parts before their sum, no count of wider scope."""
    rows = beside[~beside["wider"].eq(True)]
    trunked = set(
        zip(rows["element"][rows["trunk"].notna()], rows["traffic"][rows["trunk"].notna()], strict=True)
    )
    sums = (
        (rows["kind"] == "country")
        & rows["trunk"].isna()
        & pd.Series(
            [pair in trunked for pair in zip(rows["element"], rows["traffic"], strict=True)],
            index=rows.index,
            dtype=bool,
        )
    )
    rows = (
        rows[~sums]
        .assign(rank=lambda frame: frame["unit"].map(UNITS.index))
        .sort_values(["rank", "observation"], kind="stable")
    )
    keys = [tuple(key[:-1]) for key in map(_series, rows.itertuples())]
    rows = rows[~pd.Series(keys, index=rows.index, dtype=object).duplicated()]
    rows = rows.assign(
        off=_off(rows["model"], rows["counted"]), prior_off=_off(rows["prior"], rows["counted"])
    )
    return rows.sort_values("observation", kind="stable")[list(LEVELS)].reset_index(drop=True)


def _off(model: Sequence[float] | pd.Series, counted: Sequence[float] | pd.Series) -> list[float]:
    return [abs(math.log(m / c)) if m > 0 else math.inf for m, c in zip(model, counted, strict=True)]


def _scores(
    shares: pd.DataFrame, changes: pd.DataFrame, levels: pd.DataFrame, doors: pd.DataFrame
) -> pd.DataFrame:
    def mean_off(name: str) -> float:
        return float((shares[name] - shares["counted"]).abs().mean()) if len(shares) else math.nan

    level, prior_level = (
        float(levels[name].median()) if len(levels) else math.nan for name in ("off", "prior_off")
    )
    prior_sign = float(
        pd.Series(
            [_sign(c) == _sign(p) for c, p in zip(changes["counted"], changes["prior"], strict=True)],
            dtype=float,
        ).mean()
    )
    sign = float(changes["sign"].astype(float).mean())
    off, prior_off = mean_off("model"), mean_off("prior")
    factor, prior_factor = (float(changes[name].median()) for name in ("factor", "prior_factor"))
    ratio = level / prior_level if prior_level else math.nan
    rows: list[tuple[Any, ...]] = [
        ("a", "route shares inside screenlines, mean absolute error, points", len(shares), off, prior_off, f"at most {SHARE_POINTS:g}",
         off <= SHARE_POINTS),
        ("b", "changes around the base year, share with the right sign", len(changes), sign, prior_sign, f"at least {SIGN_SHARE:g}",
         sign >= SIGN_SHARE),
        ("b", "changes, median factor error", len(changes), factor, prior_factor, f"at most {CHANGE_FACTOR:g}", factor <= CHANGE_FACTOR),
        ("c", "levels of the base year, median abs ln(model / counted)", len(levels), level, prior_level, f"at most {LEVEL_LOG:g}",
         level <= LEVEL_LOG),
        ("c", "levels, error over that of all tonnes on the cheapest path", len(levels), ratio, math.nan, f"at most {BEATS:.2f}",
         ratio <= BEATS),
    ]  # fmt: skip
    for name, unit in (("days", "days"), ("usd", "prices")):
        known = doors[doors[f"{name}_published"].notna() & doors[f"{name}_model"].notna()]
        beside = known[f"{name}_model"] / known[f"{name}_published"]
        off = float(beside.map(lambda value: abs(math.log(value))).median()) if len(known) else math.nan
        inside = float(((beside >= 0.75) & (beside <= 1.25)).mean()) if len(known) else math.nan
        rows.append(
            (
                "d",
                f"door to door, {unit}: median abs ln(model / published)",
                len(known),
                off,
                math.nan,
                "",
                None,
            )
        )
        rows.append(
            ("d", f"door to door, {unit}: share within a quarter", len(known), inside, math.nan, "", None)
        )
    frame = pd.DataFrame(rows, columns=["part", "measure", "rows", "model", "prior", "target", "passes"])
    frame["passes"] = frame["passes"].where(frame["rows"] > 0, None)
    return frame


def write_backtest(result: Backtest, folder: Path, *, force: bool = False) -> Path:
    """Write the tables as a folder of `isthmus.store.write_run`.

    Raises StoreError if the folder exists and `force` is not given.
    """
    names = ("scores", "shares", "changes", "levels", "doors", "elasticities", "unmapped")
    tables = {
        f"backtest_{name}": getattr(result, name) for name in names if len(getattr(result, name).columns)
    }
    return write_run(folder, tables, backtest_manifest(result), force=force)


def backtest_manifest(result: Backtest) -> dict[str, Any]:
    """What the folder says of itself."""
    pack = result.pack
    return {
        "kind": "backtest",
        "region": {"name": pack.name, "title": pack.title, "hash": pack.hash, "year": pack.year},
        "parameters": dict(pack.parameters),
    }
