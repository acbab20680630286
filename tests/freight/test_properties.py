"""Properties of the freight model on both regions: physics, economics, and what must not matter."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from isthmus.accounts import accounts_of
from isthmus.assignment import Stochastic
from isthmus.freight import Outcome, Prepared, Solved, outcome_of, prepare
from isthmus.freight.flows import arc_flows, routes_through
from isthmus.network import ACCESS
from isthmus.pack import Pack
from isthmus.scenario import Scenario, apply

RULE = Stochastic(gap=20.0, iterations=200)
MONEY = [
    "receipts_usd",
    "rent_usd",
    "carrier_usd",
    "infrastructure_usd",
    "border_usd",
    "terminal_usd",
    "co2_t",
    "tonnes",
]


@dataclass(frozen=True)
class Case:
    """A region solved, with a link that carries much and a project to build."""

    pack: Pack
    prepared: Prepared
    base: Solved
    outcome: Outcome
    accounts: pd.DataFrame
    link: str
    project: str


def solved(pack: Pack, *others: Pack) -> tuple[Prepared, Solved, Outcome, pd.DataFrame]:
    prepared = prepare(pack, others=others, rule=RULE)
    base = prepared.solve(start=prepared.start)
    outcome = outcome_of(prepared, base)
    return prepared, base, outcome, accounts_of(pack, outcome)


@pytest.fixture(scope="module", params=["strait", "caspian"])
def case(request: pytest.FixtureRequest) -> Case:
    pack: Pack = request.getfixturevalue(request.param)
    link, project = {
        "strait": ("rail-west-city-west-gate", "strait-bridge"),
        "caspian": ("kaz-shalkar--kaz-beyneu-1520", "rail-rasht-astara"),
    }[request.param]
    return Case(pack, *solved(pack), link, project)


def edited(pack: Pack, *edits: dict[str, object]) -> Pack:
    return apply(pack, Scenario.model_validate({"name": "test", "edits": list(edits)}))


def differs_by_at_most(one: pd.DataFrame, other: pd.DataFrame, share: float) -> None:
    for column in MONEY:
        total = one[column].abs().sum()
        assert (one[column] - other[column]).abs().sum() <= share * total, column


def welfare(case_: Case, result: Solved) -> float:
    """Surplus and rents, USD a year."""
    accounts = accounts_of(result.pack, outcome_of(case_.prepared, result))
    return float((accounts["surplus_usd"] + accounts["rent_usd"]).sum())


def test_the_gap_is_small_and_told(case: Case) -> None:
    assert case.base.solution.certificate.converged
    assert 0 <= case.base.solution.certificate.gap <= 2000


def test_flow_is_conserved_at_every_node(case: Case) -> None:
    layout = case.prepared.layout
    flow = arc_flows(case.prepared, case.base).sum(axis=0)
    net = np.bincount(layout.tail, flow, minlength=len(layout.nodes)) - np.bincount(
        layout.head, flow, minlength=len(layout.nodes)
    )
    inner = layout.passable
    assert np.abs(net[inner]).max() <= 1e-6 * flow.max()
    leaving = flow[(layout.kind == ACCESS) & layout.forward].sum()
    assert leaving == pytest.approx(case.base.solution.shipped.sum(), rel=1e-9)


def test_routes_add_up_to_what_is_shipped(case: Case) -> None:
    by_market = np.bincount(
        case.prepared.routes.market, case.base.solution.flow, minlength=case.base.demand.market.size
    )
    np.testing.assert_allclose(by_market, case.base.solution.shipped, rtol=1e-9, atol=1e-6)


def test_routes_through_an_arc_add_to_its_flow(case: Case) -> None:
    flow = arc_flows(case.prepared, case.base).sum(axis=0)
    for arc in np.argsort(-flow)[:5]:
        through = routes_through(case.prepared, np.arange(flow.size) == arc)
        assert case.base.solution.flow[through].sum() == pytest.approx(flow[arc], rel=1e-9)


def test_the_base_tonnes_are_shipped_at_the_base(case: Case) -> None:
    has_route = np.isfinite(case.base.solution.composite)
    asked = case.base.demand.tonnes[has_route].sum()
    assert case.base.solution.shipped.sum() == pytest.approx(asked, rel=2e-3)


def test_boxes_of_a_corridor_are_those_counted_at_its_gates(case: Case) -> None:
    flows, gates = case.outcome.tables["flows"], case.pack.table("corridor_gates")
    single = gates.groupby("corridor")["element"].nunique()
    corridors = case.pack.table("corridors").set_index("corridor")
    for corridor in single.index[single == 1]:
        gate = gates[gates["corridor"] == corridor].iloc[0]
        if gate["kind"] == "crossing" or corridors.loc[corridor, ["classes", "traffic"]].notna().any():
            continue
        passing = flows.loc[flows["element"] == gate["element"], "teu"].sum()
        row = case.outcome.tables["corridors"].set_index("corridor").loc[corridor]
        assert row["teu"] == pytest.approx(passing, rel=1e-3, abs=1.0)
    boxes = case.outcome.tables["corridors"]
    carried = boxes[boxes["teu"] > 1000]
    assert (carried["tonnes"] / carried["teu"] > 5.0).all()


def test_captive_cargo_stays_on_its_trunk_modes(case: Case) -> None:
    routes = case.prepared.routes
    barred = ~case.base.demand.allowed[routes.market, routes.trunk]
    assert case.base.solution.flow[barred].sum() == 0.0
    tied = case.pack.table("markets")["captive"].notna().sum()
    assert tied > 0


def test_no_pool_carries_more_than_it_can(case: Case) -> None:
    load, capacity = case.base.solution.load, case.base.problem.pools.capacity
    assert (load < capacity).all()
    tight = load > 0.9 * capacity
    assert (case.base.solution.start.price[tight] > 0).all()


def test_every_vehicle_taken_is_left_somewhere(case: Case) -> None:
    routes, pools = case.base.problem.routes, case.base.problem.pools.capacity.size
    at_stock = np.where(routes.use_of >= pools, routes.use, 0.0)
    of_route = np.repeat(np.arange(routes.cost.size), np.diff(routes.use_first))
    assert np.abs(at_stock).sum() > 0
    np.testing.assert_allclose(np.bincount(of_route, at_stock, minlength=routes.cost.size), 0.0, atol=1e-12)


def test_empties_make_up_for_what_is_taken_and_left(case: Case) -> None:
    problem, solution = case.base.problem, case.base.solution
    pools, empties = problem.pools.capacity.size, problem.empties
    tonnes = np.repeat(solution.flow, np.diff(problem.routes.use_first))
    at = problem.routes.use_of >= pools
    lacking = np.bincount(
        problem.routes.use_of[at] - pools, (problem.routes.use * tonnes)[at], minlength=empties.stocks
    )
    lacking += np.bincount(empties.tail, solution.empties, minlength=empties.stocks)
    lacking -= np.bincount(empties.head, solution.empties, minlength=empties.stocks)
    assert solution.empties.sum() > 1000
    assert np.abs(lacking).max() < 1e-3 * solution.empties.sum()


def test_the_rent_of_a_pool_goes_to_its_owner_once(case: Case) -> None:
    receipts = case.outcome.tables["receipts"]
    by_country = receipts[receipts["payee"] == "scarcity"].set_index("country")["usd"]
    owed = case.outcome.tables["pools"].groupby("country")["rent_usd"].sum()
    np.testing.assert_allclose(by_country, owed[owed > 0].reindex(by_country.index), rtol=1e-12)


def test_an_identical_parallel_line_changes_no_account(case: Case) -> None:
    links = case.pack.table("links")
    twin = links[links["link"] == case.link].assign(link=f"{case.link}-twin")
    *_, accounts = solved(case.pack.replace("links", pd.concat([links, twin], ignore_index=True)))
    differs_by_at_most(case.accounts, accounts, 1e-3)


def test_a_line_cut_in_two_changes_nothing(case: Case) -> None:
    links, places = case.pack.table("links"), case.pack.table("places")
    row = links[links["link"] == case.link]
    country = places.set_index("place")["country"][row["from_place"].iloc[0]]
    middle = places[places["place"] == row["to_place"].iloc[0]].assign(place="cut-here", country=country)
    first = row.assign(link=f"{case.link}-a", to_place="cut-here", length_km=0.4 * row["length_km"])
    second = row.assign(
        link=f"{case.link}-b", from_place="cut-here", length_km=0.6 * row["length_km"], pool=None
    )
    cut = case.pack.replace("places", pd.concat([places, middle], ignore_index=True))
    rest = links[links["link"] != case.link]
    *_, accounts = solved(cut.replace("links", pd.concat([rest, first, second], ignore_index=True)))
    differs_by_at_most(case.accounts, accounts, 1e-4)


def test_the_order_of_rows_changes_no_account_by_a_bit(case: Case) -> None:
    shuffled = case.pack
    for name in (
        "links",
        "markets",
        "places",
        "zones",
        "services",
        "terminals",
        "crossings",
        "pools",
        "rates",
        "load_units",
    ):
        shuffled = shuffled.replace(name, shuffled.table(name).sample(frac=1.0, random_state=3))
    *_, accounts = solved(shuffled)
    pd.testing.assert_frame_equal(case.accounts, accounts, check_exact=True)


@pytest.fixture(scope="module")
def steps(case: Case) -> tuple[Case, list[Solved], Solved]:
    """Base, link closed, borders slowed too, each from the last; and the last straight from the base."""
    closed = edited(case.pack, {"close": {"links": [case.link]}})
    slowed = edited(closed, {"scale": {"table": "crossings", "column": "hours", "factor": 1.5}})
    prepared, base, outcome, accounts = solved(case.pack, closed, slowed)
    one = prepared.solve(closed, base.start)
    two = prepared.solve(slowed, one.start)
    own = Case(case.pack, prepared, base, outcome, accounts, case.link, case.project)
    return own, [base, one, two], prepared.solve(slowed, base.start)


def test_surplus_does_not_depend_on_the_path(steps: tuple[Case, list[Solved], Solved]) -> None:
    own, (base, one, two), straight = steps
    by_steps = (welfare(own, two) - welfare(own, one)) + (welfare(own, one) - welfare(own, base))
    assert by_steps == pytest.approx(welfare(own, straight) - welfare(own, base), abs=5000.0)


def test_gains_are_the_change_of_the_objective(steps: tuple[Case, list[Solved], Solved]) -> None:
    own, (base, _, _), straight = steps
    objective = base.solution.certificate.objective - straight.solution.certificate.objective
    assert welfare(own, straight) - welfare(own, base) == pytest.approx(objective, abs=5000.0)


def test_closing_and_slowing_never_gains_in_total(steps: tuple[Case, list[Solved], Solved]) -> None:
    _, solutions, _ = steps
    objectives = [solution.solution.certificate.objective for solution in solutions]
    assert objectives[0] < objectives[1] < objectives[2]


def test_a_scenario_and_its_inverse_give_the_base(case: Case) -> None:
    there = edited(case.pack, {"scale": {"table": "links", "column": "length_km", "factor": 2.0}})
    back = edited(there, {"scale": {"table": "links", "column": "length_km", "factor": 0.5}})
    again = case.prepared.solve(back, case.base.start)
    np.testing.assert_allclose(again.solution.shipped, case.base.solution.shipped, rtol=1e-4, atol=10.0)


def test_a_route_set_grown_by_half_hardly_changes_what_a_project_is_worth(case: Case) -> None:
    worth = []
    for factor in (1.0, 1.5):
        pack = edited(
            case.pack,
            {"scale": {"table": "parameters", "rows": ["max-routes"], "column": "value", "factor": factor}},
        )
        built = edited(pack, {"build": case.project})
        prepared, base, outcome, accounts = solved(pack, built)
        own = Case(pack, prepared, base, outcome, accounts, case.link, case.project)
        worth.append(welfare(own, prepared.solve(built, base.start)) - welfare(own, base))
    assert worth[0] > 0
    assert worth[1] == pytest.approx(worth[0], rel=0.02)


def test_demand_and_capacity_doubled_double_the_flows(case: Case) -> None:
    pools = case.pack.table("pools")
    rows = pools["pool"][pools["capacity"].notna()].tolist()
    twice = edited(
        case.pack,
        {"scale": {"table": "markets", "column": "tonnes", "factor": 2.0}},
        {"scale": {"table": "pools", "column": "capacity", "rows": rows, "factor": 2.0}},
        {"scale": {"table": "services", "column": "slots_per_departure", "factor": 2.0}},
        *(
            []
            if pools["used_by_others"].isna().all()
            else [{"scale": {"table": "pools", "column": "used_by_others", "factor": 2.0}}]
        ),
    )
    *_, accounts = solved(twice)
    for column in ("tonnes", "co2_t"):
        assert accounts[column].sum() == pytest.approx(2.0 * case.accounts[column].sum(), rel=2e-3)
    assert accounts["receipts_usd"].sum() == pytest.approx(
        2.0 * case.accounts["receipts_usd"].sum(), rel=5e-3
    )


def test_flows_tend_to_the_cheapest_routes_as_the_scale_grows(strait: Pack) -> None:
    scales = ["route-kappa", "mode-kappa"]
    sharp = edited(
        strait, {"scale": {"table": "parameters", "rows": scales, "column": "value", "factor": 14.0}}
    )
    shares: list[float] = []
    for pack in (strait, sharp):
        prepared, base, *_ = solved(pack)
        cost = base.problem.routes.cost.copy()
        price = np.concatenate([base.solution.start.price, base.solution.start.stock])
        routes = base.problem.routes
        for r in range(cost.size):
            rows = slice(routes.use_first[r], routes.use_first[r + 1])
            cost[r] += routes.use[rows] @ price[routes.use_of[rows]]
        best = np.full(base.demand.market.size, np.inf)
        np.minimum.at(best, prepared.routes.market, cost)
        near = cost <= 1.02 * best[prepared.routes.market] + 0.05
        shares.append(float(base.solution.flow[near].sum() / base.solution.flow.sum()))
    assert shares[1] > 0.97 > shares[0]


def test_a_toll_where_there_is_no_other_way_is_a_pure_transfer(strait: Pack) -> None:
    stiff = edited(
        strait,
        {"set": {"table": "classes", "column": "elasticity", "value": 0.0}},
        {"set": {"table": "parameters", "rows": ["no-shipment-share"], "column": "value", "value": 5.0}},
    )
    raised = 3.0
    handling = stiff.table("handling")
    tolled = stiff.replace("handling", handling.assign(usd_per_t=handling["usd_per_t"] + raised))
    prepared, base, _, accounts = solved(stiff, tolled)
    after = prepared.solve(tolled, base.start)
    paid = accounts_of(tolled, outcome_of(prepared, after))
    shippers = paid["surplus_usd"].sum() - accounts["surplus_usd"].sum()
    receipts = paid["receipts_usd"].sum() - accounts["receipts_usd"].sum()
    assert receipts == pytest.approx(2.0 * raised * base.solution.shipped.sum(), rel=1e-3)
    assert shippers == pytest.approx(-receipts, rel=1e-3)
