"""Whole noun phrases pass, fragments, verbs and people's names do not."""

import numpy as np

from tests.papers import corpus
from topics.config import LabelSettings
from topics.label.phrases import are_names, kinds, nounlike, words_of
from topics.terms.lexicon import crude
from topics.terms.matrix import count_terms

TEXTS = [
    "We train large language models. Large language models learn to accelerate robustness. The finite "
    "element method solves it, and the finite element method is accurate. Differentially private learning is "
    "costly.",
    "To accelerate robustness we evaluate the differentially private stochastic gradient. A language model "
    "can accelerate the score. With the finite element method, machine learning helps.",
    "Differentially private training helps large language models to accelerate a score of machine learning.",
]


def scores():
    counts = count_terms(corpus([("", text) for text in TEXTS]), LabelSettings(min_df=1))
    return dict(zip(counts.terms, nounlike(counts), strict=True))


def test_whole_phrases_beat_their_fragments():
    found = scores()
    assert found["finite element method"] > 0.5
    assert found["finite element"] < 0.1
    assert found["element method"] < 0.3 * found["finite element method"]
    assert found["large language models"] > 0.3 > found["large language"]
    assert found["differentially private"] < 0.3


def test_a_phrase_that_is_cut_at_a_stop_word_is_none():
    text = "Head and neck cancer is treated. The American Joint Committee on Cancer met; it met."
    found, seldom = (
        dict(zip(counts.terms, nounlike(counts), strict=True))
        for counts in (
            count_terms(corpus([("", text)] * papers), LabelSettings(min_df=1)) for papers in (3, 2)
        )
    )
    assert found["neck cancer"] < 0.3
    assert found["American Joint Committee"] == found["Joint Committee"] == 0
    assert 0.1 < seldom["American Joint Committee"] < 0.5
    assert found["cancer"] > 0.3


NUMBERED = [
    (
        "Cell-free collagen type I implants",
        "Cell-free collagen type I gels fill the knee. Gels of collagen type I heal; the cell type varies. "
        "Patients of grade 3, an ICRS grade of repair.",
    ),
    (
        "Defects under cell-free collagen type I",
        "The collagen type II content and collagen type 1 content. Each cell type grows. Phase III trials of "
        "cell-free collagen type I gels, and a solid phase.",
    ),
    (
        "A gel",
        "Of the cell-free collagen type 2a gel, phase 2b trials. Any cell type has collagen.",
    ),
]
"""Names that a numeral is part of, and words that have one behind them in other names."""


def test_a_phrase_that_is_cut_at_a_numeral_is_none():
    counts = count_terms(corpus(NUMBERED), LabelSettings(min_df=1))
    found = dict(zip(counts.terms, nounlike(counts), strict=True))
    assert max(found[term] for term in ("collagen type", "cell-free collagen type")) < 0.3
    assert min(found[term] for term in ("cell type", "solid phase")) > 0.3
    goes_on = dict(zip(counts.terms, counts.continued[:, 1], strict=True))
    assert goes_on["cell-free collagen type"] == goes_on["collagen type"] == 1
    assert goes_on["phase"] == np.float32(2 / 3)


def test_a_phrase_that_ends_in_an_adjective_before_its_noun_is_none():
    text = "It leads to amplification of racial and gender disparities."
    counts = count_terms(corpus([("", text)]), LabelSettings(min_df=1))
    found = dict(zip(counts.terms, nounlike(counts), strict=True))
    assert found["amplification of racial"] == 0.0 < found["gender disparities"]
    counts = count_terms(
        corpus([("", "Costs of wastewater treatment and reuse differ.")]), LabelSettings(min_df=1)
    )
    assert dict(zip(counts.terms, nounlike(counts), strict=True))["wastewater treatment"] > 0


def test_verbs_are_no_headings():
    found = scores()
    assert found["accelerate"] < 0.1
    assert found["accelerate robustness"] < 0.1
    assert found["robustness"] > found["accelerate robustness"]


def test_without_neighbours_nothing_is_ruled_out_by_them():
    counts = count_terms(corpus([("", "neuron spike"), ("", "neuron spike")]), LabelSettings(min_df=1))
    bare = type(counts)(counts.matrix, counts.terms)
    assert (nounlike(bare) > 0).all()


def test_scores_are_shares():
    values = np.array(list(scores().values()))
    assert ((values >= 0) & (values <= 1)).all()


def test_people_are_no_topics():
    terms = ["Percy Liang", "Liang", "liang", "Liang attack", "Hall", "Hall effect", "long", "O'Brien's"]
    found = are_names(terms, ["Percy Liang", "E. Hall", "Wei Long", "Pat O'Brien"])
    assert dict(zip(terms, found.tolist(), strict=True)) == {
        "Percy Liang": True,
        "Liang": True,
        "liang": False,
        "Liang attack": False,
        "Hall": True,
        "Hall effect": False,
        "long": False,
        "O'Brien's": True,
    }


def test_kinds_meet_over_spelling_number_and_order():
    terms = [
        "human-computer interaction",
        "human computer interactions",
        "interaction of humans",
        "LLMs",
        "LLM",
    ]
    assert kinds(terms).tolist() == [0, 0, 1, 2, 2]


def test_crude_keys():
    assert crude("Models") == "model"
    assert crude("studies") == "study"
    assert crude("Pre-training") == "pretraining"
    assert crude("Parkinson's") == "parkinson"
    assert crude("LMs") == "lm"
    assert crude("Tumours") == crude("tumor")
    assert crude("modelling") == crude("modeling")
    assert [crude(word) for word in ("us", "loss", "virus", "analysis")] == [
        "us",
        "loss",
        "virus",
        "analysis",
    ]


def test_words_of_average_over_a_phrase():
    matrix = words_of(["language", "language models", "tree", "tree language", "data structures"]).toarray()
    np.testing.assert_allclose(matrix[3], [0.5, 0, 0.5, 0, 0])
    np.testing.assert_allclose(matrix[1], [1, 0, 0, 0, 0])
    np.testing.assert_allclose(matrix[4], [0, 0, 0, 0, 1])
