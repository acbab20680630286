"""A search on disk, to be gone on with."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from isthmus._errors import UserError

_FORMAT = "isthmus-design-1"
_SIGNS = {1: "1", 0: "0", -1: "?"}
_VALUES = {sign: value for value, sign in _SIGNS.items()}


@dataclass
class Saved:
    """What a search needs to go on: open nodes as (bound, multiplier, design), the best design, counts so far."""

    key: str
    budget: float
    nodes: list[tuple[float, float, list[int]]]
    best: list[int]
    total: float
    visited: int
    bounds: int
    equilibria: int
    seconds: float


def save(path: Path, saved: Saved) -> None:
    """Write beside and rename: a search killed while it writes loses nothing."""
    content = asdict(saved)
    content["nodes"] = [
        [bound, price, "".join(_SIGNS[v] for v in design)] for bound, price, design in saved.nodes
    ]
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps({"format": _FORMAT, **content}), encoding="utf-8")
    os.replace(beside, path)


def load(path: Path, key: str, budget: float) -> Saved | None:
    """The search of a file, None if there is no such file; raises UserError if it is of another instance or budget, or no search."""
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != _FORMAT:
            raise ValueError("another format")
        content["nodes"] = [
            (bound, price, [_VALUES[sign] for sign in design]) for bound, price, design in content["nodes"]
        ]
        saved = Saved(**content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no search that was saved: {error}.") from error
    if saved.key != key or saved.budget != budget:
        raise UserError(f"{path} is the search of another instance or budget.")
    return saved
