"""Figures of caspian that a planner knows, computed from one run.

`python -m tests.golden.figures` writes them anew with their tolerances; a commit that moves one says why in the CHANGELOG.
"""

import csv
from pathlib import Path

from isthmus.evaluation import Evaluation
from isthmus.network.condition import CARRYING

FILE = Path(__file__).parent / "caspian.csv"
_CROSSINGS = (
    "kaz-saryagash--uzb-keles-rail", "geo-kazbegi--rus-upper-lars-road", "kaz-dostyk--chn-alashankou-rail",
    "kaz-altynkol--chn-khorgos-rail", "aze-yalama--rus-samur-rail", "tur-habur--irq-ibrahim-khalil-road",
    "irn-sarakhs--tkm-sarahs-rail", "blr-brest--euw-malaszewicze-rail",
)  # fmt: skip
_PORTS = (
    "kaz-aktau",
    "kaz-kuryk",
    "aze-alat",
    "tkm-turkmenbashi",
    "geo-poti",
    "geo-batumi",
    "rus-novorossiysk",
    "irn-bandar-abbas",
)
_TRANSIT = ("AZE", "GEO", "IRN", "KAZ", "RUS", "TKM", "TUR", "UZB")
_COUNTRIES = ("ARM", "AZE", "GEO", "IRN", "KAZ", "RUS", "TKM", "TUR", "UZB")
_PAYEES = ("carrier", "infrastructure", "border", "terminal", "empties", "vehicles")
_TRACKS = ("AZE", "GEO", "IRN", "KAZ", "UZB")
_BOXES = ("north-rail", "ocean", "dostyk", "khorgos", "middle-corridor-dry", "btk", "lars", "kaz-uzb")
_ITINERARIES = ("north-rail", "ocean", "middle-corridor-dry", "khorgos", "lars", "iran-turkey")


def figures(result: Evaluation) -> dict[str, float]:
    """Figure by name: kt, kTEU, days, USD a FEU, billion tkm, million USD, kt CO2, Mt, numbers of rows that carry."""
    corridors = result.tables["corridors"].set_index("corridor")
    crossings, ports = (
        result.tables["crossings"].set_index("crossing"),
        result.tables["ports"].set_index("port"),
    )
    countries, markets = result.tables["countries"].set_index("country"), result.tables["markets"]
    found = {
        "shipped Mt": markets["shipped"].sum() / 1e6,
        "CO2 on land kt": countries.loc[countries.index != "", "co2_t"].sum() / 1e3,
        "scarcity rent USD m": result.tables["pools"]["rent_usd"].sum() / 1e6,
    }
    found |= {f"corridor {name} kt": row["tonnes"] / 1e3 for name, row in corridors.iterrows()}
    found |= {f"corridor {name} kTEU": corridors.loc[name, "teu"] / 1e3 for name in _BOXES}
    found |= {f"itinerary {name} days": corridors.loc[name, "days"] for name in _ITINERARIES}
    found |= {f"itinerary {name} USD a FEU": corridors.loc[name, "usd_per_feu"] for name in _ITINERARIES}
    found |= {
        f"crossing {name} kt": crossings.loc[name, ["tonnes", "tonnes_back"]].sum() / 1e3
        for name in _CROSSINGS
    }
    found |= {
        f"port {name} kt": ports.loc[name, ["tonnes_landed", "tonnes_loaded"]].sum() / 1e3 for name in _PORTS
    }
    found |= {f"country {name} billion tkm": countries.loc[name, "tkm"] / 1e9 for name in _COUNTRIES}
    found |= {f"transit {name} Mt": countries.loc[name, "transit_tonnes"] / 1e6 for name in _TRANSIT}
    return {
        name: float(value) for name, value in (found | _money(result) | _work(result) | _size(result)).items()
    }


def _money(result: Evaluation) -> dict[str, float]:
    """What each payee receives everywhere, and what those who own lines receive in some countries."""
    paid = result.tables["receipts"].set_index(["payee", "country"])["usd"] / 1e6
    return {f"receipts {payee} USD m": paid[payee].sum() for payee in _PAYEES} | {
        f"receipts infrastructure {country} USD m": paid["infrastructure", country] for country in _TRACKS
    }


def _work(result: Evaluation) -> dict[str, float]:
    """Tonne-kilometres by trunk mode: of land lines, and of ships under way."""
    land = result.tables["national"].groupby("trunk")["tkm"].sum()
    sea = result.tables["countries"].set_index("country").loc["", "tkm"]
    return {f"work {trunk} billion tkm": tkm / 1e9 for trunk, tkm in (*land.items(), ("sea", sea))}


def _size(result: Evaluation) -> dict[str, float]:
    """How many rows carry traffic in the base year, how many markets and zones there are."""
    pack = result.pack
    carrying = {
        name: pack.table(name)["status"].isin(CARRYING).sum()
        for name in ("links", "services", "terminals", "crossings")
    }
    return {f"open {name}": rows for name, rows in carrying.items()} | {
        f"all {name}": len(pack.table(name)) for name in ("markets", "zones")
    }


def golden() -> dict[str, tuple[float, float]]:
    """Figure and relative tolerance by name, as written."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return {row["figure"]: (float(row["value"]), float(row["tolerance"])) for row in csv.DictReader(file)}


def main() -> None:
    """Write the figures of the region as it is now; small flows have a wider tolerance, numbers of rows a narrow one."""
    from isthmus import run

    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure", "value", "tolerance"])
        for name, value in figures(run("caspian")).items():
            small = (
                (name.endswith(" kt") and value < 1500)
                or (name.endswith(" kTEU") and value < 100)
                or "rent" in name
            )
            counted = name.startswith(("open ", "all "))
            writer.writerow([name, f"{value:.5g}", 0.01 if counted else 0.15 if small else 0.05])


if __name__ == "__main__":
    main()
