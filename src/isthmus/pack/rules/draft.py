"""Tables that were read and not yet trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isthmus._errors import Problem
from isthmus.tables import format_value


@dataclass(frozen=True)
class Draft:
    """All tables of a region, each with its row in the file as index, and the names of their files."""

    frames: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]

    def flag(self, table: str, wrong: Any, column: str, expectation: str | Sequence[str]) -> list[Problem]:
        """A problem for each row of a table for which `wrong` (one truth per row) holds; one expectation, or one per row."""
        frame = self.frames[table]
        return [
            Problem(
                self.files[table],
                int(frame.index[at]),
                column,
                format_value(frame[column].iloc[at]),
                expectation if isinstance(expectation, str) else expectation[at],
            )
            for at in np.flatnonzero(np.asarray(wrong, bool)).tolist()
        ]

    def lookup(self, table: str, key: str, column: str) -> dict[str, Any]:
        """Values of a column by id."""
        frame = self.frames[table]
        return dict(zip(frame[key], frame[column], strict=True))


def tuples(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows of some columns as tuples."""
    return list(zip(*(frame[column] for column in columns), strict=True))


def listed(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values of a list column, one a row, each with its row as index."""
    return cells.dropna().str.split("|").explode()
