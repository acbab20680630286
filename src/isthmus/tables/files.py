"""CSV files: read with the row numbers that a reader sees, written so that equal tables are equal files."""

import csv
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from isthmus._errors import Problem
from isthmus.tables.cells import Values, format_values, parse_cells
from isthmus.tables.schema import Table


def empty_frame(table: Table) -> pd.DataFrame:
    """The table without rows, its columns typed."""
    return _typed([], [], table, "")[0]


def read_csv(path: Path, table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read and type one table; everything wrong with its cells is listed, nothing is raised.

    The frame's index is the row as a spreadsheet counts it (the header is row 1). A cell that is wrong is empty in
    the frame, so that later checks do not trip over it again. Optional columns may be missing in the file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        return empty_frame(table), [Problem(path.name, 0, "", "", f"expected UTF-8 text: {error.reason}")]
    except csv.Error as error:
        return empty_frame(table), [Problem(path.name, 0, "", "", f"expected CSV: {error}")]
    if not records or not any(records[0]):
        return empty_frame(table), [Problem(path.name, 1, "", "", "expected a header")]
    header = [cell.strip() for cell in records[0]]
    problems = _check_header(header, table, path.name)
    rows = [
        (number, record) for number, record in enumerate(records[1:], start=2) if any(map(str.strip, record))
    ]
    problems += [
        Problem(path.name, number, "", f"{len(record)} cells", f"as many as the header, {len(header)}")
        for number, record in rows
        if len(record) != len(header)
    ]
    frame, wrong = _typed(header, rows, table, path.name)
    return frame, problems + wrong


def write_csv(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Write a typed table with its columns in the schema's order, rows in the frame's, lines ended by LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(zip(*format_cells(frame, table), strict=True))


def format_cells(frame: pd.DataFrame, table: Table) -> list[list[str]]:
    """The texts of a typed table's cells, column by column in the schema's order."""
    return [format_values(frame[name]) for name in table.columns]


def _check_header(header: list[str], table: Table, file: str) -> list[Problem]:
    needed = [name for name, column in table.columns.items() if column.required and name not in header]
    problems = [
        Problem(file, 1, name, "", "expected in the header; the column is missing") for name in needed
    ]
    for name in dict.fromkeys(header):
        if name not in table.columns:
            problems.append(Problem(file, 1, "", name, f"one of: {', '.join(table.columns)}"))
        elif header.count(name) > 1:
            problems.append(Problem(file, 1, "", name, "a column once only"))
    return problems


def _typed(
    header: list[str], rows: Sequence[tuple[int, list[str]]], table: Table, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    numbers = [number for number, _ in rows]
    blank = [""] * len(rows)
    cells = list(zip_longest(*(record for _, record in rows), fillvalue=""))
    frame: dict[str, Values] = {}
    problems = []
    for name, column in table.columns.items():
        if name not in header:
            frame[name] = parse_cells(blank, column)[0]
            continue
        at = header.index(name)
        texts = list(map(str.strip, cells[at])) if at < len(cells) else blank
        frame[name], wrong = parse_cells(texts, column)
        problems += [
            Problem(file, numbers[row], name, texts[row], column.expectation) for row in np.flatnonzero(wrong)
        ]
    index = pd.Index(numbers, dtype="int64")
    columns = {name: pd.Series(values, index=index, dtype=values.dtype) for name, values in frame.items()}
    return pd.DataFrame(columns, index=index, copy=False), problems
