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
from isthmus.evidence.estimation import MARK, Estimate, estimate, manifest_of, misses, write_estimate
from isthmus.evidence.eventfiles import Event, EventError, read_events
from isthmus.evidence.events import Events, events, write_events
from isthmus.evidence.events import manifest_of as events_manifest
from isthmus.evidence.rests import Variance, said_of, variance, write_variance
from isthmus.evidence.trade import MARK as TRADE_MARK
from isthmus.evidence.trade import TradePrior, import_baci, import_comext, write_prior

__all__ = [
    "MARK",
    "TRADE_MARK",
    "Backtest",
    "Calibration",
    "Estimate",
    "Event",
    "EventError",
    "Events",
    "TradePrior",
    "Variance",
    "backtest",
    "backtest_manifest",
    "calibrate",
    "calibration_manifest",
    "estimate",
    "events",
    "events_manifest",
    "import_baci",
    "import_comext",
    "manifest_of",
    "misses",
    "queue_of",
    "read_events",
    "said_of",
    "variance",
    "waiting",
    "write_backtest",
    "write_calibration",
    "write_estimate",
    "write_events",
    "write_prior",
    "write_scenario",
    "write_variance",
]
