"""A run on disk: written beside and renamed whole, read back with its hashes verified."""

from isthmus.store.geopackage import write_geopackage
from isthmus.store.omx import read_omx, write_omx
from isthmus.store.runs import Run, StoreError, add_tables, check_target, read_run, write_run, write_whole

__all__ = [
    "Run",
    "StoreError",
    "add_tables",
    "check_target",
    "read_omx",
    "read_run",
    "write_geopackage",
    "write_omx",
    "write_run",
    "write_whole",
]
