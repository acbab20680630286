"""The default region: cold and warm solves, itineraries, commands, the first run after installing."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench._results import Figure, cpu_seconds

_FIRST = "first run of `isthmus run` with an empty cache of compiled code, wall seconds"


def measure() -> list[Figure]:
    """Figures of the region, CPU seconds unless they say otherwise."""
    from isthmus.evaluation import route
    from isthmus.freight import prepare
    from isthmus.pack import load

    pack = load("caspian")
    prepared = prepare(pack)
    base = prepared.solve(start=prepared.start)
    prepare_s = cpu_seconds(lambda: prepare(pack))
    whole_s = cpu_seconds(lambda: _from_nothing(pack))
    cold_s = cpu_seconds(prepared.solve)
    warm, gaps = _warm(prepared, base)
    route_s = cpu_seconds(lambda: route("chn-xian", "geo-poti", region=pack))
    command = [sys.executable, "-m", "isthmus"]
    sizes = f"{len(pack.table('links')):,} links, {prepared.routes.market.size:,} routes, {base.demand.market.size:,} markets by segment"
    return [
        Figure("equilibrium, cold", cold_s, "s", 2.0, f"prepared region solved without a start; {sizes}"),
        Figure(
            "gap reached", base.solution.certificate.gap, "USD a year", 2000.0, "primal-dual gap of the base"
        ),
        Figure("layout, route sets, pivot", prepare_s, "s", None, "once per layout"),
        Figure("whole: layout to certificate", whole_s, "s", 3.6, "prepare and solve, tables in memory"),
        Figure(
            "warm, one link closed",
            statistics.median(warm),
            "s",
            0.4,
            f"median over all {len(warm):,} links open in the base year",
        ),
        Figure("warm, dearest link", max(warm), "s", None, "the same, greatest"),
        Figure("warm, greatest gap", max(gaps), "USD a year", 2000.0, "greatest gap of those"),
        Figure("route, call", route_s, "s", 0.2, "five itineraries from Xi'an to Poti, region loaded"),
        Figure(
            "route, command",
            cpu_seconds(lambda: _run([*command, "route", "chn-xian", "geo-poti"])),
            "s",
            2.0,
            "`isthmus route`",
        ),
        Figure(
            "run, command",
            cpu_seconds(lambda: _run([*command, "run"]), 3),
            "s",
            None,
            "`isthmus run`, tables printed",
        ),
        Figure(
            "help", cpu_seconds(lambda: _run([*command, "run", "--help"])), "s", 0.5, "`isthmus run --help`"
        ),
        Figure("first run", _first_run(command), "s", 60.0, _FIRST),
        Figure("memory", _peak_memory(command), "MB", 1000.0, "greatest resident set of `isthmus run`"),
        *_slowest(pack),
    ]


def _from_nothing(pack: object) -> None:
    from isthmus.freight import prepare

    prepared = prepare(pack)  # type: ignore[arg-type]
    prepared.solve(start=prepared.start)


def _warm(prepared, base):  # type: ignore[no-untyped-def]
    """CPU seconds and gaps of the solve after each link is closed, from the prices of the base; applying the edit is not timed."""
    from isthmus.scenario import Scenario, apply

    links = prepared.pack.table("links")
    seconds, gaps = [], []
    for link in links["link"][links["status"].isin(["open", "limited"])]:
        scenario = Scenario.model_validate({"name": "closed", "edits": [{"close": {"links": [link]}}]})
        edited = apply(prepared.pack, scenario)
        before = time.process_time()
        solved = prepared.solve(edited, base.start)
        seconds.append(time.process_time() - before)
        gaps.append(solved.solution.certificate.gap)
    return seconds, gaps


def _slowest(pack: object) -> list[Figure]:
    """The ten functions in which layout, route sets, pivot and solve spend most time of their own."""
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(_from_nothing, pack)
    entries = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    parts = sorted(((own, name) for name, (_, _, own, _, _) in entries), reverse=True)[:10]
    return [
        Figure(f"part {rank}: {Path(file).stem}.{function}", own, "s", None, "own time, under the profiler")
        for rank, (own, (file, _, function)) in enumerate(parts, start=1)
    ]


def _peak_memory(command: list[str]) -> float:
    """Greatest resident set of a run in a process of its own, MB."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "run"], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _first_run(command: list[str]) -> float:
    with tempfile.TemporaryDirectory() as empty:
        before = time.perf_counter()
        environment = {**os.environ, "ISTHMUS_CACHE": empty}
        subprocess.run(
            [*command, "run"],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return time.perf_counter() - before
