"""AequilibraE on one TNTP network to a gap of 1e-6, in an interpreter that has it; prints one JSON document."""

import json
import os
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass


def main() -> None:
    """Read, assign, print."""
    net, trips, length_weight, toll_weight = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    text = Path(net).read_text(encoding="utf-8")
    zones = int(re.search(r"<NUMBER OF ZONES>\s*(\d+)", text)[1])
    thru = int(re.search(r"<FIRST THRU NODE>\s*(\d+)", text)[1])
    rows = [line.split()[:9] for line in text.splitlines() if re.match(r"\s*\d", line)]
    cells = np.array(rows, float)
    fixed = length_weight * cells[:, 3] + toll_weight * cells[:, 8]
    constant = (cells[:, 5] == 0) | (cells[:, 4] == 0) | (cells[:, 6] == 0)
    links = pd.DataFrame(
        {
            "link_id": np.arange(1, len(cells) + 1),
            "a_node": cells[:, 0].astype(int),
            "b_node": cells[:, 1].astype(int),
            "direction": 1,
            "capacity": np.where(constant, 1e9, cells[:, 2]),
            "free_flow_time": np.maximum(cells[:, 4], 1e-9),
            "alpha": np.where(constant, 0.0, cells[:, 5]),
            "beta": np.where(constant, 1.0, np.maximum(cells[:, 6], 1.0)),
            "fixed": fixed,
        }
    )
    demand = _demand(trips, zones)
    _execute(links, demand, zones, thru, fixed.any(), 3)  # loads and compiles what it needs
    seconds, gap, total = _execute(links, demand, zones, thru, fixed.any(), 5000)
    cores = os.cpu_count()
    document = {
        "version": version("aequilibrae"),
        "cores": cores,
        "seconds": seconds,
        "gap": gap,
        "total": total,
    }
    print(json.dumps(document))


def _demand(trips: str, zones: int) -> np.ndarray:
    demand = np.zeros((zones, zones))
    origin = 0
    for line in Path(trips).read_text(encoding="utf-8").splitlines():
        begins = re.match(r"\s*Origin\s+(\d+)", line)
        if begins:
            origin = int(begins[1])
            continue
        for target, value in re.findall(r"(\d+)\s*:\s*([\d.eE+-]+)\s*;", line):
            demand[origin - 1, int(target) - 1] = float(value)
    np.fill_diagonal(demand, 0.0)
    return demand


def _execute(
    links: pd.DataFrame, demand: np.ndarray, zones: int, thru: int, has_fixed: bool, iterations: int
) -> tuple[float, float, float]:
    """Seconds, gap and total time of a run."""
    graph = Graph()
    graph.network = links
    graph.mode = "c"
    graph.prepare_graph(np.arange(1, zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_skimming(["free_flow_time"])
    graph.set_blocked_centroid_flows(thru > zones)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, zones + 1)
    matrix.matrices[:, :, 0] = demand
    matrix.computational_view(["trips"])
    assigned = TrafficClass("car", graph, matrix)
    if has_fixed:
        assigned.set_fixed_cost("fixed")
    run = TrafficAssignment()
    run.set_classes([assigned])
    run.set_vdf("BPR")
    run.set_vdf_parameters({"alpha": "alpha", "beta": "beta"})
    run.set_capacity_field("capacity")
    run.set_time_field("free_flow_time")
    run.set_algorithm("bfw")
    run.set_cores(os.cpu_count() or 1)
    run.max_iter, run.rgap_target = iterations, 1e-6
    before = time.perf_counter()
    run.execute()
    seconds = time.perf_counter() - before
    results = run.results()
    total = float((results["PCE_tot"] * results["Congested_Time_Max"]).sum())
    return seconds, float(run.assignment.rgap), total


main()
