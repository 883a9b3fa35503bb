"""Whether a record is a paper at all, and in which language it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from topics.corpus.clean import ABSTRACT_HEAD
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
_TWO_LETTERS = frozenset(_CODES.values())
_COUNTRIES = {"cn": "zh", "jp": "ja", "kr": "ko", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "iw": "he"}
"""Codes of countries, and old ones, that databases write for languages."""

_NORWEGIAN = {"nb": "no", "nn": "no"}
_NO_LANGUAGE = frozenset("na nan none null unknown und mul zxx other multiple".split())
_NAMED_IN = (
    "en de fr es pt it nl pl ru uk zh zh_Hant ja ko tr ar fa hi sv da nb fi cs hu el he ro ca id vi th hr sr "
    "sk sl bg lt lv et is"
).split()
_MORE_NAMES = {
    "mandarin": "zh", "cmn": "zh", "汉语": "zh", "漢語": "zh", "国文": "zh",
    "castellano": "es", "farsi": "fa", "slovene": "sl", "हिंदी": "hi", "filipino": "tl", "fil": "tl",
}  # fmt: skip
_DIVIDED = re.compile(r"[;,/|]| and |(?<=.)\s*[(\[]")
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
    if stated and (code := _stated(stated)):
        return code
    if is_english(text):
        return "en"
    return _detected(text) if len(text.split()) >= _FEWEST or not text.isascii() else ""


@lru_cache(maxsize=10_000)
def _stated(stated: str) -> str:
    """The code of the first language that a database names, by its code or by its name in any language."""
    for part in _DIVIDED.split(stated.strip().strip("[]'\" ").casefold()):
        name = part.strip("()[]'\" .")
        if name in _NO_LANGUAGE:
            continue
        # "de-DE", and "Article in German": a word that is no name by itself has three letters at most.
        tokens = [re.split(r"[-_]", name, maxsplit=1)[0], *(word for word in name.split() if len(word) > 3)]
        found = [code for token in (name, *tokens) if (code := _CODES.get(token) or _COUNTRIES.get(token))]
        found = found or [token for token in tokens if token in _TWO_LETTERS]
        found = found or [code for token in (name, *tokens) if (code := _named().get(token))]
        if found:
            return _NORWEGIAN.get(found[0], found[0])
    return ""


@cache
def _named() -> dict[str, str]:
    """Codes by names of languages in the languages that papers are written in, and by their longer codes."""
    from babel import Locale
    from babel.core import get_global

    named: dict[str, str] = {code: code for code in map(str, Locale("en").languages) if len(code) == 2}
    named |= {
        alias: str(code) for alias, code in get_global("language_aliases").items() if len(str(code)) == 2
    }
    for spoken in _NAMED_IN:
        for code, name in Locale.parse(spoken).languages.items():
            if len(short := code.partition("_")[0]) == 2:
                named.setdefault(name.casefold(), short)
    return named | _MORE_NAMES


_BLANK_LINE = re.compile(
    r"[\r\n]\s*[\r\n]"
    r"|</(?:jats:)?(?:[pP]|sec|div)>\s*"
    r"(?:<(?:jats:)?(?:[pP]|sec|div)(?:\s[^<>]*)?>|(?=<(?:jats:)?title\b))"
    r"|<[bB][rR]\s*/?>\s*<[bB][rR]\s*/?>"
)
# A head stands before a translation that goes on in the same paragraph.
_BEGINS = r"(?:(?<=[.!?)\]>\n\"”»。．！？।؟\u0e00-\u0e7f])|^)\s*"
_TRANSLATION = re.compile(rf"{_BEGINS}(?=[\[【]?{ABSTRACT_HEAD})")
# A line break after a sentence, or sentences of another script: a border only where the language is sure.
# What is rare comes first in each pattern: that makes them fast.
_OTHER_SCRIPTS = (
    "\u0370-\u03ff\u0400-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
)
_STOP = r"[.!?:)\]\"”»。．！？।؟\u0e00-\u0e7f]"
_LINE_END = re.compile(
    rf"\n(?:(?<={_STOP}\n)|(?<={_STOP}[ \r]\n))\s*(?=[^\sa-z])"
    rf"|<[bB](?:(?<={_STOP}<.)|(?<={_STOP} <.))[rR]\s*/?>\s*(?=[^\sa-z])"
)
_OTHER_SCRIPT = re.compile(
    rf"(?<=[.!?)\]\"”])\s+(?=[{_OTHER_SCRIPTS}])|(?<=[。．！？।؟])\s*(?=[A-Z])"
    rf"|(?<=[{_OTHER_SCRIPTS}][.!?])\s+(?=[A-Z])"
)
_IS_OTHER_SCRIPT = re.compile(f"[{_OTHER_SCRIPTS}]")
# A part of each head that has plain letters: looking for it takes a fraction of the time that heads take.
_PLAIN_HEADS = (
    "bstra",
    "BSTRA",
    "esum",
    "ESUM",
    "iassun",
    "ommari",
    "amenva",
    "fassung",
    "nglish",
    "nish",
    "[E",
    "ntisar",
)
_LEAST_PART = 60
"""Bytes: what is shorter is not judged. A sign of Chinese has three."""

_FEW_ENGLISH, _NO_ENGLISH = 0.1, 0.02
"""Where only a line ends: shares of common English words from which on a text may be English, or has some."""

_LEAST_SURE, _HALF = 0.98, 0.5
"""The probability of another language where there are some and where there are none."""

_LEAST_KANA = 0.05


def one_language(abstract: str, title: str) -> tuple[str, str]:
    """An abstract without its translations, and those.

    Databases write the abstracts that a paper has in several languages one after another. The one in the
    title's language stays, else the first.
    """
    parts = _parts(abstract)
    if len(parts) < 2:
        return abstract, ""
    spoken = [_spoken(part) if _is_long(part) else "" for part in parts]
    for place, code in enumerate(spoken):
        if code.isupper():
            alike = (
                other for other, part in zip(spoken, parts, strict=True) if _script(part) == code != other
            )
            spoken[place] = next(filter(None, alike), code)
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


def _parts(abstract: str) -> list[str]:
    """The parts of an abstract that may be translations of each other: paragraphs, what a head begins, and
    lines or sentences in languages that are surely different.
    """
    parts = [abstract]
    if has_lines := "\n" in abstract or "\r" in abstract or "<" in abstract:
        parts = _BLANK_LINE.split(abstract)
    if not abstract.isascii() or any(map(abstract.__contains__, _PLAIN_HEADS)):
        parts = [part for piece in parts for part in _TRANSLATION.split(piece)]
    if has_lines:
        parts = [part for piece in parts for part in _where_sure(_LINE_END, piece)]
    if not abstract.isascii() and _IS_OTHER_SCRIPT.search(abstract):
        parts = [part for piece in parts for part in _where_sure(_OTHER_SCRIPT, piece)]
    return [part for part in parts if part.strip()]


def _where_sure(border: re.Pattern[str], text: str) -> list[str]:
    """A text at the borders behind which another language surely begins."""
    pieces = border.split(text)
    if len(pieces) < 2:
        return [text]
    spoken = [_surely(piece) for piece in pieces]
    if len(set(spoken) - {""}) < 2:
        return [text]
    parts, last = [pieces[0]], spoken[0]
    for piece, code in zip(pieces[1:], spoken[1:], strict=True):
        if code and last and code != last:
            parts.append(piece)
        else:
            parts[-1] += f"\n{piece}"
        last = code or last
    return parts


def _surely(text: str) -> str:
    """The language of a line or some sentences; "" where it is not sure beyond doubt."""
    if not _is_long(text):
        return ""
    if is_english(text, _FEW_ENGLISH):
        return "en" if is_english(text) else ""
    if script := _script(text):
        return script
    code, probability = _identifier().classify(text[:2000])
    return str(code) if probability >= (_LEAST_SURE if is_english(text, _NO_ENGLISH) else _HALF) else ""


def _is_long(text: str) -> bool:
    return len(text.encode(errors="replace")) >= _LEAST_PART


def _spoken(text: str) -> str:
    """The language of a text, or the script (in capitals) of one that is not sure, if it is not Latin."""
    return language("", text) or _script(text)


def _script(text: str) -> str:
    """The script that most of a text is in, as Unicode names it; "" for Latin. Kana make Han Japanese."""
    if text.isascii():
        return ""
    letters = [sign for sign in text[:400] if sign.isalpha()]
    others = [sign for sign in letters if sign > "\u036f"]
    if 2 * len(others) <= len(letters):
        return ""
    names = Counter(unicodedata.name(sign, "").partition(" ")[0] for sign in others)
    kana = names["HIRAGANA"] + names["KATAKANA"]
    return "HIRAGANA" if kana > _LEAST_KANA * len(others) else names.most_common(1)[0][0]


def is_english(text: str, share: float = _ENOUGH) -> bool:
    """Whether every fifth word at its beginning, or another share of them, is a common English one."""
    if is_unspaced(text) and 2 * len(_LATIN.findall(text)) < len(text):
        return False
    words = _WORD.findall(text[:400].lower())
    return bool(words) and sum(map(_ENGLISH.__contains__, words)) >= share * len(words)


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
