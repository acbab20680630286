"""Runs on disk for the page's tests, and a browser where there is one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from isthmus import evaluation
from isthmus.report import write_report
from isthmus.scenario import Edit, Scenario

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def run_of_strait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the invented region with its page and a saved route."""
    folder = evaluation.write(
        evaluation.run("strait", sheets=True), tmp_path_factory.mktemp("strait") / "run"
    )
    evaluation.save_route(evaluation.route("west-city", "east-city", region="strait", alternatives=2), folder)
    write_report(folder)
    return folder


@pytest.fixture(scope="session")
def run_of_scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented region with the ferry closed."""
    closed = Scenario(
        name="no ferry",
        note="The ferry does not sail.",
        edits=(Edit(close={"services": ["ferry-rail", "ferry-road"]}),),
    )
    folder = evaluation.write(
        evaluation.run("strait", scenario=closed, sheets=True), tmp_path_factory.mktemp("closed") / "run"
    )
    write_report(folder)
    return folder


@pytest.fixture(scope="session")
def run_of_caspian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the region that ships, with its page."""
    folder = evaluation.write(
        evaluation.run("caspian", sheets=True), tmp_path_factory.mktemp("caspian") / "run"
    )
    write_report(folder)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system; tests that need one are skipped where there is none."""
    path = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    if path is None:
        pytest.skip(
            "No Chromium on this machine: the page was not opened in a browser (Debian: apt install chromium)."
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield chromium
        chromium.close()
