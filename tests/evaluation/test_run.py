"""Evaluations of strait: what a run says, against the base and on disk."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isthmus import run
from isthmus._errors import UserError
from isthmus.evaluation import Evaluation, summaries, write
from isthmus.scenario import Scenario
from isthmus.store import read_run


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return run("strait", gap=1.0)


def scenario(*edits: dict[str, object]) -> Scenario:
    return Scenario.model_validate({"name": "test", "edits": list(edits)})


def tonnes_through(result: Evaluation, element: str) -> float:
    flows = result.tables["flows"]
    return float(flows.loc[flows["element"] == element, "tonnes"].sum())


def test_the_base_ships_what_its_markets_ask(base: Evaluation) -> None:
    markets = base.tables["markets"]
    assert base.certificate.gap <= 1.0
    assert markets["shipped"].sum() == pytest.approx(markets["tonnes"].sum(), rel=2e-3)
    assert markets.loc[markets["not_shipped_because"].isna(), "shipped"].gt(0).all()


def test_closing_a_border_moves_its_freight_to_the_next_best_route(base: Evaluation) -> None:
    closed = run("strait", gap=1.0, scenario=scenario({"close": {"crossings": ["ab-rail"]}}))
    assert tonnes_through(base, "rail-west-gate-hub-west") > 1e6
    assert tonnes_through(closed, "rail-west-gate-hub-west") == 0.0
    assert tonnes_through(closed, "ferry-rail") > tonnes_through(base, "ferry-rail")


def test_closing_a_border_loses_in_total_and_says_who_loses(base: Evaluation) -> None:
    closed = run("strait", gap=1.0, scenario=scenario({"close": {"crossings": ["ab-rail"]}}))
    gains = closed.tables["gains"].set_index("country")
    assert gains["gain_usd"].sum() < -1e5
    assert gains["gain_usd"].sum() == pytest.approx(gains["surplus_usd"].sum() + gains["rent_usd"].sum())
    assert "gains" not in base.tables


def test_a_project_gains_what_the_objective_gains(base: Evaluation) -> None:
    built = run("strait", gap=1.0, scenario=scenario({"build": "strait-bridge"}))
    gain = built.tables["gains"]["gain_usd"].sum()
    again = run(
        "strait",
        gap=1.0,
        scenario=scenario(
            {"set": {"table": "parameters", "rows": ["base-year"], "column": "note", "value": None}}
        ),
    )
    objective = again.certificate.objective - built.certificate.objective
    assert gain > 1e5
    assert gain == pytest.approx(objective, rel=0.02)


def test_a_year_changes_sailings_and_demand(base: Evaluation) -> None:
    later = run("strait", year=2025, gap=1.0)
    assert later.pack.year == 2025
    assert later.key != base.key
    asked = later.tables["markets"]["tonnes"].sum() / base.tables["markets"]["tonnes"].sum()
    assert not np.isclose(asked, 1.0)


def test_a_project_due_in_a_year_is_open_in_it(base: Evaluation) -> None:
    assert tonnes_through(run("strait", year=2032, gap=10.0), "rail-west-quay-east-quay") > 1e5
    assert tonnes_through(base, "rail-west-quay-east-quay") == 0.0


def test_accounts_add_up_to_what_is_paid_and_shipped(base: Evaluation) -> None:
    accounts, receipts = base.tables["accounts"], base.tables["receipts"]
    assert accounts["receipts_usd"].sum() == pytest.approx(receipts["usd"].sum())
    assert accounts["tonnes"].sum() == pytest.approx(base.tables["markets"]["shipped"].sum())
    assert accounts["co2_t"].sum() == pytest.approx(base.tables["countries"]["co2_t"].sum())
    scarcity = receipts.loc[receipts["payee"] == "scarcity", "usd"].sum()
    assert scarcity == pytest.approx(base.tables["pools"]["rent_usd"].sum())


def test_equal_inputs_give_equal_outputs_bit_for_bit(base: Evaluation) -> None:
    again = run("strait", gap=1.0)
    assert again.key == base.key
    for name, table in base.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)


def test_guesses_bind_only_if_asked(base: Evaluation) -> None:
    asked = run("strait", guesses=True, gap=1.0)
    assert "bc-rail" not in set(base.tables["pools"]["pool"])
    assert "bc-rail" in set(asked.tables["pools"]["pool"])
    assert asked.key != base.key
    crossings = next(frame for title, frame, _ in summaries(asked) if title == "Border crossings")
    assert "estimate" in set(crossings["price rests on"])
    assert all("price rests on" not in frame for _, frame, _ in summaries(base))


def test_a_run_is_read_back_as_it_was_written(base: Evaluation, tmp_path: Path) -> None:
    found = read_run(write(base, tmp_path / "run"))
    assert found.manifest["region"]["name"] == "strait"
    assert found.manifest["certificate"]["gap_usd"] == base.certificate.gap
    assert found.tables["corridors"]["tonnes"].sum() == base.tables["corridors"]["tonnes"].sum()
    assert (tmp_path / "run" / "map.gpkg").stat().st_size > 0
    json.loads((tmp_path / "run" / "manifest.json").read_text())


def test_an_existing_folder_is_refused_without_force(base: Evaluation, tmp_path: Path) -> None:
    write(base, tmp_path / "run")
    with pytest.raises(UserError, match="exists"):
        write(base, tmp_path / "run")
    write(base, tmp_path / "run", force=True)


def test_every_printed_table_has_rows(base: Evaluation) -> None:
    titles = {title: len(frame) for title, frame, _ in summaries(base)}
    assert len(titles) == 5
    assert all(rows > 0 for title, rows in titles.items() if not title.startswith("Not shipped"))


def test_what_nothing_carries_is_said_to_have_no_route() -> None:
    shut = run("strait", gap=10.0, scenario=scenario({"close": {"places": ["ocean-port"]}}))
    markets = shut.tables["markets"]
    overseas = markets[(markets["origin"] == "ocean") | (markets["destination"] == "ocean")]
    assert (overseas["shipped"] == 0).all()
    assert set(overseas["not_shipped_because"]) == {"no open route"}
