"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""

from isthmus.evidence.estimation import MARK, Estimate, estimate, manifest_of, misses, write_estimate
from isthmus.evidence.trade import MARK as TRADE_MARK
from isthmus.evidence.trade import TradePrior, import_baci, import_comext, write_prior

__all__ = [
    "MARK",
    "TRADE_MARK",
    "Estimate",
    "TradePrior",
    "estimate",
    "import_baci",
    "import_comext",
    "manifest_of",
    "misses",
    "write_estimate",
    "write_prior",
]
