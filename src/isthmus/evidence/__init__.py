"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""

from isthmus.evidence.estimation import MARK, Estimate, estimate, manifest_of, misses, write_estimate
from isthmus.evidence.rests import VARIANCE_MARK, Variance, said_of, variance, write_variance
from isthmus.evidence.trade import MARK as TRADE_MARK
from isthmus.evidence.trade import TradePrior, import_baci, import_comext, write_prior

__all__ = [
    "MARK",
    "TRADE_MARK",
    "VARIANCE_MARK",
    "Estimate",
    "TradePrior",
    "Variance",
    "estimate",
    "import_baci",
    "import_comext",
    "manifest_of",
    "misses",
    "said_of",
    "variance",
    "write_estimate",
    "write_prior",
    "write_variance",
]
