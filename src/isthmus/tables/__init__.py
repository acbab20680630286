"""Tables: a column's name, type, unit, range, reference and meaning; read, check all at once, write, hash."""

from isthmus._errors import Problem, UserError
from isthmus.tables.cells import SLUG, format_value, parse_cells, parse_value, split_list
from isthmus.tables.checks import check_keys, check_references, check_values, key_texts
from isthmus.tables.codes import codes
from isthmus.tables.descriptor import table_schema
from isthmus.tables.files import empty_frame, format_cells, read_csv, write_csv
from isthmus.tables.hashing import content_hash
from isthmus.tables.schema import Column, Schema, Table, read_schema

__all__ = [
    "SLUG",
    "Column",
    "Problem",
    "Schema",
    "Table",
    "UserError",
    "check_keys",
    "check_references",
    "check_values",
    "codes",
    "content_hash",
    "empty_frame",
    "format_cells",
    "format_value",
    "key_texts",
    "parse_cells",
    "parse_value",
    "read_csv",
    "read_schema",
    "split_list",
    "table_schema",
    "write_csv",
]
