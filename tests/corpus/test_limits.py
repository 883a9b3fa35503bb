"""Input that would fill memory or time: bounded before it is expanded, and said in one sentence."""

from __future__ import annotations

import functools
import gzip
import io
import json
import zipfile

import pytest

from tests.conftest import ROOT, run_cli
from topics.cache.untrusted import bounded_memory
from topics.config import CorpusSettings
from topics.corpus.build import gather
from topics.corpus.readers import read_file
from topics.errors import InputError

HOSTILE = ROOT / "tests" / "data" / "hostile"
ABSTRACT = "We study how papers are read and what they say about the world of papers and of people."
NESTED = json.loads("[" * 500 + "]" * 500)
LISTED = {
    "authors_unhashable.csv": "2 papers are too few",
    "encodings2.xml": "No paper is left",
    "encodings4.xml": "No paper is left",
    "farcell.xlsx": "cannot be read as a spreadsheet with 768 MB of memory",
    "tex2000.bib": "title with braces nested more than 30 deep",
    "y_bigint.yaml": "the number in line 3 has more than 100 digits",
    "y_deepflow2.yaml": "line 1 is nested more than 20 levels deep",
    "y_float.yaml": "the value in line 3 is no float",
    "y_int.yaml": "the value in line 3 is no int",
    "y_laughs_scalar.yaml": "exceeds 100,000 values",
    "y_nul4.yaml": "output_dir holds a zero byte",
    "y_nul8.yaml": "guide.taxonomy holds a zero byte",
    "y_ts2.yaml": "the value in line 3 is no timestamp",
}


@pytest.mark.parametrize("name", sorted(path.name for path in HOSTILE.iterdir()))
def test_each_case_ends_in_one_sentence(name):
    output = run_cli("check", HOSTILE / name, expect=2).output
    assert LISTED[name] in output
    assert output.count("Error: ") == 1


def reason(tmp_path, name, content):
    """Why the first record that is left out is, or why the file is refused."""
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    settings = CorpusSettings()
    try:
        account = gather(read_file(file, name, settings), settings).account
    except InputError as error:
        return str(error)
    return next((why for why in account.column("reason").to_pylist() if why), "")


def table(**cells):
    return ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"


def entry(title):
    return f"@article{{a, title={{{title}}}, abstract={{{ABSTRACT}}}}}\n"


def pubmed(inside):
    return f"<PubmedArticleSet><PubmedArticle>{inside}</PubmedArticle></PubmedArticleSet>"


def record(**fields):
    return json.dumps([{"title": "T", "abstract": ABSTRACT, **fields}])


BOUNDED = [
    ("a.csv", lambda: table(title="x " * 500_000, abstract=ABSTRACT), "title of 999,999 characters"),
    ("a.csv", lambda: table(title="T", abstract="word " * 1_000_000), "abstract of 4,999,999 characters"),
    ("a.csv", lambda: table(title="T", abstract="word " * 2_000_000), "line 2 is longer than 8,388,608"),
    ("a.csv", lambda: 'title,abstract\nT,"' + "word\n" * 20_000, "of its first 10,001 records 10,000 are"),
    ("a.csv", lambda: f"title,abstract,{',' * 9_997}\nT,A{',' * 9_998}\n", "has 10,000 columns; at most"),
    ("a.csv", lambda: table(title="T", abstract=ABSTRACT, doi=f"10.1000/{'a' * 20_000}"), "doi of 20,008"),
    ("a.csv", lambda: table(title="T" * 1100, abstract=ABSTRACT, id="a\0"), "id with a zero byte"),
    ("a.bib", lambda: entry("{" * 4_000 + "}" * 4_000), "title with braces nested more than 30 deep"),
    ("a.bib", lambda: entry("word\n" * 2_000_000), "longer than 8,388,608 characters"),
    (
        "a.bib",
        lambda: (
            "".join(f"@string{{s{at} = {{x}}}}\n" for at in range(2_000))
            + entry(" ".join(f"s{at}" for at in range(1_500)))
        ),
        "names more than 1,000 abbreviations",
    ),
    (
        "a.csv.gz",
        lambda: gzip.compress(b"title,abstract\n" + b"\n" * 200_000),
        "more than 100,000 blank lines",
    ),
    ("a.ris", lambda: "TY  - JOUR\n" + "AU  - A\n" * 200_000 + "ER  - \n", "or 100,000 lines"),
    ("a.nbib", lambda: "PMID- 1\nTI  - A\n" + "      more\n" * 200_000, "or 100,000 lines"),
    ("a.xml", lambda: pubmed("<a>" * 100_000), "nested more than 100 deep"),
    ("a.xml", lambda: pubmed("<a>" + "word " * 2_000_000 + "</a>"), "longer than 8,388,608 characters"),
    (
        "a.xml",
        lambda: "<PubmedArticleSet>" + "<PubmedArticle>" * 20_000,
        "of its first 10,000 records 10,000 are broken",
    ),
    ("a.json", lambda: record(note=NESTED), "not JSON (nested more than 100 deep)"),
    ("a.jsonl", lambda: record(note=NESTED)[1:-1] + "\n", "nested more than 100 deep"),
    ("a.jsonl", lambda: json.dumps({"title": "T", "abstract": '"' * 200_000}) + "\n", "abstract of 200,000"),
    ("a.json", lambda: '[{"title": x, "abstract": "' + '\\"' * 1_000_000, "not JSON"),
    ("a.json", lambda: '{"a":' * 100_000, "not JSON (maximum recursion depth"),
    ("a.json", lambda: record(**{f"k{at}": 1 for at in range(3_000)}), "more than 2,000 different fields"),
    ("a.json", lambda: record(authors=["A B"] * 20_000), "20,000 authors, more than 10,000"),
    ("a.csv.gz", lambda: gzip.compress(b"title,abstract\n" + b"a,b\n" * 20_000_000), "as a zip bomb does"),
]


@pytest.mark.parametrize(
    ("name", "content", "sentence"), BOUNDED, ids=[f"{name}-{sentence}" for name, _, sentence in BOUNDED]
)
def test_bounded(tmp_path, name, content, sentence):
    found = reason(tmp_path, name, content())
    assert sentence in found
    assert "\n" not in found


def test_a_record_beyond_a_limit_takes_no_other_with_it(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"title,abstract\n{'x' * 20_000},{ABSTRACT}\nGood,{ABSTRACT}\n")
    corpus = gather(read_file(file, "a.csv", CorpusSettings()), CorpusSettings())
    assert corpus.titles == ("Good",)
    reasons = corpus.account.column("reason").to_pylist()
    assert reasons == ["broken: title of 20,000 characters, more than 10,000", ""]


def sheet(path, cells, *, sheets=1, shared=""):
    """An .xlsx file whose sheets are all one; cells: XML of its rows."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="a"/>' for n in range(sheets))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
        f'Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{kind}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="a" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="b" Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
    return path.read_bytes()


def row(number, *texts, column="A"):
    cells = "".join(
        f'<c r="{chr(ord(column) + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


HEAD = row(1, "title", "abstract")


@pytest.mark.parametrize(
    ("cells", "more", "sentence"),
    [
        (HEAD + row(300_000, "x", column="Z"), {}, "more than 5,000,000; remove what stands far"),
        (
            HEAD + row(400_000, "x", column="C"),
            {"sheets": 200},
            "more than 5,000,000; remove what stands far",
        ),
        (HEAD, {"sheets": 20_000}, "has 20,000 sheets, more than 256"),
        (
            HEAD + "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 4_000)),
            {"shared": f"<si><t>{'x' * 1_000_000}</t></si>"},
            "cannot be read as a spreadsheet with 768 MB of memory",
        ),
        (HEAD.replace("title", "&a;"), {}, "is not a readable spreadsheet"),
    ],
)
def test_spreadsheets_are_bounded(tmp_path, cells, more, sentence):
    assert sentence in reason(tmp_path, "a.xlsx", sheet(tmp_path / "b.xlsx", cells, **more))


def test_a_row_that_is_repeated_a_million_times_is_not_read_as_papers(tmp_path):
    space = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    with zipfile.ZipFile(tmp_path / "b.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{space}:manifest:1.0"/>')
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
            f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">'
            '<table:table-row table:number-rows-repeated="1048576">'
            f"{cell.format('title')}{cell.format('abstract')}</table:table-row></table:table>"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    said = reason(tmp_path, "a.ods", (tmp_path / "b.ods").read_bytes())
    assert "a.ods has more rows than bytes" in said


def test_a_spreadsheet_in_gzip_reads_like_the_plain_one(tmp_path):
    cells = HEAD + row(3, "Title", ABSTRACT) + row(2, "", "")
    content = sheet(tmp_path / "b.xlsx", cells)
    assert reason(tmp_path, "a.xlsx", content) == reason(tmp_path, "a.xlsx.gz", gzip.compress(content)) == ""


@pytest.fixture(scope="module")
def parquet():
    """From columns to the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(columns, **settings):
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink, compression="zstd", **settings)
        return sink.getvalue()

    # Others keep what they give back, so that reading gets what writing has left, which no limit counts.
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    yield written
    pa.set_memory_pool(before)


def test_parquet_is_bounded(tmp_path, parquet, monkeypatch):
    import pyarrow as pa

    little = functools.partial(bounded_memory, 64 << 20)
    monkeypatch.setattr("topics.corpus.readers.parquet.bounded_memory", little)
    settings = {"dictionary_pagesize_limit": 1 << 30, "store_schema": False}
    empty = pa.nulls(2_000_000, pa.string())
    assert "2,000,000 rows in" in reason(tmp_path, "a.parquet", parquet({"title": empty, "abstract": empty}))
    many = pa.array([f"{number} {'x' * 20}" for number in range(600_000)]).dictionary_encode()
    coded = parquet({"abstract": many}, dictionary_pagesize_limit=1 << 30)
    assert "the column abstract is a dictionary of more than 16 MB" in reason(tmp_path, "a.parquet", coded)
    wide = {f"c{number}": pa.array([1]) for number in range(3_000)} | {"abstract": pa.array([ABSTRACT])}
    assert "has 3,001 columns; at most 2,000" in reason(tmp_path, "a.parquet", parquet(wide))
    long = pa.array(["x" * 100_000_000])
    assert "needs more than 768 MB" in reason(tmp_path, "a.parquet", parquet({"abstract": long}))
    # A text of a megabyte that stands once in the file, and in each of its rows.
    ids = pa.array([f"{number * 7919 % 104_729:x}{number * 31:x}" for number in range(1_000)])
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array(["x" * 1_000_000]))
    repeated = parquet({"abstract": text, "id": ids}, **settings)
    assert len(repeated) < 50_000
    assert "needs more than 768 MB" in reason(tmp_path, "a.parquet", repeated)
    longer = pa.array(["x" * 9_000_000])
    found = reason(tmp_path, "a.parquet", parquet({"abstract": longer}))
    assert found == "broken: longer than 8,388,608 characters"


def test_a_category_column_is_read(tmp_path, parquet):
    import pyarrow as pa

    texts = pa.array([f"{ABSTRACT} Number {number}." for number in range(3)])
    venue = pa.array(["J", "J", "K"]).dictionary_encode()
    file = tmp_path / "a.parquet"
    file.write_bytes(parquet({"title": texts, "abstract": texts, "journal": venue}))
    settings = CorpusSettings(duplicates="keep")
    corpus = gather(read_file(file, "a.parquet", settings), settings)
    assert corpus.column("venue") == ["J", "J", "K"]


def test_a_zero_byte_reaches_no_table(tmp_path):
    """In a note it is shown as what cannot be shown; in an id it breaks the record."""
    texts = [
        f"{ABSTRACT} It is the {word} of many words here." for word in ("first", "second", "third", "fourth")
    ]
    papers = [
        {"id": f"p{at}", "title": f"T {text}", "abstract": text, "note": "a\0b"}
        for at, text in enumerate(texts)
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    from topics.corpus.input_columns import original_columns

    settings = CorpusSettings(duplicates="keep")
    corpus = gather(read_file(file, "a.jsonl", settings), settings)
    assert set(original_columns(corpus.papers).column("note").to_pylist()) == {"a\N{REPLACEMENT CHARACTER}b"}


@pytest.mark.parametrize(
    "text",
    [
        "<style>",
        "<!--",
        "a-\n",
        "a-\nb",
        "<title> ",
        "<p ",
        "\\a{}",
        "{\\bf ",
        "$a",
        "(c) 2020 ",
        "a" * 9 + "-",
    ],
)
def test_cleaning_takes_time_in_proportion(text):
    """Sixteen times the text takes no sixty times the steps, counted by a clock of the processor."""
    import time

    from topics.corpus.clean import clean_abstract

    def seconds(many):
        whole = (text * many)[: many * 4]
        begin = time.process_time()
        clean_abstract(whole)
        return time.process_time() - begin

    seconds(100)
    assert seconds(16_000) < 60 * max(seconds(1_000), 0.005)


@pytest.mark.parametrize(
    "text", ["1. ", "1. \n", "\n", " \n", "\r\n", "<rdf:RDF ", "<1>\n", "Reference Type: a\n", "<!--", '"']
)
def test_telling_what_a_file_is_takes_time_in_proportion(tmp_path, text):
    """Eight times the head takes no thirty times the steps, counted by a clock of the processor."""
    import time

    def seconds(size):
        content = "1. x" + text * (size // len(text))
        begin = time.process_time()
        reason(tmp_path, "a.txt", content)
        return time.process_time() - begin

    seconds(100)
    assert seconds(64_000) < 30 * max(seconds(8_000), 0.05)


@pytest.mark.parametrize("piece", ['"x" # ', "}, f = {x"])
def test_a_bibtex_entry_takes_time_in_proportion(tmp_path, piece):
    """Sixteen times the entry takes no thirty times the steps, counted by a clock of the processor."""
    import time

    def seconds(pieces):
        content = entry("T").removesuffix("}\n") + ", note = " + piece * pieces + '"x"}\n'
        begin = time.process_time()
        reason(tmp_path, "a.bib", content)
        return time.process_time() - begin

    seconds(10)
    assert seconds(128_000) < 30 * max(seconds(8_000), 0.05)


def test_settings_beyond_limits_are_one_sentence():
    deep = "[" * 50
    for setting in (f"map.title={deep}", "name=!!int x", "random_state=" + "9" * 200, "map.title=a\0b"):
        output = run_cli("check", ROOT / "seeds" / "hashimoto.txt", "--set", setting, expect=2).output
        assert output.count("Error: ") == 1
