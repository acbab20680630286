"""Plausibility of caspian in numbers: lengths, speeds, prices, hours, capacities, symmetry, sources; exceptions in CSV beside."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from isthmus.network import ACCESS, LINK, TERMINAL, SeaWays, condition_of, great_circle, lay_out
from isthmus.pack import Pack
from tests.regions.capacities import loads
from tests.regions.kinds import QUANTITIES

_ROUNDING_KM = 1.4  # positions are in hundredths of a degree: 0.7 km at each end, at the latitude of 40
_RIVERS = ("kalach", "shlisselburg")  # the canals that only river ships take
_HERE = Path(__file__).parent


def named(file: str, column: str) -> dict[str, str]:
    """Reasons by id of a list of exceptions; each has its own."""
    table = pd.read_csv(_HERE / file).set_index(column)["reason"]
    assert table.is_unique and (table.str.len() > 20).all(), file
    return dict(table)


def apart(pack: Pack, table: pd.DataFrame) -> np.ndarray:
    """Kilometres of the great circle between the ends of each row."""
    at = pack.table("places").set_index("place")[["lon", "lat"]]
    return great_circle(*(at.loc[table[end]].to_numpy(float) for end in ("from_place", "to_place")))


def test_lines_are_at_least_as_long_as_their_ends_are_apart_and_at_most_three_fifths_more(
    caspian: Pack,
) -> None:
    links = caspian.table("links")
    length, straight = links["length_km"].to_numpy(float), apart(caspian, links)
    assert (length >= straight).all()
    assert set(links["link"][length > 1.6 * (straight + _ROUNDING_KM)]) == set(named("detours.csv", "link"))
    assert (length < 2.5 * (straight + _ROUNDING_KM)).all()


@pytest.mark.parametrize(("trunk", "least", "most"), [("rail", 1.1, 1.2), ("road", 1.15, 1.25)])
def test_the_middle_line_winds_as_lines_of_its_mode_do(
    caspian: Pack, trunk: str, least: float, most: float
) -> None:
    links = caspian.table("links")
    links = links[links["mode"].map(caspian.table("modes").set_index("mode")["trunk"]) == trunk]
    assert least < np.median(links["length_km"] / apart(caspian, links)) < most


def test_ships_sail_the_shortest_way_by_straits_canals_and_capes_and_little_more(caspian: Pack) -> None:
    services = caspian.table("services")
    points = SeaWays(caspian)
    sea, cape, river = (points.lengths(without) for without in (_RIVERS, (*_RIVERS, "suez"), ()))
    for row in services.itertuples():
        ways = cape if "-cape-" in row.service else river if "-river-" in row.service else sea
        assert 0.95 < row.length_km / ways.at[row.from_place, row.to_place] < 1.25, row.service
    later = caspian.table("by_year")
    later = later[(later["table"] == "services") & (later["column"] == "length_km")]
    ends = services.set_index("service")
    for row in later.itertuples():
        way = cape.at[ends.at[row.row, "from_place"], ends.at[row.row, "to_place"]]
        assert 0.95 < float(row.value) / way < 1.25, (row.year, row.row)


@pytest.mark.parametrize("quantity", sorted(QUANTITIES))
def test_speeds_and_prices_lie_in_the_bands_of_their_kind(caspian: Pack, quantity: str) -> None:
    bands = pd.read_csv(_HERE / "bands.csv")
    bands = bands[bands["quantity"] == quantity].set_index("kind")
    values = QUANTITIES[quantity](caspian)
    by_kind = values.groupby(values.index)
    assert set(by_kind.groups) == set(bands.index)
    for kind, part in by_kind:
        band = bands.loc[kind]
        assert part.between(band["least"], band["most"]).all(), kind
        assert band["median_least"] <= part.median() <= band["median_most"], kind


def test_grades_cost_up_to_half_as_much_again(caspian: Pack) -> None:
    assert caspian.table("links")["cost_factor"].dropna().between(1.0, 1.5).all()


def test_borders_take_hours_and_days_but_not_weeks(caspian: Pack) -> None:
    crossings = caspian.table("crossings")
    assert crossings["hours"].between(0.0, 120.0).all()
    assert crossings["hours_back"].dropna().between(0.0, 120.0).all()


@pytest.mark.parametrize(
    ("what", "ahead", "back", "factor"),
    [("hours", "hours", "hours_back", 2.0), ("money", "usd_per_unit", "usd_per_unit_back", 3.0)],
)
def test_borders_are_alike_both_ways_but_for_those_named(
    caspian: Pack, what: str, ahead: str, back: str, factor: float
) -> None:
    reasons = pd.read_csv(_HERE / "one_sided.csv")
    assert reasons["reason"].is_unique
    crossings = caspian.table("crossings").dropna(subset=[back])
    ratio = crossings[back] / crossings[ahead]
    uneven = crossings["crossing"][(ratio > factor) | (ratio < 1.0 / factor)]
    assert set(uneven) == set(reasons["crossing"][reasons["what"] == what])


def test_links_and_terminals_take_the_same_both_ways(caspian: Pack) -> None:
    layout = lay_out(caspian)
    state = condition_of(caspian, layout)
    for kind in (LINK, TERMINAL):
        arcs = np.flatnonzero(layout.kind == kind)
        both = arcs[np.argsort(layout.element[arcs], kind="stable")].reshape(-1, 2)
        assert (layout.tail[both[:, 0]] == layout.head[both[:, 1]]).all()
        for name in ("open", "length", "running", "terminal", "cost_factor", "bulk_usd", "box_usd", "pool"):
            values = getattr(state, name)[both]
            assert np.array_equal(values[:, 0], values[:, 1], equal_nan=values.dtype.kind == "f"), name


def test_ways_between_the_same_ends_are_equally_long(caspian: Pack) -> None:
    for name, slack in (("links", 1.0), ("services", 1.015)):
        rows = caspian.table(name)
        rows = rows[rows["status"].isin(["open", "limited"]) & ~rows.iloc[:, 0].str.contains("-cape-")]
        ends = pd.Series(
            ["|".join(sorted(pair)) for pair in zip(rows["from_place"], rows["to_place"], strict=True)],
            rows.index,
        )
        trunk = rows["mode"].map(caspian.table("modes").set_index("mode")["trunk"])
        lengths = rows["length_km"].groupby([ends, trunk])
        assert (lengths.max() <= slack * lengths.min()).all(), name


def test_prices_back_are_within_a_factor_of_ten_of_those_out(caspian: Pack) -> None:
    assert caspian.table("services")["back_factor"].dropna().between(0.1, 3.0).all()


def test_what_was_counted_fits_the_capacities_under_it_but_for_those_named(caspian: Pack) -> None:
    counted = loads(caspian)
    assert len(counted) >= 60 and set(counted["observation"].str[-4:]) >= {
        "2019",
        "2022",
        "2023",
        "2024",
        "2025",
    }
    assert set(counted["observation"][counted["seen"] > counted["capacity"]]) == set(
        named("over_capacity.csv", "observation")
    )


def test_every_market_says_how_it_was_found(caspian: Pack) -> None:
    markets = caspian.table("markets")
    assert (markets["rule"].str.len() > 3).all()
    assert markets["tonnes"].between(1.0, 1e8).all()


def test_every_estimate_says_how_it_was_made(caspian: Pack) -> None:
    for name in ("links", "crossings", "terminals", "services", "pools", "rates", "load_units"):
        table = caspian.table(name)
        estimates = table[table["source"] == "estimate"]
        assert estimates["note"].notna().mean() > 0.98, name


def test_no_zone_lies_on_an_island_of_the_open_network(caspian: Pack) -> None:
    layout = lay_out(caspian)
    used = condition_of(caspian, layout).open
    size = len(layout.nodes)
    graph = coo_array((np.ones(used.sum()), (layout.tail[used], layout.head[used])), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    assert len(set(part[layout.zone_node])) == 1


def test_gauges_meet_only_where_a_terminal_changes_them(caspian: Pack) -> None:
    layout = lay_out(caspian)
    gauge = caspian.table("modes")["gauge_mm"].to_numpy(float)
    of_node = layout.nodes["mode_index"].to_numpy()
    land = layout.kind != ACCESS
    before, after = gauge[of_node[layout.tail[land]]], gauge[of_node[layout.head[land]]]
    broken = ~np.isnan(before) & ~np.isnan(after) & (before != after)
    assert broken.any()
    assert set(layout.kind[land][broken]) == {TERMINAL}


def test_sources_resolve_and_classes_divide_into_their_segments(caspian: Pack) -> None:
    shares = caspian.table("segments").groupby("cargo_class")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    named = {
        source
        for table in ("links", "markets", "services", "rates", "pools")
        for source in caspian.table(table)["source"]
    }
    assert named <= set(caspian.table("sources")["source"])
