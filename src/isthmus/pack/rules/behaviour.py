"""Rules of demand and behaviour: segments, markets, vehicles, prices, parameters."""

import math

import pandas as pd

from isthmus._errors import Problem
from isthmus.pack.rules.draft import Draft, tuples
from isthmus.pack.schema import SCHEMA
from isthmus.tables import parse_value


def segments_add_up(draft: Draft) -> list[Problem]:
    """The shares of a class's segments add to 1."""
    classes, segments = draft.frames["classes"], draft.frames["segments"]
    total = classes["cargo_class"].map(segments.groupby("cargo_class")["share"].sum()).fillna(0.0)
    wrong = (total - 1).abs() > 1e-9
    expected = [f"segments whose shares add to 1; they add to {share:g}" for share in total]
    return draft.flag("classes", wrong, "cargo_class", expected)


def traffic_fits_the_ends(draft: Draft) -> list[Problem]:
    """A market is domestic where both its ends lie in one country, and only there."""
    markets = draft.frames["markets"]
    place = draft.lookup("zones", "zone", "place")
    country = draft.lookup("places", "place", "country")
    zones = tuples(markets, "origin", "destination")
    ends = [(country.get(str(place.get(a))), country.get(str(place.get(b)))) for a, b in zones]
    known = pd.Series([None not in pair for pair in ends], index=markets.index, dtype=bool)
    same = pd.Series([a == b for a, b in ends], index=markets.index, dtype=bool)
    domestic = markets["traffic"] == "domestic"
    given = known & markets["traffic"].notna()
    found = draft.flag(
        "markets", given & domestic & ~same, "traffic", "trade or transit, between two countries"
    )
    return found + draft.flag("markets", given & ~domestic & same, "traffic", "domestic, within one country")


def modes_have_vehicles_and_prices(draft: Draft) -> list[Problem]:
    """A mode that carries has load units; a mode of links has rates."""
    found = []
    for table, target in (("links", "rates"), ("links", "load_units"), ("services", "load_units")):
        frame = draft.frames[table]
        known = set(draft.frames[target]["mode"])
        lacking = ~frame["mode"].isin(known) & frame["mode"].notna() & ~frame["mode"].duplicated()
        found += draft.flag(table, lacking, "mode", f"a mode with rows in {draft.files[target]}")
    return found


def years_are_in_order(draft: Draft) -> list[Problem]:
    """A ban or premium does not end before it begins."""
    found = []
    for table in ("bans", "premiums"):
        frame = draft.frames[table]
        found += draft.flag(table, frame["to_year"] < frame["from_year"], "to_year", "from_year or later")
    return found


def parameters_are_set(draft: Draft) -> list[Problem]:
    """Every parameter of the schema has a row, in its unit and range, and no other has one."""
    frame, file = draft.frames["parameters"], draft.files["parameters"]
    known = SCHEMA.parameters
    found = draft.flag(
        "parameters",
        ~frame["parameter"].isin(list(known)) & frame["parameter"].notna(),
        "parameter",
        f"one of: {', '.join(known)}",
    )
    present = set(frame["parameter"])
    found += [
        Problem(file, 0, "", "", f"expected a row {name}, {column.expectation}: {column.meaning}")
        for name, column in known.items()
        if column.required and name not in present
    ]
    expected = [known[name].expectation if name in known else "" for name in frame["parameter"]]
    wrong = [
        name in known and not math.isnan(value) and not parse_value(value, known[name])[1]
        for name, value in tuples(frame, "parameter", "value")
    ]
    return found + draft.flag("parameters", wrong, "value", expected)


RULES = (
    segments_add_up,
    traffic_fits_the_ends,
    modes_have_vehicles_and_prices,
    years_are_in_order,
    parameters_are_set,
)
