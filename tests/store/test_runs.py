"""A run on disk."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isthmus import __version__
from isthmus.pack import Pack
from isthmus.store import StoreError, read_run, write_run

MANIFEST = {"region": "strait", "hash": "abc", "scenario": {"name": "base", "edits": []}}


@pytest.fixture
def tables(strait: Pack) -> dict[str, pd.DataFrame]:
    return {name: strait.table(name) for name in ("links", "markets", "parameters")}


def layers(strait: Pack) -> dict[str, pd.DataFrame]:
    places = strait.table("places")
    at = places.set_index("place")[["lon", "lat"]]
    links = strait.table("links")[["link", "mode", "length_km", "opened", "from_place", "to_place"]]
    for end in ("from", "to"):
        links = links.join(at.add_prefix(f"{end}_"), on=f"{end}_place")
    return {"places": places, "links": links, "none": places.iloc[:0]}


def test_a_run_reads_back_as_it_was_written(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    folder = write_run(tmp_path / "deep" / "run", tables, MANIFEST)
    run = read_run(folder)
    assert set(run.tables) == set(tables)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(run.tables[name], frame)
    assert run.manifest["region"] == "strait" and run.manifest["isthmus"] == __version__
    assert run.manifest["files"]["links.parquet"]["rows"] == len(tables["links"])
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]


def test_the_same_tables_are_the_same_files(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    one, two = (write_run(tmp_path / name, tables, MANIFEST) for name in ("one", "two"))
    for name in tables:
        assert (one / f"{name}.parquet").read_bytes() == (two / f"{name}.parquet").read_bytes()


def test_layers_become_a_geopackage_with_their_coordinates(
    strait: Pack, tables: dict, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run", tables, MANIFEST, layers(strait))
    with sqlite3.connect(folder / "map.gpkg") as database:
        kinds = dict(database.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        assert kinds == {"places": "POINT", "links": "LINESTRING", "none": "POINT"}
        assert database.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        extent = database.execute(
            "SELECT min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE table_name = 'links'"
        ).fetchone()
        rows = database.execute(
            "SELECT SHAPE, length_km FROM links WHERE link = 'rail-west-city-west-quay'"
        ).fetchall()
    database.close()
    places = strait.table("places")
    assert extent[4] == 4326 and places["lon"].min() <= extent[0] <= extent[2] <= places["lon"].max()
    at = places.set_index("place").loc[["west-city", "west-quay"], ["lon", "lat"]].to_numpy()
    ((shape, length),) = rows
    assert sorted(np.frombuffer(shape[-32:], "<f8").reshape(2, 2).tolist()) == sorted(at.tolist())
    links = strait.table("links").set_index("link")
    assert length == links.loc["rail-west-city-west-quay", "length_km"]


def test_a_layer_without_coordinates_is_refused_and_leaves_nothing(tables: dict, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs the columns"):
        write_run(tmp_path / "run", tables, MANIFEST, {"links": tables["links"]})
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_refused_without_force_and_replaced_with_it(tables: dict, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", tables, MANIFEST)
    with pytest.raises(StoreError, match="--force"):
        write_run(folder, {}, MANIFEST)
    assert set(read_run(folder).tables) == set(tables)
    write_run(folder, {"links": tables["links"]}, MANIFEST, force=True)
    assert set(read_run(folder).tables) == {"links"}
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="is no run"):
        write_run(tmp_path, {}, MANIFEST, force=True)
    assert (tmp_path / "thesis.txt").exists()


def test_every_damaged_file_is_named(tables: dict, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", tables, MANIFEST)
    (folder / "links.parquet").unlink()
    with (folder / "markets.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(StoreError) as error:
        read_run(folder)
    assert {problem.file for problem in error.value.problems} == {"links.parquet", "markets.parquet"}


def test_what_is_no_run_is_said(tables: dict, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run"):
        read_run(tmp_path / "absent")
    folder = write_run(tmp_path / "run", tables, MANIFEST)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(StoreError, match="layout 99"):
        read_run(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        read_run(folder)


def test_a_run_killed_half_way_leaves_nothing_under_its_name(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
import pandas as pd
from isthmus.store import runs
write = runs._write_parquet
def slow(frame, path):
    write(frame, path)
    print(path.name, flush=True)
    time.sleep(60)
runs._write_parquet = slow
runs.write_run(Path({str(tmp_path / "run")!r}), {{"a": pd.DataFrame({{"x": [1]}}), "b": pd.DataFrame()}}, {{}})
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "a.parquet\n"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert not (tmp_path / "run").exists()
    start = time.monotonic()
    write_run(tmp_path / "run", {"a": pd.DataFrame({"x": [1]})}, {})
    assert time.monotonic() - start < 30
    assert read_run(tmp_path / "run").tables["a"]["x"].tolist() == [1]
