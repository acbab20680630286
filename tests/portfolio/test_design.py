"""Network design against enumeration, hand-made cases and public instances."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus._errors import UserError
from isthmus.assignment import PreparedRoads, RoadChange, RoadProblem, Roads, Trips
from isthmus.portfolio import DesignInstance, design, enumerate_designs, read_instance
from isthmus.portfolio.completions import complete
from isthmus.portfolio.leaves import Leaves
from isthmus.portfolio.nodes import Looker
from isthmus.portfolio.relaxation import UNDECIDED, Relaxation
from tests.benchmarks import FOLDER

BRAESS = [(0, 2, 0.0, 10.0), (0, 3, 50.0, 1.0), (2, 1, 50.0, 1.0), (3, 1, 0.0, 10.0), (2, 3, 10.0, 1.0)]


def instance_of(seed: int, candidates: int = 6) -> DesignInstance:
    """A ring with chords, of which some may be built."""
    rng = np.random.default_rng(seed)
    nodes = 7
    tail, head = list(range(nodes)), [(i + 1) % nodes for i in range(nodes)]
    tail, head = tail + head, head + tail
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if abs(a - b) not in (0, 1, nodes - 1)]
    chosen = [pairs[i] for i in rng.permutation(len(pairs))[:candidates]]
    old = len(tail)
    tail, head = tail + [a for a, _ in chosen], head + [b for _, b in chosen]
    arcs = len(tail)
    roads = Roads(
        nodes, np.array(tail), np.array(head), rng.uniform(2.0, 9.0, arcs), np.full(arcs, 0.15), rng.uniform(20.0, 60.0, arcs),
        np.full(arcs, 4.0), np.ones(nodes, bool), np.zeros((1, arcs)),
    )  # fmt: skip
    every = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    trips = Trips(
        np.array([a for a, _ in every]),
        np.array([b for _, b in every]),
        rng.uniform(0.5, 6.0, len(every)),
        np.zeros(len(every), int),
    )
    cost = rng.uniform(1.0, 3.0, candidates)
    return DesignInstance(
        f"ring {seed}", roads, trips, np.arange(old, arcs), cost, tuple(f"{a}-{b}" for a, b in chosen)
    )


def braess(cost: float = 1.0) -> DesignInstance:
    """The network whose bridge makes everybody later."""
    tail, head, free, slope = (np.array(column) for column in zip(*BRAESS, strict=True))
    rise = np.where(free > 0.0, slope / np.maximum(free, 1e-9), slope / 1e-6)
    roads = Roads(
        4,
        tail,
        head,
        np.where(free > 0.0, free, 1e-6),
        rise,
        np.ones(5),
        np.ones(5),
        np.ones(4, bool),
        np.zeros((1, 5)),
    )
    trips = Trips(np.array([0]), np.array([1]), np.array([6.0]), np.array([0]))
    return DesignInstance("braess", roads, trips, np.array([4]), np.array([cost]), ("bridge",))


def bounds_of(instance: DesignInstance, share: float) -> tuple[Relaxation, Leaves, float]:
    """What bounds and solves the designs of an instance, and the budget that is a share of all its candidates."""
    budget = share * float(instance.cost.sum())
    return Relaxation(instance, budget), Leaves(instance), budget


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.sampled_from([0.25, 0.5, 0.75]))
def test_the_optimum_is_that_of_enumeration(seed: int, share: float) -> None:
    instance = instance_of(seed)
    budget = share * float(instance.cost.sum())
    found = design(instance, budget)
    least, built, _ = enumerate_designs(instance, budget)
    assert found.proven and found.cost <= budget * (1 + 1e-9)
    assert found.total == pytest.approx(least, rel=1e-6)
    assert found.total == pytest.approx(Leaves(instance).total(found.built), rel=1e-9)
    assert found.bound <= least * (1 + 1e-9)
    assert (built == found.built).all() or found.total <= least * (1 + 1e-6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_a_bound_is_never_above_what_any_completion_reaches(seed: int) -> None:
    instance, rng = instance_of(seed, 5), np.random.default_rng(seed)
    relaxation, leaves, budget = bounds_of(instance, 0.5)
    root = relaxation.root()
    partial = np.where(rng.random(5) < 0.4, rng.integers(0, 2, 5), UNDECIDED)
    if instance.cost[partial == 1].sum() > budget:
        return
    for multiplier in (root.multiplier / 3.0, root.multiplier, 5.0 * root.multiplier):
        bound = relaxation.bound(partial, multiplier, root.start, np.inf)
        for built in designs_of(partial):
            if instance.cost[built].sum() <= budget:
                total = leaves.total(built)
                assert bound.value <= total * (1 + 1e-9)
                assert bound.value + bound.loss[~built].max(initial=0.0) <= total * (1 + 1e-9)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_a_cut_is_never_above_what_any_single_completion_takes(seed: int) -> None:
    instance, rng = instance_of(seed, 5), np.random.default_rng(seed)
    relaxation, leaves, _ = bounds_of(instance, 0.5)
    root = relaxation.root()
    partial = np.where(rng.random(5) < 0.3, rng.integers(0, 2, 5), UNDECIDED)
    cuts = [
        cut
        for multiplier in (0.0, root.multiplier / 3.0, root.multiplier, 5.0 * root.multiplier)
        for cut in relaxation.bound(partial, multiplier, root.start, np.inf, tries=2).cuts
    ]
    assert len(cuts) >= 4
    nearest = 0.0
    for built in designs_of(partial):
        total = leaves.total(built)
        for cut in cuts:
            assert cut.base - cut.worth @ built <= total * (1 + 1e-9)
            nearest = max(nearest, (cut.base - cut.worth @ built) / total)
    assert nearest > 0.85


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_of_a_partial_design_nothing_is_left_out_that_may_be_better(seed: int) -> None:
    instance, rng = instance_of(seed, 6), np.random.default_rng(seed)
    relaxation, leaves, budget = bounds_of(instance, 0.6)
    root = relaxation.root()
    partial = np.where(rng.random(6) < 0.3, 0, UNDECIDED)
    bound = relaxation.bound(partial, root.multiplier, root.start, np.inf)
    within = [built for built in designs_of(partial) if instance.cost[built].sum() <= budget]
    totals = [leaves.total(built) for built in within]
    for enough in (min(totals) * (1 + 1e-6), float(np.median(totals)), np.inf):
        left = complete(partial, bound.cuts, instance.cost, budget, enough, 64)
        kept = {built.tobytes() for built in left.first}
        assert len(kept) == left.count <= len(within)
        for built, total in zip(within, totals, strict=True):
            bounded = max(cut.base - cut.worth @ built for cut in bound.cuts)
            assert built.tobytes() in kept or bounded >= enough
            assert built.tobytes() in kept or total >= enough
        assert not left.first[:, left.never].any() and left.first[:, left.always].all()
    assert left.count == len(within)


def designs_of(partial: np.ndarray) -> list[np.ndarray]:
    """All completions of a partial design."""
    every = [np.array([code >> i & 1 for i in range(partial.size)], bool) for code in range(2**partial.size)]
    return [built for built in every if ((partial == UNDECIDED) | (partial == built)).all()]


def test_a_budget_in_the_bound_is_worth_more_than_leblanc_s() -> None:
    instance = instance_of(3, 8)
    everything = (
        PreparedRoads(RoadProblem(instance.roads, instance.trips, "system")).solve(gap=1e-8).certificate.total
    )
    bound = Relaxation(instance, 0.25 * float(instance.cost.sum())).root().value
    assert bound > everything * 1.001


def test_a_bridge_that_makes_everybody_later_is_not_built() -> None:
    found = design(braess(), 10.0)
    assert found.links == () and found.proven
    assert found.total == pytest.approx(498.0, rel=1e-5)
    with_bridge = Leaves(braess()).total(np.array([True]))
    assert with_bridge == pytest.approx(552.0, rel=1e-5)


def test_a_budget_of_nothing_builds_nothing_and_one_of_all_may_build_all() -> None:
    instance = instance_of(5)
    assert design(instance, 0.0).links == ()
    assert design(instance, 1e9).total <= design(instance, 0.5 * float(instance.cost.sum())).total * (
        1 + 1e-9
    )


def test_the_answer_is_the_same_on_one_core_and_on_many() -> None:
    instance = instance_of(11, 8)
    budget = 0.5 * float(instance.cost.sum())
    one, four = (design(instance, budget, threads=threads) for threads in (1, 4))
    assert (one.built == four.built).all()
    assert (one.total, one.bound, one.nodes, one.equilibria) == (
        four.total,
        four.bound,
        four.nodes,
        four.equilibria,
    )


def test_a_search_that_was_stopped_goes_on_and_ends_alike(tmp_path: Path) -> None:
    instance = instance_of(11, 8)
    budget = 0.5 * float(instance.cost.sum())
    whole = design(instance, budget)
    file = tmp_path / "search.json"
    first = design(instance, budget, time_limit=0.0, saved=file)
    assert not first.proven and first.gap > 0.0 and first.bound <= whole.total <= first.total
    assert json.loads(file.read_text())["nodes"]
    after = design(instance, budget, saved=file)
    assert after.proven and after.total == pytest.approx(whole.total, rel=1e-9)
    assert after.seconds >= first.seconds
    with pytest.raises(UserError, match="another instance or budget"):
        design(instance, budget / 2, saved=file)
    file.write_text("{}")
    with pytest.raises(UserError, match="no search that was saved"):
        design(instance, budget, saved=file)


def test_an_interrupted_search_loses_no_open_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = instance_of(11, 8)
    budget = 0.5 * float(instance.cost.sum())
    whole = design(instance, budget)
    look, calls = Looker.look, []

    def interrupted(self: Looker, *given: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return look(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Looker, "look", interrupted)
    file = tmp_path / "search.json"
    with pytest.raises(KeyboardInterrupt):
        design(instance, budget, threads=1, saved=file)
    monkeypatch.undo()
    assert design(instance, budget, saved=file).total == pytest.approx(whole.total, rel=1e-9)


def test_a_link_without_rise_or_to_nowhere_needs_no_price() -> None:
    instance = instance_of(2)
    rise = instance.roads.rise.copy()
    rise[instance.candidates[:2]] = 0.0
    flat = replace(instance, roads=replace(instance.roads, rise=rise))
    budget = 0.5 * float(flat.cost.sum())
    assert design(flat, budget).total == pytest.approx(enumerate_designs(flat, budget)[0], rel=1e-6)


def test_floors_make_a_marginal_time_that_never_falls_below_its_value_there() -> None:
    instance = instance_of(4, 3)
    prepared = PreparedRoads(RoadProblem(instance.roads, instance.trips, "system"))
    floor = np.zeros(instance.roads.tail.size)
    floor[instance.candidates] = 30.0
    found = prepared.solve(RoadChange(floor=floor), gap=1e-10).certificate
    plain = prepared.solve(gap=1e-10).certificate
    assert found.objective > plain.objective
    assert found.objective - found.bound <= 1e-6 * found.objective


@pytest.mark.parametrize("name", ["SF_DNDP_10_1", "SF_DNDP_10_7"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_public_instance_is_solved_to_the_enumerated_optimum(name: str, share: float) -> None:
    path = FOLDER / "dndp" / "SiouxFalls" / f"{name}.txt"
    if not path.is_file():
        pytest.skip(f"{path} is missing; ISTHMUS_BENCHMARKS may name the folder of public problems")
    instance = read_instance(path)
    budget = share * float(instance.cost.sum())
    found = design(instance, budget)
    assert found.proven
    assert found.total == pytest.approx(enumerate_designs(instance, budget)[0], rel=1e-6)
    if share == 0.5 and name == "SF_DNDP_10_1":
        assert found.total == pytest.approx(5_678_135, abs=1.0)


def instance_files(
    folder: Path, new: str = "\t1\t2\t50\t1\t2\t0.15\t4\t0\t0\t1\t7\t;", count: int = 1
) -> Path:
    net = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 2\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 2\n"
    net += f"<NUMBER OF NEW LINKS> {count}\n<END OF METADATA>\n~ header\n"
    net += "\t1\t2\t50\t1\t3\t0.15\t4\t0\t0\t1\t0\t;\n\t2\t1\t50\t1\t3\t0.15\t4\t0\t0\t1\t0\t;\n" + new + "\n"
    (folder / "net.txt").write_text(net)
    (folder / "trips.txt").write_text(
        "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 10.0\n<END OF METADATA>\nOrigin 1\n 2 : 10.0;\n"
    )
    return folder / "net.txt"


def test_an_instance_is_read_with_its_new_links_and_their_costs(tmp_path: Path) -> None:
    instance = read_instance(instance_files(tmp_path), demand=2.0)
    assert (
        instance.cost.tolist() == [7.0] and instance.links == ("1-2",) and instance.candidates.tolist() == [2]
    )
    assert instance.trips.trips.sum() == 20.0


@pytest.mark.parametrize(
    ("new", "count", "message"),
    [
        ("\t1\t2\t50\t1\t2\t0.15\t4\t0\t0\t1\t;", 1, "line 10, cost: a new link has its cost in column 11"),
        ("\t1\t2\t50\t1\t2\t0.15\t4\t0\t0\t1\tseven\t;", 1, "seven"),
        ("\t1\t2\t50\t1\t2\t0.15\t4\t0\t0\t1\t0\t;", 1, "a cost above 0"),
        ("\t1\t2\t50\t1\t2\t0.15\t4\t0\t0\t1\t7\t;", 2, "the 3 rows there are less 2 new ones"),
        ("", 0, "nothing to build"),
    ],
)
def test_what_is_wrong_in_an_instance_is_said(tmp_path: Path, new: str, count: int, message: str) -> None:
    with pytest.raises(UserError) as error:
        read_instance(instance_files(tmp_path, new, count))
    assert message.rsplit(": ", maxsplit=1)[-1] in str(error.value)


@pytest.mark.parametrize(
    "given", [{"budget": -1.0}, {"budget": 1.0, "gap": float("nan")}, {"budget": 1.0, "time_limit": -1.0}]
)
def test_numbers_out_of_range_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(UserError, match="expected a number"):
        design(braess(), **given)  # type: ignore[arg-type]
