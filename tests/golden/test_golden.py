"""Figures of caspian that a planner knows stay where they are, or the CHANGELOG says why they moved."""

import pytest

from isthmus import run
from tests.golden.figures import figures, golden


@pytest.fixture(scope="module")
def found() -> dict[str, float]:
    return figures(run("caspian"))


def test_the_same_figures_are_known_and_found(found: dict[str, float]) -> None:
    assert set(found) == set(golden())
    assert 90 <= len(found) <= 100


@pytest.mark.parametrize(("name", "expected"), list(golden().items()))
def test_a_figure_stays_within_its_tolerance(
    name: str, expected: tuple[float, float], found: dict[str, float]
) -> None:
    value, tolerance = expected
    assert found[name] == pytest.approx(value, rel=tolerance)
