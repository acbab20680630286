"""What headlines rest on: first-order shares of their variance."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isthmus import variance
from isthmus._errors import UserError
from isthmus.evidence import write_variance
from isthmus.evidence.rests import REPLICATES, changed, components, design, factors_of, groups_of
from isthmus.pack import Pack
from isthmus.store import StoreError, read_run
from tests.regions.rests import DRAWS, PAGE


@pytest.fixture(scope="module")
def made(strait: Pack) -> object:
    return variance(strait, draws=30)


def test_shares_of_a_function_that_is_known_come_out() -> None:
    """Components of an additive function with an interaction (Sobol' shares by hand), over 15 designs."""
    wanted, found = np.array([0.5, 0.2, 0.1, 0.0]), []
    for seed in range(15):
        versions, rng = design(4, 40, seed), np.random.default_rng(seed)
        each = rng.standard_normal((4, 40))
        x = np.stack([each[g][versions[:, g]] for g in range(4)])
        value = np.sqrt(wanted) @ x + np.sqrt(0.2) * x[0] * x[1]
        found.append(components(value, versions)[0])
    assert np.mean(found, axis=0) == pytest.approx(wanted, abs=0.04)


def test_the_standard_error_is_the_spread_of_the_shares() -> None:
    shares, errors = [], []
    for seed in range(15):
        versions, rng = design(3, 20, seed), np.random.default_rng(seed)
        each = rng.standard_normal((3, 20))
        value = (
            each[0][versions[:, 0]] + 0.5 * each[1][versions[:, 1]] + 0.7 * rng.standard_normal(len(versions))
        )
        share, error = components(value, versions)
        shares.append(share)
        errors.append(error)
    assert np.mean(errors, axis=0)[:2] == pytest.approx(np.std(shares, axis=0)[:2], rel=0.5)


def test_a_headline_that_nothing_moves_rests_on_nothing() -> None:
    share, error = components(np.full(50, 3.0), design(3, 10, 1))
    assert (share == 0).all() and (error == 0).all()


def test_every_version_of_a_group_is_seen_once_in_each_replicate() -> None:
    versions = design(4, 8, 3)
    assert versions.shape == (8 * REPLICATES, 4)
    for start in range(0, len(versions), 8):
        assert (np.sort(versions[start : start + 8], axis=0) == np.arange(8)[:, None]).all()


def test_only_rows_of_the_confidence_of_a_group_are_drawn(strait: Pack) -> None:
    markets = strait.table("markets")
    markets["confidence"] = ["low" if i % 2 else "high" for i in range(len(markets))]
    pack = strait.replace("markets", markets)
    groups = {group.name: group for group in groups_of(pack)}
    assert set(groups) == {"demand, high", "demand, low", "prices", "hours", "capacities", "parameters"}
    drawn = changed(pack, factors_of(pack, groups["demand, low"], np.random.default_rng(1))).table("markets")
    moved = (drawn["tonnes"] != pack.table("markets")["tonnes"]).to_numpy(bool)
    assert (moved == (drawn["confidence"] == "low").to_numpy(bool)).all()


def test_factors_have_mean_one_and_the_stated_coefficient_of_variation(strait: Pack) -> None:
    group = next(group for group in groups_of(strait) if group.name == "prices")
    drawn = np.array(
        [factors_of(strait, group, np.random.default_rng(i))["terminals", "usd_per_t"] for i in range(800)]
    )
    sure = (strait.table("terminals")["confidence"] == "high").to_numpy(bool)
    assert drawn[:, sure].mean() == pytest.approx(1.0, abs=0.005)
    assert drawn[:, sure].std(axis=0) == pytest.approx(group.cv["high"], rel=0.1)


def test_what_is_drawn_stays_within_its_column_and_conventions_stay(strait: Pack) -> None:
    for group in groups_of(strait):
        for seed in range(20):
            factors = {
                key: value**8 for key, value in factors_of(strait, group, np.random.default_rng(seed)).items()
            }
            drawn = changed(strait, factors)  # out of range raises
            for name in ("base-year", "max-routes", "set-factor"):
                assert drawn.parameters[name] == strait.parameters[name]


def test_the_shares_of_strait_are_shares(made: object) -> None:
    shares, groups = made.shares, made.groups  # type: ignore[attr-defined]
    names = groups["group"].tolist()
    assert names == ["demand, high", "prices", "hours", "capacities", "parameters"]
    assert (shares[names] >= 0).all(axis=None) and (
        shares[[*names, "rest"]].sum(axis=1) - 1
    ).abs().max() < 1e-9
    shipped = shares.set_index("headline").loc["shipped"]
    assert shipped["demand, high"] > 0.9  # tonnes of the base year rest on demand alone
    assert len(made.runs) == made.draws == 30  # type: ignore[attr-defined]
    assert made.unsolved == 0  # type: ignore[attr-defined]


def test_equal_seeds_give_equal_draws_and_others_others(strait: Pack) -> None:
    one, two, other = (variance(strait, draws=10, seed=seed).runs for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)


def test_surer_inputs_carry_less_of_the_variance(strait: Pack) -> None:
    markets = strait.table("markets")
    markets["confidence"] = "low"
    unsure = variance(strait.replace("markets", markets), draws=10).shares.set_index("headline")
    sure = variance(strait, draws=10).shares.set_index("headline")
    assert unsure["cv"]["shipped"] > 2 * sure["cv"]["shipped"]
    assert unsure["demand, low"].mean() > sure["demand, high"].mean()


def test_too_few_draws_are_refused(strait: Pack) -> None:
    with pytest.raises(UserError, match="--draws 4"):
        variance(strait, draws=4)
    with pytest.raises(UserError, match="--seed -1"):
        variance(strait, seed=-1)


def test_what_is_written_can_be_read(made: object, tmp_path: Path) -> None:
    folder = write_variance(made, tmp_path / "made")  # type: ignore[arg-type]
    tables = read_run(folder).tables
    assert set(tables) == {"variance_shares", "variance_groups", "variance_runs"}
    assert len(tables["variance_shares"]) == len(made.shares)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="--force"):
        write_variance(made, folder)  # type: ignore[arg-type]


def test_the_page_of_caspian_has_its_groups_and_corridors(caspian: Pack) -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    names = [group.name for group in groups_of(caspian)]
    assert rows[0][5:-1] == names and f"from {DRAWS} draws" in text
    assert {f"corridor {name}" for name in caspian.table("corridors")["corridor"]} <= {row[0] for row in rows}
    for row in rows[1:]:
        assert sum(float(cell) for cell in row[5:]) == pytest.approx(100, abs=4)
