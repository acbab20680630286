"""Evidence: demand estimated, behaviour fitted, the model judged by counts and known events."""

from isthmus.evidence.closures import queue_of, waiting
from isthmus.evidence.eventfiles import Event, EventError, read_events
from isthmus.evidence.events import Events, events, write_events
from isthmus.evidence.events import manifest_of as events_manifest

__all__ = [
    "Event",
    "EventError",
    "Events",
    "events",
    "events_manifest",
    "queue_of",
    "read_events",
    "waiting",
    "write_events",
]
