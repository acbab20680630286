"""The list of tables and columns, as data: what reading, checking, the descriptor, the manual and messages all use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where the C library is there

TYPES = ("slug", "text", "number", "integer", "boolean", "list")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `minimum` and `maximum` are closed bounds, `above` and `below` open ones, None where there is none.

    `values` are the only ones allowed (empty: any), `reference` the table.column whose value it must be, `default`
    is of a parameter only.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    values: tuple[str, ...] = ()
    reference: str = ""
    required: bool = True
    default: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is held as float64, NaN where empty."""
        return self.type in ("number", "integer")

    @property
    def expectation(self) -> str:
        """What a cell should hold, in words."""
        if self.values:
            choice = ", ".join(self.values)
            return f"values joined by | out of: {choice}" if self.type == "list" else f"one of: {choice}"
        if self.is_number:
            return self._expected_number()
        return {
            "slug": "an id of lower-case letters, digits and hyphens",
            "text": "a text",
            "boolean": "true or false",
            "list": "values joined by |",
        }[self.type]

    def _expected_number(self) -> str:
        words = "a whole number" if self.type == "integer" else "a number"
        limits = [
            f"{word} {limit:g}"
            for word, limit in (
                ("at least", self.minimum),
                ("above", self.above),
                ("at most", self.maximum),
                ("below", self.below),
            )
            if limit is not None
        ]
        unit = f" ({self.unit})" if self.unit not in ("", "1") else ""
        return " ".join([words, " and ".join(limits)]).strip() + unit


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order; no two rows may share the values of the `key` columns."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a region, and the parameters that it must set."""

    tables: Mapping[str, Table]
    parameters: Mapping[str, Column]


def read_schema(path: Path) -> Schema:
    """Read a schema file; one that contradicts itself raises ValueError (it is part of the program)."""
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    common = raw["common"]
    tables = {name: _table(name, entry, common) for name, entry in raw["tables"].items()}
    parameters = {
        name: _column(name, {"type": "number", **entry}) for name, entry in raw.get("parameters", {}).items()
    }
    for table in tables.values():
        _refuse_contradictions(table, tables)
    return Schema(MappingProxyType(tables), MappingProxyType(parameters))


def _table(name: str, entry: Mapping[str, Any], common: Mapping[str, Any]) -> Table:
    columns = {**entry["columns"], **(common if entry.get("common", True) else {})}
    return Table(
        name=name,
        title=entry["title"],
        key=tuple(entry["key"]),
        columns=MappingProxyType({column: _column(column, rest) for column, rest in columns.items()}),
        optional=entry.get("optional", False),
    )


def _column(name: str, entry: Mapping[str, Any]) -> Column:
    rest = dict(entry)
    for short, long in (("min", "minimum"), ("max", "maximum")):
        if short in rest:
            rest[long] = rest.pop(short)
    return Column(name=name, **{**rest, "values": tuple(rest.get("values", ()))})


def _refuse_contradictions(table: Table, tables: Mapping[str, Table]) -> None:
    for key in table.key:
        if key not in table.columns:
            raise ValueError(f"{table.name}: the key names no column {key}")
    for column in table.columns.values():
        if column.type not in TYPES:
            raise ValueError(f"{table.name}.{column.name}: no type {column.type}")
        if column.reference:
            target, _, name = column.reference.partition(".")
            if name not in tables[target].columns:
                raise ValueError(f"{table.name}.{column.name}: no column {column.reference}")
