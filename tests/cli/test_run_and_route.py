"""`isthmus run` and `isthmus route` as a user types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from isthmus import route
from isthmus._errors import UserError


def isthmus(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "isthmus", *words], capture_output=True, text=True, check=False
    )


def test_run_prints_json_alone_on_standard_output() -> None:
    done = isthmus("run", "strait", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert {
        "isthmus",
        "command",
        "schema",
        "region",
        "certificate",
        "corridors",
        "crossings",
        "ports",
        "countries",
    } <= set(document)
    assert document["certificate"]["converged"] is True
    assert "routes of" in done.stderr


def test_run_writes_a_folder_and_refuses_to_overwrite_it(tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    assert isthmus("run", "strait", "--out", folder).returncode == 0
    again = isthmus("run", "strait", "--out", folder)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert isthmus("run", "strait", "--out", folder, "--force").returncode == 0


def test_a_state_that_does_not_last_is_said_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("name: Ferry out\nedits:\n  - close: {services: [ferry-rail]}\n  - lasts: 30\n")
    assert "while the state lasts" in isthmus("run", "strait", "--scenario", str(file)).stdout
    file.write_text("name: Ferry out\nedits:\n  - close: {services: [ferry-rail]}\n")
    assert "while the state lasts" not in isthmus("run", "strait", "--scenario", str(file)).stdout


def test_a_wrong_scenario_says_everything_wrong_and_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "name: wrong\nedits:\n  - close: {crossings: [nowhere]}\n  - scale: {table: links, column: length_km, factor: x}\n"
    )
    done = isthmus("run", "strait", "--scenario", str(file), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "factor" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "nowhere"), "nowhere"),
        (("route", "west-city", "nowhere-at-all", "--region", "strait"), "nowhere-at-all"),
        (("route", "west-city", "west-city", "--region", "strait"), "same place"),
        (("route", "west-city", "east-city", "--region", "strait", "--cargo", "gold"), "gold"),
        (("route", "west-city", "east-city", "--region", "strait", "--by", "beauty"), "beauty"),
        (("route", "west-city", "east-city", "--region", "strait", "--avoid", "XXX"), "XXX"),
        (
            (
                "route",
                "west-city",
                "ocean-port",
                "--region",
                "strait",
                "--avoid",
                "west-quay,east-quay,west-mole",
            ),
            "no open way",
        ),
        (("route", "west-city", "east-city", "--region", "strait", "--alternatives", "0"), "alternatives"),
    ],
)
def test_wrong_input_exits_with_2_and_says_what(words: tuple[str, ...], said: str) -> None:
    done = isthmus(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_itineraries_differ_and_the_best_comes_first() -> None:
    found = route("west-city", "east-city", region="strait", by="cost", alternatives=4)
    cost = found.summary["usd_per_t"].tolist()
    assert len(cost) >= 3
    assert cost == sorted(cost)
    assert len({tuple(way.legs["mode"] + way.legs["to_place"]) for way in found.ways}) == len(cost)


def test_each_criterion_is_best_at_what_it_minimises() -> None:
    best = {
        by: route("west-city", "east-city", region="strait", by=by).summary.iloc[0]
        for by in ("cost", "time", "co2")
    }
    for by, column in (("cost", "usd_per_t"), ("time", "days"), ("co2", "co2_kg_per_t")):
        assert all(best[by][column] <= other[column] + 1e-9 for other in best.values())
    assert best["time"]["days"] < best["cost"]["days"]


def test_legs_add_up_to_the_whole() -> None:
    for way in route("west-city", "ocean-port", region="strait").ways:
        assert way.legs["hours"].sum() == pytest.approx(way.summary["days"] * 24)
        assert way.legs["usd_per_t"].sum() == pytest.approx(way.summary["usd_per_t"])
        assert way.legs["km"].sum() == pytest.approx(way.summary["km"])
        assert (way.legs["what"] == "border").sum() == way.summary["borders"]


def test_a_place_to_pass_is_passed_and_a_country_to_avoid_is_not() -> None:
    passing = route("west-city", "east-city", region="strait", via=["hub"]).summary
    assert all("Hub" in places for places in passing["places"])
    around = route("west-city", "east-city", region="strait", avoid=["XBB"]).summary
    assert not any("Hub" in places for places in around["places"])


def test_freight_may_begin_where_no_zone_lies() -> None:
    assert route("west-gate", "east-gate", region="strait").summary["km"].iloc[0] > 0


def test_an_unknown_place_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(UserError, match="west"):
        route("west", "east-city", region="strait")
