"""The listing: all 50 papers of the seed, and the rule that parts a title from the name it touches."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.config import CorpusSettings
from topics.corpus.readers import read_files
from topics.corpus.readers.dates import last_such_day
from topics.corpus.readers.listing import known_authors, split_title
from topics.types import Broken, Record

ROOT = Path(__file__).parents[3]
LINES = (ROOT / "seeds/hashimoto.txt").read_text(encoding="utf-8").splitlines()
EXPECTED = json.loads((ROOT / "tests/data/hashimoto.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def seed() -> list[Record | Broken]:
    settings = CorpusSettings(reference_date="2026-06-01")
    return list(read_files([ROOT / "seeds/hashimoto.txt"], settings))


def test_seed_has_fifty_papers(seed: list[Record]) -> None:
    assert len(seed) == len(EXPECTED) == 50
    assert all(isinstance(paper, Record) for paper in seed)


@pytest.mark.parametrize("number", range(50))
def test_seed_paper_is_exact(seed: list[Record], number: int) -> None:
    paper, expected = seed[number], EXPECTED[number]
    assert paper.title == expected["title"]
    assert list(paper.authors) == expected["authors"]
    assert paper.date == expected["date"]
    assert paper.categories == (expected["category"],)
    assert paper.abstract == LINES[3 * number + 2]
    assert paper.abstract.startswith(expected["abstract_starts"])
    assert paper.abstract.endswith(expected["abstract_ends"])
    assert len(paper.abstract) == expected["abstract_length"]
    assert paper.position == 3 * number + 1
    for name in ("et_al", "affiliations", "score", "code"):
        assert paper.original[name] == expected[name]
    assert bool(paper.assumed) == (expected["date"] >= "2026")


@pytest.mark.parametrize(
    ("title", "authors"),
    [
        ("Foundation Models and Generative AI", "Clark Barrett"),
        ("Who Reads Papers?", "Ana María O'Neil, Bo Li"),
        ("Privacy, Fairness, and Trust", "Jane McDonald, Jan van der Meer"),
        ("Scaling to 100", "J.-B. Huang"),
        ("Do we need GPT-4?", "Yu Sun"),
        ("Lessons from OpenThoughts", "Etash Guha, Ryan Marten"),
        ("A Survey of Élan", "Émile Zola"),
    ],
)
def test_title_and_authors_part(title: str, authors: str) -> None:
    line = title + authors
    assert split_title(line, known_authors([line])) == (title, tuple(authors.split(", ")))


def test_a_name_seen_elsewhere_decides() -> None:
    line = "Lessons on NetDeVries Terrance, Bo Li"
    assert split_title(line, Counter())[0] == "Lessons on Net"
    assert split_title(line, Counter({"Vries Terrance": 1}))[0] == "Lessons on NetDe"


def test_a_line_without_a_touch_is_all_title() -> None:
    assert split_title("A title in lower case only", Counter()) == ("A title in lower case only", ())


_SMALL = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
_NAME = st.lists(_SMALL.map(str.capitalize), min_size=2, max_size=4).map(" ".join)


@given(st.lists(_SMALL, min_size=2, max_size=9), st.lists(_NAME, min_size=1, max_size=4))
def test_plain_titles_and_names_always_part(words: list[str], names: list[str]) -> None:
    title = " ".join(words).capitalize()
    assert split_title(title + ", ".join(names), Counter()) == (title, tuple(names))


@given(st.text(max_size=80))
def test_splitting_never_loses_a_character(line: str) -> None:
    title, authors = split_title(line, known_authors([line]))
    assert title + ", ".join(authors) == line


@given(st.dates(datetime.date(2000, 1, 1)), st.dates(datetime.date(2000, 3, 1)))
def test_a_date_without_year_is_the_last_such_day(day: datetime.date, reference: datetime.date) -> None:
    found = datetime.date.fromisoformat(last_such_day(day.strftime("%b"), day.day, reference))
    assert (found.month, found.day) == (day.month, day.day)
    assert found <= reference
    assert (reference - found).days < (366 if (day.month, day.day) != (2, 29) else 8 * 366)


def read(tmp_path: Path, text: str) -> list[Record | Broken]:
    file = tmp_path / "list.txt"
    file.write_text(text, encoding="utf-8")
    return list(read_files([file], CorpusSettings()))


def test_today_is_said_when_no_reference_date_is_set(tmp_path: Path) -> None:
    (paper,) = read(tmp_path, "90.1cs.LGJan 1\nOn ThingsAda Byron\nWe study things.\n")
    assert isinstance(paper, Record)
    assert paper.date == f"{datetime.date.today().year}-01-01"
    assert paper.assumed == (
        f"a date without a year is the last such day at or before {datetime.date.today()} (today)"
    )
    assert paper.categories == ("cs.LG",)


def test_abstracts_of_several_lines_blank_lines_and_headless_text(tmp_path: Path) -> None:
    text = "CLMay 1, 2020\n\nOn ThingsAda Byron\n\nOne.\nTwo.\n\n"
    text += "LGMay 2, 2020\nLGMay 3, 2020\nMore ThingsAda Byron\n"
    first, broken, last = read(tmp_path, text)
    assert isinstance(first, Record)
    assert first.abstract == "One. Two."
    assert isinstance(broken, Broken)
    assert broken.position == 8
    assert isinstance(last, Record)
    assert (last.position, last.abstract) == (9, "")
