"""A region in another year."""

import numpy as np
import pytest

from isthmus.pack import Pack
from isthmus.scenario import ScenarioError
from isthmus.scenario.years import demand_factors
from tests.scenario.test_edits import edited, row


def test_the_base_year_changes_nothing(strait: Pack) -> None:
    assert edited(strait, {"year": strait.base_year}).hash == strait.hash


def test_what_is_due_by_then_is_open_and_what_is_due_later_is_not(strait: Pack) -> None:
    assert row(edited(strait, {"year": 2031}), "crossings", "bridge")["status"] == "planned"
    assert row(edited(strait, {"year": 2032}), "crossings", "bridge")["status"] == "open"
    assert row(edited(strait, {"year": 2028}), "services", "boxes-strait")["status"] == "open"


def test_a_year_before_an_opening_finds_it_closed(strait: Pack) -> None:
    links = strait.table("crossings")
    links["opened"] = links["opened"].mask(links["crossing"] == "ab-rail", 2010.0)
    pack = strait.replace("crossings", links)
    assert row(edited(pack, {"year": 2009}), "crossings", "ab-rail")["status"] == "closed"
    assert row(edited(pack, {"year": 2010}), "crossings", "ab-rail")["status"] == "open"


def test_what_opens_after_the_base_year_is_open_then(strait: Pack) -> None:
    links = strait.table("crossings")
    links["opened"] = links["opened"].mask(links["crossing"] == "high-pass", 2026.0)
    pack = strait.replace("crossings", links)
    assert row(edited(pack, {"year": 2025}), "crossings", "high-pass")["status"] == "closed"
    assert row(edited(pack, {"year": 2026}), "crossings", "high-pass")["status"] == "open"


@pytest.mark.parametrize(("year", "hours"), [(2022, 8), (2024, 10), (2025, 8), (2040, 8)])
def test_of_the_values_by_year_the_last_begun_holds(strait: Pack, year: int, hours: float) -> None:
    assert row(edited(strait, {"year": year}), "crossings", "ab-road")["hours"] == hours


def test_shares_of_the_base_year_are_forgotten(strait: Pack) -> None:
    assert row(strait, "crossings", "bc-rail")["open_share"] == 0.9
    assert np.isnan(row(edited(strait, {"year": 2024}), "crossings", "bc-rail")["open_share"])


def test_the_most_specific_row_gives_a_markets_growth(strait: Pack) -> None:
    factor = dict(zip(strait.table("markets")["market"], demand_factors(strait, 2025), strict=True))
    assert factor["ocean-north-manufactures"] == 1.25
    assert factor["west-east-grain"] == 0.9
    assert factor["mine-west-coal-ores"] == 1.1
    before = dict(strait.table("markets")[["market", "tonnes"]].values)
    after = dict(edited(strait, {"year": 2025}).table("markets")[["market", "tonnes"]].values)
    assert after == {market: before[market] * factor[market] for market in before}


def test_between_two_years_growth_is_linear_and_after_the_last_it_stays(strait: Pack) -> None:
    at = strait.table("markets")["market"].tolist().index("mine-west-coal-ores")
    assert demand_factors(strait, 2024)[at] == pytest.approx(1.05)
    assert demand_factors(strait, 2028)[at] == pytest.approx(1.1 + 0.2 * 3 / 5)
    assert demand_factors(strait, 2050)[at] == pytest.approx(1.3)


def test_bans_follow_the_year(strait: Pack) -> None:
    assert len(edited(strait, {"year": 2026}).in_force("bans")) == len(strait.in_force("bans")) + 1


def test_a_second_year_is_refused(strait: Pack) -> None:
    with pytest.raises(ScenarioError, match="2025 is chosen already"):
        edited(strait, {"year": 2025}, {"year": 2030})
