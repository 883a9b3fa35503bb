"""The pictures of docs/maps.md: the interactive map, its topics while they are edited, the report.

    python benchmarks/screenshots.py RUN [--large RUN] [--to docs]

RUN is a finished run of the 2,000 arXiv abstracts, or another one with 14 topics or more; with --large the
map of a second one is drawn as well. Chromium opens the pages as they are. Look at what it writes before you
commit it: the picture of editing shows the run's path.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MAP, REPORT = (1200, 760), (1060, 900)
"""Pixels of the windows."""

CHOSEN, RENAMED, MERGED = 9, 7, (13, 15)
"""Topics of the 2,000 abstracts, by size: at the edge of the map; with another good label; alike."""


def opened(browser: Browser, page: Path, size: tuple[int, int], scheme: Literal["light", "dark"]) -> Page:
    shown = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    shown.goto(page.resolve().as_uri())
    if page.name == "map.html":
        shown.wait_for_selector("#map[data-ready]", state="attached", timeout=120_000)
        shown.wait_for_timeout(500)
    return shown


def choose_a_paper(page: Page) -> None:
    """The first one that the name of a topic finds."""
    page.fill("#search", page.locator("#topics [data-topic] bdi").nth(CHOSEN).inner_text().split()[0])
    page.locator("#results button").first.click()
    page.fill("#search", "")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(500)


def edit_topics(page: Page) -> None:
    """One topic renamed, two merged, the form of a third open."""
    page.keyboard.press("e")
    page.locator("#topics .pen").nth(RENAMED).click()
    page.locator("#bench-names button").nth(1).click()
    page.click("#bench-rename")
    page.locator("#topics .pen").nth(MERGED[0]).click()
    page.select_option("#bench-into", str(MERGED[1]))
    page.click("#bench-merge")
    page.locator("#topics .pen").first.click()
    page.wait_for_timeout(500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--large", type=Path, metavar="RUN")
    parser.add_argument("--to", type=Path, default=ROOT / "docs", metavar="DIR")
    chosen = parser.parse_args()

    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = opened(browser, chosen.run / "map.html", MAP, "light")
        choose_a_paper(page)
        page.screenshot(path=chosen.to / "map-browser.png")
        page = opened(browser, chosen.run / "map.html", MAP, "light")
        edit_topics(page)
        page.screenshot(path=chosen.to / "map-edit.png")
        page = opened(browser, chosen.run / "report.html", REPORT, "dark")
        page.evaluate("document.querySelector('.overview').scrollIntoView()")
        page.wait_for_timeout(1000)
        page.screenshot(path=chosen.to / "report.png")
        if chosen.large:
            page = opened(browser, chosen.large / "map.html", MAP, "light")
            page.screenshot(path=chosen.to / "map-large.png")
        browser.close()


if __name__ == "__main__":
    main()
