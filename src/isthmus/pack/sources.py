"""Where the numbers of a region come from."""

import pandas as pd

from isthmus._errors import UserError
from isthmus.pack.pack import Pack
from isthmus.pack.schema import SCHEMA
from isthmus.tables import key_texts


def cite(pack: Pack, what: str = "") -> pd.DataFrame:
    """Sources of the whole region, of one table, of the rows with one id, or the rows of one source.

    Returns the columns source, title, url, year, and for a source or an id also table, row (its key), confidence,
    note, one row each; otherwise rows (how many rest on it) and tables (which), most used first. Raises UserError if
    nothing has that name.
    """
    uses = _uses(pack)
    sources = pack.table("sources")[["source", "title", "url", "year"]]
    if not what or what in SCHEMA.tables:
        if what:
            uses = uses[uses["table"] == what]
        counts = uses.groupby("source").agg(
            rows=("row", "size"), tables=("table", lambda names: ", ".join(sorted(set(names))))
        )
        counted = sources.merge(counts.reset_index(), on="source", how="inner" if what else "left")
        counted["rows"] = counted["rows"].fillna(0).astype(int)
        counted["tables"] = counted["tables"].astype(object).where(counted["tables"].notna(), "")
        return counted.sort_values(["rows", "source"], ascending=[False, True]).reset_index(drop=True)
    chosen = uses[(uses["row"] == what) | (uses["source"] == what)]
    if chosen.empty:
        raise UserError(
            f"Region {pack.name} has no table, row or source {what!r}. Tables: {', '.join(SCHEMA.tables)}."
        )
    columns = ["table", "row", "source", "confidence", "note", "title", "url", "year"]
    return chosen.merge(sources, on="source")[columns].reset_index(drop=True)


def _uses(pack: Pack) -> pd.DataFrame:
    parts = []
    for name, table in SCHEMA.tables.items():
        if "source" not in table.columns or name == "sources":
            continue
        frame = pack.table(name)
        part = frame[["source", "confidence", "note"]].copy()
        parts.append(part.assign(table=name, row=pd.Series(key_texts(frame, table), dtype=object)))
    return pd.concat(parts, ignore_index=True)
