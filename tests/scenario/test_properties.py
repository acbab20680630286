"""What holds of every scenario."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import isthmus
from isthmus.pack import SCHEMA
from isthmus.scenario import Scenario, apply

STRAIT = isthmus.load("strait")
HASH = STRAIT.hash

ids = {
    name: STRAIT.table(name)[SCHEMA.tables[name].key[0]].tolist()
    for name in ("links", "crossings", "services", "pools")
}
closures = st.sampled_from(("links", "crossings", "services")).flatmap(
    lambda table: st.lists(st.sampled_from(ids[table]), min_size=1, max_size=3).map(
        lambda rows: {"close": {table: rows}}
    )
)
scalings = st.builds(
    lambda row, factor: {"scale": {"table": "links", "column": "length_km", "factor": factor, "rows": [row]}},
    st.sampled_from(ids["links"]),
    st.sampled_from([0.25, 0.5, 2.0, 4.0]),
)
delays = st.builds(
    lambda row, hours: {"set": {"table": "pools", "column": "delay_hours", "value": hours, "rows": [row]}},
    st.sampled_from(ids["pools"]),
    st.integers(0, 50),
)
builds = st.sampled_from(STRAIT.table("projects")["project"].tolist()).map(
    lambda project: {"build": [project]}
)
avoidances = st.sampled_from(["XAA", "XBB", "XCC"]).map(lambda country: {"avoid": {"countries": [country]}})
years = st.sampled_from([2010, 2023, 2024, 2030]).map(lambda year: {"year": year})
any_edit = st.one_of(closures, scalings, delays, builds, avoidances)
few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def done(*edits: dict[str, Any]) -> isthmus.pack.Pack:  # type: ignore[name-defined]
    return apply(STRAIT, Scenario.model_validate({"name": "any", "edits": list(edits)}))


@few
@given(st.lists(any_edit, max_size=4), years)
def test_the_pack_that_is_edited_stays_as_it_was(edits: list[dict[str, Any]], year: dict[str, Any]) -> None:
    assert done(year, *edits).hash == done(year, *edits).hash
    fresh = isthmus.load("strait")
    assert fresh.hash == HASH
    for name in SCHEMA.tables:
        assert STRAIT.table(name).equals(fresh.table(name))


@few
@given(closures, scalings, delays)
def test_edits_of_different_things_commute(one: dict, two: dict, three: dict) -> None:
    assert done(one, two, three).hash == done(three, two, one).hash


@few
@given(st.lists(any_edit, max_size=3), st.lists(any_edit, max_size=3))
def test_two_scenarios_in_a_row_are_one_of_both_lists(first: list, second: list) -> None:
    both = done(*first, *second)
    assert apply(done(*first), Scenario.model_validate({"name": "second", "edits": second})).hash == both.hash


@few
@given(scalings)
def test_a_scaling_and_its_inverse_change_nothing(edit: dict[str, Any]) -> None:
    back = {"scale": {**edit["scale"], "factor": 1 / edit["scale"]["factor"]}}
    assert done(edit, back).hash == HASH


@few
@given(closures)
def test_a_closure_and_setting_its_statuses_back_change_nothing(edit: dict[str, Any]) -> None:
    ((table, rows),) = edit["close"].items()
    status = dict(STRAIT.table(table)[[SCHEMA.tables[table].key[0], "status"]].values)
    back = [
        {"set": {"table": table, "column": "status", "value": status[row], "rows": [row]}} for row in rows
    ]
    assert done(edit, *back).hash == HASH


@few
@given(any_edit)
def test_an_edit_made_twice_is_made_once_unless_it_scales(edit: dict[str, Any]) -> None:
    if "scale" not in edit:
        assert done(edit, edit).hash == done(edit).hash


def test_no_edit_is_no_change() -> None:
    assert done().hash == HASH


@pytest.mark.parametrize("key", ["length_km", "speed_kmh"])
def test_renaming_a_scenario_changes_nothing(key: str) -> None:
    edit = {"scale": {"table": "links", "column": key, "factor": 0.5}}
    one, two = (Scenario.model_validate({"name": name, "edits": [edit]}) for name in ("a", "b"))
    assert apply(STRAIT, one).hash == apply(STRAIT, two).hash
