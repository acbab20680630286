"""Figures of caspian that a planner knows, computed from one run.

`python -m tests.golden.figures` writes them anew with their tolerances; a commit that moves one says why in the CHANGELOG.
"""

import csv
from pathlib import Path

from isthmus.evaluation import Evaluation

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
_COUNTRIES = ("ARM", "AZE", "GEO", "IRN", "KAZ", "RUS", "TKM", "TUR", "UZB")
_BOXES = ("north-rail", "ocean", "dostyk", "khorgos", "middle-corridor-dry", "btk", "lars", "kaz-uzb")
_ITINERARIES = ("north-rail", "ocean", "middle-corridor-dry", "khorgos", "lars", "iran-turkey")


def figures(result: Evaluation) -> dict[str, float]:
    """Figure by name: kt, kTEU, days, USD a FEU, billion tkm, million USD, kt CO2."""
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
    return {name: float(value) for name, value in found.items()}


def golden() -> dict[str, tuple[float, float]]:
    """Figure and relative tolerance by name, as written."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return {row["figure"]: (float(row["value"]), float(row["tolerance"])) for row in csv.DictReader(file)}


def main() -> None:
    """Write the figures of the region as it is now; small flows have a wider tolerance."""
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
            writer.writerow([name, f"{value:.5g}", 0.15 if small else 0.05])


if __name__ == "__main__":
    main()
