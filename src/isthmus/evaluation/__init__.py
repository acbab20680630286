"""One evaluation: load, prepare, solve, outcome, accounts; and the itineraries of one consignment."""

from isthmus.evaluation.consignment import Itineraries, route, save_route
from isthmus.evaluation.counts import UNITS, Told, beside, modelled
from isthmus.evaluation.evaluation import Evaluation, evaluate, run
from isthmus.evaluation.skimming import FORMATS, Skims, refuse_form, skim, skims_manifest, write_skims
from isthmus.evaluation.summaries import summaries
from isthmus.evaluation.writing import manifest_of, write

__all__ = [
    "FORMATS",
    "UNITS",
    "Evaluation",
    "Itineraries",
    "Skims",
    "Told",
    "beside",
    "evaluate",
    "manifest_of",
    "modelled",
    "refuse_form",
    "route",
    "run",
    "save_route",
    "skim",
    "skims_manifest",
    "summaries",
    "write",
    "write_skims",
]
