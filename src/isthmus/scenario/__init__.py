"""Edits of a region's tables, and named lists of them.

A scenario is applied by a pure function from a pack to a pack; its edits act one after another.
"""

from isthmus.scenario.applying import apply
from isthmus.scenario.changes import lasting_as
from isthmus.scenario.edits import Avoid, Close, Edit, Scale, Scenario, ScenarioError, Set
from isthmus.scenario.files import read_scenario, write_factors

__all__ = [
    "Avoid",
    "Close",
    "Edit",
    "Scale",
    "Scenario",
    "ScenarioError",
    "Set",
    "apply",
    "lasting_as",
    "read_scenario",
    "write_factors",
]
