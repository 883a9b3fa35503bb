"""Notices and languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from topics.corpus.clean import clean_abstract
from topics.corpus.screen import language, notice, one_language

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


SPANISH = (
    "Se evaluaron los registros en cuarenta sitios durante tres años. Los resultados muestran que los "
    "cambios de los tratamientos dependen de los años y de los sitios."
)
CHINESE = (
    "针对我国水稻生产存在类型品种多、土壤水肥条件差异大的问题，研究设计了可调宽窄行高速水稻插秧机，"
    "并在四十个地点进行了为期三年的试验。"
)
LONG = f"{ENGLISH} {ENGLISH}"
RIGHTS = "Copyright of the Journal of Moss is the property of Example Press and not to be copied."


TRANSLATED = {
    "French": "Nous avons étudié la croissance des mousses sur les toits de quarante maisons en trois ans.",
    "German": "Wir untersuchten das Wachstum von Moos auf den Dächern von vierzig alten Häusern über Jahre.",
    "Polish": "Zbadaliśmy wzrost mchu na dachach czterdziestu starych domów w ciągu trzech kolejnych lat.",
    "Indonesian": "Kami mempelajari pertumbuhan lumut di atap empat puluh rumah tua selama tiga tahun. Hasil "
    "penelitian menunjukkan bahwa lumut tumbuh lebih cepat di tempat teduh.",
    "Turkish": "Kırk eski evin çatısında yosunun büyümesini üç yıl boyunca birlikte inceledik ve ölçtük.",
    "Russian": "Мы изучали рост мха на крышах сорока старых домов в течение трёх лет и измеряли его.",
    "Arabic": "درسنا نمو الطحالب على أسطح أربعين منزلا قديما لمدة ثلاث سنوات في شمال البلاد.",
    "Korean": "우리는 마흔 채의 오래된 집 지붕에서 이끼의 성장을 삼 년 동안 연구하였다.",
    "Japanese": "四十軒の古い家の屋根に生える苔の成長を三年間にわたって調査した。",
    "Hindi": "हमने तीन वर्षों तक चालीस पुराने घरों की छतों पर काई की वृद्धि का अध्ययन किया।",
    "Chinese": CHINESE,
    "Spanish": SPANISH,
}
HEADS = {
    "French": "Résumé :", "German": "Zusammenfassung", "Polish": "Streszczenie:", "Indonesian": "Abstrak:",
    "Turkish": "Özet:", "Russian": "Аннотация.", "Arabic": "الملخص:", "Korean": "초록", "Japanese": "要旨",
    "Hindi": "सारांश:", "Chinese": "【摘要】", "Spanish": "RESUMEN",
}  # fmt: skip
BORDERS: dict[str, Callable[[str, str], str]] = {
    "a line break": lambda spoken, other: f"{LONG}\n{other}",
    "br": lambda spoken, other: f"{LONG}<br/>{other}",
    "the word of the language": lambda spoken, other: f"{LONG} {HEADS[spoken]} {other}",
    "such a line": lambda spoken, other: f"{LONG}\n{HEADS[spoken]}\n{other}",
    "the language in brackets": lambda spoken, other: f"[English] {LONG}\n[{spoken}] {other}",
    "abstract in brackets": lambda spoken, other: f"Abstract (English): {LONG} Abstract ({spoken}): {other}",
    "abstract of": lambda spoken, other: f"English abstract: {LONG} {spoken} abstract: {other}",
}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("spoken", TRANSLATED)
def test_translations_are_parted(border: str, spoken: str) -> None:
    written = BORDERS[border](spoken, TRANSLATED[spoken])
    own, others = one_language(written, "Growth of moss on the roofs of the old towns")
    assert clean_abstract(own) == LONG
    assert clean_abstract(others) == TRANSLATED[spoken]


@pytest.mark.parametrize("end", ["\n", "\r\n", "<br>", "\n\n"])
def test_sections_and_lines_of_one_language_stay(end: str) -> None:
    heads = ["Background:", "Materials and Methods:", "Results:", "Conclusions:"]
    sections = end.join(f"{head} {ENGLISH}" for head in heads)
    assert one_language(sections, "Growth of moss") == (sections, "")
    names = (
        f"{ENGLISH}{end}Agrostis stolonifera, Festuca rubra, Poa pratensis, Trifolium repens, Plantago media."
    )
    assert one_language(names, "Growth of moss") == (names, "")


@pytest.mark.parametrize(
    "text", ["Öz-yeterlik inancı ölçüldü.", "Abstract-level reasoning is hard.", "概要を述べる。"]
)
def test_words_that_begin_as_heads_do_stay(text: str) -> None:
    assert clean_abstract(text) == text


@pytest.mark.parametrize("between", ["\n\n", "</jats:p><jats:p>", "</p> <p>"])
@pytest.mark.parametrize("other", [SPANISH, CHINESE, f"Resumen: {SPANISH}"])
def test_a_translation_is_no_part_of_the_abstract(other: str, between: str) -> None:
    own, others = one_language(
        between.join([LONG, other, RIGHTS]), "Growth of moss on the roofs of the old towns"
    )
    assert own.split() == f"{LONG} {RIGHTS}".split()
    assert others == other


def test_the_title_says_which_language_is_the_papers_own() -> None:
    title = "El crecimiento del musgo en los tejados de las ciudades antiguas y sus cambios"
    assert one_language(f"{LONG}\n\n{SPANISH}", title) == (SPANISH, LONG)
    assert one_language(f"{SPANISH}\n\n{LONG}", "") == (SPANISH, LONG)


@pytest.mark.parametrize("head", ["Resumen: ", "RESUMEN. ", "[Spanish abstract:] ", "Resumen\n"])
def test_a_head_divides_what_stands_in_one_paragraph(head: str) -> None:
    own, others = one_language(f"{LONG} {head}{SPANISH}", "")
    assert own.strip() == LONG
    assert others.endswith(SPANISH)


@pytest.mark.parametrize(
    "abstract",
    [
        LONG,
        f"{LONG}\n\n{ENGLISH}",
        f"{LONG}\n\nResultados: n = 5.",
        SPANISH,
        f"{LONG} The word Resumen is Spanish for a summary.",
        "",
    ],
)
def test_one_language_stays_as_it_is(abstract: str) -> None:
    assert one_language(abstract, "Moss") == (abstract, "")
