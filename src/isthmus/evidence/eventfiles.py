"""Known events as data of a region: a YAML file each in its folder `events`, read and checked all at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from isthmus._errors import Problem, UserError
from isthmus.evidence.formulas import names_in
from isthmus.pack import Pack
from isthmus.scenario import Edit, Scenario, ScenarioError, apply
from isthmus.scenario.edits import Cells, Names
from isthmus.scenario.selecting import select
from isthmus.scenario.wrong import Wrong

FOLDER = "events"
ELEMENTS = {"links": "link", "crossings": "crossing", "services": "service", "terminals": "terminal"}
CLOSURE_PARTS = ("unit-hours", "usd", "mean-wait-hours", "diverted-share", "closed-share")
Measure = Literal["tonnes", "teu", "shipped", "usd", "usd-per-t", "hours", "rent", "rent-rank"]


class EventError(UserError):
    """Events that cannot be used, with everything wrong in them."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Through(_Part):
    """Elements of which a route must use one; ports are places where ships call; `direction` as each counts from its first end."""

    corridors: Names = ()
    links: Names = ()
    crossings: Names = ()
    services: Names = ()
    terminals: Names = ()
    ports: Names = ()
    direction: Literal["both", "forward", "back"] = "both"

    @model_validator(mode="after")
    def _something(self) -> Through:
        if not any(getattr(self, name) for name in (*ELEMENTS, "corridors", "ports")):
            raise ValueError("at least one of: corridors, links, crossings, services, terminals, ports")
        return self


class Reliance(_Part):
    """Markets (by segment) of which at least a share goes through elements in a run."""

    run: str
    through: Through
    share: float = Field(default=0.05, gt=0, le=1)


class Quantity(_Part):
    """Something that is measured in each run.

    `tonnes`, `teu` (both a year, of routes `through` elements, of a trunk mode, or all), `shipped` (tonnes a year of markets),
    `usd` (what these routes pay a year, scarcity prices of slots inside), `usd-per-t` and `hours` (means of these routes; with `legs`,
    money on those elements alone), `rent` (USD a year of a pool), `rent-rank` (1: the pool with most of the region).
    """

    measure: Measure
    through: Through | None = None
    then: Through | None = None
    legs: Through | None = None
    trunk: Literal["sea", "rail", "road", "combined"] | None = None
    markets: dict[str, Cells] = Field(default_factory=dict)
    relying: Reliance | None = None
    pool: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Quantity:
        if (self.pool is not None) != (self.measure in ("rent", "rent-rank")):
            raise ValueError("a pool for rent and rent-rank, and for nothing else")
        if self.measure == "teu" and self.through is None:
            raise ValueError("teu are counted where they pass: give through")
        if self.measure == "shipped" and (self.through or self.trunk):
            raise ValueError("shipped is of whole markets, without through and trunk")
        if self.legs is not None and self.measure != "usd-per-t":
            raise ValueError("legs are for usd-per-t")
        return self


class Run(_Part):
    """A year, and edits of it, as a scenario has them."""

    year: int | None = None
    edits: tuple[Edit, ...] = ()


class ShortClosure(_Part):
    """An element shut for some hours in a run, to which the rule of queues is applied."""

    run: str
    crossing: str | None = None
    link: str | None = None
    service: str | None = None
    terminal: str | None = None
    hours: float = Field(gt=0)

    @model_validator(mode="after")
    def _one(self) -> ShortClosure:
        if sum(getattr(self, kind) is not None for kind in ELEMENTS.values()) != 1:
            raise ValueError("exactly one of: crossing, link, service, terminal")
        return self

    @property
    def element(self) -> tuple[str, str]:
        """Kind and id."""
        return next(
            (kind, getattr(self, kind)) for kind in ELEMENTS.values() if getattr(self, kind) is not None
        )


class Figure(_Part):
    """A figure that the event is judged by: passes from `least` to `most`, both inside; with neither it is shown and not judged."""

    name: str
    formula: str
    unit: str = "1"
    happened: float | None = None
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Figure:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least at most most")
        return self


class Event(_Part):
    """What happened, with what inputs the model is asked, and when its answer passes.

    `role`: `fit`, calibration may use it; `test`, kept for judging. `miss`: why the model fails it, where it does.
    """

    event: str
    name: str
    happened: str
    inputs: str
    role: Literal["fit", "test"] = "test"
    sources: Annotated[tuple[str, ...], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)]
    runs: dict[str, Run] = Field(min_length=1)
    quantities: dict[str, Quantity] = Field(default_factory=dict)
    closures: dict[str, ShortClosure] = Field(default_factory=dict)
    figures: tuple[Figure, ...] = Field(min_length=1)
    miss: str = ""

    @model_validator(mode="after")
    def _judged(self) -> Event:
        if all(figure.least is None and figure.most is None for figure in self.figures):
            raise ValueError("figures: at least one with least or most")
        return self


def read_events(folder: Path, pack: Pack) -> list[Event]:
    """The events of a region's folder, in the order of their file names, checked against its tables.

    Raises EventError with everything wrong in all of them.
    """
    events, problems = [], []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        event, found = _read(path)
        problems += found
        if event is not None:
            problems += [
                Problem(f"{FOLDER}/{path.name}", 0, *each)
                for each in (*_named(event, path.stem), *_checked(event, pack))
            ]
            events.append(event)
    if problems:
        raise EventError(f"Events of region {pack.name} cannot be used:", problems)
    return events


def packs_of(event: Event, base: Pack) -> dict[str, Pack]:
    """The edited pack of each run; the base itself where a run is of the base year without edits.

    Raises ScenarioError as `isthmus.scenario.apply` does.
    """
    found = {}
    for name, run in event.runs.items():
        dated = run.year is not None and run.year != base.base_year
        edits = (*((Edit(year=run.year),) if dated else ()), *run.edits)
        found[name] = apply(base, Scenario(name=f"{event.event}, {name}", edits=edits)) if edits else base
    return found


def _read(path: Path) -> tuple[Event | None, list[Problem]]:
    name = f"{FOLDER}/{path.name}"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [Problem(name, 0, "", "", f"expected YAML; {error}")]
    try:
        return Event.model_validate(raw), []
    except ValidationError as error:
        return None, [
            Problem(name, 0, ", ".join(map(str, found["loc"])), _short(found["input"]), _words(found))
            for found in error.errors()
        ]


def _short(value: Any) -> str:
    return "" if isinstance(value, dict | list | tuple) else str(value)


def _words(found: Any) -> str:
    message = str(found["msg"]).removeprefix("Value error, ")
    known = {"missing": "a value, which is required", "extra_forbidden": "no such field"}
    return known.get(found["type"], message[:1].lower() + message[1:])


def _named(event: Event, stem: str) -> list[tuple[str, str, str]]:
    return [] if event.event == stem else [("event", event.event, f"the name of the file, {stem}")]


def _checked(event: Event, pack: Pack) -> list[tuple[str, str, str]]:
    """(Field, value, expectation) of everything that does not fit the region."""
    known = set(pack.table("sources")["source"])
    found = [("sources", source, "a source of the region") for source in event.sources if source not in known]
    for name, quantity in event.quantities.items():
        found += [
            (f"quantities, {name}, {field}", value, expectation)
            for field, value, expectation in _of_quantity(quantity, event, pack)
        ]
    for name, closure in event.closures.items():
        kind, element = closure.element
        found += _missing(pack, f"closures, {name}", {f"{kind}s": (element,)})
        found += _no_run(event, f"closures, {name}, run", closure.run)
    for number, figure in enumerate(event.figures, start=1):
        found += [(f"figures {number}, formula", *rest) for rest in _of_formula(figure.formula, event)]
    try:
        packs_of(event, pack)
    except ScenarioError as error:
        found += [
            (f"runs, {each.file}, {each.column}", each.value, each.expectation) for each in error.problems
        ]
    return found


def _of_quantity(quantity: Quantity, event: Event, pack: Pack) -> Iterable[tuple[str, str, str]]:
    through = {"through": quantity.through, "then": quantity.then, "legs": quantity.legs}
    if quantity.relying:
        through["relying, through"] = quantity.relying.through
        yield from _no_run(event, "relying, run", quantity.relying.run)
    for field, each in through.items():
        if each is not None:
            names = (*ELEMENTS, "corridors", "ports")
            yield from _missing(pack, field, {name: getattr(each, name) for name in names})
    if quantity.pool is not None and quantity.pool not in set(pack.table("pools")["pool"]):
        yield "pool", quantity.pool, "a pool of the region"
    try:
        select(pack, "markets", (), quantity.markets)
    except Wrong as wrong:
        yield from ((f"markets, {field}", value, expectation) for field, value, expectation in wrong.found)


def _missing(pack: Pack, field: str, wanted: dict[str, tuple[str, ...]]) -> list[tuple[str, str, str]]:
    found = []
    for name, ids in wanted.items():
        table, key = ("places", "place") if name == "ports" else (name, name.removesuffix("s"))
        known = set(pack.table(table)[key]) if ids else set()
        found += [(f"{field}, {name}", each, f"a {key} of the region") for each in ids if each not in known]
    return found


def _no_run(event: Event, field: str, run: str) -> list[tuple[str, str, str]]:
    return [] if run in event.runs else [(field, run, f"one of the runs: {', '.join(event.runs)}")]


def _of_formula(formula: str, event: Event) -> list[tuple[str, str]]:
    try:
        names = sorted(names_in(formula))
    except ValueError as error:
        return [(formula, str(error))]
    found = []
    for quantity, part in names:
        if quantity in event.closures:
            if part not in CLOSURE_PARTS:
                found.append((f"{quantity}.{part}", f"one of its figures: {', '.join(CLOSURE_PARTS)}"))
        elif quantity not in event.quantities:
            found.append((f"{quantity}.{part}", "a quantity or closure of the event"))
        elif part not in event.runs:
            found.append((f"{quantity}.{part}", f"one of the runs: {', '.join(event.runs)}"))
    return found
