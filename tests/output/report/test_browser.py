"""The report in a real Chromium: from disk, without network, under its own security policy."""

import pytest

pytestmark = pytest.mark.browser

HOSTILE = [
    {
        "title": "<script>alert('title')</script>",
        "url": "javascript:alert(1)",
        "authors": ["<img src=x onerror=alert(2)>"],
    },
    {"title": "</script></style><script>alert(3)</script>", "url": "data:text/html,x"},
    {
        "title": '=HYPERLINK("http://evil.example","x")',
        "url": "https://user@evil.example/",
        "doi": '10.1/"><b>',
    },
    {"title": "\u202egnp.exe\u202c {{ title }} {% raw %}", "url": "http:evil", "venue": "<!-- <style>"},
    {"title": "-1+1|cmd\x1b[31m", "authors": ["@SUM(1)"], "url": " JaVaScRiPt:alert(5)"},
    {"title": "", "id": "<b>bold</b>", "url": "//evil.example/x", "authors": [], "date": ""},
]


@pytest.fixture
def see(report, visit):
    def open_(*run, context=None, **parts):
        return visit(report(*run, **parts), ready="#cite", **(context or {}))

    return open_


def test_it_opens_from_disk_and_asks_nobody(see):
    seen = see()
    assert seen.page.title() == "invented: report"
    assert seen.page.locator("#map img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert seen.page.locator("article").count() == 6
    assert seen.page.locator("#map a").get_attribute("href") == "map.html"
    assert seen.requests == []


def test_sections_are_reached_from_the_top(see):
    seen = see()
    for link in seen.page.locator("nav a").all():
        assert seen.page.locator(link.get_attribute("href")).count() == 1
    seen.page.click("nav >> text=Quality")
    seen.page.wait_for_timeout(800)
    assert seen.page.locator("#quality").bounding_box()["y"] < 300


def test_papers_are_opened_by_their_links(see):
    seen = see()
    link = seen.page.locator("article a").first
    address = link.get_attribute("href")
    with seen.page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.url == address
    assert opened.value.evaluate("window.opener") is None


def test_hostile_papers_stay_text(see, make_run):
    labels = ("</script><b>x</b>", "<!--", '"><img src=x>')
    run = make_run(n=6, count=3, rows=HOSTILE, labels=labels, outliers=0)
    topics = run[2]
    everyone = [
        type(topic)(topic.id, topic.label, topic.size, topic.keywords, tuple(range(6)))
        for topic in topics.topics
    ]
    seen = see(
        (run[0], run[1], type(topics)(tuple(everyone)), run[3]),
        config={"name": "x", "map": {"title": "</title><script>alert(6)</script>"}},
        inputs={"<svg onload=alert(7)>.csv": "0a"},
        encoder="</details><script>alert(8)</script>",
        doubts=("<script>alert(9)</script>",),
        explorer="map.html",
    )
    assert seen.page.title() == "</title><script>alert(6)</script>: report"
    assert seen.text("h1") == "</title><script>alert(6)</script>"
    assert seen.page.locator("script, iframe, object, embed, article b, img:not(#map img)").count() == 0
    assert seen.page.locator("style").count() == 1
    assert seen.page.locator("article h3 bdi").all_inner_texts() == [topic.label for topic in everyone]
    items = seen.page.locator("article").first.locator("li")
    shown = {
        item.locator("bdi").first.text_content(): (
            item.locator("a").get_attribute("href") if item.locator("a").count() else None
        )
        for item in items.all()
    }
    assert shown == {
        "<script>alert('title')</script>": None,
        "</script></style><script>alert(3)</script>": None,
        '=HYPERLINK("http://evil.example","x")': "https://doi.org/10.1/%22%3E%3Cb%3E",
        "gnp.exe {{ title }} {% raw %}": None,
        "-1+1|cmd [31m": None,
        "<b>bold</b>": None,
    }
    assert seen.requests == []


def test_the_policy_stops_what_slips_through(see):
    seen = see()
    blocked = seen.blocked(
        """
        const styled = document.createElement("p");
        styled.setAttribute("style", "color: red");
        document.body.append(styled);
        """
    )
    assert {"script-src-elem", "style-src-attr", "connect-src", "img-src"} <= blocked


def test_a_drawing_that_holds_a_script_does_not_run_it(see):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
    seen = see(picture=drawing)
    assert seen.page.evaluate("document.scripts.length") == 0


def test_light_and_dark(see):
    for scheme, bright in (("light", True), ("dark", False)):
        seen = see(context={"color_scheme": scheme})
        shown = "part => getComputedStyle(document.body)[part].match(/[0-9]+/g).slice(0, 3).map(Number)"
        paper, ink = (seen.page.evaluate(shown, part) for part in ("backgroundColor", "color"))
        assert (sum(paper) > sum(ink)) == bright
        # At least as much contrast as reading asks for.
        assert abs(sum(paper) - sum(ink)) > 500
        # The map is drawn for the light page and turned over for the dark one.
        turned = seen.page.locator("#map img").evaluate("image => getComputedStyle(image).filter")
        assert turned.startswith("none" if bright else "invert")


def test_on_a_phone_nothing_sticks_out(see, make_run):
    rows = [{"title": "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4} for _ in range(60)]
    labels = ("Donaudampfschifffahrtsgesellschaftskapitän" * 3, "b", "c", "d", "e", "f")
    run = make_run(n=60, count=6, rows=rows, labels=labels)
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
    seen = see(run, context=phone)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.page.locator("#map img").bounding_box()["width"] <= 390
    table = see(context=phone).page.locator(".wide").first
    assert table.evaluate("part => part.scrollWidth <= part.clientWidth")


def test_in_print_the_folded_parts_are_open(see):
    seen = see()
    assert not seen.page.locator("#settings table").first.is_visible()
    seen.page.emulate_media(media="print")
    assert seen.page.locator("#settings table").first.is_visible()
    assert not seen.page.locator("nav").is_visible()
