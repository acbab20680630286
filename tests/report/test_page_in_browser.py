"""The page as its reader meets it, in headless Chromium."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

SIZES = {"desk": (1440, 900), "telephone": (390, 844)}


class Opened:
    """A page with what it said and asked for."""

    def __init__(self, browser: Browser, file: Path, size: str = "desk", **options: object) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", self._note)
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("#canvas .band", state="attached")

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.asked.append(request.url)


@pytest.fixture
def strait_page(browser: Browser, run_of_strait: Path) -> Iterator[Opened]:
    opened = Opened(browser, run_of_strait / "report.html")
    yield opened
    opened.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("run", ["run_of_strait", "run_of_scenario", "run_of_caspian"])
def test_the_page_opens_silently_and_fits(
    browser: Browser, request: pytest.FixtureRequest, run: str, size: str, scheme: str
) -> None:
    opened = Opened(browser, request.getfixturevalue(run) / "report.html", size, color_scheme=scheme)
    page = opened.page
    assert page.locator("#finding-list li").count() >= 10
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown = page.evaluate("document.body.innerText")
    assert "undefined" not in shown and "NaN" not in shown and "{" not in shown
    assert opened.said == [] and opened.asked == []
    opened.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_checker_of_accessibility_finds_nothing(
    browser: Browser, run_of_scenario: Path, scheme: str, language: str
) -> None:
    opened = Opened(browser, run_of_scenario / "report.html", color_scheme=scheme, reduced_motion="reduce")
    page = opened.page
    page.select_option("#language", language)
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    page.evaluate("page.open('corridor', Object.keys(data.itineraries)[0])")
    page.wait_for_selector("#sheet .chart")
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    opened.context.close()


def test_the_words_change_with_the_language_and_none_is_missing(strait_page: Opened) -> None:
    page = strait_page.page
    english = page.inner_text("#findings h2")
    page.select_option("#language", "ru")
    assert page.inner_text("#findings h2") != english
    assert page.get_attribute("html", "lang") == "ru"
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    page.evaluate("page.open('corridor', Object.keys(data.itineraries)[0])")
    shown = page.evaluate("document.body.innerText")
    for key in page.evaluate("Object.keys(ALL_WORDS.en)"):
        if "." in key or "_" in key:
            assert key not in shown
    assert strait_page.said == []


def test_a_table_sorts_filters_and_downloads_what_it_shows(strait_page: Opened) -> None:
    page = strait_page.page
    table = page.locator("details[data-table=corridors]")

    def tonnes() -> list[float]:
        cells = table.locator("tbody td:nth-child(2)")
        return [float(text.replace(",", "")) for text in cells.all_inner_texts()]

    head = table.locator("thead th:nth-child(2)")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert tonnes() == sorted(tonnes(), reverse=True)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert tonnes() == sorted(tonnes())
    table.locator("input[type=search]").fill("eastward")
    assert table.locator("tbody tr").count() == 1
    with page.expect_download() as waiting:
        table.get_by_role("button", name="Download CSV").click()
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))
    assert len(rows) == 2 and rows[1][0] == "Across the strait eastward"
    assert [float(rows[1][1])] == pytest.approx(tonnes(), abs=0.5)
    assert len(rows[0]) == table.locator("thead th").count()


def test_a_line_on_the_map_leads_to_its_sheet(strait_page: Opened) -> None:
    page = strait_page.page
    page.evaluate("""() => { const band = d3.max(page.map.bands, (one) => one.tonnes); window.wanted = band;
      d3.select(page.map.node).selectAll('.band').filter((one) => one.tonnes === band).dispatch('click'); }""")
    sheet = page.inner_text("#sheet")
    tonnes = page.evaluate("window.wanted")
    assert f"{tonnes / 1e3:,.0f} kt" in sheet
    assert "confidence" in sheet
    page.keyboard.press("Escape")
    assert "Choose a line" in page.inner_text("#sheet")


def test_all_tonnes_of_a_band_are_of_its_lines(strait_page: Opened) -> None:
    bands, flows = strait_page.page.evaluate(
        """() => { const straight = (line) => lines.shape[line] < 0;
      return [d3.sum(page.map.bands.filter((b) => b.piece.members.every(([line]) => straight(line))), (b) => b.tonnes),
        d3.sum(layerFlows('all').filter((_, i) => straight(Math.floor(i / 2))))]; }"""
    )
    assert bands == pytest.approx(flows, rel=1e-9)


def test_a_layer_shows_its_own_tonnes_and_the_difference_both_signs(
    browser: Browser, run_of_scenario: Path
) -> None:
    opened = Opened(browser, run_of_scenario / "report.html")
    page = opened.page
    page.select_option("#layer", "change")
    classes = page.evaluate("[...new Set(page.map.bands.map((band) => bandClass(band)))].sort()")
    assert classes == ["less", "more"]
    page.select_option("#layer", "class:grain")
    assert page.evaluate("d3.sum(page.map.tonnes)") == pytest.approx(
        page.evaluate(
            "100 * d3.sum(data.flows.filter((_, i) => i % 3 === 2 && data.classes.cargo_class[data.flows[i - 1]] === 'grain'))"
        )
    )
    assert opened.said == []
    opened.context.close()


def test_everything_is_reached_by_the_keyboard(strait_page: Opened) -> None:
    page = strait_page.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen: set[str] = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {
        "language",
        "theme",
        "print",
        "layer",
        "colour",
        "zoom-in",
        "canvas",
        "BUTTON",
        "SUMMARY",
        "INPUT",
    } <= seen
    page.focus("#canvas")
    before = page.evaluate("[map.transform.x, map.transform.k]")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    after = page.evaluate("[map.transform.x, map.transform.k]")
    assert after[0] != before[0] and after[1] > before[1]
    page.keyboard.press("0")
    assert page.evaluate("map.transform.k") == 1


def test_corridors_stand_side_by_side_up_to_four(strait_page: Opened) -> None:
    page = strait_page.page
    boxes = page.locator("#compared input")
    for i in range(boxes.count()):
        if not boxes.nth(i).is_checked() and boxes.nth(i).is_enabled():
            boxes.nth(i).check()
    assert page.locator("#compared input:checked").count() == 4
    assert page.locator("#compared input:disabled").count() == boxes.count() - 4
    assert page.locator("#compare-table thead th").count() == 4
    ways = page.evaluate("waysToCompare().map(([id, , legs]) => [id, pointsOf(legs, 'days', 1).at(-1).y])")
    rows = page.evaluate(
        "tableByName.get('corridors').ids.map((id, i) => [id, tableByName.get('corridors').rows[i][3]])"
    )
    days = dict(rows)
    for way, end in ways:
        if way in days:
            assert end == pytest.approx(days[way], abs=0.06)
    assert any("," in way for way, _ in ways)  # the saved route


def test_it_prints_on_a4(strait_page: Opened) -> None:
    pdf = strait_page.page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF") and 3 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 40
