"""Topics changed on the map, from the click to the run that `topics edit` writes from the saved file."""

import base64
import csv
import io
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tests.conftest import rows, run_cli
from tests.invented import layers_of
from tests.runs.test_edits import editor
from topics.errors import EditError
from topics.output.maps import interactive
from topics.output.maps.typeset import clean
from topics.runs.edits import Edit, read_edits
from topics.runs.run import open_run

WEB = Path(interactive.__file__).parent / "web"

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
    assert f"fits {others[0].share:.0%}" in offers[1]
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

    assert seen.text("#subtitle").startswith(f"{len(labels(seen)) - 1} topics · ")
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


class Twins:
    """The same topics in the page's rules and in those of `topics edit`, and changes drawn for both."""

    def __init__(self, page, rng):
        self.page, self.rng = page, rng
        self.here = editor()
        self.ids = {name: row for row, name in enumerate(self.here.ids)}
        # Parts of divided topics, which the page does not tell apart.
        self.whole = {}
        topic, nearest = self.here.clustering.topic, self.here.clustering.nearest_topic
        state = {
            "topic": np.where(topic < 0, 65535, topic).tolist(),
            "nearest": nearest.tolist(),
            "labels": list(self.here.labels.values()),
        }
        page.evaluate(BEGIN, state)

    def draw(self):
        """A change that the page could be asked for."""
        rng, here = self.rng, self.here
        one, *others = rng.permutation(sorted(here.labels.keys() - self.whole.keys())).tolist()
        name = str(
            rng.choice(["one", "two words", "Three", "THREE", "ﬁne", "Straße", "STRASSE", "x" * 101, ""])
        )
        near = np.flatnonzero(here.nearest == one)
        some = rng.permutation(near)[: int(rng.integers(1, 7))].tolist()
        any_ = rng.permutation(len(here.ids))[: int(rng.integers(1, 5))].tolist()
        drawn = [
            {"rename": {"topic": one, "to": name}},
            {"merge": {"topics": [one, *others[:1]], "label": name}},
            {"split": {"topic": one, "papers": some, "label": name}},
            {"split": {"topic": one, "into": 2}},
            {"drop": {"topic": one}},
            {"move": {"papers": any_, "to": one}},
            {"move": {"papers": any_, "to": 65535}},
        ]
        if not others:
            del drawn[1]
        return drawn[int(rng.integers(len(drawn)))]

    def apply(self, change):
        """Make a change in both; whether it was made. Both make it or neither does."""
        why = self.page.evaluate("change => edits.make('', change)", change)
        if "is divided" in why:
            return False
        [(kind, what)] = change.items()
        given = dict(what)
        if "papers" in given:
            given["papers"] = [self.here.ids[row] for row in given["papers"]]
        if given.get("to") == 65535:
            given["to"] = "outlier"
        fresh = self.here._fresh()
        refused = ""
        try:
            self.here.apply(next(part for _, part in Edit.model_validate({kind: given}) if part))
        except (EditError, ValidationError) as error:
            refused = str(error)
        assert bool(why) == bool(refused), (change, why, refused)
        if why:
            return False
        if given.get("into"):
            self.whole[fresh] = given["topic"]
        return True

    def check(self):
        topic, nearest, labels, numbers = self.page.evaluate(STATE)
        here = self.here
        assert topic == [self.whole.get(one, one) for one in here.topic.tolist()]
        assert nearest == [self.whole.get(one, one) for one in here.nearest.tolist()]
        settled = {str(number): label for number, label in here.labels.items() if number in here.settled}
        assert settled.items() <= labels.items()
        assert set(labels) == {str(number) for number in here.labels if number not in self.whole}
        assert numbers == {str(number): place for place, number in enumerate(sorted(here.labels))}


BEGIN = """({topic, nearest, labels}) => {
    const n = topic.length;
    const row = () => Uint16Array.from({length: n}, (_, i) => (i * 4099) % 65536);
    window.points = {n, x: row(), y: row(), topic: Uint16Array.from(topic),
        nearest: Uint16Array.from(nearest), subtopic: new Uint16Array(n).fill(65535)};
    window.about = {topics: labels.map((label, id) => ({label, lines: [label], names: [], keywords: [],
        size: topic.filter((one) => one === id).length, anchor: [0, 0]})), subtopics: [], sample: "",
        outliers: topic.filter((one) => one === 65535).length, width: 10, height: 10, mostBytes: 1e6};
    window.edits = makeEdits(about, points);
}"""
STATE = """() => {
    const plain = (column) => [...column].map((one) => one === 65535 ? -1 : one);
    const labels = edits.living().map((id) => [id, about.topics[id].label]);
    const sizes = (id) => points.topic.filter((one) => one === id).length;
    if (!edits.living().every((id) => about.topics[id].size === sizes(id))) throw new Error("sizes");
    if (about.outliers !== sizes(65535)) throw new Error("outliers");
    return [plain(points.topic), plain(points.nearest), Object.fromEntries(labels),
        Object.fromEntries(edits.numbers())];
}"""


HOSTILE_NAMES = (
    'a "quoted" \\ name',
    "{a: b}, [c] # d",
    "\u2028line\u2029ends\x85 \x7f\ufeff",
    "- ! & * ? | > @ ` %",
    "two\nlines\ttab",
    "\u202eedirrevo\u202c 日本 😀",
)


def test_any_name_and_id_is_read_as_it_was_saved(chromium, tmp_path):
    page = chromium.new_page()
    for name in ("data.js", "edits.js"):
        page.add_script_tag(content=(WEB / name).read_text(encoding="utf-8"))
    written = page.evaluate(
        """names => toYaml({}, {id: names}, names.map((name, row) => (
            {said: name, changes: [{split: {topic: 0, papers: [row], label: plainName(name)}}]})))""",
        list(HOSTILE_NAMES),
    )
    page.close()
    (tmp_path / "edits.yaml").write_text(written, encoding="utf-8")
    changes = read_edits(tmp_path / "edits.yaml")
    assert [change.papers for change in changes] == [(name,) for name in HOSTILE_NAMES]
    assert [change.label for change in changes] == [clean(name) for name in HOSTILE_NAMES]


def test_the_page_changes_topics_as_topics_edit_does(chromium):
    """Any changes, one after the other: made or refused alike, with the same topics, labels and numbers."""
    page = chromium.new_page()
    for name in ("data.js", "edits.js"):
        page.add_script_tag(content=(WEB / name).read_text(encoding="utf-8"))
    made = 0
    for seed in range(25):
        twins = Twins(page, np.random.default_rng(seed))
        for _ in range(7):
            made += twins.apply(twins.draw())
            twins.check()
        before = page.evaluate(STATE)
        page.evaluate("() => { const all = edits.done.length; for (let k = 0; k < all; k++) edits.undo(); }")
        assert page.evaluate(STATE)[2] == dict(zip("012", editor().labels.values(), strict=True))
        page.evaluate("() => { while (edits.undone.length) edits.redo(); }")
        assert page.evaluate(STATE) == before
    # The run's own label may be longer than a name that is given.
    long = "x" * 150
    page.evaluate(BEGIN, {"topic": [0, 1, 2], "nearest": [0, 1, 2], "labels": [long, "two", "three"]})
    make = "change => edits.make('', change)"
    assert page.evaluate(make, {"rename": {"topic": 1, "to": "second"}}) == ""
    assert "at most 100 characters" in page.evaluate(make, {"merge": {"topics": [0, 1], "label": long}})
    page.close()
    assert made > 60


def test_a_subtopic_is_split_off_inside_a_notebooks_sandbox(make_run, write_page, visit, tmp_path):
    run = make_run(n=60, count=6)
    page = base64.b64encode(write_page(run, layered=True).read_bytes()).decode("ascii")
    (tmp_path / "cell.html").write_text(
        f'<iframe width="900" height="560" sandbox="allow-scripts allow-downloads" '
        f'src="data:text/html;charset=utf-8;base64,{page}"></iframe>'
    )
    seen = visit(tmp_path / "cell.html", ready="iframe")
    cell = seen.page.frame_locator("iframe")
    cell.locator("#map[data-ready]").wait_for(state="attached")
    cell.locator("#edit").click()
    cell.locator(".pen").first.click()
    part = cell.locator("#bench-parts li").first
    name, size = part.inner_text().split("\n")
    part.locator("input").check()
    cell.locator("#bench-part").press("Enter")
    assert cell.locator("#topics [data-topic] bdi").nth(-2).inner_text() == name
    with seen.page.expect_download() as found:
        cell.locator("#save").click()
    found.value.save_as(tmp_path / "edits.yaml")
    (split,) = read_edits(tmp_path / "edits.yaml")
    hierarchy = layers_of(*run[1:])
    number = [group.label for group in hierarchy.subtopics].index(name)
    inside = np.flatnonzero((run[1].topic == 0) & (hierarchy.subtopic == number))
    assert (split.topic, split.label) == (0, name)
    assert split.papers == tuple(run[0].ids[row] for row in inside)
    assert len(inside) == int(size)
