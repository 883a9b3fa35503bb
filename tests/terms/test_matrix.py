"""Counts are those of a plain counter, whatever the order of the papers or the size of a block."""

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

import topics.terms.matrix as module
from tests.papers import corpus, themed
from topics.config import LabelSettings
from topics.errors import CorpusError
from topics.terms import spelling
from topics.terms.lexicon import Forms, is_stop_word, stop_list
from topics.terms.matrix import count_terms, least_papers

ALL = LabelSettings(min_df=1)
WORDS = ["neuron", "spike", "cortex", "firing", "synapse"]


def texts_of(words):
    one = st.lists(st.sampled_from(words), min_size=1, max_size=12).map(" ".join)
    return st.lists(one, min_size=1, max_size=8).filter(
        lambda texts: set(" ".join(texts).split()) & set(WORDS)
    )


TIED = "neuron and spike"
texts, linked = texts_of(WORDS), texts_of([TIED, TIED, *WORDS[:3], "Cortex of the", "and", "of"])


def table(counts):
    return {
        term: counts.matrix[:, column].toarray().ravel().tolist() for column, term in enumerate(counts.terms)
    }


@given(texts)
def test_counts_are_those_of_a_plain_counter(abstracts):
    plain = CountVectorizer(ngram_range=(1, 3), token_pattern=r"\w+").fit(abstracts)
    expected = plain.transform(abstracts).toarray()
    found = table(count_terms(corpus([("", text) for text in abstracts]), ALL))
    assert found == {
        term: expected[:, column].tolist() for column, term in enumerate(plain.get_feature_names_out())
    }


@given(linked, st.randoms())
def test_the_order_of_papers_moves_rows_only(abstracts, random):
    order = list(range(len(abstracts)))
    random.shuffle(order)
    first = count_terms(corpus([("", text) for text in abstracts]), ALL)
    second = count_terms(corpus([("", abstracts[row]) for row in order]), ALL)
    assert second.terms == first.terms
    assert (second.matrix != first.matrix[order]).nnz == 0
    for name in ("before", "after", "continued"):
        np.testing.assert_array_equal(getattr(second, name), getattr(first, name))


@given(linked, st.integers(1, 40))
@hypothesis_settings(max_examples=50)
def test_blocks_change_nothing(abstracts, size):
    papers = corpus([("", text) for text in abstracts])
    whole = count_terms(papers, ALL)
    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(module, "BLOCK", size)
        patched.setattr(spelling, "WAITING", size)
        parts = count_terms(papers, ALL)
    assert parts.terms == whole.terms
    assert (parts.matrix != whole.matrix).nnz == 0
    for name in ("before", "after", "continued"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@given(
    st.lists(
        st.sampled_from([*WORDS, "the", "of", "and", "method", "large", "we", "propose"]),
        min_size=1,
        max_size=40,
    )
)
def test_no_term_begins_or_ends_with_a_stop_word(words):
    try:
        terms = count_terms(corpus([("", " ".join([*words, "neuron"]))]), ALL).terms
    except CorpusError:
        terms = ()
    for term in terms:
        first, *_, last = [*term.split(), *term.split()]
        assert not is_stop_word(first)
        assert not is_stop_word(last)
        assert not any(is_stop_word(word) for word in term.split()[1:-1] if word not in ("of", "and"))


def test_spellings_of_one_word_count_together_and_the_commonest_names_it():
    abstracts = [
        "Language models learn. Each language model has pre-training. Studies of physics.",
        "LANGUAGE MODELS with pretraining, and pretraining again. A study of Physics.",
        "The language models of AIDS and hearing aids. LLMs, an LLM and more LLMs.",
    ]
    found = table(count_terms(corpus([("", text) for text in abstracts]), ALL))
    assert found["language models"] == [2, 1, 1]
    assert found["pretraining"] == [1, 2, 0]
    assert found["physics"] == [1, 1, 0]
    assert found["LLMs"] == [0, 0, 3]
    assert "Language" not in found


def test_british_and_american_spelling_are_one_word():
    abstracts = [
        "Tumour growth. Optimisation of fibre lasers, labelling of leukaemia. Tours of Rome.",
        "Tumors grow like a tumor. Optimization of fiber lasers, labeling of leukemia. The Tor network.",
        "Optimization. Colours of noise.",
    ]
    found = table(count_terms(corpus([("", text) for text in abstracts]), ALL))
    both = {
        term: uses for term, uses in found.items() if term.startswith(("fib", "leuk", "labell", "labeling"))
    }
    assert set(map(tuple, both.values())) == {(1, 1, 0)}
    assert found["optimization"] == [1, 1, 1]
    assert [uses for term, uses in found.items() if term.casefold() in ("tumor", "tumors", "tumour")] == [
        [1, 2, 0]
    ]
    assert found["colours"] == [0, 0, 1]
    assert (found["tours"], found["Tor"]) == ([1, 0, 0], [0, 1, 0])


FORMS = (
    "tumours tumors tumor fibres fiber organisations organization utilises utilize modellers modelers "
    "modeler leukaemias leukemias leukemia arising arizing SAEM SEM AEM EM daemon demon catalysing "
    "catalyzing programmes program programmed haemoglobin hemoglobin paediatric pediatric tours tors tor"
).split()


def test_a_spelling_is_followed_to_its_own_root():
    forms = Forms.of(["", "", *FORMS], np.ones(len(FORMS) + 2, np.int64), ())[""]
    roots = {form: forms.root(form.casefold()) for form in FORMS}
    assert {forms.root(root) for root in roots.values()} == set(roots.values())
    met = {
        "tumor": "tumours tumors tumor",
        "fiber": "fibres fiber",
        "organization": "organisations organization",
        "utilize": "utilises utilize",
        "modeler": "modellers modelers modeler",
        "leukemia": "leukaemias leukemias leukemia",
        "catalyzing": "catalysing catalyzing",
        "program": "programmes program",
        "hemoglobin": "haemoglobin hemoglobin",
        "pediatric": "paediatric pediatric",
    }
    for root, spellings in met.items():
        assert {roots[form] for form in spellings.split()} == {root}
    for one, other in (
        ("arising", "arizing"),
        ("SAEM", "SEM"),
        ("AEM", "EM"),
        ("daemon", "demon"),
        ("tours", "tors"),
    ):
        assert roots[one] != roots[other]


def test_capitals_count_only_where_they_mean_something():
    papers = [
        ("Quantum Monte Carlo Sampling for Lattice Models", "Monte Carlo sampling of lattice sites is slow."),
        (
            "Fast Monte Carlo",
            "We use Monte Carlo. Lattice sites matter to the Stochastic Lattice Sampler (SLS).",
        ),
    ]
    terms = count_terms(corpus(papers), ALL).terms
    assert "Monte Carlo" in terms
    assert "lattice sites" in terms
    assert "stochastic lattice sampler" in terms
    assert "quantum Monte Carlo" in terms


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        (
            "General Motors",
            [
                ("Cars of General Motors", "A general idea of cars at General Motors."),
                ("On cars", "General Motors sells cars. We show a general rule."),
                ("General Motors Cars", "A general plan."),
            ],
        ),
        (
            "adverse drug event",
            [
                ("Adverse Drug Event Detection in Tweets", "We find an adverse drug event in texts."),
                ("Extraction", "The Adverse Drug Event (ADE) Extraction Event, of which drug reports tell."),
            ],
        ),
        (
            "Artificial Intelligence",
            [
                ("Artificial Intelligence for Patent Offices", "An artificial lake, and artificial light."),
                ("Artificial Intelligence and the Lake Shore", "Journals of Artificial Intelligence grow."),
                ("Artificial Intelligence in Games", "An artificial sweetener."),
            ],
        ),
        (
            "deep belief network",
            [
                ("Deep Belief Network Training", "We like Belief Propagation and Belief Merging."),
                ("Deep Belief Network Pruning", "A deep belief network is slow, a deep network too."),
            ],
        ),
        (
            "hidden Markov models",
            [
                ("Hidden Markov Models for Hidden Speech", "A Markov chain, a hidden state, and models."),
                ("Speech", "The Markov property of models with a hidden layer."),
            ],
        ),
        (
            "Ising model",
            [
                ("Spins", "Ising model studies. The Ising chain; a model; an Ising Model of spins."),
                ("Lattices", "Ising model simulation. Ising model again, one model more."),
            ],
        ),
        (
            "Perceived Stress Scale",
            [
                ("Hair", "By the Perceived Stress Scale (PSS) and the perceived stress scale (PSS)."),
                ("Sleep", "Scores on the Perceived Stress Scale fell."),
            ],
        ),
        (
            "learning rates",
            [
                ("Tuning", "The Learning Rates of three; i.e. learning rates differ."),
                ("Schedules", "See e.g. learning rates. Learning rates fall."),
            ],
        ),
        (
            "South Africa",
            [("Health in South Africa", "The south coast. South Africa has a coast in the south.")],
        ),
    ],
)
def test_names_are_written_as_in_running_text_and_not_torn(written, texts):
    (found,) = [
        term for term in count_terms(corpus(texts), ALL).terms if term.casefold() == written.casefold()
    ]
    assert found == written


def test_an_inner_of_is_kept_and_a_hollow_phrase_is_not():
    terms = count_terms(
        corpus([("", "A mixture of experts, a large number, a number of experts, data structures")]), ALL
    ).terms
    assert {"mixture of experts", "data structures"} <= set(terms)
    assert not {"large number", "number", "mixture of", "of experts"} & set(terms)


def test_what_stands_beside_a_term_is_counted():
    counts = count_terms(
        corpus([("", "We train the model. We train the parser, to train parser trees.")]), ALL
    )
    assert counts.before[counts.terms.index("parser trees")].tolist() == [0, 0, 0, 0, 1]
    assert counts.after[counts.terms.index("parser trees")].tolist() == [1, 0, 0, 0, 0]
    parser = counts.terms.index("parser")
    assert counts.before[parser].sum() == counts.after[parser].sum() == 2
    assert counts.before[parser][1] == 1
    assert counts.after[parser][0] == 1
    assert counts.after[parser][4] == 1
    assert counts.continued[parser].tolist() == [0.5, 0.5]


def test_two_words_that_and_mostly_ties_are_one_name():
    tied = (
        "Surgery of the head and neck. Head and neck cancer, tumors of head and neck; head injury and pain."
    )
    papers = corpus([("", tied), ("", "Squamous cells of head and neck, with pain and fever, neck pain.")])
    found = table(count_terms(papers, ALL))
    assert found["head and neck"] == [3, 1]
    assert not {"head and", "and neck", "pain and fever", "injury and pain"} & set(found)
    assert "head and neck" not in table(count_terms(papers, LabelSettings(min_df=1, stop_words=("and",))))


def test_a_name_goes_on_behind_its_stop_words():
    counts = count_terms(
        corpus([("", "The Joint Committee on Cancer met. The head and neck hurt; a committee on cancer.")]),
        ALL,
    )
    goes_on = dict(zip(counts.terms, counts.continued.tolist(), strict=True))
    assert goes_on["Joint Committee"] == [0.0, 1.0]
    assert goes_on["committee"] == [0.5, 0.5]
    assert goes_on["head"] == [0.0, 1.0]
    assert goes_on["neck"] == [1.0, 1.0]


def test_and_is_passed_over_in_fixed_pairs_too_and_ties_no_of():
    text = "Breast and ovary. Breast and ovary. Breast and lung. Breast and lung; graphs and of groups. "
    found = count_terms(corpus([("", text * 4)]), LabelSettings(min_df=1, ngram_max=4))
    assert {"breast and ovary", "breast and lung"} <= {term.casefold() for term in found.terms}
    assert not [term for term in found.terms if "and of" in term]
    breast = [term.casefold() for term in found.terms].index("breast")
    assert found.continued[breast].tolist() == [0.0, 0.5]


def test_own_stop_words_and_min_df():
    papers, _, _ = themed(4)
    terms = count_terms(papers, LabelSettings(min_df=4, stop_words=("Turbulent",))).terms
    assert "flow" in terms
    assert not [term for term in terms if "turbulent" in term.casefold()]
    assert "Variant privacy-0" not in terms


@pytest.mark.parametrize(("papers", "least"), [(2, 1), (50, 1), (2_000, 2), (200_000, 18), (1_000_000, 40)])
def test_auto_asks_more_of_larger_corpora(papers, least):
    assert least_papers(papers, LabelSettings()) == least


def test_the_vocabulary_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_TERMS", 5)
    counts = count_terms(themed(3)[0], LabelSettings(ngram_max=1, min_df=1))
    assert 0 < len(counts.terms) <= 5


def test_no_term_at_all_is_said_in_one_sentence():
    with pytest.raises(
        CorpusError, match=r"no word occurs in at least 3 of the 2 papers; lower label.min_df"
    ):
        count_terms(corpus([("", "neuron"), ("", "spike")]), LabelSettings(min_df=3))


def test_the_stop_list_has_every_word_once_and_in_small_letters():
    text = files("topics.terms").joinpath("stop_words.txt").read_text(encoding="utf-8")
    words = " ".join(line for line in text.splitlines() if not line.startswith(("#", "["))).split()
    assert sorted(words) == sorted(stop_list())
    assert words == [word.casefold() for word in words]


@pytest.mark.parametrize("word", ["ﬁeld", "ßtrasse"])
def test_a_first_letter_with_two_capitals_is_no_trouble(word):
    papers = [("", f"we study the {word} strength (FS) of glass number {n}") for n in range(6)]
    assert any("strength" in term for term in count_terms(corpus(papers), LabelSettings()).terms)
