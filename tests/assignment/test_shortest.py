"""Shortest trees against scipy's, with places that may not be passed and with ties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tests.assignment.graphs import Graph, graph_of, grid


def random_graph(seed: int, whole: bool) -> Graph:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 40))
    count = int(rng.integers(1, 5 * nodes))
    cost = rng.integers(1, 6, count) if whole else rng.uniform(0.1, 10.0, count)
    arcs = zip(rng.integers(0, nodes, count), rng.integers(0, nodes, count), cost, strict=True)
    barred = np.flatnonzero(rng.random(nodes) < 0.2)
    return graph_of(nodes, list(arcs), barred.tolist())


def by_scipy(graph: Graph, source: int) -> np.ndarray:
    """Distances with the ways out of impassable nodes taken away, and the cheapest of parallel arcs."""
    out = graph.passable[graph.tail] | (graph.tail == source)
    best: dict[tuple[int, int], float] = {}
    for a in np.flatnonzero(out & np.isfinite(graph.cost)):
        key = (int(graph.tail[a]), int(graph.head[a]))
        best[key] = min(best.get(key, np.inf), float(graph.cost[a]))
    rows = [key[0] for key in best], [key[1] for key in best]
    matrix = csr_array((list(best.values()), rows), shape=(graph.nodes, graph.nodes))
    return dijkstra(matrix, indices=source)


@given(st.integers(0, 10**6), st.booleans())
def test_distances_are_those_of_another_dijkstra(seed: int, whole: bool) -> None:
    graph = random_graph(seed, whole)
    source = seed % graph.nodes
    distance, _ = graph.tree(source)
    assert distance == pytest.approx(by_scipy(graph, source), rel=1e-12)


@given(st.integers(0, 10**6), st.booleans())
def test_paths_run_from_source_to_target_and_cost_their_distance(seed: int, whole: bool) -> None:
    graph = random_graph(seed, whole)
    source = seed % graph.nodes
    distance, arrival = graph.tree(source)
    for target in range(graph.nodes):
        path = graph.path(arrival, source, target)
        if target == source or not np.isfinite(distance[target]):
            assert path == []
            continue
        assert graph.tail[path[0]] == source
        assert graph.head[path[-1]] == target
        assert graph.head[path[:-1]].tolist() == graph.tail[path[1:]].tolist()
        assert np.all(graph.passable[graph.head[path[:-1]]])
        assert graph.cost[path].sum() == pytest.approx(distance[target])


def test_nothing_runs_through_a_zone_but_to_and_from_it() -> None:
    through = graph_of(4, [(0, 1, 1.0), (1, 2, 1.0), (0, 3, 5.0), (3, 2, 5.0)], impassable=[1])
    distance, arrival = through.tree(0)
    assert distance.tolist() == [0.0, 1.0, 10.0, 5.0]
    assert through.tree(1)[0].tolist() == [np.inf, 0.0, 1.0, np.inf]
    assert len(through.path(arrival, 0, 2)) == 2


def test_of_ways_that_cost_the_same_the_first_met_is_taken_every_time() -> None:
    graph = grid(6)
    trees = [graph.tree(0)[1] for _ in range(3)]
    assert all(np.array_equal(trees[0], tree) for tree in trees)
    parallel = graph_of(2, [(0, 1, 3.0), (0, 1, 3.0), (0, 1, 3.0)])
    assert parallel.tree(0)[1].tolist() == [-1, 0]


def test_closed_arcs_are_not_run() -> None:
    graph = graph_of(3, [(0, 1, np.inf), (0, 2, 1.0), (2, 1, 7.0)])
    assert graph.tree(0)[0].tolist() == [0.0, 8.0, 1.0]
    assert graph_of(2, [(0, 1, np.inf)]).tree(0)[1].tolist() == [-1, -1]


def test_arcs_that_cost_nothing_are_run() -> None:
    graph = graph_of(4, [(0, 1, 0.0), (1, 2, 0.0), (2, 3, 0.0), (0, 3, 1e-9)])
    distance, arrival = graph.tree(0)
    assert distance[3] == 0.0
    assert graph.path(arrival, 0, 3) == [0, 2, 3]
