"""Whether a record is a paper at all, and in which language it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from topics.corpus.segment import is_unspaced

_KIND = re.compile(
    r"erratum|errata|corrigend|\bcorrection|retract|withdrawn|expression of concern|publisher.?s? note|"
    r"\bparatext\b|table of contents",
    re.IGNORECASE,
)
_EDITORIAL_KIND = re.compile(
    r"editorial|letter|news|note\b|comment|book.?review|obituary|biograph", re.IGNORECASE
)
_TITLE = re.compile(
    r"^\W*(?:(?:author|publisher)['’]?s? )?(?:"
    r"(?:errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a)|expression of concern|statement of retraction)\b"
    r"|corrections?(?: to)?(?:\s*:|\s+to[:\s]+[\"“‘']|\s*$|\s*\[)"
    r"|corrections?\s+to\s+(?:article|the article|paper)\b"
    r"|retract(?:ed|ion)(?: (?:article|paper|note|notice|chapter|publication))?\s*(?::|\]|$|-)"
    r"|retraction of(?:\s*:|\s+[\"“‘'])"
    r"|retraction (?:note|notice)\b|withdrawn\s*(?::|\]|$)|(?:notice of )?withdrawal\s*(?:notice|:|$)"
    r"|removed\s*:|temporary removal\s*:|notice of (?:retraction|removal)"
    r"|publisher['’]?s? (?:correction|note|erratum)\b"
    r")"
    r"|:\s*(?:erratum|corrigendum|retraction)\W*$|\[(?:retracted|withdrawn|erratum|corrigendum)[^\]]*\]\W*$",
    re.IGNORECASE,
)
_EDITORIAL_TITLE = re.compile(
    r"^\W*(?:editorial|preface|foreword|table of contents|front ?matter|back ?matter|contents|index|reply|"
    r"author index|subject index|call for papers|in this issue|letter to the editor|obituary|book reviews?|"
    r"masthead|list of reviewers|acknowledge?ments? (?:to|of) reviewers|title page|cover|committees?)\b",
    re.IGNORECASE,
)
_WITHDRAWN_WORDS = ("ithdrawn", "etracted", "emoved", "uperseded", "WITHDRAWN")
_OURS = r"(?:paper|article|manuscript|submission|preprint|e-?print|note|work|version)"
_WITHDRAWN = re.compile(
    rf"^\W*(?:this|the|our)?\s*(?:\w+ )?{_OURS}\s+(?:has|have|had|was|is)?\s*(?:been|being)?\s*"
    r"(?:temporarily\s+)?(?:withdrawn|retracted|removed|superseded)\b"
    rf"|\b(?:this|the) {_OURS}\s+(?:has been|was|is|is being)\s+(?:temporarily\s+)?(?:withdrawn|retracted)\b"
    r"|^\W*withdrawn\b",
    re.IGNORECASE,
)


def notice(kind: str, title: str, abstract: str) -> str:
    """What a record is instead of a paper, or "" for a paper.

    A retracted paper counts as a notice too. Editorials, letters, comments and contents pages do only where
    they have no abstract.
    """
    if _KIND.search(kind):
        return kind.lower()[:40]
    if _TITLE.search(title):
        return "by its title"
    if any(word in abstract for word in _WITHDRAWN_WORDS) and _WITHDRAWN.search(abstract):
        return "withdrawn"
    if not abstract and (_EDITORIAL_KIND.search(kind) or _EDITORIAL_TITLE.match(title)):
        return "editorial without abstract"
    return ""


_NAMES = (
    "en=english,eng fr=french,fre,fra de=german,ger,deu es=spanish,spa,castilian pt=portuguese,por "
    "it=italian,ita zh=chinese,chi,zho ja=japanese,jpn ko=korean,kor ru=russian,rus pl=polish,pol "
    "nl=dutch,dut,nld sv=swedish,swe no=norwegian,nor da=danish,dan fi=finnish,fin cs=czech,cze,ces "
    "hu=hungarian,hun tr=turkish,tur el=greek,gre,ell he=hebrew,heb ar=arabic,ara fa=persian,per,fas "
    "uk=ukrainian,ukr ro=romanian,rum,ron hr=croatian,hrv sr=serbian,srp sk=slovak,slo,slk "
    "sl=slovenian,slv bg=bulgarian,bul ca=catalan,cat id=indonesian,ind ms=malay,may,msa "
    "vi=vietnamese,vie th=thai,tha lt=lithuanian,lit lv=latvian,lav et=estonian,est hi=hindi,hin "
    "is=icelandic,ice,isl af=afrikaans,afr"
)
_CODES = {name: entry[:2] for entry in _NAMES.split() for name in entry[3:].split(",")}
_WORD = re.compile(r"[a-z]+")
_LATIN = re.compile(r"[a-zA-Z]")
_ENGLISH = frozenset(
    "the of and in to a is that for with this are we by on as be it from an which can at or have has was "
    "were our their these using based between not".split()
)
_ENOUGH = 0.2
_SURE = 0.8
_FEWEST = 8


def language(stated: str, text: str) -> str:
    """The ISO 639-1 code of a paper's language: as stated, else as detected in `text`; "" when not certain.

    Text in which every fifth word is a common English one is English; anything else is py3langid's to say.
    """
    first = re.split(r"[;,/|\s]", stated.strip().lower(), maxsplit=1)[0]
    if first in _CODES:
        return _CODES[first]
    if re.fullmatch(r"[a-z]{2}(?:[-_].*)?", first):
        return first[:2]
    if is_english(text):
        return "en"
    return _detected(text) if len(text.split()) >= _FEWEST or not text.isascii() else ""


_BLANK_LINE = re.compile(
    r"[\r\n]\s*[\r\n]"
    r"|</(?:jats:)?(?:p|sec)>\s*(?:<(?:jats:)?(?:p|sec)(?:\s[^<>]*)?>|(?=<(?:jats:)?title\b))"
)
# What stands before a translation that goes on in the same paragraph.
_TRANSLATION = re.compile(
    r"(?:(?<=[.!?)\]>])|^)\s*(?=(?:\[?(?:Abstract in )?(?:French|German|Spanish|Portuguese|Italian|"
    r"Chinese|Russian|Japanese)"
    r"(?: abstract)?\]?\s?:|"
    r"(?:Resumen|RESUMEN|Résumé|RÉSUMÉ|Resumo|RESUMO|Zusammenfassung|ZUSAMMENFASSUNG|Riassunto|RIASSUNTO|"
    r"Аннотация|АННОТАЦИЯ|Abstract|ABSTRACT)\s?[.:\n-]|摘\s?要|抄録|要旨))"
)
# A part of each of these heads: looking for it takes a fiftieth of the time that looking for heads does.
_HEADS = (
    "esum", "ESUM", "usammenf", "USAMMENF", "iassunt", "IASSUNT", "bstract", "BSTRACT",
    "ésum", "ÉSUM", "ннотаци", "ННОТАЦИ", "摘", "抄録", "要旨",
)  # fmt: skip
_NAMED = ("ench:", "rman:", "nish:", "uese:", "lian:", "nese:", "sian:")
_LEAST_PART = 60
"""Bytes: what is shorter is not judged. A sign of Chinese has three."""


def one_language(abstract: str, title: str) -> tuple[str, str]:
    """An abstract without its translations, and those.

    Databases write the abstracts that a paper has in several languages one after another. The one in the
    title's language stays, else the first.
    """
    parts = (
        _BLANK_LINE.split(abstract)
        if "\n" in abstract or "\r" in abstract or "</" in abstract
        else [abstract]
    )
    if any(word in abstract for word in _HEADS) or (
        ":" in abstract and any(word in abstract for word in _NAMED)
    ):
        parts = [part for piece in parts for part in _TRANSLATION.split(piece)]
    parts = [part for part in parts if part.strip()]
    if len(parts) < 2:
        return abstract, ""
    spoken = [
        language("", part) if len(part.encode(errors="replace")) >= _LEAST_PART else "" for part in parts
    ]
    known = [code for code in spoken if code]
    if len(set(known)) < 2:
        return abstract, ""
    wanted = language("", title)
    main = wanted if wanted in known else known[0]
    # A head or a short remark goes with the part after it.
    for place in range(len(parts) - 2, -1, -1):
        spoken[place] = spoken[place] or spoken[place + 1]
    own = [part for part, code in zip(parts, spoken, strict=True) if code in (main, "")]
    others = [part.strip() for part, code in zip(parts, spoken, strict=True) if code not in (main, "")]
    return "\n\n".join(own), "\n\n".join(others)


def is_english(text: str) -> bool:
    """Whether every fifth word at its beginning is a common English one."""
    if is_unspaced(text) and 2 * len(_LATIN.findall(text)) < len(text):
        return False
    words = _WORD.findall(text[:400].lower())
    return bool(words) and sum(map(_ENGLISH.__contains__, words)) >= _ENOUGH * len(words)


def read_languages(stated: Sequence[str], texts: Iterable[str], main: str | None = None) -> list[str]:
    """The language that each paper's text is read in, "" for English.

    Databases state the language of the paper, whose abstract may be English all the same. A text of no known
    language is in that of most papers, unless it looks English.

    stated: ISO 639-1 codes, "" for unknown. main: the language of most papers; as in `stated` by default.
    """
    if main is None:
        main = main_language(stated)
    if main == "en" and not set(stated) - {"", "en"}:
        return [""] * len(stated)
    return [
        "" if code in ("", "en") or is_english(text) else code
        for code, text in zip((code or main for code in stated), texts, strict=True)
    ]


def main_language(stated: Iterable[str]) -> str:
    """The language that most papers are in; "en" where none is known."""
    spoken = Counter(code for code in stated if code)
    return min(spoken, key=lambda code: (-spoken[code], code)) if spoken else "en"


def _detected(text: str) -> str:
    code, probability = _identifier().classify(text[:2000])
    return str(code) if probability >= _SURE else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
