"""What a file had and what comes out balance: n known papers in each format, k of them damaged in each of the
ways in which files are damaged; n - k are kept and k are named.
"""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.readers.sheets import xlsx
from topics.config import CorpusSettings
from topics.corpus.build import gather
from topics.corpus.readers import detect, read_files, readers

VOCABULARY = [
    "".join(random.Random(seed).choice("bcdfglmnprst") + vowel for vowel in "aeiou"[seed % 5 :] + "ao")
    for seed in range(400)
]


@dataclass(frozen=True)
class Paper:
    number: int
    title: str
    abstract: str
    author: str
    doi: str
    year: int = 2020

    @property
    def day(self) -> str:
        return f"{self.year}-05-14"


def paper(number: int) -> Paper:
    """A paper that shares no more than common words with any other one."""
    words = random.Random(number).choices(VOCABULARY, k=40)
    return Paper(
        number,
        f"Growth of {' '.join(words[:6])} in {number} gardens",
        f"We measured {' '.join(words[:20])} in Médoc, which is large. It grows with {' '.join(words[20:])}.",
        f"{words[0].capitalize()}, Ada",
        f"10.5555/garden.{number}",
    )


Damage = Callable[[str], str]


@dataclass(frozen=True)
class Format:
    """How a format writes a paper and a file of papers, and what can go wrong with one paper's text.

    name: of the reader that must take the file. damages: each makes the text of a paper one that cannot be
    read; mended: the same where the paper is still read.
    """

    name: str
    suffix: str
    write: Callable[[Paper], str]
    join: Callable[[Sequence[str]], str]
    damages: Mapping[str, Damage] = dataclasses.field(default_factory=dict)
    mended: Mapping[str, Damage] = dataclasses.field(default_factory=dict)


def replaced(old: str, new: str) -> Damage:
    def damage(text: str) -> str:
        assert old in text, (old, text)
        return text.replace(old, new, 1)

    return damage


def ris(one: Paper) -> str:
    return (
        f"TY  - JOUR\nTI  - {one.title}\nAU  - {one.author}\nPY  - {one.year}\nAB  - {one.abstract}\n"
        f"DO  - {one.doi}\nER  - \n\n"
    )


def wos(one: Paper) -> str:
    return (
        f"PT J\nAU {one.author}\nTI {one.title}\nSO Gardens\nAB {one.abstract}\nPY {one.year}\nDI {one.doi}\n"
        f"UT WOS:{one.number}\nER\n\n"
    )


def nbib(one: Paper) -> str:
    return (
        f"PMID- {1000 + one.number}\nOWN - NLM\nTI  - {one.title}\nAB  - {one.abstract}\nFAU - {one.author}\n"
        f"DP  - {one.year}\nLID - {one.doi} [doi]\n\n"
    )


def eric(one: Paper) -> str:
    return (
        f"OWN - ERIC\nTI  - {one.title}\nAU  - {one.author}\nOID - EJ{one.number}\nDP  - {one.year}\n"
        f"AB  - {one.abstract}\nISSN - ISSN-0000-0000\nLA  - English\n\n\n"
    )


def enw(one: Paper) -> str:
    head = f"%0 Journal Article\n%T {one.title}\n%A {one.author}\n"
    return f"{head}%D {one.year}\n%R {one.doi}\n%X {one.abstract}\n\n"


def refworks(one: Paper) -> str:
    head = f"RT Journal Article\nSR 1\nA1 {one.author}\nT1 {one.title}\n"
    return f"{head}YR {one.year}\nAB {one.abstract}\nDO {one.doi}\n\n"


def bib(one: Paper) -> str:
    return (
        f"@article{{key{one.number},\n  title = {{{one.title}}},\n  author = {{{one.author}}},\n"
        f"  year = {{{one.year}}},\n  doi = {{{one.doi}}},\n  abstract = {{{one.abstract}}}\n}}\n\n"
    )


def quoted(cells: Sequence[str], sign: str) -> str:
    return sign.join(f'"{cell}"' if sign in cell else cell for cell in cells) + "\n"


def table(sign: str) -> tuple[Callable[[Paper], str], Callable[[Sequence[str]], str]]:
    def write(one: Paper) -> str:
        return quoted([one.title, one.author, str(one.year), "Gardens", one.abstract, one.doi, "note"], sign)

    def join(rows: Sequence[str]) -> str:
        return quoted(["Title", "Authors", "Year", "Journal", "Abstract", "DOI", "Notes"], sign) + "".join(
            rows
        )

    return write, join


def wos_row(one: Paper) -> str:
    cells = ["J", one.author, one.title, "Gardens", one.abstract, str(one.year), one.doi, f"WOS:{one.number}"]
    return "\t".join(cells) + "\n"


def scopus(one: Paper) -> str:
    cells = [one.author, one.title, str(one.year), "Gardens", one.doi, one.abstract, f"2-s2.0-{one.number}"]
    return quoted(cells, ",")


def fields(one: Paper) -> dict[str, object]:
    return {
        "title": one.title,
        "authors": [one.author],
        "year": one.year,
        "doi": one.doi,
        "abstract": one.abstract,
    }


def as_json(values: Mapping[str, object]) -> str:
    """Bytes that are no text stay what they are, where an escape would make text of them."""
    return json.dumps(values, ensure_ascii=False)


def snapshot(one: Paper) -> str:
    values = {
        "id": f"2005.{one.number:05d}",
        "title": one.title,
        "abstract": one.abstract,
        "authors_parsed": [["Lind", "Ada", ""]],
        "categories": "cs.LG",
        "update_date": one.day,
        "doi": one.doi,
        "versions": [{"created": "Thu, 14 May 2020 10:00:00 GMT"}],
    }
    return as_json(values) + "\n"


def openalex(one: Paper) -> str:
    index: dict[str, list[int]] = {}
    for place, word in enumerate(one.abstract.split()):
        index.setdefault(word, []).append(place)
    work = {
        "id": f"https://openalex.org/W{one.number}",
        "doi": f"https://doi.org/{one.doi}",
        "title": one.title,
        "publication_date": one.day,
        "authorships": [{"author": {"display_name": one.author}}],
        "abstract_inverted_index": index,
    }
    return as_json(work)


def atom(one: Paper) -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/2005.{one.number:05d}v1</id><title>{escape(one.title)}</title>"
        f"<summary>{escape(one.abstract)}</summary><published>{one.day}T10:00:00Z</published>"
        f"<author><name>{one.author}</name></author></entry>\n"
    )


def endnote(one: Paper) -> str:
    return (
        f"<record><ref-type name='Journal Article'>17</ref-type><contributors><authors>"
        f"<author>{one.author}</author>"
        f"</authors></contributors><titles><title>{one.title}</title></titles><dates><year>{one.year}</year></dates>"
        f"<abstract>{one.abstract}</abstract><electronic-resource-num>{one.doi}</electronic-resource-num></record>\n"
    )


def pubmed(one: Paper) -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{1000 + one.number}</PMID><Article>"
        "<Journal><JournalIssue><PubDate>"
        f"<Year>{one.year}</Year></PubDate></JournalIssue></Journal><ArticleTitle>{one.title}</ArticleTitle><Abstract>"
        f"<AbstractText>{one.abstract}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>\n"
    )


def jats(one: Paper) -> str:
    return (
        f"<article><front><article-meta><article-id pub-id-type='doi'>{one.doi}</article-id><title-group>"
        f"<article-title>{one.title}</article-title></title-group><pub-date><year>{one.year}</year></pub-date>"
        f"<abstract><p>{one.abstract}</p></abstract></article-meta></front></article>\n"
    )


def rdf(one: Paper) -> str:
    return (
        f'<bib:Article rdf:about="#item_{one.number}"><z:itemType>journalArticle</z:itemType>'
        f"<dc:title>{one.title}"
        f"</dc:title><dcterms:abstract>{one.abstract}</dcterms:abstract><dc:date>{one.day}</dc:date>"
        f"<dc:identifier>DOI {one.doi}</dc:identifier></bib:Article>\n"
    )


def listing(one: Paper) -> str:
    return (
        f"LGMay {one.number % 27 + 1}, 2020Code\n{one.title}Ada Lindqvist, Bruno Okafor\n{one.abstract}\n\n"
    )


def between(before: str, after: str) -> Callable[[Sequence[str]], str]:
    return lambda records: before + "".join(records) + after


def listed(before: str, after: str) -> Callable[[Sequence[str]], str]:
    return lambda records: before + ", ".join(records) + after


def cells(sign: str) -> dict[str, Damage]:
    return {
        "a cell too many": lambda row: row.replace("note", f"note{sign}more"),
        "cut before the abstract": lambda row: sign.join(row.split(sign)[:3]) + "\n",
    }


def open_mark(row: str) -> str:
    return f'"{row}'


def tagged(
    name: str,
    suffix: str,
    write: Callable[[Paper], str],
    first: str,
    title: str,
    end: str,
    join: Callable[[Sequence[str]], str] = "".join,
) -> Format:
    """first: its first lines; a record without them is read, and named where its title is gone, too."""

    def unbegun(text: str) -> str:
        found = re.match(first, text)
        assert found
        return text[found.end() :]

    def untitled(text: str) -> str:
        return re.sub(rf"^{title}.*\n", "", unbegun(text), flags=re.MULTILINE)

    mended: dict[str, Damage] = {
        "no beginning": unbegun,
        "no end": lambda text: text.removesuffix(end) + "\n",
        "no border": lambda text: unbegun(text).removesuffix(end) + "\n",
        "a zero byte": replaced("large", "lar\0ge"),
    }
    # Where nothing ends a record, what has neither beginning nor title goes on with the one before.
    is_ended = end.strip() or name == "pubmed"
    return Format(name, suffix, write, join, {"no beginning, no title": untitled} if is_ended else {}, mended)


def in_two_lists(records: Sequence[str]) -> str:
    half = len(records) // 2
    first, second = (", ".join(part) for part in (records[:half], records[half:]))
    return f'{{"n": 2, "first": {{"results": [{first}]}}, "tags": [{{"name": "a"}}], "second": [{second}]}}'


def in_columns(records: Sequence[str]) -> str:
    papers = [json.loads(record) for record in records]
    return as_json({name: [one[name] for one in papers] for name in papers[0]})


XML = {
    "a tag without its end": lambda text: text.replace("</title>", "").replace("Title>\n", ""),
}
JSON = {"a syntax error": lambda text: text.replace('"title": ', '"title" ', 1)}
COMMA, COMMAS = table(",")
SEMI, SEMIS = table(";")
TAB, TABS = table("\t")
FORMATS = {
    "ris": tagged("ris", ".ris", ris, "TY  - JOUR\n", "TI  - ", "ER  - \n\n"),
    "wos": tagged("wos", ".txt", wos, "PT J\n", "TI ", "ER\n\n", between("FN Clarivate\nVR 1.0\n", "EF")),
    "pubmed": tagged("pubmed", ".nbib", nbib, "PMID- 1.*\nOWN - NLM\n", "TI  - ", "\n\n"),
    "eric": tagged("pubmed", ".nbib", eric, "OWN - ERIC\n", "TI  - ", "\n\n\n"),
    "endnote-refer": tagged("endnote-refer", ".enw", enw, "%0 Journal Article\n", "%T ", "\n\n"),
    "refworks": tagged("refworks", ".txt", refworks, "RT Journal Article\n", "T1 ", "\n\n"),
    "bibtex": Format(
        "bibtex",
        ".bib",
        bib,
        "".join,
        {
            "a brace too few": replaced("title = {", "title = "),
            "a brace that stays open": replaced("},\n  author", ",\n  author"),
            "no end": lambda text: text.rstrip()[:-1].rstrip()[:-1] + "\n\n",
        },
        {
            "a brace too many": replaced("},\n  author", "}},\n  author"),
            "a brace too many, a comma too few": replaced("},\n  author", "}}\n  author"),
            "a comma too many": replaced("},\n  author", "},,\n  author"),
            "a semicolon": replaced("},\n  author", "};\n  author"),
            "no sign": replaced("title =", "title"),
            "no type": replaced("@article{", ""),
            "no first line": lambda text: text.split("\n", 1)[1],
            "a second title": replaced("  doi", "  title = {Another},\n  doi"),
            "no end": lambda text: text.rstrip()[:-1] + "\n",
            "a comma too few": replaced("},\n  abstract", "}\n  abstract"),
            "a comma too few after the key": replaced(",\n  title", "\n  title"),
            "a key with a comma": replaced("@article{", "@article{Lind, "),
            "no key": lambda text: "@article{" + text[text.index(",") :],
            "a field twice": replaced("  doi", "  year = {2020},\n  doi"),
        },
    ),
    "csv": Format(
        "table",
        ".csv",
        COMMA,
        COMMAS,
        cells(","),
        {
            "an open quotation mark": open_mark,
            "no cells at the end": lambda row: row.replace(",note", ""),
            "a zero byte": replaced("large", "lar\0ge"),
        },
    ),
    "semicolons": Format("table", ".csv", SEMI, SEMIS, cells(";"), {"an open quotation mark": open_mark}),
    "tabs": Format(
        "table",
        ".tsv",
        TAB,
        TABS,
        cells("\t"),
        {
            "an open quotation mark": open_mark,
            "an open quotation mark in the middle": lambda row: row.replace("\tWe", '\t"We'),
            "no cells at the end": lambda row: row.replace("\tnote", ""),
        },
    ),
    "wos-table": Format(
        "wos-table",
        ".txt",
        wos_row,
        between("PT\tAU\tTI\tSO\tAB\tPY\tDI\tUT\n", ""),
        {"cut before the abstract": lambda row: "\t".join(row.split("\t")[:4]) + "\n"},
        {"an open quotation mark": replaced("\tGrowth", '\t"Growth')},
    ),
    "scopus": Format(
        "scopus",
        ".csv",
        scopus,
        between("Authors,Title,Year,Source title,DOI,Abstract,EID\n", ""),
        {
            "cut before the abstract": lambda row: (
                '"' + row.split('"')[1] + '"' + row.split('"')[2][:20] + "\n"
            )
        },
    ),
    "json": Format("json", ".json", lambda one: as_json(fields(one)), listed("[", "]"), JSON),
    "json-lines": Format("json", ".jsonl", lambda one: as_json(fields(one)) + "\n", "".join, JSON),
    "json-nested": Format(
        "json",
        ".json",
        lambda one: as_json(fields(one)),
        listed('{"hitCount": 3, "resultList": {"result": [', "]}}"),
        JSON,
    ),
    "json-lists": Format("json", ".json", lambda one: as_json(fields(one)), in_two_lists, JSON),
    "json-rows": Format(
        "json",
        ".json",
        lambda one: as_json(list(fields(one).values())),
        listed('{"columns": ["title", "authors", "year", "doi", "abstract"], "data": [', "]}"),
        {
            "a cell too few": lambda text: as_json(json.loads(text)[:-1]),
            "no row": lambda text: "null",
        },
    ),
    "json-columns": Format("json", ".json", lambda one: as_json(fields(one)), in_columns),
    "arxiv-snapshot": Format("arxiv-snapshot", ".json", snapshot, "".join, JSON),
    "openalex": Format("openalex", ".json", openalex, listed('{"meta": {}, "results": [', "]}"), JSON),
    "arxiv": Format(
        "arxiv", ".xml", atom, between('<feed xmlns="http://www.w3.org/2005/Atom">\n', "</feed>"), XML
    ),
    "endnote": Format("endnote", ".xml", endnote, between("<xml><records>\n", "</records></xml>"), XML),
    "pubmed-xml": Format(
        "pubmed-xml",
        ".xml",
        pubmed,
        between("<PubmedArticleSet>\n", "</PubmedArticleSet>"),
        {"a tag without its end": replaced("</ArticleTitle>", "")},
    ),
    "jats": Format(
        "jats",
        ".nxml",
        jats,
        between("<pmc-articleset>\n", "</pmc-articleset>"),
        {
            "a tag without its end": replaced("</article-title>", ""),
            "no end": replaced("</article-meta></front></article>", ""),
        },
    ),
    "zotero-rdf": Format(
        "zotero-rdf",
        ".rdf",
        rdf,
        between(
            '<rdf:RDF xmlns:z="http://www.zotero.org/namespaces/export#">\n',
            '<bib:Journal rdf:about="urn:issn:0"><dc:title>Gardens</dc:title></bib:Journal></rdf:RDF>',
        ),
        {"a tag without its end": replaced("</dc:title>", "")},
    ),
    "listing": Format("listing", ".txt", listing, "".join),
}
BINARY = {"excel": ".xlsx", "parquet": ".parquet"}
SPRINGER = {"springer": "holds no abstracts"}

COMMON: Mapping[str, tuple[str, Callable[[Paper], Paper]]] = {
    "no abstract": ("no abstract", lambda one: dataclasses.replace(one, abstract="")),
    "a short abstract": (
        "short abstract: 2 words",
        lambda one: dataclasses.replace(one, abstract="Two words"),
    ),
    "an erratum": ("notice", lambda one: dataclasses.replace(one, title=f"Erratum: {one.title}")),
    "bytes of another encoding": (
        "broken",
        lambda one: dataclasses.replace(one, abstract=one.abstract.replace("large", "l\udce4rge")),
    ),
}


AS_THEY_ARE = CorpusSettings()


def test_every_reader_is_tried() -> None:
    assert {form.name for form in FORMATS.values()} | BINARY.keys() | SPRINGER.keys() == readers().keys()


def check(
    path: Path,
    kind: str,
    whole: Sequence[Paper],
    damaged: Sequence[Paper],
    why: str = "",
    chosen: CorpusSettings = AS_THEY_ARE,
) -> None:
    """The file gives the whole papers, and one line of the account for each damaged one."""
    assert detect(path).name == kind
    corpus = gather(read_files([path], chosen), chosen)
    # A quotation mark that opens a cell and is never closed belongs to its text.
    assert sorted(title.strip('"') for title in corpus.titles) == sorted(one.title for one in whole)
    assert sorted(text.strip('"') for text in corpus.abstracts) == sorted(one.abstract for one in whole)
    lost = [row for row in corpus.account.to_pylist() if not row["kept"]]
    assert len(lost) == len(damaged), lost
    assert all(row["reason"].startswith(why or "broken") for row in lost), lost
    assert all(row["position"] > 0 for row in lost)


PAPERS = st.lists(
    st.tuples(st.integers(1, 300), st.booleans()), min_size=2, max_size=9, unique_by=lambda p: p[0]
).filter(lambda drawn: not all(is_damaged for _, is_damaged in drawn))
MANY = settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
ALL = [(name, way) for name, form in FORMATS.items() for way in form.damages]
MENDED = [(name, way) for name, form in FORMATS.items() for way in form.mended]


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.mark.parametrize(("name", "way"), ALL)
@MANY
@given(drawn=PAPERS)
def test_damaged_papers_are_named(name: str, way: str, tmp_path: Path, drawn: list[tuple[int, bool]]) -> None:
    form = FORMATS[name]
    if name == "zotero-rdf" or "beginning" in way:
        # The head of a file decides about its format.
        drawn.sort(key=lambda one: one[1])
    texts = [form.damages[way](form.write(paper(n))) if bad else form.write(paper(n)) for n, bad in drawn]
    whole, damaged = ([paper(n) for n, bad in drawn if bad is lost] for lost in (False, True))
    check(written(tmp_path / f"a{form.suffix}", form.join(texts)), form.name, whole, damaged)


@pytest.mark.parametrize(("name", "way"), MENDED)
@MANY
@given(drawn=PAPERS)
def test_papers_that_can_be_read_all_the_same_are_kept(
    name: str, way: str, tmp_path: Path, drawn: list[tuple[int, bool]]
) -> None:
    form = FORMATS[name]
    if way in ("no end", "no border"):
        # The last record of a file without its end may be a cut one.
        drawn.sort(key=lambda one: not one[1])
    texts = [form.mended[way](form.write(paper(n))) if bad else form.write(paper(n)) for n, bad in drawn]
    check(
        written(tmp_path / f"a{form.suffix}", form.join(texts)), form.name, [paper(n) for n, _ in drawn], []
    )


# A listing counts lines, so that none of its papers lacks an abstract.
NEVER = {("listing", "no abstract")}
UNKEPT = [(name, way) for name in FORMATS for way in COMMON if (name, way) not in NEVER]


@pytest.mark.parametrize(("name", "way"), UNKEPT)
@MANY
@given(drawn=PAPERS)
def test_papers_that_are_not_kept_are_named(
    name: str, way: str, tmp_path: Path, drawn: list[tuple[int, bool]]
) -> None:
    form, (why, damage) = FORMATS[name], COMMON[way]
    texts = [form.write(damage(paper(n)) if bad else paper(n)) for n, bad in drawn]
    whole, damaged = ([paper(n) for n, bad in drawn if bad is lost] for lost in (False, True))
    check(written(tmp_path / f"a{form.suffix}", form.join(texts)), form.name, whole, damaged, why)


@pytest.mark.parametrize("name", FORMATS)
@MANY
@given(drawn=PAPERS)
def test_copies_are_named(name: str, tmp_path: Path, drawn: list[tuple[int, bool]]) -> None:
    form = FORMATS[name]
    copies = [paper(n) for n, bad in drawn if bad]
    texts = [form.write(one) for one in [*(paper(n) for n, _ in drawn), *copies]]
    path = written(tmp_path / f"a{form.suffix}", form.join(texts))
    check(path, form.name, [paper(n) for n, _ in drawn], copies, "duplicate")


@pytest.mark.parametrize("way", ["no abstract", "a short abstract", "an erratum"])
@pytest.mark.parametrize("name", BINARY)
@MANY
@given(drawn=PAPERS)
def test_papers_of_binary_tables(name: str, way: str, tmp_path: Path, drawn: list[tuple[int, bool]]) -> None:
    why, damage = COMMON[way]
    rows = [fields(damage(paper(n)) if bad else paper(n)) for n, bad in drawn]
    path = tmp_path / f"a{BINARY[name]}"
    if name == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        written_rows = [["An export of some day"], [], list(rows[0])]
        path.write_bytes(xlsx([*written_rows, *([str(value) for value in row.values()] for row in rows)]))
    whole, damaged = ([paper(n) for n, bad in drawn if bad is lost] for lost in (False, True))
    check(path, name, whole, damaged, why)


def springer(one: Paper) -> str:
    cells = [
        one.title,
        "Gardens",
        "",
        "1",
        "2",
        one.doi,
        one.author.replace(", ", ""),
        str(one.year),
        "u",
        "Article",
    ]
    return quoted(cells, ",")


SPRINGER_WAYS: Mapping[str, tuple[str, Damage]] = {
    "a cell too many": ("broken", replaced(",u,", ",u,more,")),
    "an erratum": ("notice", lambda row: f"Erratum: {row}"),
    "no title": ("no abstract", lambda row: row[row.index(",") :]),
    "bytes of another encoding": ("broken", replaced("Growth", "Gr\udcf6wth")),
}


@pytest.mark.parametrize("way", [*SPRINGER_WAYS, "a copy"])
@MANY
@given(drawn=PAPERS)
def test_papers_of_springerlink(way: str, tmp_path: Path, drawn: list[tuple[int, bool]]) -> None:
    """Its search gives no abstracts, so that titles stand alone."""
    head = (
        "Item Title,Publication Title,Book Series Title,Journal Volume,Journal Issue,Item DOI,Authors,"
        "Publication Year,URL,Content Type\n"
    )
    whole, damaged = ([paper(n) for n, bad in drawn if bad is lost] for lost in (False, True))
    if way == "a copy":
        why, texts, whole = "duplicate", [springer(paper(n)) for n, _ in drawn], [paper(n) for n, _ in drawn]
        texts += [springer(one) for one in damaged]
    else:
        why, damage = SPRINGER_WAYS[way]
        texts = [damage(springer(paper(n))) if bad else springer(paper(n)) for n, bad in drawn]
    titles = [dataclasses.replace(one, abstract="") for one in whole]
    path = written(tmp_path / "a.csv", f"{head}{''.join(texts)}".replace("Gardens", "Gärten"))
    check(path, "springer", titles, damaged, why, CorpusSettings(min_abstract_words=0))
