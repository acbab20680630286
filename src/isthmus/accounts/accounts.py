"""Accounts: what a solved system is worth to each country.

Shippers' surplus and tonnes not shipped are shared half to the country where a market begins and half to that where it ends;
receipts and CO2 fall where they arise; scarcity rent goes to the owner of the pool. Every gain in the product is a difference of
two accounts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus.freight.outcome import AT_SEA, Outcome
from isthmus.pack import Pack
from isthmus.tables import codes

_RECEIPTS = ("carrier", "infrastructure", "border", "terminal", "scarcity", "empties", "vehicles")


def accounts_of(pack: Pack, outcome: Outcome) -> pd.DataFrame:
    """Account of each country, and of what is at sea.

    Returns
    -------
    DataFrame
        `country`, `surplus_usd` (area under demand above the composite cost, USD a year: only its differences mean anything),
        `rent_usd` (scarcity, vehicles), `receipts_usd` and its parts by payee (gross), `co2_t`, `tonnes`, `tonnes_not_shipped`.
    """
    places = pack.table("places").set_index("place")["country"]
    zones = pack.table("zones").set_index("zone")["place"].map(places)
    markets = outcome.tables["markets"]
    countries = [*pack.table("countries")["country"], AT_SEA]
    table = pd.DataFrame({"country": countries})
    lost = (markets["tonnes"] - markets["shipped"]).clip(lower=0.0)
    for name, values in (
        ("surplus_usd", markets["surplus_usd"]),
        ("tonnes", markets["shipped"]),
        ("tonnes_not_shipped", lost),
    ):
        table[name] = _halves(values.to_numpy(float), markets, zones, countries)
    receipts = outcome.tables["receipts"].pivot_table(
        index="country", columns="payee", values="usd", aggfunc="sum"
    )
    receipts = receipts.reindex(index=countries, columns=list(_RECEIPTS)).fillna(0.0)
    for payee in _RECEIPTS:
        table[f"{payee}_usd"] = receipts[payee].to_numpy()
    table["receipts_usd"] = receipts.sum(axis=1).to_numpy()
    table["rent_usd"] = (receipts["scarcity"] + receipts["vehicles"]).to_numpy()
    table["co2_t"] = (
        outcome.tables["countries"].set_index("country")["co2_t"].reindex(countries).fillna(0.0).to_numpy()
    )
    return table


def gains(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """What each country gains from one account to another: every column's difference, and `gain_usd` = surplus + rent.

    Receipts are gross of the payees' costs and stand beside the gain, not in it.
    """
    numbers = [name for name in base.columns if name != "country"]
    change = other.set_index("country")[numbers] - base.set_index("country")[numbers]
    change["gain_usd"] = change["surplus_usd"] + change["rent_usd"]
    return change.reset_index()


def _halves(
    values: NDArray[np.float64], markets: pd.DataFrame, zones: pd.Series, countries: list[str]
) -> NDArray[np.float64]:
    total = np.zeros(len(countries))
    for end in ("origin", "destination"):
        index = codes(markets[end].map(zones), pd.Index(countries))
        total += np.bincount(index, 0.5 * values, minlength=total.size)
    return total
