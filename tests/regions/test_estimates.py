"""Every row that rests on an estimate says in its note how it was made."""

import pandas as pd
import pytest

import isthmus
from isthmus.pack import Pack
from isthmus.pack.schema import SCHEMA


def silent(pack: Pack) -> list[str]:
    """Table and row number of the estimates without a note."""
    found = []
    for name in SCHEMA.tables:
        table = pack.table(name)
        if "note" in table:
            found += [f"{name} {row}" for row in table.index[estimated(table) & (said(table) == "")]]
    return found


def estimated(table: pd.DataFrame) -> pd.Series:
    """Whether each row's source, confidence or basis says that it is an estimate."""
    rests = (table["source"] == "estimate") | (table["confidence"] == "low")
    return rests | (table["basis"] == "estimate") if "basis" in table else rests


def said(table: pd.DataFrame) -> pd.Series:
    """Notes without the blanks around them."""
    return table["note"].fillna("").astype(str).str.strip()


@pytest.mark.parametrize("region", ["caspian", "strait"])
def test_every_estimate_says_how_it_was_made(region: str) -> None:
    assert silent(isthmus.load(region)) == []


def test_an_estimate_that_loses_its_note_is_found(strait: Pack) -> None:
    pools = strait.table("pools").copy()
    at = pools.index[estimated(pools)]
    assert len(at) == 1
    pools.loc[at, "note"] = " "
    assert silent(strait.replace("pools", pools)) == [f"pools {at[0]}"]
