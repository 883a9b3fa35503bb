"""What figures say in words follows from the figures."""

from typing import get_args

import numpy as np
import pytest

from topics.cluster.methods import methods as grouping_methods
from topics.config import ClusterSettings, Config
from topics.output.report.words import figures, methods, references
from topics.types import Quality


def quality(agreement=0.5, stability=(0.9, 0.6, 0.3), coherence=(0.2, 0.2, 0.2), diversity=0.8):
    return Quality(
        np.array(stability), np.array(coherence), agreement, diversity, 0.12, ("",) * len(stability)
    )


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (0.93, "nearly the same"),
        (0.7, "mostly the same"),
        (0.5, "in part"),
        (0.1, "hardly"),
        (-0.1, "hardly"),
    ],
)
def test_agreement(agreement, words):
    first = figures(quality(agreement=agreement))[0]
    assert words in first.says
    assert first.value == f"{agreement:.2f}"


def test_every_figure_has_a_value_a_sentence_and_a_meaning():
    shown = figures(quality(coherence=(-0.9, -0.5, -1.0), diversity=0.0, agreement=-0.2))
    assert [figure.value for figure in shown] == ["-0.20", "0.60", "-0.80", "0.00", "12%"]
    assert all(figure.says.endswith((".", ")")) and figure.meaning.endswith(".") for figure in shown)
    assert "1 of 3 is found again well" in shown[1].says
    assert "1 of 3 is shaky" in shown[1].says


def test_methods_of_a_large_corpus_say_what_rests_on_a_part_of_it():
    told = "; map and groups were computed on a sample of 30,000 papers"
    assert told in methods(Config(), "x", 30_001, 21)
    assert told not in methods(Config(), "x", 30_000, 21)


def test_methods_and_references_name_what_was_used():
    sentence = methods(Config(), "all-MiniLM-L6-v2, fp32", 1996, 21)
    assert sentence.startswith("21 topics were found in the titles and abstracts of 1,996 papers")
    assert "all-MiniLM-L6-v2" in sentence
    assert sentence.endswith("laid out by UMAP.")
    assert any("MiniLM" in text for text, _ in references("all-MiniLM-L6-v2, fp32", "auto"))
    assert not any("MiniLM" in text for text, _ in references("TF-IDF and SVD, 5 terms", "auto"))
    both = " ".join(text for text, _ in references("all-MiniLM-L6-v2, beside 0.3 of TF-IDF and SVD", "auto"))
    assert "MiniLM" in both
    assert "Deerwester" in both


METHODS = {
    "auto": ("agree on", ""),
    "hdbscan": ("grouped by HDBSCAN", ""),
    "kmeans": ("grouped by Euclidean k-means", ""),
    "agglomerative": ("grouped by Ward's linkage", "Ward, J. H."),
    "leiden": ("grouped by the Leiden method", "Traag"),
}


@pytest.mark.parametrize("method", get_args(ClusterSettings.model_fields["method"].annotation))
def test_each_way_to_group_papers_is_told_and_cited_as_what_it_is(method):
    phrase, author = METHODS[method]
    assert grouping_methods().keys() == METHODS.keys()
    told = {
        name: methods(Config.model_validate({"cluster": {"method": name}}), "x", 9, 2) for name in METHODS
    }
    assert [name for name, sentence in told.items() if phrase in sentence] == [method]
    cited = references("x", method)
    assert any(text.startswith(author) for text, _ in cited)
    assert all(address.startswith("https://") for _, address in cited)
    assert sum(text.startswith(("Ward", "Traag")) for text, _ in cited) == bool(author)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"cluster": {"n_topics": 13}}, "; the number of topics was set to 13."),
        ({"label": {"stop_words": ["patient", "trial"]}}, "(label.stop_words): patient, trial."),
        (
            {"label": {"stop_words": list("abcdefghijklmno")}},
            ": a, b, c, d, e, f, g, h, i, j, k, l and 3 more.",
        ),
        ({"guide": {"topics": [{"name": "Tides", "terms": ["tide"]}]}}, "by name (guide.topics): Tides."),
        ({"guide": {"taxonomy": "t.csv"}}, "of a taxonomy were looked for by name (guide.taxonomy)."),
        ({"guide": {"taxonomy": "t.csv", "mode": "zero_shot"}}, "; no other topics were looked for."),
    ],
)
def test_what_the_user_decided_is_told(config, told):
    assert methods(Config.model_validate(config), "x", 9, 2).endswith(told)
    assert told not in methods(Config(), "x", 9, 2)
