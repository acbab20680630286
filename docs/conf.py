"""How the manual is built."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

from isthmus import __version__
from isthmus.pack import SCHEMA

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
from tables_page import tables_page

project = "Isthmus"
author = "Isthmus authors"
copyright = "2026, Isthmus authors"
release = version = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Isthmus {__version__}"
exclude_patterns = ["_build"]


def _write_tables(app: Sphinx) -> None:
    """Make the page of the tables from the schema."""
    path = Path(app.srcdir) / "tables.md"
    text = tables_page(SCHEMA)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("config-inited", lambda app, config: _write_tables(app))
