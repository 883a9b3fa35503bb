"""Whether a record is a paper at all, and in which language it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
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
    if len(text.split()) < _FEWEST and text.isascii():
        return ""
    code, probability = detected(text)
    return code if probability >= _SURE else ""


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


def detected(text: str) -> tuple[str, float]:
    """py3langid's judgement of a text: an ISO 639-1 code and its probability."""
    code, probability = _identifier().classify(text[:2000])
    return str(code), float(probability)


def forget_languages() -> None:
    """Let py3langid's model go, 75 MB; it is read again when the next text is judged."""
    _identifier.cache_clear()


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
