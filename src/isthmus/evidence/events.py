"""The verb `events`: known events of a region, run with what was known of their year, beside what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import UserError
from isthmus.assignment import Stochastic
from isthmus.evidence.closures import LONGEST, Queue, closure_of
from isthmus.evidence.eventfiles import Event, Figure, packs_of, read_events
from isthmus.evidence.formulas import names_in, value_of
from isthmus.evidence.measures import World, measured
from isthmus.freight import prepare
from isthmus.pack import Pack, find_region, load
from isthmus.scenario import Close, Edit, Scenario, apply
from isthmus.store import write_run

FIGURES = ("event", "figure", "unit", "happened", "model", "least", "most", "passes")
VALUES = ("event", "quantity", "run", "value")


@dataclass(frozen=True)
class Events:
    """Answer of `events`.

    Attributes:
        pack: the region.
        told: the events, as they were asked.
        events: one row an event: `event`, `name`, `role`, `happened`, `inputs`, `passes`, `miss` (why it fails, as the region says),
            `sources`.
        figures: one row a figure: `event`, `figure`, `unit`, `happened` (where a number is known), `model`, `least`, `most`, `passes`
            (empty: shown, not judged).
        values: what each figure was worked out from: `event`, `quantity`, `run` (or a closure and its part), `value`.
    """

    pack: Pack
    told: tuple[Event, ...]
    events: pd.DataFrame
    figures: pd.DataFrame
    values: pd.DataFrame


def _silent(message: str) -> None:
    """Say nothing."""


def events(
    region: str | Path = "caspian",
    *,
    only: str | None = None,
    gap: float = 1000.0,
    progress: Callable[[str], None] = _silent,
) -> Events:
    """Run the known events of a region.

    Parameters
    ----------
    region : str or Path
        A region that ships, or a folder; its events are the files of its folder `events`.
    only : str, optional
        One event, by id.
    gap : float
        Primal-dual gap to reach in every solve, USD a year.
    progress : callable
        Called with a line of text as the work goes on.

    Raises
    ------
    UserError
        If the region or its events cannot be used, or there is no such event.
    """
    pack = load(region)
    told = read_events(find_region(region), pack)
    if only is not None:
        if only not in {event.event for event in told}:
            known = ", ".join(event.event for event in told) or "none"
            raise UserError(f"No event {only!r} in region {pack.name}; expected one of: {known}.")
        told = [event for event in told if event.event == only]
    rows: list[dict[str, Any]] = []
    figures: list[tuple[Any, ...]] = []
    values: list[tuple[Any, ...]] = []
    for event in told:
        progress(event.name)
        asked, worked = judge(event, pack, gap=gap)
        figures += [(event.event, *row) for row in asked]
        values += [(event.event, *name, value) for name, value in sorted(worked.items())]
        head = {name: getattr(event, name) for name in ("event", "name", "role", "happened", "inputs")}
        rows.append(
            {
                **head,
                "passes": all(row[-1] is not False for row in asked),
                "miss": event.miss,
                "sources": "|".join(event.sources),
            }
        )
    columns = ["event", "name", "role", "happened", "inputs", "passes", "miss", "sources"]
    return Events(
        pack,
        tuple(told),
        pd.DataFrame(rows, columns=columns),
        pd.DataFrame(figures, columns=list(FIGURES)).astype(
            {name: float for name in ("happened", "model", "least", "most")}
        ),
        pd.DataFrame(values, columns=list(VALUES)),
    )


def judge(
    event: Event, base: Pack, *, gap: float = 1000.0
) -> tuple[list[tuple[Any, ...]], dict[tuple[str, str], float]]:
    """The figures of an event as rows (figure, unit, happened, model, least, most, passes), and the quantities by (name, run)."""
    worlds = solved_runs(event, base, gap=gap)
    queues = {name: _queue(event, name, worlds) for name in event.closures}
    wanted = sorted({pair for figure in event.figures for pair in names_in(figure.formula)})
    worked = {
        (name, part): _part(queues[name], part)
        if name in queues
        else measured(event.quantities[name], part, worlds)
        for name, part in wanted
    }
    return [_row(figure, worked) for figure in event.figures], worked


def solved_runs(event: Event, base: Pack, *, gap: float = 1000.0) -> dict[str, World]:
    """The runs of an event, solved on one set of routes from the base's prices; closures of more than 30 days are a run of their own,
    under the closure's name."""
    packs = packs_of(event, base)
    for name, closure in event.closures.items():
        if closure.hours > LONGEST:
            kind, element = closure.element
            shut = Close.model_validate({f"{kind}s": element})
            lasts, before = Edit(lasts=closure.hours / 24.0), packs[closure.run]
            packs[_open(name)] = apply(before, Scenario(name=_open(name), edits=(lasts,)))
            packs[name] = apply(before, Scenario(name=name, edits=(Edit(close=shut), lasts)))
    others = tuple(pack for pack in packs.values() if pack is not base)
    prepared = prepare(base, others=others, rule=Stochastic(gap=gap))
    first = prepared.solve(start=prepared.start)
    worlds = {}
    for name, pack in packs.items():
        worlds[name] = World(prepared, first if pack is base else prepared.solve(pack, start=first.start))
    return worlds


def _open(closure: str) -> str:
    """Name of the run that a long closure is set beside: as long, and open."""
    return f"{closure}, open"


def _queue(event: Event, name: str, worlds: Mapping[str, World]) -> Queue:
    closure = event.closures[name]
    if closure.hours <= LONGEST:
        return closure_of(worlds[closure.run], *closure.element, closure.hours)
    before, after = (worlds[each].solved.solution for each in (_open(name), name))
    share = closure.hours / 8760.0
    lost = float(before.surplus.sum() - after.surplus.sum()) * share
    return Queue(closure.hours, 0.0, 0.0, 0.0, 0.0, 1.0, lost)


def _part(queue: Queue, part: str) -> float:
    return {
        "unit-hours": queue.unit_hours,
        "usd": queue.usd,
        "mean-wait-hours": queue.mean_wait_hours,
        "diverted-share": queue.diverted_share,
        "closed-share": queue.hours / 8760.0,
    }[part]


def _row(figure: Figure, worked: Mapping[tuple[str, str], float]) -> tuple[Any, ...]:
    model = value_of(figure.formula, lambda quantity, run: worked[quantity, run])
    low = float("-inf") if figure.least is None else figure.least
    high = float("inf") if figure.most is None else figure.most
    judged = figure.least is not None or figure.most is not None
    passes = low <= model <= high if judged else None
    return figure.name, figure.unit, figure.happened, model, figure.least, figure.most, passes


def write_events(result: Events, folder: Path, *, force: bool = False) -> Path:
    """Write the tables as a folder of `isthmus.store.write_run`.

    Raises StoreError if the folder exists and `force` is not given.
    """
    tables = {"events": result.events, "event_figures": result.figures, "event_values": result.values}
    return write_run(folder, tables, manifest_of(result), force=force)


def manifest_of(result: Events) -> dict[str, Any]:
    """What the folder says of itself."""
    pack = result.pack
    return {
        "kind": "events",
        "region": {"name": pack.name, "title": pack.title, "hash": pack.hash, "year": pack.year},
        "parameters": dict(pack.parameters),
        "passed": int(result.events["passes"].sum()),
        "asked": len(result.events),
    }
