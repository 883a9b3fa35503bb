"""The registry: detection, files, folders, globs, gzip, encodings, and what cannot be read."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest

from topics.config import ColumnSettings, CorpusSettings
from topics.corpus.build import REASONS
from topics.corpus.readers import detect, read_files, readers
from topics.corpus.readers.column_names import CONVENTIONS
from topics.errors import InputError
from topics.types import Broken, Record

ABSTRACT = "We study how papers are read and what they say about the world of papers."
CSV = f'title,abstract,year\nFirst,"{ABSTRACT}",2020\nSecond,"{ABSTRACT} Again.",2021\n'


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def records(*paths: Path, **settings: object) -> list[Record]:
    found = list(read_files(paths, CorpusSettings(**settings)))
    assert all(isinstance(item, Record) for item in found), found
    return found


def refusal(*paths: Path, **settings: object) -> str:
    with pytest.raises(InputError) as caught:
        list(read_files(paths, CorpusSettings(**settings)))
    return str(caught.value)


def test_every_reader_is_registered_under_its_name() -> None:
    assert {"listing", "table", "json", "parquet"} <= set(readers())
    assert all(name == reader.name and reader.title for name, reader in readers().items())


@pytest.mark.parametrize("name", ["papers.csv", "papers.json", "papers.xyz", "papers"])
def test_content_decides_before_the_name(tmp_path: Path, name: str) -> None:
    assert detect(write(tmp_path / name, CSV)).name == "table"


def test_gzip_reads_like_the_plain_file(tmp_path: Path) -> None:
    plain = records(write(tmp_path / "a.csv", CSV))
    zipped = records(write(tmp_path / "a.csv.gz", gzip.compress(CSV.encode())))
    assert [paper.title for paper in zipped] == [paper.title for paper in plain] == ["First", "Second"]


def test_folders_and_globs_read_each_file_once_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "b.csv", CSV.replace("First", "B1"))
    write(tmp_path / "sub" / "a.csv", CSV.replace("First", "A1"))
    write(tmp_path / ".hidden", "nothing to read")
    write(tmp_path / "paper.pdf", b"%PDF-1.7\n\x00\x01")
    write(tmp_path / "notes.md", "# Notes\n\nSome words.\n")
    write(tmp_path / "sub" / "empty.csv", "")
    found = records(tmp_path, tmp_path / "*.csv")
    assert [paper.title for paper in found] == ["B1", "Second", "A1", "Second"]
    assert [paper.file for paper in found] == ["b.csv", "b.csv", "a.csv", "a.csv"]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.csv", CSV)
    assert {paper.file for paper in records(tmp_path)} == {"x/a.csv", "y/a.csv"}


def test_missing_file_folder_and_glob(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.csv") == f"There is no file {tmp_path / 'no.csv'}"
    assert refusal(tmp_path / "*.csv") == f"No file matches {tmp_path / '*.csv'}"
    assert refusal(tmp_path) == f"The folder {tmp_path} holds no file of a known format"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_before_it_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "papers.csv"
    os.mkfifo(pipe)
    assert refusal(pipe) == f"{pipe} can be read only once, as pipes can; write it to a file and name that"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there, all paths are Unicode")
def test_paths_that_are_not_utf8_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = ": this path is not UTF-8, and results name their files; rename the file or folder"
    inside, elsewhere = tmp_path / os.fsdecode(b"caf\xe9"), tmp_path / "elsewhere"
    for folder in (inside, elsewhere):
        folder.mkdir()
        write(folder / "a.csv", CSV)
    named = write(elsewhere / os.fsdecode(b"\xe9t\xe9.csv"), CSV)
    assert refusal(named) == refusal(elsewhere) == refusal(elsewhere / "?t?.csv") == f"{named}{end}"
    assert refusal(inside / "a.csv") == f"{inside / 'a.csv'}{end}"
    # Where the folder one works in has such a name, only files that are named after it are refused.
    monkeypatch.chdir(inside)
    assert [paper.file for paper in records(Path("a.csv"))] == ["a.csv", "a.csv"]
    assert refusal(Path("a.csv"), elsewhere / "a.csv") == f"{inside.name}/a.csv{end}"


@pytest.mark.parametrize("content", [b"", b" \n\n", gzip.compress(b"", mtime=0)])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    assert refusal(write(tmp_path / "papers.csv", content)) == "papers.csv is empty"


def test_unknown_format_lists_what_was_tried(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))))
    assert said.startswith("photo.png is in no format that can be read; tried ")
    assert all(reader.title in said for reader in readers().values())


def test_unknown_reader_named_in_the_settings(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.csv", CSV), format="cvs")
    assert said.startswith("corpus.format is 'cvs'; it can be auto, ")


def test_no_abstract_column_names_the_columns_and_the_setting(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.csv", "title,text,year\nFirst,hello,2020\n"))
    assert said == (
        "a.csv has no column with abstracts; it has title, text, year; name the right one with "
        "corpus.columns.abstract, or set corpus.min_abstract_words: 0 to work on titles alone"
    )
    said = refusal(write(tmp_path / "a.csv", "name,text,year\nFirst,hello,2020\n"))
    assert said.endswith("name the right one with corpus.columns.abstract")


def test_columns_named_in_the_settings(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f"title,Text,year\nFirst,{ABSTRACT},2020\n")
    assert records(file, columns=ColumnSettings(abstract="text"))[0].abstract == ABSTRACT
    said = refusal(file, columns=ColumnSettings(abstract="body"))
    assert "has no column 'body', which corpus.columns.abstract names; it has title, Text, year" in said


def test_latin_1_is_refused_with_the_setting_that_reads_it(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", CSV.replace("First", "Tramèr").encode("latin-1"))
    said = refusal(file)
    assert "a.csv is not UTF-8 text (byte 0xE8 in line 2)" in said
    assert "corpus.encoding" in said
    assert records(file, encoding="cp1252")[0].title == "Tramèr"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings(tmp_path: Path, codec: str) -> None:
    file = write(tmp_path / "a.csv", CSV.replace("First", "Tramèr").encode(codec))
    assert [paper.title for paper in records(file)] == ["Tramèr", "Second"]


def test_zip_bomb_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(CSV.encode() + (b"0" * 99 + b"\n") * 700_000)
    assert "as a zip bomb does" in refusal(write(tmp_path / "a.csv.gz", bomb))


def test_cut_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(CSV.encode())
    assert "damaged or cut gzip file" in refusal(write(tmp_path / "a.csv.gz", whole[:-20]))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f"title,abstract,note,note\nFirst,{ABSTRACT},one,two\n")
    assert records(file)[0].original == {
        "title": "First",
        "abstract": ABSTRACT,
        "note": "one",
        "note (2)": "two",
    }


def test_a_byte_without_meaning_in_the_named_encoding_breaks_its_record(tmp_path: Path) -> None:
    text = CSV.replace("First", "F?rst").encode("cp1252").replace(b"?", b"\x81")
    found = records(write(tmp_path / "a.csv", text), encoding="cp1252")
    assert [paper.title for paper in found] == ["F\udc81rst", "Second"]


def test_a_broken_line_is_skipped_and_named(tmp_path: Path) -> None:
    line = f'{{"title": "T", "abstract": "{ABSTRACT}"}}\n'
    file = write(tmp_path / "a.jsonl", line + '{"title": "T", "abst\n' + line)
    first, broken, last = read_files([file], CorpusSettings())
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert isinstance(broken, Broken)
    assert (broken.file, broken.position) == ("a.jsonl", 2)
    assert last.position == 3


def test_the_page_on_formats_names_every_reader_and_every_column() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    for name in readers():
        assert f"| `{name}` |" in page, name
    for field, aliases in CONVENTIONS.items():
        assert f"| {field} | {', '.join(aliases)} |" in page, field
    for reason in REASONS:
        assert f"| `{reason}` |" in page, reason
