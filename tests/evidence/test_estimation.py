"""Demand corrected by counts."""

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from isthmus import estimate
from isthmus._errors import UserError
from isthmus.evaluation.counts import modelled
from isthmus.evidence import Estimate, misses, write_estimate
from isthmus.evidence.estimation import BOUND, linear, prior_of, standing
from isthmus.evidence.least_squares import Prior, posterior
from isthmus.freight import Prepared, Solved, outcome_of
from isthmus.freight.observed import observed_routes
from isthmus.pack import Pack
from isthmus.scenario import Edit, Scale, Scenario, apply, read_scenario
from isthmus.store import StoreError
from tests.regions.fitted import PAGE, SCENARIO, page, same_scope


def counts_of(pack: Pack, **rows: dict[str, Any]) -> Pack:
    """The region with other values in some observations."""
    seen = pack.table("observations").set_index("observation", drop=False)
    for name, cells in rows.items():
        for column, value in cells.items():
            seen.loc[name.replace("_", "-"), column] = value
    return pack.replace("observations", seen.reset_index(drop=True))


def test_linear_forms_of_routes_say_what_the_tables_of_a_run_say(
    strait_freight: Prepared, strait_base: Solved
) -> None:
    _agree(strait_freight, strait_base)


def test_they_do_so_for_every_kind_of_count_of_caspian(
    caspian_freight: Prepared, caspian_base: Solved
) -> None:
    _agree(caspian_freight, caspian_base)


def _agree(prepared: Prepared, solved: Solved) -> None:
    pack = solved.pack
    seen = pack.table("observations")
    # in the tables a corridor counts its own classes, and railways are not told by class
    apart = (seen["kind"] == "corridor") | (seen["trunk"] == "rail")
    seen = seen[~(apart & seen["classes"].notna() & seen["tonnes"].notna())]
    rows, weights = observed_routes(prepared, solved, seen)
    result = cast(Any, SimpleNamespace(tables=outcome_of(prepared, solved).tables, pack=pack))
    told = [
        (row, unit)
        for row in seen.to_dict("records")
        for unit in ("tonnes", "teu", "tkm")
        if pd.notna(row[unit])
    ]
    expected = {
        (row["observation"], unit): figure
        for row, unit in told
        if (figure := modelled(result, row, unit)) is not None
    }
    mine = dict(
        zip(zip(rows["observation"], rows["unit"], strict=True), weights @ solved.solution.flow, strict=True)
    )
    assert list(mine) == list(expected)
    assert list(mine.values()) == pytest.approx(list(expected.values()), rel=1e-5, abs=100)


def test_the_parts_of_markets_in_a_figure_are_its_derivative_at_fixed_shares(
    strait_freight: Prepared, strait_base: Solved, strait: Pack
) -> None:
    _, weights = observed_routes(strait_freight, strait_base, strait.table("observations"))
    share, model = linear(strait_freight, strait_base, weights)
    assert share.sum(axis=1) == pytest.approx(1.0)
    flow, market = strait_base.solution.flow, strait_base.demand.market[strait_freight.routes.market]
    for m in range(share.shape[1]):
        more = weights @ (flow * np.where(market == m, 1.001, 1.0))
        assert np.log(more / model) / math.log(1.001) == pytest.approx(share[:, m], abs=1e-3)


def test_a_region_rebased_on_itself_is_itself(
    strait_freight: Prepared, strait_base: Solved, strait: Pack
) -> None:
    again = strait_freight.rebased(strait, strait_base.start)
    assert again.pivot.scale_route == pytest.approx(strait_freight.pivot.scale_route)
    assert again.pivot.composite == pytest.approx(strait_freight.pivot.composite, rel=1e-6)
    assert again.solve().solution.flow == pytest.approx(strait_base.solution.flow, rel=1e-3, abs=50)


def quadratic(prior: Prior, share: Any, off: Any, sd: Any, bound: float) -> Any:
    """The same problem by a general solver."""
    inverse = np.linalg.inv(prior.times(np.eye(prior.sd.size)))
    found = minimize(
        lambda z: z @ inverse @ z + np.sum(((off - share @ z) / sd) ** 2),
        np.zeros(prior.sd.size),
        jac=lambda z: 2 * inverse @ z - 2 * share.T @ ((off - share @ z) / sd**2),
        bounds=[(-bound, bound)] * prior.sd.size,
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )
    return found.x


@pytest.mark.parametrize("bound", [10.0, 0.5, 0.2])
def test_the_posterior_is_that_of_a_general_solver_within_bounds(bound: float) -> None:
    rng = np.random.default_rng(7)
    prior = Prior(rng.uniform(0.1, 0.6, 30), rng.integers(0, 8, 30), 0.5)
    share = rng.dirichlet(np.full(30, 0.3), 4)
    off, sd = rng.normal(0, 0.6, 4), np.full(4, 0.1)
    found = posterior(prior, share, off, sd, bound)
    assert found.log_factor == pytest.approx(quadratic(prior, share, off, sd, bound), abs=2e-4)
    assert (np.abs(found.log_factor) <= bound).all()
    assert np.abs(found.log_factor[found.held != 0]) == pytest.approx(bound)
    assert (found.sd <= prior.sd + 1e-12).all()


def test_one_count_on_one_market_is_the_mean_weighted_by_the_inverse_variances() -> None:
    prior = Prior(np.array([0.4]), np.zeros(1, np.int64), 0.5)
    found = posterior(prior, np.ones((1, 1)), np.array([0.3]), np.array([0.2]), 1.0)
    assert found.log_factor[0] == pytest.approx(0.3 * 0.4**2 / (0.4**2 + 0.2**2))
    assert found.sd[0] == pytest.approx((1 / 0.4**2 + 1 / 0.2**2) ** -0.5)


def test_counts_move_the_demand_towards_them(strait: Pack) -> None:
    made = estimate(strait)
    used = made.fitted[made.fitted["used"]]
    assert misses(used, "after").mean() < misses(used, "before").mean()
    assert made.markets["factor"].between(1 / BOUND, BOUND).all()
    assert (made.markets["posterior_cv"] <= made.markets["prior_cv"] + 1e-9).all()
    assert made.passes["change"].iloc[-1] < 0.02


def test_a_count_of_role_test_never_enters(strait: Pack) -> None:
    other = counts_of(
        strait,
        ferry_wagons={"tonnes": 9e6},
        strait_total={"tonnes": 1.0},
        north_rail={"tkm": 1e12},
        mole_coal={"tonnes": 5e6},
    )
    one, two = estimate(strait), estimate(other)
    pd.testing.assert_frame_equal(one.markets, two.markets)
    assert one.scenario == two.scenario
    assert not one.tested.equals(two.tested)


def test_a_count_of_role_fit_does_and_the_surer_the_more(strait: Pack) -> None:
    def tonnes(**cells: object) -> float:
        made = estimate(counts_of(strait, city_line=dict(cells)), passes=1)
        return float(made.fitted.set_index("observation").loc["city-line", "after"])

    low, medium, high = (tonnes(tonnes=2.4e6, confidence=word) for word in ("low", "medium", "high"))
    assert tonnes() < low < medium < high


def test_less_sure_markets_move_more(strait: Pack) -> None:
    markets = strait.table("markets")
    markets["confidence"] = "low"
    made = estimate(strait.replace("markets", markets))
    assert (made.markets["factor"] - 1).abs().max() > (estimate(strait).markets["factor"] - 1).abs().max()


def test_a_count_that_no_demand_explains_is_set_aside_and_says_so(strait: Pack) -> None:
    made = estimate(counts_of(strait, city_line={"tonnes": 50e6}))
    row = made.fitted.set_index("observation").loc["city-line"]
    assert not row["used"] and "no factor" in row["because"]
    assert row["after"] == pytest.approx(row["before"], rel=0.2)


def test_where_every_count_is_set_aside_the_demand_stays(strait: Pack) -> None:
    far = {name: {"tonnes": 90e6, "teu": np.nan} for name in ("city_line", "ab_rail_tonnes", "quay_teu")}
    made = estimate(counts_of(strait, **far))
    assert not made.fitted["used"].any() and (made.markets["factor"] == 1).all()


def test_markets_of_two_countries_and_a_class_err_together(strait: Pack) -> None:
    prior, markets = prior_of(strait), strait.table("markets").set_index("market")
    at = {name: i for i, name in enumerate(markets.index)}
    one, two, other = (
        at[name]
        for name in ("west-east-manufactures", "west-east-manufactures-wary", "east-west-manufactures")
    )
    covariance = prior.times(np.eye(len(markets)))
    assert covariance[one, two] == pytest.approx(0.5 * prior.sd[one] * prior.sd[two])
    assert covariance[one, other] == 0 and covariance[one, one] == pytest.approx(prior.sd[one] ** 2)


def test_a_count_of_a_country_of_a_near_year_stands_for_the_base_year(strait: Pack) -> None:
    def years(year: int) -> int:
        return len(
            standing(
                counts_of(strait, north_rail={"year": year, "tkm": np.nan}, ab_rail_tonnes={"year": year})
            )
        )

    assert years(2023) - years(2022) == 1 and years(2023) - years(2020) == 2


def test_a_region_without_counts_to_fit_is_refused(strait: Pack) -> None:
    seen = strait.table("observations").assign(role="test")
    with pytest.raises(UserError, match="role fit"):
        estimate(strait.replace("observations", seen))
    with pytest.raises(UserError, match="--passes 0"):
        estimate(strait, passes=0)


def test_what_is_written_makes_the_estimated_demand_again(strait: Pack, tmp_path: Path) -> None:
    made = estimate(strait)
    folder = write_estimate(made, tmp_path / "made")
    edited = (
        apply(strait, read_scenario(folder / "scenario.yaml")).table("markets").set_index("market")["tonnes"]
    )
    posterior_t = pd.read_csv(folder / "markets.csv").set_index("market")["posterior"]
    assert edited.to_dict() == pytest.approx(posterior_t.to_dict(), rel=1e-4)
    assert edited.to_dict() == pytest.approx(
        apply(strait, made.scenario).table("markets").set_index("market")["tonnes"].to_dict()
    )
    with pytest.raises(StoreError, match="--force"):
        write_estimate(made, folder)
    write_estimate(made, folder, force=True)


def test_a_prior_may_be_a_scenario_and_the_posterior_is_that_and_one_edit_more(
    strait: Pack, tmp_path: Path
) -> None:
    grown = Scenario(name="More", edits=(Edit(scale=Scale(table="markets", column="tonnes", factor=1.2)),))
    made = estimate(strait, scenario=grown)
    assert made.markets["prior"].sum() == pytest.approx(1.2 * strait.table("markets")["tonnes"].sum())
    folder = write_estimate(made, tmp_path / "made")
    edited = apply(strait, read_scenario(folder / "scenario.yaml")).table("markets")["tonnes"]
    assert edited.tolist() == pytest.approx(made.markets["posterior"].tolist(), rel=1e-4)
    assert made.markets["factor"].mean() < estimate(strait).markets["factor"].mean()


@pytest.fixture(scope="module")
def estimated() -> Estimate:
    return estimate("caspian")


def test_the_counts_of_caspian_are_met_better_and_its_railways_within_a_tenth(estimated: Estimate) -> None:
    used = estimated.fitted[estimated.fitted["used"]]
    assert len(used) >= 10
    assert estimated.passes["off"].iloc[-1] < 0.5 * estimated.passes["off"].iloc[0]
    assert np.median(misses(used, "after")) < 0.5 * np.median(misses(used, "before"))
    assert (estimated.markets["bound"] != "").sum() < 0.01 * len(estimated.markets)
    railways = used[
        (used["kind"] == "country")
        & used["observation"].str.contains("rail-(?:domestic|tkm|minerals)", regex=True)
    ]
    assert len(railways) == 5
    assert (railways["after"] / railways["counted"]).between(0.9, 1.1).all()


def test_counts_kept_for_judging_are_not_met_worse(estimated: Estimate) -> None:
    rows = same_scope(estimated.tested)
    assert len(rows) >= 35
    assert misses(rows, "after").mean() < misses(rows, "before").mean() + 0.005


def test_the_page_and_the_scenario_are_what_the_command_writes(estimated: Estimate, caspian: Pack) -> None:
    numbers = [
        re.findall(r"\| (\d+\.\d\d) \|", text) for text in (page(estimated), PAGE.read_text(encoding="utf-8"))
    ]
    assert len(numbers[0]) == len(numbers[1])
    assert [float(each) for each in numbers[0]] == pytest.approx(
        [float(each) for each in numbers[1]], rel=0.1, abs=0.03
    )
    before, after = (
        each.table("markets")["tonnes"].to_numpy()
        for each in (caspian, apply(caspian, read_scenario(SCENARIO)))
    )
    off = np.abs(np.log(after / before / estimated.markets["factor"].to_numpy()))
    assert np.quantile(off, 0.99) < 0.03
