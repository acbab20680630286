"""A region in memory: immutable tables."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from isthmus._errors import UserError
from isthmus.pack.schema import SCHEMA
from isthmus.tables import Table, check_keys, check_values, content_hash, key_texts


class PackError(UserError):
    """A region's tables that cannot be used, with everything wrong in them."""


class Pack:
    """The tables of a region; never changed, only replaced.

    Rows stand in the order of their keys, whatever their order in the files, so that no answer depends on it. Cells
    are typed as `isthmus.tables.cells` says. `name` and `title` are the region's.
    """

    def __init__(self, name: str, title: str, frames: Mapping[str, pd.DataFrame]) -> None:
        self.name = name
        self.title = title
        self._frames = MappingProxyType(
            {table.name: in_key_order(frames[table.name], table) for table in SCHEMA.tables.values()}
        )
        self._hashes: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {self.hash[:12]})"

    def table(self, name: str) -> pd.DataFrame:
        """One table; what is done to it never reaches the pack. Unknown names raise KeyError."""
        return self._frames[name].copy(deep=False)

    def replace(self, name: str, frame: pd.DataFrame) -> "Pack":
        """A pack in which one table is another, the rest shared.

        Values out of range and keys used twice raise PackError; references are not looked at.
        """
        table = SCHEMA.tables[name]
        frame = in_key_order(frame[list(table.columns)], table)
        problems = check_values(frame, table, name) + check_keys(frame, table, name)
        if problems:
            raise PackError(f"Table {name} cannot be replaced:", problems)
        edited = Pack.__new__(Pack)
        edited.name, edited.title = self.name, self.title
        edited._frames = MappingProxyType({**self._frames, name: frame})
        edited._hashes = {other: digest for other, digest in self._hashes.items() if other != name}
        return edited

    def shares(self, name: str, other: "Pack") -> bool:
        """Whether a table of both packs is one and the same object, as it is where no edit touched it."""
        return self._frames[name] is other._frames[name]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content of all tables: equal for equal rows in any order."""
        for name, frame in self._frames.items():
            if name not in self._hashes:
                self._hashes[name] = content_hash(frame, SCHEMA.tables[name])
        text = "\n".join(f"{name} {self._hashes[name]}" for name in sorted(self._frames))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """Parameters by id, in the units of the schema."""
        frame = self._frames["parameters"]
        return MappingProxyType(dict(zip(frame["parameter"], frame["value"].astype(float), strict=True)))

    @property
    def base_year(self) -> int:
        """Year of the markets, statuses and prices as the files give them."""
        return int(self.parameters["base-year"])

    @property
    def year(self) -> int:
        """Year that the tables stand for: the base year until a scenario chooses another."""
        return int(self.parameters.get("year", self.base_year))

    def in_force(self, name: str) -> pd.DataFrame:
        """The rows of a table with from_year and to_year that hold in the pack's year."""
        frame = self._frames[name]
        holds = (frame["from_year"].fillna(-9999) <= self.year) & (frame["to_year"].fillna(9999) >= self.year)
        return frame[holds].reset_index(drop=True)


def in_key_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The table with its rows in the order of their keys, numbered from 0."""
    keys = key_texts(frame, table)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return frame.take(order).reset_index(drop=True)
