"""The codebook quotes what papers say, says what topics are not, and keeps hostile text text."""

import json
import re

import pytest

from tests.conftest import rows, run_cli
from topics.evidence.codebook import LONGEST, SHORTEST, codebook, sentences, terms_in
from topics.runs.run import open_run


@pytest.fixture(scope="module")
def run(quick_run):
    return open_run(quick_run)


@pytest.fixture(scope="module")
def entries(run):
    return codebook(run)


def test_sentences_are_whole():
    text = (
        "Models of this kind were trained, e.g. By hand, as Smith et al. Have shown before. They work well "
        'in practice (see Fig. 3) and cost 3.5 dollars a day. "Some people do not like them at all!" Why is '
        "that so hard to say? No."
    )
    assert sentences(text) == [
        "Models of this kind were trained, e.g. By hand, as Smith et al. Have shown before.",
        "They work well in practice (see Fig. 3) and cost 3.5 dollars a day.",
        '"Some people do not like them at all!" Why is that so hard to say?',
    ]
    assert sentences("我们研究语言模型的推理能力以及它们在长文本上的表现。短。") == [
        "我们研究语言模型的推理能力以及它们在长文本上的表现。"
    ]


def test_terms_are_found_in_any_number_and_case():
    assert {"language model", "model"} <= terms_in("Language Models are useful.")


def test_quotes_stand_in_the_papers_of_the_topic(run, entries):
    quoted = 0
    for entry in entries:
        assert len({quote.row for quote in entry.definition}) == len(entry.definition)
        for quote in entry.definition:
            quoted += 1
            assert run.clustering.topic[quote.row] == entry.topic
            assert quote.text in " ".join(run.corpus.abstracts[quote.row].split())
            assert SHORTEST <= len(quote.text.split()) <= LONGEST
    assert quoted >= 2 * len(entries)


def test_words_papers_and_the_nearest_topic_are_what_they_say(run, entries):
    for entry in entries:
        keywords = [keyword.term for keyword in run.topics[entry.topic].keywords]
        included = [word.term for word in entry.inclusion]
        assert included == [term for term in keywords if term in included]
        assert len(included) >= len(keywords) - 1
        assert all(word.inside > word.outside for word in entry.inclusion)
        assert entry.nearest != entry.topic
        assert not set(entry.ours) & set(entry.theirs)
        for paper in entry.borderline:
            assert run.clustering.topic[paper.row] == entry.topic
            assert paper.second == run.memberships.second_topic[paper.row]
            assert paper.second_probability <= paper.probability


def test_it_is_written_as_markdown_and_html(quick_run, run, tmp_path):
    files = [tmp_path / "book.md", tmp_path / "book.html"]
    for file in files:
        run_cli("report", quick_run, "--codebook", "-o", file)
    text, page = (file.read_text(encoding="utf-8") for file in files)
    assert text.count("\n## ") == page.count("<h2>") == len(run.topics)
    assert "none: the topics are as they were found" in text
    for heading in ("Definition, from its papers", "Inclusion words", "Typical papers", "What it is not"):
        assert text.count(f"### {heading}") == len(run.topics)
    assert "<script" not in page
    assert page.count("<ul>") == page.count("</ul>")
    again = tmp_path / "again.md"
    run_cli("report", quick_run, "--codebook", "-o", again)
    assert again.read_bytes() == files[0].read_bytes()


def test_edits_and_what_people_said_are_told(copy, tmp_path):
    moved = rows(copy / "assignments.csv")[0]["id"]
    edits = tmp_path / "edits.yaml"
    edits.write_text(
        f"edits:\n- rename: {{topic: 0, to: '<b>bold</b> | name'}}\n- move: {{papers: [{moved}], to: 1}}\n",
        encoding="utf-8",
    )
    run_cli("edit", copy, edits, "-o", tmp_path / "run")
    run_cli("validate", tmp_path / "run", "--precision", "0.3")
    folder = tmp_path / "run-validation"
    questions = json.loads((folder / "validation.json").read_text(encoding="utf-8"))["questions"]
    sheet = (folder / "sheet.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    lines = ["sheet,number,answer", *(f"{sheet},{q['number']},{'ABCDEF'[q['right']]}" for q in questions)]
    (tmp_path / "anna.csv").write_text("\n".join(lines), encoding="utf-8")
    run_cli("validate", tmp_path / "run", "--score", tmp_path / "anna.csv")
    printed = run_cli("report", tmp_path / "run", "--codebook").output.split()
    assert [name.rsplit("/", 1)[1] for name in printed] == ["codebook.md", "codebook.html"]
    page = (tmp_path / "run-codebook" / "codebook.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold&lt;/b&gt; | name" in page
    assert "<b>" not in page
    assert "2 edits by hand" in page
    assert "rename: topic 0" in page
    assert f"[{moved}]" in page.split("Put here by hand")[1][:300]
    assert re.search(r"Checked by people: .*label fits 100% ", page)
    text = (tmp_path / "run-codebook" / "codebook.md").read_text(encoding="utf-8")
    assert r"\<b\>bold\</b\> \| name" in text


def test_another_kind_of_file_is_refused(quick_run, tmp_path):
    output = run_cli("report", quick_run, "--codebook", "-o", tmp_path / "book.docx", expect=2).output
    assert "a codebook is written as .md or .html, not as book.docx" in " ".join(output.split())
