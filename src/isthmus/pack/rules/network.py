"""Rules of the network: links, crossings, terminals, services, pools, zones."""

import pandas as pd

from isthmus._errors import Problem
from isthmus.pack.rules.draft import Draft, listed, tuples


def ends_differ(draft: Draft) -> list[Problem]:
    """A link, crossing or service joins two places, a terminal two modes, a market two zones."""
    found = []
    for table, one, other in (
        ("links", "from_place", "to_place"),
        ("crossings", "from_place", "to_place"),
        ("services", "from_place", "to_place"),
        ("terminals", "from_mode", "to_mode"),
        ("markets", "origin", "destination"),
    ):
        frame = draft.frames[table]
        same = (frame[one] == frame[other]) & frame[one].notna()
        found += draft.flag(table, same, other, f"another than {one}")
    return found


def border_links_are_governed(draft: Draft) -> list[Problem]:
    """A link between two countries has one crossing of its mode between its two places."""
    governed = _governed(draft)
    links, country = draft.frames["links"], draft.lookup("places", "place", "country")
    crosses = [
        country.get(a) is not None and country.get(b) is not None and country[a] != country[b]
        for a, b in tuples(links, "from_place", "to_place")
    ]
    keys = [(frozenset((a, b)), mode) for a, b, mode in tuples(links, "from_place", "to_place", "mode")]
    missing = [cross and key not in governed for cross, key in zip(crosses, keys, strict=True)]
    return draft.flag(
        "links", missing, "mode", f"a row of {draft.files['crossings']} for its two places and mode"
    )


def crossings_govern(draft: Draft) -> list[Problem]:
    """A crossing lies between two countries, governs some link there, and shares none with another crossing."""
    crossings, country = draft.frames["crossings"], draft.lookup("places", "place", "country")
    pairs = tuples(crossings, "from_place", "to_place")
    inside = [a != b and country.get(a) is not None and country.get(a) == country.get(b) for a, b in pairs]
    found = draft.flag("crossings", inside, "to_place", "a place in another country than from_place")
    links = draft.frames["links"]
    linked = {(frozenset((a, b)), mode) for a, b, mode in tuples(links, "from_place", "to_place", "mode")}
    modes = [set(str(cell).split("|")) for cell in crossings["modes"]]
    idle = [
        not any((frozenset(pair), mode) in linked for mode in each)
        for pair, each in zip(pairs, modes, strict=True)
    ]
    found += draft.flag("crossings", idle, "modes", "the mode of a link between the two places")
    taken: set[tuple[frozenset[str], str]] = set()
    twice = []
    for pair, each in zip(pairs, modes, strict=True):
        keys = {(frozenset(pair), mode) for mode in each}
        twice.append(bool(keys & taken))
        taken |= keys
    found += draft.flag("crossings", twice, "modes", "modes that no other crossing of the two places governs")
    return found


def services_have_a_price(draft: Draft) -> list[Problem]:
    """A service carries something: it has a price by tonne or by unit."""
    services = draft.frames["services"]
    return draft.flag(
        "services",
        services["usd_per_t"].isna() & services["usd_per_feu"].isna(),
        "usd_per_t",
        "a price here or in usd_per_feu",
    )


def pools_have_a_capacity(draft: Draft) -> list[Problem]:
    """A published or estimated capacity is given; one by schedule follows from departures and slots."""
    pools, services = draft.frames["pools"], draft.frames["services"]
    stated = pools["basis"].isin(["published", "estimate"]) & pools["capacity"].isna()
    found = draft.flag("pools", stated, "capacity", "a number, since the basis says that there is one")
    scheduled = (pools["basis"] == "schedule") & pools["capacity"].isna()
    by_schedule = set(pools["pool"][scheduled])
    served = set(services["pool"].dropna())
    idle = [pool in by_schedule and pool not in served for pool in pools["pool"]]
    found += draft.flag(
        "pools", idle, "basis", "a service that draws on the pool, for a capacity by schedule"
    )
    bound = services["pool"].isin(by_schedule)
    for column in ("departures_per_week", "slots_per_departure"):
        empty = bound & services[column].isna()
        found += draft.flag("services", empty, column, "a number, since its pool's capacity is by schedule")
    return found


def zones_reach_the_network(draft: Draft) -> list[Problem]:
    """A zone with freight lies at a place that some mode reaches, or has access to one; access leads somewhere."""
    nodes = _nodes(draft)
    reached = {place for place, _ in nodes}
    zones, access, markets = (draft.frames[name] for name in ("zones", "access", "markets"))
    served = set(access["zone"])
    used = set(markets["origin"]) | set(markets["destination"])
    lost = [
        zone in used and place is not None and place not in reached and zone not in served
        for zone, place in tuples(zones, "zone", "place")
    ]
    found = draft.flag("zones", lost, "place", "a place with a link, service or terminal, or a row of access")
    nowhere = [None not in node and node not in nodes for node in tuples(access, "place", "mode")]
    found += draft.flag("access", nowhere, "mode", "a mode of a link, service or terminal at the place")
    return found


def _governed(draft: Draft) -> set[tuple[frozenset[str], str]]:
    crossings = draft.frames["crossings"]
    modes = listed(crossings["modes"])
    pairs = pd.Series(tuples(crossings, "from_place", "to_place"), index=crossings.index, dtype=object)
    return {(frozenset(pair), mode) for pair, mode in zip(pairs.loc[modes.index], modes, strict=True)}


def _nodes(draft: Draft) -> set[tuple[str, str]]:
    nodes: set[tuple[str, str]] = set()
    for table in ("links", "services"):
        for end in ("from_place", "to_place"):
            nodes.update(tuples(draft.frames[table], end, "mode"))
    for mode in ("from_mode", "to_mode"):
        nodes.update(tuples(draft.frames["terminals"], "place", mode))
    return nodes


RULES = (
    ends_differ,
    border_links_are_governed,
    crossings_govern,
    services_have_a_price,
    pools_have_a_capacity,
    zones_reach_the_network,
)
