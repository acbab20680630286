"""The descriptor of a region's folder, made from the schema and the files that are there."""

import json
from pathlib import Path
from typing import Any

from isthmus._errors import UserError
from isthmus.pack.loading import DESCRIPTOR
from isthmus.pack.schema import SCHEMA
from isthmus.tables import table_schema


def describe(folder: Path) -> dict[str, Any]:
    """Write datapackage.json with a resource for each table's CSV file and return it.

    What stands in the file beside its resources (name, title, licences) is kept; without one the name is the
    folder's.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    descriptor = descriptor_of(folder)
    (folder / DESCRIPTOR).write_text(
        json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return descriptor


def descriptor_of(folder: Path) -> dict[str, Any]:
    """What `describe` would write."""
    path = folder / DESCRIPTOR
    try:
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{path}: expected JSON: {error}") from error
    head = {"name": folder.resolve().name, "title": folder.resolve().name}
    head.update({key: value for key, value in kept.items() if key not in ("resources", "profile")})
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "title": table.title,
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": table_schema(table),
        }
        for name, table in SCHEMA.tables.items()
        if (folder / f"{name}.csv").is_file()
    ]
    return {**head, "profile": "tabular-data-package", "resources": resources}
