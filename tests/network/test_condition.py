"""What the tables say of the arcs, and what a scenario changes about them."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import isthmus
from isthmus.network import LINK, SERVICE, TERMINAL, TRANSHIPMENT, Condition, Layout, condition_of, lay_out
from isthmus.pack import Pack
from isthmus.scenario import Scenario, apply

EDITS: dict[str, tuple[dict[str, Any], tuple[str, str, str, str]]] = {
    "a closed link": (
        {"close": {"links": ["rail-hub-west-hub"]}},
        ("links", "rail-hub-west-hub", "status", "closed"),
    ),
    "a closed crossing": (
        {"close": {"crossings": ["ab-rail"]}},
        ("crossings", "ab-rail", "status", "closed"),
    ),
    "a built link": (
        {"build": ["coast-road"]},
        ("links", "road-west-quay-west-gate", "status", "open"),
    ),
    "a built capacity": ({"build": ["border-loops"]}, ("pools", "ab-rail", "capacity", "3")),
    "an open share": (
        {"set": {"table": "links", "column": "open_share", "value": 0.25, "rows": ["road-west-mine-west-mole"]}},
        ("links", "road-west-mine-west-mole", "open_share", "0.25"),
    ),
    "a draft": (
        {"scale": {"table": "services", "column": "load_factor", "factor": 0.5, "rows": ["bulk-mole"]}},
        ("services", "bulk-mole", "load_factor", "0.4"),
    ),
    "a time to fill": (
        {"set": {"table": "services", "column": "fill_hours", "value": 20, "rows": ["boxes-east"]}},
        ("services", "boxes-east", "fill_hours", "20"),
    ),
    "departures": (
        {"scale": {"table": "services", "column": "departures_per_week", "factor": 2, "rows": ["boxes-west"]}},
        ("services", "boxes-west", "departures_per_week", "4"),
    ),
    "hours at a border": (
        {"set": {"table": "crossings", "column": "hours_back", "value": 2, "rows": ["ab-road"]}},
        ("crossings", "ab-road", "hours_back", "2"),
    ),
    "a charge": (
        {"set": {"table": "crossings", "column": "usd_per_unit", "value": 7, "rows": ["bc-road"]}},
        ("crossings", "bc-road", "usd_per_unit", "7"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def layout(strait: Pack) -> Layout:
    return lay_out(strait)


@pytest.fixture(scope="module")
def state(strait: Pack, layout: Layout) -> Condition:
    return condition_of(strait, layout)


def edited(pack: Pack, *edits: dict[str, Any]) -> Pack:
    return apply(pack, Scenario.model_validate({"name": "edited", "edits": list(edits)}))


def arc(layout: Layout, element: str, forward: bool = True) -> int:
    """Arc of a link, terminal or service in one direction."""
    for kind in (LINK, TERMINAL, SERVICE):
        ids = layout.elements(kind)
        if element in ids:
            row = ids.get_loc(element)
            return int(
                np.flatnonzero((layout.kind == kind) & (layout.element == row) & (layout.forward == forward))[
                    0
                ]
            )
    raise KeyError(element)


def same(one: object, other: object) -> bool:
    """Whether two records of arrays are equal cell by cell."""
    for field in dataclasses.fields(one):  # type: ignore[arg-type]
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame | pd.Index):
            if not a.equals(b):
                return False
        elif not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            return False
    return True


@pytest.mark.parametrize("name", EDITS)
def test_the_layout_of_an_edited_region_is_that_of_the_region(
    strait: Pack, layout: Layout, name: str
) -> None:
    assert same(layout, lay_out(edited(strait, EDITS[name][0])))


@pytest.mark.parametrize("name", EDITS)
def test_the_condition_of_a_scenario_is_that_of_a_region_written_so(
    strait: Pack, layout: Layout, state: Condition, copy_of_strait: Path, name: str
) -> None:
    edit, (table, row, column, value) = EDITS[name]
    file = copy_of_strait / f"{table}.csv"
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    frame.loc[frame.iloc[:, 0] == row, column] = value
    frame.to_csv(file, index=False)
    written = isthmus.load(str(copy_of_strait))
    by_scenario = condition_of(edited(strait, edit), layout)
    assert same(by_scenario, condition_of(written, lay_out(written)))
    assert not same(by_scenario, state)


def test_an_edit_changes_nothing_but_what_it_names(strait: Pack, layout: Layout, state: Condition) -> None:
    closed = condition_of(edited(strait, {"close": {"links": ["rail-hub-west-hub"]}}), layout)
    changed = np.flatnonzero(closed.open != state.open)
    assert set(changed) == {arc(layout, "rail-hub-west-hub"), arc(layout, "rail-hub-west-hub", False)}
    assert same(dataclasses.replace(closed, open=state.open), state)


def test_a_closed_crossing_closes_the_links_it_governs(strait: Pack, layout: Layout) -> None:
    closed = condition_of(edited(strait, {"close": {"crossings": ["ab-rail"]}}), layout)
    assert not closed.open[arc(layout, "rail-west-gate-hub-west")]
    assert not closed.open[arc(layout, "rail-west-gate-hub-west", False)]
    assert closed.open[arc(layout, "road-west-gate-hub-west")]


def test_the_queue_is_solved_out_of_the_hours_seen_at_half_load(
    strait: Pack, layout: Layout, state: Condition
) -> None:
    seen = condition_of(strait, layout, observed=True)
    for forward, hours in ((True, 8.0), (False, 16.0)):
        at = arc(layout, "road-west-gate-hub-west", forward)
        assert seen.border[at] == hours
        assert state.border[at] == pytest.approx(hours - 8.0 * 0.5**4 / 0.5)  # an hour
    at = arc(layout, "rail-west-gate-hub-west")
    assert state.border[at] == seen.border[at] == 12.0


def test_a_queue_longer_than_the_hours_leaves_a_fifth_of_them(strait: Pack, layout: Layout) -> None:
    slow = edited(
        strait, {"set": {"table": "pools", "column": "delay_hours", "value": 80, "rows": ["ab-road"]}}
    )
    found = condition_of(slow, layout)
    assert found.border[arc(layout, "road-west-gate-hub-west")] == pytest.approx(0.2 * 8.0)
    assert found.border[arc(layout, "road-west-gate-hub-west", False)] == pytest.approx(16.0 - 10.0)


def test_a_pool_that_does_not_bind_keeps_the_queue_in_the_hours(strait: Pack, layout: Layout) -> None:
    """Nothing would put it back: its capacity is unknown, or a guess that the user did not ask for."""
    seen = condition_of(strait, layout, observed=True)
    at = arc(layout, "road-west-gate-hub-west")
    for basis, guesses, queue in (("unknown", False, 0.0), ("estimate", False, 0.0), ("estimate", True, 1.0)):
        pool = {"table": "pools", "column": "basis", "value": basis, "rows": ["ab-road"]}
        found = condition_of(edited(strait, {"set": pool}), layout, guesses=guesses)
        assert found.border[at] == pytest.approx(seen.border[at] - queue)


def test_capacities_are_those_worked_by_hand(layout: Layout, state: Condition) -> None:
    slots = dict(zip(layout.pools, state.capacity, strict=True))
    weeks = 365 / 7
    assert slots == pytest.approx(
        {
            "ab-rail": 2 * 730,
            "ab-road": (100 - 25) * 365,
            "bc-rail": np.inf,
            "bc-road": np.inf,
            "strait-ferry": 14 * (40 + 20) * 2 * weeks,
            "boxes-west": 2 * 200 * 2 * weeks,
            "boxes-east": 1 * 400 * 2 * weeks * 0.9,
            "quay-boxes": 60000,
            "mole-berth": 1600000,
            "mole-yard": 100 * 365 * 0.9,
            "mine-road": 200 * 365 * 0.5,
        }
    )
    assert slots["strait-ferry"] == pytest.approx(87600)


def test_a_guess_binds_only_if_asked_for(strait: Pack, layout: Layout) -> None:
    asked = dict(zip(layout.pools, condition_of(strait, layout, guesses=True).capacity, strict=True))
    assert asked["bc-rail"] == pytest.approx(2 * 730 * 0.9)
    assert asked["bc-road"] == np.inf  # nobody knows


def test_a_withdrawn_ship_halves_the_line_s_slots_and_doubles_the_wait(strait: Pack, layout: Layout) -> None:
    half = condition_of(edited(strait, {"year": 2025}), layout)
    assert half.capacity[layout.pools.get_loc("boxes-west")] == pytest.approx(200 * 2 * 365 / 7)
    assert half.waiting[arc(layout, "boxes-west")] == 84.0


def test_a_service_waits_half_the_pooled_headway_or_the_time_to_fill(
    strait: Pack, layout: Layout, state: Condition
) -> None:
    assert state.waiting[arc(layout, "boxes-west")] == 168 / 2 / 2
    assert state.waiting[arc(layout, "boxes-east")] == 60  # fills before half a week of seven days, 84 h
    assert state.waiting[arc(layout, "ferry-rail")] == 6
    assert state.waiting[arc(layout, "bulk-west")] == 0  # chartered
    # A second line between the same ports halves the headway of both.
    services = strait.table("services")
    row = services[services["service"] == "boxes-west"].assign(service="boxes-north")
    more = strait.replace("services", pd.concat([services, row], ignore_index=True))
    found = condition_of(more, lay_out(more))
    assert found.waiting[arc(lay_out(more), "boxes-west")] == 168 / 4 / 2
    # A line that does not sail shortens nobody's wait.
    idle = edited(more, {"close": {"services": ["boxes-north"]}})
    assert condition_of(idle, lay_out(more)).waiting[arc(lay_out(more), "boxes-west")] == 42


def test_prices_differ_by_direction_and_draft(layout: Layout, state: Condition) -> None:
    assert state.box_usd[arc(layout, "boxes-west")] == 480
    assert state.box_usd[arc(layout, "boxes-west", False)] == 720
    assert state.bulk_usd[arc(layout, "bulk-mole")] == pytest.approx(8 / 0.8)
    ahead, back = (arc(layout, "rail-west-gate-hub-west", forward) for forward in (True, False))
    assert state.border_usd[[ahead, back]].tolist() == [60, 90]
    assert state.border[[ahead, back]].tolist() == [12, 24]
    road = [arc(layout, "road-hub-east-east-gate", forward) for forward in (True, False)]
    assert state.border_usd[road].tolist() == [80, 80]  # an empty cell: the same both ways


def test_everything_that_any_row_could_open_is_open_if_wanted(
    strait: Pack, layout: Layout, state: Condition
) -> None:
    assert condition_of(strait, layout, everything=True).open.all()
    assert not state.open[arc(layout, "rail-west-quay-east-quay")]
    assert state.open[arc(layout, "road-west-mine-west-mole")]  # limited carries


def test_a_driver_who_rests_half_the_day_takes_twice_the_hours(strait: Pack) -> None:
    layout = lay_out(strait)
    rested = apply(
        strait,
        Scenario.model_validate(
            {
                "name": "rests",
                "edits": [
                    {
                        "set": {
                            "table": "modes",
                            "rows": ["road"],
                            "column": "moving_hours_per_day",
                            "value": 12,
                        }
                    }
                ],
            }
        ),
    )
    before, after = condition_of(strait, layout).running, condition_of(rested, layout).running
    road = (layout.kind == LINK) & (layout.mode == layout.modes.get_loc("road"))
    assert after[road] == pytest.approx(2.0 * before[road])
    assert after[~road] == pytest.approx(before[~road])


@pytest.mark.parametrize(
    ("parameter", "name", "value"),
    [
        ("transhipment-usd-per-feu", "box_usd", 120.0),
        ("transhipment-usd-per-t", "bulk_usd", 6.0),
        ("transhipment-hours", "terminal", 48.0),
    ],
)
def test_from_ship_to_ship_is_paid_and_waited_for(
    strait: Pack, parameter: str, name: str, value: float
) -> None:
    layout = lay_out(strait)
    at = layout.kind == TRANSHIPMENT
    assert at.any()
    assert getattr(condition_of(strait, layout), name)[at] == pytest.approx(value)
    dearer = apply(
        strait,
        Scenario.model_validate(
            {
                "name": "hubs",
                "edits": [
                    {"scale": {"table": "parameters", "rows": [parameter], "column": "value", "factor": 3.0}}
                ],
            }
        ),
    )
    assert getattr(condition_of(dearer, layout), name)[at] == pytest.approx(3.0 * value)
