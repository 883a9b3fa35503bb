"""Papers that mean harm, through the whole way: every file shows them as text, in a real browser too."""

import csv
import json

import pytest

from tests.conftest import run_cli
from tests.papers import THEMES

MARKUP = "<script>alert(1)</script>"
TITLES = (
    f"{MARKUP} considered",
    '=HYPERLINK("http://evil.example","click")',
    "</script></style></title><img src=x onerror=alert(2)>",
    "\x1b]0;gone\x07\x1b[2J red \x1b[31m",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "\u202egnp.exe\u202c",
    "@SUM(1+1)*cmd|' /C calc'!A0",
)
LINKS = (
    "javascript:alert(3)",
    "data:text/html,<script>alert(4)</script>",
    "//evil.example",
    "https://a@b.example/",
)


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    papers = folder / "<img src=x onerror=alert(5)> & 'papers'.csv"
    with papers.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["date", "title", "abstract", "authors", "url", "keywords", "journal"])
        for number in range(42):
            name = list(THEMES)[number % 3]
            abstract = f"{THEMES[name]} {MARKUP} variant {number} of {name} {'<b>bold</b>' * (number % 2)}."
            writer.writerow(
                [
                    f"{2015 + number % 7}",
                    f"{TITLES[number % len(TITLES)]} {name} {number}",
                    abstract,
                    f"<i>Eve {number}</i>; O'Mallory, =1+1",
                    f"{LINKS[number % len(LINKS)]}",
                    f"{name}; ]]>; <!--",
                    "<svg onload=alert(6)>",
                ]
            )
    settings = ["embed.encoder=lsa", "map.title=</title><script>alert(7)</script>"]
    chosen = [part for setting in settings for part in ("--set", setting)]
    run_cli("run", papers, "-o", folder / "run", *chosen)
    return folder / "run"


def test_spreadsheets_find_no_formula(hostile_run):
    for path in sorted(hostile_run.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert not [cell for cell in cells if cell[:1] in {"=", "@", "\t"}], path.name


def test_a_terminal_is_not_steered(hostile_run):
    topics = json.loads(run_cli("show", hostile_run, "--json").output)["topics"]
    for arguments in ((), *(("--topic", topic["topic"]) for topic in topics)):
        assert "\x1b" not in run_cli("show", hostile_run, *arguments).output


@pytest.mark.browser
def test_the_map_shows_them_as_text(hostile_run, visit):
    seen = visit(hostile_run / "map.html")
    assert seen.text("#title") == "</title><script>alert(7)</script>"
    assert seen.page.locator("script").count() == 1
    for title in ("considered", "HYPERLINK", "gnp.exe", "SUM", "raw"):
        seen.page.fill("#search", title)
        seen.page.locator("#results button", has_text=title).first.click()
        seen.page.wait_for_timeout(100)
        assert title in seen.text("#card-title")
        assert seen.page.locator("#card-title").get_attribute("href") is None
        assert seen.page.locator("#card script, #card img, #card b, #card svg").count() == 0
    assert seen.requests == []


@pytest.mark.browser
def test_the_report_shows_them_as_text(hostile_run, visit):
    seen = visit(hostile_run / "report.html", ready="#cite")
    assert seen.text("h1") == "</title><script>alert(7)</script>"
    assert "<img src=x onerror=alert(5)> & 'papers'.csv" in seen.text("#papers")
    assert seen.page.locator("script, iframe, #topics img, #topics b, form").count() == 0
    assert seen.page.locator("#topics li a").count() == 0
    assert seen.page.locator("#map img").evaluate("image => image.complete && image.naturalWidth > 0")
    seen.page.wait_for_timeout(300)
    assert seen.requests == []
