"""Table Schema (Frictionless Data, 2017) of a table, so that other tools read a region's files too."""

from typing import Any

from isthmus.tables.cells import SLUG
from isthmus.tables.schema import Column, Table

_TYPES = {"slug": "string", "text": "string", "list": "string"}


def table_schema(table: Table) -> dict[str, Any]:
    """The descriptor of one table.

    Open bounds, and references of list columns, have no word in Table Schema; they stand in the description. A key
    with cells that may be empty is no primary key there and is left out.
    """
    emitted: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns.values()],
        "missingValues": [""],
    }
    if all(table.columns[name].required for name in table.key):
        emitted["primaryKey"] = list(table.key)
    keys = []
    for column in table.columns.values():
        if column.reference and column.type != "list":
            target, _, name = column.reference.partition(".")
            resource = "" if target == table.name else target
            keys.append({"fields": [column.name], "reference": {"resource": resource, "fields": [name]}})
    if keys:
        emitted["foreignKeys"] = keys
    return emitted


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.type == "slug":
        constraints["pattern"] = SLUG.pattern
    if column.values:
        choice = "|".join(column.values)
        if column.type == "list":
            constraints["pattern"] = rf"({choice})(\|({choice}))*"
        else:
            constraints["enum"] = list(column.values)
    for word, limit in (("minimum", column.minimum), ("maximum", column.maximum)):
        if limit is not None:
            constraints[word] = limit
    description = column.meaning
    if column.unit:
        description += f" Unit: {column.unit}."
    if column.above is not None or column.below is not None:
        description += f" Expected: {column.expectation}."
    return {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "description": description,
        **({"constraints": constraints} if constraints else {}),
    }
