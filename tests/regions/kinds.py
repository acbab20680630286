"""What each link, ship and rate is, so that its speed and price are held to a band of `bands.csv`."""

import numpy as np
import pandas as pd

from isthmus.pack import Pack

BORDER_KM, BRANCH_KM = 50.0, 30.0
_FERRY_OF_LAKE_VAN = "rail-ferry-1435"


def link_speeds(pack: Pack) -> pd.Series:
    """km/h of links by kind."""
    links, country = pack.table("links"), pack.table("places").set_index("place")["country"]
    trunk = links["mode"].map(pack.table("modes").set_index("mode")["trunk"])
    border = (links["from_place"].map(country) != links["to_place"].map(country)) & (
        links["length_km"] <= BORDER_KM
    )
    kind = np.where(links["length_km"] <= BRANCH_KM, "branch", "line")
    kind = np.where(border, "border", np.where(links["cost_factor"] > 1.0, "mountain", kind))
    return pd.Series(links["speed_kmh"].to_numpy(float), trunk + " " + kind)


def ship_kinds(pack: Pack) -> pd.Series:
    """river, ferry, caspian or sea, of every service."""
    ships, places = pack.table("services"), pack.table("places").set_index("place")
    inland = places["lon"].between(46.5, 55.0) & (places["lat"] > 36.5)
    on_caspian = ships["from_place"].map(inland) & ships["to_place"].map(inland)
    kind = np.where(on_caspian, "caspian", "sea")
    kind = np.where(ships["mode"].str.contains("ferry"), "ferry", kind)
    return pd.Series(np.where(ships["service"].str.contains("-river-|-barge-"), "river", kind), ships.index)


def ship_speeds(pack: Pack) -> pd.Series:
    """km/h of services by kind, calls and waits for locks inside."""
    ships, kind = pack.table("services"), ship_kinds(pack)
    label = np.where(kind == "ferry", kind, "ship " + kind)
    return pd.Series((ships["length_km"] / ships["hours"]).to_numpy(float), label)


def rates_by_tonne(pack: Pack) -> pd.Series:
    """USD per tonne-kilometre of every rate by distance and class, laden as the load units say."""
    units = pack.table("load_units")
    units = units[units["from_country"].isna() & units["to_country"].isna()]
    rates = pack.table("rates").rename(columns={"cargo_class": "only"})
    rows = rates.merge(units[["mode", "cargo_class", "tonnes_laden"]], on="mode")
    rows = rows[rows["only"].isna() | (rows["only"] == rows["cargo_class"])]
    price = rows["usd_per_tkm"] + rows["usd_per_unit_km"] / rows["tonnes_laden"]
    inside = (rows["from_country"] == "IRN") & (rows["to_country"] == "IRN")
    rail = rows["mode"].str.match(r"rail-\d+$")
    label = np.where(rail, "rail " + rows["cargo_class"], np.where(inside, "road iran inside", "road"))
    land = rail | (rows["mode"] == "road")
    return pd.Series(price[land].to_numpy(float), label[land])


def bulk_prices(pack: Pack) -> pd.Series:
    """USD a tonne of chartered ships over a price of 6 and 0.0012 a kilometre."""
    ships = pack.table("services")
    price = (ships["usd_per_t"] / (6.0 + 0.0012 * ships["length_km"])).astype(float)
    return price.set_axis(ship_kinds(pack)).dropna()


def box_prices(pack: Pack) -> pd.Series:
    """USD a box, wagon or truck over a price of 300 and 0.15 a kilometre."""
    ships = pack.table("services")
    price = (ships["usd_per_feu"] / (300.0 + 0.15 * ships["length_km"])).astype(float)
    kind = ship_kinds(pack).where(ships["mode"] != _FERRY_OF_LAKE_VAN, "lake van")
    return price.set_axis(kind).dropna()


QUANTITIES = {
    "speed": lambda pack: pd.concat([link_speeds(pack), ship_speeds(pack)]),
    "usd per tkm": rates_by_tonne,
    "sea bulk price": bulk_prices,
    "sea box price": box_prices,
}
