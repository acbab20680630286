"""The content of a table as one number, whatever the order of its rows."""

import hashlib

import pandas as pd

from isthmus.tables.files import format_cells
from isthmus.tables.schema import Table


def content_hash(frame: pd.DataFrame, table: Table) -> str:
    """SHA-256 of a typed table's name, columns and rows as written, rows sorted."""
    rows = sorted("\x1f".join(row) for row in zip(*format_cells(frame, table), strict=True))
    text = "\x1e".join([table.name, "\x1f".join(table.columns), *rows])
    return hashlib.sha256(text.encode()).hexdigest()
