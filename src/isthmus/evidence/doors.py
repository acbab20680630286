"""Published journeys of one consignment beside the model's itinerary: days and price from door to door.

The words of `route`, joined by hyphens, say how it went. The words of a mode ask for the trunk that carries most kilometres; those of a
place, a country or a corridor ask that the itinerary passes it, in their order. What is none of these asks nothing. Hours are as observed
in the base year, prices those of the year if the region has them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import UserError
from isthmus.evidence.mapping import classes_called, read_records
from isthmus.evidence.states import dated, years_known
from isthmus.freight import Router, Way, with_zone
from isthmus.pack import SCHEMA, Pack
from isthmus.tables import split_list

COLUMNS = (
    "door_to_door", "from_place", "to_place", "route", "cargo", "year", "days_published", "days_model", "usd_unit", "usd_published",
    "usd_model", "why_not",
)  # fmt: skip
_MODES = {
    "sea": "sea",
    "ship": "sea",
    "feeder": "sea",
    "ferry": "sea",
    "roro": "sea",
    "ocean": "sea",
    "rail": "rail",
    "train": "rail",
    "road": "road",
    "truck": "road",
}
_ALTERNATIVES = 8


def doors_of(pack: Pack, role: str) -> pd.DataFrame:
    """Journeys of the region of a role."""
    table = pack.table("door_to_door")
    return table[table["role"] == role]


def read_doors(path: Path, pack: Pack) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Journeys of a file, and rows that have no place here: `row`, `observation`, `what`, `why`.

    The columns are those of the table `door_to_door`; `transit_days_typ`, `cost_usd_per_feu`, `cost_usd_per_t` and `commodity` are read for
    `days`, `usd_per_feu`, `usd_per_t` and `cargo`. Raises MappingError with everything that cannot be read.
    """
    numbers = (
        "days",
        "transit_days_min",
        "transit_days_typ",
        "transit_days_max",
        "usd_per_feu",
        "cost_usd_per_feu",
        "usd_per_t",
        "cost_usd_per_t",
        "year",
    )
    records = read_records(path, (("place_a",), ("place_b",), numbers[:2] + numbers[4:8]), numbers)
    known = set(pack.table("places")["place"])
    rows, lost = [], []
    for record in records:
        name = str(record.get("door_to_door") or f"row-{record['row']}")
        ends = (record["place_a"], record["place_b"])
        missing = [end for end in ends if end not in known]
        why = f"no place {' or '.join(map(repr, missing))} in the region" if missing else ""
        if "not for testing" in str(record.get("note", "")).lower():
            why = "its own note says that it is not for testing"
        days = _first(record, "days", "transit_days_typ", "transit_days_min")
        feu, tonne = (
            _first(record, "usd_per_feu", "cost_usd_per_feu"),
            _first(record, "usd_per_t", "cost_usd_per_t"),
        )
        if not why and days is None and feu is None and tonne is None:
            why = "neither days nor a price"
        if why:
            lost.append(
                {"row": record["row"], "observation": name, "what": f"{ends[0]} to {ends[1]}", "why": why}
            )
            continue
        rows.append(
            (
                name,
                *ends,
                record.get("route") or None,
                _cargo(record, pack),
                days,
                feu,
                tonne,
                record.get("year") or pack.base_year,
                "test",
            )
        )
    columns = [
        name for name in SCHEMA.tables["door_to_door"].columns if name not in ("source", "confidence", "note")
    ]
    numeric = ("days", "usd_per_feu", "usd_per_t", "year")
    cells = {
        name: pd.Series([row[i] for row in rows], dtype=float if name in numeric else object)
        for i, name in enumerate(columns)
    }
    return pd.DataFrame(cells), lost


def _first(record: dict[str, Any], *names: str) -> float | None:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _cargo(record: dict[str, Any], pack: Pack) -> str:
    """The class that a row's cargo means; what is of no class is of the most valuable that goes in boxes."""
    classes = pack.table("classes")
    typical = classes.sort_values(["unitised", "value_usd_per_t"], ascending=False, kind="stable")[
        "cargo_class"
    ].iloc[0]
    called = split_list(classes_called(record, pack))
    return typical if not called or typical in called else called[0]


def judged_doors(doors: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Each journey beside the itinerary that its words describe: days, and USD a FEU or a tonne."""
    if doors.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    known = years_known(pack)
    years = sorted({int(year) for year in doors["year"] if int(year) in known} | {pack.base_year})
    packs = dated(with_zone(pack, tuple(dict.fromkeys([*doors["from_place"], *doors["to_place"]]))), years)
    routers = {year: Router(each) for year, each in packs.items()}
    rows = []
    for row in doors.to_dict("records"):
        year = int(row["year"]) if int(row["year"]) in known else pack.base_year
        way, why = _way(routers[year], row)
        unit = "feu" if pd.notna(row["usd_per_feu"]) else "t" if pd.notna(row["usd_per_t"]) else None
        published = row[f"usd_per_{unit}"] if unit else math.nan
        model = float(way.summary[f"usd_per_{unit}"]) if way and unit else math.nan  # type: ignore[arg-type]
        if unit == "feu" and way is not None and math.isnan(model):
            model = float(way.summary["usd_per_t"]) * _load(routers[year], row, way)  # type: ignore[arg-type]
        days = float(way.summary["days"]) if way and pd.notna(row["days"]) else math.nan  # type: ignore[arg-type]
        head = [*(row[name] for name in COLUMNS[:5]), int(row["year"])]
        rows.append((*head, row["days"], days, unit, published, model, why))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _load(router: Router, row: dict[Any, Any], way: Way) -> float:
    """Tonnes in the unit of a way that rides in none of boxes: those of its class by the mode with most kilometres."""
    hauls = way.legs[way.legs["what"] == "haul"]
    mode = hauls.groupby("mode")["km"].sum().idxmax()
    units = router.pack.table("load_units")
    own = units[(units["mode"] == mode) & units["from_country"].isna() & units["to_country"].isna()]
    classes = router.pack.table("segments").set_index("segment")["cargo_class"]
    own = own[own["cargo_class"] == classes.get(row["cargo"], row["cargo"])]
    return float(own["tonnes_laden"].iloc[0]) if len(own) else math.nan


def _way(router: Router, row: dict[Any, Any]) -> tuple[Way | None, str]:
    """The itinerary that a journey's words describe, or why there is none."""
    trunk, via, countries = words_of(str(row["route"] or ""), router.pack)
    ends = {row["from_place"], row["to_place"]}
    places = tuple(place for place in via if place not in ends)
    if row["route"] and trunk is None and not via and not countries:
        return None, "none of the words of its route is known here"
    try:
        ways = router.ways(
            row["from_place"], row["to_place"], str(row["cargo"]), via=places, alternatives=_ALTERNATIVES
        )
    except UserError as error:
        return None, str(error).splitlines()[0]
    if not ways:
        return None, "no open way" + (f" by {', '.join(places)}" if places else "")
    of_place = router.pack.table("places").set_index("place")["country"]
    modes = router.pack.table("modes").set_index("mode")["trunk"]
    for way in ways:
        passed = {
            of_place[place]
            for place in [*way.legs["from_place"], *way.legs["to_place"]]
            if place in of_place.index
        }
        hauls = way.legs[way.legs["what"] == "haul"]
        km = hauls["km"].groupby(hauls["mode"].map(modes)).sum()
        if set(countries) <= passed and (trunk is None or (len(km) and km.idxmax() == trunk)):
            return way, ""
    return None, "no way like it among the best " + str(len(ways))


def words_of(route: str, pack: Pack) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Trunk, places to pass in order and countries that the words of a route ask for."""
    words = route.lower().split("-")
    names = {
        name.lower().replace(" ", "-"): place
        for place, name in pack.table("places")[["place", "name"]].itertuples(index=False)
    }
    countries = {
        name.lower().replace(" ", "-"): code
        for code, name in pack.table("countries")[["country", "name"]].itertuples(index=False)
    }
    corridors = {
        str(row["corridor"]): split_list(row["via"]) for row in pack.table("corridors").to_dict("records")
    }
    trunk: str | None = None
    via: list[str] = []
    passed: list[str] = []
    at = 0
    while at < len(words):
        for size in range(len(words) - at, 0, -1):
            text = "-".join(words[at : at + size])
            if text in corridors:
                via += corridors[text]
            elif text in names:
                via.append(names[text])
            elif text in countries:
                passed.append(countries[text])
            elif text in _MODES:
                trunk = trunk or _MODES[text]
            else:
                continue
            at += size
            break
        else:
            at += 1
    return trunk, tuple(dict.fromkeys(via)), tuple(dict.fromkeys(passed))
