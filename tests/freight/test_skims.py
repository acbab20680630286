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


def test_a_queue_counts_once_in_a_congested_skim(strait: Pack) -> None:
    """Money, hours off the queues at the value of time, and scarcity: no queue as seen beside the queue as solved."""
    pools = strait.table("pools")
    busy = strait.replace(
        "pools", pools.assign(delay_hours=pools["delay_hours"].fillna(0.0) + 2.0, observed_load=0.5)
    )
    grain = busy.table("segments").set_index("segment").loc["grain"]
    full = skim(busy, cargo=["grain"], congested=True)
    assert full.measures[-1] == "scarcity_usd_per_t"
    usd, generalised, hours, _, _, scarcity = full.values[0]
    value = float(grain["value_of_time"])
    queued = scarcity > 1e-3
    assert queued.any()
    assert (generalised[queued] < (usd + scarcity + value * (1 + 5) * hours)[queued]).all()
    calm = busy.table("pools")
    empty = busy.replace("pools", calm.assign(capacity=calm["capacity"] * 1e6))
    at_ease = skim(empty, cargo=["grain"], congested=True).values[0]
    same = np.isclose(at_ease[3], full.values[0][3]) & np.isclose(at_ease[0], usd) & queued
    assert (hours[same] > at_ease[2][same] + 0.01).any()
    np.testing.assert_allclose((generalised - scarcity)[same], (at_ease[1] - at_ease[5])[same], rtol=1e-9)
    seen = skim(busy, cargo=["grain"]).values[0]  # as observed at half load: the queue is in the hours
    alike = np.isclose(seen[0], usd) & np.isclose(seen[3], full.values[0][3])
    assert (generalised - scarcity < seen[1] - 0.001)[alike].any()


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
