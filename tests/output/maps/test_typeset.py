"""Short texts: nothing lost, nothing that changes the line, nothing wider than it says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.output.maps.typeset import LONGEST, clean, cut, fit, text_width, wrap


@given(st.text(max_size=80))
def test_cleaned_text_is_one_plain_line(text):
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert cleaned == cleaned.strip()
    assert not set(cleaned) & set("\n\r\t\x00\u202e\u200b\u2028")


def test_cleaning_keeps_letters_of_all_scripts():
    assert clean("  Schrödinger\u202e \n 机器学习 \x1b[31m") == "Schrödinger 机器学习 [31m"
    assert clean("می\u200cشود") == "می\u200cشود"


@given(st.lists(st.text("abcdef-", min_size=1, max_size=12), min_size=1, max_size=6))
def test_wrapping_keeps_short_labels_whole(words):
    text = " ".join(words)
    lines = wrap(text)
    assert 1 <= len(lines) <= 3
    if len(text) <= 60:
        assert " ".join(lines).split() == text.split()


def test_wrapping_balances():
    assert wrap("Machine translation and natural language") == ("Machine translation", "and natural language")
    assert wrap("Fermi gas") == ("Fermi gas",)
    assert wrap("test-time") == ("test-time",)


def test_wrapping_cuts_what_never_fits():
    lines = wrap("word " * 60)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert max(map(len, wrap("x" * 300))) <= 40


def test_width_grows_with_text_and_size():
    assert text_width("wide", 10) == pytest.approx(2 * text_width("wide", 5))
    assert text_width("wide wide", 10) > text_width("wide", 10)
    assert text_width("$x_1$", 10) > text_width("x1", 10)


@given(st.text("abc ", min_size=1, max_size=60), st.floats(5, 80))
def test_fitting_text_fits(text, width):
    short, size = fit(text.strip() or "a", 10, width)
    assert text_width(short, size) <= width + 1e-6
    assert 6 <= size <= 10


@given(st.text("iW ,", min_size=2, max_size=60), st.floats(5, 80))
def test_a_cut_line_keeps_as_much_as_fits(text, width):
    short = cut(text, 10, width)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert text_width(short, 10) <= width
    more = text[: len(short)].rstrip(" ,;:-") + "…"
    assert short == text or more == short or text_width(more, 10) > width


def test_the_longest_text_is_cut_at_once():
    text = "word " * 100_000
    start = time.process_time()
    assert len(cut(text, 10, 50)) < 60
    assert len(fit(text, 10, 50)[0]) < 100
    assert len(cut("i" * 1000, 1, 1e6)) == LONGEST + 1
    assert time.process_time() - start < 2
