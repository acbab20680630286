"""The verb `estimate`: demand of the base year corrected by counts.

The tonnes of a market are its prior tonnes times a factor whose logarithm has a standard deviation by the confidence of its row, half of
the variance in common with the other markets of the same two countries and class (they share a total, and a split). Counts of role
*fit* pull on them through the shares of the routes of the equilibrium; each pass assigns the last factors anew and takes
the shares from there, until the factors stay (generalised least squares: Cascetta 1984; shares that answer to the estimate: Yang, Sasaki,
Iida and Asakura 1992; bounds: Bell 1991). Rows of role *test* are looked at afterwards only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_array

from isthmus import __version__
from isthmus._errors import UserError
from isthmus.evidence.least_squares import Posterior, Prior, posterior
from isthmus.freight import Prepared, Solved, outcome_of, prepare
from isthmus.freight.observed import observed_routes
from isthmus.pack import Pack, load
from isthmus.scenario import Edit, Scale, Scenario, apply, read_scenario, write_factors
from isthmus.store import check_target, write_whole

Floats = NDArray[np.float64]

CV = {"high": 0.10, "medium": 0.25, "low": 0.60}
"""Coefficient of variation of a market's tonnes by confidence."""
COUNT_CV = {"high": 0.05, "medium": 0.10, "low": 0.30}
"""Coefficient of variation of a count by confidence."""
ASSIGNMENT_CV = {
    "country": 0.0,
    "corridor": 0.10,
    "port": 0.10,
    "crossing": 0.15,
    "link": 0.15,
    "service": 0.15,
    "terminal": 0.15,
}
"""Coefficient of variation of the model's figure at given demand, by kind of what was counted: routes are chosen as the model says only so
nearly, the better the more ways are counted together; a country's total counts them all."""
SHARED = 0.5
"""Part of the variance of the markets of a pair of countries and class that they have in common."""
BOUND = 3.0
"""Factors lie between its inverse and this."""
YEARS_OFF = 2
"""A count of a country or port of another year stands for the base year up to this many years away."""
MARK = "estimate.json"
"""File that tells that a folder holds an estimate."""
_DECIMALS = 4  # of a factor in the scenario
_SCENARIO, _FACTORS = "scenario.yaml", "factors.csv"
_GATE = 3.0  # standard deviations from which a count tells of something else than demand
_TOLERANCE = 0.02
_PASSES = 10


@dataclass(frozen=True)
class Estimate:
    """Answer of `estimate`.

    Attributes:
        pack: the region as given, after the edits of the prior.
        scenario: the posterior as an edit of the markets.
        markets: one row a market: `market`, `origin`, `destination`, `cargo_class`, `confidence`, `prior`, `posterior` (tonnes a year),
            `factor`, `prior_cv`, `posterior_cv`, `bound` (lower, upper, or empty).
        fitted: counts of role fit: `observation`, `what`, `kind`, `element`, `year`, `confidence`, `unit`, `counted`, `cv` (of count
            and assignment), `expected` (coefficient of variation of the model's figure by errors of the demand), `before`, `after` (that
            unit a year), `used`, `because` (why it is not).
        tested: the same of role test, `used` false.
        railways: one row a country with rails: `country`, `domestic_tonnes_before`, `domestic_tonnes_after`, `domestic_tkm_before`,
            `domestic_tkm_after`, `tkm_before`, `tkm_after`; `counted_tonnes` of `counted_traffic` and `counted_tkm` where a fitted count
            is of it.
        passes: `number`, `change` (largest |change of a logarithm|), `off` (root mean square of errors over their deviation).
    """

    pack: Pack
    scenario: Scenario
    markets: pd.DataFrame
    fitted: pd.DataFrame
    tested: pd.DataFrame
    railways: pd.DataFrame
    passes: pd.DataFrame


def _silent(message: str) -> None:
    """Say nothing."""


def estimate(
    region: str | Path | Pack = "caspian",
    *,
    scenario: Path | Scenario | None = None,
    passes: int = _PASSES,
    progress: Callable[[str], None] = _silent,
) -> Estimate:
    """Demand that fits the counts marked for it, as near to the region's own as their errors allow.

    Parameters
    ----------
    region : str, Path or Pack
        A region that ships, a folder, or a region loaded before.
    scenario : Path or Scenario, optional
        Edits that make the prior, as a prior from trade; the posterior is theirs and one more.
    passes : int
        Assignments at most.
    progress : callable
        Called with a line of text as the work goes on.

    Raises
    ------
    UserError
        If the region or the scenario cannot be used, or there is no count of role fit.
    """
    if passes < 1:
        raise UserError(f"--passes {passes}: expected 1 or more.")
    pack = region if isinstance(region, Pack) else load(region)
    given = read_scenario(scenario) if isinstance(scenario, Path) else scenario
    pack = apply(pack, given) if given else pack
    counts = standing(pack)
    fit = counts[counts["role"] == "fit"]
    nothing = f"Region {pack.name} has no observation of role fit near {pack.year}; there is nothing to estimate from."
    if fit.empty:
        raise UserError(nothing)
    progress(f"{pack.title}: laying out, finding routes")
    first = prepare(pack)
    before = first.solve(start=first.start)
    prior = prior_of(pack)
    rows, weights = observed_routes(first, before, fit)
    if rows.empty:
        raise UserError(nothing)
    share, model = linear(first, before, weights)
    rows = rows.assign(cv=_cv(rows), before=model, expected=_expected(prior, share))
    used, because = _usable(rows)
    rows = rows.assign(used=used, because=because)
    prepared, solved, log_factor, seen = first, before, np.zeros(prior.sd.size), []
    found = Posterior(log_factor, prior.sd, np.zeros(prior.sd.size, np.int64))
    for number in range(1, passes + 1):
        share, model = linear(prepared, solved, weights)
        off = np.log(rows["counted"].to_numpy(float)[used] / model[used])
        error = np.sqrt(np.log1p(rows["cv"].to_numpy(float)[used] ** 2))
        found = posterior(prior, share[used], off + share[used] @ log_factor, error, math.log(BOUND))
        change = float(np.abs(found.log_factor - log_factor).max(initial=0.0))
        seen.append((number, change, float(np.sqrt(np.mean((off / error) ** 2))) if used.any() else 0.0))
        progress(
            f"pass {number}: counts {seen[-1][2]:.2f} standard deviations off, a factor changes by {math.expm1(change):.1%} at most"
        )
        log_factor = found.log_factor
        prepared = prepared.rebased(_scaled(pack, np.exp(log_factor)), solved.start)
        solved = prepared.solve(start=prepared.start)
        if change < _TOLERANCE:
            break
    markets = _markets(pack, prior, found)
    return Estimate(
        pack=pack,
        scenario=scenario_of(pack, markets, given),
        markets=markets,
        fitted=_beside(rows, weights, solved),
        tested=_judged(first, before, solved, counts[counts["role"] == "test"]),
        railways=_railways(first, before, prepared, solved, rows),
        passes=pd.DataFrame(seen, columns=["number", "change", "off"]),
    )


def standing(pack: Pack) -> pd.DataFrame:
    """Observations that stand for the pack's year: of it, or of a country or port nearest to it and at most YEARS_OFF away."""
    seen = pack.table("observations")
    off = (seen["year"] - pack.year).abs()
    near = (off == 0) | (seen["kind"].isin(["country", "port"]) & (off <= YEARS_OFF))
    seen = seen[near].assign(off=off, of_tkm=seen["tkm"].notna(), of_teu=seen["teu"].notna())
    series = ["role", "kind", "element", "direction", "trunk", "traffic", "classes", "of_tkm", "of_teu"]
    seen = seen.sort_values(["off", "observation"], kind="stable").drop_duplicates(series)
    return (
        seen.sort_values("observation", kind="stable")
        .drop(columns=["off", "of_tkm", "of_teu"])
        .reset_index(drop=True)
    )


def prior_of(pack: Pack) -> Prior:
    """Errors of the markets' tonnes: by confidence, in part common to the markets of two countries and a class."""
    markets = pack.table("markets")
    place = dict(zip(*(pack.table("zones")[name] for name in ("zone", "place")), strict=True))
    country = dict(zip(*(pack.table("places")[name] for name in ("place", "country")), strict=True))
    ends = [[country[place[zone]] for zone in markets[end]] for end in ("origin", "destination")]
    keys = ["|".join(key) for key in zip(*ends, markets["cargo_class"], strict=True)]
    flow = np.unique(np.array(keys, object).astype(str), return_inverse=True)[1]
    cv = markets["confidence"].map(CV).to_numpy(float)
    return Prior(np.sqrt(np.log1p(cv**2)), flow.astype(np.int64), SHARED)


def linear(prepared: Prepared, solved: Solved, weights: csr_array) -> tuple[Floats, Floats]:
    """(K, markets) part of each market in each figure at fixed shares of routes and shipped over asked; (K) the figures."""
    routes, flow = prepared.routes, solved.solution.flow
    market = solved.demand.market[routes.market]
    size = len(solved.pack.table("markets"))
    member = csr_array((flow, (np.arange(flow.size), market)), shape=(flow.size, size))
    parts = np.asarray((weights @ member).todense())
    model = parts.sum(axis=1)
    return parts / np.maximum(model, 1e-9)[:, None], model


def scenario_of(pack: Pack, markets: pd.DataFrame, given: Scenario | None = None) -> Scenario:
    """The posterior as a scenario: the edits of the prior, and one that scales each market by its factor if that does not round to 1."""
    rounded = markets["factor"].round(_DECIMALS)
    moved = rounded != 1.0 if (rounded != 1.0).any() else rounded == 1.0
    factors = dict(zip(markets.loc[moved, "market"].astype(str), rounded[moved].tolist(), strict=True))
    note = f"Demand of {pack.year} estimated on the counts of role fit; made by `isthmus estimate`."
    return Scenario(
        name="Estimated demand",
        note=note,
        edits=(
            *(given.edits if given else ()),
            Edit(scale=Scale(table="markets", column="tonnes", factors=factors)),
        ),
    )


def _scaled(pack: Pack, factor: Floats) -> Pack:
    markets = pack.table("markets")
    return pack.replace("markets", markets.assign(tonnes=markets["tonnes"] * factor))


def _cv(rows: pd.DataFrame) -> Floats:
    """(K) of count and assignment together."""
    count, model = rows["confidence"].map(COUNT_CV), rows["kind"].map(ASSIGNMENT_CV)
    return np.asarray(np.hypot(count.to_numpy(float), model.to_numpy(float)))


def _expected(prior: Prior, share: Floats) -> Floats:
    """(K) coefficient of variation of each figure of the model by the errors of the demand alone."""
    return np.asarray(np.sqrt(np.expm1(np.sum(share * prior.times(share), axis=1))))


def _usable(rows: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """(K) whether errors of the demand may be what is between a count and the model, and why not."""
    counted, model = rows["counted"].to_numpy(float), rows["before"].to_numpy(float)
    with np.errstate(divide="ignore"):
        off = np.abs(np.log(model / np.maximum(counted, 1e-9)))
    spread = np.sqrt(
        np.log1p(rows["cv"].to_numpy(float) ** 2) + np.log1p(rows["expected"].to_numpy(float) ** 2)
    )
    because = np.full(len(rows), "", object)
    because[off > _GATE * spread] = (
        f"off by more than {_GATE:g} standard deviations of demand, count and assignment together"
    )
    because[off > math.log(BOUND)] = f"off by more than {BOUND:g}, which no factor of the demand may be"
    return np.array([not reason for reason in because], bool), because


def _markets(pack: Pack, prior: Prior, found: Posterior) -> pd.DataFrame:
    table = pack.table("markets")
    head = table[["market", "origin", "destination", "cargo_class", "confidence"]]
    factor = np.exp(found.log_factor)
    return head.assign(
        prior=table["tonnes"],
        posterior=table["tonnes"] * factor,
        factor=factor,
        prior_cv=np.sqrt(np.expm1(prior.sd**2)),
        posterior_cv=np.sqrt(np.expm1(found.sd**2)),
        bound=np.array(["", "upper", "lower"], object)[found.held],
    )


_COLUMNS = [
    "observation", "what", "kind", "element", "year", "confidence", "unit", "counted", "cv", "expected", "before", "after", "used",
    "because",
]  # fmt: skip


def _beside(rows: pd.DataFrame, weights: csr_array, solved: Solved) -> pd.DataFrame:
    return rows.assign(after=weights @ solved.solution.flow)[_COLUMNS]


def _judged(prepared: Prepared, before: Solved, after: Solved, counts: pd.DataFrame) -> pd.DataFrame:
    rows, weights = observed_routes(prepared, before, counts)
    share, model = linear(prepared, before, weights)
    rows = rows.assign(
        cv=_cv(rows), expected=_expected(prior_of(prepared.pack), share), before=model, used=False
    )
    return _beside(rows.assign(because=np.full(len(rows), "kept for judging", object)), weights, after)


def _railways(
    first: Prepared, before: Solved, last: Prepared, after: Solved, fitted: pd.DataFrame
) -> pd.DataFrame:
    tables = [outcome_of(*each).tables["national"] for each in ((first, before), (last, after))]
    parts = {}
    for word, national in zip(("before", "after"), tables, strict=True):
        rail = national[national["trunk"] == "rail"]
        at_home = rail[rail["traffic"] == "domestic"].groupby("country")
        parts[f"domestic_tonnes_{word}"], parts[f"domestic_tkm_{word}"] = (
            at_home["tonnes"].sum(),
            at_home["tkm"].sum(),
        )
        parts[f"tkm_{word}"] = rail.groupby("country")["tkm"].sum()
    table = pd.DataFrame(parts).fillna(0.0).rename_axis("country").reset_index()
    counted = fitted[
        (fitted["kind"] == "country")
        & (fitted["trunk"] == "rail")
        & fitted["used"]
        & fitted["classes"].isna()
    ]
    home = counted[counted["traffic"].fillna("").str.contains("domestic")].drop_duplicates("element")
    whole = counted[(counted["unit"] == "tkm") & counted["traffic"].isna()]
    return table.assign(
        counted_tonnes=table["country"].map(home.set_index("element")["counted"]),
        counted_traffic=table["country"].map(home.set_index("element")["traffic"]),
        counted_tkm=table["country"].map(whole.set_index("element")["counted"]),
    )


def misses(rows: pd.DataFrame, column: str) -> Floats:
    """|ln(model / counted)| of the rows of `fitted` or `tested`, `column` before or after; infinite where the model has nothing."""
    model, counted = rows[column].to_numpy(float), rows["counted"].to_numpy(float)
    with np.errstate(divide="ignore"):
        return np.asarray(np.abs(np.log(model / counted)))


def manifest_of(made: Estimate) -> dict[str, object]:
    """What an estimate says of itself: the region, its errors, how the counts were met."""
    fitted = made.fitted[made.fitted["used"]]
    return {
        "region": {"name": made.pack.name, "hash": made.pack.hash, "year": made.pack.year},
        "errors": {
            "cv": CV,
            "count_cv": COUNT_CV,
            "assignment_cv": ASSIGNMENT_CV,
            "shared": SHARED,
            "bound": BOUND,
        },
        "market_count": len(made.markets),
        "bounds_hit": int((made.markets["bound"] != "").sum()),
        "converged": bool(made.passes["change"].iloc[-1] < _TOLERANCE),
        "median_factor_off": {
            name: {when: float(np.exp(np.median(misses(rows, when)))) for when in ("before", "after")}
            if len(rows)
            else None
            for name, rows in (("fitted", fitted), ("tested", made.tested))
        },
    }


def write_estimate(made: Estimate, folder: Path, *, force: bool = False) -> Path:
    """Write a scenario file with its factors, and the tables beside it as CSV; whole or not at all.

    Raises StoreError if the folder exists and `force` is not given, or holds something else.
    """
    check_target(folder, force=force, mark=MARK, what="estimate")
    scale = made.scenario.edits[-1].scale
    assert scale is not None and scale.factors is not None
    edit = {"table": scale.table, "column": scale.column, "factors": _FACTORS}
    text = made.scenario.model_dump(mode="json", exclude_unset=True)
    text["edits"] = [*text["edits"][:-1], {"scale": edit}]
    factors = scale.factors

    def fill(beside: Path) -> None:
        (beside / _SCENARIO).write_text(
            yaml.safe_dump(text, sort_keys=False, allow_unicode=True), encoding="utf-8"
        )
        write_factors(beside / _FACTORS, scale.table, factors)
        for name in ("markets", "fitted", "tested", "railways", "passes"):
            getattr(made, name).to_csv(beside / f"{name}.csv", index=False, lineterminator="\n")
        said = {"isthmus": __version__, "kind": "estimate", "schema": 1, **manifest_of(made)}
        (beside / MARK).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")

    return write_whole(folder, fill)
