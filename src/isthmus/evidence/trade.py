"""A better prior from files of trade statistics: what two countries trade of a class, laid over the region's own split to zones.

A flow is a pair of countries (or outer zones) and a cargo class. Products go to classes by the longest prefix of their code, countries
to the region's by its table `partners`. A flow's tonnes over those of its markets scale each of them, so that zones, groups and
ties to a mode keep their shares. Quantities that a file lacks are its value over the class's price.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from isthmus._errors import Problem, UserError
from isthmus.evidence.trade_files import Trade, read_baci, read_comext
from isthmus.pack import Pack, load
from isthmus.scenario import Edit, Scale, Scenario, write_factors
from isthmus.store import check_target, write_whole

MARK = "flows.csv"
"""File that tells that a folder holds a prior made from trade."""
USD_PER_EURO = 1.08
"""Mean of 2023."""
_PAIR = ["exporter", "importer", "cargo_class"]


@dataclass(frozen=True)
class TradePrior:
    """Answer of `import_baci` and `import_comext`.

    Attributes:
        pack: the region.
        year: of the trade.
        scenario: an edit that scales the markets.
        flows: one row a flow of the files or of the markets: `exporter`, `importer`, `cargo_class`, `tonnes` (a year, in the files),
            `imputed` (of these from value), `usd`, `markets`, `market_tonnes` (of the region), `factor` (NaN where nothing is scaled),
            `because`.
        left_out: one row a chapter (two digits): `hs`, `tonnes`, `usd`, `because`.
        said: what was passed over and why, in words.
    """

    pack: Pack
    year: int
    scenario: Scenario
    flows: pd.DataFrame
    left_out: pd.DataFrame
    said: tuple[str, ...]


def import_baci(
    paths: Sequence[Path],
    *,
    region: str | Path | Pack = "caspian",
    year: int | None = None,
    classes: Path | None = None,
) -> TradePrior:
    """A prior from BACI files: a scenario that scales the region's markets to the trade of their countries.

    Parameters
    ----------
    paths : sequence of Path
        Files of BACI and its country codes.
    region : str, Path or Pack
        A region that ships, a folder, or a region loaded before; it needs the table `partners`.
    year : int, optional
        By default the base year.
    classes : Path, optional
        CSV with the columns `hs` (digits) and `cargo_class` (empty: left out) in place of the package's own.

    Raises
    ------
    UserError
        With everything wrong in the files.
    """
    return _import("BACI", paths, region, year, classes, "partner", read_baci)


def import_comext(
    paths: Sequence[Path],
    *,
    region: str | Path | Pack = "caspian",
    year: int | None = None,
    classes: Path | None = None,
    usd_per_euro: float = USD_PER_EURO,
) -> TradePrior:
    """A prior from Comext's bulk files, as `import_baci`; trade with the reporters alone is in them.

    Parameters
    ----------
    paths, region, year, classes
        As of `import_baci`.
    usd_per_euro : float
        Of that year, for quantities that are found from value.

    Raises
    ------
    UserError
        With everything wrong in the files.
    """
    if not usd_per_euro > 0:
        raise UserError(f"--usd-per-euro {usd_per_euro:g}: expected a number above 0.")

    def read(paths: Sequence[Path], country_of: dict[str, str], year: int) -> Trade:
        return read_comext(paths, country_of, year, usd_per_euro)

    return _import("Comext", paths, region, year, classes, "alpha2", read)


def _import(
    what: str, paths: Sequence[Path], region: str | Path | Pack, year: int | None, classes: Path | None, code: str,
    read: Callable[[Sequence[Path], dict[str, str], int], Trade],
) -> TradePrior:  # fmt: skip
    if not paths:
        raise UserError(f"Files of {what} are needed.")
    pack = region if isinstance(region, Pack) else load(region)
    partners = pack.table("partners")
    partners = partners[partners[code].notna()]
    if partners.empty:
        raise UserError(
            f"Region {pack.name} has no table `partners` with {code}: which country of the statistics is which of the region."
        )
    class_of = _class_table(classes, set(pack.table("classes")["cargo_class"]))
    year = pack.base_year if year is None else year
    trade = read(paths, dict(zip(partners[code], partners["country"], strict=True)), year)
    return _laid_over(pack, what, year, trade, class_of)


def _class_table(path: Path | None, known: set[str]) -> dict[str, str | None]:
    """Prefix of a product's code -> class, None where it is left out."""
    name = path.name if path else "hs_classes.csv"
    try:
        text = (path or files("isthmus.evidence") / "hs_classes.csv").read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}.") from error
    found: dict[str, str | None] = {}
    problems = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        hs, cargo = (row.get("hs") or "").strip(), (row.get("cargo_class") or "").strip()
        if not (hs.isascii() and hs.isdigit() and 2 <= len(hs) <= 8):
            problems.append(Problem(name, number, "hs", hs, "two to eight digits"))
        elif hs in found:
            problems.append(Problem(name, number, "hs", hs, "a code once only"))
        if cargo and cargo not in known:
            problems.append(
                Problem(
                    name,
                    number,
                    "cargo_class",
                    cargo,
                    f"a class of the region: {', '.join(sorted(known))}, or nothing",
                )
            )
        found[hs] = cargo or None
    if not found:
        problems.append(Problem(name, 1, "", "", "expected the columns hs, cargo_class and rows"))
    if problems:
        raise UserError(f"Classes {name} cannot be used:", problems)
    return found


def _classes_of(
    codes: pd.Series[str], class_of: dict[str, str | None]
) -> tuple[list[str | None], list[str | None]]:
    """Class of each code by its longest prefix, and why there is none."""
    of: dict[str, tuple[str | None, str | None]] = {}
    for code in codes.unique():
        prefix = next((code[:size] for size in range(len(code), 1, -1) if code[:size] in class_of), None)
        if prefix is None:
            of[code] = None, "no class is named for it"
        else:
            cargo = class_of[prefix]
            of[code] = cargo, None if cargo else "left out by the table of classes"
    pairs = [of[code] for code in codes]
    return [cargo for cargo, _ in pairs], [reason for _, reason in pairs]


def _laid_over(pack: Pack, what: str, year: int, trade: Trade, class_of: dict[str, str | None]) -> TradePrior:
    rows = trade.rows[trade.rows["exporter"] != trade.rows["importer"]]
    within = len(trade.rows) - len(rows)
    cargo, reason = _classes_of(rows["hs"], class_of)
    rows = rows.assign(cargo_class=np.array(cargo, object), because=np.array(reason, object))
    prices = pack.table("classes").set_index("cargo_class")["value_usd_per_t"]
    lacking = rows["tonnes"].isna()
    guess = rows["usd"] / rows["cargo_class"].map(prices).astype(float)
    rows = rows.assign(imputed=guess.where(lacking, 0.0), tonnes=rows["tonnes"].where(~lacking, guess))
    out = rows[rows["because"].notna()]
    left_out = (
        out.assign(hs=out["hs"].str[:2]).groupby(["hs", "because"], as_index=False)[["tonnes", "usd"]].sum()
    )
    kept = rows[rows["because"].isna()]
    found = kept.groupby(_PAIR)[["tonnes", "imputed", "usd"]].sum()
    flows = _flows(pack, found)
    markets = _market_flows(pack).merge(flows[[*_PAIR, "factor"]], on=_PAIR, how="left")
    scaled = markets[markets["factor"].notna()]
    if scaled.empty:
        raise UserError(f"The files have no trade of {year} that a market of region {pack.name} carries.")
    factors = dict(zip(scaled["market"], scaled["factor"].round(6).tolist(), strict=True))
    imputed = float(kept["imputed"].sum())
    said = [*trade.said]
    if lacking.any():
        count = int((lacking & rows["because"].isna()).sum())
        said.append(
            f"{count:,} rows have no quantity: {imputed:,.0f} t found from value by the class's price"
        )
    if within:
        said.append(f"{within:,} rows within one country or outer zone of the region were passed over")
    note = f"Trade of {year} by {what}, laid over the region's own split to zones. " + ". ".join(said)
    scenario = Scenario(
        name=f"Trade of {year} by {what}",
        note=note.strip(),
        edits=(Edit(scale=Scale(table="markets", column="tonnes", factors=factors)),),
    )
    return TradePrior(pack, year, scenario, flows, left_out, tuple(said))


def _market_flows(pack: Pack) -> pd.DataFrame:
    markets = pack.table("markets")
    place = pack.table("zones").set_index("zone")["place"]
    country = pack.table("places").set_index("place")["country"]
    return pd.DataFrame(
        {
            "market": markets["market"], "exporter": markets["origin"].map(place).map(country),
            "importer": markets["destination"].map(place).map(country), "cargo_class": markets["cargo_class"], "tonnes": markets["tonnes"],
        }
    )  # fmt: skip


def _flows(pack: Pack, found: pd.DataFrame) -> pd.DataFrame:
    """Flows of the files beside those of the markets between two countries."""
    markets = _market_flows(pack)
    markets = markets[markets["exporter"] != markets["importer"]]
    own = markets.groupby(_PAIR)["tonnes"].agg(markets="size", market_tonnes="sum")
    both = found.join(own, how="outer")
    both["markets"] = both["markets"].fillna(0).astype(int)
    factor = both["tonnes"] / both["market_tonnes"]
    because = np.full(len(both), "", object)
    because[both["markets"].to_numpy() == 0] = "no market of the region"
    because[both["tonnes"].isna().to_numpy()] = "not in the files: as it was"
    nothing = (both["tonnes"] == 0).to_numpy(bool)
    because[nothing] = "no tonnes in the files: as it was"
    usable = np.array([not reason for reason in because], bool)
    return both.assign(factor=factor.where(usable), because=because).reset_index()


def write_prior(made: TradePrior, folder: Path, *, force: bool = False) -> Path:
    """Write a scenario file with its factors, and the flows beside it; whole or not at all.

    Raises StoreError if the folder exists and `force` is not given, or holds something else.
    """
    check_target(folder, force=force, mark=MARK, what="prior made from trade")
    scale = made.scenario.edits[0].scale
    assert scale is not None and scale.factors is not None
    edit = {"table": scale.table, "column": scale.column, "factors": "factors.csv"}
    text = {"name": made.scenario.name, "note": made.scenario.note, "edits": [{"scale": edit}]}
    factors = scale.factors

    def fill(beside: Path) -> None:
        (beside / "scenario.yaml").write_text(
            yaml.safe_dump(text, sort_keys=False, allow_unicode=True), encoding="utf-8"
        )
        write_factors(beside / "factors.csv", scale.table, factors)
        made.flows.to_csv(beside / MARK, index=False, lineterminator="\n")
        made.left_out.to_csv(beside / "left_out.csv", index=False, lineterminator="\n")

    return write_whole(folder, fill)
