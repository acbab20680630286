"""Route sets of every market: found once per layout, kept as arcs, turned into the arrays of an equilibrium problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isthmus.assignment import paths
from isthmus.freight.profiles import TRUNKS, Demand
from isthmus.network import FAMILIES, Layout
from isthmus.pack import Pack

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PENALTY_TREES = 8
_PENALTY = 1.2
_PURE = 20.0


@dataclass(frozen=True)
class RouteSet:
    """Routes of every market (R), in the order of markets and, within one, of trunk modes.

    Attributes:
        path_first: (R + 1) first arc of each route in `arcs`.
        arcs: arcs in order from origin to destination.
        market: (R) its market by segment.
        trunk: (R) index in TRUNKS.
        nest_first, route_first: nesting, as in `isthmus.assignment.Routes`.
        log_size: (R) path-size term.
        twin: (R) first of the market's routes that run over the same segments, itself if it is that.
        reference: (M) cost of the best open route at free flow, USD per tonne; where none is open, of the best that could be.
    """

    path_first: Ints
    arcs: Ints
    market: Ints
    trunk: Ints
    nest_first: Ints
    route_first: Ints
    log_size: Floats
    twin: Ints
    reference: Floats


@dataclass(frozen=True)
class _Candidates:
    """Distinct paths by group of markets (class, origin, destination)."""

    group_first: Ints
    path_first: Ints
    arcs: Ints
    trunk: Ints
    hash: NDArray[np.uint64]


@dataclass(frozen=True)
class View:
    """One state of the network as the markets see it: (profile, A) generalised costs, and the profile of each market."""

    costs: Floats
    profile: Ints


def find_routes(
    pack: Pack, layout: Layout, demand: Demand, base: View, planned: View, others: tuple[View, ...] = ()
) -> RouteSet:
    """Route sets under the base condition, with those that closed or planned rows would open, and those of other states.

    Parameters
    ----------
    pack : Pack
        Parameters of the sets: set-factor, set-margin, max-routes, trunk-share, route-kappa, path-size-exponent.
    layout, demand
        Graph and markets.
    base, planned : View
        The arcs as they are, and with everything open.
    others : tuple of View
        States that will be solved too: comparisons need the union of the routes.
    """
    group, groups = _groups(demand)
    candidates = _candidates(pack, layout, demand, groups, base, planned, others)
    chosen_first, chosen, from_base = _select(pack, demand, group, candidates, base, planned, others)
    return _arranged(pack, layout, demand, candidates, chosen_first, chosen, from_base, base, planned)


def _groups(demand: Demand) -> tuple[Ints, Ints]:
    keys = np.stack([demand.cargo_class, demand.origin, demand.destination], axis=1)
    groups, index = np.unique(keys, axis=0, return_inverse=True)
    return index.reshape(-1).astype(np.int64), groups.astype(np.int64)


def _variants(layout: Layout) -> Floats:
    """Factors on arc costs: none, then each trunk mode favoured in turn."""
    family = layout.family
    rows = [np.ones(layout.arcs)]
    rows += [np.where((family >= 0) & (family != f), _PURE, 1.0) for f in range(len(FAMILIES))]
    return np.stack(rows)


def _candidates(
    pack: Pack,
    layout: Layout,
    demand: Demand,
    groups: Ints,
    base: View,
    planned: View,
    others: tuple[View, ...],
) -> _Candidates:
    """Paths of every group of markets under every view.

    The profile that most markets of a class and origin share searches to all their destinations, in the base in full; the others
    add the cheapest paths as they see them and a few penalties, and the searches by trunk mode if more is barred to them.
    """
    variants = _variants(layout)
    searches = [
        (base, variants, _PENALTY_TREES),
        (planned, variants[:1], 2),
        *((view, variants[:4], 3) for view in others),
    ]
    found: list[tuple[Ints, Ints, Ints, NDArray[np.uint64]]] = []
    searcher = _Searcher(layout)
    start = np.stack([demand.cargo_class, demand.origin], axis=1)
    zone_group = {tuple(key): g for g, key in enumerate(groups.tolist())}
    for cargo_class, origin in np.unique(start, axis=0).tolist():
        mine = np.flatnonzero((demand.cargo_class == cargo_class) & (demand.origin == origin))
        for view, factors, trees in searches:
            profiles, counts = np.unique(view.profile[mine], return_counts=True)
            main = profiles[np.argmax(counts)]
            for profile in profiles.tolist():
                fewer = profile != main
                barred = np.isinf(view.costs[profile]).sum() > np.isinf(view.costs[main]).sum()
                ends = np.unique(demand.destination[mine[view.profile[mine] == profile] if fewer else mine])
                first, arcs, target, digest = searcher.search(
                    view.costs[profile],
                    factors[: 1 if fewer and not barred else len(factors)],
                    min(trees, 2) if fewer else trees,
                    int(origin),
                    ends,
                )
                to_group = {int(layout.zone_node[d]): zone_group[(cargo_class, origin, int(d))] for d in ends}
                found.append(
                    (first, arcs, np.array([to_group[t] for t in target.tolist()], np.int64), digest)
                )
    return _pooled(pack, layout, found, len(groups))


class _Searcher:
    """Calls the path search with buffers that grow when they are too short."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.label = np.arange(layout.arcs)
        self.passable = layout.passable
        self.size = 200_000

    def search(
        self, cost: Floats, variants: Floats, rounds: int, origin: int, ends: Ints
    ) -> tuple[Ints, Ints, Ints, NDArray[np.uint64]]:
        """Offsets, arcs, target node and hash of the distinct paths from a zone to others."""
        layout = self.layout
        while True:
            most = ends.size * (variants.shape[0] + rounds) + 1
            arcs, first = np.empty(self.size, np.int64), np.empty(most + 1, np.int64)
            target, digest = np.empty(most, np.int64), np.empty(most, np.uint64)
            count = paths.find_paths(
                layout.first_out, layout.head, layout.tail, self.passable, cost, np.ascontiguousarray(variants), rounds, _PENALTY,
                int(layout.zone_node[origin]), layout.zone_node[ends], self.label, layout.segment, arcs, first, target, digest,
            )  # fmt: skip
            if count >= 0:
                return first[: count + 1].copy(), arcs[: first[count]].copy(), target[:count], digest[:count]
            self.size *= 2


def _pooled(
    pack: Pack, layout: Layout, found: list[tuple[Ints, Ints, Ints, NDArray[np.uint64]]], groups: int
) -> _Candidates:
    group = np.concatenate([part[2] for part in found])
    digest = np.concatenate([part[3] for part in found])
    sizes = np.concatenate([np.diff(part[0]) for part in found])
    arcs = np.concatenate([part[1] for part in found])
    start = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    order = np.lexsort((np.arange(group.size), digest, group))
    fresh = np.ones(order.size, bool)
    fresh[1:] = (group[order][1:] != group[order][:-1]) | (digest[order][1:] != digest[order][:-1])
    kept = order[fresh]
    first = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64)
    all_arcs = arcs[
        np.repeat(start[kept], sizes[kept]) + np.arange(first[-1]) - np.repeat(first[:-1], sizes[kept])
    ]
    trunk = np.empty(kept.size, np.int64)
    paths.trunk_of(
        first, all_arcs, layout.length, layout.family, len(FAMILIES), pack.parameters["trunk-share"], trunk
    )
    physical = np.empty(kept.size, np.uint64)
    paths.path_hashes(first, all_arcs, layout.segment, physical)
    group_first = np.searchsorted(group[kept], np.arange(groups + 1)).astype(np.int64)
    return _Candidates(group_first, first, all_arcs, trunk, physical)


def _select(
    pack: Pack,
    demand: Demand,
    group: Ints,
    candidates: _Candidates,
    base: View,
    planned: View,
    others: tuple[View, ...],
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Offsets by market, candidates chosen, and whether the base chose them."""
    parameters = pack.parameters
    most = int(parameters["max-routes"])
    sizes = np.diff(candidates.group_first)[group]
    entry_first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    chosen, base_cost = np.zeros(entry_first[-1], np.int64), np.full(entry_first[-1], np.inf)
    views = [(base, most, False), (planned, most // 2, True), *((view, most, False) for view in others)]
    for turn, (view, count, only_shut) in enumerate(views, start=1):
        paths.select_routes(
            view.profile, group, demand.allowed, candidates.group_first, candidates.path_first, candidates.arcs,
            candidates.hash, candidates.trunk, view.costs, parameters["route-kappa"], parameters["set-factor"],
            parameters["set-margin"], count,
            only_shut, entry_first, base_cost, turn, chosen,
        )  # fmt: skip
    taken = np.flatnonzero(chosen)
    market = np.repeat(np.arange(group.size), sizes)[taken]
    path = candidates.group_first[group[market]] + taken - entry_first[market]
    first = np.searchsorted(market, np.arange(group.size + 1)).astype(np.int64)
    return first, path.astype(np.int64), chosen[taken] == 1


def _arranged(
    pack: Pack, layout: Layout, demand: Demand, candidates: _Candidates, chosen_first: Ints, chosen: Ints,
    from_base: NDArray[np.bool_], base: View, planned: View,
) -> RouteSet:  # fmt: skip
    """Routes ordered by market and trunk mode, with nests and path sizes."""
    market = np.repeat(np.arange(demand.market.size), np.diff(chosen_first))
    cost = np.empty(chosen.size)
    paths.route_sums(market, base.profile, chosen, candidates.path_first, candidates.arcs, base.costs, cost)
    log_size = np.empty(chosen.size)
    paths.path_sizes(
        chosen_first, chosen, candidates.path_first, candidates.arcs, candidates.hash, from_base, layout.segment, layout.length,
        int(layout.segment.max()) + 1, log_size,
    )  # fmt: skip
    order = np.lexsort((candidates.trunk[chosen], market))
    market, chosen, cost = market[order], chosen[order], cost[order]
    trunk = candidates.trunk[chosen]
    nest = market * len(TRUNKS) + trunk
    nests, route_first = np.unique(nest, return_index=True)
    sizes = np.diff(candidates.path_first)[chosen]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    arcs = candidates.arcs[
        np.repeat(candidates.path_first[chosen], sizes) + np.arange(first[-1]) - np.repeat(first[:-1], sizes)
    ]
    reference, possible = np.full(demand.market.size, np.inf), np.full(demand.market.size, np.inf)
    np.minimum.at(reference, market, cost)
    any_cost = np.empty(chosen.size)
    paths.route_sums(
        market, planned.profile, chosen, candidates.path_first, candidates.arcs, planned.costs, any_cost
    )
    np.minimum.at(possible, market, any_cost)
    reference = np.where(np.isfinite(reference), reference, possible)
    return RouteSet(
        path_first=first, arcs=arcs, market=market, trunk=trunk,
        nest_first=np.searchsorted(nests // len(TRUNKS), np.arange(demand.market.size + 1)).astype(np.int64),
        route_first=np.append(route_first, market.size).astype(np.int64),
        log_size=pack.parameters["path-size-exponent"] * log_size[order],
        twin=_twins(market, candidates.hash[chosen]), reference=reference,
    )  # fmt: skip


def _twins(market: Ints, digest: NDArray[np.uint64]) -> Ints:
    """(R) first route of the market with the same segments."""
    order = np.lexsort((np.arange(market.size), digest, market))
    fresh = np.ones(market.size, bool)
    fresh[1:] = (market[order][1:] != market[order][:-1]) | (digest[order][1:] != digest[order][:-1])
    heads = order[fresh]
    twin = np.empty(market.size, np.int64)
    twin[order] = heads[np.cumsum(fresh) - 1]
    return twin
