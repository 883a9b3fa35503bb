"""Questions are blind, seeded and about what they say; answers come back right; hostile text stays text."""

import base64
import csv
import json
import re
import shutil

import numpy as np
import pytest

from tests.answering import Model
from tests.conftest import ROOT, rows, run_cli, summary_of
from topics.output.tables.csv_file import write_csv
from topics.runs.run import open_run
from topics.runs.validate.model import chosen
from topics.runs.validate.questions import (
    AT_LEAST,
    FIT,
    FITS,
    LETTERS,
    NONE,
    PAPERS,
    WHICH,
    WORDS,
    allocated,
    ask,
    sample_size,
)
from topics.runs.validate.score import _weighed, score
from topics.runs.validate.sheets import Answered, prepared


@pytest.fixture(scope="module")
def place(quick_run, tmp_path_factory):
    """A copy of a run with its questions beside it."""
    folder = tmp_path_factory.mktemp("validate")
    run = shutil.copytree(quick_run, folder / "run")
    run_cli("validate", run, "--precision", "0.1")
    return run


@pytest.fixture(scope="module")
def run(place):
    return open_run(place)


@pytest.fixture(scope="module")
def questions(run):
    return ask(run, 0.1, run.config.random_state)


def key_of(place):
    return json.loads((place.with_name("run-validation") / "validation.json").read_text(encoding="utf-8"))


def answered(place, target, coder, answer=lambda question: question["right"], **columns):
    """A filled copy of the sheet; answer: from a question of the key to the place of an option, or None."""
    key = {question["number"]: question for question in key_of(place)["questions"]}
    sheet = rows(place.with_name("run-validation") / "sheet.csv")
    for row in sheet:
        option = answer(key[int(row["number"])])
        row |= {"answer": "" if option is None else LETTERS[option], "coder": coder, **columns}
    write_csv(target, list(sheet[0]), [row.values() for row in sheet])
    return target


def test_the_sample_follows_from_the_precision():
    """Cochran's tables: 385 of a very large population for .05, 96 or 97 for .1; fewer of a small one."""
    assert sample_size(10**9, 0.05) == 385
    assert sample_size(10**9, 0.1) == 97
    assert sample_size(1000, 0.05) == 278
    assert sample_size(40, 0.1) == 29
    assert sample_size(3, 0.02) == 3


def test_every_topic_has_its_share_of_the_sample():
    assert allocated(np.array([500, 300, 200]), 100).tolist() == [50, 30, 20]
    assert allocated(np.array([960, 30, 8, 2]), 97).tolist() == [93, AT_LEAST, AT_LEAST, 2]


def test_questions_are_about_what_they_say(run, questions):
    topic = dict(zip(run.corpus.titles, run.clustering.topic.tolist(), strict=True))
    words = [[keyword.term for keyword in own.keywords] for own in run.topics.topics]
    for question in questions:
        right = question.options[question.right]
        if question.task == WORDS:
            assert right not in words[question.topic]
            assert set(question.options) - {right} <= set(words[question.topic])
        elif question.task == PAPERS:
            own = [
                topic[next(title for title in topic if text.startswith(title))] for text in question.options
            ]
            assert own.pop(question.right) != question.topic
            assert set(own) == {question.topic}
        elif question.task == WHICH:
            assert right == run.topics.labels[topic[question.title]]
            assert len(set(question.options)) == 5
            assert question.options[-1] == NONE
        else:
            own = run.topics.labels[topic[question.title]]
            assert (question.label == own) != question.control
    tasks = [question.task for question in questions]
    assert tasks == sorted(tasks, key=[WORDS, PAPERS, WHICH, FIT].index)
    assert [question.number for question in questions] == list(range(1, len(questions) + 1))
    fit = [question.control for question in questions if question.task == FIT]
    assert sum(fit) == -(-len(fit) // 5) > 0
    shown = [question.title for question in questions if question.task == FIT and not question.control]
    assert sorted(shown) == sorted(question.title for question in questions if question.task == WHICH)


def test_the_same_seed_asks_the_same_and_another_asks_otherwise(run, questions):
    assert ask(run, 0.1, run.config.random_state) == questions
    assert ask(run, 0.1, 7) != questions
    places = [question.right for question in questions if question.task in (WORDS, PAPERS)]
    assert len(set(places)) > 3


def test_sheets_do_not_tell_what_is_right(place):
    folder = place.with_name("run-validation")
    sheet = rows(folder / "sheet.csv")
    assert not any(row["answer"] or row["coder"] for row in sheet)
    assert not {"right", "topic", "control", "of"} & set(sheet[0])
    page = (folder / "sheet.html").read_text(encoding="utf-8")
    packed = re.search(r'id="questions">([^<]+)<', page)[1]
    asked = json.loads(base64.b64decode(packed))["questions"]
    assert set(asked[0]) == {"number", "task", "title", "abstract", "label", "options"}
    assert (folder / "README.md").read_text(encoding="utf-8").count("(") > 4


def test_answers_go_into_report_and_run(place, tmp_path):
    sure = answered(place, tmp_path / "anna.csv", "Anna <b>")
    doubtful = answered(
        place, tmp_path / "ben.csv", "=Ben", lambda q: q["right"] if q["task"] != "label_fit" else 1
    )
    out = run_cli("validate", place, "--score", sure, doubtful).output
    assert "Anna <b>: " in out
    found = summary_of(place)["validation"]
    tasks = {task["task"]: task for task in found["tasks"]}
    assert tasks[WORDS]["score"]["share"] == 1
    assert tasks[FIT]["score"]["share"] == 0.5
    assert tasks[FIT]["partly"] == 0.5
    assert tasks[FIT]["controls"]["share"] == 0
    assert tasks[WORDS]["kappa"] == tasks[WORDS]["alpha"] == 1
    assert [coder["score"]["share"] for coder in tasks[FIT]["coders"]] == [1, 0]
    assert len(tasks[WHICH]["topics"]) == len(open_run(place).topics)
    assert [sheet["coder"] for sheet in found["sheets"]] == ["Anna <b>", "=Ben"]
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "Checked by people" in page
    assert "Anna &lt;b&gt;" in page
    assert "<b>:" not in page
    scores = rows(place.with_name("run-validation") / "scores.csv")
    assert {row["task"] for row in scores} == {WORDS, PAPERS, WHICH, FIT}
    assert "'=Ben" in {row["which"] for row in scores}
    for command in (("show", place), ("evaluate", place, "-o", tmp_path / "e")):
        run_cli(*command)
    open_run(place).check("report.html")


def test_what_a_spreadsheet_makes_of_a_sheet_is_read(place, tmp_path):
    """Semicolons, small letters, brackets, a byte order mark, another code page, columns left out."""
    lines = [["Sheet", "number", "Answer", "coder"]]
    for question in key_of(place)["questions"][:6]:
        lines.append(
            [key_of(place)["sheet"], question["number"], f" {LETTERS[question['right']].lower()}) ", "Zoë"]
        )
    text = "\r\n".join(";".join(map(str, line)) for line in lines)
    for name, coding in (("mark.csv", "utf-8-sig"), ("excel.csv", "cp1252")):
        (tmp_path / name).write_bytes(text.encode(coding))
        out = run_cli("validate", place, "--score", tmp_path / name).output
        assert f"Zoë: 6 of {len(key_of(place)['questions'])} questions answered, " in out
        assert "100%" in out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row | {"answer": "G"}, "is no answer to question 1; write one of A, B"),
        (lambda row: row | {"answer": "A or B"}, "'A or B' is no answer to question 1"),
        (lambda row: row | {"sheet": "ffff"}, "line 2: this is a sheet of other questions (ffff, not "),
        (lambda row: row | {"number": "9999"}, "line 2: there is no question '9999'"),
        (lambda row: row | {"A": row["B"], "B": row["A"]}, "line 2: option A of question 1 is "),
        (lambda row: row | {"A": ""}, "line 2: option A of question 1 is '' and was "),
        (lambda row: row | {"label": "mine"}, "line 2: the label of question 1 is 'mine' and was ''"),
        (lambda row: row | {"number": "2"}, " of question 2 is "),
        (lambda row: row | {"kind": "LLM"}, "kind is 'LLM'; write 'person' or 'language model'"),
        (lambda row: row | {"kind": "language model"}, "kind is 'person' here and 'language model' above"),
        (lambda row: row | {"coder": "Ben"}, "coder is 'Anna' here and 'Ben' above; a sheet is one coder's"),
    ],
)
def test_a_wrong_answer_is_told_in_one_sentence(place, tmp_path, change, message):
    before = summary_of(place)
    path = answered(place, tmp_path / "anna.csv", "Anna")
    found = rows(path)
    found[0] = change(found[0])
    write_csv(path, list(found[0]), [row.values() for row in found])
    output = " ".join(run_cli("validate", place, "--score", path, expect=2).output.split())
    assert message in output
    assert summary_of(place) == before


def test_files_that_are_no_sheets_are_told(place, tmp_path):
    empty = answered(place, tmp_path / "empty.csv", "Anna", lambda _: None)
    one, two = (answered(place, tmp_path / name, "Anna") for name in ("one.csv", "two.csv"))
    (tmp_path / "other.csv").write_text("title,abstract\na,b\n", encoding="utf-8")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04rest")
    for files, message in (
        ((empty,), "holds no answer; write a letter into the column answer"),
        ((one, two), "are both by 'Anna'"),
        ((tmp_path / "other.csv",), "has no column sheet"),
        ((tmp_path / "book.xlsx",), "is no CSV file; save the sheet as CSV"),
        ((tmp_path / "gone.csv",), "cannot be read"),
    ):
        output = " ".join(run_cli("validate", place, "--score", *files, expect=2).output.split())
        assert message in output


def test_options_that_do_not_go_together_are_told(place, tmp_path):
    for options, message in (
        ((tmp_path / "a.csv",), "answered sheets are read with --score"),
        (("--score",), "--score needs answered sheets"),
        (("--model",), "--model needs a language model"),
        (("--set", "label.llm.url=http://x"), "--set names the language model of --model"),
        (("--model", "--set", "label.keywords=3"), "only label.llm settings count here"),
        (("--precision", "0.9"), "--precision"),
    ):
        assert message in " ".join(run_cli("validate", place, *options, expect=2).output.split())
    folder = place.with_name("run-validation")
    other = shutil.copytree(ROOT / "tests" / "data" / "run-2026-11-28", tmp_path / "other")
    sheet = answered(place, tmp_path / "a.csv", "Anna")
    output = run_cli("validate", other, "--score", sheet, "-o", folder, expect=2).output
    assert "are about a run with other topics" in " ".join(output.split())
    output = run_cli("validate", other, "--score", sheet, "-o", tmp_path / "none", expect=2).output
    assert "holds no validation.json" in " ".join(output.split())


def test_a_key_stays_while_coders_have_its_sheets(place, tmp_path):
    run = shutil.copytree(place, tmp_path / "run")
    run_cli("validate", run)
    folder = tmp_path / "run-validation"
    sheet = folder / "sheet.csv"
    blank = sheet.read_bytes()
    sheet.write_text(sheet.read_text(encoding="utf-8").replace(",,person", ",Anna,person"), encoding="utf-8")
    (folder / "sheet.html").unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for options, why in (
        (("--seed", "5"), "holds the key of the questions of precision 0.1 and seed 42"),
        (("--precision", "0.2"), "coders may still have its sheets; name another folder with -o"),
    ):
        assert why in " ".join(run_cli("validate", run, *options, expect=2).output.split())
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    output = run_cli("validate", run).output
    assert "its key was kept, and what was gone is back" in " ".join(output.split())
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert (folder / "sheet.html").exists()
    run_cli("validate", run, "-o", tmp_path / "again")
    assert (tmp_path / "again" / "sheet.csv").read_bytes() == blank


def test_a_code_page_changes_no_option(place, tmp_path):
    """What Excel writes as plain CSV loses letters that its code page has not; that is no swap."""
    path = answered(place, tmp_path / "anna.csv", "Zoë")
    path.write_bytes(path.read_bytes().decode("utf-8").encode("cp1252", "replace"))
    assert "Zoë: " in run_cli("validate", place, "--score", path).output


def test_the_precision_asked_for_is_met(run, questions):
    """Whatever half of the people say, and however many papers there are, all of them drawn or not."""
    for sizes in ([900, 80, 20], [40, 30, 20, 10], [9, 3, 1], [5000] * 8):
        for precision in (0.05, 0.1, 0.2):
            drawn = allocated(np.array(sizes), sample_size(sum(sizes), precision))
            topic = np.repeat(np.arange(len(sizes)), drawn)
            right = np.tile([1.0, 0.0], len(topic))[: len(topic)]
            found = _weighed(right, topic, np.array(sizes, float), np.array(sizes, float))
            assert (found.high - found.low) / 2 <= precision
    all_asked = _weighed(np.array([1.0, 0.0, 1.0]), np.zeros(3, int), np.ones(1), np.array([3.0]))
    assert (all_asked.low, all_asked.high) == (pytest.approx(2 / 3, abs=1e-4),) * 2


def test_an_answer_given_twice_is_told(place, tmp_path):
    path = answered(place, tmp_path / "anna.csv", "Anna")
    found = rows(path)
    found[0] = found[1]
    write_csv(path, list(found[0]), [row.values() for row in found])
    output = " ".join(run_cli("validate", place, "--score", path, expect=2).output.split())
    assert "question 2 is answered twice" in output


def test_a_language_model_fills_a_sheet_that_says_so(place, tmp_path):
    def answer(body, number):
        about = json.loads(body["messages"][1]["content"])
        assert set(about) <= {"question", "title", "abstract", "label", "options"}
        return ('{"answer": "B"}', "<think>A?</think> b", "no idea")[min(number, 2)] if number < 3 else "A."

    with Model(answer) as model:
        settings = [f"label.llm.url={model.url}", "label.llm.model=tiny/1"]
        options = [word for setting in settings for word in ("--set", setting)]
        run_cli("validate", place, "--model", *options)
    path = place.with_name("run-validation") / "answers-tiny-1.csv"
    found = rows(path)
    assert [row["answer"] for row in found[:4]] == ["B", "B", "", "A"]
    assert {(row["coder"], row["kind"]) for row in found} == {("tiny/1", "language model")}
    person = answered(place, tmp_path / "anna.csv", "Anna")
    out = run_cli("validate", place, "--score", person, path).output
    assert "tiny/1 (language model): " in out
    tasks = {task["task"]: task for task in summary_of(place)["validation"]["tasks"]}
    assert tasks[WORDS]["score"]["share"] == 1
    assert tasks[WORDS]["alpha"] is None
    assert tasks[WORDS]["with_models"] < 1
    assert "tiny/1 (language model)" in (place / "report.html").read_text(encoding="utf-8")
    # Answers of a model alone are not people's.
    run_cli("validate", place, "--score", path)
    tasks = {task["task"]: task for task in summary_of(place)["validation"]["tasks"]}
    assert tasks[WORDS]["score"] is None
    assert tasks[WORDS]["coders"][0]["model"] is True


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"answer": "c"}', 2),
        ("(B)", 1),
        ("D", None),
        ("", None),
        ("A is right", None),
        ('{"answer": "AB"}', None),
    ],
)
def test_an_answer_of_a_model_is_a_letter_or_none(text, place):
    assert chosen(text, 3) == place


def test_topics_weigh_by_their_papers(run, questions):
    """A coder who is right about the papers of topic 0 only is right in its share of the papers."""
    found = prepared(run, questions, 0.1, 0)
    answers = {
        q.number: q.right if q.topic == 0 else (q.right + 1) % len(q.options)
        for q in questions
        if q.task == WHICH
    }
    sizes = run.clustering.sizes.tolist()
    (task,) = score(found, [Answered("Anna", False, answers, "")], sizes).tasks
    assert task.score.share == pytest.approx(sizes[0] / sum(sizes), abs=1e-4)
    assert task.topics[0].score.share == 1
    assert task.score.low < task.score.share < task.score.high
    assert len(FITS) == 3


@pytest.mark.browser
def test_the_page_is_answered_by_clicks_and_keys_and_hostile_text_stays_text(place, visit, tmp_path):
    from topics.runs.validate.questions import Question
    from topics.runs.validate.sheets import write_page

    hostile = '</script><script>alert(1)</script><img src=x onerror=alert(2)> "=1+1"'
    asked = [
        Question(1, WORDS, (hostile, "two"), 0, 0),
        Question(2, FIT, FITS, 0, 0, hostile, hostile, hostile),
        Question(3, WORDS, ("one", "two", "three"), 0, 0),
    ]
    write_page("abcd", asked, tmp_path / "sheet.html")
    seen = visit(tmp_path / "sheet.html", ready="body[data-ready]")
    page = seen.page
    assert seen.text("#options li:first-child span") == hostile
    page.click("#save")
    assert "name" in seen.text("#done")
    page.fill("#coder", "=Zoë")
    page.locator("#options button").nth(1).click()
    page.wait_for_timeout(300)
    assert seen.text("#title") == seen.text("#label") == hostile
    page.locator("h1").click()
    page.keyboard.press("c")
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowLeft")
    assert page.locator('#options button[aria-pressed="true"]').inner_text().startswith("C")
    assert "2 answered, 1 open" in seen.text("#done")
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [row["answer"] for row in found] == ["B", "C", ""]
    assert {row["coder"] for row in found} == {"'=Zoë"}
    assert seen.blocked("") >= {"script-src-elem", "connect-src", "img-src"}
    page.reload()
    assert "2 answered, 1 open" in seen.text("#done")
