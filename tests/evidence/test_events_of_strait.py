"""Events of the invented region: measures, files with everything wrong, the command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from isthmus import events
from isthmus._errors import UserError
from isthmus.cli._main import app
from isthmus.evaluation import run
from isthmus.evidence import Events, read_events, write_events
from isthmus.evidence.eventfiles import Quantity, Through
from isthmus.evidence.events import solved_runs
from isthmus.evidence.measures import World, measured
from isthmus.pack import Pack, find_region
from isthmus.store import read_run

FILE = "events/border-shut.yaml"


@pytest.fixture(scope="module")
def told() -> Events:
    return events("strait", gap=1.0)


@pytest.fixture(scope="module")
def worlds(strait: Pack) -> dict[str, World]:
    return solved_runs(read_events(find_region("strait"), strait)[0], strait, gap=1.0)


def test_the_event_passes_and_each_figure_says_what_it_was_worked_out_from(told: Events) -> None:
    assert told.events["passes"].all()
    value = told.values.set_index(["quantity", "run"])["value"]
    share = (value["ferry", "shut"] - value["ferry", "before"]) / value["border", "before"]
    assert told.figures["model"].iloc[0] == pytest.approx(share)


def test_a_measure_is_what_a_run_says(worlds: dict[str, World]) -> None:
    base = run("strait", gap=1.0)
    flows = base.tables["flows"]
    crossing = base.tables["crossings"].set_index("crossing").loc["ab-rail"]
    through = {"crossings": "ab-rail"}
    tonnes = measured(Quantity(measure="tonnes", through=Through(**through)), "before", worlds)
    assert tonnes == pytest.approx(crossing["tonnes"] + crossing["tonnes_back"], rel=1e-2)
    one_way = measured(
        Quantity(measure="tonnes", through=Through(**through, direction="forward")), "before", worlds
    )
    assert one_way == pytest.approx(crossing["tonnes"], rel=1e-2)
    boxes = measured(Quantity(measure="teu", through=Through(services="boxes-west")), "before", worlds)
    assert boxes == pytest.approx(flows.loc[flows["element"] == "boxes-west", "teu"].sum(), rel=1e-2)
    landed = measured(
        Quantity(measure="tonnes", through=Through(ports="west-quay", direction="forward")), "before", worlds
    )
    assert landed == pytest.approx(
        flows.loc[(flows["kind"] == "service") & (flows["to_place"] == "west-quay"), "tonnes"].sum(), rel=1e-2
    )
    shipped = measured(Quantity(measure="shipped"), "before", worlds)
    assert shipped == pytest.approx(base.tables["markets"]["shipped"].sum(), rel=1e-4)
    rent = base.tables["pools"].set_index("pool")["rent_usd"]
    # rents differ a little with the routes that another run adds
    assert measured(Quantity(measure="rent", pool="ab-rail"), "before", worlds) == pytest.approx(
        rent["ab-rail"], rel=0.1
    )
    assert measured(Quantity(measure="rent-rank", pool=rent.idxmax()), "before", worlds) == 1.0


def test_parts_add_up_to_the_whole(worlds: dict[str, World]) -> None:
    whole = measured(Quantity(measure="tonnes"), "before", worlds)
    by_trunk = [
        measured(Quantity(measure="tonnes", trunk=trunk), "before", worlds)
        for trunk in ("sea", "rail", "road", "combined")
    ]
    assert sum(by_trunk) == pytest.approx(whole)
    classes = ["grain", "food", "coal-ores", "oil", "fertiliser-chemicals", "metals-building", "manufactures"]
    by_class = [
        measured(Quantity(measure="tonnes", markets={"cargo_class": name}), "before", worlds)
        for name in classes
    ]
    assert sum(by_class) == pytest.approx(whole)
    paid = measured(Quantity(measure="usd"), "before", worlds)
    assert paid == pytest.approx(whole * measured(Quantity(measure="usd-per-t"), "before", worlds))


def test_a_leg_costs_its_fare_over_the_load_factor_and_what_stands_still(worlds: dict[str, World]) -> None:
    mole = Through(services="bulk-mole")
    leg = measured(Quantity(measure="usd-per-t", through=mole, legs=mole), "before", worlds)
    assert leg == pytest.approx(8.0 / 0.8, rel=0.1)


def test_everything_wrong_in_all_files_is_said_at_once(copy_of_strait: Path) -> None:
    text = (copy_of_strait / FILE).read_text(encoding="utf-8")
    wrong = text.replace("event: border-shut", "event: other").replace("sources: invented", "sources: nobody")
    wrong = wrong.replace("crossings: ab-rail}}\n  ferry", "crossings: ab-rial}}\n  ferry").replace(
        "ferry.before)", "fery.befor)"
    )
    wrong = wrong.replace("pool: strait-ferry", "pool: no-pool").replace("least: 0.5", "least: 2")
    (copy_of_strait / FILE).write_text(wrong.replace("least: 2", "least: 0.5"), encoding="utf-8")
    (copy_of_strait / "events" / "second.yaml").write_text(
        "event: second\nfigures: []\nwhy: 1\n", encoding="utf-8"
    )
    with pytest.raises(UserError) as caught:
        events(copy_of_strait)
    said = str(caught.value)
    for part in (
        "'other', expected the name of the file",
        "'nobody', expected a source",
        "'ab-rial'",
        "'fery.befor'",
        "'no-pool'",
        "second.yaml",
        "no such field",
    ):
        assert part in said, part
    (copy_of_strait / FILE).write_text(wrong, encoding="utf-8")
    with pytest.raises(UserError, match="least at most most"):
        events(copy_of_strait)


def test_an_unknown_event_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match="border-shut"):
        events("strait", only="no-such-event")


def test_a_band_that_the_model_misses_fails(copy_of_strait: Path) -> None:
    text = (copy_of_strait / FILE).read_text(encoding="utf-8")
    (copy_of_strait / FILE).write_text(
        text.replace("least: 0.2\n    most: 1.0", "least: 0.9\n    most: 1.0"), encoding="utf-8"
    )
    told = events(copy_of_strait)
    assert not told.events["passes"].any()
    assert told.figures["passes"].tolist() == [False, True, True, True, True]


def test_the_command_prints_one_document_and_writes_a_folder(tmp_path: Path, told: Events) -> None:
    result = CliRunner().invoke(
        app, ["events", "strait", "--json", "--event", "border-shut", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema"] == 1 and document["command"] == "events"
    assert document["passed"] == document["asked"] == 1
    assert [row["figure"] for row in document["figures"]] == told.figures["figure"].tolist()
    back = read_run(tmp_path / "out")
    assert set(back.tables) == {"events", "event_figures", "event_values"}
    with pytest.raises(UserError):
        write_events(told, tmp_path / "out")


def test_a_closure_of_more_than_thirty_days_is_a_new_equilibrium(copy_of_strait: Path) -> None:
    text = (copy_of_strait / FILE).read_text(encoding="utf-8")
    longer = (
        text.replace("hours: 48", "hours: 876")
        .replace("formula: storm.mean-wait-hours", "formula: storm.usd")
        .replace("most: 48", "most: 1e12")
    )
    (copy_of_strait / FILE).write_text(longer, encoding="utf-8")
    told = events(copy_of_strait)
    assert told.events["passes"].all()
    # a tenth of the year at what the closed year costs shippers
    usd = told.figures["model"].iloc[-1]
    assert usd > 1e5
