"""The interactive map in a real Chromium: from disk, without network, under its own security policy."""

import csv
import io

import numpy as np
import pytest
import scipy.sparse as sp

from topics.output.maps import interactive
from topics.output.maps.layers import CROWDED
from topics.output.maps.place import overlap_area
from topics.types import Counts, Neighbours

pytestmark = pytest.mark.browser


@pytest.fixture
def run(make_run):
    return make_run(n=60, count=6)


def pixel(visit, x, y):
    """Colour of one pixel as shown."""
    from PIL import Image

    shot = visit.page.screenshot(clip={"x": round(x), "y": round(y), "width": 1, "height": 1})
    return np.array(Image.open(io.BytesIO(shot)).convert("RGB"))[0, 0].astype(int)


def download(visit):
    with visit.page.expect_download() as found:
        visit.page.click("#download")
    with found.value.path().open(encoding="utf-8-sig", newline="") as stream:
        return found.value.suggested_filename, list(csv.DictReader(stream))


def test_it_opens_from_disk_and_asks_nobody(run, write_page, visit):
    seen = visit(write_page(run, title="Sixty papers"))
    assert seen.text("#title") == "Sixty papers"
    assert seen.text("#count") == "60 papers"
    assert "axes" in seen.text("#note")
    assert seen.page.locator("#topics button").count() == 7
    assert seen.requests == []


def test_hover_shows_a_card(run, write_page, visit):
    seen = visit(write_page(run))
    x, y = seen.find("Paper number 17")
    seen.clear()
    assert seen.page.locator("#card").is_hidden()
    seen.page.mouse.move(x, y)
    seen.page.locator("#card").wait_for()
    corpus, clustering, topics, _ = run
    assert seen.text("#card-title") == "Paper number 17"
    assert seen.text("#card-by") == f"Author 17; Ada Lovelace · {corpus.dates[17]}"
    assert topics[int(clustering.nearest_topic[17])].label in seen.text("#card-topic")
    assert f"{clustering.probability[17]:.2f}" in seen.text("#card-sure")
    assert seen.text("#card-keywords") == "keyword17"
    assert seen.text("#card-abstract").startswith("What paper 17 found.")
    seen.page.mouse.move(640, 795)
    seen.page.locator("#card").wait_for(state="hidden")


def test_a_click_opens_the_paper(run, write_page, visit):
    seen = visit(write_page(run))
    x, y = seen.find("Paper number 5")
    seen.clear()
    with seen.page.context.expect_page() as opened:
        seen.page.mouse.click(x, y)
    opened.value.wait_for_load_state()
    assert opened.value.url == "https://example.org/p/5"
    assert opened.value.evaluate("window.opener") is None


def test_search_counts_lists_and_marks(make_run, write_page, visit):
    rows = [{} for _ in range(40)]
    rows[3] = {"title": "Über die Gezeiten", "authors": ["Émilie du Châtelet"], "keywords": ["moon"]}
    seen = visit(write_page(make_run(n=40, count=4, rows=rows)))
    for query in ("gezeiten", "chatelet", "MOON", "uber gezeiten", '"die gezeiten"'):
        seen.page.fill("#search", query)
        assert seen.text("#count") == "1 of 40 papers", query
        assert "Über die Gezeiten" in seen.text("#results")
    seen.page.fill("#search", "gezeiten")
    assert seen.page.locator("#results mark").all_inner_texts() == ["Gezeiten"]
    seen.page.locator("#results button").click()
    seen.page.locator("#card").wait_for()
    seen.page.keyboard.press("Escape")
    seen.page.locator("#card").wait_for(state="hidden")
    assert seen.text("#count") == "1 of 40 papers"
    seen.page.fill("#search", "lovelace")
    assert seen.text("#count") == "39 of 40 papers"
    seen.page.fill("#search", "nothing of the kind")
    assert seen.text("#count") == "0 of 40 papers"
    assert seen.page.locator("#download").is_hidden()
    seen.clear()
    assert seen.text("#count") == "40 papers"


def test_search_finds_the_keywords_on_the_card_and_the_topic(make_run, write_page, visit):
    rows = [{"keywords": ["own word"] if i % 2 else []} for i in range(40)]
    run = make_run(n=40, count=4, rows=rows)
    _, clustering, topics, _ = run
    seen = visit(write_page(run))
    near = clustering.nearest_topic
    without = [i for i in range(40) if near[i] == 2 and not i % 2]
    seen.page.fill("#search", "TERM2")
    assert seen.text("#count") == f"{len(without)} of 40 papers"
    seen.page.fill("#search", '"own word"')
    assert seen.text("#count") == "20 of 40 papers"
    seen.page.fill("#search", topics[2].label.lower())
    assert seen.text("#count") == f"{int((near == 2).sum())} of 40 papers"
    for row, words in ((without[0], "topic: term2; shared"), (1, "own word")):
        seen.find(f"Paper number {row}")
        assert seen.text("#card-keywords") == words


def test_search_dims_the_others(run, write_page, visit):
    seen = visit(write_page(run))
    inside = np.flatnonzero(run[1].topic >= 0)
    one, other = (int(row) for row in inside[[0, -1]])
    x, y = seen.find(f"Paper number {one}")
    seen.clear()
    bright = pixel(seen, x, y)
    seen.page.fill("#search", f'"Paper number {other}"')
    seen.page.wait_for_timeout(200)
    faint = pixel(seen, x, y)
    assert np.ptp(bright) > 60
    assert np.ptp(faint) < 25


def test_a_topic_is_isolated_by_a_click(run, write_page, visit):
    sizes = run[1].sizes
    seen = visit(write_page(run))
    first, second = seen.page.locator("#topics button").nth(0), seen.page.locator("#topics button").nth(1)
    first.click()
    assert first.get_attribute("aria-pressed") == "true"
    assert seen.text("#count") == f"{sizes[0]} of 60 papers"
    second.click(modifiers=["Shift"])
    assert seen.text("#count") == f"{sizes[0] + sizes[1]} of 60 papers"
    second.click()
    assert seen.text("#count") == f"{sizes[1]} of 60 papers"
    second.click()
    assert seen.text("#count") == "60 papers"
    seen.page.locator("#topics button").last.click()
    assert seen.text("#count") == f"{int((run[1].topic < 0).sum())} of 60 papers"


def test_brushing_the_histogram_filters(run, write_page, visit):
    years = [int(date[:4]) for date in run[0].dates]
    seen = visit(write_page(run))
    box = seen.page.locator("#bars").bounding_box()
    bar = box["width"] / 8
    middle = box["y"] + box["height"] / 2
    seen.page.mouse.move(box["x"] + 1.5 * bar, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 3.5 * bar, middle, steps=4)
    seen.page.mouse.up()
    assert seen.text("#count") == f"{sum(2016 <= year <= 2018 for year in years)} of 60 papers"
    assert (seen.text("#when-from"), seen.text("#when-to")) == ("2016", "2018")
    seen.page.focus("#from")
    seen.page.keyboard.press("ArrowRight")
    assert seen.text("#count") == f"{sum(2017 <= year <= 2018 for year in years)} of 60 papers"
    seen.page.mouse.move(box["x"] + 7.5 * bar, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 6.5 * bar, middle, steps=4)
    seen.page.mouse.up()
    assert seen.text("#count") == f"{sum(2021 <= year <= 2022 for year in years)} of 60 papers"
    seen.page.dblclick("#bars")
    assert seen.text("#count") == "60 papers"


def test_filters_add_up(run, write_page, visit):
    corpus, clustering = run[:2]
    seen = visit(write_page(run))
    seen.page.locator("#topics button").nth(2).click()
    seen.page.fill("#search", "Author 1")
    found = [
        i for i in range(60) if clustering.topic[i] == 2 and f"Author {i}; Ada Lovelace".find("Author 1") >= 0
    ]
    assert found
    assert seen.text("#count") == f"{len(found)} of 60 papers"
    assert seen.page.locator("#results bdi").all_inner_texts() == [corpus.titles[i] for i in found]


def test_colours_switch(run, write_page, visit):
    corpus, clustering = run[:2]
    row = int(np.flatnonzero(clustering.topic >= 0)[4])
    seen = visit(write_page(run))
    x, y = seen.find(f"Paper number {row}")
    seen.clear()
    shown = {}
    for kind in ("topic", "date", "category"):
        seen.page.select_option("#color", kind)
        seen.page.wait_for_timeout(200)
        shown[kind] = pixel(seen, x, y)
    assert len({tuple(color) for color in shown.values()}) == 3
    assert seen.page.locator("#legend bdi").all_inner_texts() == [
        "kind 0",
        "kind 1",
        "kind 2",
        "other or none",
    ]
    kinds = sorted({kinds[0] for kinds in corpus.column("categories")})
    dot = seen.page.locator("#legend i").nth(kinds.index(corpus.column("categories")[row][0]))
    legend = [int(part) for part in dot.evaluate("e => getComputedStyle(e).backgroundColor")[4:-1].split(",")]
    assert np.abs(shown["category"] - legend).max() < 40


def test_lasso_and_download(run, write_page, visit):
    corpus, clustering, topics, _ = run
    seen = visit(write_page(run))
    seen.page.click("#lasso")
    assert seen.page.get_attribute("#lasso", "aria-pressed") == "true"
    corners = [(330, 5), (1275, 5), (1275, 795), (330, 795)]
    seen.page.mouse.move(*corners[0])
    seen.page.mouse.down()
    for corner in corners[1:]:
        seen.page.mouse.move(*corner, steps=5)
    seen.page.mouse.up()
    assert seen.text("#count") == "60 of 60 papers"
    name, rows = download(seen)
    assert name == "papers.csv"
    assert [row["id"] for row in rows] == list(corpus.ids)
    assert [int(row["topic"]) for row in rows] == clustering.topic.tolist()
    assert [row["label"] for row in rows] == [topics[t].label if t >= 0 else "" for t in clustering.topic]
    seen.clear()
    x, y = seen.find("Paper number 20")
    seen.clear()
    seen.page.keyboard.down("Shift")
    seen.page.mouse.move(x - 12, y - 12)
    seen.page.mouse.down()
    for dx, dy in ((12, -12), (12, 12), (-12, 12)):
        seen.page.mouse.move(x + dx, y + dy, steps=3)
    seen.page.mouse.up()
    seen.page.keyboard.up("Shift")
    _, rows = download(seen)
    assert "Paper number 20" in [row["title"] for row in rows]
    assert len(rows) < 30


def test_keys_do_what_the_help_says(run, write_page, visit):
    seen = visit(write_page(run))
    keys = seen.page.keyboard
    keys.press("/")
    assert seen.page.evaluate("document.activeElement.id") == "search"
    keys.type("Paper")
    assert seen.page.input_value("#search") == "Paper"
    keys.press("Escape")
    assert seen.page.input_value("#search") == ""
    seen.page.fill("#search", "Paper number 1")
    keys.press("Escape")
    seen.page.focus("#map")
    keys.press("n")
    x, y = seen.ring()
    first = seen.text("#card-title")
    keys.press("ArrowLeft")
    moved_x, moved_y = seen.ring()
    assert moved_x - x == pytest.approx(90, abs=3)
    assert moved_y == pytest.approx(y, abs=3)
    keys.press("n")
    assert seen.text("#card-title") != first
    keys.press("p")
    assert seen.text("#card-title") == first
    keys.press("0")
    assert seen.ring() == pytest.approx((x, y), abs=2)
    keys.press("+")
    seen.page.wait_for_timeout(400)
    with seen.page.context.expect_page() as opened:
        keys.press("Enter")
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith("https://example.org/p/")
    keys.press("?")
    assert seen.page.locator("#help").is_visible()
    keys.press("Escape")
    assert seen.page.locator("#help").is_hidden()
    keys.press("l")
    assert seen.page.get_attribute("#lasso", "aria-pressed") == "true"


def test_wheel_zooms_around_the_pointer(run, write_page, visit):
    seen = visit(write_page(run))
    x, y = seen.find("Paper number 9")
    seen.page.mouse.move(x, y)
    seen.page.mouse.wheel(0, -400)
    assert seen.ring() == pytest.approx((x, y), abs=2)
    seen.page.mouse.move(x + 60, y + 45)
    seen.page.mouse.wheel(0, -400)
    near_x, near_y = seen.ring()
    assert near_x < x - 5
    assert near_y < y - 5


def test_light_and_dark(run, write_page, visit):
    path = write_page(run)
    for scheme in ("light", "dark"):
        seen = visit(path, color_scheme=scheme)
        for expected in (scheme == "light", scheme != "light"):
            # The map, the panel, a button.
            for spot in ((1270, 400), (20, 60), (1240, 20)):
                assert (pixel(seen, *spot).mean() > 200) == expected, spot
            seen.page.click("#theme")
            seen.page.wait_for_timeout(200)


def test_on_a_phone(run, write_page, visit):
    seen = visit(write_page(run), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert seen.page.locator("#topics").is_hidden()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    seen.page.tap("#fold")
    assert seen.page.get_attribute("#fold", "aria-expanded") == "true"
    # A paper that is chosen in the list is shown: the list makes room for the map.
    x, y = seen.find("Paper number 30")
    assert seen.page.get_attribute("#fold", "aria-expanded") == "false"
    assert 0 < x < 390
    assert y < seen.page.locator("#panel").bounding_box()["y"]
    link = seen.page.locator("#card-title")
    assert link.get_attribute("href") == "https://example.org/p/30"
    box = seen.page.locator("#card").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    seen.clear()
    seen.page.keyboard.press("0")
    seen.page.wait_for_timeout(400)
    x, y = seen.find("Paper number 30")
    seen.clear()
    seen.page.touchscreen.tap(x, y)
    seen.page.locator("#card").wait_for()
    assert seen.page.context.pages == [seen.page]


HOSTILE = [
    {
        "title": "<script>alert('title')</script>",
        "url": "javascript:alert(1)",
        "authors": ["<img src=x onerror=alert(2)>"],
    },
    {
        "title": "</script><script>alert(3)</script>",
        "abstract": "<!-- <script> " * 9,
        "url": "data:text/html,x",
    },
    {
        "title": '=HYPERLINK("http://evil.example","x")',
        "url": "https://user@evil.example/",
        "doi": '10.1/"><b>',
    },
    {"title": "\u202egnp.exe\u202c {{title}} {{blocks}}", "keywords": ["]]>", "&amp;"], "url": "http:evil"},
    {"title": "-1+1|cmd", "authors": ["@SUM(1)"], "url": " JaVaScRiPt:alert(5)"},
    {
        "title": "",
        "id": "<b>bold</b>",
        "abstract": "",
        "url": "//evil.example/x",
        "authors": [],
        "keywords": [],
    },
]


def test_hostile_papers_stay_text(make_run, write_page, visit):
    labels = ("</script><b>x</b>", "<!--", "{{policy}} ${x}")
    seen = visit(
        write_page(
            make_run(n=6, count=3, rows=HOSTILE, labels=labels, outliers=0),
            title="</title><script>alert(6)</script>",
        )
    )
    assert seen.page.title() == "</title><script>alert(6)</script>"
    assert seen.text("#title") == "</title><script>alert(6)</script>"
    assert sorted(seen.page.locator("#topics bdi").all_inner_texts()) == sorted(labels)
    assert seen.page.locator("script").count() == 1
    assert seen.page.locator("img, iframe, object, embed, #panel b b").count() == 0
    shown = {}
    seen.page.focus("#map")
    for _ in HOSTILE:
        seen.page.keyboard.press("n")
        seen.page.wait_for_timeout(60)
        card = seen.page.locator("#card")
        shown[card.locator("#card-title").text_content()] = card.locator("#card-title").get_attribute("href")
        assert card.locator("script, img, b").count() == 0
    assert shown == {
        "<script>alert('title')</script>": None,
        "</script><script>alert(3)</script>": None,
        '=HYPERLINK("http://evil.example","x")': "https://doi.org/10.1/%22%3E%3Cb%3E",
        "gnp.exe {{title}} {{blocks}}": None,
        "-1+1|cmd": None,
        "<b>bold</b>": None,
    }
    seen.page.fill("#search", "alert")
    assert seen.text("#count") == "2 of 6 papers"
    seen.page.locator("#topics button").first.click()
    seen.clear()
    seen.page.keyboard.press("l")
    seen.page.mouse.move(330, 5)
    seen.page.mouse.down()
    for corner in ((1275, 5), (1275, 795), (330, 795)):
        seen.page.mouse.move(*corner, steps=5)
    seen.page.mouse.up()
    _, rows = download(seen)
    assert [row["title"] for row in rows][2] == """'=HYPERLINK("http://evil.example","x")"""
    assert [row["title"] for row in rows][4] == "'-1+1|cmd"
    assert [row["authors"] for row in rows][4] == "'@SUM(1)"
    assert seen.requests == []


def test_a_bad_address_in_the_file_is_no_link_either(make_run, write_page, visit, monkeypatch):
    monkeypatch.setattr(interactive, "safe_link", lambda url, doi: url)
    rows = [{"url": "javascript:alert(1)"}, {"url": "data:text/html,x"}, {"url": "file:///etc/passwd"}]
    seen = visit(write_page(make_run(n=3, count=1, rows=rows, outliers=0)))
    for title in ("Paper number 0", "Paper number 1", "Paper number 2"):
        x, y = seen.find(title)
        assert seen.page.locator("#card-title").get_attribute("href") is None
        seen.clear()
        seen.page.mouse.click(x, y)
        seen.page.wait_for_timeout(500)
    assert seen.page.context.pages == [seen.page]


def test_the_policy_stops_what_slips_through(run, write_page, visit):
    seen = visit(write_page(run))
    markup = """
        try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); } catch { found.push("markup"); }
    """
    assert {"typed", "markup", "connect-src", "img-src"} <= seen.blocked(markup)


def test_webgl_paints_the_same_and_yields_when_lost(run, write_page, visit):
    path = write_page(run)
    plain, webgl = visit(path), visit(path, "#webgl")
    assert plain.page.get_attribute("#dots", "data-painter") == "plain"
    assert webgl.page.get_attribute("#dots", "data-painter") == "webgl"
    x, y = plain.find("Paper number 12")
    for seen in (plain, webgl):
        seen.clear()
        seen.page.wait_for_timeout(200)
    wanted = pixel(plain, x, y)
    assert np.abs(pixel(webgl, x, y) - wanted).max() < 12
    webgl.page.evaluate(
        "document.querySelector('#dots canvas').getContext('webgl2')"
        ".getExtension('WEBGL_lose_context').loseContext()"
    )
    webgl.page.wait_for_timeout(400)
    assert webgl.page.get_attribute("#dots", "data-painter") == "plain"
    assert np.abs(pixel(webgl, x, y) - wanted).max() < 12


def test_a_sample_says_so(make_run, write_page, visit, monkeypatch):
    monkeypatch.setattr(interactive, "MAX_PAPERS", 100)
    seen = visit(write_page(make_run(n=400, count=8)))
    assert seen.text("#count") == "100 papers drawn"
    assert "100 of 400 papers drawn, every topic kept." in seen.text("#note")
    for k in range(8):
        seen.page.locator("#topics button").nth(k).click()
        assert int(seen.text("#count").split()[0]) > 0
    seen.page.click("#edit")
    assert "Of a sample, papers cannot be sent elsewhere" in seen.text("#edit-hint")
    assert seen.page.locator("#send").is_hidden()


def test_without_dates_or_categories(make_run, write_page, visit):
    rows = [{"date": "", "categories": [], "url": "", "authors": []} for _ in range(12)]
    seen = visit(write_page(make_run(n=12, count=2, rows=rows)))
    assert seen.page.locator("#when").is_hidden()
    assert seen.page.locator("#color option").all_inner_texts() == ["topic"]
    x, y = seen.find("Paper number 7")
    seen.clear()
    seen.page.mouse.click(x, y)
    assert seen.text("#card-title") == "Paper number 7"
    assert seen.page.locator("#card-title").get_attribute("href") is None
    assert seen.page.context.pages == [seen.page]


def test_names_appear_by_layer_as_one_zooms(make_run, write_page, visit):
    run = make_run(n=160, count=CROWDED)
    seen = visit(write_page(run, layered=True))
    far = seen.names()
    fields = {"Field 0", "Field 1", "Field 2"}
    assert fields & set(far)
    assert all(far[name] < 0.6 for name in fields & set(far))
    assert {topic.label for topic in run[2].topics} <= set(far)
    assert not any(" part " in name for name in far)
    x, y = seen.find(f"Paper number {np.flatnonzero(run[1].topic == 0)[0]}")
    seen.clear()
    seen.page.mouse.move(x, y)
    for _ in range(3):
        seen.page.mouse.wheel(0, -200)
    seen.page.wait_for_timeout(200)
    near = seen.names()
    assert any(name.startswith(f"{run[2][0].label} part ") for name in near)
    assert not fields & set(near)
    seen.page.keyboard.press("0")
    seen.page.wait_for_timeout(400)
    assert set(seen.names()) == set(far)


def test_a_map_of_few_topics_names_no_fields(make_run, write_page, visit):
    run = make_run(n=150, count=CROWDED - 1)
    seen = visit(write_page(run, layered=True))
    assert not any(name.startswith("Field ") for name in seen.names())


def test_in_a_narrow_window_no_field_covers_a_topic(make_run, write_page, visit):
    run = make_run(n=160, count=CROWDED)
    boxes = visit(write_page(run, layered=True), viewport={"width": 390, "height": 844}).boxes()
    fields = np.array([box for name, box in boxes if name.startswith("Field ")]).reshape(-1, 4)
    names = np.array([box for name, box in boxes if not name.startswith("Field ")])
    assert len(fields) > 0
    assert len(names) > 5
    assert overlap_area(fields, names).sum() == 0


def test_no_field_covers_a_name_in_a_wide_window(make_run, write_page, visit):
    run = make_run(n=160, count=CROWDED)
    boxes = visit(write_page(run, layered=True)).boxes()
    fields = np.array([box for name, box in boxes if name.startswith("Field ")]).reshape(-1, 4)
    names = np.array([box for name, box in boxes if not name.startswith("Field ")])
    assert len(fields) > 0
    assert overlap_area(fields, names).sum() == 0


def test_the_card_says_how_far_a_topic_is_to_be_trusted(run, write_page, visit):
    _, clustering, topics, _ = run
    seen = visit(write_page(run, layered=True))
    row = int(np.flatnonzero(clustering.topic == 0)[0])
    seen.find(f"Paper number {row}")
    assert seen.text("#card-sure").endswith("stability of the topic 0.95")
    assert seen.text("#card-doubt") == "Its papers scatter."
    assert seen.text("#card-part").startswith(f"{topics[0].label} part ")
    seen.clear()
    other = int(np.flatnonzero(clustering.topic == 2)[0])
    seen.find(f"Paper number {other}")
    assert seen.page.locator("#card-doubt").is_hidden()


def test_the_page_starts_with_the_colours_that_were_asked_for(run, write_page, visit):
    assert visit(write_page(run, color="date")).page.input_value("#color") == "date"


def test_any_column_of_the_input_colours_the_page_and_the_list(run, write_page, visit):
    """Names and numbers, as in the pictures; a topic has the colour of its typical paper."""
    labs = [f"L{i % 4}" for i in range(60)]
    seen = visit(write_page(run, color="lab"))
    assert seen.page.input_value("#color") == "column"
    assert seen.page.locator("#legend bdi").all_inner_texts() == sorted(set(labs))
    colors = "nodes => nodes.map(node => getComputedStyle(node).backgroundColor)"
    legend = dict(zip(sorted(set(labs)), seen.page.locator("#legend i").evaluate_all(colors), strict=True))
    listed = seen.page.locator("#topics i").evaluate_all(colors)
    for topic, color in enumerate(listed[:-1]):
        own = [labs[row] for row in np.flatnonzero(run[1].topic == topic)]
        assert own.count(next(lab for lab, shade in legend.items() if shade == color)) == max(
            map(own.count, own)
        )
    numbers = visit(write_page(run, color="score"))
    assert numbers.page.locator("#legend .ends").inner_text().split() == ["0", "59"]
    for kind in ("column", "date"):
        numbers.page.select_option("#color", kind)
        shades = numbers.page.locator("#topics i").evaluate_all(colors)
        assert shades != listed
        numbers.page.select_option("#color", "topic")
        assert numbers.page.locator("#topics i").evaluate_all(colors) != shades


def test_a_selection_says_what_it_has_in_common_and_a_paper_its_nearest(run, write_page, visit):
    n = len(run[0])
    have = np.zeros((n, 3), np.int32)
    have[:, 0] = 1
    inside = np.flatnonzero(run[1].topic == 1)
    have[inside[1:], 1] = 1
    have[::2, 2] = 1
    words = Counts(sp.csr_matrix(have), ("anything", "coral bleaching", "even papers"))
    order = (np.arange(n)[:, None] + np.arange(6)) % n
    distances = np.tile(np.arange(6) / 10, (n, 1))
    distances[7, 5] = 1
    seen = visit(write_page(run, words=words, neighbours=lambda: Neighbours(order, distances)))
    assert seen.page.locator("#common").is_hidden()
    seen.page.locator("#topics button").nth(1).click()
    size = len(inside)
    assert seen.text("#common-terms li").split("\n") == ["coral bleaching", f"{size - 1} of {size}", "0%"]
    seen.clear()
    seen.find("Paper number 7")
    near = seen.page.locator("#card-nearest button")
    assert near.all_inner_texts() == [f"Paper number {row}" for row in range(8, 12)]
    near.nth(2).click()
    assert seen.text("#card-title") == "Paper number 10"
    assert near.count() == 5


def test_a_close_look_keeps_the_topics_name_inside_the_free_window(run, write_page, visit):
    seen = visit(write_page(run))
    topic = int(np.bincount(run[1].topic[run[1].topic >= 0]).argmax())
    row = int(np.flatnonzero(run[1].topic == topic)[0])
    x, y = seen.find(f"Paper number {row}")
    seen.clear()
    seen.page.mouse.move(x, y)
    for _ in range(8):
        seen.page.mouse.wheel(0, -240)
        seen.page.wait_for_timeout(60)
        boxes = dict(seen.boxes())
        left, top, right, bottom = boxes[run[2][topic].label]
        assert left >= 312
        assert right <= 1280 - 34
        assert top >= 0
        assert bottom <= 800


def test_on_a_phone_the_map_uses_the_height_and_no_control_covers_a_name(run, write_page, visit):
    seen = visit(write_page(run), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    free = seen.page.locator("#panel").bounding_box()["y"]
    buttons = seen.page.locator("#buttons").bounding_box()
    for zoom in range(4):
        boxes = np.array([box for _, box in seen.boxes()]).reshape(-1, 4)
        # The middle of this map is empty; the button goes to the paper nearest to it.
        assert len(boxes) > 0
        assert (boxes[:, 1] >= buttons["y"] + buttons["height"]).all()
        assert (boxes[:, 3] <= free).all()
        if not zoom:
            assert np.ptp(boxes[:, [1, 3]]) > 0.5 * free
        seen.page.tap("#zoom-in")
        seen.page.wait_for_timeout(350)
    assert any(name.startswith("Paper number") for name in seen.names())
