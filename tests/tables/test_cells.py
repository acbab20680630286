"""Cells of every type: what is read, what is refused, what is written back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.tables import Column, parse_cells, parse_value
from isthmus.tables.cells import format_value, within_range


def column(**rest: object) -> Column:
    return Column(**{"name": "x", "type": "number", "meaning": "", **rest})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["x", "1,5", "nan", "inf", "1_000", "0x1", "١", "--1", "1e", "5 km"])
def test_a_number_is_written_in_digits_only(text: str) -> None:
    values, wrong = parse_cells([text], column(required=False))
    assert wrong[0] and np.isnan(values[0])


@pytest.mark.parametrize(
    ("bounds", "good", "bad"),
    [
        ({"minimum": 0}, "0", "-0.001"),
        ({"maximum": 120}, "120", "121"),
        ({"above": 0}, "1e-9", "0"),
        ({"below": 1}, "0.999", "1"),
        ({"type": "integer"}, "7", "7.5"),
    ],
)
def test_every_bound_is_held(bounds: dict[str, object], good: str, bad: str) -> None:
    assert parse_cells([good, bad], column(**bounds))[1].tolist() == [False, True]


def test_an_empty_cell_is_refused_only_where_it_is_required() -> None:
    assert parse_cells([""], column())[1][0]
    for kind in ("number", "integer", "text", "slug", "list", "boolean"):
        values, wrong = parse_cells([""], column(type=kind, required=False))
        assert not wrong[0]
        assert pd.isna(values.tolist()[0])


def test_slugs_are_lower_case_with_hyphens_inside() -> None:
    texts = ["kaz-aktau", "a1", "Aktau", "a---b", "-a", "a_b", "а"]
    assert parse_cells(texts, column(type="slug"))[1].tolist() == [False, False, True, True, True, True, True]


def test_lists_hold_only_their_values() -> None:
    texts = ["sea|rail", "sea", "sea|", "plane", "rail|plane"]
    wrong = parse_cells(texts, column(type="list", values=("sea", "rail")))[1]
    assert wrong.tolist() == [False, False, True, True, True]


def test_booleans_are_true_or_false() -> None:
    values, wrong = parse_cells(["true", "FALSE", "yes"], column(type="boolean"))
    assert values.dtype == bool
    assert values.tolist() == [True, False, False]
    assert wrong.tolist() == [False, False, True]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_it_was_written(number: float) -> None:
    value, good = parse_value(format_value(number), column())
    assert good and value == number


@given(st.lists(st.one_of(st.none(), st.floats(-5, 5))))
def test_typed_values_and_texts_are_judged_alike(numbers: list[float | None]) -> None:
    limits = column(minimum=-1, below=2, required=False)
    texts = [format_value(number) for number in numbers]
    typed = pd.Series([np.nan if number is None else number for number in numbers], dtype=float)
    assert within_range(typed, limits).tolist() == (~parse_cells(texts, limits)[1]).tolist()


def test_the_expectation_is_said_in_words() -> None:
    assert column(above=0, maximum=120, unit="km/h").expectation == "a number above 0 and at most 120 (km/h)"
    assert column(type="text", values=("open", "closed")).expectation == "one of: open, closed"
