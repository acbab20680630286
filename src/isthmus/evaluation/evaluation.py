"""One evaluation: a region and a scenario, solved, with tables and accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from isthmus import __version__
from isthmus.accounts import accounts_of, gains
from isthmus.assignment import Certificate, Start, Stochastic
from isthmus.freight import Prepared, outcome_of, prepare, sheets_of
from isthmus.pack import Pack, load
from isthmus.scenario import Edit, Scenario, apply, lasting_as, read_scenario


@dataclass(frozen=True)
class Evaluation:
    """A solved region.

    Attributes:
        key: hash of engine version, content of the edited pack, parameters of the solve and the key of the base it started from.
        pack: the region as solved, after the scenario.
        scenario: the edits, in order.
        tables: `flows`, `pools`, `crossings`, `ports`, `corridors`, `countries`, `national`, `receipts`, `markets`, `routes`,
            `empties`, `accounts`; `gains` and `base_flows` against the base if there are edits; if asked for, `itineraries`, `layers`,
            `confidence` and `cited`.
        certificate: gap and bounds, USD a year.
        start: prices for a neighbour.
        guesses: whether estimated capacities bind.
    """

    key: str
    pack: Pack
    scenario: Scenario
    tables: Mapping[str, pd.DataFrame]
    certificate: Certificate
    start: Start
    guesses: bool


def _silent(message: str) -> None:
    """Say nothing."""


def run(
    region: str | Path = "caspian",
    *,
    year: int | None = None,
    scenario: Path | Scenario | None = None,
    guesses: bool = False,
    gap: float = 1000.0,
    sheets: bool = False,
    progress: Callable[[str], None] = _silent,
) -> Evaluation:
    """Solve the freight of a region.

    Parameters
    ----------
    region : str or Path
        A region that ships, or a folder.
    year : int, optional
        Year whose statuses, values and demand hold; by default the base year.
    scenario : Path or Scenario, optional
        Edits to apply after the year.
    guesses : bool
        Let capacities bind that are estimates.
    gap : float
        Primal-dual gap to reach, USD a year.
    sheets : bool
        Make the tables that a report needs beyond the others: legs of corridors, layers of the map, confidence and sources of figures.
    progress : callable
        Called with a line of text as the work goes on.

    Raises
    ------
    UserError
        If the region, the year or the scenario cannot be used.
    """
    base = load(region)
    plan = plan_of(base, year, scenario)
    edited = apply(base, plan) if plan.edits else base
    return evaluate(base, edited, plan, guesses=guesses, gap=gap, sheets=sheets, progress=progress)


def plan_of(base: Pack, year: int | None, scenario: Path | Scenario | None) -> Scenario:
    """The edits that a year and a scenario ask for, the year first."""
    given = read_scenario(scenario) if isinstance(scenario, Path) else scenario
    edits = given.edits if given else ()
    if year is not None and year != base.base_year:
        edits = (Edit(year=year), *edits)
    name = given.name if given else (str(year) if edits else "base")
    return Scenario(name=name, note=given.note if given else "", edits=edits)


def evaluate(
    base: Pack,
    edited: Pack,
    scenario: Scenario,
    *,
    guesses: bool = False,
    gap: float = 1000.0,
    sheets: bool = False,
    progress: Callable[[str], None] = _silent,
) -> Evaluation:
    """Solve a base and an edit of it on the union of their route sets; the edit starts from the base's prices."""
    rule = Stochastic(gap=gap)
    changed = edited is not base
    progress(f"{base.title}: laying out, finding routes")
    prepared = prepare(base, others=(edited,) if changed else (), guesses=guesses, rule=rule)
    progress(
        f"{prepared.routes.market.size:,} routes of {prepared.routes.nest_first.size - 1:,} markets; solving"
    )
    solved = prepared.solve(lasting_as(base, edited), start=prepared.start)
    outcome = outcome_of(prepared, solved)
    accounts = accounts_of(base, outcome)
    tables = {**outcome.tables, "accounts": accounts}
    key = key_of(base, prepared, gap, f"routes of {edited.hash}" if changed else "")
    if changed:
        progress("solving the scenario")
        solved = prepared.solve(edited, start=outcome.start)
        outcome = outcome_of(prepared, solved)
        after = accounts_of(edited, outcome)
        keys = ["kind", "element", "forward"]
        before = pd.DataFrame(tables["flows"].groupby(keys, sort=False)["tonnes"].sum()).reset_index()
        tables = {**outcome.tables, "accounts": after, "gains": gains(accounts, after), "base_flows": before}
        key = key_of(edited, prepared, gap, key)
    if sheets:
        tables |= sheets_of(prepared, solved)
    progress(f"gap {outcome.certificate.gap:,.0f} USD a year after {outcome.certificate.iterations} steps")
    return Evaluation(
        key, edited, scenario, MappingProxyType(tables), outcome.certificate, outcome.start, guesses
    )


def key_of(pack: Pack, prepared: Prepared, gap: float, parent: str) -> str:
    """Key of an evaluation: equal for equal engine, content, parameters and parent."""
    text = "\n".join(
        [
            __version__,
            pack.hash,
            prepared.pack.hash,
            f"stochastic gap={gap!r} guesses={prepared.guesses}",
            parent,
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()
