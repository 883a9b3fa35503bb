"""Column names in the languages of those who export them, and names that stand twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from topics.config import CorpusSettings
from topics.corpus.readers import read_files
from topics.corpus.readers.column_names import ALIASES, heading
from topics.types import Record

ABSTRACT = "We counted moss on forty roofs and found more of it than in the year before."
VALUES = ["Moss grows", ABSTRACT, "2020", "Lind, Ada; Okafor, Bo", "Gardens", "moss; roofs", "10.5555/1"]

# Title, abstract, year or date, authors, journal, keywords, DOI.
HEADINGS = {
    "es": "Título del artículo|Resumen|Año|Autor(es)|Título de la revista|Palabras clave|DOI",
    "fr": "Titre de l'article|Résumé|Année de parution|Auteurs|Revue|Mots-clés d'auteur|DOI",
    "pt": "Título|Resumo|Ano de publicação|Autores|Periódico|Palavras-chave|DOI",
    "it": "Titolo dell'articolo|Riassunto|Anno di pubblicazione|Autori|Rivista|Parole chiave|DOI",
    "nl": "Titel|Samenvatting|Jaar van publicatie|Auteur(s)|Tijdschrift|Trefwoorden|DOI",
    "de": "Titel|Zusammenfassung|Erscheinungsjahr|Autor/in|Zeitschriftentitel|Schlüsselwörter|DOI",
    "ru": "Название публикации|Аннотация|Год публикации|Авторы|Название журнала|Ключевые слова|DOI",
    "zh": "题名|中文摘要|发表时间|作者|期刊名称|关键字|DOI",
    "CNKI": "Title-题名|Summary-摘要|PubTime-发表时间|Author-作者|Source-文献来源|Keyword-关键词|DOI-DOI",
    "zh-TW": "篇名|摘要|出版年|作者|期刊名稱|關鍵詞|DOI",
    "ja": "論文題目|和文抄録|発行年月|執筆者|資料名|キーワード|DOI",
    "ko": "논문명|국문초록|발행년도|저자(소속)|학술지명|핵심어|DOI",
    "pl": "Tytuł artykułu|Streszczenie|Rok publikacji|Autorzy|Nazwa czasopisma|Słowa kluczowe|DOI",
    "tr": "Makale Başlığı|Öz|Yayın Yılı|Yazar(lar)|Dergi Adı|Anahtar Sözcükler|DOI",
}  # fmt: skip


def read(path: Path, text: str) -> Record:
    path.write_text(text, encoding="utf-8")
    (found,) = read_files([path], CorpusSettings())
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("spoken", HEADINGS)
@pytest.mark.parametrize("sign", ["\t", ";"])
def test_columns_in_other_languages(spoken: str, sign: str, tmp_path: Path) -> None:
    values = VALUES if sign == "\t" else [f'"{value}"' for value in VALUES]
    found = read(tmp_path / "a.csv", f"{HEADINGS[spoken].replace('|', sign)}\n{sign.join(values)}\n")
    assert (found.title, found.abstract, found.date, found.venue) == (
        "Moss grows",
        ABSTRACT,
        "2020",
        "Gardens",
    )
    assert found.authors == ("Lind, Ada", "Okafor, Bo")
    assert found.keywords == ("moss", "roofs")
    assert found.doi == "10.5555/1"


def test_no_name_is_that_of_two_fields() -> None:
    names = [alias for aliases in ALIASES.values() for alias in aliases]
    assert len(names) == len(set(names))


def test_a_heading_that_stands_twice(tmp_path: Path) -> None:
    """The second one counts where the first is empty; authors and keywords of both count."""
    head = "Title,Author,Author,Abstract,Abstract,Keyword 1,Keyword 2,title_es,Year"
    found = read(
        tmp_path / "a.csv", f'{head}\nMoss,"Lind, A.","Okafor, B.",,"{ABSTRACT}",moss,roofs,Musgo,2020\n'
    )
    assert (found.title, found.abstract) == ("Moss", ABSTRACT)
    assert found.authors == ("Lind, A.", "Okafor, B.")
    assert found.keywords == ("moss", "roofs")
    assert found.original["Abstract (2)"] == ABSTRACT


def test_a_name_that_is_known_goes_before_one_with_a_language(tmp_path: Path) -> None:
    found = read(
        tmp_path / "a.csv", f"title_es,title_en,abstract_es,abstract_en\nMusgo,Moss,Contamos,{ABSTRACT}\n"
    )
    assert (found.title, found.abstract) == ("Moss", ABSTRACT)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Abstract (2)", "abstract"),
        ("Abstract.1", "abstract"),
        ("Author 12", "author"),
        ("title_es", "title"),
        ("Title / Titel", "title"),
        ("Abstract (English)", "abstract"),
        ("T1", "t1"),
        ("Reviewer 1", "reviewer1"),
    ],
)
def test_what_a_heading_is_without_its_number(name: str, short: str) -> None:
    assert heading(name) == short


def test_a_zero_byte_does_not_refuse_a_table(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", f"Title,Abstract\nMo\0ss,{ABSTRACT}\n")
    assert found.abstract == ABSTRACT
