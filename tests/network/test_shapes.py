"""Ways of ships by waypoints."""

import numpy as np
import pytest

from isthmus.network import SeaWays, great_circle, service_shapes
from isthmus.pack import Pack


@pytest.fixture(scope="module")
def ways(caspian: Pack) -> SeaWays:
    return SeaWays(caspian)


def test_a_degree_of_the_equator_is_111_km() -> None:
    assert great_circle(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))[0] == pytest.approx(111.19, abs=0.01)


def test_the_length_tells_by_which_canal_or_cape_a_ship_goes(ways: SeaWays) -> None:
    ends = "chn-shanghai", "euw-rotterdam"
    short, long = (ways.way(*ends, km) for km in (19_300.0, 25_400.0))
    assert "suez" in short and "good-hope" not in short
    assert "good-hope" in long and "suez" not in long
    assert (short[0], short[-1]) == ends


def test_a_ship_keeps_to_the_sea_where_it_can(ways: SeaWays) -> None:
    """By Volga and Baltic it is shorter from the Black Sea to the North Sea, but no ship goes there."""
    inland = {"kalach", "rybinsk", "shlisselburg"}
    assert not inland & set(ways.way("geo-poti", "euw-rotterdam", 6_500.0))
    assert "kalach" in ways.way("aze-alat", "tur-ambarli", 3_100.0)


def test_no_water_joins_lakes_and_unknown_ports_have_no_way(ways: SeaWays) -> None:
    without = ways.lengths(("kalach", "shlisselburg"))
    assert np.isinf(without.loc["kaz-aktau", "tur-mersin"])
    assert np.isfinite(ways.lengths().loc["kaz-aktau", "tur-mersin"])
    assert ways.way("nowhere", "kaz-aktau", 100.0) == []


def test_every_long_ship_of_the_region_has_a_shape_between_its_ports(caspian: Pack) -> None:
    shapes, services = service_shapes(caspian), caspian.table("services").set_index("service")
    places = caspian.table("places").set_index("place")
    ends = shapes.groupby("service")[["lon", "lat"]].agg(["first", "last"])
    for axis in ("lon", "lat"):
        for which, end in (("first", "from_place"), ("last", "to_place")):
            np.testing.assert_allclose(
                ends[(axis, which)], services.loc[ends.index, end].map(places[axis]).to_numpy(float)
            )
    far = services[services["length_km"] > 3000].index
    assert set(far) <= set(ends.index)


def test_ships_round_the_cape_of_the_strait_and_ferries_run_straight(strait: Pack) -> None:
    shapes = service_shapes(strait)
    assert set(shapes["service"]) == {"boxes-west", "boxes-east", "bulk-west", "bulk-east", "bulk-mole"}
    assert (shapes[shapes["point"] == 1][["lon", "lat"]].to_numpy() == (3.0, 0.3)).all()
    assert service_shapes(strait.replace("waypoints", strait.table("waypoints").head(0))).empty
