"""Route sets: many distinct ways, those worth keeping, and what overlap takes from them."""

import numpy as np
import pytest

from isthmus.assignment import paths
from tests.assignment.graphs import graph_of, grid


def test_the_first_path_on_a_grid_is_a_shortest_and_all_are_distinct_and_whole() -> None:
    graph = grid(5)
    found = graph.paths(0, [24], rounds=12)
    assert found is not None
    assert len(found) >= 6
    assert len(found[0][1]) == 8
    assert len({tuple(arcs) for _, arcs in found}) == len(found)
    for target, arcs in found:
        assert target == 24
        assert graph.tail[arcs[0]] == 0 and graph.head[arcs[-1]] == 24
        assert graph.head[arcs[:-1]].tolist() == graph.tail[arcs[1:]].tolist()
        assert len(set(graph.head[arcs].tolist())) == len(arcs)  # no place twice


def test_penalties_find_the_ways_round() -> None:
    # Three disjoint ways of cost 2, 3 and 4.
    graph = graph_of(5, [(0, 1, 1.0), (1, 4, 1.0), (0, 2, 1.5), (2, 4, 1.5), (0, 3, 2.0), (3, 4, 2.0)])
    found = graph.paths(0, [4], rounds=6, penalty=1.5)
    assert found is not None
    middles = [int(graph.head[arcs[0]]) for _, arcs in found]
    assert middles == [1, 2, 3]


def test_variants_find_what_costs_of_their_own_make_best() -> None:
    graph = graph_of(3, [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 3.0)])
    dear = np.array([[1.0, 1.0, 1.0], [5.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    found = graph.paths(0, [2], variants=dear)
    assert found == [(2, [0, 2]), (2, [1])]


def test_one_search_serves_every_target() -> None:
    graph = grid(4)
    found = graph.paths(0, [15, 3, 12], rounds=3)
    assert found is not None
    assert {target for target, _ in found} == {15, 3, 12}
    assert graph_of(3, [(0, 1, 1.0)]).paths(0, [1, 2]) == [(1, [0])]


def test_buffers_that_are_too_short_are_told() -> None:
    assert grid(5).paths(0, [24], rounds=4, room=7) is None


def select(
    costs: list[float], later: list[float], trunks: list[int], allowed: list[bool], **limits: float
) -> list[int]:
    """Routes of one arc each that one market keeps: those good now, then of those shut now the ones good later."""
    count = len(costs)
    chosen, base = np.zeros(count, np.int64), np.zeros(count)
    limits = {"kappa": 5.0, "factor": 1.6, "margin": 0.0, "most": 12, **limits}
    for turn, cost in ((1, costs), (2, later)):
        paths.select_routes(
            np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([allowed]), np.array([0, count]),
            np.arange(count + 1), np.arange(count), np.arange(count).astype(np.uint64), np.array(trunks, np.int64),
            np.array([cost]),
            limits["kappa"], limits["factor"], limits["margin"], int(limits["most"]), turn == 2,
            np.array([0, count]), base, turn, chosen,
        )  # fmt: skip
    return np.flatnonzero(chosen).tolist()


def test_routes_dearer_than_the_limit_are_left_out() -> None:
    costs = [10.0, 15.9, 16.1, 21.9, 22.1]
    assert select(costs, costs, [0] * 5, [True]) == [0, 1]
    # A margin of 3 over the scale, kappa / best, adds 3 x 10 / 5 = 6 USD.
    assert select(costs, costs, [0] * 5, [True], margin=3.0) == [0, 1, 2, 3]
    assert select(costs, costs, [0] * 5, [True], margin=3.0, most=2) == [0, 1]


def test_captives_keep_their_trunk_and_are_judged_by_its_best() -> None:
    costs = [10.0, 30.0, 40.0]
    assert select(costs, costs, [0, 1, 1], [False, True]) == [1, 2]
    assert select(costs, costs, [0, 1, 1], [False, False]) == []


def test_what_is_closed_now_is_kept_if_it_would_be_good_once_open() -> None:
    now, later = [10.0, np.inf, np.inf], [10.0, 8.0, 30.0]
    assert select(now, later, [0, 0, 0], [True]) == [0, 1]


def sizes(
    routes: list[list[int]],
    length: list[float],
    segment: list[int] | None = None,
    is_open: list[bool] | None = None,
) -> np.ndarray:
    """Path sizes of the routes of one market."""
    segments = np.array(segment if segment is not None else range(len(length)), np.int64)
    first = np.concatenate([[0], np.cumsum([len(route) for route in routes])]).astype(np.int64)
    arcs, count = np.array([arc for route in routes for arc in route], np.int64), len(routes)
    digest, out = np.empty(count, np.uint64), np.empty(count)
    paths.path_hashes(first, arcs, segments, digest)
    paths.path_sizes(
        np.array([0, count]), np.arange(count), first, arcs, digest, np.array(is_open or [True] * count), segments,
        np.array(length, float), int(segments.max()) + 1, out,
    )  # fmt: skip
    return np.exp(out)


def test_routes_that_share_nothing_have_size_one() -> None:
    assert sizes([[0, 1], [2], [3, 4]], [5, 5, 8, 3, 4]) == pytest.approx([1.0, 1.0, 1.0])


def test_a_shared_part_counts_by_its_share_of_the_length_over_its_users() -> None:
    # Arc 0, 6 km long, is shared by two routes of 10 and 8 km: 6/10/2 + 4/10 and 6/8/2 + 2/8.
    assert sizes([[0, 1], [0, 2], [3]], [6, 4, 2, 9]) == pytest.approx([0.7, 0.625, 1.0])
    assert sizes([[0, 1], [0, 2]], [5, 5, 5]) == pytest.approx([0.75, 0.75])


def test_identical_parallels_have_the_size_of_one_route() -> None:
    alone = sizes([[0, 1], [0, 2]], [6, 4, 2, 4])
    doubled = sizes([[0, 1], [0, 2], [0, 3]], [6, 4, 2, 4], segment=[0, 1, 2, 1])
    assert doubled == pytest.approx([alone[0], alone[1], alone[0]])
    planned = sizes([[0, 1], [0, 2], [0, 3]], [6, 4, 2, 4], segment=[0, 1, 2, 1], is_open=[True, True, False])
    assert planned == pytest.approx(doubled)


@pytest.mark.parametrize(
    ("costs", "shares"),
    [
        ([30.0, 30.0, 40.0], [0.5, 0.5, 1.0]),
        ([30.0, 60.0, 40.0], [1.0, 0.0, 1.0]),
        ([np.inf, 30.0, 40.0], [1.0, 1.0, 1.0]),
    ],
)
def test_twins_share_one_weight_and_the_better_takes_it(costs: list[float], shares: list[float]) -> None:
    out = np.empty(3)
    paths.twin_weights(
        np.zeros(3, np.int64), np.array([0, 0, 2]), np.array(costs), np.array([0.2]), 20.0, out
    )
    assert np.exp(out) == pytest.approx(shares, abs=1e-6)


def test_routes_closed_at_the_base_take_nothing_from_open_ones() -> None:
    assert sizes([[0, 1], [0, 2]], [5, 5, 5], is_open=[True, False]) == pytest.approx([1.0, 0.75])


def test_a_way_of_no_length_has_size_one() -> None:
    assert sizes([[0], [1]], [0, 7]) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(("lengths", "trunk"), [([6, 4], 0), ([5, 5], 2), ([4, 6], 1), ([0, 0], 0)])
def test_the_trunk_is_the_mode_of_three_fifths_of_the_length(lengths: list[float], trunk: int) -> None:
    out = np.empty(1, np.int64)
    family = np.array([0, -1, 1])
    length = np.array([lengths[0], 100.0, lengths[1]])
    paths.trunk_of(np.array([0, 3]), np.arange(3), length, family, 2, 0.6, out)
    assert out[0] == trunk
