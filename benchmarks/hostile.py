"""What hostile input costs: exit code, sentence, seconds, processor time and peak memory of each, as a table.

    python benchmarks/hostile.py [PART] [--folder FOLDER]   those whose names hold PART; inputs in FOLDER

Files of tests/data/hostile, and wide, deep and packed ones that are made here. Each is given to `topics
check`, which may take 10 seconds of processor time and 1 GB: what takes more, or ends otherwise than with 0
or 2 and at most one sentence, is marked with "!".
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_SECONDS, MOST_MEMORY = 10.0, 1000
LONGEST = 600.0
TEXT = "We study how papers are read and what they say about the world of papers and of people."

Made = Callable[[], bytes | str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", default="")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        print(
            "| input | bytes | exit | s | s of processor | MB | what is said |\n|---|--:|--:|--:|--:|--:|---|"
        )
        worst = [0.0, 0]
        for name, path in inputs(folder, chosen.part):
            row, seconds, memory = measured(name, path)
            worst = [max(worst[0], seconds), max(worst[1], memory)]
            print(row, flush=True)
    print(f"\nAt most {worst[0]:.1f} s of processor time and {worst[1]:,} MB, {datetime.date.today()}.")


def inputs(folder: Path, part: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "tests" / "data" / "hostile").iterdir()):
        if part in path.name:
            yield path.name, path
    for name, (suffix, make) in MADE.items():
        if part not in f"{name}{suffix}":
            continue
        path = folder / f"{name.replace(' ', '_').replace('/', '_')}{suffix}"
        content = make()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        yield f"{name} ({suffix})", path


LAUNCH = """
import json, resource, subprocess, sys, time
begin = time.perf_counter()
try:
    most, both = float(sys.argv[1]), subprocess.STDOUT
    done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=both, timeout=most)
    code, output = done.returncode, done.stdout
except subprocess.TimeoutExpired as error:
    code, output = -9, error.stdout or b""
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds, processor = time.perf_counter() - begin, used.ru_utime + used.ru_stime
print(json.dumps([code, output.decode("utf-8", "replace"), seconds, processor, used.ru_maxrss]))
"""
"""In a process of its own: the system counts the memory of who starts a process as the process's, too."""


def measured(name: str, path: Path) -> tuple[str, float, int]:
    """The row of the table, seconds of processor time and megabytes."""
    command = [sys.executable, "-c", LAUNCH, str(LONGEST), sys.executable, "-m", "topics", "check", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    code, output, seconds, processor, peak = json.loads(done.stdout)
    memory = peak // 1000
    lines = output.strip().splitlines() or [""]
    fine = (
        code in (0, 2)
        and "Traceback" not in output
        and output.count("Error: ") == (code == 2)
        and processor <= MOST_SECONDS
        and memory <= MOST_MEMORY
    )
    sentence = lines[-1 if code else 0].removeprefix("Error: ").replace(f"{path.parent}/", "")
    short = sentence if len(sentence) <= 150 else f"{sentence[:150]}…"
    cells = [name, f"{path.stat().st_size:,}", f"{code}{'' if fine else ' !'}"]
    cells += [f"{seconds:.1f}", f"{processor:.1f}", f"{memory:,}", short.replace("|", " ")]
    return f"| {' | '.join(cells)} |", processor, memory


def table(**cells: str) -> str:
    return ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"


def entry(title: str, abstract: str = TEXT) -> str:
    return f"@article{{a, title={{{title}}}, abstract={{{abstract}}}}}\n"


def pubmed(inside: str) -> str:
    return f"<PubmedArticleSet><PubmedArticle>{inside}</PubmedArticle></PubmedArticleSet>"


def record(**fields: object) -> str:
    return json.dumps([{"title": "T", "abstract": TEXT, **fields}])


def line(**fields: object) -> str:
    return json.dumps({"title": "T", "abstract": TEXT, **fields}) + "\n"


def config(text: str) -> str:
    return f"corpus:\n  papers: [{ROOT / 'seeds' / 'hashimoto.txt'}]\n{text}\n"


def ris(*lines: str) -> str:
    return "\n".join(["TY  - JOUR", "TI  - T", f"AB  - {TEXT}", *lines, "ER  - ", ""])


def zipped(**parts: str | bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>abstract</t></is></c></row>'
)


def xlsx(
    cells: str, *, book: str = "", after: str = "", shared: str = "", styles: str = "", dimension: str = ""
) -> bytes:
    return zipped(
        **{
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
            f'Type="{_KIND}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KIND}"><sheets>'
            f'<sheet name="S" sheetId="1" r:id="a"/></sheets>{book}</workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="a" Type="{_KIND}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="b" Type="{_KIND}/sharedStrings" Target="sharedStrings.xml"/>'
            f'<Relationship Id="c" Type="{_KIND}/styles" Target="styles.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{dimension}<sheetData>{cells}'
            f"</sheetData>{after}</worksheet>",
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
            "xl/styles.xml": styles or f'<styleSheet xmlns="{_MAIN}"/>',
        }
    )


def ods(rows: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    return zipped(
        **{
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{space}:manifest:1.0"/>',
            "content.xml": f'<office:document-content xmlns:office="{space}:office:1.0" '
            f'xmlns:table="{space}:table:1.0" '
            f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{rows}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        }
    )


def odf(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def parquet(columns: dict[str, object], **settings: object) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd", **settings)
    return sink.getvalue()


def dictionary(rows: int, values: int, length: int = 12) -> bytes:
    import pyarrow as pa

    texts = pa.array([f"{number:0{length}}" for number in range(values)])
    indices = pa.array([number % values for number in range(rows)], pa.int32())
    return parquet(
        {"abstract": pa.DictionaryArray.from_arrays(indices, texts)}, dictionary_pagesize_limit=1 << 30
    )


def wrong_types() -> bytes:
    import pyarrow as pa

    return parquet(
        {
            "title": pa.array([[1, 2]] * 30),
            "abstract": pa.array([{"a": TEXT}] * 30),
            "year": pa.array([datetime.datetime(2020, 1, 1)] * 30),
            "authors": pa.array([b"\xff\x00"] * 30),
            "doi": pa.array([1.5] * 30),
        }
    )


def deep_list(levels: int) -> bytes:
    import pyarrow as pa

    value: object = TEXT
    for _ in range(levels):
        value = [value]
    return parquet({"title": pa.array(["T"]), "abstract": pa.array([TEXT]), "note": pa.array([value])})


_NUMBERS = random.Random(24)
NOISE = "".join(_NUMBERS.choice("abcdefghij ") for _ in range(100_000))

MADE: dict[str, tuple[str, Made]] = {
    # As the issue lists them.
    "10,000 columns": (".csv", lambda: f"title,abstract{',' * 9_998}\nT,{TEXT}{',' * 9_998}\n"),
    "title of 1 MB": (".csv", lambda: table(title="x " * 500_000, abstract=TEXT)),
    "abstract of 10 MB": (".csv", lambda: table(title="T", abstract="word " * 2_000_000)),
    "a million RIS tags": (".ris", lambda: "TY  - JOUR\n" + "AU  - A, B\n" * 1_000_000 + "ER  - \n"),
    "a million RIS tags, records": (".ris", lambda: "TY  - JOUR\nTI  - T\nER  - \n" * 50_000),
    "100,000 braces": (".bib", lambda: entry("{" * 100_000 + "}" * 100_000)),
    "100,000 brackets": (".json", lambda: "[" * 100_000 + "]" * 100_000),
    "100,000 braces JSON": (".json", lambda: '{"a":' * 100_000 + "1" + "}" * 100_000),
    "100,000 levels": (".xml", lambda: pubmed("<a>" * 100_000 + "</a>" * 100_000)),
    "100,000 brackets YAML": (".yaml", lambda: config("map: " + "[" * 100_000)),
    "gzip bomb": (".csv.gz", lambda: gzip.compress(b"title,abstract\n" + b"a,b\n" * 50_000_000)),
    "gzip in gzip": (".csv.gz", lambda: gzip.compress(gzip.compress(bytes(100_000_000)))),
    "xlsx bomb": (".xlsx", lambda: xlsx(HEAD + " " * 300_000_000)),
    "dictionary of two million": (".parquet", lambda: dictionary(2_000_000, 2_000_000)),
    # Further ones of their kinds.
    "far cell XFD1048576": (
        ".xlsx",
        lambda: xlsx(HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "far cell beyond": (
        ".xlsx",
        lambda: xlsx(HEAD + '<row r="4294967295"><c r="ZZZZZZ4294967295"><v>1</v></c></row>'),
    ),
    "far cell ZZZZZZZZZZ0": (
        ".xlsx",
        lambda: xlsx(HEAD + '<row r="0"><c r="ZZZZZZZZZZ0"><v>1</v></c></row>'),
    ),
    "cell without number": (
        ".xlsx",
        lambda: xlsx(HEAD + '<row r="2"><c r="A"><v>1</v></c><c r="7"><v>1</v></c></row>'),
    ),
    "far dimension": (".xlsx", lambda: xlsx(HEAD, dimension='<dimension ref="A1:XFD1048576"/>')),
    "merged ranges": (
        ".xlsx",
        lambda: xlsx(
            HEAD, after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 200_000 + "</mergeCells>"
        ),
    ),
    "defined names": (
        ".xlsx",
        lambda: xlsx(
            HEAD,
            book="<definedNames>"
            + f'<definedName name="{"n" * 200}">S!$A$1:$XFD$1048576</definedName>' * 100_000
            + "</definedNames>",
        ),
    ),
    "shared string bomb": (
        ".xlsx",
        lambda: xlsx(
            HEAD + "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000)),
            shared=f"<si><t>{'x' * 1_000_000}</t></si>",
        ),
    ),
    "shared string missing": (
        ".xlsx",
        lambda: xlsx(HEAD + '<row r="2"><c r="A2" t="s"><v>99999999999</v></c></row>'),
    ),
    "rich text runs": (".xlsx", lambda: xlsx(HEAD, shared="<si>" + "<r><t>x</t></r>" * 1_000_000 + "</si>")),
    "number formats": (
        ".xlsx",
        lambda: xlsx(
            HEAD,
            styles=f'<styleSheet xmlns="{_MAIN}"><numFmts>'
            + f'<numFmt numFmtId="164" formatCode="{"[" * 20_000}yyyy"/>' * 100
            + "</numFmts></styleSheet>",
        ),
    ),
    "a shared formula": (
        ".xlsx",
        lambda: xlsx(
            HEAD + '<row r="2"><c r="A2"><f t="shared" ref="A1:XFD1048576" si="0">A1+1</f><v>1</v></c></row>'
        ),
    ),
    "repeated cells": (
        ".ods",
        lambda: ods(
            "<table:table-row>"
            + odf("x", 'table:number-columns-repeated="2147483647"')
            + "</table:table-row>"
        ),
    ),
    "repeated rows": (
        ".ods",
        lambda: ods(
            '<table:table-row table:number-rows-repeated="2147483647">'
            f"{odf('title')}{odf('abstract')}</table:table-row>"
        ),
    ),
    "repeated rows and cells": (
        ".ods",
        lambda: ods(
            '<table:table-row table:number-rows-repeated="1048576">'
            + odf("x" * 1000, 'table:number-columns-repeated="16384"')
            + "</table:table-row>"
        ),
    ),
    "nested paragraphs": (".ods", lambda: ods("<table:table-row>" + "<table:table-cell>" * 100_000)),
    "zip in zip": (".xlsx", lambda: zipped(**{"xl/workbook.xml": zipped(a=bytes(100_000_000))})),
    "a million parts": (".xlsx", lambda: zipped(**{f"p{number}": "" for number in range(200_000)})),
    "names of folders": (".xlsx", lambda: zipped(**{"../../../../etc/passwd": "x", "xl/workbook.xml": "<a"})),
    "an old workbook": (".xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5_000),
    "an old workbook in circles": (
        ".xls",
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(16)
            + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
            + bytes(10)
            + b"\1\0\0\0" * 120
        ),
    ),
    "merge keys": (
        ".yaml",
        lambda: config(
            "a0: &a0 {k0: 1}\n"
            + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}\n" for n in range(1, 40))
        ),
    ),
    "merge of itself": (".yaml", lambda: "a: &a\n  <<: *a\n  b: 1\n"),
    "an anchor many times": (
        ".yaml",
        lambda: config(f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 50_000)}]"),
    ),
    "keys that are maps": (".yaml", lambda: config("? {a: b}\n: 1\n? [1, 2]\n: 2")),
    "python tags": (".yaml", lambda: config("a: !!python/object/apply:os.system ['true']")),
    "sets and binary": (
        ".yaml",
        lambda: config("a: !!set {b, c}\nd: !!binary '//'\ne: !!omap [1]\nf: !!pairs [a: 1]"),
    ),
    "a billion documents": (".yaml", lambda: "--- 1\n" * 100_000),
    "a directive": (".yaml", lambda: "%YAML 99999999999999999999.1\n---\na: 1\n"),
    "sexagesimal": (".yaml", lambda: config(f"random_state: {':'.join(['59'] * 5_000)}")),
    "comments": (".yaml", lambda: "# \n" * 300_000 + "a: 1"),
    "flow in flow": (".yaml", lambda: "a: " + "{a: " * 19 + "1" + "}" * 19),
    "quoted for ever": (".yaml", lambda: 'a: "' + "\\x41" * 200_000),
    "infinity": (".yaml", lambda: config("cluster:\n  resolution: .inf\n")),
    "not a number": (".yaml", lambda: config("cluster:\n  resolution: .nan\n")),
    "huge numbers": (
        ".json",
        lambda: '[{"title": "T", "abstract": "' + TEXT + '", "year": ' + "9" * 400_000 + "}]",
    ),
    "huge exponent": (
        ".jsonl",
        lambda: ('{"title": "T", "abstract": "' + TEXT + '", "year": 1e999999999, "x": -1e400}\n') * 30,
    ),
    "duplicate keys": (".json", lambda: "[{" + f'"title": "T", "abstract": "{TEXT}", ' * 40_000 + '"a": 1}]'),
    "NaN and Infinity": (".jsonl", lambda: '{"title": NaN, "abstract": Infinity, "year": -Infinity}\n' * 30),
    "half pairs": (
        ".jsonl",
        lambda: '{"title": "\\ud800", "abstract": "' + TEXT + ' \\udfff", "doi": "\\udc00"}\n' * 30,
    ),
    "an object of everything": (
        ".json",
        lambda: json.dumps({f"k{n}": {"title": "T", "abstract": TEXT} for n in range(5_000)}),
    ),
    "alternating brackets": (".jsonl", lambda: '[{"a":' * 5_000 + "1" + "}]" * 5_000 + "\n"),
    "brackets in texts": (".jsonl", lambda: line(note="[{" * 1_000_000)),
    "escapes of a broken object": (".json", lambda: '[{"title": x, "abstract": "' + '\\"' * 1_000_000),
    "escapes": (".jsonl", lambda: line(abstract=TEXT + '\\"' * 1_000_000)),
    "one line without end": (".jsonl", lambda: '{"title": "' + "a" * 20_000_000),
    "broken objects": (".json", lambda: "[" + '{"title": "T", "abstract": x},' * 100_000),
    "quotes left open": (".json", lambda: '[{"a": "' * 200_000),
    "null": (".json", lambda: "null"),
    "a mark and nothing": (".json", lambda: b"\xef\xbb\xbf"),
    "UTF-32": (".csv", lambda: table(title="T", abstract=TEXT).encode("utf-32")),
    "UTF-16 cut in half": (".csv", lambda: table(title="T", abstract=TEXT).encode("utf-16")[:-1]),
    "UTF-16 half pairs": (
        ".csv",
        lambda: b"\xff\xfe" + b"t\0i\0t\0l\0e\0,\0a\0b\0s\0t\0r\0a\0c\0t\0\n\0" + b"\x00\xd8" * 1000,
    ),
    "strings of strings": (
        ".bib",
        lambda: (
            "@string{s0 = {"
            + "x" * 100
            + "}}\n"
            + "".join(f"@string{{s{n} = s{n - 1} # s{n - 1}}}\n" for n in range(1, 60))
            + "@article{a, title = s59 # s59, abstract = s59}\n"
        ),
    ),
    "a string of itself": (
        ".bib",
        lambda: (
            "@string{a = a # a}\n@string{b = c}\n@string{c = b}\n"
            + "@article{k, title = a # b # c, abstract = a}\n" * 30
        ),
    ),
    "many strings": (
        ".bib",
        lambda: (
            "".join(f"@string{{s{n} = {{x}}}}\n" for n in range(20_000))
            + ("@article{k, title = {T}, abstract = {" + " ".join(f"s{n}" for n in range(20_000)) + "}}\n")
            * 20
        ),
    ),
    "concatenations": (".bib", lambda: "@article{k, title = " + " # ".join(['"x"'] * 100_000) + "}\n"),
    "at signs": (".bib", lambda: "@article{a, title={T},\n" + "@" * 1_000_000),
    "entries that do not end": (".bib", lambda: "@article{a, title={\n" * 50_000),
    "commas": (".bib", lambda: "@article{a," + "," * 1_000_000 + "}\n"),
    "fields": (
        ".bib",
        lambda: "@article{a," + "".join(f"f{n}={{x}},\n" for n in range(20_000)) + "title={T}}\n",
    ),
    "equal signs": (".bib", lambda: entry("T", "=" * 1_000_000)),
    "authors": (
        ".bib",
        lambda: (
            f"@article{{a, title={{T}}, abstract={{{TEXT}}}, author={{{' and '.join(['A B'] * 300_000)}}}}}\n"
        ),
    ),
    "accents": (".bib", lambda: entry("T", "\\'" * 40_000 + "e")),
    "accents in braces": (".bib", lambda: entry("T", "{\\'{" * 29 + "e" + "}}" * 29 + "\\v{" * 30_000)),
    "commands": (".bib", lambda: entry("T", "\\textbf{" * 25 + "x" + "}" * 25 + "\\emph" * 18_000)),
    "dollars": (".bib", lambda: entry("T", "$" * 99_999)),
    "formulas": (".bib", lambda: entry("T", "$\\frac{a}{b}$ \\[x\\] " * 5_000)),
    "environments": (".bib", lambda: entry("T", "\\begin{itemize}\\item a" * 4_000)),
    "ifs": (".bib", lambda: entry("T", "\\verb|" * 16_000)),
    "percent signs": (".bib", lambda: entry("T", "%" * 90_000)),
    "entities": (
        ".xml",
        lambda: '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]>' + pubmed("<a>&d;</a>"),
    ),
    "a billion laughs": (
        ".xml",
        lambda: (
            '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">'
            + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
            + "]>"
            + pubmed("<a>&l11;</a>")
        ),
    ),
    "an entity of a file": (
        ".xml",
        lambda: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + pubmed("<a>&b;</a>"),
    ),
    "a parameter entity": (
        ".xml",
        lambda: '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/x"> %b;]>' + pubmed("<a/>"),
    ),
    "attributes": (".xml", lambda: pubmed("<a " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>")),
    "one attribute": (".xml", lambda: pubmed(f'<a b="{"x" * 20_000_000}"/>')),
    "names of namespaces": (
        ".xml",
        lambda: pubmed("".join(f'<n{n}:a xmlns:n{n}="u{n}"/>' for n in range(100_000))),
    ),
    "comments of XML": (".xml", lambda: pubmed("<!--" + "x" * 20_000_000)),
    "CDATA": (".xml", lambda: pubmed("<a><![CDATA[" + "]" * 20_000_000 + "]]></a>")),
    "elements": (".xml", lambda: pubmed("<a/>" * 2_000_000)),
    "processing": (".xml", lambda: "<?a ?>" * 500_000 + pubmed("<a/>")),
    "UTF-7": (".xml", lambda: '<?xml version="1.0" encoding="utf-7"?>' + pubmed("<a>+ADw-</a>")),
    "idna": (".xml", lambda: '<?xml version="1.0" encoding="idna"?>' + pubmed("<a/>")),
    "zlib_codec": (".xml", lambda: '<?xml version="1.0" encoding="zlib_codec"?>' + pubmed("<a/>")),
    "a huge quoted cell": (".csv", lambda: f'title,abstract\nT,"{TEXT}' + "a" * 20_000_000),
    "a quoted cell of lines": (".csv", lambda: f'title,abstract\nT,"{TEXT}' + "a\n" * 3_000_000),
    "a quoted cell, closed": (".csv", lambda: f'title,abstract\nT,"{"a" * 8_000_000}"\n'),
    "quotes": (".csv", lambda: 'title,abstract\nT,"' + '""' * 4_000_000 + '"\n'),
    "zeros": (".csv", lambda: b"title,abstract\n" + bytes(10_000_000)),
    "only line ends": (".csv", lambda: "title,abstract\n" + "\n" * 10_000_000),
    "returns": (".csv", lambda: b"title,abstract\r" + b"\r" * 5_000_000),
    "rows of one sign": (".csv", lambda: "title,abstract\n" + ",\n" * 2_000_000),
    "tabs": (".tsv", lambda: "title\tabstract\n" + "\t" * 5_000_000),
    "names of columns": (".csv", lambda: ",".join(f"c{n}" * 2_000 for n in range(1_500)) + "\n"),
    "the same column": (
        ".csv",
        lambda: ",".join(["abstract", "title"] * 900) + "\n" + ",".join([TEXT, "T"] * 900) + "\n",
    ),
    "noise": (".csv", lambda: table(title="T", abstract=NOISE)),
    "a word": (".csv", lambda: table(title="T", abstract="x" * 99_999)),
    "dashes": (".csv", lambda: table(title="T", abstract="a-" * 49_999)),
    "tags of HTML": (".csv", lambda: table(title="T", abstract="<" * 99_999)),
    "character references": (
        ".csv",
        lambda: table(title="T", abstract="&amp;" * 19_000 + "&#x110000;&#99999999999;"),
    ),
    "joined marks": (".csv", lambda: table(title="T", abstract="e" + "\u0301" * 99_000)),
    "directions": (".csv", lambda: table(title="T", abstract="\u202e" * 99_000)),
    "ligatures": (".csv", lambda: table(title="T", abstract="\ufdfa" * 99_000)),
    "headings": (".csv", lambda: table(title="T", abstract="Methods: " * 11_000)),
    "copyrights": (
        ".csv",
        lambda: table(title="T", abstract="(c) 2020 Elsevier. All rights reserved. " * 2_400),
    ),
    "languages": (".csv", lambda: table(title="T", abstract="Abstract Resumen Zusammenfassung " * 3_000)),
    "digits": (".csv", lambda: table(title="T", abstract="1" * 99_999)),
    "digits of other scripts": (
        ".csv",
        lambda: table(title="T", abstract=TEXT, year="²⁰²⁰", month="٣", day="၁"),
    ),
    "dates": (".csv", lambda: table(title="T", abstract=TEXT, date="9" * 9_000)),
    "years": (".csv", lambda: table(title="T", abstract=TEXT, year="-" * 9_000)),
    "affiliations": (".csv", lambda: table(title="T", abstract=TEXT, affiliations="Univ; " * 1_500)),
    "one author": (".csv", lambda: table(title="T", abstract=TEXT, authors="A " * 4_900)),
    "RIS continued": (".ris", lambda: ris(*["      more"] * 99_000)),
    "RIS tags of one": (
        ".ris",
        lambda: "\n".join(f"{a}{b}  - x" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "0123456789") * 300,
    ),
    "RIS without an end": (".ris", lambda: "TY  - JOUR\n" * 50_000),
    "nbib continued": (".nbib", lambda: "PMID- 1\nTI  - A\n" + "      more\n" * 500_000),
    "WoS": (".txt", lambda: "FN Clarivate\nVR 1.0\nPT J\n" + "AU A\n   B\n" * 300_000 + "ER\nEF\n"),
    "refer": (".enw", lambda: "%0 Journal Article\n" * 50_000),
    "RDF": (
        ".rdf",
        lambda: (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:bib="http://purl.org/net/biblio#">'
            + "<bib:Article>" * 100_000
        ),
    ),
    "a listing": (".txt", lambda: "1. " * 1_000_000),
    "a listing of lines": (".txt", lambda: "\n".join(f"[{n}] Title" for n in range(300_000))),
    "wrong types": (".parquet", wrong_types),
    "a deep list": (".parquet", lambda: deep_list(150)),
    "a magic number": (".parquet", lambda: b"PAR1" + b"\xff" * 2_000 + b"\xff\xff\xff\x7fPAR1"),
    "a footer of lists": (
        ".parquet",
        lambda: b"PAR1" + b"\x19" * 100_000 + (100_000).to_bytes(4, "little") + b"PAR1",
    ),
    "a dictionary of short": (".parquet", lambda: dictionary(20_000, 20_000, 7)),
    "a PDF": (".pdf", lambda: b"%PDF-1.7\n" + bytes(1_000)),
    "a picture": (".csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100),
    "an HTML page": (".csv", lambda: "<!DOCTYPE html><html>" + "<div>" * 100_000),
    "a gzip cut": (".csv.gz", lambda: gzip.compress(NOISE.encode())[:-200]),
    "a gzip of nothing": (".csv.gz", lambda: gzip.compress(b"")),
    "many gzips": (".csv.gz", lambda: gzip.compress(b"title,abstract\n") + gzip.compress(b"") * 200_000),
    "a gzip with a long name": (".csv.gz", lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 5_000_000),
}


if __name__ == "__main__":
    main()
