"""Scenario files: YAML or JSON, and the CSV files of factors that they name."""

import csv
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from isthmus._errors import Problem
from isthmus.pack import SCHEMA
from isthmus.scenario.edits import Scenario, ScenarioError
from isthmus.tables import format_value


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML or JSON file; raises ScenarioError with everything wrong in it.

    `factors` of a scale may name a CSV file beside it, with the key columns of the table and `factor`.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"Scenario {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f"Scenario {path} is no YAML or JSON: {error}") from error
    raw, wrong = _with_factors(raw, path.parent)
    if wrong:
        raise ScenarioError(f"Scenario {path} cannot be read:", wrong)
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        problems = [
            Problem(path.name, 0, _location(found["loc"]), _short(found["input"]), _words(found))
            for found in error.errors()
        ]
        raise ScenarioError(f"Scenario {path} cannot be read:", problems) from error


def write_factors(path: Path, table: str, factors: dict[str, float]) -> None:
    """Write a CSV of factors that a scale may name: the key columns of a table and `factor`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*SCHEMA.tables[table].key, "factor"])
        writer.writerows([*key.split("|"), format_value(factor)] for key, factor in sorted(factors.items()))


def _with_factors(raw: Any, folder: Path) -> tuple[Any, list[Problem]]:
    """The scenario as read, with the files that its scales name in the place of their names."""
    problems: list[Problem] = []
    if not isinstance(raw, dict) or not isinstance(raw.get("edits"), list):
        return raw, problems
    edits = []
    for edit in raw["edits"]:
        scale = edit.get("scale") if isinstance(edit, dict) else None
        if (
            isinstance(scale, dict)
            and isinstance(scale.get("factors"), str)
            and scale.get("table") in SCHEMA.tables
        ):
            factors, wrong = _read_factors(folder / scale["factors"], str(scale["table"]))
            problems += wrong
            edit = {**edit, "scale": {**scale, "factors": factors}}
        edits.append(edit)
    return {**raw, "edits": edits}, problems


def _read_factors(path: Path, table: str) -> tuple[dict[str, float], list[Problem]]:
    key = SCHEMA.tables[table].key
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return {}, [Problem(path.name, 0, "", "", f"expected CSV in UTF-8: {error}")]
    lacking = [name for name in (*key, "factor") if not rows or name not in rows[0]]
    if lacking:
        return {}, [
            Problem(path.name, 1, name, "", "expected in the header, and rows; the column is missing")
            for name in lacking
        ]
    factors: dict[str, float] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        name, text = "|".join(row[column] or "" for column in key), (row["factor"] or "").strip()
        try:
            factor = float(text)
        except ValueError:
            factor = -1.0
        if not 0.0 <= factor < float("inf"):
            problems.append(Problem(path.name, number, "factor", text, "a number at least 0"))
        elif name in factors:
            problems.append(Problem(path.name, number, ", ".join(key), name, "a key once only"))
        else:
            factors[name] = factor
    return factors, problems


def _location(path: tuple[int | str, ...]) -> str:
    """As in ``edits 3, close, crossings``: the third edit."""
    return ", ".join(str(part + 1) if isinstance(part, int) else part for part in path).replace(
        "edits, ", "edits "
    )


def _short(value: Any) -> str:
    return value if isinstance(value, str) else "" if isinstance(value, dict | list | tuple) else str(value)


def _words(found: Any) -> str:
    message = str(found["msg"]).removeprefix("Value error, ")
    return {
        "missing": "a value, which is required",
        "extra_forbidden": "no such field",
    }.get(found["type"], message[:1].lower() + message[1:])
