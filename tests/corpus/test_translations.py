"""Abstracts in several languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from topics.corpus.clean import clean_abstract
from topics.corpus.translations import one_language

ENGLISH = "We study the growth of moss on the roofs of houses in the shade and find that it is fast."
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
