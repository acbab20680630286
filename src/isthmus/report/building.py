"""`report.html` from the folder of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus._errors import UserError
from isthmus.report import files
from isthmus.report.block import block_of
from isthmus.store import Run, StoreError, add_tables, read_run

NAME = "report.html"
_KINDS = {"events": "event", "backtest": "backtest_", "variance": "variance_"}
"""Kinds of evidence that a page shows, and how their tables begin."""
_NEEDED = (
    "flows", "pools", "crossings", "ports", "corridors", "countries", "markets", "itineraries", "layers", "confidence", "cited", "counts",
    *(f"region_{name}" for name in (
        "places", "markets", "links", "services", "crossings", "pools", "shapes", "sources", "observations", "zones", "modes", "classes",
        "countries",
    )),
)  # fmt: skip


def write_report(folder: Path, *, language: str = "en", evidence: Sequence[Path] = ()) -> Path:
    """Write the page of a run into its folder, from what is in the folder alone; one there is replaced. Returns its path.

    Parameters
    ----------
    folder : Path
        A run, as `isthmus run --out` writes it.
    language : str
        Language in which the page opens (ISO 639-1); the reader may choose another.
    evidence : sequence of Path
        Folders of known events, a backtest or shares of variance of the same region: their tables are put into the run's folder first.

    Raises
    ------
    StoreError
        If the folder is no run, is damaged, or lacks tables that a page needs.
    UserError
        If the page has no words in that language.
    """
    known = files.words()
    if language not in known:
        raise UserError(f"--language {language}: expected one of {', '.join(known)}.")
    run = read_run(folder)
    added = {
        name: frame
        for each in evidence
        for name, frame in _evidence(each, str(run.manifest["region"]["name"])).items()
    }
    if added:
        add_tables(folder, added)
        run = read_run(folder)
    lacking = [name for name in _NEEDED if name not in run.tables]
    if lacking:
        raise StoreError(
            f"{folder} lacks {', '.join(lacking)}: write the run again with this version of Isthmus."
        )
    path = folder / NAME
    beside = folder / f".{NAME}.partial"
    try:
        beside.write_text(page_of(run, language), encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _evidence(folder: Path, region: str) -> dict[str, pd.DataFrame]:
    """Tables of a folder of evidence; raises StoreError if it holds none or is of another region."""
    found = read_run(folder)
    kind, of = found.manifest.get("kind"), found.manifest["region"]["name"]
    if kind not in _KINDS:
        raise StoreError(
            f"{folder} holds no evidence: expected what `events`, `backtest` or `variance` write with --out."
        )
    if of != region:
        raise StoreError(f"{folder} is of the region {of}, the run of {region}.")
    return {name: frame for name, frame in found.tables.items() if name.startswith(_KINDS[kind])}


def page_of(run: Run, language: str = "en") -> str:
    """The page as text: template, style, scripts, words and one block of data."""
    scripts = [files.text_of(f"vendor/{name}") for name in files.VENDOR]
    scripts += [files.text_of(name) for name in files.SCRIPTS]
    block = block_of(run)
    parts = {
        "LANGUAGE": language,
        "TITLE": _escaped(f"{block['meta']['title']}, {block['meta']['year']}"),
        "STYLE": files.text_of("style.css"),
        "WORDS": _json(files.words()),
        "DATA": _json(block),
        "SCRIPTS": "\n".join(f"<script>\n{text.rstrip()}\n</script>" for text in scripts),
    }
    page = files.text_of("page.html")
    for key, text in parts.items():
        page = page.replace(f"%%{key}%%", text, 1)
    return page


def _json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
