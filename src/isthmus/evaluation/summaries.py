"""The tables that a run prints: corridors, crossings, ports, countries, what was not shipped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isthmus.evaluation.evaluation import Evaluation

Shown = tuple[str, pd.DataFrame, dict[str, str]]


def summaries(result: Evaluation, most: int | None = None) -> list[Shown]:
    """Title, frame and number formats of each table that `isthmus run` prints.

    Parameters
    ----------
    most : int, optional
        Rows of the longer tables; by default all.
    """
    shown = [
        _corridors(result),
        _crossings(result, most),
        _ports(result, most),
        _countries(result),
        _missing(result, most),
    ]
    if "gains" in result.tables:
        shown.append(_gains(result))
    return shown


def _observed(result: Evaluation, kind: str, column: str) -> pd.Series:
    """What was measured in both directions in the year of the run, by element; tonnes of the same cargo only."""
    table = result.pack.table("observations")
    rows = table[
        (table["kind"] == kind) & (table["year"] == result.pack.year) & (table["direction"] == "both")
    ]
    corridors = result.pack.table("corridors").set_index("corridor")["classes"]
    counted = rows["element"].map(corridors) if kind == "corridor" else rows["classes"].map(lambda _: None)
    if column == "tonnes":  # TEU are of what goes in boxes, whatever else the corridor counts
        rows = rows[rows["classes"].isna() | (rows["classes"] == counted)]
    return rows.dropna(subset=[column]).drop_duplicates("element").set_index("element")[column].astype(float)


def _corridors(result: Evaluation) -> Shown:
    table, pools = result.tables["corridors"], result.tables["pools"]
    guesses = set(pools.loc[pools["basis"] == "estimate", "name"])
    seen, boxes = (_observed(result, "corridor", column) for column in ("tonnes", "teu"))
    frame = pd.DataFrame(
        {
            "corridor": table["name"],
            "kt": table["tonnes"] / 1e3,
            "kt seen": table["corridor"].map(seen) / 1e3,
            "kTEU": table["teu"] / 1e3,
            "kTEU seen": table["corridor"].map(boxes) / 1e3,
            "days": table["days"],
            "USD/FEU": table["usd_per_feu"],
            "USD/t": table["usd_per_t"],
            "scarcity": table["scarcity_usd_per_t"],
            "kg CO2/t": table["co2_kg_per_t"],
            "borders": table["borders"],
            "bottleneck": [
                f"{name} ({load:.0%}{', a guess' if name in guesses else ''})"
                if isinstance(name, str)
                else ""
                for name, load in zip(table["bottleneck"], table["bottleneck_load"], strict=True)
            ],
        }
    )
    formats = {
        name: ",.0f" for name in ("kt", "kt seen", "USD/FEU", "USD/t", "scarcity", "kg CO2/t", "borders")
    }
    title = "Corridors (a tonne counts once in each corridor that it uses; days, prices and scarcity in USD/t of the named itinerary)"
    return title, frame, formats | {"kTEU": ",.1f", "kTEU seen": ",.1f", "days": ".1f"}


def _crossings(result: Evaluation, most: int | None) -> Shown:
    table = result.tables["crossings"]
    seen = _observed(result, "crossing", "tonnes")
    frame = pd.DataFrame(
        {
            "crossing": table["name"],
            "kt forward": table["tonnes"] / 1e3,
            "kt back": table["tonnes_back"] / 1e3,
            "kt seen": table["crossing"].map(seen) / 1e3,
            "kTEU": table["teu"] / 1e3,
            "load factor": table["load_factor"],
            "USD/slot": table["usd_per_slot"].where(table["load_factor"].notna()),
        }
    )
    if result.guesses:
        frame["price rests on"] = table["basis"].where(table["load_factor"].notna(), "")
    frame = frame[(table["tonnes"] + table["tonnes_back"]) > 1e3]
    order = np.argsort(-(frame["kt forward"] + frame["kt back"]), kind="stable")
    formats = {
        "kt forward": ",.0f",
        "kt back": ",.0f",
        "kt seen": ",.0f",
        "kTEU": ",.1f",
        "load factor": ".0%",
        "USD/slot": ",.2f",
    }
    return "Border crossings", frame.iloc[order].head(most or len(frame)), formats


def _ports(result: Evaluation, most: int | None) -> Shown:
    table = result.tables["ports"]
    own = ~table["country"].map(result.pack.table("countries").set_index("country")["outer"]).astype(bool)
    seen = _observed(result, "port", "tonnes")
    frame = pd.DataFrame(
        {
            "port": table["name"],
            "kt landed": table["tonnes_landed"] / 1e3,
            "kt loaded": table["tonnes_loaded"] / 1e3,
            "kt seen": table["port"].map(seen) / 1e3,
            "kTEU": table["teu"] / 1e3,
            "load factor": table["load_factor"],
            "USD/slot": table["usd_per_slot"].where(table["load_factor"].notna()),
        }
    )[own]
    order = np.argsort(-(frame["kt landed"] + frame["kt loaded"]), kind="stable")
    formats = {
        "kt landed": ",.0f",
        "kt loaded": ",.0f",
        "kt seen": ",.0f",
        "kTEU": ",.1f",
        "load factor": ".0%",
        "USD/slot": ",.2f",
    }
    return "Ports (traffic of the markets only)", frame.iloc[order].head(most or len(frame)), formats


def _countries(result: Evaluation) -> Shown:
    table = result.tables["countries"]
    paid = [
        f"{payee}_usd" for payee in ("carrier", "infrastructure", "border", "terminal", "scarcity", "empties")
    ]
    frame = pd.DataFrame(
        {
            "country": table["name"],
            "kt on land": table["tonnes"] / 1e3,
            "kt in transit": table["transit_tonnes"] / 1e3,
            "bn tkm": table["tkm"] / 1e9,
            **{f"{name.removesuffix('_usd')} USD m": table[name] / 1e6 for name in paid},
            "kt CO2": table["co2_t"] / 1e3,
        }
    )
    formats = {name: ",.0f" for name in frame.columns if name != "country"} | {"bn tkm": ",.1f"}
    return "Countries (receipts are gross; ships earn at sea)", frame, formats


def _missing(result: Evaluation, most: int | None) -> Shown:
    markets = result.tables["markets"]
    lost = markets[markets["not_shipped_because"].notna()].assign(
        kt=lambda frame: (frame["tonnes"] - frame["shipped"]) / 1e3
    )
    frame = lost.groupby("not_shipped_because", as_index=False).agg(
        kt=("kt", "sum"), markets=("market", "nunique")
    )
    names = result.pack.table("pools").set_index("pool")["name"]
    frame["because"] = [
        f"capacity: {names.get(reason.removeprefix('capacity: '), reason)}"
        if reason.startswith("capacity: ")
        else reason
        for reason in frame["not_shipped_because"]
    ]
    frame = frame.sort_values("kt", ascending=False, kind="stable")[["because", "kt", "markets"]]
    return "Not shipped, and why", frame.head(most or len(frame)), {"kt": ",.0f"}


def _gains(result: Evaluation) -> Shown:
    table = result.tables["gains"]
    frame = pd.DataFrame(
        {
            "country": table["country"].where(table["country"] != "", "at sea"),
            "gain USD m": table["gain_usd"] / 1e6,
            "of it surplus": table["surplus_usd"] / 1e6,
            "of it rent": table["rent_usd"] / 1e6,
            "receipts USD m": table["receipts_usd"] / 1e6,
            "kt shipped": table["tonnes"] / 1e3,
            "kt CO2": table["co2_t"] / 1e3,
        }
    )
    return "Against the base", frame, {name: ",.1f" for name in frame.columns if name != "country"}
