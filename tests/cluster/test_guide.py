"""Topics that are asked for: which papers support them, what is refused, and what a run makes of them."""

import numpy as np
import pytest

from tests.conftest import QUICK, ROOT, SEED, rows, run_cli, summary_of
from tests.papers import themed
from topics.cluster.guide import asked, find_support
from topics.config import GuideSettings, GuideTopic
from topics.config.load import validate
from topics.errors import ConfigError, CorpusError, InputError


def wanted(*topics, **more):
    return GuideSettings(topics=tuple(GuideTopic(**topic) for topic in topics), **more)


def test_papers_with_the_terms_support_a_topic():
    papers, vectors, groups = themed(6, 2)
    asked_for = wanted({"name": "flows", "terms": ["turbulent flow"]}, {"name": "watermarks"})
    found = find_support(papers, vectors, asked_for, None)
    assert found.names == ("flows", "watermarks")
    assert set(found.seeds[0]) <= set(np.flatnonzero(groups.topic == 2).tolist())
    assert set(found.seeds[1]) <= set(np.flatnonzero(groups.topic == 1).tolist())


def test_a_paper_near_the_words_supports_a_topic_without_using_them():
    papers, vectors, groups = themed(6, 2)
    near = np.eye(8, dtype=np.float32)[[1]]
    found = find_support(papers, vectors, wanted({"name": "provenance"}), lambda _: near)
    assert set(found.seeds[0]) <= set(np.flatnonzero(groups.topic == 1).tolist())
    assert np.array_equal(found.places, near)


def test_example_papers_come_first():
    papers, vectors, _ = themed(6, 2)
    found = find_support(papers, vectors, wanted({"name": "mine", "papers": ["p9", "p2"]}), None)
    assert found.seeds[0][:2] == (9, 2)


@pytest.mark.parametrize(
    ("topics", "error", "sentence"),
    [
        (
            [{"name": "pottery", "terms": ["kiln", "glaze"]}],
            CorpusError,
            "No paper supports the guided topic 'pottery': none of the 18 papers contains kiln, glaze or ",
        ),
        ([{"name": "x", "papers": ["p99"]}], CorpusError, "guide.topics, 'x': no paper 'p99' was kept"),
        ([{"name": "Flow"}, {"name": "flow"}], ConfigError, "guide names the topic 'Flow' twice"),
        (
            [{"name": "a", "papers": ["p1"]}, {"name": "b", "papers": ["p1"]}],
            ConfigError,
            "the paper 'p1' is listed under two topics",
        ),
        (
            [{"name": "the of and", "terms": ["!!!"]}],
            ConfigError,
            "guide.topics, 'the of and': its name and terms hold stop words only",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(topics, error, sentence):
    papers, vectors, _ = themed(6)
    with pytest.raises(error) as caught:
        find_support(
            papers, vectors, wanted(*topics), lambda texts: np.eye(8, dtype=np.float32)[[7] * len(texts)]
        )
    assert sentence in str(caught.value)


def test_zero_shot_needs_topics():
    with pytest.raises(ConfigError, match=r"zero_shot needs topics: list them under guide\.topics"):
        asked(GuideSettings(mode="zero_shot"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "title,description\na,b\n",
            "needs the columns name and description; its columns are title, description",
        ),
        ("name,description\n", "the taxonomy names no topic"),
        (
            f"name\n{'a' * 101}\n",
            r"areas\.csv: 'a{60}' cannot be the name of a topic: .*of 1 to 100",
        ),
        ("name\nre\x07d\n", "cannot be the name of a topic: .*none of them a control character"),
        (b"name\n\xff\xfe\xfa\n", "cannot be read"),
    ],
)
def test_unusable_taxonomies(tmp_path, text, sentence):
    path = tmp_path / "areas.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=sentence):
        asked(GuideSettings(taxonomy=str(path)))


def test_a_missing_taxonomy_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: no such taxonomy file \(guide\.taxonomy\)"):
        asked(GuideSettings(taxonomy=str(tmp_path / "none.csv")))


def test_areas_that_no_paper_supports_are_left_out_and_listed(tmp_path):
    papers, vectors, _ = themed(6)
    path = tmp_path / "areas.csv"
    path.write_text(
        "Name,Description\nturbulence,turbulent flow\npottery,kilns and glazes\n", encoding="utf-8"
    )
    found = find_support(papers, vectors, GuideSettings(taxonomy=str(path)), None)
    assert (found.names, found.without) == (("turbulence",), ("pottery",))
    assert "left out: pottery" in found.notes[0]


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ([{"nam": "x"}], "c.yaml: entry 1 of guide.topics: unknown key nam; did you mean name?"),
        (
            [{"name": "y"}, {"terms": ["x"]}],
            "c.yaml: entry 2 of guide.topics: name is missing; it must be a text of 1 to 100 "
            "characters, none of them a control character",
        ),
        (3, "c.yaml: guide.topics is 3, but must be a list of entries with name, terms, description, papers"),
        (
            [3],
            "c.yaml: entry 1 of guide.topics must be a section with the keys name, terms, description, "
            "papers",
        ),
    ],
)
def test_mistakes_in_a_list_of_topics(tree, sentence):
    with pytest.raises(ConfigError) as caught:
        validate({"guide": {"topics": tree}}, "c.yaml")
    assert str(caught.value) == sentence


def test_check_takes_the_example():
    result = run_cli("check", ROOT / "configs" / "guided.yaml")
    assert "Topics asked for (guided): alignment, evaluation benchmarks" in result.output


@pytest.fixture(scope="module")
def guided(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guided") / "run"
    run_cli("run", ROOT / "configs" / "guided.yaml", "-o", folder, *QUICK)
    return folder


def test_guided_topics_are_there_under_their_names_beside_others(guided):
    topics, papers = rows(guided / "topics.csv"), rows(guided / "assignments.csv")
    labels = [topic["label"] for topic in topics]
    assert {"alignment", "evaluation benchmarks"} < set(labels)
    at = {paper["title"]: paper["label"] for paper in papers}
    assert at["The Future of Open Human Feedback"] == "alignment"
    assert sum(paper["label"] == "evaluation benchmarks" for paper in papers) < 25


def test_as_many_topics_as_asked_for_with_the_guided_ones(tmp_path):
    run_cli(
        "run", ROOT / "configs" / "guided.yaml", "-o", tmp_path / "r", *QUICK, "--set", "cluster.n_topics=9"
    )
    labels = {topic["label"] for topic in rows(tmp_path / "r" / "topics.csv")}
    assert len(labels) == 9
    assert {"alignment", "evaluation benchmarks"} < labels


def test_zero_shot_has_the_given_topics_only(tmp_path, guided):
    config = ROOT / "configs" / "guided.yaml"
    run_cli("run", config, "-o", tmp_path / "r", *QUICK, "--set", "guide.mode=zero_shot")
    labels = {topic["label"] for topic in rows(tmp_path / "r" / "topics.csv")}
    assert labels == {"alignment", "evaluation benchmarks"}
    before = {paper["id"] for paper in rows(guided / "assignments.csv") if paper["topic"] == "-1"}
    outliers = {paper["id"] for paper in rows(tmp_path / "r" / "assignments.csv") if paper["topic"] == "-1"}
    assert before < outliers


def test_an_unsupported_topic_leaves_nothing_behind(tmp_path):
    topic = "[{name: pottery, terms: [kiln, glaze]}]"
    result = run_cli("run", SEED, "-o", tmp_path / "r", *QUICK, "--set", f"guide.topics={topic}", expect=2)
    assert "No paper supports the guided topic 'pottery'" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_taxonomy_is_part_of_the_key(tmp_path):
    areas = tmp_path / "areas.csv"
    config = tmp_path / "c.yaml"
    config.write_text(f"corpus: {{papers: [{SEED}]}}\nguide: {{taxonomy: areas.csv}}\n", encoding="utf-8")
    areas.write_text("name,description\nwatermarks,\npottery,kilns\n", encoding="utf-8")
    run_cli("run", config, "-o", tmp_path / "r", *QUICK)
    summary = summary_of(tmp_path / "r")
    assert any("left out: pottery" in note for note in summary["notes"])
    areas.write_text("name,description\nwatermarks,\nprivacy,\n", encoding="utf-8")
    run_cli("run", config, "-o", tmp_path / "r", *QUICK)
    assert {"watermarks", "privacy"} < {topic["label"] for topic in rows(tmp_path / "r" / "topics.csv")}
