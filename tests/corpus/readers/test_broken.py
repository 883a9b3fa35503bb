"""Damaged, cut and hostile files of every format: our own errors only, every record accounted for."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from topics.config import CorpusSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files, readers
from topics.errors import InputError, TopicsError
from topics.types import Broken, Record

EXPORTS = Path(__file__).parents[2] / "data" / "exports"
FILES = sorted(path.name for path in EXPORTS.iterdir())
NO_FIXTURE_RESET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def read(path: Path, **options: object) -> list[Record | Broken]:
    return list(read_files([path], CorpusSettings(**options)))


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def survive(path: Path, **options: object) -> None:
    """Reads and builds, or raises one of our errors."""
    chosen = CorpusSettings(**options)
    said = ""
    try:
        build_corpus(read_files([path], chosen), chosen)
    except TopicsError as error:
        said = str(error)
    assert "\n" not in said


@pytest.mark.parametrize("name", FILES)
@NO_FIXTURE_RESET
@given(data=st.data())
def test_mutated_exports_raise_nothing_of_others(name: str, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray((EXPORTS / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "drop", "insert", "double"]))
        if kind == "flip":
            content[place] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            content = content[: place + 1]
        elif kind == "drop":
            del content[place : place + data.draw(st.integers(1, 200))]
            content = content or bytearray(b"x")
        elif kind == "insert":
            content[place:place] = data.draw(st.binary(max_size=20))
        else:
            content[place:place] = content[place : place + 300]
    survive(write(tmp_path / name, bytes(content)), min_abstract_words=data.draw(st.sampled_from([0, 10])))


@pytest.mark.parametrize("kind", sorted(readers()))
@NO_FIXTURE_RESET
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
@example(b"{" * 5000)
@example(b'[{"a":' * 5000)
@example(b"@article{" * 3000)
@example(b"<entry>" * 3000)
@example(b"\xff\xfe")
@example(b"\x00\x00\x00\x00")
@example(b'"\n"\n"')
def test_any_bytes_in_any_reader(kind: str, tmp_path: Path, data: bytes) -> None:
    survive(write(tmp_path / "a.dat", data), format=kind)


_WORDS = st.sampled_from(
    """TY  - JOUR|ER  -|TI  - x|AB  - y|PMID- 1|PT J|ER|@article{a,|}|{|"|<entry>|</entry>|<record>|[|]|,|a;b
\t|LGMay 3|CLMay 30, 2020Code|<PubmedArticle>|</PubmedArticle>|\ufeff|\ud800|title,abstract|{"title": "x"}
{"id": 1, "authors_parsed": 3, "update_date": 5}|{"results": [{"authorships": [1]}]}
{"abstract_inverted_index": {"a": [0, -1]}, "id": "https://openalex.org/W1"}
{"abstract_inverted_index": [3], "authorships": {}, "id": "https://openalex.org/W1"}
{"title": 7, "id": [], "abstract": {}, "authors_parsed": [[1, 2, 3]], "update_date": 5, "categories": "x"}
{"title": [7], "authorships": [], "id": "https://openalex.org/W1", "type": 5, "language": {}}""".replace(
        "\n", "|"
    ).split("|")
)


@pytest.mark.parametrize("kind", ["auto", *sorted(readers())])
@NO_FIXTURE_RESET
@given(lines=st.lists(st.lists(_WORDS, max_size=4).map("".join), max_size=12))
def test_grammar_in_any_order(kind: str, tmp_path: Path, lines: list[str]) -> None:
    survive(write(tmp_path / "a.dat", "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"), format=kind)


@pytest.mark.parametrize(
    ("name", "cut", "reason"),
    [
        ("ris_zotero.ris", -30, "the file ends inside this record (no ER)"),
        ("wos.txt", -30, "the file ends inside this record (no ER)"),
        ("pubmed.xml", -200, "record 2 is not whole XML"),
        ("endnote.xml", -60, "record 2 is not whole XML"),
        ("arxiv.xml", -60, "record 2 is not whole XML"),
        ("arxiv_snapshot.json", -60, "not JSON"),
        ("openalex.json", -60, "not JSON from here on; the rest of the list is lost"),
        ("ieee.csv", -80, "not a row of a table (a quotation mark that is never closed"),
        ("zotero.bib", -60, "not a whole BibTeX entry"),
    ],
)
def test_a_cut_file_loses_its_last_record_and_says_so(
    tmp_path: Path, name: str, cut: int, reason: str
) -> None:
    whole = read(EXPORTS / name)
    data = (EXPORTS / name).read_bytes()
    found = read(write(tmp_path / name, data[: len(data) + cut]))
    assert [type(item) for item in found[:-1]] == [Record] * (len(whole) - 1)
    assert isinstance(found[-1], Broken)
    assert found[-1].reason.startswith(reason)
    assert found[-1].file == name


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pubmed.xml", b"</ArticleTitle>", b"</Title>"),
        ("endnote.xml", b"</titles>", b""),
        ("arxiv.xml", b"</title>\n    <updated>2021", b"<updated>2021"),
        ("arxiv.xml", b"</entry>\n", b""),
        ("openalex.json", b'"publication_year": 2021,', b'"publication_year": 20 21,'),
        ("openalex.jsonl", b'"publication_year": 2021,', b'"publication_year": 20 21,'),
        ("crossref.json", b'"type": "journal-article"}', b'"type": }'),
        ("arxiv_snapshot.json", b'"submitter": "A"', b'"submitter": A'),
        ("zotero.bib", b"title = {Moss", b"title = Moss"),
    ],
)
def test_a_broken_record_does_not_take_the_next_one_with_it(
    tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    data = (EXPORTS / name).read_bytes()
    assert old in data
    found = read(write(tmp_path / name, data.replace(old, new, 1)))
    assert isinstance(found[0], Broken)
    assert isinstance(found[1], Record)
    assert "tides" in found[1].title
    assert len(found) == len(read(EXPORTS / name))


def test_fields_without_a_record_are_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.ris",
        "TY  - JOUR\nTI  - A\nER  -\nAB  - lost\n\nTY  - JOUR\nTI  - B\nER  -\n",
    )
    first, broken, last = read(file)
    assert isinstance(first, Record)
    assert broken == Broken("a.ris", 4, "fields that belong to no record")
    assert isinstance(last, Record)
    assert last.title == "B"


def test_a_record_without_its_end_is_whole_when_the_next_one_begins(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.ris", "TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\nER  -\n"))
    assert [paper.title for paper in found if isinstance(paper, Record)] == ["A", "B"]


BOMB = """<?xml version="1.0"?>
<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><id>arxiv.org</id><entry><title>&b;</title></entry></feed>"""
OUTSIDE = BOMB.replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_xml_entities_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="declares XML entities"):
        read(write(tmp_path / "a.xml", text))


@pytest.mark.parametrize("kind", ["arxiv", "endnote", "pubmed-xml"])
def test_an_entity_declared_late_stays_undefined(tmp_path: Path, kind: str) -> None:
    tag = {"arxiv": "entry", "endnote": "record", "pubmed-xml": "PubmedArticle"}[kind]
    text = f'<feed><{tag}><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><title>&a;</title></{tag}></feed>'
    (found,) = read(write(tmp_path / "a.xml", text), format=kind)
    assert isinstance(found, Broken)


def test_spreadsheet_bomb(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 40_000_000)
    with pytest.raises(InputError, match="far more than a table of papers"):
        read(write(tmp_path / "a.xlsx", packed.getvalue()))


@pytest.mark.parametrize("name", ["papers.xlsx", "papers.xls"])
def test_a_damaged_spreadsheet(tmp_path: Path, name: str) -> None:
    start = b"PK\x03\x04" if name.endswith("x") else b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    with pytest.raises(InputError, match="is not a readable spreadsheet"):
        read(write(tmp_path / name, start + b"nothing" * 200))


def test_a_damaged_parquet_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a damaged Parquet file"):
        read(write(tmp_path / "a.parquet", b"PAR1" + b"nothing" * 20 + b"PAR1"))


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topics.corpus.readers.source.MAX_RECORD", 10_000)
    file = write(tmp_path / "a.csv", 'title,abstract\nA,"' + "x" * 20_000)
    with pytest.raises(InputError, match="line 2 is longer than 10,000 characters"):
        read(file)


def test_undecodable_bytes_break_their_record_only(tmp_path: Path) -> None:
    abstract = b"We study how things are read and what is lost when they are not."
    rows = [b"title,abstract", "Tramèr,".encode() + abstract, b"Tram\xe8r," + abstract, b"Last," + abstract]
    chosen = CorpusSettings(duplicates="keep")
    corpus = build_corpus(read_files([write(tmp_path / "a.csv", b"\n".join(rows))], chosen), chosen)
    assert corpus.titles == ("Tramèr", "Last")
    reason = corpus.account.column("reason").to_pylist()[1]
    assert reason == "broken: bytes that are not text in the file's encoding (see corpus.encoding)"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", '<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id></feed>'),
        ("a.bib", "@comment{nothing = here}\n"),
        ("a.csv", "title,abstract\n"),
        ("a.json", "[{}]"),
    ],
)
def test_a_file_without_records_is_said(tmp_path: Path, name: str, content: str) -> None:
    file = write(tmp_path / name, content)
    if name != "a.json":
        with pytest.raises(InputError, match=f"^{name}: the file holds no records "):
            read(file)
        *_, last = read_files([file, EXPORTS / "ieee.csv"], CorpusSettings())
        assert isinstance(last, Broken)
        assert (last.file, last.position) == (name, 0)
    else:
        with pytest.raises(InputError, match="no column with abstracts"):
            read(file)


def test_gzip_of_every_export_cut_in_the_middle(tmp_path: Path) -> None:
    for name in FILES:
        data = gzip.compress((EXPORTS / name).read_bytes())
        with pytest.raises(InputError, match="damaged or cut gzip file"):
            read(write(tmp_path / f"{name}.gz", data[: len(data) // 2]), min_abstract_words=0)
