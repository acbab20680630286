"""Scenario files."""

from pathlib import Path

import pytest

from isthmus.pack import SCHEMA, Pack
from isthmus.scenario import Scenario, ScenarioError, apply, read_scenario, write_factors
from isthmus.tables import key_texts

TEXT = """
name: The strait is shut
note: Ferries stop, the bridge comes early.
edits:
  - year: 2025
  - close: {services: [ferry-rail, ferry-road]}
  - build: strait-bridge
  - scale: {table: markets, column: tonnes, factor: 1.1, where: {cargo_class: grain}}
  - set: {table: services, column: load_factor, value: 0.8, rows: [bulk-west]}
"""


def test_a_scenario_is_read_from_yaml_and_the_same_from_its_json(strait: Pack, tmp_path: Path) -> None:
    path = tmp_path / "shut.yaml"
    path.write_text(TEXT)
    scenario = read_scenario(path)
    assert [edit.kind for edit in scenario.edits] == ["year", "close", "build", "scale", "set"]
    other = tmp_path / "shut.json"
    other.write_text(scenario.model_dump_json(exclude_unset=True))
    assert read_scenario(other) == scenario
    assert apply(strait, read_scenario(other)).hash == apply(strait, scenario).hash


def test_everything_wrong_in_a_scenario_file_is_listed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "nome: x\nedits:\n  - close: {}\n  - year: soon\n  - scale: {table: lynx, column: a, factor: -1}\n"
        "  - {year: 2030, build: a}\n  - explode: all\n  - set: {table: links, column: link, value: x}\n"
        "  - scale: {table: links, column: mode, factor: 2}\n  - set: {table: links, column: mode}\n"
    )
    with pytest.raises(ScenarioError) as error:
        read_scenario(path)
    lines = [str(problem) for problem in error.value.problems]
    for words in (
        "column name",
        "nome",
        "edits 1, close",
        "edits 2, year: found 'soon'",
        "'lynx', expected one of: sources",
        "edits 3, scale, factor",
        "edits 4",
        "explode",
        "edits 6, set",
        "holds no numbers",
        "edits 8, set, value",
    ):
        assert any(words in line for line in lines), (words, lines)


def test_a_file_that_is_no_yaml_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("name: [")
    with pytest.raises(ScenarioError, match="no YAML"):
        read_scenario(path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_scenario(tmp_path / "absent.yaml")
    path.write_text("just words")
    with pytest.raises(ScenarioError):
        read_scenario(path)


def test_models_are_immutable() -> None:
    scenario = Scenario(name="x")
    with pytest.raises(ValueError, match="frozen"):
        scenario.name = "y"  # type: ignore[misc]


def test_factors_of_rows_stand_in_a_file_beside_the_scenario(strait: Pack, tmp_path: Path) -> None:
    path = tmp_path / "factors.yaml"
    path.write_text("name: x\nedits:\n  - scale: {table: markets, column: tonnes, factors: f.csv}\n")
    write_factors(tmp_path / "f.csv", "markets", {"west-east-grain": 2.0, "west-ocean-grain": 0.25})
    before, after = (
        each.table("markets").set_index("market")["tonnes"]
        for each in (strait, apply(strait, read_scenario(path)))
    )
    ratio = after / before
    assert ratio["west-east-grain"] == 2 and ratio["west-ocean-grain"] == 0.25
    assert (ratio.drop(["west-east-grain", "west-ocean-grain"]) == 1).all()


def test_a_key_of_several_columns_has_a_column_for_each(strait: Pack, tmp_path: Path) -> None:
    key = key_texts(strait.table("rates"), SCHEMA.tables["rates"])[0]
    write_factors(tmp_path / "f.csv", "rates", {key: 3.0})
    path = tmp_path / "factors.yaml"
    path.write_text("name: x\nedits:\n  - scale: {table: rates, column: usd_per_tkm, factors: f.csv}\n")
    before, after = (
        each.table("rates")["usd_per_tkm"] for each in (strait, apply(strait, read_scenario(path)))
    )
    assert (before != after).sum() == 1


def test_everything_wrong_in_a_file_of_factors_is_listed_at_once(strait: Pack, tmp_path: Path) -> None:
    path = tmp_path / "factors.yaml"
    path.write_text("name: x\nedits:\n  - scale: {table: markets, column: tonnes, factors: f.csv}\n")
    (tmp_path / "f.csv").write_text(
        "market,factor\nwest-east-grain,two\nwest-ocean-grain,-1\neast-north-food,1\neast-north-food,2\n"
    )
    with pytest.raises(ScenarioError) as error:
        read_scenario(path)
    for part in (
        "row 2, column factor: found 'two'",
        "row 3, column factor: found '-1'",
        "row 5, column market: found 'east-north-food'",
    ):
        assert part in str(error.value)
    (tmp_path / "f.csv").write_text("markt,factor\nx,1\n")
    with pytest.raises(ScenarioError, match="row 1, column market"):
        read_scenario(path)
    (tmp_path / "f.csv").write_text("market,factor\nnowhere,1\n")
    with pytest.raises(ScenarioError, match="found 'nowhere'"):
        apply(strait, read_scenario(path))
    (tmp_path / "f.csv").unlink()
    with pytest.raises(ScenarioError, match=r"f\.csv"):
        read_scenario(path)


def test_a_scale_has_one_factor_or_factors_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "both.yaml"
    path.write_text(
        "name: x\nedits:\n  - scale: {table: markets, column: tonnes}\n"
        "  - scale: {table: markets, column: tonnes, factor: 2, factors: {a: 1}}\n"
        "  - scale: {table: markets, column: tonnes, factors: {}}\n"
    )
    with pytest.raises(ScenarioError) as error:
        read_scenario(path)
    assert str(error.value).count("exactly one of: factor, factors") == 2 and "one row at least" in str(
        error.value
    )
