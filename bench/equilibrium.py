"""User equilibrium on public road networks: times to gaps, restarts, memory, and a peer beside it.

Networks are read from ISTHMUS_BENCHMARKS, or shared/benchmarks beside the repository; without that folder nothing is measured.
`--aequilibrae PYTHON` names an interpreter that has AequilibraE, which is then run on the same networks in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._results import Figure

FOLDER = Path(os.environ.get("ISTHMUS_BENCHMARKS", Path(__file__).parents[2] / "shared" / "benchmarks"))

# Seconds of the best C code known (Algorithm B, 2 threads) to 1e-6 and 1e-12, as measured on a machine like this one.
REFERENCE = {
    "SiouxFalls": (0.014, 0.040),
    "Anaheim": (0.013, 0.043),
    "Barcelona": (0.20, 0.39),
    "Winnipeg": (0.35, 1.2),
    "Chicago-Sketch": (0.39, 1.2),
}
WEIGHTS = {"Chicago-Sketch": (0.04, 0.02)}
GAPS = (1e-4, 1e-6, 1e-10, 1e-12)
PEER = ("SiouxFalls", "Anaheim", "Chicago-Sketch")
RESTARTED = "Chicago-Sketch"


def measure(words: list[str] | None = None) -> list[Figure]:
    """Figures of all networks; seconds are CPU time of the solve, one thread, without input and layout."""
    parser = argparse.ArgumentParser(prog="python -m bench equilibrium")
    parser.add_argument("--aequilibrae", metavar="PYTHON", help="an interpreter that has AequilibraE")
    options = parser.parse_args(words or [])
    if not (FOLDER / "tntp").is_dir():
        print(f"  {FOLDER} is missing; ISTHMUS_BENCHMARKS may name it. Nothing is measured.", file=sys.stderr)
        return []
    figures: list[Figure] = []
    for name, reference in REFERENCE.items():
        figures += _network(name, reference)
    figures += _restarts() + _memory() + _starts()
    if not options.aequilibrae:
        print("  no --aequilibrae PYTHON: AequilibraE is not run", file=sys.stderr)
        return figures
    return figures + _peers(options.aequilibrae)


def _prepared(name: str) -> Any:
    from isthmus.assignment import PreparedRoads, RoadProblem
    from isthmus.roads import read_network, read_trips

    net, trips = _files(name)
    length, toll = WEIGHTS.get(name, (0.0, 0.0))
    network = read_network(net, length_weight=length, toll_weight=toll)
    return PreparedRoads(RoadProblem(network.roads, read_trips(trips, network)))


def _files(name: str) -> tuple[Path, Path]:
    folder, stem = FOLDER / "tntp" / name, name.replace("-", "")
    return folder / f"{stem}_net.tntp", folder / f"{stem}_trips.tntp"


def _best(prepared: Any, gap: float, times: int = 5, **options: Any) -> tuple[float, float, Any]:
    """Least wall and CPU seconds of some solves to a gap, and the last of them."""
    wall = cpu = float("inf")
    for _ in range(times):
        before, used = time.perf_counter(), time.process_time()
        solution = prepared.solve(gap=gap, **options)
        wall, cpu = min(wall, time.perf_counter() - before), min(cpu, time.process_time() - used)
    return wall, cpu, solution


def _network(name: str, reference: tuple[float, float]) -> list[Figure]:
    prepared = _prepared(name)
    prepared.solve(gap=1e-2)
    figures = []
    bounds = {1e-6: reference[0], 1e-10: reference[1], 1e-12: reference[1]}
    for gap in GAPS:
        wall, cpu, solution = _best(prepared, gap)
        certificate = solution.certificate
        how = f"gap {certificate.gap:.1e} in {certificate.iterations} passes, one thread; {wall:.4f} s of wall time"
        if gap in bounds:
            how += f"; the bound is the C code's time to {'1e-6' if gap == 1e-6 else '1e-12'}"
        figures.append(Figure(f"{name}, gap {gap:.0e}", cpu, "s", bounds.get(gap), how))
    return figures


def _restarts() -> list[Figure]:
    """Every arc's capacity halved in turn, solved from the base."""
    import statistics

    import numpy as np

    from isthmus.assignment import RoadChange

    prepared = _prepared(RESTARTED)
    _, cold, base = _best(prepared, 1e-6)
    capacity = prepared.problem.roads.capacity
    seconds = []
    for arc in range(capacity.size):
        change = RoadChange(capacity=np.where(np.arange(capacity.size) == arc, 0.5, 1.0) * capacity)
        before = time.process_time()
        found = prepared.solve(change, base.start, gap=1e-6)
        seconds.append(time.process_time() - before)
        assert found.certificate.converged
    how = f"{RESTARTED}, one arc's capacity halved, gap 1e-6, over all {capacity.size:,} arcs; cold {cold:.3f} s"
    return [
        Figure(
            "restart, median", statistics.median(seconds), "s", cold / 10.0, how + "; bound a tenth of that"
        ),
        Figure("restart, mean", statistics.fmean(seconds), "s", None, how),
        Figure("restart, dearest arc", max(seconds), "s", None, how),
    ]


def _memory() -> list[Figure]:
    """Bytes of paths and trees that a solution holds, by origin and link."""
    from isthmus.assignment.arrays import ARCS, PATHS

    prepared = _prepared(RESTARTED)
    state = prepared.solve(gap=1e-6).start.state
    used = int(state.counts[ARCS]) * 4 + int(state.counts[PATHS]) * 48 + 2 * state.trees.arrival.nbytes
    each = used / (prepared.sources.node.size * prepared.graph.head.size)
    return [
        Figure("bytes per origin-link", each, "B", None, f"{RESTARTED}: paths and trees at gap 1e-6, by origins × links"),
        Figure("a million links", each * 1e6 * 1000 / 1e9, "GB", None, "at that rate, for a thousand origins"),
    ]  # fmt: skip


def _starts() -> list[Figure]:
    """First solve ever, and first solve of a second process, import included."""
    code = (
        "import time; before = time.perf_counter()\n"
        "from isthmus.assignment import Deterministic, RoadProblem, Roads, Trips, solve\n"
        "import numpy as np; i = np.arange(2); x = np.ones(2)\n"
        "roads = Roads(2, i, 1 - i, x, x, x, x, x > 0, np.zeros((1, 2)))\n"
        "solve(RoadProblem(roads, Trips(i, 1 - i, x, 0 * i)), Deterministic())\n"
        "print(time.perf_counter() - before)"
    )
    with tempfile.TemporaryDirectory() as empty:
        seconds = [
            float(
                subprocess.run(
                    [sys.executable, "-c", code], check=True, capture_output=True, text=True,
                    env={**_environment(), "ISTHMUS_CACHE": empty},
                ).stdout
            )
            for _ in range(4)
        ]  # fmt: skip
    return [
        Figure(
            "first process", seconds[0], "s", 20.0, "import, compilation and a solve of two arcs, empty cache"
        ),
        Figure(
            "second process", min(seconds[1:]), "s", 1.0, "the same with compiled kernels, least of three"
        ),
    ]


def _environment() -> dict[str, str]:
    root = Path(__file__).parents[1]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}


def _peers(python: str) -> list[Figure]:
    """AequilibraE's biconjugate Frank-Wolfe to 1e-6 on all cores, ours beside it."""
    figures = []
    for name in PEER:
        wall, _, ours = _best(_prepared(name), 1e-6)
        net, trips = _files(name)
        length, toll = WEIGHTS.get(name, (0.0, 0.0))
        print(f"  AequilibraE on {name}", file=sys.stderr)
        done = subprocess.run(
            [python, str(Path(__file__).with_name("_aequilibrae.py")), str(net), str(trips), str(length), str(toll)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},  # its threads must not spin on a busy machine

        )  # fmt: skip
        if done.returncode:
            print(f"  AequilibraE failed on {name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            continue
        theirs = json.loads(done.stdout.strip().splitlines()[-1])
        how = (
            f"AequilibraE {theirs['version']}, biconjugate Frank-Wolfe, {theirs['cores']} cores: gap {theirs['gap']:.1e} in "
            f"{theirs['seconds']:.2f} s, all travel {theirs['total']:,.0f}; "
            f"ours {wall:.4f} s of wall time, weights included {ours.certificate.total:,.0f}"
        )
        figures.append(
            Figure(f"{name}, times faster than AequilibraE", theirs["seconds"] / wall, "×", None, how)
        )
    return figures
