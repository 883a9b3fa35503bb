"""Topics changed on the map, from the click to the run that `topics edit` writes from the saved file."""

import csv
import io

import numpy as np
import pytest

from tests.conftest import rows, run_cli
from topics.runs.edits import read_edits
from topics.runs.run import open_run

pytestmark = pytest.mark.browser


def saved(seen, button):
    with seen.page.expect_download() as found:
        seen.page.click(button)
    return found.value


def shown(seen):
    """What the page says of each paper: its topic's number and label."""
    seen.lasso_all()
    text = saved(seen, "#download").path().read_text(encoding="utf-8-sig")
    seen.clear()
    return {
        row["id"]: (int(row["topic"]), row["label"]) for row in csv.DictReader(io.StringIO(text, newline=""))
    }


def pen(seen, label):
    return seen.page.get_by_role("button", name=f"Change {label}", exact=True)


def labels(seen):
    return seen.page.locator("#topics [data-topic] bdi").all_inner_texts()


def steps(seen):
    return seen.page.locator("#changes-list li").all_inner_texts()


def middle(seen, label):
    """Where a topic's name stands on the map."""
    boxes = [box for text, box in seen.boxes() if text in label and label.startswith(text)]
    return (boxes[0][0] + boxes[0][2]) / 2, (boxes[0][1] + boxes[0][3]) / 2


def test_what_is_changed_on_the_map_is_what_topics_edit_writes(quick_run, visit, tmp_path):
    run = open_run(quick_run)
    seen = visit(quick_run / "map.html")
    first = list(run.topics.labels)
    assert shown(seen) == {
        paper: (topic, first[topic] if topic >= 0 else "")
        for paper, topic in zip(run.corpus.ids, run.clustering.topic.tolist(), strict=True)
    }
    seen.page.keyboard.press("e")
    assert seen.page.locator("#changes-none").is_visible()

    # A name on the map opens its topic; the names that its papers offer come with their coverage.
    seen.page.mouse.click(*middle(seen, first[0]))
    offers = seen.page.locator("#bench-names button").all_inner_texts()
    others = run.topics[0].others
    assert len(offers) == 1 + len(others)
    assert f"fits {others[0].share:.0%}".replace("%", " %") in offers[1]
    seen.page.locator("#bench-names button").nth(1).click()
    seen.page.keyboard.press("Enter")
    assert labels(seen)[0] == others[0].name
    assert others[0].name.split()[0] in " ".join(seen.names())

    # Dragged in the list, and on the map; only what is confirmed is done.
    source = seen.page.locator("#topics [data-topic='2']")
    source.drag_to(seen.page.locator("#topics [data-topic='1']"))
    assert seen.page.input_value("#bench-into") == "2"
    seen.page.fill("#bench-name", "  one of \t two ")
    seen.page.click("#bench-merge")
    assert labels(seen)[1] == "one of two"
    assert first[2] not in labels(seen)
    seen.page.mouse.move(*middle(seen, first[4]))
    seen.page.mouse.down()
    seen.page.mouse.move(*middle(seen, first[3]), steps=4)
    seen.page.mouse.up()
    assert seen.page.input_value("#bench-into") == "4"
    assert seen.page.input_value("#bench-name") in first[3:5]
    seen.page.keyboard.press("Escape")
    assert first[4] in labels(seen)

    # Papers found are sent elsewhere: to a topic, to none, to a new one.
    topic = run.clustering.topic
    title = run.corpus.titles
    for row, to in (
        (int(np.flatnonzero(topic == 3)[0]), first[4]),
        (int(np.flatnonzero(topic == 4)[0]), "no topic (outliers)"),
    ):
        seen.find(title[row])
        seen.page.select_option("#send-to", label=to)
        seen.page.click("#send-go")
        seen.clear()
    x, y = seen.find(title[int(np.flatnonzero(topic == 0)[0])])
    seen.clear()
    seen.lasso([(x - 60, y - 60), (x + 60, y - 60), (x + 60, y + 60), (x - 60, y + 60)])
    assert int(seen.text("#count").split()[0]) > 1
    seen.page.select_option("#send-to", "new")
    seen.page.fill("#send-name", 'a "new" line: of work # 1')
    seen.page.keyboard.press("Enter")
    assert seen.text("#send-why") == ""
    assert labels(seen)[-2] == 'a "new" line: of work # 1'
    seen.clear()

    # What cannot be is said and changes nothing.
    before = steps(seen)
    pen(seen, first[3]).click()
    seen.page.fill("#bench-name", first[4].upper())
    seen.page.click("#bench-rename")
    assert "another topic is called" in seen.text("#bench-why")
    seen.page.keyboard.press("Escape")
    assert steps(seen) == before

    # Back and forth by keys.
    last = labels(seen)
    for _ in range(2):
        seen.page.keyboard.press("Control+z")
    assert len(steps(seen)) == len(before) - 2
    assert labels(seen) != last
    seen.page.keyboard.press("Control+Shift+z")
    seen.page.keyboard.press("Control+y")
    assert (steps(seen), labels(seen)) == (before, last)

    # A topic dissolved; one divided, of which the page knows which papers, but not into which parts.
    size = {label: int((topic == k).sum()) for k, label in enumerate(first)}
    gone, parted = first[-1], first[-2]
    pen(seen, gone).click()
    seen.page.click("#bench-drop")
    pen(seen, parted).click()
    seen.page.click("#bench-divide")
    assert "into 2" in seen.text(f"#topics li:has-text('{parted}')")
    pen(seen, parted).click()
    seen.page.click("#bench-drop")
    assert "is divided when the edits are made" in seen.text("#bench-why")
    seen.page.keyboard.press("Escape")

    page = shown(seen)
    file = saved(seen, "#save")
    assert file.suggested_filename == "edits.yaml"
    file.save_as(tmp_path / "edits.yaml")
    assert seen.text("#replay-command") == f"topics edit {quick_run} edits.yaml -o {quick_run}-edited"
    assert seen.page.locator("#replay-text").text_content() == (tmp_path / "edits.yaml").read_text(
        encoding="utf-8"
    )
    assert len(read_edits(tmp_path / "edits.yaml")) >= len(steps(seen))
    assert seen.requests == []

    run_cli("edit", quick_run, tmp_path / "edits.yaml", "-o", tmp_path / "new")
    written = {
        row["id"]: (int(row["topic"]), row["label"] if int(row["topic"]) >= 0 else "")
        for row in rows(tmp_path / "new" / "assignments.csv")
    }
    divided = {paper for paper, (_, label) in page.items() if label == parted}
    assert len(divided) == size[parted]
    number = {page[paper][0] for paper in divided}
    parts = {written[paper][0] for paper in divided}
    assert len(parts) == 2
    assert number < parts
    assert not parts & {written[paper][0] for paper in page.keys() - divided}
    assert {paper: written[paper] for paper in page.keys() - divided} == {
        paper: page[paper] for paper in page.keys() - divided
    }
