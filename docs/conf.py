"""How the manual is built."""

from isthmus import __version__

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
