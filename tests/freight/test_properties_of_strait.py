"""What holds of the invented region: orders, scales, limits, transfers."""

import csv
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import isthmus
from isthmus.assignment import Stochastic
from isthmus.freight import Prepared, Solved, outcome_of, prepare
from isthmus.freight.flows import arc_flows
from isthmus.pack import Pack
from tests.freight.looking import (
    accounts,
    arcs_of,
    edited,
    largest_change,
    scaling,
    setting,
    split_in_two,
    with_row,
)

FINE = Stochastic(gap=1.0)
PLAIN = [
    "rail-hub-west-hub",
    "rail-west-city-west-quay",
    "road-hub-west-hub",
    "std-hub-hub-east",
    "rail-east-quay-east-city",
]


def test_no_answer_depends_on_the_order_of_rows(
    copy_of_strait: Path, strait_freight: Prepared, strait_base: Solved
) -> None:
    rng = random.Random(3)
    for file in copy_of_strait.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as stream:
            head, *rows = list(csv.reader(stream))
        rng.shuffle(rows)
        with file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    freight = prepare(isthmus.load(str(copy_of_strait)))
    solved = freight.solve()
    assert np.array_equal(solved.solution.flow, strait_base.solution.flow)
    assert accounts(freight, solved).equals(accounts(strait_freight, strait_base))


def test_no_answer_depends_on_what_links_are_called(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    links = strait.table("links")
    names = {name: f"z{len(links) - i:02d}" for i, name in enumerate(links["link"])}
    renamed = strait.replace("links", links.assign(link=links["link"].map(names)))
    gates = strait.table("corridor_gates")
    renamed = renamed.replace(
        "corridor_gates", gates.assign(element=gates["element"].map(lambda name: names.get(name, name)))
    )
    freight = prepare(renamed)
    assert largest_change(accounts(strait_freight, strait_base), accounts(freight, freight.solve())) < 1e-9


@pytest.mark.parametrize("link", PLAIN)
def test_any_line_entered_twice_changes_no_account(
    strait: Pack, strait_freight: Prepared, strait_base: Solved, link: str
) -> None:
    doubled = prepare(with_row(strait, "links", link, link=f"{link}-twin"))
    assert largest_change(accounts(strait_freight, strait_base), accounts(doubled, doubled.solve())) < 1e-3


def test_a_bound_line_entered_twice_on_one_pool_changes_no_account(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    for table, row in (("links", "road-west-mine-west-mole"), ("services", "bulk-mole")):
        key = {"links": "link", "services": "service"}[table]
        doubled = prepare(with_row(strait, table, row, **{key: f"{row}-twin"}))
        assert (
            largest_change(accounts(strait_freight, strait_base), accounts(doubled, doubled.solve())) < 1e-3
        )


@pytest.mark.parametrize("link", PLAIN)
def test_any_line_split_in_two_changes_nothing(
    strait: Pack, strait_freight: Prepared, strait_base: Solved, link: str
) -> None:
    split = prepare(split_in_two(strait, link))
    assert largest_change(accounts(strait_freight, strait_base), accounts(split, split.solve())) < 1e-6


@pytest.mark.parametrize("link", PLAIN[:2])
def test_building_an_identical_parallel_of_an_unbound_line_gains_nothing(strait: Pack, link: str) -> None:
    planned = with_row(strait, "links", link, link=f"{link}-twin", status="planned")
    built = edited(planned, setting("links", f"{link}-twin", "status", "open"))
    freight = prepare(planned, others=(built,), rule=FINE)
    before, after = freight.solve(), freight.solve(built)
    assert largest_change(accounts(freight, before), accounts(freight, after)) < 1e-3
    gain = before.solution.certificate.objective - after.solution.certificate.objective
    assert abs(gain) < 1e-3 * float(before.solution.shipped @ before.solution.composite)


def test_a_pool_counted_in_another_unit_is_used_by_that_unit(strait: Pack, strait_freight: Prepared) -> None:
    counted = edited(strait, setting("pools", "mole-yard", "unit", "tonnes_per_year"))
    solved = strait_freight.solve(counted)
    fresh = prepare(counted).solve()
    assert solved.problem.routes.use == pytest.approx(fresh.problem.routes.use)


def test_a_line_made_longer_costs_more_by_its_rate(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    longer = edited(strait, scaling("links", "length_km", 2.0, "rail-hub-west-hub"))
    solved = strait_freight.solve(longer)
    arc = arcs_of(strait_freight.layout, "rail-hub-west-hub")[0]
    for before, after in zip(strait_base.carriages, solved.carriages, strict=True):
        if not before.closed[arc]:
            assert after.money[:, arc].sum() == pytest.approx(2.0 * before.money[:, arc].sum())
            assert after.hours[0, arc] == pytest.approx(2.0 * before.hours[0, arc])


def excess(strait: Pack, route_kappa: float, mode_kappa: float) -> float:
    """Mean cost of tonnes over that of the cheapest way at the prices, over the reference cost."""
    sharp = edited(
        strait,
        setting("parameters", "route-kappa", "value", route_kappa),
        setting("parameters", "mode-kappa", "value", mode_kappa),
    )
    freight = prepare(sharp, rule=FINE)
    solved = freight.solve()
    assert solved.solution.certificate.converged
    routes, solution = solved.problem.routes, solved.solution
    prices = np.concatenate([solution.start.price, solution.start.stock])
    route_of = np.repeat(np.arange(solution.flow.size), np.diff(routes.use_first))
    cost = routes.cost + np.bincount(
        route_of, routes.use * prices[routes.use_of], minlength=solution.flow.size
    )
    best = np.full(solution.shipped.size, np.inf)
    np.minimum.at(best, freight.routes.market, cost)
    used = solution.flow > 0
    over = (cost - best[freight.routes.market])[used] / freight.routes.reference[freight.routes.market][used]
    return float(solution.flow[used] @ over / solution.flow.sum())


def test_as_the_scale_grows_flows_tend_to_the_deterministic_equilibrium(strait: Pack) -> None:
    blurred, sharp, sharper = excess(strait, 7, 5), excess(strait, 35, 25), excess(strait, 100, 100)
    assert blurred > 0.02
    assert sharp < 0.5 * blurred
    assert sharper < 0.003


def test_a_toll_that_nobody_can_avoid_is_a_pure_transfer(strait: Pack) -> None:
    """Inelastic boxes from overseas pay 5 USD more a tonne to be loaded there, on every way."""
    fixed = edited(
        strait,
        setting("parameters", "no-shipment-share", "value", 5.0),
        {"set": {"table": "classes", "column": "elasticity", "value": 0.0}},
    )
    freight = prepare(fixed, rule=FINE)
    before = freight.solve()
    after = freight.solve(edited(fixed, setting("handling", "sea|XZZ|manufactures", "usd_per_t", 13.0)))
    demand = before.demand
    taxed = fixed.table("markets")["origin"].to_numpy()[demand.market] == "ocean"
    tonnes = float(demand.tonnes[taxed].sum())
    lost = float((before.solution.surplus - after.solution.surplus).sum())
    assert after.solution.flow == pytest.approx(before.solution.flow, rel=1e-3, abs=5.0)
    gained = accounts(freight, after) - accounts(freight, before)
    receipts = float(gained["receipts"].sum())
    assert gained["receipts", "('XZZ', 'terminal')"] == pytest.approx(5.0 * tonnes, rel=1e-6)
    assert lost == pytest.approx(5.0 * tonnes, rel=1e-4)
    assert receipts == pytest.approx(lost, rel=1e-2)
    assert (after.solution.composite - before.solution.composite)[taxed] == pytest.approx(5.0, rel=1e-3)


def test_a_toll_that_can_be_avoided_loses_more_than_it_brings(strait: Pack) -> None:
    fixed = edited(
        strait,
        setting("parameters", "no-shipment-share", "value", 5.0),
        {"set": {"table": "classes", "column": "elasticity", "value": 0.0}},
    )
    freight = prepare(fixed, rule=FINE)
    before = freight.solve()
    after = freight.solve(edited(fixed, setting("links", "std-hub-hub-east", "cost_factor", 3.0)))
    lost = after.solution.certificate.objective - before.solution.certificate.objective
    arcs = arcs_of(freight.layout, "std-hub-hub-east")
    per_tonne = [
        float(after.carriages[c].money[:, a].sum() - before.carriages[c].money[:, a].sum())
        for c in range(len(before.carriages))
        for a in arcs
    ]
    now, then = (arc_flows(freight, each)[:, arcs].ravel() for each in (before, after))
    brought = float(then @ np.array(per_tonne))
    assert 0 < brought < lost
    assert lost < float(now @ np.array(per_tonne))  # who rerouted lost less than the toll


def test_closing_anything_never_gains_in_total(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    most = -strait_base.solution.certificate.bound
    for table in ("links", "crossings", "services", "terminals"):
        frame = strait.table(table)
        for element in frame[frame["status"].isin(["open", "limited"])].iloc[:, 0]:
            closed = strait_freight.solve(edited(strait, {"close": {table: [element]}}), strait_base.start)
            assert -closed.solution.certificate.objective <= most, (table, element)
            assert closed.solution.certificate.converged, (table, element)


def test_closing_a_border_moves_its_freight_to_the_next_best_way(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    closed = strait_freight.solve(edited(strait, {"close": {"crossings": ["ab-rail"]}}))
    before, after = (
        accounts(strait_freight, strait_base)["corridor"],
        accounts(strait_freight, closed)["corridor"],
    )
    assert after["strait-crossing"] > 1.1 * before["strait-crossing"]
    markets = strait.table("markets")["market"].to_numpy()[closed.demand.market]
    grain = markets == "west-east-grain"
    assert closed.solution.shipped[grain].sum() > 0.98 * 400_000


def test_opening_the_bridge_relieves_the_ferry_and_the_northern_border(
    strait: Pack, strait_freight: Prepared, strait_base: Solved
) -> None:
    built = strait_freight.solve(edited(strait, {"build": ["strait-bridge"]}))
    price = pd.Series(built.solution.start.price - strait_base.solution.start.price)
    names = strait_freight.layout.pools[np.isfinite(strait_base.state.capacity)]
    change = dict(zip(names, price, strict=True))
    assert change["strait-ferry"] < 0
    assert change["ab-rail"] < 0
    assert built.solution.surplus.sum() > strait_base.solution.surplus.sum()


def test_a_corridor_counts_the_directions_of_its_gates(strait: Pack, strait_freight: Prepared) -> None:
    gates = strait.table("corridor_gates")
    tonnes = {}
    for direction in ("both", "forward", "back"):
        turned = strait.replace("corridor_gates", gates.assign(direction=direction))
        table = outcome_of(strait_freight, strait_freight.solve(turned)).tables["corridors"]
        tonnes[direction] = table.set_index("corridor")["tonnes"]
    for corridor in ("strait-crossing", "north-road-rail"):
        assert min(tonnes["forward"][corridor], tonnes["back"][corridor]) > 1000
        assert tonnes["forward"][corridor] + tonnes["back"][corridor] == pytest.approx(
            tonnes["both"][corridor]
        )
    ferry = ["ferry-rail", "ferry-road"]
    eastward = arcs_of(strait_freight.layout, ferry[0]) + arcs_of(strait_freight.layout, ferry[1])
    solved = strait_freight.solve(strait)
    flow = arc_flows(strait_freight, solved).sum(axis=0)
    ahead = [arc for arc in eastward if strait_freight.layout.forward[arc]]
    assert tonnes["forward"]["strait-crossing"] == pytest.approx(flow[ahead].sum(), rel=1e-6)
