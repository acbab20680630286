"""Files of trade statistics: rows of exporter, importer, product, tonnes and value.

BACI (Gaulier and Zignago 2010): `t,i,j,k,v,q`, countries by number, six-digit products, value in thousand USD, quantity in tonnes, and
beside it `country_codes…csv`. Comext (Eurostat's bulk files, comma-separated `.dat` or `.csv`): eight-digit products, value in euros,
quantity in kg, with the older columns (`DECLARANT_ISO, PARTNER_ISO, … STAT_REGIME, … VALUE_IN_EUROS, QUANTITY_IN_KG`) or the newer
(`REPORTER, PARTNER, … STAT_PROCEDURE, … VALUE_EUR, QUANTITY_KG`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isthmus._errors import Problem, UserError

_CHUNK = 500_000
_TOLD = 50
"""Problems told of one file and column; the others are counted."""
_NUMBER = r"\d+\.?\d*(?:[eE][+-]?\d+)?"
_BACI = ("t", "i", "j", "k", "v", "q")
_CODES = ("country_code", "country_iso3")
_COMEXT = (
    {"reporter": "REPORTER", "partner": "PARTNER", "value": "VALUE_EUR", "quantity": "QUANTITY_KG"},
    {"reporter": "DECLARANT_ISO", "partner": "PARTNER_ISO", "value": "VALUE_IN_EUROS", "quantity": "QUANTITY_IN_KG"},
    {"reporter": "DECLARANT", "partner": "PARTNER", "value": "VALUE_IN_EUROS", "quantity": "QUANTITY_IN_KG"},
)  # fmt: skip
_COMEXT_SHARED = ("PRODUCT_NC", "FLOW", "PERIOD")
_ANNUAL = "52"
_DIGITS = 8


@dataclass(frozen=True)
class Trade:
    """Rows of trade files that tell of a year and of two countries looked for.

    Attributes:
        rows: `exporter`, `importer` (codes of the region), `hs` (digits), `tonnes` (NaN where the file has none), `usd`.
        said: what was passed over and why, in words.
    """

    rows: pd.DataFrame
    said: tuple[str, ...]


@dataclass
class _Reading:
    """What is wrong so far, at most _TOLD of each file and column in full."""

    problems: list[Problem] = field(default_factory=list)
    count: dict[tuple[str, str], int] = field(default_factory=dict)

    def flag(
        self, file: str, column: str, cells: pd.Series[str], wrong: NDArray[np.bool_], expectation: str
    ) -> None:
        """Note the cells that are wrong; the series' index is the row of the file."""
        bad = cells[wrong]
        before = self.count.get((file, column), 0)
        self.count[file, column] = before + len(bad)
        for row, text in bad.head(max(_TOLD - before, 0)).items():
            self.problems.append(Problem(file, int(str(row)), column, str(text), expectation))

    def raise_if_any(self, what: str) -> None:
        """Raise UserError with all of it."""
        more = [
            Problem(file, 0, column, "", f"expected as above in {count - _TOLD:,} more rows")
            for (file, column), count in self.count.items()
            if count > _TOLD
        ]
        if self.problems:
            raise UserError(f"{what} cannot be used:", [*self.problems, *more])


def read_baci(paths: Sequence[Path], country_of: dict[str, str], year: int) -> Trade:
    """Trade of a year from BACI files, one of them its country codes.

    Parameters
    ----------
    paths : sequence of Path
        `BACI_HS…csv` files and `country_codes…csv`, told apart by their headers.
    country_of : dict
        Alpha-3 code of a partner -> code of the region; others are left out.
    year : int
        Rows of other years are passed over.

    Raises
    ------
    UserError
        With everything wrong in the files.
    """
    reading = _Reading()
    headers = {path: _header(reading, path) for path in paths}
    code_files = [path for path, header in headers.items() if set(_CODES) <= set(header)]
    data = [path for path, header in headers.items() if header and path not in code_files]
    for path in data:
        _need(reading, path, headers[path], _BACI)
    if not code_files:
        reading.problems.append(
            Problem(
                "country_codes", 0, "", "", f"expected among the files, with the columns {', '.join(_CODES)}"
            )
        )
    if not data and not reading.problems:
        reading.problems.append(
            Problem("BACI", 0, "", "", f"expected a file with the columns {', '.join(_BACI)}")
        )
    reading.raise_if_any("Files of BACI")
    iso3 = _codes(reading, code_files)
    known = set(iso3)
    parts: list[pd.DataFrame] = []
    years: dict[str, int] = {}
    for path in data:
        for chunk in _chunks(reading, path, _BACI):
            cells = {name: chunk[name].str.strip() for name in _BACI}
            digits = cells["k"].str.fullmatch(r"\d{5,6}").to_numpy(bool)
            reading.flag(
                path.name, "t", cells["t"], ~cells["t"].str.fullmatch(r"\d{4}").to_numpy(bool), "a year"
            )
            for end in ("i", "j"):
                reading.flag(
                    path.name,
                    end,
                    cells[end],
                    ~cells[end].isin(known).to_numpy(bool),
                    "a country_code of the country codes",
                )
            reading.flag(path.name, "k", cells["k"], ~digits, "six digits of the Harmonized System")
            value, quantity = (_numbers(reading, path.name, name, cells[name]) for name in ("v", "q"))
            _count(years, cells["t"])
            ends = [cells[end].map(iso3).map(country_of) for end in ("i", "j")]
            kept = ends[0].notna() & ends[1].notna() & (cells["t"] == str(year))
            table = pd.DataFrame(
                {
                    "exporter": ends[0],
                    "importer": ends[1],
                    "hs": cells["k"].str.zfill(6),
                    "tonnes": quantity,
                    "usd": 1e3 * value,
                }
            )
            parts.append(table[kept])
    reading.raise_if_any("Files of BACI")
    return Trade(_joined(parts, years, year), tuple(_other_years(years, year)))


def read_comext(paths: Sequence[Path], country_of: dict[str, str], year: int, usd_per_euro: float) -> Trade:
    """Trade of a year from Comext's bulk files.

    Exports of a reporter and imports of a reporter are read; where both ends report, imports alone, so that nothing counts twice.
    Twelve months or the year's own period (52) make a year; both together are refused. Products of fewer than eight characters are
    sums and passed over.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    country_of : dict
        Two-letter code of a partner -> code of the region; others are left out.
    year : int
        Rows of other years are passed over.
    usd_per_euro : float
        Of that year.

    Raises
    ------
    UserError
        With everything wrong in the files.
    """
    reading = _Reading()
    parts: list[pd.DataFrame] = []
    years: dict[str, int] = {}
    periods: set[str] = set()
    reporters: set[str] = set()
    sums = 0
    for path in paths:
        header = _header(reading, path)
        names = next((each for each in _COMEXT if set(each.values()) <= set(header)), None)
        if header and names is None:
            _need(reading, path, header, _COMEXT[0].values())
        if not header or names is None or not _need(reading, path, header, _COMEXT_SHARED):
            continue
        for chunk in _chunks(reading, path, (*names.values(), *_COMEXT_SHARED)):
            cells = {name: chunk[column].str.strip() for name, column in names.items()}
            product, flow, period = (chunk[name].str.strip() for name in _COMEXT_SHARED)
            dated = period.str.fullmatch(r"\d{4}(0[1-9]|1[0-2]|52)").to_numpy(bool)
            reading.flag(path.name, "PERIOD", period, ~dated, "a year and month, or a year and 52")
            reading.flag(
                path.name, "FLOW", flow, ~flow.isin(["1", "2"]).to_numpy(bool), "1 (import) or 2 (export)"
            )
            for end in ("reporter", "partner"):
                reading.flag(
                    path.name, names[end], cells[end], (cells[end] == "").to_numpy(bool), "a country's code"
                )
            value, kilograms = (
                _numbers(reading, path.name, names[name], cells[name]) for name in ("value", "quantity")
            )
            _count(years, period.str[:4])
            whole = (product.str.len() == _DIGITS).to_numpy(bool)
            sums += int((~whole).sum())
            now = whole & (period.str[:4] == str(year)).to_numpy(bool)
            periods |= set(period[now])
            reporters |= set(cells["reporter"])
            imports = (flow == "1").to_numpy(bool)
            one, two = cells["reporter"], cells["partner"]
            table = pd.DataFrame(
                {
                    "from": two.where(imports, one), "to": one.where(imports, two), "imports": imports, "partner": two,
                    "hs": product.str.extract(r"^(\d*)", expand=False), "tonnes": kilograms / 1e3, "usd": usd_per_euro * value,
                }
            )  # fmt: skip
            parts.append(table[now])
    annual = {period for period in periods if period.endswith(_ANNUAL)}
    if annual and periods - annual:
        reading.problems.append(
            Problem(
                paths[0].name, 0, "PERIOD", "", f"expected months of {year} or the whole year; found both"
            )
        )
    reading.raise_if_any("Files of Comext")
    table = _joined(parts, years, year)
    twice = ~table["imports"].to_numpy(bool) & table["partner"].isin(reporters).to_numpy(bool)
    table = table[~twice]
    table = table.assign(exporter=table["from"].map(country_of), importer=table["to"].map(country_of))
    table = table[table["exporter"].notna() & table["importer"].notna()]
    said = [*_other_years(years, year)]
    if not annual and len(periods) < 12:
        said.append(f"{len(periods)} months of {year} only: {', '.join(sorted(periods))}")
    if sums:
        said.append(f"{sums:,} rows of fewer than {_DIGITS} digits are sums and were passed over")
    if twice.any():
        said.append(
            f"{int(twice.sum()):,} exports to a country that reports them as its imports were passed over"
        )
    return Trade(table[["exporter", "importer", "hs", "tonnes", "usd"]].reset_index(drop=True), tuple(said))


def _header(reading: _Reading, path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = [cell.strip() for cell in next(csv.reader(file), [])]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reading.problems.append(Problem(path.name, 0, "", "", f"expected CSV in UTF-8: {error}"))
        return []
    if not header:
        reading.problems.append(Problem(path.name, 1, "", "", "expected a header"))
    return header


def _need(reading: _Reading, path: Path, header: Sequence[str], columns: Iterable[str]) -> bool:
    lacking = [name for name in columns if name not in header]
    reading.problems += [
        Problem(path.name, 1, name, "", "expected in the header; the column is missing") for name in lacking
    ]
    return not lacking


def _chunks(reading: _Reading, path: Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Parts of a file as texts, their index the row as a spreadsheet counts it."""
    try:
        reader = pd.read_csv(
            path,
            usecols=list(dict.fromkeys(columns)),
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            chunksize=_CHUNK,
            encoding="utf-8-sig",
        )
        for part in reader:
            yield part.set_axis(part.index + 2)
    except (ValueError, OSError) as error:
        reading.problems.append(Problem(path.name, 0, "", "", f"expected CSV in UTF-8: {error}"))


def _numbers(reading: _Reading, file: str, column: str, cells: pd.Series[str]) -> pd.Series[float]:
    """Values of a column; NaN where it is empty or says that it is not known."""
    unknown = cells.isin(["", "NA", "NaN", ":"]).to_numpy(bool)
    good = cells.str.fullmatch(_NUMBER).to_numpy(bool)
    reading.flag(file, column, cells, ~unknown & ~good, "a number of 0 or more, or nothing")
    return pd.to_numeric(cells.where(good), errors="coerce").astype(float)


def _codes(reading: _Reading, paths: Sequence[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        for chunk in _chunks(reading, path, _CODES):
            number, iso3 = (chunk[name].str.strip() for name in _CODES)
            reading.flag(
                path.name,
                _CODES[0],
                number,
                ~number.str.fullmatch(r"\d{1,3}").to_numpy(bool),
                "a number of a country",
            )
            found |= dict(zip(number, iso3, strict=True))
    return found


def _count(years: dict[str, int], cells: pd.Series[str]) -> None:
    for year, rows in cells.value_counts().items():
        years[str(year)] = years.get(str(year), 0) + int(rows)


def _joined(parts: list[pd.DataFrame], years: dict[str, int], year: int) -> pd.DataFrame:
    if str(year) not in years:
        have = ", ".join(sorted(years)) or "none"
        raise UserError(f"The files have no trade of {year} (they have: {have}); --year chooses another.")
    return pd.concat(parts, ignore_index=True)


def _other_years(years: dict[str, int], year: int) -> list[str]:
    return [
        f"{rows:,} rows of {other} were passed over"
        for other, rows in sorted(years.items())
        if other != str(year)
    ]
