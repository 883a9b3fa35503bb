"""Words stay as written; what is no word leaves a gap."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topics.terms import lexicon
from topics.terms.tokens import _ASCII_WORD, _CHARACTERS, _WORD, GAP, STOP, clean, tokenise


def phrases(text):
    """The runs of words between gaps."""
    tokens = tokenise([""], [text])
    runs = [[]]
    for surface in tokens.surfaces[tokens.title_lengths[0] :]:
        if surface in (GAP, STOP):
            runs.append([])
        else:
            runs[-1].append(tokens.words[surface])
    return [" ".join(run) for run in runs if run]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LLMs and DP-SGD at test-time", ["LLMs and DP-SGD at test-time"]),
        ("C++ or C# code for k-means", ["C++ or C# code for k-means"]),
        ("GPT-3.5 beats COVID-19 in H2O", ["GPT-3.5 beats COVID-19 in H2O"]),
        ("Schrödinger's équation für Łukasz", ["Schrödinger's équation für Łukasz"]),
        ("Navier–Stokes flow", ["Navier-Stokes flow"]),
        ("fast, cheap (and good) methods", ["fast", "cheap", "and good", "methods"]),
        ("one end. Two begins", ["one end", "Two begins"]),
        ("reduced by 35% in 2019 and 1,000 runs", ["reduced by", "in", "and", "runs"]),
        ("a graph with n nodes and vitamin D", ["graph with", "nodes and vitamin D"]),
    ],
)
def test_words_and_gaps(text, expected):
    assert phrases(text) == expected


def test_small_numbers_are_numerals():
    title = "Type I and IIb In It Is phase 2a of 12 vii VII 2024 0.5 Ib IV V vitamin D 3D Attention Is All"
    tokens = tokenise([title], [""])
    words = title.replace(" 0.5 ", " 05 ").split()
    found = [word for word, numeral in zip(words, tokens.numerals, strict=False) if numeral]
    assert found == ["I", "IIb", "2a", "12", "VII", "Ib", "IV", "V", "3D"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"bounds of $O(n \log n)$ time", ["bounds of", "time"]),
        (r"a norm $$\|x\|_2 = 1.$$ Next", ["norm", "Next"]),
        (r"as \emph{restricted Lipschitz continuity} shows", ["as restricted Lipschitz continuity shows"]),
        (r"{\em nucleus sampling} works", ["nucleus sampling works"]),
        (r"see \cite{a, b} and \url{http://x.org} there", ["see", "and", "there"]),
        (r"the \alpha decay", ["the", "decay"]),
        (r"\begin{equation} a = b \end{equation} holds", ["holds"]),
        ("costs $5 million and $6 billion", ["costs", "million and", "billion"]),
        ("time O(n^2) and Re = U_∞D/ν here", ["time", "and Re", "here"]),
        ("rates ≤ x→y fall", ["rates", "fall"]),
    ],
)
def test_mathematics_and_latex_leave_gaps(text, expected):
    assert phrases(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CLIP [Radford et al., 2021] transfers", ["CLIP", "transfers"]),
        ("Smith et al. (2019) argue", ["argue"]),
        ("as Li and Doe et al. show", ["as", "show"]),
        ("found earlier (Smith, 1999; Jones & Ray 2001a)", ["found earlier"]),
        ("code at https://github.com/a/b_c or me@x.org", ["code at", "or"]),
        ("data (n = 12) from Paris (France)", ["data", "from Paris", "France"]),
    ],
)
def test_citations_and_addresses_leave_gaps(text, expected):
    assert phrases(text) == expected


def test_plain_text_is_left_alone():
    assert clean("Plain text, with a comma.") == "Plain text, with a comma."


def test_titles_and_abstracts_are_told_apart_and_closed():
    tokens = tokenise(["First title", ""], ["Some text", "More"])
    assert tokens.title_lengths.tolist() == [3, 1]
    assert tokens.starts.tolist() == [0, 6, 9]
    assert tokens.surfaces[[5, 8]].tolist() == [STOP, STOP]


def test_texts_without_foreign_signs_need_no_translation():
    assert all(sign > 127 for sign in _CHARACTERS)


@given(st.text(string.printable + "\x1c\x1f\0"))
@example("don't use C++, C# or F#2; GPT-3.5x beats v1.2.3, 10.5 a.b __x_y-z_ (e.g. this). End")
def test_the_quick_pattern_finds_the_same_words_in_ascii(text):
    assert _ASCII_WORD.findall(text) == _WORD.findall(text)


_PARTS = sorted(
    {part for part, _, _ in lexicon._SPELLINGS}
    | {"optim", "col", "anal", "fib", "label", "leuk", "e", "ed", "er", "a", "ing", "ation", "m", "s"}
)


@given(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map("".join))
@example("optimisations")
@example("haemoglobinaemia")
@example("paediatric")
@example("labelling")
def test_a_spelling_is_looked_for_wherever_it_can_be(word):
    every = word
    for _, british, spelled in lexicon._SPELLINGS:
        every = british.sub(spelled, every)
    assert lexicon.american(word) == every
