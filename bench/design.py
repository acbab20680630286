"""Network design to proven optimum: all twenty public Sioux Falls instances, beside what three exact methods of 2020 reached.

Instances are read from ISTHMUS_BENCHMARKS, or shared/benchmarks beside the repository; without that folder nothing is measured.
`--limit S` is the time for each instance and budget (60 s by default; published runs had 600 s); `--instances A,B` measures some only.
What was measured so far is written after each instance and budget.
"""

import argparse
import csv
import os
import sys
from pathlib import Path

from bench import _results
from bench._results import Figure

FOLDER = (
    Path(os.environ.get("ISTHMUS_BENCHMARKS", Path(__file__).parents[2] / "shared" / "benchmarks")) / "dndp"
)
SHARES = (0.25, 0.5, 0.75)
BOUNDS = {10: 1.0, 20: 60.0}  # seconds to proof by number of candidates
_ENUMERATED = 10


def measure(words: list[str] | None = None) -> list[Figure]:
    """Wall seconds to a proven gap of 1e-6 on all cores, or the gap at the limit, for each instance and budget; small ones are enumerated
    whole beside it."""
    parser = argparse.ArgumentParser(prog="python -m bench design")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--instances", default="")
    options = parser.parse_args(words or [])
    paths = sorted(
        (FOLDER / "SiouxFalls").glob("SF_DNDP_*.txt"),
        key=lambda path: [int(part) for part in path.stem.split("_")[2:]],
    )
    if not paths:
        print(
            f"  {FOLDER} is missing; ISTHMUS_BENCHMARKS may name its parent. Nothing is measured.",
            file=sys.stderr,
        )
        return []
    chosen = set(options.instances.split(",")) - {""}
    published = _published()
    figures: list[Figure] = []
    _warm_up(paths[0])
    for path in paths:
        if not chosen or path.stem in chosen:
            for share in SHARES:
                figures += _measured(path, share, options.limit, published)
                _results.write("design", figures)
    return figures


def _warm_up(path: Path) -> None:
    """Load the compiled kernels, which is no part of the search."""
    from isthmus.portfolio import design, read_instance

    instance = read_instance(path)
    design(instance, 0.5 * float(instance.cost.sum()), time_limit=5.0)


def _published() -> dict[tuple[str, int], list[dict[str, str]]]:
    found: dict[tuple[str, int], list[dict[str, str]]] = {}
    with (FOLDER / "published_2020.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["demand_pct"] == "100":
                found.setdefault((row["instance"], int(row["budget_pct"])), []).append(row)
    return found


def _measured(
    path: Path, share: float, limit: float, published: dict[tuple[str, int], list[dict[str, str]]]
) -> list[Figure]:
    from isthmus.portfolio import design, enumerate_designs, read_instance

    instance = read_instance(path)
    budget = share * float(instance.cost.sum())
    found = design(instance, budget, time_limit=limit, threads=os.cpu_count() or 1)
    name, percent = f"{path.stem} at {share:.0%}", round(100 * share)
    print(f"  {name}: {found.total:,.1f}, gap {found.gap:.1e}, {found.seconds:.1f} s", file=sys.stderr)
    rows = published.get((path.stem, percent), [])
    beside = ""
    if rows:
        best = min(float(row["total_travel_time_of_best"]) for row in rows)
        times = ", ".join(f"{row['method']} {row['time_s']} s to {row['gap_pct']} %" for row in rows)
        beside = f"; published best {best:,.1f} k, {times}"
    how = f"best {found.total:,.1f}, gap {found.gap:.0e}, {found.nodes:,} nodes, {found.equilibria:,} equilibria{beside}"
    candidates = instance.cost.size
    figures = [
        Figure(
            name, found.seconds, "s", BOUNDS.get(candidates), how if found.proven else f"not proven: {how}"
        )
    ]
    if not found.proven:
        figures.append(Figure(f"{name}, gap at the limit", found.gap, "1", 1e-6))
    if candidates <= _ENUMERATED:
        least, built, count = enumerate_designs(instance, budget)
        same = bool((built == found.built).all())
        how = f"{count:,} designs enumerated: least {least:,.1f}, {'the same design' if same else 'ANOTHER DESIGN'}"
        figures.append(
            Figure(f"{name}, off the enumerated optimum", abs(found.total / least - 1.0), "1", 1e-6, how)
        )
    return figures
