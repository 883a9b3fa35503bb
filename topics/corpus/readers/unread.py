"""Formats that are known and not read: what to choose in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from topics.corpus.readers.source import Source

_FLAGS = re.MULTILINE | re.IGNORECASE
_RIS = "export the papers as RIS"
UNREAD: Mapping[str, tuple[str, str, str]] = {
    "pubmed-text": (
        r"\A\s*1[.:] .*+(?s:.{0,20000}?)^(?:.*\b)?PMID: ?\d+",
        "PubMed's text for people to read",
        "save the search with the format PubMed (.nbib)",
    ),
    "proquest-text": (r"^Document 1 of \d+", "ProQuest's text", "export the papers as RIS or XLS"),
    "cochrane-text": (r"^Record #1 of \d+", "the Cochrane Library's plain text", f"{_RIS} or CSV"),
    "ovid-text": (
        r"\A\s*<1>(?s:.{0,4000}?)^[^\S\n]*+(?:Unique Identifier|Title|TI|VN|DB|Database)\b",
        "Ovid's citation text",
        _RIS,
    ),
    "cnki-text": (
        r"^SrcDatabase-|^[^\S\n]*+Title-题名",
        "CNKI's own text",
        "export the papers for RefWorks or EndNote",
    ),
    "noteexpress": (r"^\{Reference Type\}:", "NoteExpress", "export the papers for RefWorks or EndNote"),
    "endnote-text": (
        r"^Reference Type:\s+\w(?s:.{0,4000}?)^(?:Author|Title|Record Number|Year):",
        "EndNote's list of all fields",
        "export the library as EndNote XML or RIS",
    ),
    "embase-lines": (
        r"^\"?AUTHOR NAMES\"?,",
        "Embase's CSV with a field a line",
        f"export the records in columns, not in rows, or {_RIS.removeprefix('export the papers ')}",
    ),
    "embase-text": (r"^EMBASE\s+<|^RECORD 1\s*$", "Embase's plain text", f"{_RIS} or CSV"),
    "mods": (r"<(?:\w+:)?mods(?:Collection)?\b", "MODS", f"{_RIS} or BibTeX"),
    "marc": (r"loc\.gov/MARC21/slim|<(?:marc:)?leader>", "MARC XML", f"{_RIS} or BibTeX"),
    "oai": (
        r"<OAI-PMH\b|<oai_dc:dc\b",
        "an answer of OAI-PMH (Dublin Core)",
        "export the papers as RIS, BibTeX, CSV or JSON",
    ),
    "europepmc-xml": (
        r"<responseWrapper\b|<resultList>\s*<result\b",
        "Europe PMC's XML",
        "ask for format=json with resultType=core",
    ),
    "word-sources": (r"<b:Sources?\b", "Microsoft Word's list of sources", f"{_RIS} or BibTeX"),
    "tei": (r"<TEI\b", "TEI XML", "export the papers as BibTeX, RIS or CSV"),
    "rss": (r"<rss\b|<rdf:RDF\b[^>]{0,1000}purl\.org/rss|<feed\b", "a news feed", f"{_RIS}, BibTeX or CSV"),
    "html": (
        r"\A\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body|table)\b",
        "a web page, whatever its name ends in",
        "export the papers as RIS, BibTeX or CSV, or open it in a spreadsheet program and save it as .xlsx",
    ),
    "rtf": (r"\A\{\\rtf", "a text document (RTF)", f"{_RIS}, BibTeX or CSV"),
}
"""By a short name: a pattern of the head of such a file, what it is, and what to do."""

_BINARY = (
    (b"%PDF", "a PDF file", "export the papers as RIS, BibTeX or CSV from the database that has them"),
    (b"SQLite format 3", "a database of a reference manager", "export the papers from it as RIS or BibTeX"),
    (
        b"PK\x03\x04",
        "a zip archive or an office document",
        "unpack it, or save the papers as .xlsx, CSV or RIS",
    ),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"BZh", "a bzip2 file", "unpack it"),
    (b"\xfd7zXZ", "an xz file", "unpack it"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "unpack it"),
)


def known_by(source: Source) -> str:
    """What a file is that no reader takes, and what to do; "" where that is not known."""
    for start, what, advice in _BINARY:
        if source.head.startswith(start):
            return f"is {what}, which is not read; {advice}"
    if source.is_binary():
        return ""
    head = source.head_text()
    for pattern, what, advice in UNREAD.values():
        if re.search(pattern, head, _FLAGS):
            return f"is {what}, which is not read; {advice}"
    return ""
