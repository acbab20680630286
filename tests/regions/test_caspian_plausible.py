"""Plausibility of caspian in numbers: lengths, speeds, prices, hours, capacities, sources."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from isthmus.network import ACCESS, condition_of, lay_out
from isthmus.pack import Pack

_NEAR_KM = 30.0  # below this a place's rounding to hundredths of a degree matters


def great_circle(pack: Pack, table: pd.DataFrame) -> np.ndarray:
    """Kilometres between the ends of each row."""
    places = pack.table("places").set_index("place")
    first, second = (
        np.radians(places.loc[table[end], ["lon", "lat"]].to_numpy(float))
        for end in ("from_place", "to_place")
    )
    half = (second - first) / 2.0
    chord = np.sin(half[:, 1]) ** 2 + np.cos(first[:, 1]) * np.cos(second[:, 1]) * np.sin(half[:, 0]) ** 2
    return np.asarray(2.0 * 6371.0 * np.arcsin(np.sqrt(chord)))


def named_detours() -> dict[str, str]:
    with (Path(__file__).parent / "detours.csv").open(newline="", encoding="utf-8") as file:
        return {row["link"]: row["reason"] for row in csv.DictReader(file)}


def test_lines_are_as_long_as_their_ends_are_apart_and_at_most_three_fifths_more(caspian: Pack) -> None:
    links = caspian.table("links")
    apart = great_circle(caspian, links)
    ratio = links["length_km"].to_numpy(float) / np.maximum(apart, 1e-9)
    far = apart > _NEAR_KM
    assert (ratio > 0.97).all()
    assert set(links["link"][far & (ratio > 1.6)]) == set(named_detours())
    assert ratio[far].max() < 2.5


def test_every_named_detour_has_its_reason() -> None:
    assert all(len(reason) > 8 for reason in named_detours().values())


def test_ships_sail_no_shorter_than_the_great_circle_and_round_no_more_than_one_continent(
    caspian: Pack,
) -> None:
    services = caspian.table("services")
    ratio = services["length_km"].to_numpy(float) / great_circle(caspian, services)
    assert ratio.min() > 0.98
    assert ratio.max() < 5.0
    assert np.median(ratio) < 2.0


@pytest.mark.parametrize(("trunk", "least", "most"), [("rail", 10.0, 65.0), ("road", 10.0, 85.0)])
def test_speeds_on_land_are_those_of_freight(caspian: Pack, trunk: str, least: float, most: float) -> None:
    links = caspian.table("links")
    family = links["mode"].map(caspian.table("modes").set_index("mode")["trunk"])
    speed = links.loc[family == trunk, "speed_kmh"]
    assert speed.between(least, most).all()
    assert speed.median() > 2 * least


def test_ships_make_between_seven_and_thirty_six_km_an_hour(caspian: Pack) -> None:
    services = caspian.table("services")
    assert (services["length_km"] / services["hours"]).between(7.0, 36.0).all()


def test_prices_by_distance_lie_in_the_bands_of_their_mode(caspian: Pack) -> None:
    rates = caspian.table("rates")
    rail = rates[rates["mode"].str.fullmatch(r"rail-\d+")]
    assert rail.loc[rail["usd_per_tkm"] > 0, "usd_per_tkm"].between(0.003, 0.12).all()
    assert rail.loc[rail["usd_per_unit_km"] > 0, "usd_per_unit_km"].between(0.2, 1.0).all()
    road = rates[rates["mode"] == "road"]
    assert road.loc[road["usd_per_unit_km"] > 0, "usd_per_unit_km"].between(0.2, 2.0).all()


def test_borders_take_hours_and_days_but_not_weeks_and_neither_way_ten_times_the_other(caspian: Pack) -> None:
    crossings = caspian.table("crossings")
    back = crossings["hours_back"].fillna(crossings["hours"])
    assert crossings["hours"].between(0.0, 120.0).all() and back.between(0.0, 120.0).all()
    both = (crossings["hours"] > 0) & (back > 0)
    assert (back[both] / crossings["hours"][both]).between(0.1, 10.0).all()


def test_prices_back_are_within_a_factor_of_ten_of_those_out(caspian: Pack) -> None:
    assert caspian.table("services")["back_factor"].dropna().between(0.1, 3.0).all()


def test_a_border_can_carry_what_was_counted_on_it(caspian: Pack) -> None:
    layout = lay_out(caspian)
    capacity = pd.Series(condition_of(caspian, layout).capacity, index=layout.pools)
    units = caspian.table("pools").set_index("pool")["unit"]
    pool = caspian.table("crossings").set_index("crossing")["pool"]
    seen = caspian.table("observations")
    seen = seen[(seen["kind"] == "crossing") & (seen["year"] == caspian.base_year) & seen["tonnes"].notna()]
    assert len(seen) > 0
    for row in seen.itertuples():
        drawn = pool[row.element]
        if drawn is None or not np.isfinite(capacity[drawn]):
            continue
        load = {"tonnes_per_year": 1.0, "trucks_per_day": 25.0, "train_pairs_per_day": 4000.0}[units[drawn]]
        assert capacity[drawn] * load > float(row.tonnes), row.element


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
    assert set(layout.kind[land][broken]) == {1}


def test_sources_resolve_and_classes_divide_into_their_segments(caspian: Pack) -> None:
    shares = caspian.table("segments").groupby("cargo_class")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    named = {
        source
        for table in ("links", "markets", "services", "rates", "pools")
        for source in caspian.table(table)["source"]
    }
    assert named <= set(caspian.table("sources")["source"])
