"""The itineraries worked by hand in docs/regions/strait.md, component by component."""

from typing import NamedTuple

import pytest

from isthmus.pack import Pack
from tests.freight.looking import Trip, edited

BROAD = ["rail-west-city-west-gate", "rail-west-gate-hub-west", "rail-hub-west-hub"]
STANDARD = ["std-hub-hub-east", "std-hub-east-east-gate", "std-east-gate-east-city"]
RAIL = [*BROAD, "hub-gauge", *STANDARD]
ROAD = [
    "road-west-city-west-gate", "road-west-gate-hub-west", "road-hub-west-hub", "road-hub-hub-east",
    "road-hub-east-east-gate", "road-east-gate-east-city",
]  # fmt: skip
BULK = ["rail-west-city-west-quay", "west-quay-rail-sea", "bulk-west"]
BOXES = ["rail-west-city-west-quay", "west-quay-rail-sea", "boxes-west"]
FERRY = [
    "rail-west-city-west-quay", "west-quay-rail-ramp", "ferry-rail", "east-quay-rail-ramp", "rail-east-quay-east-city",
]  # fmt: skip
MOLE = ["rail-west-mine-west-mole", "west-mole-rail-sea", "bulk-mole"]


class Worked(NamedTuple):
    origin: str
    way: list[str]
    destination: str
    segment: str
    money: float
    hours: float
    standing: float
    time: float
    reliability: float
    generalised: float


BY_HAND = {
    "A grain": Worked("west", RAIL, "east", "grain", 19.25, 80, 0.64, 1.6, 0.24, 21.73),
    "A boxes": Worked("west", RAIL, "east", "manufactures-mid", 27, 68, 1.6, 17, 2.5, 48.10),
    "A grain back": Worked("east", RAIL[::-1], "west", "grain", 21.5, 96, 0.96, 1.92, 0.24, 24.62),
    "A boxes back": Worked("east", RAIL[::-1], "west", "manufactures-mid", 28.25, 84, 2.4, 21, 2.5, 54.15),
    "B grain": Worked("west", ROAD, "east", "grain", 41, 29, 5, 0.58, 0.08, 46.66),
    "B manufactures": Worked("west", ROAD, "east", "manufactures-mid", 41, 29, 5, 7.25, 1, 54.25),
    "C grain": Worked("west", BULK, "ocean", "grain", 21, 87, 0.29, 1.74, 0.30, 23.33),
    "C boxes": Worked("west", BOXES, "ocean", "manufactures-mid", 43, 123, 1.44, 30.75, 3.5, 78.69),
    "C boxes inward": Worked(
        "ocean", BOXES[::-1], "west", "manufactures-mid", 53, 123, 1.44, 30.75, 3.5, 88.69
    ),
    "D grain": Worked("west", FERRY, "east", "grain", 19, 48, 0.40, 0.96, 0.15, 20.51),
    "D boxes": Worked("west", FERRY, "east", "manufactures-mid", 36, 36, 1, 9, 1.375, 47.375),
    "E coal": Worked("mine", MOLE, "ocean", "coal-ores", 20, 82, 0.24, 0.82, 0.15, 21.21),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_itineraries_cost_what_is_worked_by_hand(strait: Pack, name: str) -> None:
    worked = BY_HAND[name]
    trip = Trip(strait, worked.origin, worked.way, worked.destination, worked.segment)
    assert trip.money == pytest.approx(worked.money, abs=1e-9)
    assert trip.hours == pytest.approx(worked.hours, abs=1e-9)
    assert trip.standing == pytest.approx(worked.standing, abs=0.005)
    assert trip.value_of_time * trip.hours == pytest.approx(worked.time, abs=1e-9)
    assert trip.reliability == pytest.approx(worked.reliability, abs=1e-9)
    assert trip.generalised == pytest.approx(worked.generalised, abs=0.006)


@pytest.mark.parametrize(("segment", "generalised"), [("grain", 46.88), ("manufactures-mid", 54.70)])
def test_with_the_queue_as_observed_the_road_takes_an_hour_more(
    strait: Pack, segment: str, generalised: float
) -> None:
    trip = Trip(strait, "west", ROAD, "east", segment, observed=True)
    assert trip.hours == pytest.approx(30)
    assert trip.standing == pytest.approx(5.2)
    assert trip.generalised == pytest.approx(generalised, abs=1e-9)


def test_payees_of_the_railway_get_what_is_worked_by_hand(strait: Pack) -> None:
    trip = Trip(strait, "west", RAIL, "east", "grain")
    # Half of 11.25 of distance money is for the track; the carrier has the other half and the standing cost.
    carrier, infrastructure, border, terminal = trip.by_payee
    assert infrastructure == pytest.approx(11.25 / 2)
    assert carrier == pytest.approx(11.25 / 2 + 0.64)
    assert border == pytest.approx(2.0)
    assert terminal == pytest.approx(2.0 + 4.0)
    running, at_border, at_terminal, waiting = trip.by_cause
    assert (running, at_border, at_terminal, waiting) == pytest.approx((12, 20, 24 + 24, 0))


def test_one_ship_a_week_costs_42_hours_more(strait: Pack) -> None:
    later = edited(strait, {"year": 2025})
    trip = Trip(later, "west", BOXES, "ocean", "manufactures-mid")
    assert trip.hours == pytest.approx(165)
    assert trip.standing == pytest.approx(2.28)
    assert trip.generalised == pytest.approx(90.03, abs=1e-9)


def test_a_lower_draft_raises_the_price_of_the_ship_and_takes_more_berth(strait: Pack) -> None:
    later = edited(strait, {"year": 2025})
    now, then = (Trip(pack, "mine", MOLE, "ocean", "coal-ores") for pack in (strait, later))
    assert then.money == pytest.approx(23.0 + 1 / 3)
    assert now.carriage.slots[now.arcs].sum() == pytest.approx(1 / 0.8)
    assert then.carriage.slots[then.arcs].sum() == pytest.approx(1 / 0.6)


def test_a_tonne_takes_the_slots_worked_by_hand(strait: Pack) -> None:
    grain, boxes = (Trip(strait, "west", RAIL, "east", segment) for segment in ("grain", "manufactures-mid"))
    border = [grain.arcs[2]]
    assert grain.carriage.slots[border].sum() == pytest.approx(1 / 3000)
    assert boxes.carriage.slots[border].sum() == pytest.approx(1 / 1200)
    truck = Trip(strait, "west", ROAD, "east", "grain")
    assert truck.carriage.slots[truck.arcs[2]].sum() == pytest.approx(1 / 20)
    wagon = Trip(strait, "west", FERRY, "east", "grain")
    assert wagon.carriage.slots[wagon.arcs[3]].sum() == pytest.approx(1 / 60)
    quay, ship = Trip(strait, "west", BOXES, "ocean", "manufactures-mid").arcs[2:4]
    slots = Trip(strait, "west", BOXES, "ocean", "manufactures-mid").carriage.slots
    assert slots[[quay, ship]].sum(axis=1) == pytest.approx([2 / 24, 2 / 24])


def test_light_goods_from_overseas_ride_sixteen_tonnes_to_a_truck(strait: Pack) -> None:
    way = ["boxes-west", "west-quay-road-sea", "road-west-city-west-quay", *ROAD[:3]]
    trip = Trip(strait, "ocean", way, "north", "manufactures-mid")
    road = trip.arcs[3:7]
    assert trip.carriage.per_unit[road] == pytest.approx(16)
    # 0.05 a tonne-kilometre in Westshore; 0.03 and 0.40 a truck-kilometre over 16 t in Northshore; half of each at the border.
    north = (0.03 + 0.40 / 16) * 100
    money = trip.carriage.money[:2, road].sum(axis=0)
    standing = 4 / 16 * (trip.carriage.hours[0, road] + trip.carriage.hours[1, road])
    assert money - standing == pytest.approx([5, 5, 0.5 * (5 + north), north])
    assert trip.carriage.money[2, road[2]] == pytest.approx(100 / 16)
