"""Scenario files: YAML or JSON."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from isthmus._errors import Problem
from isthmus.scenario.edits import Scenario, ScenarioError


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML or JSON file; raises ScenarioError with everything wrong in it."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"Scenario {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f"Scenario {path} is no YAML or JSON: {error}") from error
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        problems = [
            Problem(path.name, 0, _location(found["loc"]), _short(found["input"]), _words(found))
            for found in error.errors()
        ]
        raise ScenarioError(f"Scenario {path} cannot be read:", problems) from error


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
