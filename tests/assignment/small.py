"""Small equilibrium problems, written as lists of markets, nests and routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from isthmus.assignment import Empties, Markets, Pools, Problem, Routes


@dataclass(frozen=True)
class Route:
    """Cost in USD a tonne, path size, slots by pool, vehicles taken (+) and left (-) by stock."""

    cost: float
    size: float = 1.0
    slots: Mapping[int, float] = field(default_factory=dict)
    stocks: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Market:
    """Routes by nest, and demand; by default inelastic, with a no-shipment alternative that is far."""

    nests: Sequence[Sequence[Route]]
    tonnes: float = 1000.0
    price: float = 100.0
    elasticity: float = 0.0
    pivot: float = 20.0
    ceiling: float = 500.0
    scale_route: float = 0.5
    scale_mode: float = 0.3


@dataclass(frozen=True)
class Move:
    """Empties from one stock to another, USD a vehicle, slots by pool."""

    tail: int
    head: int
    cost: float
    slope: float = 1e-4
    slots: Mapping[int, float] = field(default_factory=dict)


def pools_of(capacity: Sequence[float] = (), scale: Sequence[float] = (), power: int = 4) -> Pools:
    """Pools by capacity; a slot at half load costs an eighth of the scale if the power is 4."""
    return Pools(
        np.array(capacity, float), np.array(scale if len(scale) else [10.0] * len(capacity), float), power
    )


def problem_of(
    markets: Sequence[Market], pools: Pools | None = None, moves: Sequence[Move] = (), stocks: int = 0
) -> Problem:
    """The arrays of a problem."""
    pools = pools or pools_of()
    nests = [nest for market in markets for nest in market.nests]
    routes = [route for nest in nests for route in nest]
    uses = [
        sorted([*route.slots.items(), *((pools.capacity.size + s, n) for s, n in route.stocks.items())])
        for route in routes
    ]
    use_first, use_of, use = _flat(uses)
    move_first, move_of, move_use = _flat([sorted(move.slots.items()) for move in moves])
    return Problem(
        Routes(
            _offsets([len(market.nests) for market in markets]),
            _offsets([len(nest) for nest in nests]),
            np.array([route.cost for route in routes], float),
            np.log([route.size for route in routes]),
            use_first,
            use_of,
            use,
        ),
        Markets(
            *(
                np.array([getattr(market, name) for market in markets], float)
                for name in (
                    "tonnes",
                    "price",
                    "elasticity",
                    "pivot",
                    "ceiling",
                    "scale_route",
                    "scale_mode",
                )
            )
        ),
        pools,
        Empties(
            stocks,
            np.array([move.tail for move in moves], np.int64),
            np.array([move.head for move in moves], np.int64),
            np.array([move.cost for move in moves], float),
            np.array([move.slope for move in moves], float),
            move_first,
            move_of,
            move_use,
        ),
    )


def _offsets(sizes: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _flat(rows: Sequence[Sequence[tuple[int, float]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    entries = [entry for row in rows for entry in row]
    return (
        _offsets([len(row) for row in rows]),
        np.array([entry[0] for entry in entries], np.int64),
        np.array([entry[1] for entry in entries], float),
    )


def three_markets() -> Problem:
    """Three markets, one with two trunk modes, elastic, over two pools of which one is tight."""
    return problem_of(
        [
            Market(
                [[Route(18, 0.7, {0: 1.0}), Route(20, 0.7, {1: 0.5})], [Route(21), Route(24, 0.5, {0: 0.2, 1: 0.3})]],
                tonnes=1000, price=300, elasticity=0.8, pivot=17, ceiling=90, scale_route=0.4, scale_mode=0.25,
            ),
            Market(
                [[Route(30, 1.0, {0: 0.8})], [Route(33, 1.0, {1: 1.0})]],
                tonnes=600, price=150, elasticity=1.0, pivot=29, ceiling=60, scale_route=0.3, scale_mode=0.2,
            ),
            Market(
                [[Route(12, 1.0, {0: 1.0, 1: 1.0}), Route(19, 0.8)]],
                tonnes=400, price=80, elasticity=0.0, pivot=11, ceiling=35, scale_route=0.5, scale_mode=0.5,
            ),
        ],
        pools_of([480.0, 800.0], [1.5, 2.0]),
    )  # fmt: skip
