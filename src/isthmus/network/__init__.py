"""The multimodal graph as arrays: layout (what any row could open) and condition (what a scenario can change)."""

from isthmus.network.condition import Condition, condition_of
from isthmus.network.gmns import export_gmns, gmns_tables
from isthmus.network.layout import (
    ACCESS,
    FAMILIES,
    KINDS,
    LINK,
    SERVICE,
    TERMINAL,
    TRANSHIPMENT,
    Layout,
    lay_out,
)
from isthmus.network.shapes import SeaWays, great_circle, service_shapes

__all__ = [
    "ACCESS",
    "FAMILIES",
    "KINDS",
    "LINK",
    "SERVICE",
    "TERMINAL",
    "TRANSHIPMENT",
    "Condition",
    "Layout",
    "SeaWays",
    "condition_of",
    "export_gmns",
    "gmns_tables",
    "great_circle",
    "lay_out",
    "service_shapes",
]
