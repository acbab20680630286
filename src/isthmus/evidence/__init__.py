"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""

from isthmus.evidence.backtest import Backtest, backtest, backtest_manifest, write_backtest
from isthmus.evidence.calibrate import (
    Calibration,
    calibrate,
    calibration_manifest,
    write_calibration,
    write_scenario,
)
from isthmus.evidence.closures import queue_of, waiting
from isthmus.evidence.eventfiles import Event, EventError, read_events
from isthmus.evidence.events import Events, events, write_events
from isthmus.evidence.events import manifest_of as events_manifest

__all__ = [
    "Backtest",
    "Calibration",
    "Event",
    "EventError",
    "Events",
    "backtest",
    "backtest_manifest",
    "calibrate",
    "calibration_manifest",
    "events",
    "events_manifest",
    "queue_of",
    "read_events",
    "waiting",
    "write_backtest",
    "write_calibration",
    "write_events",
    "write_scenario",
]
