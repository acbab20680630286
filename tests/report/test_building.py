"""The page as a file: what is in it, from the run's folder alone."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from isthmus import evaluation
from isthmus._errors import UserError
from isthmus.pack import Pack
from isthmus.report import page_of, write_report
from isthmus.report.basemap import clip
from isthmus.report.block import block_of, short
from isthmus.report.files import PAGE, SCRIPTS, text_of, vendored, words
from isthmus.report.findings import findings_of
from isthmus.store import StoreError, add_tables, read_run

_HOLE = re.compile(r"\{(\w+)\}")


def block_in(page: Path) -> dict:
    text = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_the_page_is_rebuilt_from_the_folder_alone(run_of_strait: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run_of_strait, copy)
    made = (copy / "report.html").read_bytes()
    (copy / "report.html").unlink()
    assert write_report(copy).read_bytes() == made
    assert sorted(path.name for path in copy.iterdir()) == sorted(
        path.name for path in run_of_strait.iterdir()
    )


def test_the_page_of_the_region_is_under_three_megabytes_and_calls_nothing(run_of_caspian: Path) -> None:
    path = run_of_caspian / "report.html"
    assert path.stat().st_size < 3_000_000
    markup = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!#|data:)""", markup)
    assert "url(" not in markup and "@import" not in markup


def test_no_tonne_is_lost_between_the_run_and_the_page(run_of_strait: Path) -> None:
    run, block = read_run(run_of_strait), block_in(run_of_strait / "report.html")
    flows = run.tables["flows"]
    on_lines = flows[flows["kind"].isin(["link", "service"])]
    assert 100 * sum(block["flows"][2::3]) == pytest.approx(on_lines["tonnes"].sum(), rel=1e-3)
    teu = on_lines["teu"].sum()
    assert sum(block["teu"][1::2]) == pytest.approx(teu, rel=1e-3)
    for layer, rows in run.tables["layers"].groupby("name"):
        pairs = next(part[layer] for part in block["layers"].values() if layer in part)
        assert 100 * sum(pairs[1::2]) == pytest.approx(rows["tonnes"].sum(), rel=2e-3)


def test_layers_by_traffic_add_up_to_all(run_of_strait: Path) -> None:
    tables = read_run(run_of_strait).tables
    layers = tables["layers"].query("layer == 'traffic'").groupby(["kind", "element"])["tonnes"].sum()
    flows = tables["flows"].groupby(["kind", "element"])["tonnes"].sum()
    pd.testing.assert_series_equal(layers, flows.loc[layers.index], rtol=5e-3, check_names=False)


def test_legs_of_a_corridor_add_up_to_its_row(run_of_strait: Path) -> None:
    tables = read_run(run_of_strait).tables
    legs = (
        tables["itineraries"]
        .groupby("corridor")[["hours", "usd_per_t", "co2_kg_per_t", "scarcity_usd_per_t"]]
        .sum()
    )
    rows = tables["corridors"].set_index("corridor").loc[legs.index]
    assert len(legs) == len(tables["corridors"])
    assert (legs["hours"] / 24).tolist() == pytest.approx(rows["days"].tolist())
    for column in ("usd_per_t", "co2_kg_per_t", "scarcity_usd_per_t"):
        assert legs[column].tolist() == pytest.approx(rows[column].tolist(), abs=1e-9)


def test_confidence_is_that_of_the_rows_behind_the_routes(strait: Pack, run_of_strait: Path) -> None:
    table = read_run(run_of_strait).tables["confidence"]
    assert set(table["confidence"]) <= {"low", "medium", "high"}
    whole = table.groupby(["kind", "element", "part"])["tkm"].sum().unstack()
    assert (whole["demand"] - whole["network"]).abs().max() <= 1e-6 * whole["demand"].max()
    links = strait.table("links")
    weak = strait.replace("links", links.assign(confidence="low"))
    services = weak.table("services")
    weak = weak.replace("services", services.assign(confidence="low"))
    after = evaluation.evaluate(weak, weak, evaluation.run("strait").scenario, sheets=True).tables[
        "confidence"
    ]
    network = after[(after["part"] == "network") & (after["kind"] == "region")].set_index("confidence")["tkm"]
    assert network["low"] == pytest.approx(network.sum(), rel=1e-9)


def test_sources_cited_are_those_of_the_region(run_of_caspian: Path) -> None:
    tables = read_run(run_of_caspian).tables
    assert set(tables["cited"]["source"]) <= set(tables["region_sources"]["source"])
    assert tables["cited"].groupby(["kind", "element", "part"]).size().max() == 12


def test_a_scenario_brings_its_gains_and_its_difference(run_of_scenario: Path, run_of_strait: Path) -> None:
    block = block_in(run_of_scenario / "report.html")
    assert block["meta"]["scenario"]["name"] == "no ferry"
    assert [finding["key"] for finding in block["findings"]][1] == "gains"
    assert "gains" in [table["name"] for table in block["tables"]]
    base = read_run(run_of_strait).tables["flows"]
    lines = base[base["kind"].isin(["link", "service"])]["tonnes"].sum()
    assert 100 * sum(block["base"][1::2]) == pytest.approx(lines, rel=2e-3)
    assert block_in(run_of_strait / "report.html")["base"] is None


def test_every_language_has_every_word_with_its_holes() -> None:
    every = words()
    assert {"en", "ru"} <= set(every)
    for language, texts in every.items():
        assert list(texts) == list(every["en"]), language
        for key, text in texts.items():
            assert sorted(_HOLE.findall(text)) == sorted(_HOLE.findall(every["en"][key])), (language, key)
            assert text.strip(), (language, key)
    same = sum(every["ru"][key] == text for key, text in every["en"].items())
    assert same < 0.1 * len(every["en"])


def test_every_word_that_the_page_asks_for_is_there(run_of_scenario: Path, run_of_caspian: Path) -> None:
    known = words()["en"]
    scripts = "\n".join(text_of(name) for name in (*SCRIPTS, "page.html"))
    asked = set(re.findall(r"""word\("([\w.]+)"[,)]""", scripts)) | set(
        re.findall(r'data-(?:word|title|label)="([\w.]+)"', scripts)
    )
    assert asked <= set(known)
    for folder in (run_of_scenario, run_of_caspian):
        block = block_in(folder / "report.html")
        for table in block["tables"]:
            assert {f"table.{table['name']}", f"caption.{table['name']}"} <= set(known)
            assert {f"col.{key}" for key, _ in table["columns"]} <= set(known)
        for finding in block["findings"]:
            assert set(_HOLE.findall(known[f"finding.{finding['key']}"])) <= set(finding["values"])
        assert {f"leg.{leg[0]}" for legs in block["itineraries"].values() for leg in legs} <= set(known)


def test_what_was_copied_from_others_is_unchanged_and_named() -> None:
    for copied in vendored():
        content = (PAGE / "vendor" / copied["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == copied["sha256"]
        assert copied["version"] in text_of("vendor/LICENCES.txt")


def test_the_atlas_is_cut_to_the_region() -> None:
    whole, part = clip((-180.0, -90.0, 180.0, 90.0)), clip((44.0, 38.0, 51.0, 42.0))
    numbers = {country["id"] for country in part["objects"]["countries"]["geometries"]}
    assert {"031", "051", "268", "364"} <= numbers and "076" not in numbers
    assert len(part["arcs"]) < len(whole["arcs"])
    used = {
        arc if arc >= 0 else ~arc
        for c in part["objects"]["countries"]["geometries"]
        for polygon in c["arcs"]
        for ring in polygon
        for arc in ring
    }
    assert used == set(range(len(part["arcs"])))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.567, 1235),
        (0.0123412, 0.01234),
        (float("nan"), None),
        (None, None),
        (5.0, 5),
        ("a", "a"),
        (0.0, 0),
    ],
)
def test_figures_have_four_digits(value: object, text: object) -> None:
    assert short(value) == text


def test_words_cannot_end_the_script(run_of_strait: Path) -> None:
    run = read_run(run_of_strait)
    run.tables["region_sources"]["title"] = "</script><b>"  # type: ignore[index]
    page = page_of(run)
    assert "</script><b>" not in page
    assert block_of(run)["sources"][0][1] == "</script><b>"


def test_a_table_added_to_a_run_leaves_the_rest_and_its_page(run_of_strait: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run_of_strait, copy)
    before = read_run(copy)
    add_tables(copy, {"extra": pd.DataFrame({"a": [1, 2]})})
    after = read_run(copy)
    assert after.tables["extra"]["a"].tolist() == [1, 2]
    assert {
        name: entry for name, entry in after.manifest["files"].items() if name != "extra.parquet"
    } == dict(before.manifest["files"])
    assert after.manifest["created"] == before.manifest["created"]
    assert (copy / "report.html").is_file()


def test_a_saved_route_is_replaced_not_doubled(run_of_strait: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run_of_strait, copy)
    before = read_run(copy).tables["saved_routes"]
    found = evaluation.route("west-city", "east-city", region="strait", alternatives=2)
    evaluation.save_route(found, copy)
    pd.testing.assert_frame_equal(read_run(copy).tables["saved_routes"], before)
    with pytest.raises(UserError, match="is a run of strait"):
        evaluation.save_route(evaluation.route("baku", "poti", alternatives=1), copy)


def test_a_folder_that_is_no_whole_run_is_refused(run_of_strait: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run"):
        write_report(tmp_path)
    plain = evaluation.write(evaluation.run("strait"), tmp_path / "plain")
    with pytest.raises(StoreError, match="lacks itineraries, layers"):
        write_report(plain)
    assert not (plain / "report.html").exists()
    with pytest.raises(UserError, match="--language xx: expected one of en, ru"):
        write_report(run_of_strait, language="xx")


def test_evidence_of_the_region_is_put_beside_and_shown(run_of_strait: Path, tmp_path: Path) -> None:
    from isthmus import evidence

    copy = tmp_path / "copy"
    shutil.copytree(run_of_strait, copy)
    folders = [
        evidence.write_events(evidence.events("strait"), tmp_path / "events"),
        evidence.write_backtest(evidence.backtest("strait"), tmp_path / "backtest"),
        evidence.write_variance(evidence.variance("strait", draws=10), tmp_path / "variance"),
    ]
    block = block_in(write_report(copy, evidence=folders))
    shown = {table["name"]: table for table in block["tables"]}
    assert {"events", "event_figures", "backtest_scores", "backtest_levels", "variance"} <= set(shown)
    known = words()["en"]
    for table in shown.values():
        assert {f"table.{table['name']}", f"caption.{table['name']}"} <= set(known)
        assert {f"col.{key}" for key, _ in table["columns"]} <= set(known)
    assert len(shown["event_figures"]["rows"]) > 0
    assert block_in(write_report(copy)) == block  # from the folder alone
    with pytest.raises(StoreError, match="holds no evidence"):
        write_report(copy, evidence=[run_of_strait])


def test_counts_of_a_wider_scope_are_not_held_against_the_model(run_of_strait: Path) -> None:
    run = read_run(run_of_strait)
    counted = next(line for line in findings_of(run) if line["key"] == "counts")["values"]["count"][0]
    observations = run.tables["region_observations"]
    wider = observations["wider"].eq(True)
    assert wider.any()
    counts = run.tables["counts"].query("role != 'build' and model > 0")["observation"]
    named = counts[~counts.isin(observations.loc[wider, "observation"])].iloc[0]
    rows = (run.tables["counts"]["observation"] == named).sum()
    run.tables["region_observations"] = observations.assign(
        wider=wider | (observations["observation"] == named)
    )  # type: ignore[index]
    after = next(line for line in findings_of(run) if line["key"] == "counts")["values"]["count"][0]
    assert after == counted - rows
