"""Every rule between tables goes red when it is broken, and says where."""

import csv
from pathlib import Path

import pytest

from isthmus.pack import check


def edit(folder: Path, table: str, column: str, value: str, where: str | None = None) -> int:
    """Change one cell, of the row whose first cell is `where` (or the first row); return its row in the file."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    at = next(number for number, row in enumerate(rows) if where in (None, row[0]))
    rows[at][header.index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return at + 2


BREAKS = [
    ("links", "link", "road-west-quay-west-gate", "rail-west-city-west-quay", "a key of its own; row"),
    ("links", "to_place", "nowhere", None, "a place of places.csv"),
    ("links", "source", "unheard", None, "a source of sources.csv"),
    ("crossings", "modes", "rail-1435|donkey", "ab-rail", "a mode of modes.csv"),
    ("segments", "share", "0.001", None, "segments whose shares add to 1"),
    ("crossings", "modes", "rail-1435", "ab-rail", "a row of crossings.csv for its two places and mode"),
    ("crossings", "modes", "sea", "ab-road", "the mode of a link between the two places"),
    ("terminals", "to_mode", "SAME", None, "another than from_mode"),
    ("markets", "traffic", "transit", "mine-west-coal-ores", "domestic, within one country"),
    ("markets", "traffic", "domestic", "west-east-grain", "trade or transit, between two countries"),
    ("services", "usd_per_t", "", "bulk-west", "a price here or in usd_per_feu"),
    ("services", "slots_per_departure", "", "boxes-west", "its pool's capacity is by schedule"),
    ("pools", "capacity", "", "ab-rail", "the basis says that there is one"),
    ("access", "mode", "rail-ferry", "mill", "a mode of a link, service or terminal at the place"),
    ("bans", "target", "XXX", "bound", "a country of the region"),
    ("by_year", "table", "lnks", None, "one of: sources"),
    ("by_year", "row", "no-road", None, "the key of a row of crossings.csv"),
    ("by_year", "column", "crossing", None, "one of: name"),
    ("by_year", "value", "fast", None, "for crossings.hours"),
    ("project_edits", "value", "opened", "strait-bridge", "for links.status"),
    ("corridor_gates", "element", "nothing", None, "of the region"),
    ("observations", "element", "nothing", None, "of the region"),
    ("observations", "kind", "country", None, "a country of the region"),
    ("observations", "kind", "country", None, "both, for a country"),
    ("waypoints", "lon", "", "south-cape", "degrees; it is no place"),
    ("parameters", "value", "0.1", "set-factor", "a number at least 1 and at most 10"),
    ("parameters", "parameter", "set-facter", "set-factor", "expected a row set-factor"),
    ("parameters", "value", "3.5", "max-routes", "a whole number"),
]


@pytest.mark.parametrize(("table", "column", "value", "where", "message"), BREAKS)
def test_a_broken_rule_is_named_with_its_cell(
    copy_of_strait: Path, table: str, column: str, value: str, where: str | None, message: str
) -> None:
    if value == "SAME":
        with (copy_of_strait / "terminals.csv").open(encoding="utf-8") as file:
            value = next(csv.DictReader(file))["from_mode"]
    edit(copy_of_strait, table, column, value, where)
    lines = [str(problem) for problem in check(copy_of_strait).problems]
    assert any(message in line for line in lines), lines


def test_everything_wrong_in_several_files_is_listed_at_once(copy_of_strait: Path) -> None:
    rows = {
        "links.csv": edit(copy_of_strait, "links", "length_km", "-1"),
        "places.csv": edit(copy_of_strait, "places", "lat", "91"),
        "markets.csv": edit(copy_of_strait, "markets", "origin", "atlantis"),
    }
    problems = check(copy_of_strait).problems
    assert {problem.file: problem.row for problem in problems} == rows


def test_two_crossings_of_one_mode_between_two_places_are_refused(copy_of_strait: Path) -> None:
    path = copy_of_strait / "crossings.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1].replace(lines[1].split(",")[0], "again", 1)]) + "\n")
    assert any("no other crossing" in str(problem) for problem in check(copy_of_strait).problems)


def test_a_ban_does_not_end_before_it_begins(copy_of_strait: Path) -> None:
    path = copy_of_strait / "bans.csv"
    path.write_text(path.read_text().replace("2025,2027", "2025,2024"))
    assert any("from_year or later" in str(problem) for problem in check(copy_of_strait).problems)


def test_a_capacity_by_schedule_needs_a_service(copy_of_strait: Path) -> None:
    edit(copy_of_strait, "pools", "basis", "schedule", "ab-road")
    edit(copy_of_strait, "pools", "capacity", "", "ab-road")
    assert any(
        "a service that draws on the pool" in str(problem) for problem in check(copy_of_strait).problems
    )
