"""The verb `variance`: what headlines rest on, as first-order shares of their variance by group of inputs.

Each group of inputs (tonnes of markets, prices, hours, ...) is drawn as n versions of its tables; r replicates of a Latin hypercube pair
the versions of the groups in other ways (McKay 1995; McKay, Beckman and Conover 1979). Runs that share a version of a group share its
main effect, which is random: the first-order share of a group (Sobol' 1993) is a component of variance of a model with crossed random
effects. All components come from the same n r runs by restricted maximum likelihood (Patterson and Thompson 1971), climbed by the
steps of Zhou, Hu, Zhou and Lange (2019). A group is a block: no linearity and no independence inside it is asked for. Designs that freeze
one group at a time (Saltelli 2002, Jansen 1999) ask for n (groups + 2) runs.

A draw is a region of its own: its base is solved anew on the route sets of the region as it is (tonnes of the base year are what was
shipped at that draw's own prices).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from isthmus._errors import UserError
from isthmus.assignment import Stochastic
from isthmus.evidence.estimation import CV, SHARED, prior_of
from isthmus.freight import Prepared, Solved, pools_of, prepare
from isthmus.freight.observed import observed_routes
from isthmus.pack import SCHEMA, Pack, load
from isthmus.store import write_run
from isthmus.tables import Column

Floats = NDArray[np.float64]
Factors = Mapping[tuple[str, str], Floats]

REPLICATES = 5
_STEPS, _TOLERANCE = 300, 1e-5
SMALLEST = 10
RENTS = 5
"""Largest scarcity rents that are headlines."""
PRICE_CV = {"high": 0.05, "medium": 0.15, "low": 0.30}
HOURS_CV = {"high": 0.10, "medium": 0.20, "low": 0.40}
CAPACITY_CV = {"high": 0.05, "medium": 0.15, "low": 0.30}
PARAMETER_CV = {"high": 0.10, "medium": 0.20, "low": 0.30}
"""Coefficients of variation by confidence of the row."""
_PRICES = {
    "rates": ("usd_per_tkm", "usd_per_unit_km"),
    "handling": ("usd_per_t",),
    "terminals": ("usd_per_t", "usd_per_feu"),
    "services": ("usd_per_t", "usd_per_feu"),
    "crossings": ("usd_per_unit", "usd_per_unit_back"),
    "load_units": ("standing_usd_per_h", "empty_usd_per_km"),
    "premiums": ("usd_per_t",),
}
_HOURS = {
    "links": ("speed_kmh",),
    "handling": ("hours", "hours_sd"),
    "terminals": ("hours", "hours_sd"),
    "services": ("hours", "hours_sd", "fill_hours"),
    "crossings": ("hours", "hours_back", "hours_sd"),
}
_CAPACITIES = {"pools": ("capacity",), "services": ("slots_per_departure",)}
_VALUES = {"segments": ("value_of_time",)}
_ALIKE = (
    "mode",
    "modes",
    "unit",
    "from_mode",
)  # columns whose equals err together, the first that a table has
_CONVENTIONS = {
    "base-year",
    "year",
    "trunk-share",
    "set-factor",
    "set-margin",
    "max-routes",
    "delay-power",
    "hours-floor-share",
    "empties-slope",
}
_GAP = 1e5  # USD a year; a figure's own error is a millionth of its spread


@dataclass(frozen=True)
class Group:
    """Inputs that are drawn together: columns by table, coefficient of variation by confidence."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    cv: Mapping[str, float]


@dataclass(frozen=True)
class Variance:
    """Answer of `variance`.

    Attributes:
        pack: the region.
        draws: runs made.
        shares: one row a headline: `headline`, `unit`, `base` (as the region is), `mean`, `cv` over the draws, the first-order share of
            each group, and `rest` (what groups do together).
        groups: one row a group: `group`, `rows`, `cv_high`, `cv_medium`, `cv_low`, `error` (standard error of its share,
            median of the headlines).
        runs: one row a draw: version of each group, and every headline.
        unsolved: draws that did not reach their gap; they are in it.
    """

    pack: Pack
    draws: int
    shares: pd.DataFrame
    groups: pd.DataFrame
    runs: pd.DataFrame
    unsolved: int


def _silent(message: str) -> None:
    """Say nothing."""


def variance(
    region: str | Path | Pack = "caspian",
    *,
    draws: int = 200,
    seed: int = 1,
    guesses: bool = False,
    progress: Callable[[str], None] = _silent,
) -> Variance:
    """First-order shares of the variance of each headline by group of inputs.

    Parameters
    ----------
    region : str, Path or Pack
        A region that ships, a folder, or a region loaded before.
    draws : int
        Runs, rounded down to a multiple of five; the error of a share falls with their square root (0.05 at 200).
    seed : int
        Equal seeds give equal draws.
    guesses : bool
        Let capacities bind that are estimates.
    progress : callable
        Called with a line of text as the work goes on.

    Raises
    ------
    UserError
        If the region cannot be used or the draws are too few.
    """
    if draws < SMALLEST:
        raise UserError(f"--draws {draws}: expected {SMALLEST} or more.")
    if seed < 0:
        raise UserError(f"--seed {seed}: expected 0 or more.")
    pack = region if isinstance(region, Pack) else load(region)
    groups = groups_of(pack)
    levels = draws // REPLICATES
    versions = design(len(groups), levels, seed)
    progress(f"{pack.title}: laying out, finding routes")
    prepared = prepare(pack, guesses=guesses, rule=Stochastic(gap=_GAP))
    base = prepared.solve(start=prepared.start)
    headlines = _Headlines(prepared, base)
    values, unsolved = [], 0
    for number, row in enumerate(versions, start=1):
        drawn = pack
        for g, group in enumerate(groups):
            drawn = changed(drawn, factors_of(pack, group, np.random.default_rng([seed, g, row[g]])))
        again = prepared.rebased(drawn, base.start, passes=1)
        solved = again.solve(start=again.start)
        unsolved += not solved.solution.certificate.converged
        values.append(headlines.of(again, solved))
        if number % 10 == 0 or number == len(versions):
            progress(f"{number} of {len(versions)} draws")
    runs = np.array(values)
    names = [group.name for group in groups]
    head = headlines.names.assign(base=headlines.of(prepared, base), mean=runs.mean(axis=0), cv=_cv(runs))
    found = [components(column, versions) for column in runs.T]
    shares, errors = (np.stack(part) for part in zip(*found, strict=True))
    table = head.assign(**dict(zip(names, shares.T, strict=True)), rest=1.0 - shares.sum(axis=1))
    labels = [" ".join(row) for row in headlines.names.to_numpy(object)]
    return Variance(
        pack=pack,
        draws=len(versions),
        shares=table,
        groups=_told(pack, groups, errors),
        runs=pd.DataFrame(np.hstack([versions, runs]), columns=[*names, *labels]),
        unsolved=int(unsolved),
    )


def groups_of(pack: Pack) -> list[Group]:
    """Groups of inputs of a region, those without a row left out."""
    levels = [word for word in CV if (pack.table("markets")["confidence"] == word).any()]
    found = [Group(f"demand, {word}", {"markets": ("tonnes",)}, {word: CV[word]}) for word in levels]
    found += [
        Group("prices", _PRICES, PRICE_CV),
        Group("hours", _HOURS, HOURS_CV),
        Group("capacities", _CAPACITIES, CAPACITY_CV),
        Group("parameters", {"parameters": ("value",), **_VALUES}, PARAMETER_CV),
    ]
    return found


def design(groups: int, levels: int, seed: int) -> NDArray[np.int64]:
    """(levels x REPLICATES, groups) version of each group in each run: a replicated Latin hypercube."""
    rng = np.random.default_rng([seed, 1_000_003])
    return np.concatenate(
        [np.stack([rng.permutation(levels) for _ in range(groups)], axis=1) for _ in range(REPLICATES)]
    ).astype(np.int64)


def components(values: Floats, versions: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(groups) first-order shares of the variance of some values (runs), and their standard errors; 0 where nothing varies.

    Parameters
    ----------
    values : (runs)
        A headline.
    versions : (runs, groups)
        Version of each group in each run.
    """
    size, groups = versions.shape
    spread = float(values.var())
    if not spread > 1e-12 * float(np.mean(values**2)):
        return np.zeros(groups), np.zeros(groups)
    y = (values - values.mean()) / np.sqrt(spread)
    alike = [(versions[:, g, None] == versions[None, :, g]).astype(float) for g in range(groups)]
    kernels = np.stack([*alike, np.eye(size)])
    part = np.full(groups + 1, 1.0 / (groups + 1))
    for _ in range(_STEPS):
        projector = _projector(part, kernels)
        pulled = projector @ y
        step = np.sqrt(
            np.einsum("i,gij,j->g", pulled, kernels, pulled) / np.einsum("gij,ij->g", kernels, projector)
        )
        new = np.maximum(part * step, 1e-12)
        done = float(np.abs(new - part).max()) < _TOLERANCE
        part = new
        if done:
            break
    products = kernels @ _projector(part, kernels)
    information = 0.5 * np.einsum("gij,hji->gh", products, products)
    share = part / part.sum()
    slope = (np.eye(groups + 1) - share[:, None]) / part.sum()
    spread_of = slope @ np.linalg.pinv(information) @ slope.T
    return share[:-1], np.sqrt(np.maximum(np.diag(spread_of), 0.0))[:-1]


def _projector(part: Floats, kernels: Floats) -> Floats:
    """Inverse of the covariance, with the mean projected out."""
    inverse = np.linalg.inv(np.einsum("g,gij->ij", part, kernels))
    ones = inverse.sum(axis=0)
    return np.asarray(inverse - np.outer(ones, ones) / ones.sum())


def factors_of(pack: Pack, group: Group, rng: np.random.Generator) -> Factors:
    """Factors of one version of a group: (table, column) -> one a row, of mean 1; rows of confidence that the group does not name stay.

    The columns of a row move together. Half of the variance is common to rows alike: of one flow for the markets, of one mode or unit
    in the other tables; parameters err each alone.
    """
    found: dict[tuple[str, str], Floats] = {}
    for table, columns in group.columns.items():
        frame = pack.table(table)
        sd = np.sqrt(np.log1p(frame["confidence"].map(group.cv).fillna(0.0).to_numpy(float) ** 2))
        own, common = rng.standard_normal(len(frame)), rng.standard_normal(len(frame) + 1)
        shared = 0.0 if table == "parameters" else SHARED
        error = np.sqrt(shared) * common[_alike(pack, table)] + np.sqrt(1.0 - shared) * own
        factor = np.exp(sd * error - 0.5 * sd**2)
        if table == "parameters":
            factor[frame["parameter"].isin(_CONVENTIONS).to_numpy(bool)] = 1.0
        found |= {(table, column): factor for column in columns}
    return found


def _alike(pack: Pack, table: str) -> NDArray[np.int64]:
    """(rows) number of the set of rows with which each has half of its error in common."""
    if table == "markets":
        return prior_of(pack).flow
    frame = pack.table(table)
    column = next((name for name in _ALIKE if name in frame.columns), None)
    if column is None:
        return np.zeros(len(frame), np.int64)
    return np.unique(frame[column].astype(str).to_numpy(), return_inverse=True)[1].astype(np.int64)


def changed(pack: Pack, factors: Factors) -> Pack:
    """The pack with columns times their factors, held within what the columns allow."""
    for table in dict.fromkeys(name for name, _ in factors):
        frame = pack.table(table)
        for (name, column), factor in factors.items():
            if name == table and len(frame):
                values = frame[column].to_numpy(float) * factor
                frame[column] = np.where(
                    factor == 1.0, frame[column].to_numpy(float), _held(frame, table, column, values)
                )
        pack = pack.replace(table, frame)
    return pack


def _held(frame: pd.DataFrame, table: str, column: str, values: Floats) -> Floats:
    if table != "parameters":
        return _clipped(values, SCHEMA.tables[table].columns[column])
    return np.array(
        [
            _clipped(np.array([value]), SCHEMA.parameters[name])[0]
            for name, value in zip(frame["parameter"], values, strict=True)
        ]
    )


def _clipped(values: Floats, column: Column) -> Floats:
    low = column.minimum if column.minimum is not None else (1e-9 if column.above is not None else -np.inf)
    high = (
        column.maximum
        if column.maximum is not None
        else (column.below - 1e-9 if column.below is not None else np.inf)
    )
    return np.asarray(np.clip(values, low, high))


class _Headlines:
    """Figures of which the shares are asked: tonnes and TEU of corridors, tonne-kilometres on land, scarcity rents."""

    def __init__(self, prepared: Prepared, base: Solved) -> None:
        corridors = base.pack.table("corridors")
        asked = pd.DataFrame(
            {
                "kind": "corridor", "element": corridors["corridor"], "direction": "both", "classes": None, "trunk": None, "traffic": None,
                "tonnes": 1.0, "teu": 1.0, "tkm": np.nan,
            }
        ).astype({name: object for name in ("classes", "trunk", "traffic")})  # fmt: skip
        lines = [
            {
                "kind": "country",
                "element": country,
                "direction": "both",
                "classes": None,
                "trunk": trunk,
                "traffic": None,
                "tonnes": np.nan,
                "teu": np.nan,
                "tkm": 1.0,
            }
            for trunk in ("rail", "road")
            for country in base.pack.table("countries")["country"]
            if country in prepared.layout.countries
        ]
        rows, weights = observed_routes(prepared, base, asked)
        of_lines, on_lines = observed_routes(prepared, base, pd.DataFrame(lines, columns=list(asked.columns)))
        trunks = of_lines["trunk"].to_numpy(object)
        summed = [
            csr_array(np.asarray((trunks == trunk).astype(float)[None, :] @ on_lines))
            for trunk in ("rail", "road")
        ]
        figures = weights @ base.solution.flow
        told = np.flatnonzero(figures > 0)
        self._corridors = csr_array(weights[told])
        self._lines = summed
        names = pd.DataFrame(
            {"headline": "corridor " + rows["element"].astype(str), "unit": rows["unit"]}
        ).iloc[told]
        pools = pools_of(base).sort_values(["rent_usd", "pool"], ascending=[False, True], kind="stable")
        self._pools = pools.loc[pools["rent_usd"] > 0, "pool"].head(RENTS).tolist()
        more = [
            ("work on rails", "tkm"),
            ("work on roads", "tkm"),
            ("shipped", "tonnes"),
            ("all rents", "USD"),
        ]
        more += [(f"rent {pool}", "USD") for pool in self._pools]
        self.names = pd.concat([names, pd.DataFrame(more, columns=["headline", "unit"])], ignore_index=True)

    def of(self, prepared: Prepared, solved: Solved) -> Floats:
        """The figures of a solved condition, in the order of `names`."""
        flow = solved.solution.flow
        rents = pools_of(solved).set_index("pool")["rent_usd"]
        return np.concatenate(
            [
                self._corridors @ flow,
                [float((line @ flow)[0]) for line in self._lines],
                [float(solved.solution.shipped.sum()), float(rents.sum())],
                [float(rents.get(pool, 0.0)) for pool in self._pools],
            ]
        )


def _cv(runs: Floats) -> Floats:
    mean = runs.mean(axis=0)
    return np.asarray(
        np.where(mean != 0, runs.std(axis=0, ddof=1) / np.where(mean != 0, np.abs(mean), 1.0), 0.0)
    )


def _told(pack: Pack, groups: list[Group], errors: Floats) -> pd.DataFrame:
    """What each group holds, and the usual standard error of its share."""
    rows = []
    for group in groups:
        held = [pack.table(table)["confidence"].isin(list(group.cv)).sum() for table in group.columns]
        rows.append((group.name, int(sum(held)), *(group.cv.get(word, np.nan) for word in CV)))
    table = pd.DataFrame(rows, columns=["group", "rows", *(f"cv_{word}" for word in CV)])
    return table.assign(error=np.median(errors, axis=0))


def said_of(made: Variance) -> dict[str, object]:
    """What shares of variance say of themselves."""
    return {
        "region": {"name": made.pack.name, "hash": made.pack.hash, "year": made.pack.base_year},
        "draws": made.draws,
        "replicates": REPLICATES,
        "unsolved": made.unsolved,
        "shared": SHARED,
    }


def write_variance(made: Variance, folder: Path, *, force: bool = False) -> Path:
    """Write the shares, the groups and the draws as a folder of `isthmus.store.write_run`.

    Raises StoreError if the folder exists and `force` is not given, or holds something else.
    """
    tables = {"variance_shares": made.shares, "variance_groups": made.groups, "variance_runs": made.runs}
    return write_run(folder, tables, {"kind": "variance", **said_of(made)}, force=force)
