"""Scripts without blanks between words, and marks that belong to their letter."""

import importlib.util

import pytest

from topics.config import CorpusSettings
from topics.corpus import segment as module
from topics.corpus.rows import paper_row
from topics.corpus.segment import (
    divisions,
    join_words,
    length_in_words,
    segment,
    single_words,
    split_terms,
)
from topics.types import Record


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("糖尿病患者使用胰岛素泵", ["糖尿病", "患者", "使用", "胰岛素泵"]),
        ("使用CNN模型", ["使用", "CNN", "模型"]),
        ("糖尿病患者の網膜画像", ["糖尿病", "患者", ",", "網膜", "画像"]),
        ("日本語学習者を支える", ["日本語", "学習者", ",", ","]),
        ("โรคข้าวในประเทศไทย", ["โรค", "ข้าว", "ในประเทศ", "ไทย"]),
        ("plain text, as it was", ["plain", "text,", "as", "it", "was"]),
        ("किसानों की आय", ["किसानों", "की", "आय"]),
    ],
)
def test_words(text, words):
    assert segment(text).split() == words


def test_a_title_of_han_characters_is_read_as_its_abstract_is():
    assert segment("網膜画像診断", japanese=True).split() == ["網膜", "画像", "診断"]


def test_without_sudachi_scripts_tell_words_and_the_user_is_told(monkeypatch):
    monkeypatch.setattr(module, "_sudachi", lambda: None)
    assert segment("糖尿病患者の網膜画像を見た").replace(",", "").split() == ["糖尿病患者", "網膜画像"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert module.undivided("ja") == module.undivided("th") == "paper-topics[languages]"
    assert not module.undivided("zh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three", (3, 0)),
        ("糖尿病患者的血糖管理", (5, 10)),
        ("使用 BERT 模型。", (3, 4)),
        ("किसानों की आय", (3, 0)),
        ("", (0, 0)),
    ],
)
def test_length(text, expected):
    assert length_in_words(text) == expected


@pytest.mark.parametrize(
    ("abstract", "reason"),
    [
        ("糖尿病患者的血糖自我管理与住院天数", "short abstract: 17 characters"),
        ("糖尿病患者的血糖自我管理与住院天数相关性分析研究", ""),
        ("one word", "short abstract: 2 words"),
        ("word", "short abstract: 1 word"),
        ("", "no abstract"),
    ],
)
def test_short_abstracts(abstract, reason):
    row = paper_row(Record("", abstract, file="f"), CorpusSettings())
    assert row["reason"] == reason


def test_lines_of_words():
    assert join_words(["糖尿病", "患者"]) == "糖尿病患者"
    assert join_words(["CNN", "模型"]) == "CNN 模型"
    assert join_words(["qualité", "de l'", "eau"]) == "qualité de l'eau"
    assert join_words(["deep", "learning"]) == "deep learning"


def test_terms_and_their_words():
    terms = [
        "糖尿病",
        "患者",
        "糖尿病患者",
        "calidad de la educación",
        "qualité de l'eau",
        "Alzheimer's disease",
    ]
    assert split_terms(terms)[2:] == [
        ["糖尿病", "患者"],
        ["calidad", "de la", "educación"],
        ["qualité", "de l'", "eau"],
        ["Alzheimer's", "disease"],
    ]
    assert set(divisions(["糖尿病患者"], {"糖尿病", "患者", "病患者", "糖尿"})) == {
        ("糖尿病患者",),
        ("糖尿病", "患者"),
        ("糖尿", "病患者"),
    }


def test_what_is_compared():
    assert single_words().findall("मिट्टी की उर्वरता, BERT模型") == [
        "मिट्टी",
        "की",
        "उर्वरता",
        "BERT",
        "模",
        "型",
    ]
