"""What each edit does to a region."""

import numpy as np
import pandas as pd
import pytest

from isthmus.pack import SCHEMA, Pack
from isthmus.scenario import Scenario, ScenarioError, apply

ELEMENTS = ("links", "crossings", "terminals", "services")


def edited(pack: Pack, *edits: dict[str, object]) -> Pack:
    return apply(pack, Scenario.model_validate({"name": "test", "edits": list(edits)}))


def row(pack: Pack, table: str, key: str) -> "pd.Series[object]":
    frame = pack.table(table)
    return frame[frame[SCHEMA.tables[table].key[0]] == key].iloc[0]


def closed(pack: Pack, table: str) -> set[str]:
    frame = pack.table(table)
    return set(frame[SCHEMA.tables[table].key[0]][frame["status"] == "closed"])


def refused(pack: Pack, *edits: dict[str, object]) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        edited(pack, *edits)
    return [str(problem) for problem in error.value.problems]


def test_closing_elements_closes_them_and_nothing_else(strait: Pack) -> None:
    after = edited(strait, {"close": {"crossings": ["ab-road"], "services": ["ferry-rail"]}})
    assert closed(after, "crossings") - closed(strait, "crossings") == {"ab-road"}
    assert closed(after, "services") - closed(strait, "services") == {"ferry-rail"}
    assert all(
        after.shares(table, strait) for table in SCHEMA.tables if table not in ("crossings", "services")
    )


def test_closing_a_country_closes_all_that_touches_it(strait: Pack) -> None:
    after = edited(strait, {"close": {"countries": "XBB"}})
    inside = set(strait.table("places").query("country == 'XBB'")["place"])
    for table in ELEMENTS:
        frame = after.table(table)
        ends = [name for name in ("from_place", "to_place", "place") if name in frame]
        touches = frame[ends].isin(inside).any(axis=1)
        assert touches.any() or table == "services"
        assert (frame["status"][touches] == "closed").all()
        assert (frame["status"][~touches] == strait.table(table)["status"][~touches]).all()


def test_closing_a_place_closes_its_links_ships_and_terminals(strait: Pack) -> None:
    after = edited(strait, {"close": {"places": ["west-quay"]}})
    assert {"ferry-rail", "bulk-west"} <= closed(after, "services")
    assert "bulk-east" not in closed(after, "services")
    assert set(after.table("terminals").query("place == 'west-quay'")["status"]) == {"closed"}


def test_a_project_built_makes_its_edits(strait: Pack) -> None:
    after = edited(strait, {"build": "strait-bridge"})
    assert row(after, "crossings", "bridge")["status"] == "open"
    assert row(after, "links", "rail-west-quay-east-quay")["status"] == "open"
    assert row(edited(strait, {"build": ["border-loops"]}), "pools", "ab-rail")["capacity"] == 3


def test_avoiding_a_country_bars_it_to_every_group(strait: Pack) -> None:
    bans = edited(strait, {"avoid": {"countries": ["XBB"]}}).in_force("bans")
    barred = bans[(bans["kind"] == "country") & (bans["target"] == "XBB")]
    assert set(barred["group"]) == set(strait.table("groups")["group"])
    one = edited(strait, {"avoid": {"operators": "strait-line", "places": "hub", "groups": ["any"]}}).table(
        "bans"
    )
    assert len(one) == len(strait.table("bans")) + 2


def test_scaling_multiplies_the_selected_rows_only(strait: Pack) -> None:
    after = edited(
        strait,
        {
            "scale": {
                "table": "markets",
                "column": "tonnes",
                "factor": 2,
                "where": {"cargo_class": ["grain", "food"]},
            }
        },
    )
    before = strait.table("markets")
    ratio = after.table("markets")["tonnes"] / before["tonnes"]
    assert set(ratio[before["cargo_class"].isin(["grain", "food"])]) == {2.0}
    assert set(ratio[~before["cargo_class"].isin(["grain", "food"])]) == {1.0}


@pytest.mark.parametrize(
    ("table", "where", "count"),
    [
        ("links", {"mode": "road"}, lambda pack: (pack.table("links")["mode"] == "road").sum()),
        ("markets", {"from_country": "XZZ"}, lambda pack: (pack.table("markets")["origin"] == "ocean").sum()),
        (
            "markets",
            {"to_country": "XZZ"},
            lambda pack: (pack.table("markets")["destination"] == "ocean").sum(),
        ),
        ("services", {"place": "west-mole"}, lambda pack: 1),
        ("terminals", {"country": "XBB", "status": ["open", "planned"]}, None),
        ("crossings", {"modes": "rail-1435"}, None),
    ],
)
def test_conditions_select_by_columns_and_by_where_the_ends_lie(strait: Pack, table, where, count) -> None:
    after = edited(strait, {"set": {"table": table, "column": "note", "value": "chosen", "where": where}})
    chosen = (after.table(table)["note"] == "chosen").sum()
    assert 0 < chosen < len(after.table(table))
    if count:
        assert chosen == count(strait)


def test_setting_writes_a_value_of_the_columns_type(strait: Pack) -> None:
    after = edited(
        strait,
        {"set": {"table": "services", "column": "load_factor", "value": 0.5, "rows": "bulk-west"}},
        {"set": {"table": "services", "column": "classes", "value": ["grain", "oil"], "rows": "bulk-west"}},
        {"set": {"table": "services", "column": "departures_per_week", "value": None, "rows": "bulk-west"}},
        {"set": {"table": "links", "column": "electrified", "value": True}},
        {"set": {"table": "parameters", "column": "value", "value": 9, "rows": "route-kappa"}},
    )
    service = row(after, "services", "bulk-west")
    assert service["load_factor"] == 0.5 and service["classes"] == "grain|oil"
    assert np.isnan(service["departures_per_week"])
    assert set(after.table("links")["electrified"]) == {True}
    assert after.parameters["route-kappa"] == 9


def test_rows_with_several_key_columns_are_named_by_joining_them(strait: Pack) -> None:
    after = edited(
        strait, {"scale": {"table": "rates", "column": "usd_per_tkm", "factor": 3, "rows": "road||||"}}
    )
    changed = after.table("rates")["usd_per_tkm"] != strait.table("rates")["usd_per_tkm"]
    assert changed.sum() <= 1


def test_everything_that_cannot_be_done_is_said_at_once(strait: Pack) -> None:
    lines = refused(
        strait,
        {"close": {"crossings": ["ab-rode", "ab-rail"], "countries": ["XXX"]}},
        {"build": ["tunnel"]},
        {"avoid": {"operators": ["nobody"], "groups": ["elves"]}},
        {"scale": {"table": "links", "column": "speed_kmh", "factor": 90, "where": {"mode": "road"}}},
        {"set": {"table": "links", "column": "status", "value": "ajar", "rows": ["no-link"]}},
        {"set": {"table": "links", "column": "pool", "value": "no-pool"}},
        {
            "set": {
                "table": "links",
                "column": "note",
                "value": "x",
                "where": {"colour": "red", "mode": "sea"},
            }
        },
        {"set": {"table": "parameters", "column": "value", "value": 0.1, "rows": "set-factor"}},
        {"set": {"table": "parameters", "column": "value", "value": 2030, "rows": "base-year"}},
        {"year": 1066},
    )
    for number, words in enumerate(
        (
            "'ab-rode'",
            "'tunnel'",
            "'nobody'",
            "at most 120",
            "'ajar'",
            "'no-pool'",
            "'colour'",
            "set-factor",
            "year",
        ),
        start=1,
    ):
        assert any(line.startswith(f"edit {number},") and words in line for line in lines), (
            number,
            words,
            lines,
        )
    assert any("'XXX'" in line for line in lines) and any("'elves'" in line for line in lines)
    assert any(line.startswith("edit 10, year") for line in lines)


def test_rules_between_tables_hold_after_an_edit_too(strait: Pack) -> None:
    lines = refused(
        strait, {"set": {"table": "crossings", "column": "modes", "value": "sea", "rows": "ab-road"}}
    )
    assert any("a row of crossings for its two places and mode" in line for line in lines)
    lines = refused(strait, {"scale": {"table": "segments", "column": "share", "factor": 0.5}})
    assert any("add to 0.5" in line for line in lines)
