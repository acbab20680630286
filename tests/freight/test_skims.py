"""Skims against itineraries, and as files that other software reads."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from isthmus import route, skim
from isthmus._errors import UserError
from isthmus.evaluation import write_skims
from isthmus.pack import Pack
from isthmus.store import StoreError, read_run


@pytest.mark.parametrize("cargo", ["grain", "manufactures-high", "oil"])
@pytest.mark.parametrize(("start", "end"), [("west", "east"), ("ocean", "north"), ("east", "mine")])
def test_a_skim_is_what_the_best_itinerary_meets(strait: Pack, cargo: str, start: str, end: str) -> None:
    table = skim(strait, cargo=[cargo]).table().set_index(["origin", "destination"])
    cell = table.loc[(start, end)]
    places = strait.table("zones").set_index("zone")["place"]
    best = route(places[start], places[end], region=strait, cargo=cargo).summary.iloc[0]
    assert cell["usd_per_t"] == pytest.approx(best["usd_per_t"])
    assert cell["hours"] == pytest.approx(24 * best["days"])
    assert cell["km"] == pytest.approx(best["km"])
    assert cell["co2_kg_per_t"] == pytest.approx(best["co2_kg_per_t"])


def test_every_pair_of_zones_has_a_row_and_a_zone_no_way_to_itself(strait: Pack) -> None:
    skims = skim(strait)
    table = skims.table()
    assert len(table) == len(skims.zones) ** 2 * len(strait.table("segments"))
    own = table["origin"] == table["destination"]
    assert table.loc[own, "usd_per_t"].isna().all()
    reached = table[table["usd_per_t"].notna()]
    assert len(reached) > 0
    assert (reached["generalised_usd_per_t"] >= reached["usd_per_t"]).all()


def test_where_no_way_is_open_the_skim_is_empty(strait: Pack) -> None:
    services = strait.table("services")
    services["status"] = "closed"
    cut = skim(strait.replace("services", services), cargo=["grain"])
    at = cut.zones.index("ocean")
    assert np.isnan(cut.values[0, :, at, :]).all() and np.isnan(cut.values[0, :, :, at]).all()


def test_scarcity_only_adds_to_the_generalised_cost(strait: Pack) -> None:
    free, full = (skim(strait, congested=congested) for congested in (False, True))
    assert full.measures[-1] == "scarcity_usd_per_t"
    reached = np.isfinite(free.values[:, 1])
    assert (full.values[:, 1][reached] >= free.values[:, 1][reached] - 1e-6).all()
    assert np.nanmax(full.values[:, 5]) > 0


def test_a_year_changes_what_a_tonne_meets(strait: Pack) -> None:
    base, later = (skim(strait, year=year) for year in (None, 2025))
    assert np.nansum(later.values[:, 1]) > np.nansum(base.values[:, 1])


def test_parquet_and_matrices_say_the_same(strait: Pack, tmp_path: Path) -> None:
    skims = skim(strait, cargo=["manufactures"])
    folder = write_skims(skims, tmp_path / "out")
    table = read_run(folder).tables["skims"]
    pd.testing.assert_frame_equal(table, skims.table(), check_dtype=False)
    with h5py.File(folder / "manufactures.omx") as file:
        assert file.attrs["OMX_VERSION"] == b"0.2"
        assert file.attrs["SHAPE"].tolist() == [len(skims.zones)] * 2
        assert [name.decode() for name in file["lookup/zone"][:]] == list(skims.zones)
        assert len(file["data"]) == 3 * len(skims.measures)
        matrix = file["data/manufactures_low_hours"][:]
        assert file["data/manufactures_low_hours"].chunks
    wanted = table[table["segment"] == "manufactures-low"]["hours"].to_numpy().reshape(matrix.shape)
    np.testing.assert_array_equal(matrix, wanted)
    with pytest.raises(StoreError, match="--force"):
        write_skims(skims, folder)


def test_unknown_cargo_is_refused_with_all_of_it(strait: Pack) -> None:
    with pytest.raises(UserError, match="gold, silver"):
        skim(strait, cargo=["gold", "grain", "silver"])
