"""The user's 50 papers, put into themes by hand, get labels by which a reader recognises the themes."""

import re

import numpy as np
import pytest

from tests.conftest import SEED
from tests.papers import clustering
from topics.config import CorpusSettings, LabelSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files
from topics.embed.minilm import load_minilm
from topics.label.topics import label_topics
from topics.terms.lexicon import is_stop_word
from topics.terms.matrix import count_terms
from topics.types import Embeddings

# What of a title puts a paper into a theme, and what of a label shows that it is the theme's.
THEMES = {
    "privacy": (("Differentially Private", "Privacy-Preserving"), "priva"),
    "watermarking": (("Watermark",), "watermark"),
    "test-time training": (("Test Time", "Test-Time", "test-time"), "test-time|test time"),
    "self-supervision": (("Self-Supervised", "Caption Worth"), "self-supervised|representation"),
    "shift": (
        ("Out-of-Domain", "Distributionally", "WILDS", "Undersampling", "Fairness"),
        "distribution|robust",
    ),
    "pretraining": (
        ("Pretraining", "pretraining", "Filtering", "megadocs", "Selection"),
        "pre-?training|data",
    ),
    "risks": (
        ("Safety", "Dual-Use", "Security", "LM Agents", "RLHF"),
        "risk|securit|safe|dual-use|attack|harm|malicious",
    ),
    "generation": (
        ("Contrastive", "stochastic processes", "Text Generation"),
        "text|generation|summari|decod",
    ),
}
HOLLOW = {"model", "models", "language models", "large language models", "learning", "data", "training"}


@pytest.fixture(scope="module")
def topics():
    papers = build_corpus(read_files([SEED], CorpusSettings()), CorpusSettings())
    groups = [
        next(
            (number for number, (marks, _) in enumerate(THEMES.values()) if any(m in title for m in marks)),
            -1,
        )
        for title in papers.titles
    ]
    order = np.argsort(-np.bincount(np.array(groups)[np.array(groups) >= 0]), kind="stable")
    rank = {int(old): new for new, old in enumerate(order)}
    encoder = load_minilm()
    found = label_topics(
        papers,
        Embeddings(encoder.encode(papers.texts), encoder.name),
        clustering([rank.get(group, -1) for group in groups]),
        count_terms(papers, LabelSettings()),
        LabelSettings(),
        encode=encoder.encode,
    )
    return dict(zip([list(THEMES)[old] for old in order], found.topics, strict=True)), papers


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_recognised_by_its_label(topics, theme):
    found = topics[0][theme].label
    assert re.search(THEMES[theme][1], found, re.IGNORECASE), found


def test_labels_are_phrases_and_say_something(topics):
    by_theme, papers = topics
    people = {
        part.casefold() for names in papers.column("authors") for name in names for part in name.split()
    }
    for topic in by_theme.values():
        words = topic.label.split()
        assert not is_stop_word(words[0])
        assert not is_stop_word(words[-1])
        assert topic.label.casefold() not in HOLLOW
        assert not all(word.casefold() in people for word in words)
