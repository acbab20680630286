"""Isthmus plans the infrastructure that countries share.

The public verbs are listed in `VERBS` and loaded when first used, so that `import isthmus` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

VERBS = {
    "load": "isthmus.pack",
    "check": "isthmus.pack",
    "run": "isthmus.evaluation",
    "route": "isthmus.evaluation",
    "skim": "isthmus.evaluation",
    "estimate": "isthmus.evidence",
    "variance": "isthmus.evidence",
    "import_baci": "isthmus.evidence",
    "import_comext": "isthmus.evidence",
    "write_report": "isthmus.report",
    "events": "isthmus.evidence",
    "backtest": "isthmus.evidence",
    "calibrate": "isthmus.evidence",
    "new": "isthmus.pack",
    "assign": "isthmus.roads",
    "design": "isthmus.portfolio",
    "export_gmns": "isthmus.network",
    "import_gmns": "isthmus.pack",
}
"""Public verb -> module that holds it."""


def __getattr__(name: str) -> Any:
    """Load a public verb when it is first asked for."""
    if name not in VERBS:
        raise AttributeError(f"module 'isthmus' has no attribute {name!r}")
    return getattr(import_module(VERBS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *VERBS})
