"""The tables of a region: loaded, checked, held unchanged, searched."""

from isthmus.pack.checking import Check, check, find_problems
from isthmus.pack.describing import describe
from isthmus.pack.gmns import import_gmns
from isthmus.pack.loading import find_region, load, shipped_regions
from isthmus.pack.pack import Pack, PackError
from isthmus.pack.places import find_places, resolve_place
from isthmus.pack.schema import SCHEMA
from isthmus.pack.sources import cite
from isthmus.pack.starting import new

__all__ = [
    "SCHEMA",
    "Check",
    "Pack",
    "PackError",
    "check",
    "cite",
    "describe",
    "find_places",
    "find_problems",
    "find_region",
    "import_gmns",
    "load",
    "new",
    "resolve_place",
    "shipped_regions",
]
