"""The page's own files: template, style, scripts, words, and what was copied from others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "page"
VENDOR = ("d3.min.js", "topojson-client.min.js")
SCRIPTS = ("words.js", "data.js", "table.js", "chart.js", "map.js", "sheet.js", "page.js")
"""Scripts in the order in which they run."""


def text_of(name: str) -> str:
    """Text of one of the page's files."""
    return (PAGE / name).read_text(encoding="utf-8")


def words() -> dict[str, dict[str, str]]:
    """All words of the page by language (ISO 639-1) and key."""
    files = sorted((PAGE / "words").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def vendored() -> list[dict[str, Any]]:
    """What was copied from others: file, name, version, licence, sha256."""
    copied: list[dict[str, Any]] = json.loads(text_of("vendor/vendor.json"))
    return copied
