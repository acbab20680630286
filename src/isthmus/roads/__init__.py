"""Road networks of the field's formats, assigned: TNTP, GMNS and OMX in, flows and skims out."""

from isthmus.roads.assigning import Assignment, assign, select_link
from isthmus.roads.network import RoadNetwork
from isthmus.roads.reading import read_network, read_trips
from isthmus.roads.writing import refuse_flows, refuse_skims, write_flows, write_skims

__all__ = [
    "Assignment",
    "RoadNetwork",
    "assign",
    "read_network",
    "read_trips",
    "refuse_flows",
    "refuse_skims",
    "select_link",
    "write_flows",
    "write_skims",
]
