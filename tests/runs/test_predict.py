"""One rule labels the papers of the run and all others, alone or together, in any order."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT, run_cli, summary_of
from topics.cache import store
from topics.embed.combined import load_own_words
from topics.embed.embed import load_encoder
from topics.errors import ModelError
from topics.runs.predict import Labeller
from topics.runs.run import open_run
from topics.types import OUTLIER

PRIVATE = (
    "Clipping less. We train language models under differential privacy. Each gradient is clipped and "
    "noised; we show that the privacy budget is spent better on large batches of text."
)
BIRDS = (
    "Plumage of the herring gull. We ringed four hundred gulls on an island and photographed their feathers "
    "each spring. Moult began with the inner primaries and took ninety days, less in wet years."
)
quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session", params=["seed_run", "lsa_run", "vectors_run", "joined_run"])
def any_run(request):
    return open_run(request.getfixturevalue(request.param))


@pytest.fixture(scope="session", params=["seed_run", "lsa_run"])
def reader(request):
    return Labeller(open_run(request.getfixturevalue(request.param)))


def same(one, other, rows):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)[rows])
        for field in dataclasses.fields(one)
    )


def test_the_runs_own_papers_get_the_runs_answer(any_run):
    found = Labeller(any_run).label(any_run.corpus.texts)
    for name in ("topic", "nearest_topic", "probability"):
        assert np.array_equal(getattr(found, name), getattr(any_run.placed, name))
    members = any_run.memberships
    assert np.array_equal(found.second_topic, members.second_topic)
    assert np.array_equal(found.second_probability, members.second_probability)
    assert np.array_equal(found.between, members.between)
    assert found.row.tolist() == list(range(len(found)))


@given(data=st.data())
@quick
def test_neither_company_nor_order_changes_an_answer(any_run, data):
    rows = data.draw(st.lists(st.integers(0, len(any_run.corpus) - 1), min_size=1, max_size=60))
    labeller = Labeller(any_run)
    everything = labeller.label(any_run.corpus.texts)
    assert same(labeller.label([any_run.corpus.texts[row] for row in rows]), everything, rows)


@given(data=st.data())
@quick
def test_nor_does_it_when_every_text_is_encoded_anew(reader, data):
    """What new papers rest on: the same vectors to the last bit, so that the rule sees nothing else."""
    run = reader.run
    rows = data.draw(st.lists(st.integers(0, len(run.corpus) - 1), min_size=1, max_size=12))
    vectors = reader.encoder.encode([run.corpus.texts[row] for row in rows])
    assert np.array_equal(vectors, run.embeddings.vectors[rows])
    found = reader.place(vectors, np.full(len(rows), -1, np.int32))
    assert np.array_equal(found.nearest_topic, run.clustering.nearest_topic[rows])
    assert np.array_equal(found.probability, run.memberships.probability[rows])


def test_a_new_paper_goes_to_its_topic_and_a_strange_one_to_none(seed_run):
    run = open_run(seed_run)
    found = Labeller(run).label([PRIVATE, BIRDS])
    assert found.row.tolist() == [-1, -1]
    assert "private" in run.topics.labels[found.topic[0]]
    assert found.topic[1] == OUTLIER
    assert found.nearest_topic[1] >= 0
    assert (found.second_topic != found.nearest_topic).all()
    assert (found.second_probability <= found.probability).all()
    assert Labeller(run, abstain=0).label([BIRDS]).topic[0] == found.nearest_topic[1]


def test_a_text_of_unknown_words_is_like_nothing(lsa_run):
    found = Labeller(open_run(lsa_run)).label(["Qwxz vbnm."])
    assert found.topic[0] == OUTLIER
    assert found.probability[0] == pytest.approx(1 / len(open_run(lsa_run).topics))


def test_a_paper_put_elsewhere_by_hand_stays_there(seed_run):
    run = open_run(seed_run)
    groups = run.clustering
    moved = np.array(groups.nearest_topic)
    last = groups.n_topics - 1
    row = int(np.flatnonzero(groups.topic == last)[0])
    moved[row] = 0
    edited = dataclasses.replace(
        groups, topic=np.where(groups.topic == OUTLIER, OUTLIER, moved), nearest_topic=moved
    )
    run.__dict__["clustering"] = edited
    found = Labeller(run).label([run.corpus.texts[row]])
    assert (found.topic[0], found.nearest_topic[0], found.second_topic[0]) == (0, 0, last)


def test_precomputed_vectors_read_no_new_paper(vectors_run):
    with pytest.raises(ModelError, match=r"made from precomputed vectors seed\.npy.*--vectors FILE\.npy"):
        Labeller(open_run(vectors_run)).label([PRIVATE])


def test_given_vectors_stand_for_their_texts(vectors_run):
    run = open_run(vectors_run)
    texts, vectors = [PRIVATE, *run.corpus.texts[3:5]], np.array(run.embeddings.vectors[[9, 3, 7]])
    labeller = Labeller(run)
    found = labeller.place(*labeller.encode(texts, given=vectors))
    assert found.row.tolist() == [-1, 3, -1]
    assert found.nearest_topic.tolist() == run.clustering.nearest_topic[[9, 3, 7]].tolist()
    with pytest.raises(ModelError, match="have 3 dimensions, but those of .* have 384"):
        labeller.encode(texts, given=np.ones((2, 3), np.float32))


def test_vectors_of_the_model_alone_get_the_words_of_the_run_beside_them(joined_run):
    run = open_run(joined_run)
    texts = [PRIVATE, *run.corpus.texts[3:5]]
    labeller = Labeller(run)
    whole, rows = labeller.encode(texts)
    words = load_own_words(run.folder("embed") / "encoder")
    assert words is not None
    alone = load_encoder(run.config.embed.model_copy(update={"windows": 3}), joined_run).encode(texts)
    assert alone.shape[1] == 384 == whole.shape[1] - words.lsa.width
    found, same = labeller.encode(texts, given=alone)
    assert found.tobytes() == whole.tobytes()
    assert same.tolist() == rows.tolist() == [-1, 3, 4]


def changed(run, place, **settings):
    copy = shutil.copytree(run, place)
    summary = summary_of(copy)
    summary["config"]["embed"] |= settings
    store.write_summary(copy / "run.json", summary)
    return open_run(copy)


def test_an_encoder_that_is_not_here_is_named(seed_run, tmp_path):
    gone = changed(seed_run, tmp_path / "gone", model_dir=str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"was made with all-MiniLM-L6-v2.*which new papers need: .*nowhere"):
        Labeller(gone).label([PRIVATE])
    other = changed(seed_run, tmp_path / "other", max_tokens=64)
    with pytest.raises(ModelError, match=r"128 tokens.*, and what is installed here is .*64 tokens"):
        Labeller(other).label([PRIVATE])


def test_in_a_zero_shot_run_what_lies_among_outliers_is_one(tmp_path):
    asked = "guide.topics=[{name: privacy, terms: [differential privacy, differentially private]}]"
    run_cli(
        *("run", ROOT / "configs" / "seed.yaml", "-o", tmp_path / "run", "-q"),
        *("--set", "guide.mode=zero_shot", "--set", asked, "--set", "cluster.n_topics=auto"),
    )
    run = open_run(tmp_path / "run")
    assert 0 < (run.clustering.topic == OUTLIER).sum() < len(run.corpus)
    watermarks = (
        "A watermark for language models is detected in generated text, even when text is paraphrased."
    )
    found = Labeller(run, abstain=0).label([PRIVATE, watermarks])
    assert found.topic.tolist() == [0, OUTLIER]
    assert run.topics.labels[0] == "privacy"
