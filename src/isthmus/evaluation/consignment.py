"""The verb `route`: itineraries of one consignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from isthmus._errors import UserError
from isthmus.freight import CRITERIA, Router, Way, segment_called, with_zone
from isthmus.pack import Pack, load, resolve_place


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
