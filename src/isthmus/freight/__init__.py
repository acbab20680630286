"""Freight: prepare a region's markets and solve them."""

from isthmus.freight.flows import along_routes, first_arcs, route_prices, teu_on
from isthmus.freight.itineraries import (
    CRITERIA,
    Router,
    Way,
    corridor_gates,
    gate_arcs,
    segment_called,
    with_zone,
)
from isthmus.freight.outcome import Outcome, corridor_routes, outcome_of, pools_of
from isthmus.freight.prepared import Pivot, Prepared, Solved, prepare
from isthmus.freight.profiles import TRUNKS
from isthmus.freight.sheets import sheets_of
from isthmus.freight.skims import MEASURES, segments_called, skims_of

__all__ = [
    "CRITERIA",
    "MEASURES",
    "TRUNKS",
    "Outcome",
    "Pivot",
    "Prepared",
    "Router",
    "Solved",
    "Way",
    "along_routes",
    "corridor_gates",
    "corridor_routes",
    "first_arcs",
    "gate_arcs",
    "outcome_of",
    "pools_of",
    "prepare",
    "route_prices",
    "segment_called",
    "segments_called",
    "sheets_of",
    "skims_of",
    "teu_on",
    "with_zone",
]
