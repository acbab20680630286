"""Cells: from text to values of a column's type, a whole column at a time.

In memory a text, slug or list is an object (str, None where empty; a list stays joined by |), a number or integer is
float64 (NaN where empty), a required boolean is bool, an optional one an object (True, False, None).
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from isthmus.tables.schema import Column

SLUG = re.compile(r"[a-z0-9]+(--?[a-z0-9]+)*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

Truths = npt.NDArray[np.bool_]
Values = npt.NDArray[Any]


def split_list(value: str | None) -> tuple[str, ...]:
    """The values of a list cell, in order; none if it is empty."""
    return tuple(value.split("|")) if value else ()


def parse_cells(texts: Sequence[str], column: Column) -> tuple[Values, Truths]:
    """Values of a column of texts ("" where empty), and which of them are not as the column expects.

    A cell that is wrong is empty among the values (False in a required boolean).
    """
    empty = np.array([not text for text in texts], bool)
    if column.is_number:
        read = {text: float(text) if _NUMBER.fullmatch(text) else math.nan for text in set(texts)}
        numbers = np.array([read[text] for text in texts], float)
        numbers[~_in_range(numbers, column)] = np.nan
        return numbers, np.isnan(numbers) & (column.required | ~empty)
    if column.type == "boolean":
        truths = [_BOOLEANS.get(text.lower()) for text in texts]
        wrong = np.array([truth is None for truth in truths], bool) & (column.required | ~empty)
        return np.array(truths, bool if column.required else object), wrong
    known = set(texts)
    good = _allowed(known, column)
    if known - good <= {""}:
        return np.array([text or None for text in texts], object), empty & column.required
    values = [text if text in good else None for text in texts]
    wrong = np.array([value is None for value in values], bool) & (column.required | ~empty)
    return np.array(values, object), wrong


def parse_value(value: object, column: Column) -> tuple[Any, bool]:
    """One value, given as text or as Python's own, in the column's type; and whether it is as expected."""
    values, wrong = parse_cells([format_value(value)], column)
    return values.tolist()[0], not wrong[0]


def format_value(value: object) -> str:
    """The text of a value as it stands in a file: shortest number that reads back the same, "" if missing."""
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, list | tuple):
        return "|".join(format_value(part) for part in value)
    return str(value)


def format_values(values: "pd.Series[Any]") -> list[str]:
    """The texts of a typed column."""
    cells = values.tolist()
    if values.dtype.kind in "fiu":
        written = {cell: format_value(cell) for cell in set(cells)}
        return [written[cell] if cell == cell else "" for cell in cells]  # noqa: PLR0124
    return [cell if type(cell) is str else format_value(cell) for cell in cells]


def within_range(values: "pd.Series[Any]", column: Column) -> Truths:
    """Which values of a typed column are as it expects, empty ones included if they may be."""
    if column.is_number:
        numbers = values.to_numpy(float)
        inside = _in_range(numbers, column)
        return inside if column.required else inside | np.isnan(numbers)
    cells = values.tolist()
    if column.type == "boolean":
        known: Iterable[object] = (True, False) if column.required else (True, False, None)
        return np.array([cell in known for cell in cells], bool)
    good = _allowed({cell for cell in cells if isinstance(cell, str)}, column)
    return np.array([cell in good or (cell is None and not column.required) for cell in cells], bool)


def _in_range(numbers: npt.NDArray[np.float64], column: Column) -> Truths:
    inside: Truths = np.isfinite(numbers)
    if column.minimum is not None:
        inside &= numbers >= column.minimum
    if column.maximum is not None:
        inside &= numbers <= column.maximum
    if column.above is not None:
        inside &= numbers > column.above
    if column.below is not None:
        inside &= numbers < column.below
    if column.type == "integer":
        inside &= numbers == np.floor(numbers)
    return inside


def _allowed(texts: Iterable[str], column: Column) -> set[str]:
    good = {text for text in texts if text}
    if column.type == "list":
        known = set(column.values)
        return {
            text for text in good if all(part and (not known or part in known) for part in text.split("|"))
        }
    if column.values:
        return good.intersection(column.values)
    if column.type == "slug":
        return {text for text in good if SLUG.fullmatch(text)}
    return good
