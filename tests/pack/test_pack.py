"""A region in memory."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package, system

import isthmus
from isthmus._errors import UserError
from isthmus.pack import SCHEMA, Pack, PackError, check, describe, find_region, shipped_regions
from isthmus.pack.describing import descriptor_of


@pytest.mark.parametrize("region", shipped_regions())
def test_nothing_is_wrong_with_a_region_that_ships(region: str) -> None:
    assert [str(problem) for problem in check(region).problems] == []


@pytest.mark.parametrize("region", shipped_regions())
def test_the_descriptor_of_a_region_that_ships_is_the_schemas(region: str) -> None:
    folder = find_region(region)
    written = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert written == descriptor_of(folder), f"run: isthmus check {folder} --describe"


@pytest.mark.parametrize("region", shipped_regions())
def test_other_tools_read_a_region_that_ships(region: str) -> None:
    with system.use_context(trusted=True):
        report = Package(str(find_region(region) / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "rowNumber", "fieldName", "message"])[:5]


def test_shuffling_the_rows_of_every_file_changes_nothing(strait: Pack, copy_of_strait: Path) -> None:
    for path in copy_of_strait.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(1).shuffle(rows)
        path.write_text(header + "".join(rows), encoding="utf-8")
    shuffled = isthmus.load(copy_of_strait)
    assert shuffled.hash == strait.hash
    for name in SCHEMA.tables:
        assert shuffled.table(name).equals(strait.table(name))


def test_what_is_done_to_a_table_never_reaches_the_pack(strait: Pack) -> None:
    links = strait.table("links")
    links.loc[:, "length_km"] = 1.0
    links.iloc[0, 0] = "gone"
    assert strait.table("links")["length_km"].max() > 1
    assert "gone" not in set(strait.table("links")["link"])


def test_replacing_a_table_makes_another_pack(strait: Pack) -> None:
    links = strait.table("links")
    links["length_km"] *= 2
    doubled = strait.replace("links", links)
    assert doubled.hash != strait.hash
    assert doubled.table("links")["length_km"].sum() == 2 * strait.table("links")["length_km"].sum()
    links["length_km"] /= 2
    assert doubled.replace("links", links).hash == strait.hash


def test_a_table_with_values_out_of_range_is_refused(strait: Pack) -> None:
    links = strait.table("links")
    links.loc[0, "speed_kmh"] = 900.0
    with pytest.raises(PackError, match="speed_kmh: found '900', expected a number above 0 and at most 120"):
        strait.replace("links", links)


def test_bans_and_premiums_hold_in_their_years(strait: Pack) -> None:
    assert len(strait.in_force("bans")) == len(strait.table("bans")) - 1
    parameters = strait.table("parameters")
    row = parameters.loc[[0]].assign(parameter="year", value=2025.0)
    later = strait.replace("parameters", pd.concat([parameters, row], ignore_index=True))
    assert later.year == 2025 and strait.year == strait.base_year
    assert len(later.in_force("bans")) == len(strait.table("bans"))


def test_an_unknown_region_is_refused_with_the_names_of_those_that_ship() -> None:
    with pytest.raises(UserError, match="strait"):
        isthmus.load("no-such-region")


def test_a_folder_without_a_descriptor_gets_one(strait: Pack, copy_of_strait: Path) -> None:
    (copy_of_strait / "datapackage.json").unlink()
    assert "--describe" in str(check(copy_of_strait).problems[0])
    describe(copy_of_strait)
    assert isthmus.load(copy_of_strait).hash == strait.hash


def test_optional_tables_may_be_left_out(copy_of_strait: Path) -> None:
    for name, table in SCHEMA.tables.items():
        if table.optional:
            (copy_of_strait / f"{name}.csv").unlink()
    describe(copy_of_strait)
    pack = isthmus.load(copy_of_strait)
    assert pack.table("bans").empty
    assert list(pack.table("bans").columns) == list(SCHEMA.tables["bans"].columns)


def test_a_descriptor_cannot_reach_out_of_its_folder(copy_of_strait: Path) -> None:
    path = copy_of_strait / "datapackage.json"
    path.write_text(path.read_text().replace('"links.csv"', '"../links.csv"'))
    assert any("'../links.csv'" in str(problem) for problem in check(copy_of_strait).problems)
