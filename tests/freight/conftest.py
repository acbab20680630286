"""Both regions, prepared once and solved at their base."""

from dataclasses import dataclass

import pytest

from isthmus.freight import Prepared, Solved
from isthmus.pack import Pack


@dataclass(frozen=True)
class Region:
    """A region with its freight, and what the tests of properties pick in it."""

    pack: Pack
    freight: Prepared
    base: Solved
    project: str


@pytest.fixture(scope="session", params=["strait", "caspian"])
def region(request: pytest.FixtureRequest) -> Region:
    name = str(request.param)
    pack, freight, base = (request.getfixturevalue(name + part) for part in ("", "_freight", "_base"))
    return Region(pack, freight, base, {"strait": "strait-bridge", "caspian": "rail-rasht-astara"}[name])
