"""CSV files and the hash of their content."""

from pathlib import Path

import pandas as pd

from isthmus.pack import SCHEMA, Pack
from isthmus.tables import content_hash, read_csv, write_csv

POOLS = SCHEMA.tables["pools"]
HEADER = (
    "pool,name,unit,capacity,used_by_others,basis,country,delay_hours,observed_load,source,confidence,note\n"
)
ROW = "a,A,trucks_per_day,10,,published,XAA,1,,invented,high,\n"


def read(folder: Path, text: str, encoding: str = "utf-8"):
    path = folder / "pools.csv"
    path.write_bytes(text.encode(encoding))
    return read_csv(path, POOLS)


def test_every_table_of_a_region_survives_writing_and_reading(strait: Pack, tmp_path: Path) -> None:
    for name, table in SCHEMA.tables.items():
        path = tmp_path / f"{name}.csv"
        write_csv(strait.table(name), table, path)
        frame, problems = read_csv(path, table)
        assert problems == []
        pd.testing.assert_frame_equal(frame.reset_index(drop=True), strait.table(name))


def test_rows_are_numbered_as_a_reader_counts_them(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, HEADER + ROW + "\n" + ROW.replace("10", "-10"))
    assert frame.index.tolist() == [2, 4]
    assert [str(problem) for problem in problems] == [
        "pools.csv, row 4, column capacity: found '-10', expected a number above 0"
    ]


def test_everything_wrong_in_a_file_is_listed_at_once(tmp_path: Path) -> None:
    text = HEADER.replace("name", "nom") + "A b,A,trucks,ten,,published,XAA,,2,invented,sure,\n" + "x,y\n"
    _, problems = read(tmp_path, text)
    assert {problem.column for problem in problems if problem.row == 2} == {
        "pool",
        "unit",
        "capacity",
        "delay_hours",
        "observed_load",
        "confidence",
    }
    header = [str(problem) for problem in problems if problem.row == 1]
    assert any("column name" in line and "missing" in line for line in header)
    assert any("found 'nom'" in line for line in header)
    assert any(problem.value == "2 cells" for problem in problems)


def test_a_mark_at_the_front_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, "\ufeff" + (HEADER + ROW).replace("\n", "\r\n"))
    assert problems == [] and frame["pool"].tolist() == ["a"]


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert "UTF-8" in str(read(tmp_path, HEADER + "é", "latin-1")[1][0])
    assert "header" in str(read(tmp_path, "")[1][0])
    assert "CSV" in str(read(tmp_path, HEADER + '"a')[1][0])


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, HEADER.replace(",note", "") + ROW[:-2] + "\n")
    assert problems == [] and frame["note"].tolist() == [None]


def test_the_hash_knows_content_and_not_order(strait: Pack) -> None:
    links = strait.table("links")
    table = SCHEMA.tables["links"]
    assert content_hash(links, table) == content_hash(links.sample(frac=1, random_state=1), table)
    for column in links.columns:
        changed = links.copy()
        value = changed[column].dropna().iloc[0] if changed[column].notna().any() else "x"
        changed.loc[0, column] = None if changed.loc[0, column] == value else value
        assert content_hash(changed, table) != content_hash(links, table), column
