"""From route flows to what passes every arc, crosses every country and rests on every pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from isthmus._kernels import kernel
from isthmus.assignment import paths
from isthmus.freight.prepared import Prepared, Solved
from isthmus.freight.vehicles import carriage_rows
from isthmus.network import FAMILIES, LINK
from isthmus.tables import codes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TRAFFIC = ("domestic", "export", "import", "transit")
"""How a market stands to a country: both ends in it, its origin, its destination, none."""


@kernel
def _arc_flows(path_first, arcs, market, row_of, flow, out):  # type: ignore[no-untyped-def]
    for r in range(market.size):
        if flow[r] > 0.0:
            row = row_of[market[r]]
            for i in range(path_first[r], path_first[r + 1]):
                out[row, arcs[i]] += flow[r]


@kernel
def _select(path_first, arcs, wanted, out):  # type: ignore[no-untyped-def]
    for r in range(path_first.size - 1):
        out[r] = -1
        for i in range(path_first[r], path_first[r + 1]):
            if wanted[arcs[i]]:
                out[r] = arcs[i]
                break


@kernel
def _country_flows(  # type: ignore[no-untyped-def]
    path_first,
    arcs,
    market,
    is_link,
    country_from,
    country_to,
    first_country,
    last_country,
    flow,
    total,
    transit,
):
    """Tonnes on the land lines of each country, and of these tonnes that neither begin nor end in it."""
    mark = np.full(total.size, -1, np.int64)
    for r in range(market.size):
        if flow[r] <= 0.0:
            continue
        for i in range(path_first[r], path_first[r + 1]):
            a = arcs[i]
            if not is_link[a]:
                continue
            for c in (country_from[a], country_to[a]):
                if mark[c] != r:
                    mark[c] = r
                    total[c] += flow[r]
                    if c != first_country[market[r]] and c != last_country[market[r]]:
                        transit[c] += flow[r]


@kernel
def _national_flows(  # type: ignore[no-untyped-def]
    path_first, arcs, market, is_link, family, country_from, country_to, km, first_country, last_country, flow, tonnes, tkm
):  # fmt: skip
    """Tonnes and tonne-kilometres on the land lines of each country by family of modes and by how the market stands to the country."""
    families = tonnes.shape[1]
    mark = np.full(tonnes.shape[0] * families, -1, np.int64)
    for r in range(market.size):
        if flow[r] <= 0.0:
            continue
        first, last = first_country[market[r]], last_country[market[r]]
        for i in range(path_first[r], path_first[r + 1]):
            a = arcs[i]
            if not is_link[a]:
                continue
            for c in (country_from[a], country_to[a]):
                # index in TRAFFIC
                begins, ends = c == first, c == last
                how = 0 if begins and ends else (1 if begins else (2 if ends else 3))
                tkm[c, family[a], how] += 0.5 * km[a] * flow[r]
                at = c * families + family[a]
                if mark[at] != r:
                    mark[at] = r
                    tonnes[c, family[a], how] += flow[r]


@kernel
def _worst_pool(path_first, arcs, market, row_of, pool, slots, price, flow, best, pool_of, paid):  # type: ignore[no-untyped-def]
    """For each market, of the scarcity that its cheapest route pays, the pool that takes most and USD per tonne in all."""
    for r in range(market.size):
        m = market[r]
        if best[m] != r:
            continue
        most = 0.0
        for i in range(path_first[r], path_first[r + 1]):
            a = arcs[i]
            for c in range(2):
                p = pool[a, c]
                if p >= 0:
                    usd = slots[row_of[m], a, c] * price[p]
                    paid[m] += usd
                    if usd > most:
                        most = usd
                        pool_of[m] = p


def arc_flows(prepared: Prepared, solved: Solved) -> Floats:
    """(carriage, A) tonnes a year on every arc."""
    routes = prepared.routes
    out = np.zeros((len(solved.carriages), prepared.layout.arcs))
    _arc_flows(
        routes.path_first, routes.arcs, routes.market, carriage_rows(solved.demand), solved.solution.flow, out
    )
    return out


def flows_of(prepared: Prepared, flow: Floats) -> Floats:
    """(A) tonnes a year on every arc of some flows (R) of routes."""
    routes = prepared.routes
    out = np.zeros((1, prepared.layout.arcs))
    one = np.zeros(int(routes.market.max(initial=-1)) + 1, np.int64)
    _arc_flows(routes.path_first, routes.arcs, routes.market, one, flow, out)
    return np.asarray(out[0])


def first_arcs(prepared: Prepared, wanted: NDArray[np.bool_]) -> Ints:
    """(R) first of the wanted arcs that a route uses, -1 if it uses none."""
    out = np.empty(prepared.routes.market.size, np.int64)
    _select(prepared.routes.path_first, prepared.routes.arcs, wanted, out)
    return out


def routes_through(prepared: Prepared, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(R) whether a route uses any of the wanted arcs: a select-link."""
    return np.asarray(first_arcs(prepared, wanted) >= 0)


def market_countries(prepared: Prepared, solved: Solved) -> tuple[Ints, Ints]:
    """(M) country in which each market begins and ends."""
    layout, demand = prepared.layout, solved.demand
    country = codes(solved.pack.table("places")["country"], layout.countries)
    of_zone = country[layout.nodes["place_index"].to_numpy()[layout.zone_node]]
    return of_zone[demand.origin], of_zone[demand.destination]


def country_flows(prepared: Prepared, solved: Solved) -> tuple[Floats, Floats]:
    """Tonnes a year on each country's railways and roads, and those of them in transit."""
    layout, routes = prepared.layout, prepared.routes
    total, transit = np.zeros(len(layout.countries)), np.zeros(len(layout.countries))
    _country_flows(
        routes.path_first, routes.arcs, routes.market, layout.kind == LINK, layout.country_from, layout.country_to,
        *market_countries(prepared, solved), solved.solution.flow, total, transit,
    )  # fmt: skip
    return total, transit


def national_flows(prepared: Prepared, solved: Solved) -> tuple[Floats, Floats]:
    """(country, family of modes, TRAFFIC) tonnes and tonne-kilometres a year on each country's railways and roads.

    A tonne counts once in a family and country, however often it leaves and comes back; kilometres over a border half to each side.
    """
    layout, routes = prepared.layout, prepared.routes
    trunk = solved.pack.table("modes")["trunk"]
    family = np.array([FAMILIES.index(name) for name in trunk], np.int64)[layout.mode]
    tonnes = np.zeros((len(layout.countries), len(FAMILIES), len(TRAFFIC)))
    tkm = np.zeros_like(tonnes)
    _national_flows(
        routes.path_first, routes.arcs, routes.market, layout.kind == LINK, family, layout.country_from, layout.country_to,
        solved.state.length, *market_countries(prepared, solved), solved.solution.flow, tonnes, tkm,
    )  # fmt: skip
    return tonnes, tkm


def pool_prices(solved: Solved) -> tuple[Floats, Floats]:
    """(P) USD per slot and slots used a year, 0 and NaN where a pool does not bind."""
    binding = np.isfinite(solved.state.capacity)
    price, used = np.zeros(binding.size), np.full(binding.size, np.nan)
    price[binding], used[binding] = solved.solution.start.price, solved.solution.load
    return price, used


def delays(solved: Solved) -> Floats:
    """(P) mean hours of delay of a user of each pool at its solved load, 0 where it does not bind."""
    price = pool_prices(solved)[0]
    scale = np.zeros(price.size)
    scale[np.isfinite(solved.state.capacity)] = solved.problem.pools.scale
    return np.where(scale > 0, price / np.maximum(scale, 1e-300), 0.0) * solved.state.delay_hours


def scarcity_paid(prepared: Prepared, solved: Solved, best: Ints) -> tuple[Ints, Floats]:
    """(M) pool that takes most of the scarcity prices on a market's route `best`, -1 if none, and USD per tonne in all."""
    routes, price = prepared.routes, pool_prices(solved)[0]
    slots = np.stack([carriage.slots for carriage in solved.carriages])
    pool, paid = np.full(solved.demand.market.size, -1, np.int64), np.zeros(solved.demand.market.size)
    _worst_pool(
        routes.path_first, routes.arcs, routes.market, carriage_rows(solved.demand), solved.state.pool, slots, price,
        solved.solution.flow, best, pool, paid,
    )  # fmt: skip
    return pool, paid


def along_routes(prepared: Prepared, solved: Solved, values: Floats) -> Floats:
    """(R) sum along each route of values (carriage, A) per tonne."""
    routes = prepared.routes
    total = np.empty(routes.market.size)
    paths.route_sums(
        routes.market, carriage_rows(solved.demand), np.arange(total.size), routes.path_first, routes.arcs,
        np.ascontiguousarray(values), total,
    )  # fmt: skip
    return total


def route_prices(solved: Solved) -> Floats:
    """(R) USD per tonne that a route pays for slots at their scarcity prices and for the vehicles that it takes, less those it leaves."""
    routes = solved.problem.routes
    price = np.concatenate([solved.solution.start.price, solved.solution.start.stock])
    paid = np.append(0.0, np.cumsum(routes.use * price[routes.use_of]))
    return np.asarray(np.diff(paid[routes.use_first]))


def teu_on(prepared: Prepared, solved: Solved, wanted: NDArray[np.bool_]) -> Floats:
    """(R) TEU per tonne of a route on the first of the wanted arcs that it uses, 0 if it uses none."""
    first = first_arcs(prepared, wanted)
    teu = np.stack([carriage.teu for carriage in solved.carriages])
    row = carriage_rows(solved.demand)[prepared.routes.market]
    return np.where(first >= 0, teu[row, first], 0.0)
