"""Ten lines on what a run found: each a key among the words, with its figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from isthmus.store import Run

Finding = dict[str, Any]
_FULL = 0.9
_NAMED = 3


def findings_of(run: Run) -> list[Finding]:
    """What the run found, most general first: `key` and `values`, each a text or a pair of a number and its format.

    Formats: n0, n1, n2 (decimals), p0 (per cent of a share).
    """
    found = [
        _total(run), _modes(run), _corridors(run), _transit(run), _full(run), _rent(run), _missing(run), _emissions(run), _counts(run),
        _confidence(run),
    ]  # fmt: skip
    if "gains" in run.tables:
        found.insert(1, _gains(run))
    return [finding for finding in found if finding is not None]


def _line(key: str, **values: Any) -> Finding:
    return {"key": key, "values": values}


def _total(run: Run) -> Finding:
    markets = run.tables["markets"]
    shipped, asked = markets["shipped"].sum(), markets["tonnes"].sum()
    return _line(
        "total", shipped=(shipped / 1e6, "n1"), tkm=(run.tables["countries"]["tkm"].sum() / 1e9, "n0"), share=(shipped / asked, "p1"),
        markets=(int(markets["market"].nunique()), "n0"),
    )  # fmt: skip


def _modes(run: Run) -> Finding:
    """Work by trunk mode: from the lengths of the lines."""
    trunk = run.tables["region_modes"].set_index("mode")["trunk"]
    km = pd.concat(
        [
            run.tables[f"region_{kind}s"]
            .rename(columns={kind: "element"})[["element", "length_km"]]
            .assign(kind=kind)
            for kind in ("link", "service")
        ]
    )
    flows = run.tables["flows"].merge(km, on=["kind", "element"])
    tkm = (flows["tonnes"] * flows["length_km"]).groupby(flows["mode"].map(trunk)).sum()
    share = tkm / tkm.sum()
    return _line("modes", **{name: (float(share.get(name, 0.0)), "p0") for name in ("sea", "rail", "road")})


def _corridors(run: Run) -> Finding | None:
    table = run.tables["corridors"]
    if table.empty:
        return None
    top = table.sort_values("tonnes", ascending=False, kind="stable").head(_NAMED)
    fast = table[table["usd_per_feu"].notna()].sort_values("days", kind="stable")
    return _line(
        "corridors",
        list=_listed(top["name"], top["tonnes"] / 1e6, "n1"),
        count=(len(table), "n0"),
        boxes=(len(fast), "n0"),
    )


def _transit(run: Run) -> Finding:
    table = run.tables["countries"].sort_values("transit_tonnes", ascending=False, kind="stable").head(_NAMED)
    return _line("transit", list=_listed(table["name"], table["transit_tonnes"] / 1e6, "n1"))


def _full(run: Run) -> Finding | None:
    pools = run.tables["pools"]
    if pools.empty:
        return None
    tight = pools[pools["load_factor"] >= _FULL].sort_values("load_factor", ascending=False, kind="stable")
    return _line(
        "full",
        count=(len(tight), "n0"),
        of=(len(pools), "n0"),
        list=[[name] for name in tight["name"].head(_NAMED)],
    )


def _rent(run: Run) -> Finding | None:
    pools = run.tables["pools"]
    if pools.empty or not pools["rent_usd"].sum() > 0:
        return None
    top = pools.sort_values("rent_usd", ascending=False, kind="stable").head(_NAMED)
    return _line(
        "rent",
        rent=(pools["rent_usd"].sum() / 1e6, "n0"),
        list=_listed(top["name"], top["rent_usd"] / 1e6, "n0"),
    )


def _missing(run: Run) -> Finding:
    markets = run.tables["markets"]
    lost = markets[markets["not_shipped_because"].notna()]
    tonnes = (lost["tonnes"] - lost["shipped"]).sum()
    if not len(lost):
        return _line("missing_none")
    reasons = lost["not_shipped_because"].str.partition(": ")[0].value_counts()
    return _line(
        "missing",
        kt=(tonnes / 1e3, "n0"),
        markets=(int(lost["market"].nunique()), "n0"),
        because=str(reasons.index[0]),
    )


def _emissions(run: Run) -> Finding:
    countries = run.tables["countries"]
    co2, tkm = countries["co2_t"].sum(), countries["tkm"].sum()
    return _line("emissions", mt=(co2 / 1e6, "n1"), grams=(co2 * 1e6 / tkm if tkm > 0 else 0.0, "n1"))


def _counts(run: Run) -> Finding | None:
    counts = run.tables["counts"]
    observations = run.tables["region_observations"]
    wider = set(
        observations.loc[observations["wider"].eq(True), "observation"]
    )  # counts that hold what the markets leave out
    judged = counts[
        (counts["role"] != "build")
        & ~counts["observation"].isin(wider)
        & (counts["counted"] > 0)
        & (counts["model"] > 0)
    ]
    if judged.empty:
        return _line("counts_none")
    off = (judged["model"] / judged["counted"]).map(math.log).abs()
    worst = judged.iloc[int(np.argmax(off.to_numpy()))]
    return _line(
        "counts", count=(len(judged), "n0"), factor=(math.exp(off.median()), "n2"), worst=str(worst["what"]),
        ratio=(float(worst["model"] / worst["counted"]), "n2"),
    )  # fmt: skip


def _confidence(run: Run) -> Finding:
    table = run.tables["confidence"]
    table = table[table["kind"] == "region"]
    whole, low = (
        table.groupby("part")["tkm"].sum(),
        table[table["confidence"] == "low"].groupby("part")["tkm"].sum(),
    )
    share = (low / whole).fillna(0.0)
    return _line(
        "confidence", **{part: (float(share.get(part, 0.0)), "p0") for part in ("demand", "network")}
    )


def _gains(run: Run) -> Finding:
    gains = run.tables["gains"].sort_values("gain_usd", ascending=False, kind="stable")
    names = run.tables["region_countries"].set_index("country")["name"]
    named = gains["country"].map(names).fillna("")
    known = named != ""
    winners = (gains["gain_usd"] > 0) & known
    losers = (gains["gain_usd"] < 0) & known
    return _line(
        "gains", total=(gains["gain_usd"].sum() / 1e6, "n1"),
        winners=_listed(named[winners].head(_NAMED), gains.loc[winners, "gain_usd"].head(_NAMED) / 1e6, "n1"),
        losers=_listed(named[losers].tail(_NAMED)[::-1], gains.loc[losers, "gain_usd"].tail(_NAMED)[::-1] / 1e6, "n1"),
    )  # fmt: skip


def _listed(names: pd.Series, values: pd.Series, form: str) -> list[list[Any]]:
    return [[str(name), [float(value), form]] for name, value in zip(names, values, strict=True)]
