"""The programme solved on both regions: counting market by market, who is paid, what is reused, what never gains."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import coo_array

from isthmus.assignment import Stochastic
from isthmus.freight import Prepared, Solved, outcome_of
from isthmus.freight.flows import arc_flows, pool_prices, routes_through
from isthmus.network import LINK, SERVICE
from tests.freight.conftest import Region
from tests.freight.looking import (
    edited,
    scaling,
    setting,
    using,
)


def busiest_link(region: Region) -> str:
    """The link within a country, without a pool, that carries most."""
    layout, state = region.freight.layout, region.base.state
    tonnes = arc_flows(region.freight, region.base).sum(axis=0)
    free = (layout.kind == LINK) & (layout.crossing < 0) & (state.pool[:, 0] < 0)
    total = np.bincount(layout.element[free], tonnes[free], minlength=len(layout.links))
    return str(layout.links[int(np.argmax(total))])


def value(solved: Solved) -> float:
    """Shippers' surplus and scarcity rent: minus the programme's value."""
    return -solved.solution.certificate.objective


def test_the_gap_is_at_most_two_thousand_usd_a_year(region: Region) -> None:
    certificate = region.base.solution.certificate
    assert certificate.converged
    assert 0.0 <= certificate.gap <= 2000.0
    assert certificate.objective - certificate.bound == pytest.approx(certificate.gap, abs=0.01)


def test_flow_is_conserved_at_every_node_market_by_market(region: Region) -> None:
    layout, routes, demand = region.freight.layout, region.freight.routes, region.base.demand
    route_of = np.repeat(np.arange(routes.market.size), np.diff(routes.path_first))
    flow, market = region.base.solution.flow[route_of], routes.market[route_of]
    shape = demand.market.size, len(layout.nodes)
    out = coo_array((flow, (market, layout.tail[routes.arcs])), shape=shape).tocsr()
    into = coo_array((flow, (market, layout.head[routes.arcs])), shape=shape).tocsr()
    rows, shipped = np.arange(demand.market.size), region.base.solution.shipped
    ends = coo_array((shipped, (rows, layout.zone_node[demand.origin])), shape=shape).tocsr()
    ends -= coo_array((shipped, (rows, layout.zone_node[demand.destination])), shape=shape).tocsr()
    assert abs(out - into - ends).max() <= 1e-9 * shipped.max()


def test_tonnes_shipped_are_the_sum_of_the_route_flows(region: Region) -> None:
    routes, solution = region.freight.routes, region.base.solution
    total = np.bincount(routes.market, solution.flow, minlength=solution.shipped.size)
    assert total == pytest.approx(solution.shipped, rel=1e-9, abs=1e-6)
    assert np.all(solution.flow >= 0.0)


def test_closed_ways_carry_nothing(region: Region) -> None:
    tonnes = arc_flows(region.freight, region.base).sum(axis=0)
    assert np.all(tonnes[~region.base.state.open] == 0.0)


def test_route_flows_through_an_arc_add_to_its_flow(region: Region) -> None:
    tonnes = arc_flows(region.freight, region.base).sum(axis=0)
    moving = np.flatnonzero(np.isin(region.freight.layout.kind, (LINK, SERVICE)))
    for arc in moving[np.argsort(-tonnes[moving])][:: max(1, moving.size // 25)][:25]:
        wanted = np.zeros(tonnes.size, bool)
        wanted[arc] = True
        through = routes_through(region.freight, wanted)
        assert np.array_equal(through, using(region.freight, wanted))
        assert region.base.solution.flow[through].sum() == pytest.approx(tonnes[arc], rel=1e-9, abs=1e-6)


def test_the_rent_of_each_pool_goes_to_its_owner_once(region: Region) -> None:
    tables = outcome_of(region.freight, region.base).tables
    received = tables["receipts"].query("payee == 'scarcity'").set_index("country")["usd"]
    pools = region.pack.table("pools").set_index("pool")
    price, used = pool_prices(region.base)
    owed = dict.fromkeys(received.index, 0.0)
    problem = region.base.problem
    for row, name in enumerate(region.freight.layout.pools):
        if np.isfinite(region.base.state.capacity[row]):
            at = int(np.isfinite(region.base.state.capacity[:row]).sum())
            x = used[row] / region.base.state.capacity[row]
            nodes = (np.arange(2000) + 0.5) / 2000 * x
            area = (problem.pools.scale[at] * nodes**problem.pools.power / (1 - nodes)).mean() * used[row]
            owed[pools["country"][name]] = (
                owed.get(pools["country"][name], 0.0) + price[row] * used[row] - area
            )
    total = sum(owed.values())
    for country, usd in owed.items():
        assert received.get(country, 0.0) == pytest.approx(usd, rel=1e-3, abs=1e-6 * total + 1.0)


def test_what_routes_pay_for_slots_and_vehicles_is_what_pools_and_carriers_of_empties_get(
    region: Region,
) -> None:
    routes, empties = region.base.problem.routes, region.base.problem.empties
    solution = region.base.solution
    prices = np.concatenate([solution.start.price, solution.start.stock])
    route_of = np.repeat(np.arange(solution.flow.size), np.diff(routes.use_first))
    paid = float((solution.flow[route_of] * routes.use) @ prices[routes.use_of])
    cost = np.where(np.isfinite(empties.cost), empties.cost, 0.0)
    moved = solution.empties
    got = float(solution.load @ solution.start.price) + float(moved @ (cost + empties.slope * moved))
    assert paid == pytest.approx(got, rel=1e-3)


def test_a_scenario_and_its_inverse_give_the_base(region: Region) -> None:
    there = scaling("links", "speed_kmh", 0.5, busiest_link(region))
    back = scaling("links", "speed_kmh", 2.0, busiest_link(region))
    again = edited(region.pack, there, back)
    assert again.hash == region.pack.hash
    assert np.array_equal(region.freight.solve(again).solution.flow, region.base.solution.flow)


def test_surplus_does_not_depend_on_the_order_or_the_start(region: Region) -> None:
    one = scaling("links", "speed_kmh", 0.6, busiest_link(region))
    two = {"build": [region.project]}
    first, other = edited(region.pack, one), edited(region.pack, two)
    both, reverse = edited(region.pack, one, two), edited(region.pack, two, one)
    assert both.hash == reverse.hash
    by_one = region.freight.solve(first, region.base.start)
    by_two = region.freight.solve(other, region.base.start)
    ends = [region.freight.solve(both, start) for start in (by_one.start, by_two.start, None)]
    spread = max(value(end) for end in ends) - min(value(end) for end in ends)
    assert spread <= max(end.solution.certificate.gap for end in ends)
    assert all(end.solution.certificate.converged for end in ends)


def test_prices_that_an_edit_does_not_touch_are_reused_rightly(region: Region) -> None:
    link = busiest_link(region)
    crossing = region.pack.table("crossings")["crossing"].iloc[0]
    pool = region.pack.table("pools")["pool"].iloc[0]
    bound = str(region.freight.layout.pools[np.isfinite(region.base.state.capacity)][0])
    service = region.pack.table("services")["service"].iloc[0]
    quick = replace(region.freight, rule=Stochastic(iterations=0))
    for edit in (
        {"close": {"links": [link]}},
        {"close": {"crossings": [crossing]}},
        setting("pools", pool, "delay_hours", 9.0),
        setting("pools", bound, "basis", "unknown"),
        scaling("services", "usd_per_feu", 1.5),
        setting("services", service, "hours", 77),
        scaling("segments", "value_of_time", 1.1),
        {"year": 2030},
    ):
        pack = edited(region.pack, edit)
        seen = quick.solve(pack, region.base.start)
        fresh = replace(quick, pack=pack, base=_fresh(region.freight, pack), use=None).solve(
            pack, region.base.start
        )
        assert np.array_equal(seen.costs, fresh.costs)
        assert np.array_equal(seen.problem.routes.cost, fresh.problem.routes.cost)
        assert np.array_equal(seen.problem.routes.use, fresh.problem.routes.use)
        assert np.array_equal(seen.problem.routes.use_of, fresh.problem.routes.use_of)
        assert np.array_equal(seen.problem.empties.cost, fresh.problem.empties.cost)


def _fresh(freight: Prepared, pack):  # type: ignore[no-untyped-def]
    from isthmus.freight.prepared import look

    return look(pack, freight.layout, freight.guesses)


def test_closing_slowing_and_taxing_never_gain_in_total(region: Region) -> None:
    layout, base = region.freight.layout, region.base
    most = -base.solution.certificate.bound
    for arc in np.flatnonzero(layout.kind == LINK)[:: max(1, int((layout.kind == LINK).sum()) // 5)]:
        link = str(layout.links[layout.element[arc]])
        closed = region.freight.solve(edited(region.pack, {"close": {"links": [link]}}), base.start)
        assert value(closed) <= most
        slow = edited(region.pack, scaling("links", "speed_kmh", 0.5, link))
        assert value(region.freight.solve(slow, base.start)) <= most
        taxed = region.freight.solve(
            edited(region.pack, setting("links", link, "cost_factor", 2.0)), base.start
        )
        cost, before = taxed.problem.routes.cost, base.problem.routes.cost
        paying = np.isfinite(cost) & np.isfinite(before)
        tax = float(taxed.solution.flow[paying] @ (cost[paying] - before[paying]))
        assert value(taxed) + tax <= most + taxed.solution.certificate.gap


def test_national_tonne_kilometres_are_those_on_the_lines_and_transit_is_no_more_than_by_mode(
    region: Region,
) -> None:
    tables = outcome_of(region.freight, region.base).tables
    national, countries = tables["national"], tables["countries"].set_index("country")
    by_country = national.groupby("country")["tkm"].sum()
    assert by_country.to_dict() == pytest.approx(countries["tkm"][by_country.index].to_dict(), rel=1e-9)
    for column, rows in (("tonnes", national), ("transit_tonnes", national.query("traffic == 'transit'"))):
        modes = rows.groupby("country")["tonnes"].agg(["max", "sum"])
        once = countries.loc[modes.index, column]
        assert (once >= modes["max"] * (1 - 1e-9)).all()
        assert (once <= modes["sum"] * (1 + 1e-9)).all()
