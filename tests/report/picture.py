"""The picture in the README: `python -m tests.report.picture` solves the region, opens its page in Chromium and takes it."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from isthmus import evaluation
from isthmus.report import write_report

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "report.png"
CORRIDOR = "middle-corridor-dry"


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page_file = write_report(
            evaluation.write(evaluation.run("caspian", sheets=True), Path(scratch) / "run")
        )
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light").new_page()
        page.goto(page_file.as_uri())
        page.wait_for_selector("#canvas .band", state="attached")
        page.evaluate(
            "(id) => { page.open('corridor', id); document.getElementById('map').scrollIntoView(); document.activeElement.blur(); }",
            CORRIDOR,
        )
        page.wait_for_selector("#sheet .chart")
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        chromium.close()


if __name__ == "__main__":
    main()
