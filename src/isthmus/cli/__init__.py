"""The command line: one file a command; each parses, calls one public function, prints."""

from isthmus.cli._main import main

__all__ = ["main"]
