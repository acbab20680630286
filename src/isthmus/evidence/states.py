"""Years of a region on one set of routes: as the model solves them, and with all tonnes on the cheapest path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from isthmus.assignment import Stochastic
from isthmus.evidence.measures import World
from isthmus.freight import Prepared, Solved, outcome_of, prepare
from isthmus.pack import Pack
from isthmus.scenario import Edit, Scenario, apply


@dataclass(frozen=True)
class State:
    """A solved year with its tables, as `isthmus.evaluation.counts` reads them."""

    world: World
    tables: Mapping[str, pd.DataFrame]

    @property
    def pack(self) -> Pack:
        """The region of that year."""
        return self.world.pack


@dataclass(frozen=True)
class Years:
    """A base and other years of it, prepared together; `packs` by year, the base's among them."""

    prepared: Prepared
    packs: Mapping[int, Pack]


def years_known(pack: Pack) -> set[int]:
    """Years from the first to the last for which the region has demand or values of its own, the base year among them."""
    own = {int(year) for table in ("demand_by_year", "by_year") for year in pack.table(table)["year"]}
    return set(range(min({pack.base_year, *own}), max({pack.base_year, *own}) + 1))


def prepare_years(base: Pack, years: Iterable[int], *, gap: float = 1000.0) -> Years:
    """The base and other years of it on the union of their routes."""
    packs = dated(base, years)
    others = tuple(pack for pack in packs.values() if pack is not base)
    return Years(prepare(base, others=others, rule=Stochastic(gap=gap)), packs)


def dated(base: Pack, years: Iterable[int]) -> dict[int, Pack]:
    """The pack of each year, the base's own first."""
    wanted = sorted({*years} - {base.base_year})
    return {base.base_year: base} | {
        year: apply(base, Scenario(name=str(year), edits=(Edit(year=year),))) for year in wanted
    }


def with_base(years: Years, base: Pack) -> Years:
    """The same years and routes for an edit of the base's parameters or values of time."""
    return Years(years.prepared.rebased(base), dated(base, years.packs))


def solve_years(years: Years) -> dict[int, World]:
    """Each year, from the base's prices."""
    first = years.prepared.solve(start=years.prepared.start)
    return {
        year: World(
            years.prepared,
            first if pack is years.prepared.pack else years.prepared.solve(pack, start=first.start),
        )
        for year, pack in years.packs.items()
    }


def told(world: World) -> State:
    """A year with its tables."""
    return State(world, outcome_of(world.prepared, world.solved).tables)


def all_or_nothing(world: World) -> World:
    """The same demand on the cheapest open path of each market, without scarcity: what a matrix alone would say."""
    routes, solved = world.prepared.routes, world.solved
    cost = solved.problem.routes.cost
    order = np.lexsort((cost, routes.market))
    first = np.flatnonzero(np.diff(routes.market[order], prepend=-1))
    best = order[first]
    best = best[np.isfinite(cost[best])]
    flow = np.zeros(cost.size)
    flow[best] = solved.demand.tonnes[routes.market[best]]
    shipped = np.zeros(solved.demand.tonnes.size)
    shipped[routes.market[best]] = flow[best]
    solution = replace(solved.solution, flow=flow, shipped=shipped, load=np.zeros(solved.solution.load.size))
    return World(world.prepared, _with(solved, solution))


def _with(solved: Solved, solution: object) -> Solved:
    return replace(solved, solution=solution)  # type: ignore[arg-type]
