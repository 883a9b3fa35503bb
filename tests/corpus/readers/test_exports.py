"""The same two invented papers in the form of every database and reference manager."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from topics.config import CorpusSettings
from topics.corpus.build import build_corpus, summary
from topics.corpus.clean import clean_abstract, clean_title
from topics.corpus.readers import detect, read_files, readers
from topics.errors import InputError
from topics.types import Record

EXPORTS = Path(__file__).parents[2] / "data" / "exports"
SETTINGS = CorpusSettings()

TITLES = ["Moss growth on shaded roofs: a field study", "Counting tides with paper boats"]
ABSTRACTS = [
    "We counted moss on forty shaded roofs for three years. Moss cover grew by a fifth each year, and it "
    "grew faster where the tiles were old. We conclude that shade alone explains little and that the age of "
    "a roof matters more than its slope.",
    "Tides are usually measured with gauges. We show that paper boats, released every hour from a pier, "
    "measure them almost as well. The drift of eighty boats gives the height of high water within four "
    "centimetres. The method costs nothing and needs no electricity.",
]
DOIS = ["10.5555/jib.2021.001", "10.5555/aip.2019.077"]
VENUES = ["journal of invented botany", "annals of invented physics"]
KEYWORDS = [("moss", "roofs", "shade"), ("tides", "boats")]
FAMILIES = [("Lindqvist", "Okafor"), ("Ødegård", "Lindqvist")]

# File: its format, the papers' dates, whether it has keywords and a venue.
FORMATS = {
    "acm.enw": ("endnote-refer", ["2021-03-14", "2019-07"], True, True),
    "arxiv.xml": ("arxiv", ["2021-03-14", "2019-07-01"], False, True),
    "arxiv_snapshot.json": ("arxiv-snapshot", ["2021-03-14", "2019-07-01"], False, True),
    "asreview.csv": ("table", ["2021", "2019"], False, False),
    "crossref.json": ("json", ["2021-03-14", "2019-07"], False, True),
    "dimensions.csv": ("table", ["2021-03-14", "2019-07"], False, True),
    "endnote.xml": ("endnote", ["2021-03-14", "2019-07"], True, True),
    "ieee.csv": ("table", ["2021", "2019"], True, True),
    "lens.csv": ("table", ["2021-03-14", "2019-07"], True, True),
    "openalex.json": ("openalex", ["2021-03-14", "2019-07-01"], True, True),
    "openalex.jsonl": ("openalex", ["2021-03-14", "2019-07-01"], True, True),
    "papers.xlsx": ("excel", ["2021", "2019"], True, True),
    "pmc.nxml": ("jats", ["2021-03-14", "2019-07"], True, True),
    "pubmed.nbib": ("pubmed", ["2021-03-14", "2019-07"], True, True),
    "pubmed.xml": ("pubmed-xml", ["2021-03-14", "2019-07"], True, True),
    "refworks.txt": ("refworks", ["2021-03-14", "2019-07"], True, True),
    "ris_embase.ris": ("ris", ["2021", "2019"], True, True),
    "ris_endnote.ris": ("ris", ["2021-03-14", "2019"], True, True),
    "ris_ovid.ris": ("ris", ["2021-03-14", "2019-07"], True, True),
    "ris_zotero.ris": ("ris", ["2021-03-14", "2019-07"], True, True),
    "scopus.csv": ("scopus", ["2021", "2019"], True, True),
    "wos.txt": ("wos", ["2021-03-14", "2019-07"], True, True),
    "wos_utf16.txt": ("wos-table", ["2021-03-14", "2019-07"], True, True),
    "zotero.bib": ("bibtex", ["2021-03-14", "2019-07"], True, True),
    "zotero.rdf": ("zotero-rdf", ["2021-03-14", "2019-07"], True, True),
}
ERRATA = {"openalex.json", "openalex.jsonl", "ris_embase.ris", "scopus.csv", "wos.txt"}


def read(*names: str, settings: CorpusSettings = SETTINGS) -> list[Record]:
    found = list(read_files([EXPORTS / name for name in names], settings))
    assert all(isinstance(paper, Record) for paper in found), found
    return found


def test_every_file_and_every_format_is_tested() -> None:
    assert {path.name for path in EXPORTS.iterdir()} == {*FORMATS, "springer.csv"}
    tested = {kind for kind, *_ in FORMATS.values()}
    assert set(readers()) - tested == {"json", "listing", "parquet", "springer", "table"} - tested


@pytest.mark.parametrize("name", FORMATS)
def test_both_papers_come_out(name: str) -> None:
    kind, dates, has_keywords, has_venue = FORMATS[name]
    assert detect(EXPORTS / name).name == kind
    papers = read(name)
    assert len(papers) == 2 + (name in ERRATA)
    for place, paper in enumerate(papers[:2]):
        assert clean_title(paper.title).casefold() == TITLES[place].casefold()
        assert clean_abstract(paper.abstract) == ABSTRACTS[place]
        assert paper.doi == DOIS[place]
        assert f"doi:{DOIS[place]}" in paper.identifiers
        assert paper.date == dates[place]
        assert paper.venue.casefold() == (VENUES[place] if has_venue else "")
        assert set(KEYWORDS[place] if has_keywords else ()) <= set(paper.keywords)
        assert len(paper.authors) == 2
        assert all(
            family in clean_title(author)
            for family, author in zip(FAMILIES[place], paper.authors, strict=True)
        )
        assert paper.original
        assert paper.position > 0
    assert [paper.position for paper in papers] == sorted({paper.position for paper in papers})


@pytest.mark.parametrize("name", FORMATS)
def test_wrong_extension_and_gzip_do_not_matter(name: str, tmp_path: Path) -> None:
    data = (EXPORTS / name).read_bytes()
    (tmp_path / "export.bin").write_bytes(data)
    (tmp_path / "export.dat.gz").write_bytes(gzip.compress(data))
    for renamed in tmp_path.iterdir():
        assert detect(renamed).name == FORMATS[name][0]
        papers = read_files([renamed], SETTINGS)
        assert [paper.original for paper in papers] == [paper.original for paper in read(name)]


def test_all_exports_together_are_two_papers() -> None:
    corpus = build_corpus(read_files(sorted(EXPORTS / name for name in FORMATS), SETTINGS), SETTINGS)
    assert sorted(corpus.titles) == sorted(TITLES)
    counts = summary(corpus)
    assert counts["files"] == len(FORMATS)
    assert counts["kept"] == 2
    assert counts["notice"] == len(ERRATA)
    assert counts["duplicate"] == counts["records"] - 2 - len(ERRATA)
    assert set(corpus.column("language")) == {"en"}


def test_springer_says_that_it_has_no_abstracts() -> None:
    with pytest.raises(InputError, match=r"springer\.csv is a list of search results .* holds no abstracts"):
        read("springer.csv")
    papers = read("springer.csv", settings=CorpusSettings(min_abstract_words=0))
    assert [paper.authors for paper in papers] == [
        ("Ada Lindqvist", "Bruno McOkafor"),
        ("Chiara Ødegård", "Ada B. Lindqvist"),
    ]


def test_database_words_for_the_kind_are_read() -> None:
    assert [paper.kind for paper in read("wos.txt")] == ["Article", "Article", "Correction"]
    assert read("openalex.json")[2].kind == "erratum"
    assert read("pubmed.xml")[0].kind == "Journal Article"


def test_pubmed_numbers_are_identifiers_and_cited_ones_are_not() -> None:
    for name in (
        "pubmed.nbib",
        "pubmed.xml",
        "lens.csv",
        "wos.txt",
        "ris_zotero.ris",
        "openalex.json",
        "pmc.nxml",
    ):
        assert "pmid:7700077" in read(name)[1].identifiers
    for name in ("pubmed.xml", "pmc.nxml"):
        assert not any("not.this" in key for paper in read(name) for key in paper.identifiers)


def test_parquet_keeps_types(tmp_path: Path) -> None:
    table = pa.table({"Title": TITLES, "Abstract": ABSTRACTS, "Year": [2021, 2019], "Tags": [["a"], []]})
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    for path in (tmp_path / "a.parquet", tmp_path / "b.parquet.gz"):
        papers = list(read_files([path], SETTINGS))
        assert [paper.date for paper in papers] == ["2021", "2019"]
        assert papers[0].original == {
            "Title": TITLES[0],
            "Abstract": ABSTRACTS[0],
            "Year": 2021,
            "Tags": ["a"],
        }
        assert papers[0].keywords == ("a",)


def test_excel_takes_the_sheet_with_known_columns() -> None:
    paper = read("papers.xlsx")[0]
    assert paper.original["Year"] == 2021
    assert paper.original["Cited by"] == 12


FORMULAS = ["@SUM(1+1)*cmd|' /C calc'!A0", "@SUM(A1,B1) = 3", '"@AVERAGE(a, b)"']


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_table_whose_lines_begin_with_a_formula_stays_a_table(tmp_path: Path, formula: str) -> None:
    file = tmp_path / "papers.csv"
    file.write_text(f"title,abstract\n{formula},{ABSTRACTS[1]}\n=1+1,{ABSTRACTS[1]}\n", encoding="utf-8")
    assert detect(file).name == "table"
    assert len(list(read_files([file], SETTINGS))) == 2


@pytest.mark.parametrize(
    "head",
    [
        "@article{a:1,",
        "  @ ARTICLE { a1 ,",
        "@Article(a1,",
        "@inproceedings{,",
        "@article{\na1,",
        "@ownkind{a1,",
        "% Exported\n\n@string{x = 1}\n@misc{a1,",
    ],
)
def test_bibtex_is_known_by_its_entries(tmp_path: Path, head: str) -> None:
    file = tmp_path / "papers.txt"
    close = ")" if head.endswith("(a1,") else "}"
    file.write_text(f"{head}\n  title = {{Moss}},\n  year = 2020\n{close}\n", encoding="utf-8")
    assert detect(file).name == "bibtex"


def test_authors_that_a_bibliography_leaves_out_are_noted(tmp_path: Path) -> None:
    file = tmp_path / "papers.bib"
    entry = "@article{{{key}, title = {{Moss}}, author = {{{authors}}}}}\n"
    both = [entry.format(key="a", authors="Li, Bo and others"), entry.format(key="b", authors="Li, Bo")]
    file.write_text("".join(both), encoding="utf-8")
    papers = list(read_files([file], SETTINGS))
    assert [paper.authors for paper in papers] == [("Li, Bo",)] * 2
    assert [paper.original.get("et_al", False) for paper in papers] == [True, False]
