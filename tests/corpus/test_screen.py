"""Notices and languages."""

from __future__ import annotations

import pytest

from topics.corpus.screen import language, notice

ENGLISH = "We study the growth of moss on the roofs of houses in the shade and find that it is fast."


@pytest.mark.parametrize(
    ("kind", "title", "abstract"),
    [
        ("Erratum", "The role of fire", ENGLISH),
        ("Published Erratum; Journal Article", "The role of fire", ENGLISH),
        ("Retracted Publication", "The role of fire", ENGLISH),
        ("retracted publication", "The role of fire", ENGLISH),
        ("Correction", "The role of fire", ""),
        ("", "Erratum to: The role of fire", ENGLISH),
        ("", 'Erratum for "The role of fire"', ""),
        ("", "Corrigendum", ENGLISH),
        ("", "Correction: The role of fire", ENGLISH),
        ("", "Correction to: The role of fire", ENGLISH),
        ("", "Author Correction: The role of fire", ENGLISH),
        ("", "Publisher Correction to: The role of fire", ENGLISH),
        ("", "RETRACTED: The role of fire", ENGLISH),
        ("", "RETRACTED ARTICLE: The role of fire", ENGLISH),
        ("", "Retraction note: The role of fire", ""),
        ("", "Retraction of: The role of fire", ""),
        ("", "Retraction of “The role of fire”", ""),
        ("", "[Retracted] The role of fire", ENGLISH),
        ("", "WITHDRAWN: The role of fire", ENGLISH),
        ("", "Expression of concern: the role of fire", ""),
        ("", "The role of fire: a pilot study: Erratum", ENGLISH),
        (
            "",
            "The role of fire",
            "This paper has been withdrawn by the author due to a crucial error in Lemma 2.",
        ),
        ("", "The role of fire", "Withdrawn by arXiv administration because of a dispute."),
        ("", "The role of fire", f"{ENGLISH} This paper has been withdrawn."),
        ("Editorial", "Moss today", ""),
        ("Letter", "Moss today", ""),
        ("", "Editorial: moss today", ""),
        ("", "Preface", ""),
        ("", "Table of contents", ""),
    ],
)
def test_notices(kind: str, title: str, abstract: str) -> None:
    assert notice(kind, title, abstract)


@pytest.mark.parametrize(
    ("kind", "title", "abstract"),
    [
        ("Article", "The role of fire", ENGLISH),
        ("Editorial", "Moss today", ENGLISH),
        ("", "Correction of motion artifacts in MRI", ENGLISH),
        ("", "Corrections to scaling in moss growth", ENGLISH),
        ("", "Error correction with quantum moss", ENGLISH),
        ("", "Retraction of the tympanic membrane", ""),
        ("", "Opioid withdrawal: a systematic review", ENGLISH),
        ("", "Editorial bias in peer review", ENGLISH),
        ("", "Withdrawn behaviour in children", ENGLISH),
        (
            "",
            "The role of fire",
            "Samples were withdrawn from the tank and removed by hand, as in the paper of Smith.",
        ),
        ("", "", ENGLISH),
    ],
)
def test_papers(kind: str, title: str, abstract: str) -> None:
    assert notice(kind, title, abstract) == ""


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("English", "en"),
        ("eng", "en"),
        ("en-US", "en"),
        ("EN", "en"),
        ("German", "de"),
        ("ger", "de"),
        ("English; French", "en"),
        ("chi", "zh"),
        ("zh_CN", "zh"),
        ("Deutsch", "de"),
        ("deu", "de"),
        ("de-DE", "de"),
        ("中文", "zh"),
        ("德语", "de"),
        ("allemand", "de"),
        ("Portuguese (Brazil)", "pt"),
        ("Article in German", "de"),
        ("język polski", "pl"),
        ("Norwegian Bokmål", "no"),
        ("jp", "ja"),
        ("NA", "en"),
        ("Multiple languages", "en"),
    ],
)
def test_stated_language_counts(stated: str, code: str) -> None:
    assert language(stated, ENGLISH) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        ("Cet article est consacré à l'étude de la croissance des mousses sur les toits à l'ombre.", "fr"),
        (
            "Wir untersuchen das Wachstum von Moos auf schattigen Dächern und finden, dass es schnell ist.",
            "de",
        ),
        ("Este artículo estudia el crecimiento del musgo en los tejados a la sombra de los árboles.", "es"),
        ("本文研究了屋顶上苔藓的生长情况，并发现其生长速度很快。", "zh"),
        ("Moss", ""),
        ("", ""),
    ],
)
def test_detected_language(text: str, code: str) -> None:
    assert language("", text) == code


def test_an_unknown_word_for_the_language_is_not_believed() -> None:
    assert language("Klingon", ENGLISH) == "en"
