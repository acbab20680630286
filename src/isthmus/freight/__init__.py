"""Freight: prepare a region's markets and solve them."""

from isthmus.freight.itineraries import CRITERIA, Router, Way, segment_called, with_zone
from isthmus.freight.observed import observed_routes
from isthmus.freight.outcome import Outcome, outcome_of, pools_of
from isthmus.freight.prepared import Pivot, Prepared, Solved, prepare
from isthmus.freight.sheets import sheets_of
from isthmus.freight.skims import MEASURES, segments_called, skims_of

__all__ = [
    "CRITERIA",
    "MEASURES",
    "Outcome",
    "Pivot",
    "Prepared",
    "Router",
    "Solved",
    "Way",
    "observed_routes",
    "outcome_of",
    "pools_of",
    "prepare",
    "segment_called",
    "segments_called",
    "sheets_of",
    "skims_of",
    "with_zone",
]
