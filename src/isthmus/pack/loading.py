"""From a folder, or the name of a region that ships, to a pack."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import Problem, UserError
from isthmus.pack.pack import Pack, PackError
from isthmus.pack.rules import Draft, find_problems
from isthmus.pack.schema import SCHEMA
from isthmus.tables import empty_frame, read_csv

DESCRIPTOR = "datapackage.json"
_REGIONS = Path(__file__).parents[1] / "regions"


def load(region: str | Path) -> Pack:
    """Read and check a region: a folder with datapackage.json and CSV files, or the name of one that ships.

    Raises PackError with everything wrong in it, UserError if there is no such region.
    """
    folder = find_region(region)
    draft, descriptor, problems = read_draft(folder)
    problems += find_problems(draft) if descriptor else []
    if problems:
        raise PackError(f"Region {folder} cannot be used:", problems)
    return Pack(descriptor["name"], descriptor.get("title", descriptor["name"]), draft.frames)


def shipped_regions() -> list[str]:
    """Names of the regions that ship inside the package."""
    return sorted(path.parent.name for path in _REGIONS.glob(f"*/{DESCRIPTOR}"))


def find_region(region: str | Path) -> Path:
    """The folder of a region; a bare name that ships goes before a folder of that name."""
    if str(region) in shipped_regions():
        return _REGIONS / str(region)
    folder = Path(region)
    if not folder.is_dir():
        shipped = ", ".join(shipped_regions())
        raise UserError(f"There is no region {str(region)!r}: expected a folder or one of: {shipped}.")
    return folder


def read_draft(folder: Path) -> tuple[Draft, dict[str, Any], list[Problem]]:
    """The typed tables of a folder, its descriptor, and what is wrong with cells and files.

    Files that cannot be read stand as empty tables, so that the rest can be looked at.
    """
    descriptor, problems = _read_descriptor(folder / DESCRIPTOR)
    paths = _table_paths(descriptor, folder)
    frames: dict[str, pd.DataFrame] = {}
    files = {name: paths.get(name, folder / f"{name}.csv").name for name in SCHEMA.tables}
    for name, table in SCHEMA.tables.items():
        path = paths.get(name)
        if path is not None and path.is_file():
            frames[name], found = read_csv(path, table)
            problems += found
            continue
        frames[name] = empty_frame(table)
        if path is not None:
            problems.append(
                Problem(DESCRIPTOR, 0, "resources", path.name, "the path of a file in the folder")
            )
        elif not table.optional and descriptor:
            problems.append(Problem(DESCRIPTOR, 0, "", "", f"expected a resource {name} ({table.title})"))
    return Draft(frames, files), descriptor, problems


def _read_descriptor(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        advice = "expected in the folder; `isthmus check FOLDER --describe` writes it"
        return {}, [Problem(DESCRIPTOR, 0, "", "", advice)]
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return {}, [Problem(DESCRIPTOR, 0, "", "", f"expected JSON: {error}")]
    problems = []
    if not isinstance(descriptor, dict) or not isinstance(descriptor.get("name"), str):
        return {}, [Problem(DESCRIPTOR, 0, "name", "", "the region's id")]
    resources = descriptor.get("resources")
    if not isinstance(resources, list):
        return {}, [Problem(DESCRIPTOR, 0, "resources", "", "a list of the region's tables")]
    for resource in resources:
        name = resource.get("name") if isinstance(resource, dict) else None
        if name not in SCHEMA.tables:
            expected = f"one of: {', '.join(SCHEMA.tables)}"
            problems.append(Problem(DESCRIPTOR, 0, "resources", str(name), expected))
        elif not _is_inside(resource.get("path")):
            expected = "the path of a CSV file in the folder"
            problems.append(Problem(DESCRIPTOR, 0, "resources", str(resource.get("path")), expected))
    return descriptor, problems


def _table_paths(descriptor: dict[str, Any], folder: Path) -> dict[str, Path]:
    return {
        resource["name"]: folder / resource["path"]
        for resource in descriptor.get("resources", [])
        if isinstance(resource, dict) and _is_inside(resource.get("path"))
    }


def _is_inside(path: object) -> bool:
    return (
        isinstance(path, str) and bool(path) and not Path(path).is_absolute() and ".." not in Path(path).parts
    )
