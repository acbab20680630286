"""The verb `route`: itineraries of one consignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isthmus._errors import UserError
from isthmus.freight import CRITERIA, Router, Way, segment_called, with_zone
from isthmus.pack import Pack, load, resolve_place
from isthmus.store import add_tables, read_run

SAVED = "saved_routes"
"""Table of a run that holds saved itineraries."""


@dataclass(frozen=True)
class Itineraries:
    """Answer of `route`.

    Attributes:
        pack: the region.
        origin, destination: places (ids).
        cargo: segment carried.
        ways: itineraries, best first.
        summary: one row a way: `days`, `km`, `usd_per_t`, `usd_per_feu`, `co2_kg_per_t`, `borders`, `places`.
    """

    pack: Pack
    origin: str
    destination: str
    cargo: str
    ways: tuple[Way, ...]
    summary: pd.DataFrame


def route(
    origin: str,
    destination: str,
    *,
    region: str | Path | Pack = "caspian",
    cargo: str = "manufactures",
    by: str = "generalised",
    avoid: Sequence[str] = (),
    via: Sequence[str] = (),
    alternatives: int = 5,
) -> Itineraries:
    """Distinct itineraries from one place to another, hours with the queues observed in the base year, without scarcity prices.

    Parameters
    ----------
    origin, destination, via : str
        Places by id, or by a name that only one place has.
    region : str, Path or Pack
        A region that ships, a folder, or a region loaded before.
    cargo : str
        Segment or cargo class.
    by : str
        `generalised`, `cost`, `time` or `co2`.
    avoid : sequence of str
        Countries, places or operators.
    alternatives : int
        Most itineraries to find.

    Raises
    ------
    UserError
        If a place, cargo, criterion or what is to be avoided is unknown, or if there is no way.
    """
    if by not in CRITERIA:
        raise UserError(f"Not a criterion: {by!r}; expected one of {', '.join(CRITERIA)}.")
    if alternatives < 1:
        raise UserError(f"--alternatives {alternatives}: expected 1 or more.")
    pack = region if isinstance(region, Pack) else load(region)
    start, end, *between = (resolve_place(pack, name) for name in (origin, destination, *via))
    if start == end:
        raise UserError(f"Origin and destination are the same place, {start}.")
    segment = str(segment_called(pack, cargo)["segment"])
    router = Router(with_zone(pack, (start, end)), tuple(avoid))
    ways = router.ways(start, end, segment, by=by, via=tuple(between), alternatives=alternatives)
    if not ways:
        barred = f" avoiding {', '.join(avoid)}" if avoid else ""
        raise UserError(f"There is no open way from {start} to {end} for {segment}{barred}.")
    return Itineraries(pack, start, end, segment, tuple(ways), pd.DataFrame([way.summary for way in ways]))


def save_route(found: Itineraries, run: Path) -> Path:
    """Put the itineraries of an answer into a run on disk, where its page shows them; returns the folder.

    A table `saved_routes` holds `route` (origin, destination, cargo and rank in words) and the legs in order; saving the same ways
    again replaces them. Raises StoreError if the folder is no run, UserError if it is of another region.
    """
    before = read_run(run)
    if before.manifest["region"]["name"] != found.pack.name:
        raise UserError(
            f"{run} is a run of {before.manifest['region']['name']}, the itineraries are of {found.pack.name}."
        )
    names = found.pack.table("places").set_index("place")["name"]
    title = f"{names[found.origin]} - {names[found.destination]}, {found.cargo}"
    legs = [
        way.legs.assign(route=f"{title}, {rank}", leg=range(len(way.legs)))
        for rank, way in enumerate(found.ways, start=1)
    ]
    fresh = pd.concat(legs, ignore_index=True)
    old = before.tables.get(SAVED)
    if old is not None:
        stays = ~old["route"].str.startswith(f"{title}, ")
        fresh = pd.concat([old[stays], fresh], ignore_index=True)
    return add_tables(run, {SAVED: fresh})
