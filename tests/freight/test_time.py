"""What time does to demand and to new crossings: a third of the response comes within a year."""

import numpy as np
import pytest

from isthmus.evaluation.evaluation import evaluate
from isthmus.freight import Prepared, Solved, prepare
from isthmus.network import LINK, condition_of
from isthmus.pack import Pack
from isthmus.scenario import Scenario, ScenarioError, apply
from tests.freight.looking import edited, scaling, setting, using

DEAR = scaling("rates", "usd_per_tkm", 1.5)


def shipped(prepared: Prepared, start: Solved, *edits: dict[str, object]) -> np.ndarray:
    return prepared.solve(edited(prepared.pack, *edits), start=start.start).solution.shipped


def test_in_a_few_weeks_demand_answers_by_a_part_of_what_it_does_in_a_year(
    strait_freight: Prepared, strait_base: Solved
) -> None:
    before = strait_base.solution.shipped.sum()
    lost = {
        days: before - shipped(strait_freight, strait_base, DEAR, {"lasts": days}).sum()
        for days in (30, 365, 36500)
    }
    whole = before - shipped(strait_freight, strait_base, DEAR).sum()
    assert whole > 1000.0
    assert 0 < lost[30] < lost[365] < lost[36500]
    assert lost[365] / whole == pytest.approx(0.34, abs=0.06)
    assert lost[30] / whole == pytest.approx(1 - 0.66 ** (30 / 365), abs=0.02)
    assert lost[36500] == pytest.approx(whole, rel=1e-6)


def test_who_gains_is_reckoned_at_one_response(strait: Pack) -> None:
    def gained(*edits: dict[str, object]) -> float:
        scenario = Scenario.model_validate({"name": "shut", "edits": list(edits)})
        told = evaluate(strait, apply(strait, scenario), scenario).tables["gains"]
        return float(told["gain_usd"].sum())

    shut: dict[str, object] = {"close": {"services": ["ferry-rail"]}}
    assert gained({"lasts": 30}) == pytest.approx(0.0, abs=3000.0)
    long, short = gained(shut), gained(shut, {"lasts": 30})
    assert short < long < -1e5  # who cannot do without pays more
    assert short > 3.0 * long


@pytest.mark.parametrize("days", [0, -3, 40000, "soon"])
def test_a_time_that_is_none_is_refused(strait: Pack, days: object) -> None:
    with pytest.raises((ScenarioError, ValueError)):
        edited(strait, {"lasts": days})


def test_a_new_crossing_is_taken_up_over_the_years(strait: Pack) -> None:
    def share(opened: float | None) -> float:
        pack = edited(strait, setting("crossings", "bc-road", "opened", opened))
        prepared = prepare(pack)
        solved = prepared.solve(start=prepared.start)
        layout = prepared.layout
        row = int(np.flatnonzero(pack.table("crossings")["crossing"] == "bc-road")[0])
        arcs = (layout.crossing == row) & (layout.kind == LINK)
        assert condition_of(pack, layout).taken_up[~arcs].min() > 0.99999
        return float(solved.solution.flow[using(prepared, arcs)].sum())

    old, first, third, tenth = share(None), share(2023), share(2020), share(2013)
    assert first < third < tenth < old
    assert first < 0.8 * old
    assert tenth > 0.95 * old


def test_what_is_built_ahead_of_its_year_is_judged_as_it_will_be(
    strait: Pack, strait_freight: Prepared
) -> None:
    layout = strait_freight.layout
    row = int(np.flatnonzero(strait.table("crossings")["crossing"] == "bridge")[0])
    arcs = layout.crossing == row
    built = condition_of(edited(strait, {"build": "strait-bridge"}), layout).taken_up[arcs]
    assert (built == 1.0).all()
    due = condition_of(edited(strait, {"year": 2034}), layout).taken_up[arcs]
    assert due == pytest.approx(1 - 0.66**2)


def test_another_year_takes_a_crossing_up_further_on_the_same_routes(strait: Pack) -> None:
    base = edited(strait, setting("crossings", "bc-road", "opened", 2022))
    later = edited(base, {"year": 2025})
    prepared = prepare(base, others=(later,))
    ages = {pack.year: condition_of(pack, prepared.layout).taken_up.min() for pack in (base, later)}
    assert ages == {2023: pytest.approx(0.34), 2025: pytest.approx(1 - 0.66**3)}
    anew = prepared.rebased(later)
    use = [
        prepared.solve(later, start=prepared.start).problem.routes.log_size,
        anew.solve(start=anew.start).problem.routes.log_size,
    ]
    gained = use[0] - prepared.solve(start=prepared.start).problem.routes.log_size
    assert gained.max() == pytest.approx(np.log((1 - 0.66**3) / 0.34), abs=0.35)
    assert np.median(np.abs(use[0] - use[1])) < 1e-9
