"""The graph of a region."""

import numpy as np
import pandas as pd
import pytest

from isthmus.network import ACCESS, LINK, TERMINAL, Layout, condition_of, lay_out
from isthmus.pack import Pack
from tests.network.test_condition import arc


@pytest.fixture(scope="module")
def layout(strait: Pack) -> Layout:
    return lay_out(strait)


def at(layout: Layout, place: str, mode: str) -> int:
    nodes = layout.nodes
    return int(np.flatnonzero((nodes["place"] == place) & (nodes["mode"] == mode))[0])


def test_arcs_stand_in_forward_star_order(layout: Layout) -> None:
    assert np.all(np.diff(layout.tail) >= 0)
    assert layout.first_out[0] == 0
    assert layout.first_out[-1] == layout.arcs
    for node in range(len(layout.nodes)):
        assert np.all(layout.tail[layout.first_out[node] : layout.first_out[node + 1]] == node)


def test_every_link_runs_both_ways(layout: Layout, strait: Pack) -> None:
    for row in strait.table("links").itertuples():
        ahead, back = arc(layout, row.link), arc(layout, row.link, False)
        assert layout.tail[ahead] == layout.head[back] == at(layout, row.from_place, row.mode)
        assert layout.head[ahead] == layout.tail[back] == at(layout, row.to_place, row.mode)


def test_two_gauges_side_by_side_at_a_border_pass_one_crossing_and_share_its_pool(strait: Pack) -> None:
    links = strait.table("links")
    row = links[links["link"] == "rail-west-gate-hub-west"].assign(
        link="std-west-gate-hub-west", mode="rail-1435"
    )
    both = strait.replace("links", pd.concat([links, row], ignore_index=True))
    layout = lay_out(both)
    broad, standard = arc(layout, "rail-west-gate-hub-west"), arc(layout, "std-west-gate-hub-west")
    assert layout.crossing[broad] == layout.crossing[standard] == layout.crossings.get_loc("ab-rail")
    pool = condition_of(both, layout).pool
    assert pool[broad].max() == pool[standard].max() == layout.pools.get_loc("ab-rail")
    assert (pool[broad] >= 0).sum() == 1  # drawn on once


def test_a_link_across_a_border_leaves_one_territory_and_reaches_the_other(layout: Layout) -> None:
    for forward, ends in ((True, ("XAA", "XBB")), (False, ("XBB", "XAA"))):
        a = arc(layout, "road-west-gate-hub-west", forward)
        assert (layout.countries[layout.country_from[a]], layout.countries[layout.country_to[a]]) == ends
        assert layout.crossing_forward[a] == forward


def test_zones_begin_and_end_ways_but_are_not_passed(layout: Layout) -> None:
    assert np.array_equal(np.flatnonzero(~layout.passable), np.sort(layout.zone_node))
    access = layout.kind == ACCESS
    assert np.all(
        np.isin(layout.tail[access], layout.zone_node) != np.isin(layout.head[access], layout.zone_node)
    )


def test_a_zone_reaches_the_modes_of_its_place_and_those_of_its_access(layout: Layout) -> None:
    zone = layout.zone_node[layout.zones.get_loc("mill")]
    reached = layout.nodes.iloc[layout.head[layout.tail == zone]]
    found = {(row.place, row.mode) for row in reached.itertuples()}
    assert {("east-mill", "road"), ("east-mill", "rail-1435"), ("east-city", "rail-1435")} == found
    dray = np.flatnonzero((layout.tail == zone) & (layout.head == at(layout, "east-city", "rail-1435")))
    assert layout.length[dray].tolist() == [100.0]


def test_parallel_lines_are_one_physical_segment_both_ways(strait: Pack) -> None:
    links = strait.table("links")
    twin = links[links["link"] == "rail-hub-west-hub"].assign(link="rail-hub-west-hub-two")
    layout = lay_out(strait.replace("links", pd.concat([links, twin], ignore_index=True)))
    names = ("rail-hub-west-hub", "rail-hub-west-hub-two")
    segments = {int(layout.segment[arc(layout, name, way)]) for name in names for way in (True, False)}
    assert len(segments) == 1
    road = layout.segment[arc(layout, "road-hub-west-hub")]
    assert int(road) not in segments


def test_terminals_join_two_modes_at_a_place(layout: Layout) -> None:
    a = arc(layout, "hub-gauge")
    assert layout.kind[a] == TERMINAL
    assert layout.tail[a] == at(layout, "hub", "rail-1520")
    assert layout.head[a] == at(layout, "hub", "rail-1435")
    assert layout.length[a] == 0
    assert layout.family[a] == -1
    assert set(layout.family[layout.kind == LINK]) == {1, 2}
