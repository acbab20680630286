"""Backtest, mapping of other files, journeys and calibration on the invented region."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from isthmus import backtest, calibrate
from isthmus._errors import UserError
from isthmus.cli._main import app
from isthmus.evidence import Backtest, write_scenario
from isthmus.evidence.doors import words_of
from isthmus.evidence.mapping import read_counts
from isthmus.evidence.states import all_or_nothing, prepare_years, solve_years, told
from isthmus.pack import Pack, load
from isthmus.scenario import apply, read_scenario


@pytest.fixture(scope="module")
def scored() -> Backtest:
    return backtest("strait", elasticities=True)


def a_file(folder: Path, text: str) -> Path:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_shares_inside_a_screenline_add_up_to_a_hundred(scored: Backtest) -> None:
    sums = scored.shares.groupby(["screenline", "year", "unit"])[["counted", "model", "prior"]].sum()
    assert len(sums) and sums.to_numpy() == pytest.approx(100.0)


def test_counts_of_another_role_or_wider_scope_are_not_judged(scored: Backtest) -> None:
    judged = set(scored.levels["observation"])
    assert "ferry-wagons" in judged
    assert not judged & {"ab-rail-tonnes", "mole-coal", "overseas-total"}


def test_a_change_is_of_the_model_between_its_years(scored: Backtest) -> None:
    row = scored.changes.iloc[0]
    assert row["counted"] == pytest.approx(1_550_000 / 1_500_000)
    assert (row["first"], row["last"]) == (2023, 2024)
    assert row["model"] > 0 and row["factor"] >= 1.0


def test_all_or_nothing_uses_one_path_a_market(strait: Pack) -> None:
    years = prepare_years(strait, ())
    world = all_or_nothing(solve_years(years)[strait.base_year])
    used = pd.Series(world.prepared.routes.market[world.flow > 0])
    assert not used.duplicated().any()
    assert world.flow.sum() == pytest.approx(world.solved.demand.tonnes[used].sum())


def test_own_prices_lower_and_others_raise_the_tonnes_of_a_corridor(scored: Backtest) -> None:
    table = scored.elasticities.set_index("element")
    assert table.loc["strait-crossing", "price_of_sea"] < 0 < table.loc["north-road-rail", "price_of_sea"]
    assert table.loc["north-road-rail", "price_of_rail"] < 0 < table.loc["strait-crossing", "price_of_rail"]


def test_rows_of_two_places_are_mapped_by_rules(tmp_path: Path, strait: Pack) -> None:
    text = """flow_id,kind,place_a,place_b,mode,commodity,tonnes_thousand,teu,year,direction,note
ferry,corridor,west-quay,east-quay,ferry,general,1500,,2023,both,
wagons,link,east-quay,west-quay,rail-ferry,general,10,,2023,a_to_b,
border,crossing,west-gate,hub-west,rail_1520,coal,9,,2023,a_to_b,
quay,port,west-quay,,sea,container,,17000,2023,in,
round,corridor,west-gate,hub,rail,general,9,,2023,both,
lost,port,nowhere,,sea,general,1,,2023,both,
part,port,west-quay,,sea,general,1,,2023,both,months=7; seven months
railway,operator,west-gate,hub,rail,general,1,,2023,both,
apart,link,west-city,ocean-port,rail,general,1,,2023,both,
old,port,west-quay,,sea,general,1,,1995,both,
"""
    path = a_file(tmp_path, text)
    found = read_counts(path, strait)
    targets = dict(zip(found.rows["observation"], found.rows["targets"], strict=True))
    assert {kind for kind, _, _ in targets["ferry"]} == {"service"} and len(targets["ferry"]) >= 3
    assert targets["wagons"] == (("service", "ferry-rail", "back"),)
    assert targets["border"] == (("crossing", "ab-rail", "forward"),)
    assert targets["quay"] == (("port", "west-quay", "forward"),)
    assert targets["round"] == (("corridor", "north-road-rail", "both"),)
    assert found.rows.set_index("observation")["classes"].to_dict()["border"] == "coal-ores"
    why = dict(zip(found.unmapped["observation"], found.unmapped["why"], strict=True))
    assert (
        "nowhere" in why["lost"]
        and "7 months" in why["part"]
        and "operator" in why["railway"]
        and "between" in why["apart"]
    )
    result = backtest("strait", observations=path)
    assert "1995" in dict(zip(result.unmapped["observation"], result.unmapped["why"], strict=True))["old"]
    assert set(result.levels["observation"]) >= {"ferry", "quay"}


def test_a_file_in_the_layout_of_the_table_scores_as_the_table(
    tmp_path: Path, strait: Pack, scored: Backtest
) -> None:
    own = strait.table("observations")
    path = tmp_path / "observations.csv"
    own[own["role"] == "test"].to_csv(path, index=False)
    again = backtest("strait", observations=path)
    both = again.levels.set_index("observation")["off"], scored.levels.set_index("observation")["off"]
    assert both[0].to_dict() == pytest.approx(both[1].to_dict(), rel=1e-3)


def test_a_file_that_cannot_be_read_is_refused_with_everything_wrong(tmp_path: Path) -> None:
    path = a_file(tmp_path, "kind,tonnes\nport,many\nport\n")
    result = CliRunner().invoke(app, ["backtest", "strait", "--observations", str(path)])
    assert isinstance(result.exception, UserError)
    for part in ("year", "element or place_a", "'many'", "1 cells"):
        assert part in str(result.exception), part


def test_words_of_a_route_ask_for_modes_places_and_countries(strait: Pack) -> None:
    assert words_of("north-road-rail-and-more", strait) == (None, ("west-gate", "hub", "east-gate"), ())
    assert words_of("westshore-rail-hub", strait) == ("rail", ("hub",), ("XAA",))
    assert words_of("", strait) == (None, (), ())


def test_journeys_are_set_beside_the_itinerary_of_their_words(tmp_path: Path) -> None:
    path = tmp_path / "journeys.csv"
    path.write_text(
        "from_place,to_place,route,commodity,transit_days_typ,cost_usd_per_feu,cost_usd_per_t,year,note\n"
        "west-city,east-city,rail,grain,3,,19,2023,\nwest-city,nowhere,rail,grain,3,,19,2023,\nwest-city,hub,,grain,,,,2023,\n",
        encoding="utf-8",
    )
    result = backtest("strait", door_to_door=path)
    assert result.doors["usd_model"].tolist() == pytest.approx([19.4], rel=0.05)
    assert len(result.unmapped[result.unmapped["what"].str.contains("nowhere|hub")]) == 2


def test_the_command_prints_one_document() -> None:
    result = CliRunner().invoke(app, ["backtest", "strait", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["command"] == "backtest" and {row["part"] for row in document["scores"]} == {
        "a",
        "b",
        "c",
        "d",
    }


def test_calibration_goes_towards_the_truth_and_leaves_test_rows_alone(
    tmp_path: Path, copy_of_strait: Path
) -> None:
    truth = apply(load("strait"), read_scenario(_truth(tmp_path)))
    solved = solve_years(prepare_years(truth, ()))[truth.base_year]
    flows = told(solved).tables["flows"]
    elements = (
        "rail-west-gate-hub-west",
        "ferry-rail",
        "ferry-road",
        "road-west-gate-hub-west",
        "boxes-west",
    )
    rows = [
        (
            "count-" + name,
            name,
            flows.loc[flows["element"] == name, "kind"].iloc[0],
            flows.loc[flows["element"] == name, "tonnes"].sum(),
        )
        for name in elements
        if (flows["element"] == name).any()
    ]
    lines = [
        "observation,what,kind,element,direction,trunk,traffic,classes,year,tonnes,teu,tkm,role,screenline,wider,source,confidence,note"
    ]
    lines += [
        f"{i},{i},{kind},{element},both,,,,2023,{tonnes:.0f},,,fit,line,,invented,high,"
        for i, element, kind, tonnes in rows
    ]
    lines += ["untold,Goods by rail,country,XBB,both,rail,domestic,grain,2023,9e6,,,fit,,,invented,high,"]
    lines += ["far-off,A count of role test,service,ferry-rail,both,,,,2023,1,,,test,,,invented,high,"]
    (copy_of_strait / "observations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = calibrate(copy_of_strait, iterations=1)
    assert result.loss[1] < 0.7 * result.loss[0]
    assert not result.rows["row"].str.contains("far-off").any()
    assert not result.rows["row"].str.contains("untold").any()
    fitted = result.parameters.set_index("parameter")
    assert fitted.loc["rail-usd-per-t", "fitted"] > 0.5
    assert (fitted["fitted"] >= fitted["low"]).all() and (fitted["fitted"] <= fitted["high"]).all()
    written = read_scenario(write_scenario(result, tmp_path / "fitted.yaml"))
    assert (
        apply(load("strait"), written).parameters["rail-usd-per-t"] == fitted.loc["rail-usd-per-t", "fitted"]
    )


def _truth(folder: Path) -> Path:
    path = folder / "truth.yaml"
    path.write_text(
        "name: truth\nedits:\n- set: {table: parameters, column: value, rows: rail-usd-per-t, value: 6}\n",
        encoding="utf-8",
    )
    return path
