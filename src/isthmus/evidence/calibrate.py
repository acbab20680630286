"""The verb `calibrate`: a few parameters of behaviour fitted to counts that are marked for it.

Penalised least squares (a Gaussian prior and Gaussian errors of logarithms: maximum a posteriori) by Gauss and Newton's method with finite
differences (Nocedal and Wright 2006, chapter 10). Positive parameters are fitted in their logarithm. Counts of role `fit` enter as
levels of their year, as changes where a series has several years, and as shares of their screenline; rows of role `test` never do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from isthmus._errors import UserError
from isthmus.evaluation import UNITS
from isthmus.evidence.backtest import figure_of
from isthmus.evidence.mapping import counts_of
from isthmus.evidence.states import Years, prepare_years, solve_years, told, with_base, years_known
from isthmus.pack import Pack, load
from isthmus.scenario import Edit, Scenario, apply
from isthmus.store import write_run

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Knob:
    """A parameter that is fitted: its prior is the region's value, with a standard deviation (of its logarithm if `log`) and bounds."""

    parameter: str
    sd: float
    low: float
    high: float
    log: bool = True
    step: float = 0.1


KNOBS = (
    Knob("route-kappa", 0.5, 2.0, 25.0),
    Knob("mode-kappa", 0.5, 1.0, 25.0),
    Knob("unitised-kappa-factor", 0.4, 0.3, 3.0),
    Knob("value-of-time-factor", 0.5, 0.2, 5.0),
    Knob("reliability-ratio", 0.4, 0.15, 1.5),
    Knob("border-factor", 0.5, 0.2, 5.0),
    Knob("premium-factor", 0.5, 0.2, 5.0),
    Knob("rail-usd-per-t", 6.0, -20.0, 40.0, log=False, step=1.0),
)
"""The eight global parameters. Spreads are judgements: published scales and values of time differ by factors of 1.5 to 2."""

MODEL_LOG = 0.35
"""Standard deviation of ln(model / count) that is the model's own: demand, prices and capacities that no parameter mends."""
CHANGE_LOG = 0.2
SHARE_POINTS = 8.0
_COUNT_LOG = {"high": 0.1, "medium": 0.25, "low": 0.6}
_ITERATIONS = 4


@dataclass(frozen=True)
class Calibration:
    """Answer of `calibrate`.

    Attributes:
        pack: the region.
        parameters: one row a parameter: `prior`, `low`, `high`, `prior_sd`, `fitted`, `se` (both of the logarithm where `log`), `learned`
            (1 less posterior over prior variance: 0, the counts say nothing of it), `tied_to` and `correlation` (the parameter it is
            least told from).
        rows: what was fitted to: `row`, `kind` (level, change, share), `counted`, `before`, `after`, `sd`.
        loss: sum of squares before and after, the prior's in it.
        scenario: the fitted values as edits of the table of parameters.
        note: what the counts can and cannot tell apart, in words.
    """

    pack: Pack
    parameters: pd.DataFrame
    rows: pd.DataFrame
    loss: tuple[float, float]
    scenario: Scenario
    note: str


def _silent(message: str) -> None:
    """Say nothing."""


def calibrate(
    region: str | Path = "caspian",
    *,
    iterations: int = _ITERATIONS,
    gap: float = 1000.0,
    progress: Callable[[str], None] = _silent,
) -> Calibration:
    """Fit the global parameters of behaviour to the counts of role `fit`.

    Parameters
    ----------
    region : str or Path
        A region that ships, or a folder.
    iterations : int
        Steps of Gauss and Newton at most.
    gap : float
        Primal-dual gap of every solve, USD a year.

    Raises
    ------
    UserError
        If the region cannot be used or has no counts to fit to.
    """
    pack = load(region)
    observations = pack.table("observations")
    fit = counts_of(observations[(observations["role"] == "fit") & ~observations["wider"].eq(True)])
    fit = fit[fit["year"].isin(years_known(pack))]
    if fit.empty:
        raise UserError(f"Region {pack.name} has no observations of role fit.")
    years = prepare_years(pack, (int(year) for year in fit["year"]), gap=gap)
    start = _encoded(pack.parameters)
    spread = np.array([knob.sd for knob in KNOBS])
    fit = _told(fit, _moved(years, pack, start))
    counted, names, sds = _targets(fit)
    progress(f"{len(names)} figures of {len(years.packs)} years, {len(KNOBS)} parameters")

    def residuals(theta: Floats) -> tuple[Floats, Floats]:
        figures = _figures(fit, _moved(years, pack, theta))
        return np.concatenate([(figures - counted) / sds, (theta - start) / spread]), figures

    theta = start.copy()
    now, before = residuals(theta)
    first, after = float(now @ now), before
    jacobian = _jacobian(residuals, theta, now, progress)
    for number in range(1, iterations + 1):
        step = np.linalg.solve(jacobian.T @ jacobian, -jacobian.T @ now)
        moved = False
        for scale in (1.0, 0.5, 0.25):
            tried = _inside(theta + scale * step)
            then, figures = residuals(tried)
            if float(then @ then) < float(now @ now) - 1e-3:
                theta, moved, after = tried, True, figures
                gain = float(now @ now) - float(then @ then)
                now = then
                break
        progress(f"step {number}: sum of squares {float(now @ now):,.2f}")
        if not moved or gain < 0.01 * float(now @ now):
            break
        jacobian = _jacobian(residuals, theta, now, progress)
    parameters, note = _told_of(theta, start, jacobian)
    rows = pd.DataFrame(
        {
            "row": [name for name, _ in names], "kind": [kind for _, kind in names], "counted": _decoded_rows(counted, names),
            "before": _decoded_rows(before, names), "after": _decoded_rows(after, names), "sd": sds,
        }
    )  # fmt: skip
    return Calibration(pack, parameters, rows, (first, float(now @ now)), _scenario(pack, theta), note)


def _encoded(parameters: Any) -> Floats:
    return np.array([math.log(parameters[k.parameter]) if k.log else parameters[k.parameter] for k in KNOBS])


def _values(theta: Floats) -> dict[str, float]:
    """Parameters by name, to four digits; the scale of trunk modes at most that of routes."""
    found = {
        k.parameter: float(f"{math.exp(t) if k.log else t:.4g}") for k, t in zip(KNOBS, theta, strict=True)
    }
    found["mode-kappa"] = min(found["mode-kappa"], found["route-kappa"])
    return found


def _inside(theta: Floats) -> Floats:
    bounds = np.array([(math.log(k.low), math.log(k.high)) if k.log else (k.low, k.high) for k in KNOBS])
    return np.clip(theta, bounds[:, 0], bounds[:, 1])


def _scenario(pack: Pack, theta: Floats) -> Scenario:
    edits = tuple(
        Edit.model_validate({"set": {"table": "parameters", "column": "value", "rows": name, "value": value}})
        for name, value in _values(theta).items()
    )
    return Scenario(name=f"calibration of {pack.name}", note="Made by isthmus calibrate.", edits=edits)


def _moved(years: Years, base: Pack, theta: Floats) -> dict[int, Any]:
    edited = apply(base, _scenario(base, theta))
    return {year: told(world) for year, world in solve_years(with_base(years, edited)).items()}


def _told(fit: pd.DataFrame, states: dict[int, Any]) -> pd.DataFrame:
    """The counts without the numbers that the tables of a run do not tell: nothing can be fitted to them."""
    kept = fit.copy()
    for unit in UNITS:
        told = [
            pd.notna(row[unit]) and figure_of(states[int(row["year"])], row, unit) is not None
            for row in fit.to_dict("records")
        ]
        kept[unit] = kept[unit].where(np.array(told, bool))
    return kept


def _targets(fit: pd.DataFrame) -> tuple[Floats, list[tuple[str, str]], Floats]:
    """What is fitted to (logarithms of levels and changes, shares in per cent), names with kinds, standard deviations."""
    levels = [
        (row, unit)
        for row in fit.to_dict("records")
        for unit in UNITS
        if pd.notna(row[unit]) and row[unit] > 0
    ]
    counted = [math.log(row[unit]) for row, unit in levels]
    names = [(f"{row['observation']} {unit}", "level") for row, unit in levels]
    sds = [math.hypot(MODEL_LOG, _COUNT_LOG[row["confidence"]]) for row, unit in levels]
    for first, last in _pairs(levels):
        counted.append(counted[last] - counted[first])
        names.append((f"{names[first][0]} to {levels[last][0]['year']:.0f}", "change"))
        sds.append(CHANGE_LOG)
    for group in _screenlines(levels):
        total = sum(math.exp(counted[i]) for i in group)
        for i in group:
            counted.append(100.0 * math.exp(counted[i]) / total)
            names.append((names[i][0], "share"))
            sds.append(SHARE_POINTS)
    return np.array(counted), names, np.array(sds)


def _figures(fit: pd.DataFrame, states: dict[int, Any]) -> Floats:
    """The model's figures in the order of `_targets`."""
    levels = [
        (row, unit)
        for row in fit.to_dict("records")
        for unit in UNITS
        if pd.notna(row[unit]) and row[unit] > 0
    ]
    found = [
        math.log(max(figure_of(states[int(row["year"])], row, unit) or 0.0, 0.02 * row[unit]))
        for row, unit in levels
    ]
    found += [found[last] - found[first] for first, last in _pairs(levels)]
    for group in _screenlines(levels):
        total = sum(math.exp(found[i]) for i in group)
        found += [100.0 * math.exp(found[i]) / total for i in group]
    return np.array(found)


def _pairs(levels: list[tuple[dict[Any, Any], str]]) -> list[tuple[int, int]]:
    """First and last year of the series that have two."""
    series: dict[tuple[Any, ...], list[int]] = {}
    for i, (row, unit) in enumerate(levels):
        series.setdefault((row["targets"], row["trunk"], row["traffic"], row["classes"], unit), []).append(i)
    found = []
    for members in series.values():
        members = sorted(members, key=lambda i: levels[i][0]["year"])
        if levels[members[0]][0]["year"] < levels[members[-1]][0]["year"]:
            found.append((members[0], members[-1]))
    return found


def _screenlines(levels: list[tuple[dict[Any, Any], str]]) -> list[list[int]]:
    lines: dict[tuple[Any, ...], list[int]] = {}
    for i, (row, unit) in enumerate(levels):
        if isinstance(row["screenline"], str):
            lines.setdefault((row["screenline"], row["year"], unit), []).append(i)
    return [members for members in lines.values() if len(members) > 1]


def _jacobian(
    residuals: Callable[[Floats], tuple[Floats, Floats]],
    theta: Floats,
    now: Floats,
    progress: Callable[[str], None],
) -> Floats:
    columns = []
    for i, knob in enumerate(KNOBS):
        progress(f"derivative by {knob.parameter}")
        tried = theta.copy()
        tried[i] += knob.step
        tried = _inside(tried)
        if tried[i] == theta[i]:
            tried[i] -= knob.step
        columns.append((residuals(tried)[0] - now) / (tried[i] - theta[i]))
    return np.stack(columns, axis=1)


def _told_of(theta: Floats, start: Floats, jacobian: Floats) -> tuple[pd.DataFrame, str]:
    """Fitted values with standard errors, and what cannot be told apart."""
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    se = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(se, se)
    np.fill_diagonal(correlation, 0.0)
    partner = np.abs(correlation).argmax(axis=1)
    values, prior = _values(theta), _values(start)
    rows = [
        (
            knob.parameter, prior[knob.parameter], knob.low, knob.high, knob.sd, values[knob.parameter], se[i], knob.log,
            1.0 - (se[i] / knob.sd) ** 2, KNOBS[partner[i]].parameter, correlation[i, partner[i]],
        )
        for i, knob in enumerate(KNOBS)
    ]  # fmt: skip
    columns = [
        "parameter",
        "prior",
        "low",
        "high",
        "prior_sd",
        "fitted",
        "se",
        "log",
        "learned",
        "tied_to",
        "correlation",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    silent = frame.loc[frame["learned"] < 0.25, "parameter"].tolist()
    tied = frame.loc[frame["correlation"].abs() > 0.7, ["parameter", "tied_to"]].itertuples(index=False)
    parts = (
        [f"The counts say little of: {', '.join(silent)} (they keep near their priors)."] if silent else []
    )
    pairs = sorted({" and ".join(sorted(pair)) for pair in tied})
    parts += [f"Hardly told apart: {'; '.join(pairs)}."] if pairs else []
    return frame, " ".join(parts) or "Each parameter is told by the counts, and from the others."


def _decoded_rows(figures: Floats, names: list[tuple[str, str]]) -> list[float]:
    return [float(v) if kind == "share" else math.exp(v) for v, (_, kind) in zip(figures, names, strict=True)]


def write_scenario(result: Calibration, path: Path) -> Path:
    """Write the fitted values as a scenario file, which `isthmus run --scenario` applies.

    Raises UserError if it cannot be written.
    """
    content = result.scenario.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    try:
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def write_calibration(result: Calibration, folder: Path, *, force: bool = False) -> Path:
    """Write the tables as a folder of `isthmus.store.write_run`.

    Raises StoreError if the folder exists and `force` is not given.
    """
    tables = {"calibration_parameters": result.parameters, "calibration_rows": result.rows}
    return write_run(folder, tables, calibration_manifest(result), force=force)


def calibration_manifest(result: Calibration) -> dict[str, Any]:
    """What the folder says of itself."""
    pack = result.pack
    return {
        "kind": "calibration",
        "region": {"name": pack.name, "title": pack.title, "hash": pack.hash, "year": pack.year},
        "sum_of_squares": list(result.loss),
        "note": result.note,
        "scenario": result.scenario.model_dump(mode="json", exclude_none=True),
    }
