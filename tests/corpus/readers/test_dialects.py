"""The same two papers under the names that databases and interfaces give to their fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.readers.sheets import xlsx
from tests.corpus.readers.test_exports import ABSTRACTS, DOIS, FAMILIES, TITLES, VENUES
from topics.config import CorpusSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files
from topics.errors import InputError
from topics.types import Broken, Record

GIVEN = [("Ada", "Bruno"), ("Chiara", "Ada")]
YEARS = ["2021", "2019"]
DAYS = ["2021-03-14", "2019-07-01"]


def read(path: Path, **options: object) -> list[Record]:
    found = list(read_files([path], CorpusSettings(**options)))
    assert not any(isinstance(item, Broken) for item in found), found
    return [item for item in found if isinstance(item, Record)]


def check(papers: Sequence[Record], without: Sequence[str] = ()) -> None:
    assert [paper.title for paper in papers] == TITLES
    assert [paper.abstract.removeprefix("<p>").removesuffix("</p>") for paper in papers] == ABSTRACTS
    for place, paper in enumerate(papers):
        if "authors" not in without:
            assert [family in name for family, name in zip(FAMILIES[place], paper.authors, strict=True)] == [
                True
            ] * 2
        if "doi" not in without:
            assert paper.doi == DOIS[place]
        if "date" not in without:
            assert paper.date[:4] == YEARS[place]
        if "venue" not in without:
            assert paper.venue.casefold() == VENUES[place]


def names(place: int, form: str = "{family}, {given}") -> list[str]:
    return [
        form.format(family=family, given=given)
        for family, given in zip(FAMILIES[place], GIVEN[place], strict=True)
    ]


# By the name of the dialect: its columns for title, authors, year or date, journal, abstract and DOI, the
# sign between authors, and the sign between columns.
TABLES = {
    "refworks.tsv": (
        ["Title Primary", "Authors, Primary", "Pub Year", "Periodical Full", "Abstract", "DOI"], ";", "\t",
    ),
    "german.csv": (["Titel", "Autoren", "Jahr", "Zeitschrift", "Zusammenfassung", "DOI"], "; ", ";"),
    "french.csv": (["Titre", "Auteurs", "Année", "Revue", "Résumé", "DOI"], "; ", ";"),
    "spanish.csv": (["Título", "Autores", "Año", "Revista", "Resumen", "DOI"], "; ", ","),
    "portuguese.csv": (["Título", "Autores", "Ano", "Periódico", "Resumo", "DOI"], "; ", ","),
    "italian.csv": (["Titolo", "Autori", "Anno", "Rivista", "Riassunto", "DOI"], "; ", ","),
    "chinese.csv": (["题名", "作者", "发表时间", "刊名", "摘要", "DOI"], ";", ","),
    "cnki.csv": (
        ["Title-题名", "Author-作者", "PubTime-发表时间", "Source-刊名", "Summary-摘要", "DOI"], ";", ",",
    ),
    "proquest.csv": (
        ["Title", "Authors", "year", "pubtitle", "Abstract", "digitalObjectIdentifier"], "; ", ",",
    ),
    "covidence.csv": (["Title", "Authors", "Published Year", "Journal", "Abstract", "DOI"], "; ", ","),
    "openalex.csv": (
        [
            "title",
            "authorships.author.display_name",
            "publication_year",
            "primary_location.source.display_name",
            "abstract",
            "doi",
        ],
        "|",
        ",",
    ),
    "embase.csv": (
        ["Title", "Author Names", "Publication Year", "Source title", "Abstract", "DOI"], "; ", ",",
    ),
    "cochrane.csv": (["Title", "Author(s)", "Year", "Source", "Abstract", "DOI"], "; ", ","),
    "ebsco.csv": (
        ["Article Title", "Author", "Publication Date", "Journal Title", "Abstract", "DOI"], "; ", ",",
    ),
    "ovid.csv": (["TI", "AU", "YR", "SO", "AB", "DO"], "; ", ","),
    "wos.csv": (
        ["Article Title", "Author Full Names", "Publication Year", "Source Title", "Abstract", "DOI"],
        "; ",
        ",",
    ),
    "zotero.csv": (
        ["Title", "Author", "Publication Year", "Publication Title", "Abstract Note", "DOI"], "; ", ",",
    ),
    "rayyan.csv": (["title", "authors", "year", "journal", "abstract", "doi"], " and ", ","),
    "lens.csv": (["Title", "Author/s", "Publication Year", "Source Title", "Abstract", "DOI"], "; ", ","),
    "dimensions.csv": (
        ["Title", "Authors", "PubYear", "Source title/Anthology title", "Abstract", "DOI"], "; ", ",",
    ),
    "hal.csv": (
        ["title_s", "authFullName_s", "producedDate_s", "journalTitle_s", "abstract_s", "doiId_s"], ";", ",",
    ),
    "ieee.csv": (
        ["Document Title", "Authors", "Publication Year", "Publication Title", "Abstract", "DOI"], "; ", ",",
    ),
    "publish_or_perish.csv": (["Title", "Authors", "Year", "Source", "Abstract", "DOI"], "; ", ","),
    "cord.csv": (["title", "authors", "publish_time", "journal", "abstract", "doi"], "; ", ","),
    "semantic_scholar.csv": (["title", "authors", "year", "venue", "abstract", "externalIds.DOI"], "; ", ","),
    "zotero_german.csv": (
        [
            "Titel", "Autor", "Jahr der Veröffentlichung", "Titel der Veröffentlichung", "Zusammenfassung",
            "DOI",
        ],
        "; ",
        ",",
    ),
    "zotero_french.csv": (
        ["Titre", "Auteur", "Année de publication", "Titre de la publication", "Résumé", "DOI"], "; ", ";",
    ),
    "cnki.tsv": (
        ["Title-题名", "Author-作者", "PubTime-发表时间", "Source-文献来源", "Summary-摘要", "DOI-DOI"],
        ";",
        "\t",
    ),
    "cinii.tsv": (["タイトル", "著者", "出版日", "刊行物名", "抄録", "DOI"], "; ", "\t"),
    "jstage.csv": (["論文タイトル", "著者", "発行年", "誌名", "抄録", "DOI"], "; ", ","),
    "kci.csv": (["논문명", "저자명", "발행연도", "학술지명", "초록", "DOI"], ";", ","),
    "yok.csv": (["Başlık", "Yazar", "Yıl", "Dergi", "Özet", "DOI"], "; ", ","),
    "elibrary.csv": (["Название", "Авторы", "Год", "Журнал", "Аннотация", "DOI"], "; ", ";"),
    "hal_years.csv": (
        ["title_s", "authFullName_s", "producedDateY_i", "journalTitle_s", "abstract_s", "doiId_s"], ";", ",",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_columns_of_a_table(name: str, tmp_path: Path) -> None:
    columns, between, sign = TABLES[name]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign)
    writer.writerow([*columns, "Note"])
    for place in (0, 1):
        authors = between.join(names(place))
        writer.writerow(
            [TITLES[place], authors, YEARS[place], VENUES[place], ABSTRACTS[place], DOIS[place].upper(), "x"]
        )
    (tmp_path / name).write_text(text.getvalue(), encoding="utf-8")
    check(read(tmp_path / name))


def creators(place: int, family: str, given: str) -> list[dict[str, str]]:
    return [{family: last, given: first} for last, first in zip(FAMILIES[place], GIVEN[place], strict=True)]


Make = Callable[[int], Any]
# What one paper is in an interface's answer, what is around the papers, and which fields the answer lacks.
ANSWERS: Mapping[str, tuple[Make, Callable[[list[Any]], Any], tuple[str, ...]]] = {
    "biorxiv": (
        lambda n: {
            "doi": DOIS[n], "title": TITLES[n], "authors": "; ".join(names(n)), "date": DAYS[n],
            "category": "ecology", "abstract": ABSTRACTS[n], "published": "NA",
        },
        lambda papers: {"messages": [{"status": "ok"}], "collection": papers},
        ("venue",),
    ),
    "europepmc": (
        lambda n: {
            "id": f"77{n}", "pmid": f"77{n}", "doi": DOIS[n], "title": TITLES[n], "pubYear": YEARS[n],
            "authorString": ", ".join(names(n, "{family} {given}")) + ".", "abstractText": ABSTRACTS[n],
            "journalInfo": {"journal": {"title": VENUES[n]}},
        },
        lambda papers: {"hitCount": 2, "resultList": {"result": papers}},
        (),
    ),
    "semantic_scholar": (
        lambda n: {
            "paperId": f"p{n}", "externalIds": {"DOI": DOIS[n]}, "title": TITLES[n], "abstract": ABSTRACTS[n],
            "year": int(YEARS[n]), "venue": VENUES[n], "authors": [{"name": name} for name in names(n)],
        },
        lambda papers: {"total": 2, "data": papers},
        (),
    ),
    "semantic_scholar_citations": (
        lambda n: {
            "isInfluential": False,
            "citingPaper": {
                "externalIds": {"DOI": DOIS[n]}, "title": TITLES[n], "abstract": ABSTRACTS[n],
                "year": int(YEARS[n]), "venue": VENUES[n], "authors": [{"name": name} for name in names(n)],
            },
        },
        lambda papers: {"offset": 0, "data": papers},
        (),
    ),
    "openreview": (
        lambda n: {
            "id": f"x{n}", "cdate": [1615680000000, 1561939200000][n],
            "content": {
                "title": {"value": TITLES[n]}, "abstract": {"value": ABSTRACTS[n]},
                "authors": {"value": names(n)}, "venue": {"value": VENUES[n]},
            },
        },
        lambda papers: {"notes": papers, "count": 2},
        ("doi",),
    ),
    "openreview_old": (
        lambda n: {
            "id": f"x{n}", "cdate": [1615680000000, 1561939200000][n],
            "content": {"title": TITLES[n], "abstract": ABSTRACTS[n], "authors": names(n),
            "venue": VENUES[n]},
        },
        lambda papers: {"notes": papers, "count": 2},
        ("doi",),
    ),
    "inspire": (
        lambda n: {
            "id": str(n),
            "metadata": {
                "titles": [{"title": TITLES[n], "source": "arXiv"}],
                "abstracts": [{"value": ABSTRACTS[n]}, {"value": "The same, from another source."}],
                "authors": [{"full_name": name} for name in names(n)], "dois": [{"value": DOIS[n]}],
                "earliest_date": DAYS[n], "publication_info": [{"journal_title": VENUES[n]}],
            },
        },
        lambda papers: {"hits": {"hits": papers, "total": 2}},
        (),
    ),
    "hal": (
        lambda n: {
            "halId_s": f"hal-{n}", "title_s": [TITLES[n]], "abstract_s": [ABSTRACTS[n]],
            "authFullName_s": names(n), "producedDate_s": DAYS[n], "journalTitle_s": VENUES[n],
            "doiId_s": DOIS[n],
        },
        lambda papers: {"response": {"numFound": 2, "docs": papers}},
        (),
    ),
    "eric": (
        lambda n: {
            "id": f"EJ{n}", "title": TITLES[n], "description": ABSTRACTS[n], "author": names(n),
            "publicationdateyear": int(YEARS[n]), "source": VENUES[n],
        },
        lambda papers: {"response": {"docs": papers}},
        ("doi",),
    ),
    "plos": (
        lambda n: {
            "id": DOIS[n], "title_display": TITLES[n], "abstract": [ABSTRACTS[n]], "author_display": names(n),
            "publication_date": f"{DAYS[n]}T00:00:00Z", "journal": VENUES[n],
        },
        lambda papers: {"response": {"docs": papers}},
        (),
    ),
    "ads": (
        lambda n: {
            "bibcode": f"b{n}", "title": [TITLES[n]], "abstract": ABSTRACTS[n], "author": names(n),
            "pubdate": f"{YEARS[n]}-03-00", "doi": [DOIS[n]], "pub": VENUES[n],
        },
        lambda papers: {"responseHeader": {"status": 0}, "response": {"docs": papers}},
        (),
    ),
    "crossref": (
        lambda n: {
            "DOI": DOIS[n], "title": [TITLES[n]], "abstract": f"<p>{ABSTRACTS[n]}</p>",
            "author": creators(n, "family", "given"), "container-title": [VENUES[n]],
            "published": {"date-parts": [[int(YEARS[n]), 3]]}, "reference": [{"DOI": "10.5555/cited",
            "year": "1999"}],
        },
        lambda papers: {"status": "ok", "message": {"items": papers, "total-results": 2}},
        (),
    ),
    "csl": (
        lambda n: {
            "id": f"x{n}", "type": "article-journal", "title": TITLES[n], "abstract": ABSTRACTS[n],
            "author": creators(n, "family", "given"), "issued": {"date-parts": [[YEARS[n], 3]]},
            "container-title": VENUES[n], "DOI": DOIS[n],
        },
        lambda papers: papers,
        (),
    ),
    "zotero_api": (
        lambda n: {
            "key": f"K{n}", "meta": {"creatorSummary": "Someone", "parsedDate": YEARS[n]},
            "data": {
                "itemType": "journalArticle", "title": TITLES[n], "abstractNote": ABSTRACTS[n],
                "date": DAYS[n],
                "creators": [
                    *({"creatorType": "author", **one} for one in creators(n, "lastName", "firstName")),
                    {"creatorType": "editor", "lastName": "Other", "firstName": "E."},
                ],
                "publicationTitle": VENUES[n], "DOI": DOIS[n],
            },
        },
        lambda papers: papers,
        (),
    ),
    "mendeley": (
        lambda n: {
            "title": TITLES[n], "authors": creators(n, "last_name", "first_name"), "year": int(YEARS[n]),
            "source": VENUES[n], "identifiers": {"doi": DOIS[n]}, "abstract": ABSTRACTS[n],
        },
        lambda papers: papers,
        (),
    ),
    "paperpile": (
        lambda n: {
            "title": TITLES[n], "author": creators(n, "last", "first"), "published": {"year": YEARS[n],
            "month": "3"},
            "journal": VENUES[n], "doi": DOIS[n], "abstract": ABSTRACTS[n],
        },
        lambda papers: papers,
        (),
    ),
    "doaj": (
        lambda n: {
            "id": f"d{n}",
            "bibjson": {
                "title": TITLES[n], "abstract": ABSTRACTS[n], "author": [{"name": name} for name in names(n)],
                "year": YEARS[n], "journal": {"title": VENUES[n]}, "identifier": [{"type": "doi",
                "id": DOIS[n]}],
            },
        },
        lambda papers: {"total": 2, "results": papers},
        (),
    ),
    "datacite": (
        lambda n: {
            "id": DOIS[n],
            "attributes": {
                "doi": DOIS[n], "titles": [{"title": TITLES[n]}], "creators": creators(n, "familyName",
                "givenName"),
                "descriptions": [
                    {"description": "Its parts", "descriptionType": "TableOfContents"},
                    {"description": ABSTRACTS[n], "descriptionType": "Abstract"},
                ],
                "publicationYear": int(YEARS[n]), "container": {"title": VENUES[n]},
            },
        },
        lambda papers: {"data": papers, "meta": {"total": 2}},
        (),
    ),
    "lens": (
        lambda n: {
            "lens_id": f"0-{n}", "title": TITLES[n], "abstract": ABSTRACTS[n],
            "year_published": int(YEARS[n]),
            "authors": creators(n, "last_name", "first_name"), "date_published": DAYS[n],
            "source": {"title": VENUES[n]}, "external_ids": [{"type": "doi", "value": DOIS[n]}],
        },
        lambda papers: {"total": 2, "data": papers},
        (),
    ),
    "dimensions": (
        lambda n: {
            "id": f"pub.{n}", "title": TITLES[n], "abstract": ABSTRACTS[n], "year": int(YEARS[n]),
            "authors": creators(n, "last_name", "first_name"), "journal": {"id": "j", "title": VENUES[n]},
            "doi": DOIS[n],
        },
        lambda papers: {"publications": papers, "_stats": {"total_count": 2}},
        (),
    ),
    "scopus": (
        lambda n: {
            "dc:title": TITLES[n], "dc:description": ABSTRACTS[n],
            "author": [{"authname": name} for name in names(n)],
            "prism:coverDate": DAYS[n], "prism:publicationName": VENUES[n], "prism:doi": DOIS[n],
        },
        lambda papers: {"search-results": {"opensearch:totalResults": "2", "entry": papers}},
        (),
    ),
    "springer": (
        lambda n: {
            "title": TITLES[n], "abstract": {"h1": "Abstract", "p": ABSTRACTS[n]}, "doi": DOIS[n],
            "creators": [{"creator": name} for name in names(n)], "publicationName": VENUES[n],
            "publicationDate": DAYS[n], "url": [{"format": "", "value": "http://example.org"}],
        },
        lambda papers: {"apiMessage": "x", "records": papers},
        (),
    ),
    "ieee": (
        lambda n: {
            "title": TITLES[n], "abstract": ABSTRACTS[n], "publication_year": int(YEARS[n]), "doi": DOIS[n],
            "authors": {"authors": [{"full_name": name} for name in names(n)]},
            "publication_title": VENUES[n],
        },
        lambda papers: {"total_records": 2, "articles": papers},
        (),
    ),
    "by_id": (
        lambda n: {
            "title": TITLES[n], "abstract": ABSTRACTS[n], "authors": names(n),
            "year": int(YEARS[n]), "doi": DOIS[n],
        },
        lambda papers: dict(zip(["first", "second"], papers, strict=True)),
        ("venue",),
    ),
    "by_column": (
        lambda n: {
            "title": TITLES[n], "abstract": ABSTRACTS[n], "authors": names(n),
            "year": int(YEARS[n]), "doi": DOIS[n],
        },
        lambda papers: {name: {str(n): paper[name] for n, paper in enumerate(papers)} for name in papers[0]},
        ("venue",),
    ),
    "pages": (
        lambda n: {
            "title": TITLES[n], "abstract": ABSTRACTS[n], "authors": names(n),
            "year": int(YEARS[n]), "doi": DOIS[n],
        },
        lambda papers: [{"page": n, "results": [paper]} for n, paper in enumerate(papers)],
        ("venue",),
    ),
    "list_far_into_the_file": (
        lambda n: {
            "title": TITLES[n], "abstract": ABSTRACTS[n], "authors": names(n),
            "year": int(YEARS[n]), "doi": DOIS[n],
        },
        lambda papers: {"facets": [{"name": "facet", "count": n} for n in range(4000)], "response": {
            "docs": papers,
        }},
        ("venue",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_interfaces(name: str, indent: int | None, tmp_path: Path) -> None:
    make, around, without = ANSWERS[name]
    text = json.dumps(around([make(0), make(1)]), indent=indent, ensure_ascii=False)
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    check(read(tmp_path / "a.json"), without)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_interfaces_line_by_line(name: str, tmp_path: Path) -> None:
    make, around, without = ANSWERS[name]
    pages = [around([make(n), make(n)]) for n in (0, 1)]
    if name == "by_column" or any(isinstance(page, list) for page in pages):
        pages = [{"papers": [make(n), make(n)]} for n in (0, 1)]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(page) for page in pages), encoding="utf-8")
    check(read(tmp_path / "a.jsonl")[::2], without)


@pytest.mark.parametrize("lacking", [(0,), (1,), (0, 2)])
def test_json_objects_may_lack_fields(lacking: Sequence[int], tmp_path: Path) -> None:
    papers = [
        {"title": f"Paper {n}", "DOI": f"10.5555/{n}", "abstract": f"{n} {ABSTRACTS[0]}"} for n in range(4)
    ]
    for place in lacking:
        del papers[place]["abstract"]
    (tmp_path / "a.json").write_text(json.dumps(papers), encoding="utf-8")
    chosen = CorpusSettings(duplicates="keep")
    corpus = build_corpus(read_files([tmp_path / "a.json"], chosen), chosen)
    reasons = corpus.account.column("reason").to_pylist()
    assert reasons == ["no abstract" if place in lacking else "" for place in range(4)]


def test_json_without_abstracts_lists_the_fields_of_all_objects(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"items": [{"title": "A", "year": 1999}, {"title": "B", "text": "C"}]}')
    with pytest.raises(InputError, match="it has title, year, text; name the right one .* titles alone"):
        read(tmp_path / "a.json")
    assert len(read(tmp_path / "a.json", min_abstract_words=0)) == 2
    (paper, other) = read(tmp_path / "a.json", columns={"abstract": "text"})
    assert (paper.abstract, other.abstract) == ("", "C")


@pytest.mark.parametrize(
    "before", [[], [["About the data: exported on some day"], []], [["a"], ["b", "c"]] * 4]
)
def test_a_sheet_may_have_lines_before_its_column_names(before: list[list[object]], tmp_path: Path) -> None:
    columns = ["Title", "Abstract", "Publication Year", "DOI", "Source title", "Authors"]
    rows: list[list[object]] = [
        [TITLES[n], ABSTRACTS[n], int(YEARS[n]), DOIS[n], VENUES[n], "; ".join(names(n))] for n in (0, 1)
    ]
    (tmp_path / "a.xlsx").write_bytes(xlsx([["A sheet about the export"]], [*before, columns, *rows]))
    papers = read(tmp_path / "a.xlsx")
    check(papers)
    assert papers[0].original["Publication Year"] == 2021


def test_days_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    rows = "".join(f'{TITLES[n]},"{ABSTRACTS[n]}",{day}\n' for n, day in enumerate([44269, 43647.0]))
    (tmp_path / "a.csv").write_text(f"title,abstract,date\n{rows}", encoding="utf-8")
    assert [paper.date for paper in read(tmp_path / "a.csv")] == DAYS


def test_a_number_of_zeros_is_no_identifier(tmp_path: Path) -> None:
    head = "pubmed id,title,abstract\n"
    rows = "".join(f'0,{TITLES[n]},"{ABSTRACTS[n]}"\n' for n in (0, 1))
    (tmp_path / "a.csv").write_text(head + rows, encoding="utf-8")
    assert [paper.identifiers for paper in read(tmp_path / "a.csv")] == [(), ()]


def test_the_cochrane_librarys_ris(tmp_path: Path) -> None:
    text = ""
    for place in (0, 1):
        text += f"Record #{place + 1} of 2\nProvider: a publisher\n\nTY  - JOUR\nAN  - CN-0000{place}\n"
        text += "".join(f"AU  - {name}\n" for name in names(place))
        text += f"TI  - {TITLES[place]}\nSO  - {VENUES[place]}\nYR  - {YEARS[place]}\nKY  - Moss\n"
        text += f"DOI - {DOIS[place]}\nAB  - {ABSTRACTS[place]}\nUS  - https://example.org\nER  - \n\n"
    (tmp_path / "a.ris").write_text(text, encoding="utf-8")
    papers = read(tmp_path / "a.ris")
    check(papers, without=["venue"])
    assert [(paper.keywords, paper.url) for paper in papers] == [(("Moss",), "https://example.org")] * 2


def test_identifiers_with_their_kind(tmp_path: Path) -> None:
    items = [
        {
            "@type": "item",
            "title": TITLES[place],
            "dc:creator": names(place),
            "prism:publicationName": VENUES[place],
            "prism:publicationDate": DAYS[place],
            "description": ABSTRACTS[place],
            "dc:identifier": [
                {"@type": "cir:NAID", "@value": "1"},
                {"@type": "cir:DOI", "@value": DOIS[place]},
            ],
        }
        for place in (0, 1)
    ]
    (tmp_path / "cinii.json").write_text(json.dumps({"@type": "channel", "title": "All", "items": items}))
    check(read(tmp_path / "cinii.json"))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp949",
            "논문명,저자명,초록\n오래된 벽의 이끼,김아다,이끼의 성장을 여러 계절 동안 측정하였다\n",
        ),
        ("gb18030", "题名,作者,摘要\n老墙上的苔藓,林达,我们连续多年测量了苔藓的生长并比较了不同墙面的差异\n"),
        ("cp932", "タイトル,著者,抄録\n古い壁の苔,林,苔の成長を数年にわたり測定し、壁の違いを比較した\n"),
        ("cp1251", "Название,Авторы,Аннотация\nМох на стенах,Линд,Мы измеряли рост мха в течение лет\n"),
        (
            "cp1252",
            "Titre;Auteur;Résumé\nLa mousse des murs;Lind;Nous avons mesuré la mousse tout l'été\n",
        ),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_the_setting_that_reads_it(
    encoding: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match=rf"a\.csv is not UTF-8 text .*corpus\.encoding .*{encoding}"):
        read(tmp_path / "a.csv")
    (paper,) = read(tmp_path / "a.csv", encoding=encoding)
    assert paper.title == text.splitlines()[1].replace(";", ",").split(",")[0]
    assert paper.abstract


NAMED = {
    "Embase's CSV with a field a line": (
        '"TITLE","Moss"\n"AUTHOR NAMES","Lind A.","Okafor B."\n"ABSTRACT","We counted."\n'
    ),
    "PubMed's text": (
        "1. Journal of Moss. 2021 Mar 14;3(1):1-9. doi: 10.5555/jib.\n\nMoss.\n\nLind A.\n\nPMID: 99900000\n"
    ),
    "ProQuest's text": "____________\n\nDocument 1 of 12\n\nMoss growth\n\nAbstract: We counted.\n",
    "the Cochrane Library's plain text": (
        "Record #1 of 12\nID: CN-0001\nAU: Lind A\nTI: Moss\nAB: We counted.\n"
    ),
    "Ovid's citation text": "<1>\nUnique Identifier\n  12345678\nTitle\n  Moss\nAbstract\n  We counted.\n",
    "CNKI's own text": "SrcDatabase-来源库: 期刊\nTitle-题名: Moss\nSummary-摘要: We counted.\n",
    "NoteExpress": "{Reference Type}: Journal Article\n{Title}: Moss\n{Abstract}: We counted.\n",
    "EndNote's list of all fields": (
        "Reference Type:  Journal Article\nRecord Number: 1\nAuthor: Lind, A.\nTitle: Moss\n"
    ),
    "MODS": (
        '<?xml version="1.0"?>\n<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods>'
        "</mods></modsCollection>"
    ),
    "MARC XML": (
        '<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>0</leader></record></collection>'
    ),
    "an answer of OAI-PMH (Dublin Core)": (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>'
    ),
    "Europe PMC's XML": (
        "<responseWrapper><resultList><result><title>Moss</title></result></resultList></responseWrapper>"
    ),
    "Microsoft Word's list of sources": '<?xml version="1.0"?><b:Sources><b:Source></b:Source></b:Sources>',
    "TEI XML": '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/></TEI>',
    "a news feed": '<rss version="2.0"><channel><item><title>Moss</title></item></channel></rss>',
    "a web page": "<!DOCTYPE html>\n<html><body><table><tr><td>Title</td></tr></table></body></html>",
    "a text document (RTF)": "{\\rtf1\\ansi Moss growth}",
    "a PDF file": "%PDF-1.7\n%",
    "a zip archive": "PK\x03\x04\x14",
    "a database of a reference manager": "SQLite format 3\x00",
}


@pytest.mark.parametrize("what", NAMED)
def test_formats_that_are_not_read_are_named_with_what_to_choose(what: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NAMED[what], encoding="utf-8")
    with pytest.raises(InputError, match=r"^a\.txt is .*, which is not read; \w+") as caught:
        read(tmp_path / "a.txt")
    assert f"is {what}" in str(caught.value)


def test_tables_that_never_have_abstracts_are_named(tmp_path: Path) -> None:
    head = "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,DOI\n"
    (tmp_path / "a.csv").write_text(f"{head}1,Moss,Lind A,x,Lind A,J Moss,2021,2021/01/01,,10.5555/1\n")
    with pytest.raises(
        InputError, match=r"PubMed's CSV, which holds no abstracts: .*\(\.nbib\); .* titles alone"
    ):
        read(tmp_path / "a.csv")


def test_the_end_line_of_refworks_is_no_part_of_an_abstract(tmp_path):
    record = (
        "RT Journal Article\nSR Electronic\nA1 Doe,J\nT1 {}\nYR 2012\nAB Soil moisture was rising.\nER\n\n"
    )
    path = tmp_path / "refworks.txt"
    path.write_text(record.format("Soil") + record.format("Water"), encoding="utf-8")
    found = list(read_files([path], CorpusSettings()))
    assert [one.abstract for one in found] == ["Soil moisture was rising."] * 2


RIS = "TY{0}JOUR\nTI{0}{1}\nAU{0}Lind, Ada\nPY{0}2020\nAB{0}{2}\nDO{0}{3}\nER{0}\n\n"


@pytest.mark.parametrize("sign", ["  - ", "  -", " - ", " -", "\u00a0\u00a0- ", "\t- "])
@pytest.mark.parametrize("before", ["", "  "])
def test_blanks_around_the_sign_of_ris(sign: str, before: str, tmp_path: Path) -> None:
    text = "".join(RIS.format(sign, TITLES[n], ABSTRACTS[n], DOIS[n]) for n in range(2))
    (tmp_path / "a.ris").write_text("".join(f"{before}{line}" for line in text.splitlines(keepends=True)))
    check(read(tmp_path / "a.ris"), without=("authors", "date", "venue"))


@pytest.mark.parametrize("between", ["", "\n"])
def test_refer_without_record_types(between: str, tmp_path: Path) -> None:
    """The blank line or the author, which stands before the title of the first, parts the two."""
    papers = [f"%A Lind, Ada\n%T {TITLES[n]}\n%X {ABSTRACTS[n]}\n%R {DOIS[n]}\n" for n in range(2)]
    (tmp_path / "a.enw").write_text(between.join(papers))
    found = read(tmp_path / "a.enw")
    check(found, without=("authors", "date", "venue"))
    assert [one.authors for one in found] == [("Lind, Ada",)] * 2
    assert found[0].assumed == "there is no line %0 before it; it is read without"


REASONS = {
    "title = {A},, year = {2020}, ": "there are two commas in a row after title",
    "title = {A}; year = {2020}, ": "a semicolon stands in place of a comma after title",
    "title {A}, year = {2020}, ": "= is missing after title",
    "title = {A}} , year = {2020}, ": "a brace stands too many after title",
    "title = {A} year = {2020}, ": "a comma is missing after title",
}


@pytest.mark.parametrize("fields", REASONS)
def test_what_is_wrong_between_the_fields_of_bibtex(fields: str, tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(f"@article{{key, {fields}abstract = {{{ABSTRACTS[0]}}}}}\n")
    (found,) = read(tmp_path / "a.bib")
    assert (found.title, found.abstract, found.date) == ("A", ABSTRACTS[0], "2020")
    assert found.assumed == f"{REASONS[fields]}; it is read as if that were mended"


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        (r"10.1162/coli{\_}a{\_}00412", "10.1162/coli_a_00412"),
        (r"10.1162/coli\_a\_00412", "10.1162/coli_a_00412"),
        (r"10.1002/x{\textless}1::AID-2{\textgreater}3.0.CO;2-Q", "10.1002/x<1::aid-2>3.0.co;2-q"),
    ],
)
def test_a_doi_and_an_address_are_no_latex(written: str, doi: str, tmp_path: Path) -> None:
    text = f"@article{{key, doi = {{{written}}}, url = {{https://x.org/a{{\\_}}b?c=1\\&d=2}},\n"
    (tmp_path / "a.bib").write_text(f"{text}abstract = {{{ABSTRACTS[0]}}}}}\n")
    (found,) = read(tmp_path / "a.bib")
    assert (found.doi, found.identifiers) == (doi, (f"doi:{doi}",))
    assert found.url == "https://x.org/a_b?c=1&d=2"


def test_values_that_bibtex_joins(tmp_path: Path) -> None:
    first, second = ABSTRACTS[0][:20], ABSTRACTS[0][20:]
    (tmp_path / "a.bib").write_text(
        '@string{jof = "Journal of "}\n@string{jx = jof # "X"}\n'
        '@article{key, journal = JX # " and " # {Y}, title = "C#", month = mar # "~15",\n'
        f'year = 2012, abstract = {{{first}}} # "{second}"}}\n'
    )
    (found,) = read(tmp_path / "a.bib")
    assert (found.venue, found.title, found.date) == ("Journal of X and Y", "C#", "2012-03-15")
    assert (found.abstract, found.assumed) == (ABSTRACTS[0], "")


def test_what_cannot_be_mended_in_bibtex_is_named(tmp_path: Path) -> None:
    text = "@article{a,\n  title = {A,\n  abstract = {B}\n}\n@article{b,\n  title = A b},\n  year = 2020\n}\n"
    (tmp_path / "a.bib").write_text(text)
    assert list(read_files([tmp_path / "a.bib"], CorpusSettings())) == [
        Broken("a.bib", 1, "not a whole BibTeX entry (the value of title never ends)"),
        Broken("a.bib", 5, "not a whole BibTeX entry ('b}, year = 2020 }' is no field)"),
    ]


def test_papers_on_one_line_of_json_lines(tmp_path: Path) -> None:
    """As where a file without a last line end was put before another."""
    lines = [json.dumps({"title": title, "abstract": ABSTRACTS[0]}) for title in "ABCD"]
    (tmp_path / "a.jsonl").write_text(f"{lines[0]}\n{lines[1]}{lines[2]}\n{lines[3]} # last\n")
    found = list(read_files([tmp_path / "a.jsonl"], CorpusSettings()))
    assert [one.title for one in found if isinstance(one, Record)] == list("ABCD")
    assert found[4:] == [Broken("a.jsonl", 3, "not JSON (Expecting value)")]


@pytest.mark.parametrize("author", [{"author": {"display_name": "Ada Lind"}}, {"display_name": "Ada Lind"}])
@pytest.mark.parametrize("begin", ["https://openalex.org/W", "W"])
def test_openalex_works_with_abstracts_as_text(author: object, begin: str, tmp_path: Path) -> None:
    """As pyalex and openalexR make them."""
    works = [
        {"id": f"{begin}{n}", "title": TITLES[n], "abstract": ABSTRACTS[n], "authorships": [author]}
        for n in range(2)
    ]
    (tmp_path / "a.json").write_text(json.dumps(works))
    found = read(tmp_path / "a.json")
    assert [one.abstract for one in found] == list(ABSTRACTS[:2])
    assert [one.authors for one in found] == [("Ada Lind",)] * 2
