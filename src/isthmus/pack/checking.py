"""The check of a region as a public verb."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isthmus._errors import Problem
from isthmus.pack.loading import find_region, read_draft
from isthmus.pack.pack import Pack
from isthmus.pack.rules import Draft
from isthmus.pack.rules import find_problems as find_in_draft
from isthmus.pack.schema import SCHEMA


@dataclass(frozen=True)
class Check:
    """What a region holds and what is wrong with it.

    `tables` has the columns table, title, rows and sources (different publications behind the rows); `hash` is the
    content's, empty if there are problems.
    """

    region: str
    folder: Path
    hash: str
    tables: pd.DataFrame
    problems: tuple[Problem, ...]


def check(region: str | Path) -> Check:
    """Look at everything in a region at once. Raises UserError only if there is no such region."""
    folder = find_region(region)
    draft, descriptor, problems = read_draft(folder)
    problems = [*problems, *find_in_draft(draft)] if descriptor else problems
    rows = [
        (
            name,
            table.title,
            len(draft.frames[name]),
            draft.frames[name]["source"].nunique() if "source" in table.columns else 0,
        )
        for name, table in SCHEMA.tables.items()
    ]
    return Check(
        region=descriptor.get("name", folder.name),
        folder=folder,
        hash="" if problems else Pack(descriptor["name"], "", draft.frames).hash,
        tables=pd.DataFrame(rows, columns=["table", "title", "rows", "sources"]),
        problems=tuple(sorted(set(problems))),
    )


def find_problems(pack: Pack) -> list[Problem]:
    """What breaks a rule in a pack that was edited; rows are counted as if its tables were written to files."""
    frames = {name: pack.table(name) for name in SCHEMA.tables}
    frames = {name: frame.set_axis(range(2, len(frame) + 2)) for name, frame in frames.items()}
    return find_in_draft(Draft(frames, {name: name for name in frames}))
