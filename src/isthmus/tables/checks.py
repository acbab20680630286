"""Checks that the schema implies: values in range, keys unique, references met."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from isthmus._errors import Problem
from isthmus.tables.cells import format_value, format_values, within_range
from isthmus.tables.schema import Schema, Table


def check_values(frame: pd.DataFrame, table: Table, file: str) -> list[Problem]:
    """Values of a typed table that its columns do not allow; rows are the frame's index."""
    return [
        Problem(file, int(frame.index[at]), name, format_value(frame[name].iloc[at]), column.expectation)
        for name, column in table.columns.items()
        for at in np.flatnonzero(~within_range(frame[name], column)).tolist()
    ]


def check_keys(frame: pd.DataFrame, table: Table, file: str) -> list[Problem]:
    """Rows that share their key with an earlier row; rows are the frame's index."""
    keys = key_texts(frame, table)
    if len(set(keys)) == len(keys):
        return []
    named = frame[[name for name in table.key if table.columns[name].required]].notna().all(axis=1)
    first: dict[str, int] = {}
    problems = []
    for key, row, whole in zip(keys, frame.index.tolist(), named, strict=True):
        if whole and first.setdefault(key, row) != row:
            expectation = f"a key of its own; row {first[key]} has the same"
            problems.append(Problem(file, row, ", ".join(table.key), key, expectation))
    return problems


def key_texts(frame: pd.DataFrame, table: Table) -> list[str]:
    """The key of each row as one text, several columns joined by |."""
    parts = [format_values(frame[name]) for name in table.key]
    return parts[0] if len(parts) == 1 else ["|".join(row) for row in zip(*parts, strict=True)]


def check_references(
    frames: Mapping[str, pd.DataFrame], schema: Schema, files: Mapping[str, str]
) -> list[Problem]:
    """Cells that name a row which does not exist; rows are the frames' indexes."""
    problems = []
    for name, frame in frames.items():
        for column in schema.tables[name].columns.values():
            if not column.reference:
                continue
            target, _, key = column.reference.partition(".")
            known = set(frames[target][key].tolist())
            cells = frame[column.name].tolist()
            expectation = f"a {key} of {files[target]}"
            for row, cell in zip(frame.index.tolist(), cells, strict=True):
                if cell is None or cell in known:
                    continue
                parts = cell.split("|") if column.type == "list" else [cell]
                problems += [
                    Problem(files[name], row, column.name, part, expectation)
                    for part in parts
                    if part not in known
                ]
    return problems
