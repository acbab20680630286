"""Tables of the manual that count the rows of caspian: `python -m tests.regions.counts` writes them between their marks."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from isthmus import load
from isthmus.pack import Pack

PAGES = Path(__file__).parents[2] / "docs" / "regions" / "caspian"
GATEWAYS = Path(__file__).parent / "gateways.csv"
_NETWORK = ("places", "links", "crossings", "terminals", "services", "pools", "markets", "observations")
_ELEMENTS = {"link": "links", "crossing": "crossings", "service": "services", "terminal": "terminals"}
_LINE = {"rail": "railways", "road": "roads", "sea": "ships and ferries"}
_SET_ASIDE = (
    "kaz-altynkol--kaz-zhetygen-1520",
    "kaz-shalkar--kaz-beyneu-1520",
    "irn-sarakhs--tkm-sarahs-rail",
    "irn-incheh-borun--tkm-akyayla-rail",
    "aze-yalama--rus-samur-rail",
    "geo-khashuri--geo-gori-1520",
    "geo-zestaponi--geo-khashuri-1520",
    "rus-aksaraiskaya--rus-verkhny-baskunchak-1520",
    "chn-jinghe--chn-urumqi-1435",
)
"""Pools of which another published capacity was gathered and set aside."""


def gateways() -> list[dict[str, str]]:
    """Gateways on which something was counted: how it was, and the ids that stand for it (a place id for a port)."""
    with GATEWAYS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def rows_by_table(pack: Pack) -> str:
    """Rows of each table, by confidence, and those that nobody published."""
    rows = []
    for name in _NETWORK:
        table = pack.table(name)
        level = table["confidence"].value_counts()
        counts = [len(table), *(level.get(word, 0) for word in ("high", "medium", "low"))]
        rows.append((name, *(f"{n:,}" for n in counts), f"{(table['source'] == 'estimate').sum():,}"))
    return _table(("table", "rows", "high", "medium", "low", "source is an estimate"), rows)


def lines_by_mode(pack: Pack) -> str:
    """Links and services by trunk mode: rows, those that carry traffic, kilometres on land."""
    trunk = pack.table("modes").set_index("mode")["trunk"]
    rows = []
    for mode, word in _LINE.items():
        table = pack.table("services" if mode == "sea" else "links")
        table = table[table["mode"].map(trunk) == mode]
        carrying = table["status"].isin(["open", "limited"])
        length = "" if mode == "sea" else f"{table.loc[carrying, 'length_km'].sum():,.0f}"
        rows.append((word, f"{len(table):,}", f"{carrying.sum():,}", length))
    return _table(("lines", "rows", "open or limited", "open km"), rows)


def capacities(pack: Pack) -> str:
    """Pools by unit and basis."""
    counts = pack.table("pools").groupby(["unit", "basis"]).size().unstack(fill_value=0)
    head = [str(name) for name in counts.columns]
    rows = [
        (str(unit).replace("_", " "), *row) for unit, row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    return _table(("unit", *head), rows)


def set_aside(pack: Pack) -> str:
    """What the pools hold of which another capacity was set aside."""
    pools = pack.table("pools").set_index("pool")
    rows = []
    for pool in _SET_ASIDE:
        row = pools.loc[pool]
        rows.append((row["name"], f"{row['capacity']:,.0f} {row['unit'].replace('_', ' ')}", row["basis"]))
    return _table(("line", "the table holds", "basis"), rows)


def counted(pack: Pack) -> str:
    """Observations by what they are on and role, and their years."""
    seen = pack.table("observations")
    rows = []
    for kind, group in seen.groupby("kind", sort=False):
        role = group["role"].value_counts()
        years = f"{group['year'].min():.0f}-{group['year'].max():.0f}"
        rows.append(
            (
                kind,
                group["element"].nunique(),
                *(role.get(name, 0) for name in ("build", "fit", "test")),
                years,
            )
        )
    return _table(("counted on", "elements", "build", "fit", "test", "years"), sorted(rows))


def stands_as(pack: Pack) -> str:
    """Gateways and what stands for them."""
    terminals, services = pack.table("terminals"), pack.table("services")
    rows = []
    for row in gateways():
        elements = row["elements"].split("|")
        if row["counted_as"] == "port":
            (place,) = elements
            calls = ((services["from_place"] == place) | (services["to_place"] == place)).sum()
            cell = f"port: terminals {(terminals['place'] == place).sum()}, services {calls}"
        else:
            cell = ", ".join(f"`{name}`" for name in elements) + (" and more" if row["more"] else "")
        rows.append((row["gateway"], row["counted_as"], cell))
    return _table(("gateway", "counted as", "stands as"), rows)


def _domestic(pack: Pack) -> pd.DataFrame:
    markets = pack.table("markets")
    markets = markets[markets["traffic"] == "domestic"]
    place = markets["origin"].map(pack.table("zones").set_index("zone")["place"])
    return markets.assign(country=place.map(pack.table("places").set_index("place")["country"]))


def domestic_tonnes(pack: Pack) -> str:
    """Domestic markets and million tonnes by country and class, the largest first."""
    markets = _domestic(pack)
    classes = [
        name for name in pack.table("classes")["cargo_class"] if (markets["cargo_class"] == name).any()
    ]
    mt = markets.pivot_table(index="country", columns="cargo_class", values="tonnes", aggfunc="sum") / 1e6
    names = pack.table("countries").set_index("country")["name"]
    order = mt.sum(axis=1).sort_values(ascending=False).index
    rows: list[tuple[object, ...]] = []
    for country in order:
        cells = ["–" if pd.isna(mt.loc[country, c]) else f"{mt.loc[country, c]:.1f}" for c in classes]
        rows.append(
            (names[country], (markets["country"] == country).sum(), *cells, f"{mt.loc[country].sum():.1f}")
        )
    total = [f"{mt[c].sum():.1f}" for c in classes]
    rows.append(("**all**", len(markets), *total, f"{mt.sum().sum():.1f}"))
    return _table(("country", "markets", *classes, "all"), rows)


def domestic_confidence(pack: Pack) -> str:
    """Domestic markets by confidence."""
    level = _domestic(pack)["confidence"].value_counts()
    return _table(
        ("confidence", "markets"), [(word, level.get(word, 0)) for word in ("high", "medium", "low")]
    )


TABLES: dict[str, dict[str, Callable[[Pack], str]]] = {
    "coverage.md": {
        "rows": rows_by_table,
        "lines": lines_by_mode,
        "capacities": capacities,
        "set-aside": set_aside,
        "counted": counted,
        "gateways": stands_as,
    },
    "domestic.md": {"tonnes": domestic_tonnes, "confidence": domestic_confidence},
}


def page(name: str, pack: Pack) -> str:
    """The text of a page with its tables made anew."""
    text = (PAGES / name).read_text(encoding="utf-8")
    for mark, made in TABLES[name].items():
        pattern = rf"(<!-- made: {mark} -->\n\n).*?(\n\n<!-- end -->)"
        text, found = re.subn(
            pattern, lambda hit, made=made: hit[1] + made(pack) + hit[2], text, flags=re.DOTALL
        )
        assert found == 1, (name, mark)
    return text


def main() -> None:
    """Write the pages."""
    pack = load("caspian")
    for name in TABLES:
        (PAGES / name).write_text(page(name, pack), encoding="utf-8")


if __name__ == "__main__":
    main()
