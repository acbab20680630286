"""Another year: what is open by then, the values it has, the demand it brings."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from isthmus.pack import SCHEMA, Pack
from isthmus.scenario.changes import ELEMENTS, with_parameter, write_cells
from isthmus.scenario.wrong import Wrong

_PATTERN = ("from_country", "to_country", "cargo_class")


def to_year(pack: Pack, year: int) -> Pack:
    """The pack of another year.

    Elements: due or opened by then are open; opened later are closed; shares of the base year are forgotten. Then
    the values of `by_year` hold (of each cell the last that has begun), then markets grow by `demand_by_year`. A year
    is chosen once: on a pack of another year than its base year this raises Wrong.
    """
    wrong, limits = Wrong(), SCHEMA.parameters["year"]
    if pack.year != pack.base_year:
        wrong.add("year", str(year), f"no second year; {pack.year} is chosen already")
    elif (
        limits.minimum is not None
        and limits.maximum is not None
        and not limits.minimum <= year <= limits.maximum
    ):
        wrong.add("year", str(year), limits.expectation)
    wrong.raise_if_any()
    if year == pack.base_year:
        return pack
    for table in ELEMENTS:
        pack = pack.replace(table, _statuses(pack.table(table), year, pack.base_year))
    pack = write_cells(pack, _values(pack.table("by_year"), year, pack.base_year))
    markets = pack.table("markets")
    markets["tonnes"] = markets["tonnes"] * demand_factors(pack, year)
    pack = pack.replace("markets", markets[markets["tonnes"] > 0])
    return with_parameter(pack, "year", float(year), "year", "Year looked at.")


def demand_factors(pack: Pack, year: int) -> npt.NDArray[np.float64]:
    """Tonnes of a year over the base year's, one factor per market in the table's order.

    Of the rows of `demand_by_year` that fit a market the pattern with most of from_country, to_country, cargo_class
    filled counts (ties: in that order). Between the years of a pattern, and its factor 1 in the base year, the factor
    is linear; before the first and after the last it stays.
    """
    markets, rows = pack.table("markets"), pack.table("demand_by_year")
    place = dict(zip(*(pack.table("zones")[name] for name in ("zone", "place")), strict=True))
    country = dict(zip(*(pack.table("places")[name] for name in ("place", "country")), strict=True))
    of_market = {
        "from_country": [country[place[zone]] for zone in markets["origin"]],
        "to_country": [country[place[zone]] for zone in markets["destination"]],
        "cargo_class": markets["cargo_class"].tolist(),
    }
    factors = np.ones(len(markets))
    patterns = rows.groupby(list(_PATTERN), dropna=False, sort=False)
    by_rank = sorted(patterns, key=lambda item: _rank(item[0]))
    for pattern, series in by_rank:
        fits = np.ones(len(markets), bool)
        for name, value in zip(_PATTERN, pattern, strict=True):
            if isinstance(value, str):
                fits &= np.array([cell == value for cell in of_market[name]], bool)
        known = {float(pack.base_year): 1.0, **dict(zip(series["year"], series["factor"], strict=True))}
        years = sorted(known)
        factors[fits] = np.interp(year, years, [known[each] for each in years])
    return factors


def _rank(pattern: tuple[object, ...]) -> tuple[int, ...]:
    filled = [isinstance(value, str) for value in pattern]
    return (sum(filled), *filled)


def _statuses(frame: pd.DataFrame, year: int, base_year: int) -> pd.DataFrame:
    runs = frame["status"].isin(["open", "limited"])
    arrives = frame["status"].isin(["planned", "construction"]) & (frame["due"] <= year)
    arrives |= ~runs & (frame["opened"] > base_year) & (frame["opened"] <= year)
    status = frame["status"].mask(arrives, "open").mask(runs & (frame["opened"] > year), "closed")
    return frame.assign(status=status.astype(object), open_share=np.nan)


def _values(rows: pd.DataFrame, year: int, base_year: int) -> pd.DataFrame:
    """The last row of each cell that has begun by the year, where it does not tell of the base year or before it."""
    begun = rows[rows["year"] <= year].sort_values("year", kind="stable")
    last = begun.drop_duplicates(["table", "row", "column"], keep="last")
    return last[last["year"] > base_year] if year > base_year else last
