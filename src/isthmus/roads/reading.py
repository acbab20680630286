"""Which format a file is in, and the problem that a network and trips make."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from isthmus._errors import UserError
from isthmus.assignment import Trips
from isthmus.roads import gmns, tntp
from isthmus.roads.network import Reading, RoadNetwork
from isthmus.store import read_omx

Cells = list[tuple[int, str, str, float]]


def read_network(path: Path, *, length_weight: float = 0.0, toll_weight: float = 0.0) -> RoadNetwork:
    """A network: a TNTP file, or a folder (or the link.csv in one) in GMNS.

    Parameters
    ----------
    path : Path
        `*_net.tntp`, a folder with node.csv and link.csv, or such a link.csv.
    length_weight, toll_weight : float
        Time that a unit of length and of toll are worth.

    Raises
    ------
    UserError
        With everything that is wrong in the files.
    """
    for name, weight in (("length", length_weight), ("toll", toll_weight)):
        if not 0.0 <= weight < math.inf:
            raise UserError(f"Weight of {name} {weight:g}: expected a number from 0.")
    if path.suffix.lower() == ".csv":
        path = path.parent
    readings: list[Reading] = []
    if path.is_dir():
        network = gmns.read_folder(path, readings, length_weight, toll_weight)
    else:
        readings.append(Reading(path.name))
        text = _text(path, "network")
        if not tntp.is_tntp(text):
            raise UserError(
                f"Not a network: {path}; expected a TNTP file (<NUMBER OF ZONES> first) or a GMNS folder."
            )
        network = tntp.read_net(path, text, readings[0], length_weight, toll_weight)
    problems = [problem for reading in readings for problem in reading.problems]
    if network is None or problems:
        raise UserError(f"Network {path} cannot be used:", problems)
    return network


def read_trips(path: Path, network: RoadNetwork, *, matrix: str = "") -> Trips:
    """Trips between the zones of a network: a TNTP file, a GMNS demand.csv, or a matrix of an OMX file.

    Parameters
    ----------
    path : Path
        `*_trips.tntp`, `*.csv` with o_zone_id, d_zone_id and volume, or `*.omx`.
    network : RoadNetwork
        Whose zones the trips name.
    matrix : str
        Which matrix of an OMX file; not needed where there is one.

    Raises
    ------
    UserError
        With everything that is wrong in the file.
    """
    reading = Reading(path.name)
    suffix = path.suffix.lower()
    if suffix == ".omx":
        cells = _matrix_cells(path, reading, matrix)
    elif suffix == ".csv":
        cells = gmns.read_demand(path, reading)
    else:
        cells = tntp.read_od(_text(path, "trips"), reading)
    totals: dict[tuple[int, int], float] = {}
    where = "row" if suffix == ".omx" else "line"
    for line, origin, destination, trips in cells:
        for column, zone in (("origin", origin), ("destination", destination)):
            if zone not in network.zones:
                reading.wrong(line, column, zone, "a zone of the network")
        if origin in network.zones and destination in network.zones:
            key = (network.zones[origin], network.zones[destination])
            if key in totals and suffix != ".csv":
                reading.wrong(
                    line, "destination", destination, f"one cell for each pair; an earlier {where} has it"
                )
            totals[key] = totals.get(key, 0.0) + trips
    if not totals and not reading.problems:
        reading.wrong(0, "", "", "expected trips above 0")
    if reading.problems:
        raise UserError(f"Trips {path} cannot be used:", reading.problems)
    pairs = np.array(list(totals), np.int64)
    return Trips(pairs[:, 0], pairs[:, 1], np.array(list(totals.values())), np.zeros(len(totals), np.int64))


def _matrix_cells(path: Path, reading: Reading, matrix: str) -> Cells:
    try:
        matrices, zones = read_omx(path)
    except (OSError, KeyError, ValueError) as error:
        reading.wrong(0, "", "", f"expected an OMX file: {error}")
        return []
    if matrix not in matrices and (matrix or len(matrices) != 1):
        reading.wrong(0, "", matrix, f"expected --matrix, one of: {', '.join(matrices)}")
        return []
    values = matrices[matrix or next(iter(matrices))]
    for i, j in np.argwhere(~(np.isfinite(values) & (values >= 0.0))).tolist():
        reading.wrong(i + 1, zones[j], f"{values[i, j]:g}", "a number from 0")
    return [(i + 1, zones[i], zones[j], float(values[i, j])) for i, j in np.argwhere(values > 0.0).tolist()]


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"The {what} {path} cannot be read: {reason}") from error
