"""What each word is: content or the glue between phrases, and which spellings are one word.

`models` is counted with `model`, `pre-training` with `pretraining`, `Alzheimer's` with `Alzheimer`,
`optimisation` with `optimization`, where the corpus itself has both. In other languages than English, words
of one Snowball stem that differ in a short ending are one ("redes", "red").
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from topics.types import Integers, Longs, Mask

ROLES = ("gap", "determiner", "cue", "function", "content")
"""What may stand beside a phrase: punctuation, "the", "we/to/can", any other stop word, a content word."""

DETERMINER, CUE, CONTENT = (ROLES.index(role) for role in ("determiner", "cue", "content"))

_JOINERS = ("joiner", "link")

# Plural in form only: without these, "physics" would be the plural of "physic" wherever both occur.
_NOT_PLURAL = frozenset(
    "news species series lens means aids corps chaos atlas canvas bias alias basis analysis axis cosmos "
    "pathos trans gas bus yes gps plus minus thus always perhaps lupus herpes rabies diabetes scabies".split()
)
_PLURAL_OF_IC = frozenset(
    "metrics topics graphics heuristics critics characteristics clinics antibiotics fabrics mosaics "
    "narcotics logics classics statistics".split()
)

# What differs between British and American spelling. Words are counted together only where the corpus has
# both forms, so one that just looks British stays what it is. The first pattern leaves out words in -ise that
# have no other form. Before each stands what a word must hold for it: few words are searched through then.
_SPELLINGS = tuple(
    (part, re.compile(british), american)
    for part, british, american in (
        (
            "is",
            r"^(?!aris|advis|advertis|compris|compromis|concis|devis|exercis|precis|premis|promis|revis|supervis"
            r"|surpris)(.+[a-z]{2})is(?=(?:e[dr]?|ing|ation)$)",
            r"\1iz",
        ),
        ("ys", r"(anal|catal|paral)ys(?=(?:e[dr]?|ing)$)", r"\1yz"),
        ("our", r"^(behavi|col|fav|flav|harb|hon|hum|lab|neighb|od|tum|vap|vig)our", r"\1or"),
        ("re", r"(cent|fib|lit|met|theat)re$", r"\1er"),
        ("ll", r"(cancel|channel|fuel|label|level|model|signal|travel|tunnel)l(?=ed|er|ing)", r"\1"),
        ("haem", r"haem(?=[aeo])", "hem"),
        ("aemi", r"aemi(?=[ac])", "emi"),
        ("aetio", r"^aetio", "etio"),
        ("anaesth", r"anaesth", "anesth"),
        ("oe", r"^oe(?=dem|soph|str)", "e"),
        ("foet", r"^foet", "fet"),
        ("paed", r"paed", "ped"),
        ("sulph", r"sulph", "sulf"),
        ("programme", r"^(program)me$", r"\1"),
        ("artefact", r"^artefact", "artifact"),
    )
)


_LEMMAS = ("scholarly", "qualifier", "generic")
"""Sections of other languages than English whose words stand for all their forms."""

_LONGEST_ENDING = 3
"""Letters in which two forms of one stem may differ at their ends: "investigación" and "investigaciones" do,
"educación" and "educativo", which have a stem in common too, differ in more."""

_PREFIXED = ("ar",)
"""Languages whose forms differ at their beginning too."""

_STEMMERS: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Snowball's name of each language that it has a stemmer for."""


@cache
def stop_list(language: str = "") -> Mapping[str, str]:
    """Each built-in word (lower case) and its section: determiner, cue, joiner, link, function and scholarly
    are stop words; qualifier and generic only may not stand alone.

    language: "" for English, else an ISO 639-1 code. There a list of our own, where there is one, goes before
    the words of stopwordsiso (MIT), except for those that it calls content.
    """
    if not language:
        return _sections("stop_words.txt")
    import stopwordsiso

    own = _sections(f"stop_words/{language}.txt")
    general = stopwordsiso.stopwords(language) if stopwordsiso.has_lang(language) else ()
    listed = {word.casefold(): "function" for word in general if any(map(str.isalpha, word))} | own
    return {word: section for word, section in listed.items() if section != "content"}


def _sections(name: str) -> dict[str, str]:
    """The words of a list, in lower case; "_" stands for a blank. Empty where there is no such list."""
    place = files("topics.terms").joinpath(name)
    section = ""
    found: dict[str, str] = {}
    for line in place.read_text(encoding="utf-8").splitlines() if place.is_file() else ():
        if line.startswith("["):
            section = line.strip("[] ")
        elif not line.startswith("#"):
            words = [word.replace("_", " ").casefold() for word in line.split()]
            found |= {word: section for word in words if section != "content" or word not in found}
    return found


def is_stop_word(word: str, language: str = "") -> bool:
    """Whether a keyword or label may not begin or end with `word` (built-in lists; see `stop_list`)."""
    return _is_stop(stop_list(language).get(word.casefold()))


def _is_stop(section: str | None) -> bool:
    return section not in (None, "qualifier", "generic")


@dataclass(frozen=True)
class Forms:
    """The word forms of one language that occur, in lower case: they decide which forms are one word.

    known: all of them. shouted: those usually written in capitals, whose final S is no plural (AIDS, DBMS).
    stop_words: the user's own, besides the built-in list. language: "" for English, else an ISO 639-1 code.
    """

    known: frozenset[str]
    shouted: frozenset[str]
    stop_words: tuple[str, ...]
    language: str = ""

    @classmethod
    def of(
        cls,
        forms: Sequence[str],
        frequency: Longs,
        stop_words: Iterable[str],
        languages: Sequence[str] = (),
    ) -> dict[str, Forms]:
        """By language, each that any form is of.

        forms: as written; the first two stand for gaps. frequency: (s,) how often each occurs.
        languages: (s,) of each form, as in `Tokens`; all English by default.
        """
        spoken = np.array(languages or [""] * len(forms), dtype=object)
        found = {}
        for language in sorted({"", *spoken.tolist()}):
            rows = np.flatnonzero((spoken == language) & (np.arange(len(forms)) > 1)).tolist()
            written, times = [forms[row] for row in rows], frequency[rows]
            lowered = [form.casefold() for form in written]
            known = frozenset(key for key, count in zip(lowered, times, strict=True) if count)
            shouted = _mostly_capitals(written, lowered, times)
            found[language] = cls(known, shouted, tuple(stop_words), language)
        return found

    @cached_property
    def stops(self) -> Mapping[str, str]:
        """The section of each stop word, the user's own among them."""
        return {**stop_list(self.language), **{word.casefold(): "function" for word in self.stop_words}}

    def section(self, key: str) -> str | None:
        """What a word in lower case is (see `stop_list`); None for one that may stand alone."""
        found = self.stops.get(key)
        if found is not None or self.language not in _STEMMERS:
            return found
        near = (word for word in self._lemmas.get(self._stem(key), ()) if self._of_one_word(key, word))
        return next((self.stops[word] for word in near), None)

    @cached_property
    def _lemmas(self) -> Mapping[str, tuple[str, ...]]:
        """The listed words that stand for all their forms, by stem."""
        found: dict[str, tuple[str, ...]] = {}
        for word, section in self.stops.items():
            if section in _LEMMAS:
                stem = self._stem(word)
                found[stem] = (*found.get(stem, ()), word)
        return found

    @cached_property
    def _stem(self) -> Callable[[str], str]:
        import snowballstemmer

        stem: Callable[[str], str] = snowballstemmer.stemmer(_STEMMERS[self.language]).stemWord
        return lru_cache(1 << 18)(stem)

    def _of_one_word(self, one: str, other: str) -> bool:
        """Whether two forms of one stem differ in no more than a short ending."""
        if self.language in _PREFIXED:
            return True
        a, b = (_without_accents(word) for word in (one, other))
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
        return max(len(a), len(b)) - same <= _LONGEST_ENDING

    @cached_property
    def _heads(self) -> Mapping[str, str]:
        """The form that stands for each known one: the shortest of its stem that it is near to."""
        heads: dict[str, list[str]] = {}
        found = {}
        for form in sorted(self.known, key=lambda form: (len(form), form)):
            rivals = heads.setdefault(self._stem(form), [])
            head = next((rival for rival in rivals if self._of_one_word(form, rival)), None)
            if head is None:
                rivals.append(form)
            found[form] = head or form
        return found

    def root(self, form: str) -> str:
        """The word that a form in lower case is counted as."""
        stops, key = self.stops, form
        if self.language:
            stopped = self.language not in _STEMMERS or _is_stop(self.section(key))
            return key if stopped else self._heads.get(key, key)
        if _is_stop(stops.get(key)):
            return key
        if key.endswith("'s") and len(key) > 3:
            key = key[:-2]
        plain = key.replace("-", "")
        if plain != key and plain in self.known and plain not in stops:
            key = plain
        if key not in self.shouted:
            kept = (one for one in _singulars(key) if one in self.known and not _is_stop(stops.get(one)))
            key = next(kept, key)
        spelled = (american(one) for one in (key, *_singulars(key)))
        other = next((one for one in spelled if one != key and one in self.known), None)
        return self.root(other) if other else key


@dataclass(frozen=True)
class Lexicon:
    """One entry per distinct word form of `Tokens.words` (s of them), and per counted word (w of them).

    word: (s,) int32, the counted word of each form, -1 for gaps and stop words.
    role: (s,) int8, an index into ROLES.
    link: (s,) bool, "and" in the form's language.
    keys: the counted words: lower case, singular and American where the corpus has that form.
    joiner: (w,) bool, "of" and "and", which may stand inside a phrase.
    qualifier, generic: (w,) bool, words that say nothing by themselves ("large", "method").
    """

    word: Integers
    role: npt.NDArray[np.int8]
    link: Mask
    keys: tuple[str, ...]
    joiner: Mask
    qualifier: Mask
    generic: Mask


def read_lexicon(
    forms: Sequence[str],
    frequency: Longs,
    stop_words: Iterable[str],
    languages: Sequence[str] = (),
) -> Lexicon:
    """Sort the word forms of a corpus into words and stop words, each by the rules of its language.

    A word that several languages have is counted as one; what it is says the one that has most of it.

    forms: as written; the first two stand for gaps. frequency: (s,) how often each occurs.
    stop_words: the user's own, besides the built-in list. languages: (s,), as in `Tokens`.
    """
    languages = languages or [""] * len(forms)
    found = Forms.of(forms, frequency, stop_words, languages)
    kinds: dict[tuple[str, str], tuple[str, str | None]] = {}
    for language, own in found.items():
        for key in own.known:
            root = own.root(key)
            section = own.section(root)
            # "de" joins in Spanish and is a word elsewhere.
            apart = language and section in _JOINERS
            kinds[language, key] = (f"{root}\t{language}" if apart else root, section)
    weight: dict[tuple[str, str | None], int] = Counter()
    for form, language, times in zip(forms[2:], languages[2:], frequency[2:].tolist(), strict=True):
        if times:
            weight[kinds[language, form.casefold()]] += times
    sections: dict[str, str | None] = {}
    for root, section in sorted(weight, key=lambda kind: (-weight[kind], kind[1] or "")):
        if section in _JOINERS or not _is_stop(section):
            sections.setdefault(root, section)
    keys = sorted(sections)
    numbers = {key: number for number, key in enumerate(keys)}
    roles = {"determiner": 1, "cue": 2, "qualifier": CONTENT, "generic": CONTENT, None: CONTENT}
    word = np.full(len(forms), -1, dtype=np.int32)
    role = np.zeros(len(forms), dtype=np.int8)
    link = np.zeros(len(forms), dtype=bool)
    for number, (form, language) in enumerate(zip(forms[2:], languages[2:], strict=True), start=2):
        key = form.casefold()
        link[number] = stop_list(language).get(key) == "link" if language else key == "and"
        if (language, key) in kinds and any(map(str.isalpha, key)):
            root, section = kinds[language, key]
            role[number] = roles.get(section, 3)
            if section in _JOINERS or not _is_stop(section):
                word[number] = numbers[root]
    return Lexicon(
        word,
        role,
        link,
        tuple(keys),
        np.array([sections[key] in _JOINERS for key in keys], dtype=bool),
        np.array([sections[key] == "qualifier" for key in keys], dtype=bool),
        np.array([sections[key] == "generic" or not _stands_alone(key) for key in keys], dtype=bool),
    )


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f")


def _mostly_capitals(forms: Sequence[str], lowered: Sequence[str], frequency: Longs) -> frozenset[str]:
    balance: dict[str, int] = {}
    for form, key, times in zip(forms, lowered, frequency, strict=True):
        if key.endswith("s"):
            balance[key] = balance.get(key, 0) + int(times) * (1 if form.isupper() else -1)
    return frozenset(key for key, sign in balance.items() if sign > 0)


def _singulars(key: str) -> Iterable[str]:
    if len(key) < 3 or not key.endswith("s") or key.endswith(("ss", "us", "is")) or key in _NOT_PLURAL:
        return
    if key.endswith("ics") and key not in _PLURAL_OF_IC:
        return
    if key.endswith("ies") and len(key) > 4:
        yield key[:-3] + "y"
    if key.endswith("ices"):
        yield from (key[:-4] + "ix", key[:-4] + "ex")
    if key.endswith("ses"):
        yield key[:-2] + "is"
    yield key[:-1]
    if key.endswith(("ses", "xes", "zes", "ches", "shes")):
        yield key[:-2]


def _stands_alone(key: str) -> bool:
    """Whether the word says anything by itself: no single letter, no number with a unit."""
    letters = sum(map(str.isalpha, key))
    return not key[0].isdigit() and (letters > 1 or (letters == 1 and len(key) > 2))


@lru_cache(1 << 18)
def american(key: str) -> str:
    """A word in lower case, or what stands for one, in American spelling; not for reading: "exercize"."""
    for part, british, spelled in _SPELLINGS:
        if part in key:
            key = british.sub(spelled, key)
    return key


@lru_cache(1 << 18)
def crude(word: str) -> str:
    """A key under which spellings of one word meet: no capitals, hyphens, plural or possessive, American."""
    key = word.casefold().removesuffix("'s").replace("-", "")
    if len(key) > 3 and key.endswith("ies"):
        key = key[:-3] + "y"
    elif len(key) > 2 and key.endswith("s") and not key.endswith(("ss", "us", "is")):
        key = key[:-1]
    return american(key)


_ENDINGS = tuple(
    sorted(
        "ifications ification ifier ify izations ization izing izers izer ized ize isation ational ations"
        " ation ating ators ator atives ative ates ated ate ings ing ers er eds ed ions ion ives ive ities"
        " ity ments ment acy ying ied ly y e".split(),
        key=lambda ending: (-len(ending), ending),
    )
)
_LEAST_STEM = 4


@lru_cache(1 << 18)
def stem(word: str) -> str:
    """What the forms of one word begin with: "translate", "translating" and "translation" share "transl".

    Endings of verbs and of the nouns made from them go, as long as four letters stay; those of adjectives in
    -al stay, since "general" is not "generation".
    """
    key = crude(word)
    while ending := next(
        (one for one in _ENDINGS if key.endswith(one) and len(key) - len(one) >= _LEAST_STEM), ""
    ):
        key = key.removesuffix(ending)
    if len(key) > _LEAST_STEM and key[-1] == key[-2] and key[-1] not in "aeious":
        key = key[:-1]
    return key
