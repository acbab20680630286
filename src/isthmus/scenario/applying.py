"""A scenario applied: its edits one after another, everything wrong at once."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isthmus._errors import Problem
from isthmus.pack import SCHEMA, Pack, find_problems
from isthmus.scenario import changes, years
from isthmus.scenario.edits import Scenario, ScenarioError
from isthmus.scenario.wrong import Wrong

_FUNCTIONS: dict[str, Callable[[Pack, Any], Pack]] = {
    "year": years.to_year,
    "close": changes.close,
    "build": changes.build,
    "avoid": changes.avoid,
    "lasts": changes.lasts,
    "scale": changes.scale,
    "set": changes.set_,
}


def apply(pack: Pack, scenario: Scenario) -> Pack:
    """The pack that a scenario makes of a pack, which stays as it is.

    Raises ScenarioError with everything that cannot be done; an edit that cannot be done is passed over when the
    later ones are looked at. Rules between tables are checked again where words or references changed.
    """
    edited, problems = pack, []
    for number, edit in enumerate(scenario.edits, start=1):
        try:
            edited = _FUNCTIONS[edit.kind](edited, getattr(edit, edit.kind))
        except Wrong as wrong:
            problems += [
                Problem(f"edit {number}, {edit.kind}", 0, field, value, expectation)
                for field, value, expectation in wrong.found
            ]
    if not problems and _needs_rules(pack, edited):
        problems = find_problems(edited)
    if problems:
        raise ScenarioError(f"Scenario {scenario.name} cannot be applied to region {pack.name}:", problems)
    return edited


def _needs_rules(before: Pack, after: Pack) -> bool:
    """Whether an edit changed what rules between tables look at: words other than a status, or emptied numbers."""
    for name, table in SCHEMA.tables.items():
        if name in ("sources", "bans", "parameters") or before.shares(name, after):
            continue
        old, new = before.table(name), after.table(name)
        if name in ("segments", "premiums") or len(old) != len(new):
            return True
        for column in table.columns.values():
            if column.is_number:
                if column.name != "open_share" and (new[column.name].isna() & old[column.name].notna()).any():
                    return True
            elif column.name != "status" and not np.array_equal(old[column.name], new[column.name]):
                return True
    return False
