"""Topics come back named, in our numbers, and the saved model opens in BERTopic."""

import json
import logging
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.papers import clustering, corpus, shuffled, themed
from topics.config import LabelSettings
from topics.label.bertopic import class_tfidf
from topics.label.keywords import heaviest
from topics.label.topics import label_topics, most_central
from topics.terms.matrix import count_terms
from topics.types import Counts, Embeddings, Keyword

SETTINGS = LabelSettings(min_df=1)


def named(papers, embeddings, groups, settings=SETTINGS, **more):
    return label_topics(papers, embeddings, groups, count_terms(papers, settings), settings, **more)


def test_topics_have_names_keywords_and_central_papers():
    papers, embeddings, groups = themed(5, outliers=3)
    topics = named(papers, embeddings, groups)
    assert [topic.size for topic in topics.topics] == [5, 5, 5]
    assert "priva" in topics[0].label
    assert "differentially private learning" in [keyword.term for keyword in topics[0].keywords]
    for topic in topics.topics:
        assert len(topic.keywords) <= 10
        weights = [keyword.weight for keyword in topic.keywords]
        assert weights == sorted(weights, reverse=True)
        assert len(topic.representative) == 3
        assert (groups.topic[list(topic.representative)] == topic.id).all()


def test_keywords_do_not_repeat_each_other():
    papers, embeddings, groups = themed(5)
    for topic in named(papers, embeddings, groups).topics:
        terms = [f" {keyword.term.casefold()} " for keyword in topic.keywords]
        inside = [(a, b) for a in terms for b in terms if a != b and b in a]
        assert inside == []


def test_settings_bound_keywords_and_papers():
    papers, embeddings, groups = themed(5)
    topics = named(papers, embeddings, groups, LabelSettings(min_df=1, keywords=4, representative=2))
    assert {len(topic.keywords) for topic in topics.topics} == {4}
    assert {len(topic.representative) for topic in topics.topics} == {2}


def test_the_encoder_reads_no_phrase_twice():
    papers, embeddings, groups = themed(5)
    seen = []

    def encode(phrases):
        seen.extend(phrases)
        return np.array([np.sin(np.arange(embeddings.vectors.shape[1]) * len(text)) for text in phrases])

    named(papers, embeddings, groups, encode=encode)
    assert seen
    assert len(seen) == len(set(seen))


def test_authors_are_not_labels():
    texts = [("", f"The Bailey scheme runs, Bailey wins in {place}.") for place in ("Rome", "Oslo", "Bern")]
    texts += [("", f"Plain trees grow in {place}.") for place in ("Kyiv", "Riga", "Bonn")]
    papers = corpus(texts, [["Ann Bailey"]] * 3 + [["Bo Li"]] * 3)
    vectors = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    assert named(papers, Embeddings(vectors, "test"), clustering([0] * 3 + [1] * 3))[0].label != "Bailey"


def test_permuting_the_papers_permutes_nothing_in_the_topics():
    papers, embeddings, groups = themed(6, outliers=2)
    first = named(papers, embeddings, groups)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(papers))
        second = named(*shuffled(order, papers, embeddings, groups))
        for a, b in zip(first.topics, second.topics, strict=True):
            assert (a.label, a.size, a.keywords) == (b.label, b.size, b.keywords)
            assert list(a.representative) == [int(order[row]) for row in b.representative]


def test_topics_of_equal_size_keep_our_numbers(tmp_path):
    from bertopic import BERTopic

    papers, embeddings, _ = themed(4)
    # BERTopic renumbers by size and leaves ties to chance: the last theme comes first here.
    groups = clustering([2] * 4 + [1] * 4 + [0] * 4)
    topics = named(papers, embeddings, groups, model_dir=tmp_path / "model")
    assert ["priva" in topics[2].label, "watermark" in topics[1].label] == [True, True]
    model = BERTopic.load(str(tmp_path / "model"))
    assert model.topics_ == groups.topic.tolist()
    assert model.custom_labels_ == list(topics.labels)


def test_the_saved_model_opens_and_finds_the_nearest_centre(tmp_path):
    from bertopic import BERTopic

    papers, embeddings, groups = themed(5, outliers=4)
    topics = named(papers, embeddings, groups, model_dir=tmp_path / "model")
    model = BERTopic.load(str(tmp_path / "model"))
    random = np.random.default_rng(3)
    fresh = random.normal(size=(40, embeddings.vectors.shape[1])).astype(np.float32)
    found, _ = model.transform([""] * len(fresh), fresh)

    centres = np.array([embeddings.vectors[groups.topic == topic].mean(axis=0) for topic in range(-1, 3)])
    unit = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    assert found.tolist() == ((fresh @ unit.T).argmax(axis=1) - 1).tolist()
    assert model.custom_labels_ == ["outliers", *topics.labels]
    assert "torch" not in sys.modules
    config = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert "embedding_model" not in config


def test_the_loaded_model_counts_text(tmp_path):
    from bertopic import BERTopic

    papers, embeddings, groups = themed(5)
    named(papers, embeddings, groups, model_dir=tmp_path / "model")
    model = BERTopic.load(str(tmp_path / "model"))
    shares, _ = model.approximate_distribution(
        ["turbulent flow at a high Reynolds number, turbulent flow again"]
    )
    assert shares[0].argmax() == 2


def test_the_model_is_the_same_to_the_byte(tmp_path):
    papers, embeddings, groups = themed(4, outliers=2)
    for name in ("a", "b"):
        named(papers, embeddings, groups, model_dir=tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert {"config.json", "ctfidf.safetensors", "topic_embeddings.safetensors", "topics.json"} < set(files)
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_letters_beyond_ascii_survive():
    texts = [("", f"the Schrödinger équation, naïve, {place}") for place in ("Malmö", "Gdańsk", "Łódź")]
    texts += [("", f"plain forest tree {place}") for place in ("x1a", "x2a", "x3a")]
    vectors = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    topics = named(corpus(texts), Embeddings(vectors, "test"), clustering([0] * 3 + [1] * 3))
    assert "Schrödinger" in " ".join(keyword.term for keyword in topics[0].keywords)


def test_bertopic_stays_quiet_and_leaves_warnings_alone():
    script = (
        "import warnings\n"
        "import pathlib, tempfile\n"
        "from tests.label.test_topics import named, themed\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    named(*themed(3), model_dir=pathlib.Path(folder) / 'model')\n"
        "muted = [rule[2] for rule in warnings.filters if rule[0] == 'ignore' and rule[1] is None]\n"
        "assert not {UserWarning, FutureWarning} & set(muted), muted\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_logger_gets_its_level_back(tmp_path):
    logger = logging.getLogger("BERTopic")
    named(*themed(3))
    level = logger.level
    with warnings.catch_warnings(record=True):
        named(*themed(3), model_dir=tmp_path / "model")
    assert logger.level == level


def test_a_topic_that_says_nothing_is_named_by_its_papers():
    papers = corpus([("", "neuron spike"), ("", "neuron spike"), ("Of the", "the"), ("By the", "of")])
    vectors = np.repeat(np.eye(2, dtype=np.float32), 2, axis=0)
    topic = named(papers, Embeddings(vectors, "test"), clustering([0, 0, 1, 1]))[1]
    assert topic.label in ("Of the", "By the")
    assert topic.keywords[0].weight == 0.0


@pytest.mark.parametrize("many", [1, 3, 9])
def test_central_papers_are_nearest_to_the_mean_first(many):
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.9, 0.436]], dtype=np.float32)
    assert most_central(vectors, np.array([0, 1, 2, 3]), many).tolist() == [1, 3, 0, 2][:many]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 3), st.lists(st.integers(0, 5), min_size=3, max_size=3)), min_size=1)
)
def test_class_tfidf_is_the_published_formula(rows):
    """Grootendorst (2022), with the square root and the whole mean that BERTopic takes."""
    groups, uses = np.array([group for group, _ in rows]), np.array([row for _, row in rows])
    n_groups = int(groups.max()) + 1
    assume(n_groups)
    every = range(min(0, int(groups.min())), n_groups)
    sums = np.array([uses[groups == group].sum(axis=0) for group in every])
    found = class_tfidf(sp.csr_matrix(uses), groups).toarray()
    lengths = sums.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.sqrt(sums / lengths) * np.log(1 + int(lengths.mean()) / sums.sum(axis=0))
    np.testing.assert_allclose(found, np.nan_to_num(expected[-n_groups:]), rtol=1e-12)


def test_two_papers_are_enough():
    papers = corpus(
        [("", "Apple trees in spring"), ("", "Apple trees in autumn"), ("", "Fast cars"), ("", "Slow cars")]
    )
    vectors = np.repeat(np.eye(2, dtype=np.float32), 2, axis=0)
    topics = named(papers, Embeddings(vectors, "test"), clustering([0, 0, 1, 1]))
    assert topics[0].label == "apple trees"
    assert topics[1].label.endswith("cars")


def test_a_term_that_weighs_more_in_another_topic_gives_way():
    matrix = sp.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1]], np.int32))
    sides = np.zeros((3, 5), np.int32)
    counts = Counts(matrix, ("birds", "model", "whales"), sides, sides, np.zeros((3, 2), np.float32))
    weights = sp.csr_matrix(np.array([[0.2, 0.9, 0.0], [0.0, 0.5, 0.4]]))

    def second(most):
        return heaviest(weights[1], np.array(most), counts, np.array([2, 3]), np.ones(3), 1)[0]

    assert second([0.2, 0.5, 0.4]) == Keyword("model", 0.5)
    assert second([0.2, 0.9, 0.4]) == Keyword("whales", 0.4)
