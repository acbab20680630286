"""The known events of the shipped region: the bands are the tests; what the model misses is expected to fail, for the event's reason."""

import pytest

from isthmus.evidence import Event, read_events
from isthmus.evidence.events import judge
from isthmus.pack import Pack, find_region, load

EVENTS = read_events(find_region("caspian"), load("caspian"))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(
            each, id=each.event, marks=[pytest.mark.xfail(strict=True, reason=each.miss)] if each.miss else []
        )
        for each in EVENTS
    ],
)
def test_the_model_reproduces_a_known_event(event: Event, caspian: Pack) -> None:
    figures, _ = judge(event, caspian)
    assert [row for row in figures if row[-1] is False] == []


def test_all_nine_are_there() -> None:
    assert len(EVENTS) == 9
