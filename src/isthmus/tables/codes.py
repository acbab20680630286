"""Codes: where the values of a column stand in an index."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def codes(values: Iterable[Any], index: "pd.Index[Any]") -> npt.NDArray[np.int64]:
    """Position of each value in the index, -1 where it is not there (or empty)."""
    return np.asarray(index.get_indexer(pd.Index(values, dtype=object)), np.int64)
