"""Which records are the same paper."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.corpus.duplicates import (
    Fingerprints,
    Text,
    find_groups,
    jaccard,
    plain_words,
    same_paper,
    shingles,
)

RANDOM = random.Random(5)
VOCABULARY = [
    "".join(RANDOM.choice("bcdfglmnprst") + RANDOM.choice("aeiou") for _ in range(3)) for _ in range(900)
]


def words(seed: int, number: int = 60) -> str:
    return " ".join(random.Random(seed).choices(VOCABULARY, k=number))


def text(
    title: str = "Moss growth on shaded roofs",
    abstract: str = words(1),
    authors: Sequence[str] = ("Ada Lindqvist", "Bruno Okafor"),
    identifiers: Sequence[str] = (),
    year: int = 2021,
) -> Text:
    return Text(title, abstract, authors, identifiers, year)


def edited(abstract: str, share: float) -> str:
    """The abstract with this share of its words replaced at its end."""
    parts = abstract.split()
    kept = round(len(parts) * (1 - share))
    return " ".join(parts[:kept] + words(99, len(parts) - kept).split())


OTHER = "Counting tides with paper boats"


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        (text(identifiers=["doi:1"]), text(identifiers=["doi:1"], abstract=""), "same DOI"),
        (text(identifiers=["arxiv:1"]), text(OTHER, identifiers=["arxiv:1"]), "same arXiv id"),
        (text(identifiers=["pmid:1", "doi:1"]), text(identifiers=["pmid:1"], abstract=words(2)), "same PMID"),
        (text(), text("MOSS GROWTH ON SHADED-ROOFS", abstract=words(2)), "same title and year"),
        (text(), text("Möss growth on shaded roofs.", abstract="", year=2022), "same title and year"),
        (text(), text(authors=["Lindqvist, A.", "Okafor, B."], abstract=""), "same title and year"),
        (text(), text(year=0, abstract=words(2)), "same title and year"),
        (text(), text(OTHER), "same abstract"),
        (text(authors=()), text("Moss growth on the shaded roofs", authors=()), "same abstract"),
        (text(year=2007), text(year=2021), "same abstract"),
        # Copies that have nothing but their text, and short ones.
        (text("", authors=()), text("", words(1).title(), authors=()), "same abstract"),
        (text("", authors=()), text(), "same abstract"),
        (text("Moss", words(1, 8), ()), text("Moss", words(1, 8), ()), "same abstract"),
        (text("", authors=()), text("", edited(words(1), 0.02), authors=()), "same abstract"),
        (
            text(abstract=words(1)),
            text("Growth of moss on shaded roofs", edited(words(1), 0.25)),
            "similar title and abstract",
        ),
    ],
)
def test_same_paper(one: Text, two: Text, reason: str) -> None:
    assert same_paper(one, two) == same_paper(two, one) == reason


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # A proceedings' DOI on two of its papers, and a wrong number.
        (text(identifiers=["doi:1"]), text(OTHER, words(2), ["C. Else"], ["doi:1"])),
        (text(identifiers=["pmid:1", "doi:1"]), text(abstract=words(2), identifiers=["pmid:1", "doi:2"])),
        # Two letters of one title by other people, or a title used again years later.
        (text(abstract=""), text(abstract="", authors=["C. Else"])),
        (text(abstract=""), text(abstract="", year=2015)),
        (text(), text(abstract=words(2), authors=["C. Else"])),
        (text(abstract="", identifiers=["doi:1"]), text(abstract="", identifiers=["doi:2"])),
        # Texts alone that are near but no copies, or whose numbers or people say otherwise.
        (text("", authors=()), text("", edited(words(1), 0.1), authors=())),
        (text("", authors=(), identifiers=["doi:1"]), text("", authors=(), identifiers=["doi:2"])),
        (text(""), text("", authors=["C. Else"])),
        # Titles that every issue has.
        (text("Editorial", ""), text("Editorial", "")),
        # Parts of a series with the same abstract.
        (
            text("Moss growth on roofs I", identifiers=["arxiv:1"]),
            text("Moss growth on roofs II", identifiers=["arxiv:2"]),
        ),
        (text("Moss on roofs, part 1: sun"), text("Moss on roofs, part 2: shade")),
        (text("Findings of the moss task of 2023"), text("Findings of the moss task of 2024")),
        # An abstract that a database gave to the wrong paper.
        (text(), text(OTHER, authors=["C. Else"])),
        (text(), text(OTHER, authors=())),
        # Companion papers, each with a number of its own.
        (
            text("Moss growth on old roofs of slate", identifiers=["arxiv:1"]),
            text("Moss growth on the walls of towers", edited(words(1), 0.08), identifiers=["arxiv:2"]),
        ),
        (text(), text(OTHER, words(2))),
    ],
)
def test_other_papers(one: Text, two: Text) -> None:
    assert same_paper(one, two) == same_paper(two, one) == ""


def groups_of(texts: Sequence[Text]) -> set[frozenset[int]]:
    prints = Fingerprints()
    for one in texts:
        prints.add(one)
    found = find_groups(prints, lambda row: texts[row], 0.8)
    return {frozenset(rows) for rows in found.members().values()}


def test_near_duplicates_are_found_among_many() -> None:
    texts = [text(f"{words(n, 6)}", words(n), [], [], 2020) for n in range(400)]
    for n in range(0, 400, 40):
        texts.append(text(f"{words(n, 6)} again", edited(words(n), 0.05), [], [], 2023))
    assert groups_of(texts) == {frozenset({n, 400 + n // 40}) for n in range(0, 400, 40)}


def test_many_copies_are_one_group() -> None:
    assert groups_of([text(abstract=words(1)) for _ in range(200)]) == {frozenset(range(200))}


def test_nothing_is_nothing() -> None:
    assert groups_of([]) == set()
    assert groups_of([text("", "", [], [], 0)] * 5) == set()


RECORDS = st.lists(
    st.builds(
        text,
        title=st.sampled_from(["Moss growth on shaded roofs", OTHER, "Moss growth on shaded roofs II", ""]),
        abstract=st.sampled_from([words(1), words(2), ""]),
        identifiers=st.lists(st.sampled_from(["doi:1", "doi:2", "arxiv:1"]), max_size=2, unique=True),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_permuting_records_permutes_the_groups(texts: list[Text], source: random.Random) -> None:
    order = list(range(len(texts)))
    source.shuffle(order)
    shuffled = groups_of([texts[row] for row in order])
    assert {frozenset(order[row] for row in group) for group in shuffled} == groups_of(texts)


def test_the_order_of_a_crowd_decides_nothing() -> None:
    """Sixty records of one title: whoever agrees with the abstract or the authors of another one joins it."""
    source = random.Random(3)
    papers = [
        text(
            abstract=edited(words(n % 9), 0.1 * (n % 5)) if n % 4 else "",
            authors=[("Ada Lindqvist",), ("Bruno Okafor",), ()][n % 3],
            identifiers=[f"doi:{n % 7}"] if n % 2 else [],
        )
        for n in range(60)
    ]
    expected = None
    for _ in range(6):
        order = source.sample(range(60), 60)
        found = {
            frozenset(order[row] for row in group) for group in groups_of([papers[row] for row in order])
        }
        expected = expected or found
        assert found == expected


def test_contradicting_records_around_a_twin_do_not_hide_it() -> None:
    papers = [
        text(identifiers=["doi:1"]),
        text(),
        text(identifiers=["doi:1"]),
        # The twin of the second only: another DOI than the others', and no abstract to outweigh that.
        text(abstract="", identifiers=["doi:2"]),
    ]
    for order in itertools.permutations(range(4)):
        assert groups_of([papers[row] for row in order]) == {frozenset(range(4))}


@given(st.lists(st.sampled_from(VOCABULARY[:40]), min_size=15, max_size=60), st.integers(0, 20))
def test_jaccard_is_exact(parts: list[str], cut: int) -> None:
    def runs(of: list[str]) -> set[tuple[str, ...]]:
        return {tuple(of[place : place + 3]) for place in range(len(of) - 2)}

    one, two = parts, parts[cut:]
    if len(two) < 15:
        return
    exact = len(runs(one) & runs(two)) / len(runs(one) | runs(two))
    assert jaccard(shingles(" ".join(one)), shingles(" ".join(two))) == pytest.approx(exact)
    assert jaccard(shingles(" ".join(one)), shingles(" ".join(one))) == 1.0


def test_hashes_are_the_same_in_every_process() -> None:
    assert int(np.bitwise_xor.reduce(shingles(words(1)))) == 7503668473764146275


@given(st.text(max_size=60))
def test_plain_words_have_no_case_accents_or_signs(value: str) -> None:
    found = plain_words(value)
    assert found == plain_words(" ".join(found))
