"""The tables of a solved freight system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.assignment import Certificate, Start, paths
from isthmus.assignment.pools import slot_cost
from isthmus.freight.costs import CAUSES, PAYEES
from isthmus.freight.flows import (
    TRAFFIC,
    arc_flows,
    country_flows,
    delays,
    first_arcs,
    national_flows,
    pool_prices,
    routes_through,
    scarcity_paid,
)
from isthmus.freight.itineraries import corridor_gates, corridor_itineraries
from isthmus.freight.prepared import Prepared, Solved
from isthmus.freight.profiles import TRUNKS, premium_costs
from isthmus.freight.vehicles import carriage_rows
from isthmus.network import ACCESS, FAMILIES, KINDS, SERVICE, TERMINAL
from isthmus.tables import codes, split_list

Floats = NDArray[np.float64]
_TONNES_SHOWN = 100.0
AT_SEA = ""  # country of what ships earn and emit under way


@dataclass(frozen=True)
class Outcome:
    """What a solved system says: tables with documented units, certificate, start for a neighbour.

    Attributes:
        tables: `flows`, `pools`, `crossings`, `ports`, `corridors`, `countries`, `national`, `receipts`, `markets`, `routes`,
            `empties`.
        certificate: gap and bounds in USD a year.
        start: prices from which a neighbour may be solved.
    """

    tables: dict[str, pd.DataFrame]
    certificate: Certificate
    start: Start


def outcome_of(prepared: Prepared, solved: Solved) -> Outcome:
    """All tables of a solved condition."""
    flows = arc_flows(prepared, solved)
    tables = {
        "flows": _flows(prepared, solved, flows),
        "pools": pools_of(solved),
        "crossings": _crossings(prepared, solved, flows),
        "ports": _ports(prepared, solved, flows),
        "corridors": _corridors(prepared, solved),
        "countries": _countries(prepared, solved, flows),
        "national": _national(prepared, solved),
        "receipts": _receipts(prepared, solved, flows),
        "markets": _markets(prepared, solved),
        "routes": _routes(prepared, solved),
        "empties": _empties(prepared, solved),
    }
    return Outcome(tables, solved.solution.certificate, solved.start)


def _teu(solved: Solved, flows: Floats) -> Floats:
    return np.asarray(sum(flows[c] * carriage.teu for c, carriage in enumerate(solved.carriages)))


def _by_class(solved: Solved, flows: Floats) -> Floats:
    """(class, A) tonnes a year."""
    out = np.zeros((len(solved.pack.table("classes")), flows.shape[1]))
    for c, carriage in enumerate(solved.carriages):
        out[carriage.cargo_class] += flows[c]
    return out


def _flows(prepared: Prepared, solved: Solved, flows: Floats) -> pd.DataFrame:
    """Tonnes and TEU a year by element, direction and cargo class; ends are place ids (modes for a terminal)."""
    layout = prepared.layout
    classes = solved.pack.table("classes")["cargo_class"].to_numpy()
    each = _by_class(solved, flows)
    teu = np.zeros_like(each)
    for c, carriage in enumerate(solved.carriages):
        teu[carriage.cargo_class] += flows[c] * carriage.teu
    cargo, arc = np.nonzero(each > 0.5)
    order = np.lexsort((cargo, arc))
    cargo, arc = cargo[order], arc[order]
    names = [layout.elements(kind).to_numpy() for kind in range(len(KINDS))]
    places = layout.nodes["place"].to_numpy()
    return pd.DataFrame(
        {
            "kind": np.array(KINDS, object)[layout.kind[arc]],
            "element": [names[layout.kind[a]][layout.element[a]] for a in arc],
            "from_place": places[layout.tail[arc]],
            "to_place": places[layout.head[arc]],
            "mode": layout.modes.to_numpy()[layout.mode[arc]],
            "forward": layout.forward[arc],
            "cargo_class": classes[cargo],
            "tonnes": each[cargo, arc],
            "teu": teu[cargo, arc],
        }
    )


def pools_of(solved: Solved) -> pd.DataFrame:
    """Load factor, price of a slot (USD), rent and delay cost (USD a year) of every pool with a capacity."""
    pools = solved.pack.table("pools")
    price, used = pool_prices(solved)
    capacity = solved.state.capacity
    factor = used / capacity
    power = int(solved.pack.parameters["delay-power"])
    binding = np.flatnonzero(np.isfinite(capacity))
    scale = np.zeros(capacity.size)
    scale[binding] = solved.problem.pools.scale
    delay = np.zeros(capacity.size)
    for p in binding:
        delay[p] = slot_cost(factor[p], scale[p], power) * capacity[p]
    table = pd.DataFrame(
        {
            "pool": pools["pool"], "name": pools["name"], "country": pools["country"], "unit": pools["unit"], "basis": pools["basis"],
            "capacity": capacity, "used": used, "load_factor": factor, "usd_per_slot": price, "delay_hours": delays(solved),
            "rent_usd": np.where(np.isfinite(capacity), price * used - delay, 0.0), "delay_usd": delay,
        }
    )  # fmt: skip
    return table[np.isfinite(capacity)].reset_index(drop=True)


def _crossings(prepared: Prepared, solved: Solved, flows: Floats) -> pd.DataFrame:
    """Tonnes and TEU a year over each border crossing by direction, its load factor and price of a slot."""
    layout = prepared.layout
    table = solved.pack.table("crossings")
    tonnes, teu = flows.sum(axis=0), _teu(solved, flows)
    count = len(table)
    at, forward = layout.crossing, layout.crossing_forward
    ahead, back = (at >= 0) & forward, (at >= 0) & ~forward
    price, used = pool_prices(solved)
    pool = codes(table["pool"], layout.pools)
    own = pool >= 0
    basis = solved.pack.table("pools")["basis"].to_numpy(object)
    return pd.DataFrame(
        {
            "crossing": table["crossing"],
            "name": table["name"],
            "modes": table["modes"],
            "status": table["status"],
            "tonnes": np.bincount(at[ahead], tonnes[ahead], minlength=count),
            "tonnes_back": np.bincount(at[back], tonnes[back], minlength=count),
            "teu": np.bincount(at[ahead | back], teu[ahead | back], minlength=count),
            "hours": table["hours"],
            "load_factor": np.where(own, (used / solved.state.capacity)[pool], np.nan),
            "usd_per_slot": np.where(own, price[pool], 0.0),
            "basis": [basis[p] if p >= 0 else None for p in pool],
        }
    )


def _ports(prepared: Prepared, solved: Solved, flows: Floats) -> pd.DataFrame:
    """Tonnes and TEU a year that ships land and load at each port, and the highest load factor of its terminals."""
    layout = prepared.layout
    ship = layout.kind == SERVICE
    place = layout.nodes["place_index"].to_numpy()
    tonnes, teu, count = flows.sum(axis=0), _teu(solved, flows), len(layout.places)
    landed = np.bincount(place[layout.head[ship]], tonnes[ship], minlength=count)
    loaded = np.bincount(place[layout.tail[ship]], tonnes[ship], minlength=count)
    boxes = np.bincount(place[layout.head[ship]], teu[ship], minlength=count)
    boxes += np.bincount(place[layout.tail[ship]], teu[ship], minlength=count)
    price, used = pool_prices(solved)
    factor = np.nan_to_num(used / solved.state.capacity)
    worst, name = np.zeros(count), np.full(count, None, object)
    ends = layout.kind == TERMINAL
    for arc in np.flatnonzero(ends):
        p, where = solved.state.pool[arc, 0], place[layout.tail[arc]]
        if p >= 0 and factor[p] > worst[where]:
            worst[where], name[where] = factor[p], layout.pools[p]
    served = np.zeros(count, bool)
    served[place[layout.tail[ship]]] = True
    table = solved.pack.table("places")
    return pd.DataFrame(
        {
            "port": table["place"], "name": table["name"], "country": table["country"], "tonnes_landed": landed,
            "tonnes_loaded": loaded, "teu": boxes, "load_factor": np.where(worst > 0, worst, np.nan), "pool": name,
            "usd_per_slot": [price[layout.pools.get_loc(pool)] if pool else 0.0 for pool in name],
        }
    )[served].reset_index(drop=True)  # fmt: skip


def corridor_routes(prepared: Prepared, solved: Solved, corridor: str) -> NDArray[np.bool_]:
    """(R) routes that pass a gate of a corridor with cargo and traffic that it counts."""
    pack = solved.pack
    row = next(row for row in pack.table("corridors").to_dict("records") if row["corridor"] == corridor)
    through = routes_through(prepared, corridor_gates(prepared, solved, corridor))
    markets = pack.table("markets")
    market = solved.demand.market[prepared.routes.market]
    for column, names in (
        ("cargo_class", split_list(row["classes"])),
        ("traffic", split_list(row["traffic"])),
    ):
        if names:
            through &= markets[column].isin(names).to_numpy()[market]
    return through


def _corridors(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """Tonnes and TEU a year that pass a gate (each once in a corridor, by its first gate, though it may count in several), and the
    itinerary's days, USD per FEU and per tonne, kg CO2 per tonne, borders, bottleneck."""
    table = solved.pack.table("corridors")
    flow, routes = solved.solution.flow, prepared.routes
    row_of = carriage_rows(solved.demand)[routes.market]
    teu_per_t = np.stack([carriage.teu for carriage in solved.carriages])
    rows = []
    for corridor in table["corridor"]:
        through = corridor_routes(prepared, solved, corridor)
        gate = first_arcs(prepared, corridor_gates(prepared, solved, corridor))
        tonnes = flow * through
        rows.append(
            {"tonnes": tonnes.sum(), "teu": float(tonnes @ np.where(through, teu_per_t[row_of, gate], 0.0))}
        )
    itineraries = corridor_itineraries(prepared, solved)
    head = table[["corridor", "name", "classes", "traffic"]]
    return pd.concat([head, pd.DataFrame(rows, columns=["tonnes", "teu"]), itineraries], axis=1)


def _co2(prepared: Prepared, solved: Solved) -> Floats:
    """(A) kg CO2 per tonne."""
    layout = prepared.layout
    grams = solved.pack.table("modes")["co2_g_per_tkm"].to_numpy(float)
    return np.where(layout.kind == ACCESS, 0.0, grams[layout.mode] * solved.state.length / 1000.0)


def _on_territory(prepared: Prepared, values: Floats) -> Floats:
    """(country + 1) sum of arc values by territory, half to each side of a border; the last is at sea."""
    layout = prepared.layout
    count = len(layout.countries)
    out = np.zeros(count + 1)
    at_sea = layout.kind == SERVICE
    out[count] = values[at_sea].sum()
    ashore = ~at_sea
    for country in (layout.country_from, layout.country_to):
        out[:count] += np.bincount(country[ashore], 0.5 * values[ashore], minlength=count)
    return out


def _countries(prepared: Prepared, solved: Solved, flows: Floats) -> pd.DataFrame:
    """Tonnes on land lines and in transit, tonne-kilometres, receipts, scarcity rent (USD a year), CO2 (t a year) by country."""
    layout = prepared.layout
    total, transit = country_flows(prepared, solved)
    tonnes = flows.sum(axis=0)
    receipts = _receipts(prepared, solved, flows)
    paid = receipts.pivot_table(index="country", columns="payee", values="usd", aggfunc="sum").reindex(
        [*layout.countries, AT_SEA]
    )
    names = solved.pack.table("countries")
    table = pd.DataFrame(
        {
            "country": [*layout.countries, AT_SEA],
            "name": [*names["name"], "at sea"],
            "tonnes": np.append(total, 0.0),
            "transit_tonnes": np.append(transit, 0.0),
            "tkm": _on_territory(prepared, tonnes * solved.state.length * (layout.kind != ACCESS)),
            "co2_t": _on_territory(prepared, tonnes * _co2(prepared, solved)) / 1000.0,
        }
    )
    for payee in (*PAYEES, "scarcity", "empties"):
        column = paid[payee] if payee in paid else pd.Series(0.0, index=paid.index)
        table[f"{payee}_usd"] = column.fillna(0.0).to_numpy()
    return table


def _national(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """Tonnes and tonne-kilometres a year on land lines by country, trunk mode and traffic (domestic, export, import, transit)."""
    tonnes, tkm = national_flows(prepared, solved)
    country, family, how = np.nonzero(tonnes)
    return pd.DataFrame(
        {
            "country": prepared.layout.countries.to_numpy()[country],
            "trunk": np.array(FAMILIES, object)[family],
            "traffic": np.array(TRAFFIC, object)[how],
            "tonnes": tonnes[country, family, how],
            "tkm": tkm[country, family, how],
        }
    )


def _receipts(prepared: Prepared, solved: Solved, flows: Floats) -> pd.DataFrame:
    """USD a year received by payee and country: carriers and infrastructure where they run, borders half to each side, terminals
    where they stand, ships at sea, scarcity rent to the owner of the pool; moves of empties and the rent on vehicles half to each end."""
    layout = prepared.layout
    rows = []
    for i, payee in enumerate(PAYEES):
        paid = sum(flows[c] * carriage.money[i] for c, carriage in enumerate(solved.carriages))
        by_territory = _on_territory(prepared, np.asarray(paid))
        rows += [
            (country, payee, usd)
            for country, usd in zip([*layout.countries, AT_SEA], by_territory, strict=True)
        ]
    pools = pools_of(solved)
    rent = pools.groupby("country")["rent_usd"].sum()
    rows += [(country, "scarcity", usd) for country, usd in rent.items()]
    for payee, by_country in zip(("empties", "vehicles"), _empties_paid(prepared, solved), strict=True):
        rows += [(country, payee, usd) for country, usd in zip(layout.countries, by_country, strict=True)]
    table = pd.DataFrame(rows, columns=["country", "payee", "usd"])
    return table[table["usd"] > 0].sort_values(["country", "payee"]).reset_index(drop=True)


def _empties_paid(prepared: Prepared, solved: Solved) -> tuple[Floats, Floats]:
    """(country) USD a year that moves of empties cost, and the rent on vehicles, whose price is that of the last one moved."""
    layout, stocks, empties, moved = (
        prepared.layout,
        prepared.stocks,
        solved.problem.empties,
        solved.solution.empties,
    )
    place = layout.nodes["place_index"].to_numpy()[stocks.node]
    country = codes(solved.pack.table("places")["country"], layout.countries)[place]
    rent = 0.5 * empties.slope * moved**2
    cost = np.where(np.isfinite(empties.cost), empties.cost, 0.0) * moved + rent
    count = len(layout.countries)
    ends = (country[empties.tail], country[empties.head])
    return (
        np.asarray(sum(np.bincount(end, 0.5 * cost, minlength=count) for end in ends)),
        np.asarray(sum(np.bincount(end, 0.5 * rent, minlength=count) for end in ends)),
    )


def _markets(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """Tonnes asked and shipped a year, composite cost (USD/t), shares of trunk modes, and why what is missing is not shipped."""
    demand, solution, routes = solved.demand, solved.solution, prepared.routes
    markets = solved.pack.table("markets")
    m = demand.market.size
    shipped = solution.shipped
    share = np.zeros((m, len(TRUNKS)))
    np.add.at(share, (routes.market, routes.trunk), solution.flow)
    share /= np.maximum(shipped, 1e-9)[:, None]
    best = np.full(m, -1, np.int64)
    full = np.where(np.isfinite(solved.problem.routes.cost), solution.flow, -1.0)
    order = np.lexsort((full, routes.market))
    best[routes.market[order]] = order
    pool, paid = scarcity_paid(prepared, solved, best)
    lacking = shipped < 0.995 * demand.tonnes
    reason = np.full(m, None, object)
    for i in np.flatnonzero(lacking):
        if not np.isfinite(solution.composite[i]):
            reason[i] = "no open route"
        elif pool[i] >= 0 and paid[i] > 0.02 * solution.composite[i]:
            reason[i] = f"capacity: {prepared.layout.pools[pool[i]]}"
        else:
            reason[i] = "cost"
    table = markets.loc[
        demand.market, ["market", "origin", "destination", "cargo_class", "group", "traffic"]
    ].reset_index(drop=True)
    table["segment"] = solved.pack.table("segments")["segment"].to_numpy()[demand.segment]
    table["tonnes"], table["shipped"], table["usd_per_t"] = demand.tonnes, shipped, solution.composite
    table["scarcity_usd_per_t"], table["surplus_usd"] = paid, solution.surplus
    for t, trunk in enumerate(TRUNKS):
        table[f"share_{trunk}"] = share[:, t]
    return table.assign(not_shipped_because=reason)


def _routes(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """Routes with at least a hundred tonnes a year: tonnes, USD per tonne by payee, hours by cause, premium, places passed."""
    routes, demand, layout = prepared.routes, solved.demand, prepared.layout
    flow = solved.solution.flow
    kept = np.flatnonzero(flow >= _TONNES_SHOWN)
    market = routes.market[kept]
    carriage = np.array([profile.carriage for profile in demand.profiles], np.int64)[demand.profile]
    markets, segments = (
        solved.pack.table("markets")["market"].to_numpy(),
        solved.pack.table("segments")["segment"].to_numpy(),
    )
    columns: dict[str, object] = {
        "market": markets[demand.market[market]], "segment": segments[demand.segment[market]],
        "trunk": np.array(TRUNKS, object)[routes.trunk[kept]], "tonnes": flow[kept],
    }  # fmt: skip

    def along(values: Floats, row_of: NDArray[np.int64]) -> Floats:
        total = np.empty(kept.size)
        paths.route_sums(
            routes.market[kept],
            row_of,
            kept,
            routes.path_first,
            routes.arcs,
            np.ascontiguousarray(values),
            total,
        )
        return total

    for i, payee in enumerate(PAYEES):
        columns[f"{payee}_usd_per_t"] = along(
            np.stack([each.money[i] for each in solved.carriages]), carriage
        )
    for i, cause in enumerate(CAUSES):
        columns[f"{cause}_hours"] = along(np.stack([each.hours[i] for each in solved.carriages]), carriage)
    columns["premium_usd_per_t"] = along(premium_costs(solved.pack, layout, demand), demand.profile)
    places = layout.nodes["place"].to_numpy()[layout.head].tolist()
    arcs = routes.arcs.tolist()
    bounds = zip(routes.path_first[kept].tolist(), routes.path_first[kept + 1].tolist(), strict=True)
    columns["places"] = [
        " ".join(dict.fromkeys(places[a] for a in arcs[first:last])) for first, last in bounds
    ]
    return pd.DataFrame(columns)


def _empties(prepared: Prepared, solved: Solved) -> pd.DataFrame:
    """Empty vehicles moved a year by type between places, USD per vehicle."""
    stocks, empties, moved = prepared.stocks, solved.problem.empties, solved.solution.empties
    places = prepared.layout.nodes["place"].to_numpy()
    used = np.flatnonzero(moved > 0.5)
    units = sorted(set(solved.pack.table("load_units")["unit"]))
    return pd.DataFrame(
        {
            "unit": np.array(units, object)[stocks.unit[empties.tail[used]]],
            "from_place": places[stocks.node[empties.tail[used]]],
            "to_place": places[stocks.node[empties.head[used]]],
            "vehicles": moved[used],
            "usd_per_vehicle": empties.cost[used],
        }
    )
