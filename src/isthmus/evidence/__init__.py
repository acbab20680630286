"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""

from isthmus.evidence.estimation import MARK, Estimate, estimate, manifest_of, misses, write_estimate

__all__ = ["MARK", "Estimate", "estimate", "manifest_of", "misses", "write_estimate"]
