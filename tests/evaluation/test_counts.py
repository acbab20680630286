"""What the model says of what was counted."""

import pytest

from isthmus import run
from isthmus.evaluation import Evaluation, beside
from isthmus.evaluation.counts import modelled


@pytest.fixture(scope="module")
def result() -> Evaluation:
    return run("strait")


def row(**given: object) -> dict[str, object]:
    return {"direction": "both", "classes": None, "trunk": None, "traffic": None, **given}


def test_a_count_in_one_direction_is_half_of_the_line(result: Evaluation) -> None:
    for kind, element in (
        ("service", "ferry-rail"),
        ("link", "rail-hub-west-hub"),
        ("terminal", "hub-gauge"),
    ):
        both, ahead, back = (
            modelled(result, row(kind=kind, element=element, direction=way), "tonnes")
            for way in ("both", "forward", "back")
        )
        assert both and ahead and back
        assert ahead + back == pytest.approx(both)


def test_a_port_counts_what_is_landed_forward_and_loaded_back(result: Evaluation) -> None:
    ports = result.tables["ports"].set_index("port")
    landed = modelled(result, row(kind="port", element="west-quay", direction="forward"), "tonnes")
    loaded = modelled(result, row(kind="port", element="west-quay", direction="back"), "tonnes")
    assert landed == pytest.approx(ports.loc["west-quay", "tonnes_landed"], rel=1e-3)
    assert loaded == pytest.approx(ports.loc["west-quay", "tonnes_loaded"], rel=1e-3)


def test_classes_other_than_a_corridor_s_are_not_told(result: Evaluation) -> None:
    corridor = row(kind="corridor", element="ocean-boxes")
    assert modelled(result, {**corridor, "classes": "grain"}, "tonnes") is None
    assert modelled(result, {**corridor, "classes": "manufactures|food"}, "tonnes") == modelled(
        result, corridor, "tonnes"
    )
    assert modelled(result, {**corridor, "direction": "forward"}, "tonnes") is None


def test_transit_by_rail_of_a_country_is_what_passes_it(result: Evaluation) -> None:
    national = result.tables["national"]
    rail = national[
        (national["country"] == "XBB") & (national["trunk"] == "rail") & (national["traffic"] == "transit")
    ]
    asked = row(kind="country", element="XBB", trunk="rail", traffic="transit")
    assert (
        modelled(result, asked, "tonnes") == pytest.approx(rail["tonnes"].sum()) and rail["tonnes"].sum() > 0
    )
    assert modelled(result, asked, "tkm") == pytest.approx(rail["tkm"].sum())


def test_every_observation_of_the_region_has_a_row_beside_it(result: Evaluation) -> None:
    observations = result.pack.table("observations")
    table = beside(result, observations)
    assert set(table["observation"]) == set(observations["observation"])
    assert (table["counted"] > 0).all()
