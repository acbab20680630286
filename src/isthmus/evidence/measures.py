"""What a solved condition says of any elements, markets and pools: the quantities that events and backtests are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isthmus.evidence.eventfiles import ELEMENTS, Quantity, Through
from isthmus.freight import (
    TRUNKS,
    Prepared,
    Solved,
    along_routes,
    corridor_gates,
    corridor_routes,
    first_arcs,
    gate_arcs,
    pools_of,
    route_prices,
    teu_on,
)
from isthmus.network import SERVICE
from isthmus.pack import Pack
from isthmus.scenario.selecting import select

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """A region in one solved condition.

    Attributes:
        prepared, solved: the freight and its answer.
    """

    prepared: Prepared
    solved: Solved

    @property
    def pack(self) -> Pack:
        """The tables of the condition."""
        return self.solved.pack

    @property
    def flow(self) -> Floats:
        """(R) tonnes a year by route."""
        return self.solved.solution.flow

    @cached_property
    def money(self) -> Floats:
        """(R) USD per tonne that a route pays: money by all payees, scarcity prices of slots and values of vehicles."""
        values = np.stack([carriage.money.sum(axis=0) for carriage in self.solved.carriages])
        return along_routes(self.prepared, self.solved, values) + route_prices(self.solved)

    @cached_property
    def hours(self) -> Floats:
        """(R) hours of a route, queues at their solved load left out."""
        values = np.stack([carriage.hours.sum(axis=0) for carriage in self.solved.carriages])
        return along_routes(self.prepared, self.solved, values)

    def arcs(self, through: Through) -> Bools:
        """(A) arcs of the elements, ports and gates of corridors."""
        layout = self.prepared.layout
        wanted = np.zeros(layout.arcs, bool)
        for table, kind in ELEMENTS.items():
            for element in getattr(through, table):
                wanted |= gate_arcs(layout, kind, element, through.direction)
        for corridor in through.corridors:
            wanted |= corridor_gates(self.prepared, self.solved, corridor)
        place = layout.nodes["place"].to_numpy(object)
        for port in through.ports:
            lands, loads = place[layout.head] == port, place[layout.tail] == port
            at = {"both": lands | loads, "forward": lands, "back": loads}[through.direction]
            wanted |= at & (layout.kind == SERVICE)
        return wanted

    def routes(self, through: Through) -> Bools:
        """(R) routes through any of them; of a corridor those whose cargo and traffic it counts."""
        elements = through.model_copy(update={"corridors": ()})
        used = first_arcs(self.prepared, self.arcs(elements)) >= 0
        for corridor in through.corridors:
            used |= corridor_routes(self.prepared, self.solved, corridor)
        return used

    def of_markets(self, where: Mapping[str, object]) -> Bools:
        """(M) markets by segment whose row of the table meets every condition."""
        if not where:
            return np.ones(self.solved.demand.market.size, bool)
        return select(self.pack, "markets", (), where)[self.solved.demand.market]

    def relying(self, through: Through, share: float) -> Bools:
        """(M) markets by segment that send at least a share of what they ship through elements."""
        market = self.prepared.routes.market
        count = self.solved.demand.market.size
        used = np.bincount(market, self.flow * self.routes(through), minlength=count)
        return np.asarray((used >= share * self.solved.solution.shipped) & (used > 0))


def measured(quantity: Quantity, run: str, worlds: Mapping[str, World]) -> float:
    """A quantity in a run, in the unit that its measure says; NaN for the mean of nothing.

    Parameters
    ----------
    worlds : mapping
        The event's runs by name, solved on one set of routes.
    """
    world = worlds[run]
    if quantity.pool is not None:
        return _of_pool(world, quantity)
    chosen = world.of_markets(quantity.markets)
    if quantity.relying is not None:
        chosen = chosen & worlds[quantity.relying.run].relying(
            quantity.relying.through, quantity.relying.share
        )
    if quantity.measure == "shipped":
        return float(world.solved.solution.shipped[chosen].sum())
    tonnes = world.flow * chosen[world.prepared.routes.market]
    for through in (quantity.through, quantity.then):
        if through is not None:
            tonnes = tonnes * world.routes(through)
    if quantity.trunk is not None:
        tonnes = tonnes * (world.prepared.routes.trunk == TRUNKS.index(quantity.trunk))
    return _of_routes(world, quantity, tonnes)


def _of_routes(world: World, quantity: Quantity, tonnes: Floats) -> float:
    if quantity.measure == "tonnes":
        return float(tonnes.sum())
    if quantity.measure == "teu":
        assert quantity.through is not None
        return float(tonnes @ teu_on(world.prepared, world.solved, world.arcs(quantity.through)))
    if quantity.legs is not None:
        return _on_elements(world, quantity.legs, tonnes)
    values = world.hours if quantity.measure == "hours" else world.money
    kept = tonnes > 0
    total = float(tonnes[kept] @ values[kept])
    if quantity.measure == "usd":
        return total
    return total / float(tonnes.sum()) if kept.any() else float("nan")


def _on_elements(world: World, legs: Through, tonnes: Floats) -> float:
    """Mean USD per tonne of what is paid on the elements alone, over the tonnes that use them."""
    wanted = world.arcs(legs)
    price = world.solved.start.price
    pool = world.solved.state.pool
    at_pools = np.where(pool >= 0, price[pool], 0.0) if price.size else np.zeros(pool.shape)
    values = np.stack(
        [
            np.where(wanted, carriage.money.sum(axis=0) + (carriage.slots * at_pools).sum(axis=1), 0.0)
            for carriage in world.solved.carriages
        ]
    )
    kept = (tonnes > 0) & (first_arcs(world.prepared, wanted) >= 0)
    if not kept.any():
        return float("nan")
    paid = along_routes(world.prepared, world.solved, values)
    return float(tonnes[kept] @ paid[kept] / tonnes[kept].sum())


def _of_pool(world: World, quantity: Quantity) -> float:
    rents = pools_of(world.solved).set_index("pool")["rent_usd"]
    own = float(rents.get(str(quantity.pool), 0.0))
    return own if quantity.measure == "rent" else 1.0 + float((rents > own).sum())
