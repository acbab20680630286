"""Each mechanism of the freight model on the invented region."""

import numpy as np
import pytest

from isthmus.freight import Prepared, Solved, outcome_of, prepare
from isthmus.freight.flows import arc_flows
from isthmus.freight.profiles import TRUNKS, premium_costs
from isthmus.network import ACCESS
from isthmus.pack import Pack
from tests.freight.looking import (
    arcs_of,
    chain_of,
    edited,
    on_territory,
    routes_of,
    scaling,
    setting,
    using,
    with_row,
)
from tests.freight.test_itineraries_by_hand import FERRY, RAIL, ROAD


def market_rows(solved: Solved, market: str) -> np.ndarray:
    """Rows of a market by segment."""
    return np.flatnonzero(solved.pack.table("markets")["market"].to_numpy()[solved.demand.market] == market)


def premium_on(
    prepared: Prepared, solved: Solved, market: str, way: list[str], ends: tuple[str, str]
) -> float:
    layout = prepared.layout
    profile = solved.demand.profile[market_rows(solved, market)[0]]
    chain = chain_of(layout, ends[0], way, ends[1])
    return float(premium_costs(solved.pack, layout, solved.demand)[profile, chain].sum())


def test_a_group_that_may_not_cross_a_territory_never_does_and_others_do(
    strait_freight: Prepared, strait_base: Solved
) -> None:
    north = using(strait_freight, on_territory(strait_freight.layout, "XBB"))
    flow = strait_base.solution.flow
    bound = routes_of(strait_freight, strait_base, "west-east-oil-bound")
    assert flow[bound].sum() > 290_000
    assert flow[bound & north].sum() == 0.0
    for market in ("west-east-grain", "west-east-manufactures-wary"):
        free = routes_of(strait_freight, strait_base, market)
        assert flow[free & north].sum() > 1000


def test_a_ban_of_a_territory_spares_the_market_s_own_ends(strait: Pack, strait_freight: Prepared) -> None:
    barred = edited(strait, {"avoid": {"countries": ["XBB"], "groups": ["any"]}})
    solved = strait_freight.solve(barred)
    flow, north = solved.solution.flow, using(strait_freight, on_territory(strait_freight.layout, "XBB"))
    assert flow[routes_of(strait_freight, solved, "west-east-grain") & north].sum() == 0.0
    assert flow[routes_of(strait_freight, solved, "west-north-oil")].sum() > 690_000
    wary = routes_of(strait_freight, solved, "west-east-manufactures-wary")
    assert flow[wary & north].sum() > 1000  # another group is free


def test_a_ban_of_an_operator_keeps_off_its_services(strait: Pack, strait_freight: Prepared) -> None:
    barred = edited(strait, {"avoid": {"operators": ["strait-line"]}})
    solved = strait_freight.solve(barred)
    ferry = np.zeros(strait_freight.layout.arcs, bool)
    ferry[arcs_of(strait_freight.layout, "ferry-rail") + arcs_of(strait_freight.layout, "ferry-road")] = True
    assert solved.solution.flow[using(strait_freight, ferry)].sum() == 0.0
    bound = market_rows(solved, "west-east-oil-bound")
    assert solved.solution.shipped[bound].sum() < 1e-3 * 300_000 or np.isfinite(
        solved.solution.composite[bound]
    )


def test_a_ban_of_a_place_that_begins_later_does_not_hold_before(
    strait: Pack, strait_freight: Prepared
) -> None:
    assert ("bound", "place", "west-mole") not in {
        tuple(row[:3]) for row in strait.in_force("bans").itertuples(index=False)
    }
    later = edited(strait, {"year": 2025})
    assert any(row.target == "west-mole" for row in later.in_force("bans").itertuples())


def test_a_premium_is_asked_once_for_each_entry_into_a_territory(
    strait_freight: Prepared, strait_base: Solved
) -> None:
    wary = "west-east-manufactures-wary"
    assert premium_on(strait_freight, strait_base, wary, RAIL, ("west", "east")) == pytest.approx(5.0)
    assert premium_on(strait_freight, strait_base, wary, ROAD, ("west", "east")) == pytest.approx(5.0)
    assert premium_on(strait_freight, strait_base, wary, FERRY, ("west", "east")) == pytest.approx(3.0)
    free = "west-east-manufactures"
    assert premium_on(strait_freight, strait_base, free, RAIL, ("west", "east")) == 0.0


def test_a_territory_where_the_goods_begin_asks_no_premium(
    strait_freight: Prepared, strait_base: Solved
) -> None:
    way = RAIL[:3][::-1]
    assert premium_on(strait_freight, strait_base, "north-west-food-wary", way, ("north", "west")) == 0.0


def test_a_premium_ends_with_its_years(strait: Pack, strait_freight: Prepared) -> None:
    later = strait_freight.solve(edited(strait, {"year": 2030}))
    wary = "west-east-manufactures-wary"
    assert premium_on(strait_freight, later, wary, FERRY, ("west", "east")) == 0.0
    assert premium_on(strait_freight, later, wary, RAIL, ("west", "east")) == pytest.approx(5.0)


def test_a_dearer_premium_moves_its_group_and_only_it_pays(strait: Pack, strait_freight: Prepared) -> None:
    asked = edited(strait, scaling("premiums", "usd_per_t", 4.0, group="wary", target="strait-line"))
    before, after = strait_freight.solve(), strait_freight.solve(asked)
    ferry = np.zeros(strait_freight.layout.arcs, bool)
    ferry[arcs_of(strait_freight.layout, "ferry-rail") + arcs_of(strait_freight.layout, "ferry-road")] = True
    by_ferry = using(strait_freight, ferry)
    wary = routes_of(strait_freight, before, "west-east-manufactures-wary")
    lost = before.solution.flow[wary & by_ferry].sum() - after.solution.flow[wary & by_ferry].sum()
    assert lost > 5000
    rows = market_rows(before, "west-east-manufactures")
    assert after.solution.composite[rows] == pytest.approx(before.solution.composite[rows], rel=0.02)


@pytest.mark.parametrize(
    ("market", "trunks"),
    [
        ("mine-ocean-coal-ores", {"sea"}),
        ("west-north-oil", {"rail"}),
        ("west-east-metals-building", {"rail", "combined"}),
    ],
)
def test_captives_stay_on_their_trunks(
    strait_freight: Prepared, strait_base: Solved, market: str, trunks: set[str]
) -> None:
    mine = routes_of(strait_freight, strait_base, market)
    used = mine & (strait_base.solution.flow > 0)
    assert {TRUNKS[t] for t in strait_freight.routes.trunk[used]} <= trunks
    assert strait_base.solution.flow[mine].sum() == pytest.approx(
        strait_base.solution.shipped[market_rows(strait_base, market)].sum()
    )


def test_captives_whose_trunk_is_closed_do_not_ship(strait: Pack, strait_freight: Prepared) -> None:
    solved = strait_freight.solve(edited(strait, {"close": {"crossings": ["ab-rail"]}}))
    row = market_rows(solved, "west-north-oil")
    assert solved.solution.shipped[row].sum() == 0.0
    table = outcome_of(strait_freight, solved).tables["markets"].set_index("market")
    assert table.loc["west-north-oil", "not_shipped_because"] == "no open route"


def test_base_tonnes_are_shipped_at_the_base(strait_base: Solved) -> None:
    shipped, tonnes = strait_base.solution.shipped, strait_base.demand.tonnes
    assert shipped == pytest.approx(tonnes, rel=1e-3)
    assert shipped.sum() == pytest.approx(tonnes.sum(), rel=2e-4)


def test_tonnes_fall_with_the_delivered_price_by_the_class_s_elasticity(strait: Pack) -> None:
    far = edited(strait, setting("parameters", "no-shipment-share", "value", 5.0))
    prepared = prepare(far)
    before = prepared.solve()
    after = prepared.solve(
        edited(far, scaling("links", "cost_factor", 1.5), scaling("rates", "usd_per_tkm", 1.3))
    )
    s0, s1 = prepared.pivot.composite, after.solution.composite
    price, elasticity = before.demand.price, before.demand.elasticity
    assert (s1 - s0).max() > 2.0
    expected = before.demand.tonnes * ((price + s1) / (price + s0)) ** -elasticity
    assert after.solution.shipped == pytest.approx(expected, rel=1e-6)


def test_nobody_pays_more_than_not_shipping_costs(strait: Pack, strait_freight: Prepared) -> None:
    """A border of one train pair in ten days: captives of the railway stay at home rather than outbid each other for ever."""
    narrow = edited(strait, setting("pools", "ab-rail", "capacity", 0.1))
    solved = strait_freight.solve(narrow)
    assert solved.solution.certificate.converged
    row = market_rows(solved, "west-north-oil")
    pivot = strait_freight.pivot
    ceiling = pivot.composite[row] + 0.3 * solved.demand.price[row]
    share = solved.solution.shipped[row] / solved.demand.tonnes[row]
    assert 0.0 < share < 0.5
    assert solved.solution.composite[row] == pytest.approx(
        ceiling + np.log(1 / share - 1) / pivot.scale_mode[row], rel=0.05
    )
    binding = np.isfinite(solved.state.capacity)
    assert np.all(solved.solution.load < solved.state.capacity[binding])
    table = outcome_of(strait_freight, solved).tables["markets"].set_index("market")
    assert table.loc["west-north-oil", "not_shipped_because"] == "capacity: ab-rail"


def test_a_lower_draft_takes_more_of_the_berth(strait: Pack, strait_freight: Prepared) -> None:
    def slots_per_tonne(pack: Pack) -> float:
        solved = strait_freight.solve(pack)
        berth = np.flatnonzero(np.isfinite(solved.state.capacity))
        at = berth.tolist().index(strait_freight.layout.pools.get_loc("mole-berth"))
        wanted = np.zeros(strait_freight.layout.arcs, bool)
        wanted[arcs_of(strait_freight.layout, "bulk-mole")] = True
        return float(solved.solution.load[at] / solved.solution.flow[using(strait_freight, wanted)].sum())

    assert slots_per_tonne(strait) == pytest.approx(1 / 0.8)
    low = edited(strait, setting("services", "bulk-mole", "load_factor", 0.5))
    assert slots_per_tonne(low) == pytest.approx(1 / 0.5)


def test_a_guess_has_a_price_only_if_asked_for(strait: Pack, strait_base: Solved) -> None:
    asked = prepare(strait, guesses=True)
    solved = asked.solve()
    tables = outcome_of(asked, solved).tables["pools"].set_index("pool")
    assert tables.loc["bc-rail", "basis"] == "estimate"
    assert tables.loc["bc-rail", "usd_per_slot"] > 0
    row = asked.layout.pools.get_loc("bc-rail")
    assert np.isinf(strait_base.state.capacity[row])
    assert solved.state.guessed[row]


def test_what_is_scarce_costs_all_its_users_the_same(strait_freight: Prepared, strait_base: Solved) -> None:
    """Rail cars of both directions, and both the loaded and the empty, pay one price a slot at the railway border."""
    problem, pools = strait_base.problem, np.flatnonzero(np.isfinite(strait_base.state.capacity))
    at = pools.tolist().index(strait_freight.layout.pools.get_loc("ab-rail"))
    price = strait_base.solution.start.price[at]
    x = strait_base.solution.load[at] / problem.pools.capacity[at]
    assert price == pytest.approx(problem.pools.scale[at] * x**4 / (1 - x), rel=0.02)
    assert 0.7 < x < 0.95
    empties = problem.empties
    moved_through = np.zeros(empties.tail.size)
    for e in range(empties.tail.size):
        part = slice(empties.use_first[e], empties.use_first[e + 1])
        moved_through[e] = empties.use[part][empties.use_of[part] == at].sum()
    taken = float(moved_through @ strait_base.solution.empties)
    assert taken > 0.2 * strait_base.solution.load[at]


def test_a_second_line_between_the_same_ports_shortens_the_wait_of_both(strait: Pack) -> None:
    idle = with_row(strait, "services", "boxes-west", service="boxes-also", pool=None, status="closed")
    sailing = edited(idle, setting("services", "boxes-also", "status", "open"))
    freight = prepare(idle, others=(sailing,))
    before, after = freight.solve(), freight.solve(sailing)
    rows = market_rows(before, "ocean-north-manufactures")
    time = np.array([before.demand.profiles[p].value_of_time for p in before.demand.profile[rows]])
    # 42 h of waiting become 21 h on all ways by this line, which cost the box's and the cargo's time.
    saved = before.solution.composite[rows] - after.solution.composite[rows]
    assert np.all(saved > 0.5 * 21 * (time + 0.48 / 24))
    open_both = np.isfinite(before.problem.routes.cost) & np.isfinite(after.problem.routes.cost)
    fall = before.problem.routes.cost[open_both] - after.problem.routes.cost[open_both]
    mine = np.isin(freight.routes.market[open_both], rows) & (fall != 0)
    value_of_time = dict(zip(rows.tolist(), time.tolist(), strict=True))
    expected = [21 * (value_of_time[m] + 0.48 / 24) for m in freight.routes.market[open_both][mine].tolist()]
    assert len(expected) >= 3
    assert fall[mine] == pytest.approx(expected)


def test_vehicles_are_not_taken_at_the_door_of_a_zone(strait_freight: Prepared, strait_base: Solved) -> None:
    layout = strait_freight.layout
    for carriage in strait_base.carriages:
        assert np.all(carriage.unit[layout.kind == ACCESS] == -1)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("unitised-kappa-factor", 0.5),
        ("value-of-time-factor", 3.0),
        ("border-factor", 4.0),
        ("premium-factor", 5.0),
        ("rail-usd-per-t", 10.0),
    ],
)
def test_each_parameter_of_behaviour_moves_flows_and_its_neutral_value_none(
    strait: Pack, parameter: str, value: float
) -> None:
    before = solved_flows(strait)
    after = solved_flows(edited(strait, setting("parameters", parameter, "value", value)))
    assert np.abs(after - before).max() > 100.0


def solved_flows(pack: Pack) -> np.ndarray:
    prepared = prepare(pack)
    return arc_flows(prepared, prepared.solve(start=prepared.start)).sum(axis=0)


def test_a_new_pivot_on_the_same_routes_is_that_of_the_base(strait: Pack) -> None:
    prepared = prepare(strait)
    again = prepared.rebased(strait)
    assert again.pivot.composite == pytest.approx(prepared.pivot.composite, rel=1e-6)
