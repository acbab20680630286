"""Places by name, and where numbers come from."""

import pytest

from isthmus._errors import UserError
from isthmus.pack import SCHEMA, Pack, cite, find_places, resolve_place


def test_places_are_found_however_they_are_spelled(strait: Pack) -> None:
    for text in ("West Quay", "west-quay", "wést quay", "WESTQUAY", "west kway"):
        assert find_places(strait, text)["place"].iloc[0] == "west-quay"
    assert find_places(strait, "xyzzy").empty
    assert find_places(strait, " ").empty


def test_a_place_found_says_its_country_and_modes(strait: Pack) -> None:
    row = find_places(strait, "west-quay").iloc[0]
    assert row["country"] == "XAA"
    assert {"sea", "rail-1520", "road"} <= set(row["modes"].split("|"))


def test_a_text_means_one_place_or_is_refused_with_the_candidates(strait: Pack) -> None:
    assert resolve_place(strait, "West Quay") == "west-quay"
    assert resolve_place(strait, "mole") == "west-mole"
    with pytest.raises(UserError, match="west-gate"):
        resolve_place(strait, "west")
    with pytest.raises(UserError, match="Near it: west-quay"):
        resolve_place(strait, "west kway")
    with pytest.raises(UserError, match="no place like"):
        resolve_place(strait, "xyzzy")


def test_every_row_is_counted_once_among_the_sources(strait: Pack) -> None:
    rows = sum(len(strait.table(name)) for name in SCHEMA.tables if name != "sources")
    assert cite(strait)["rows"].sum() == rows
    assert cite(strait, "links")["rows"].sum() == len(strait.table("links"))


def test_the_source_of_one_row_is_found_by_its_id(strait: Pack) -> None:
    assert set(cite(strait, "ab-road")["table"]) == {"pools", "crossings"}
    assert (cite(strait, "estimate")["confidence"] == "low").all()
    with pytest.raises(UserError, match="nonsense"):
        cite(strait, "nonsense")
