"""Figures of the page: as short as they may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def short(value: Any, digits: int = 4) -> Any:
    """A cell for the block: numbers with so many significant digits, nothing for NaN."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    if number == 0.0:
        return 0
    rounded = round(number, digits - 1 - math.floor(math.log10(abs(number))))
    return int(rounded) if rounded == int(rounded) else rounded
