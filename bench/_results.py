"""Figures as JSON with commit, machine and load, and the page made from them."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
PAGE = Path(__file__).parent / "README.md"


@dataclass(frozen=True)
class Figure:
    """One measured figure: what, value and unit, the bound it has to keep (None: none), and how it was taken."""

    what: str
    value: float
    unit: str
    bound: float | None = None
    how: str = ""


def cpu_seconds(work: Callable[[], Any], times: int = 5) -> float:
    """Least CPU time of the process and its children over some runs of `work`, seconds."""
    best = float("inf")
    for _ in range(times):
        before = os.times()
        work()
        after = os.times()
        best = min(best, sum(after[:4]) - sum(before[:4]))
    return best


@cache
def reference_seconds() -> float:
    """CPU seconds of a fixed piece of linear algebra (Cholesky factors of 1,500 rows, ten times), to compare machines by."""
    import numpy as np
    from scipy.linalg import cholesky

    matrix = np.fromfunction(lambda i, j: 1.0 / (1.0 + abs(i - j)), (1500, 1500)) + 1500 * np.eye(1500)
    return cpu_seconds(lambda: [cholesky(matrix) for _ in range(10)])


def write(name: str, figures: list[Figure]) -> None:
    """Write the figures of a bench with what they were measured on."""
    FOLDER.mkdir(exist_ok=True)
    document = {
        "bench": name,
        "commit": _git("rev-parse", "--short", "HEAD")
        + (" and uncommitted changes" if _git("status", "--porcelain", "src") else ""),
        "date": time.strftime("%Y-%m-%d"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
        },
        "reference_seconds": reference_seconds(),
        "figures": [asdict(figure) for figure in figures],
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def write_page() -> None:
    """Make bench/README.md from all results."""
    lines = [
        "# Measurements",
        "",
        "Made by `make bench` from `bench/results`; nothing here is typed by hand.",
        "",
    ]
    for path in sorted(FOLDER.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        machine = result["machine"]
        lines += [
            f"## {result['bench']}", "",
            f"Commit {result['commit']}, {result['date']}; {machine['processor']}, {machine['cores']} cores, Python {machine['python']}, "
            f"load {machine['load']:.1f}; reference (ten Cholesky factors of 1,500 rows) {result['reference_seconds']:.2f} s.", "",
            "| figure | value | bound | kept | how |", "|---|---|---|---|---|",
        ]  # fmt: skip
        for figure in result["figures"]:
            bound = figure["bound"]
            kept = "" if bound is None else ("yes" if figure["value"] <= bound else "no")
            shown = "" if bound is None else f"{bound:g} {figure['unit']}"
            lines.append(
                f"| {figure['what']} | {figure['value']:.4g} {figure['unit']} | {shown} | {kept} | {figure['how']} |"
            )
        lines.append("")
    PAGE.write_text("\n".join(lines), encoding="utf-8")


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False
    )
    return done.stdout.strip()


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
