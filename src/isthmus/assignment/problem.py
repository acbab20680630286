"""What an equilibrium is asked of and what it answers: plain arrays, no region, no units but tonnes and USD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Routes:
    """Routes of every market, nested by trunk mode, as offsets into flat arrays.

    Attributes:
        nest_first: (M + 1) first nest of each market.
        route_first: (N + 1) first route of each nest.
        cost: (R) USD per tonne without pool prices and empties; infinite where the route is closed.
        log_size: (R) path-size term, added to the utility of the route.
        use_first: (R + 1) first entry of each route in `use_of` and `use`.
        use_of: which scarce thing the entry uses: pools 0..P-1, then unit stocks P..P+U-1.
        use: slots (or vehicles, positive where taken, negative where left) per tonne.
    """

    nest_first: Ints
    route_first: Ints
    cost: Floats
    log_size: Floats
    use_first: Ints
    use_of: Ints
    use: Floats


@dataclass(frozen=True)
class Markets:
    """Demand of each market (M).

    Attributes:
        tonnes: tonnes a year at the pivot.
        price: goods value p, USD per tonne.
        elasticity: of tonnes to the delivered price, positive; 0 while the pivot is sought.
        pivot: composite cost S0 at which `tonnes` are shipped, USD per tonne.
        ceiling: cost of the no-shipment alternative, USD per tonne.
        scale_route: logit scale between routes of a nest, per USD per tonne.
        scale_mode: logit scale between nests, not above `scale_route`.
    """

    tonnes: Floats
    price: Floats
    elasticity: Floats
    pivot: Floats
    ceiling: Floats
    scale_route: Floats
    scale_mode: Floats


@dataclass(frozen=True)
class Pools:
    """Capacity pools (P): price of a slot = scale x^power / (1 - x) at load factor x, in USD."""

    capacity: Floats
    scale: Floats
    power: int


@dataclass(frozen=True)
class Empties:
    """Moves of empty vehicles between unit stocks.

    Attributes:
        stocks: number U of unit stocks (a vehicle type at a node).
        tail, head: (E) stock left and stock reached.
        cost: (E) USD per vehicle.
        slope: (E) rise of that cost per vehicle already moved in the year; small, it breaks ties.
        use_first, use_of, use: pool slots per empty vehicle, as in `Routes`.
    """

    stocks: int
    tail: Ints
    head: Ints
    cost: Floats
    slope: Floats
    use_first: Ints
    use_of: Ints
    use: Floats


@dataclass(frozen=True)
class Problem:
    """One convex programme: routes, demand, pools, empties."""

    routes: Routes
    markets: Markets
    pools: Pools
    empties: Empties


@dataclass(frozen=True)
class Start:
    """Where a solve may begin: prices of the pools (P), 0 where unknown, and values of the unit stocks (U), USD."""

    price: Floats
    stock: Floats


@dataclass(frozen=True)
class Certificate:
    """How near the answer is to the optimum.

    Attributes:
        gap: USD a year between the primal value of the flows returned and a lower bound on the optimum.
        objective: primal value, USD a year.
        bound: lower bound, USD a year.
        iterations: Newton steps taken.
        converged: whether the gap asked for was reached.
    """

    gap: float
    objective: float
    bound: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class Solution:
    """Flows, prices and certificate of one solve.

    Attributes:
        flow: (R) tonnes a year by route.
        shipped: (M) tonnes a year by market.
        composite: (M) composite cost S, USD per tonne.
        surplus: (M) area under the demand curve above S, USD a year.
        load: (P) slots used a year, empties included.
        empties: (E) empty vehicles moved a year.
        start: prices, from which a neighbour may be solved.
        certificate: gap and bounds.
    """

    flow: Floats
    shipped: Floats
    composite: Floats
    surplus: Floats
    load: Floats
    empties: Floats
    start: Start
    certificate: Certificate
