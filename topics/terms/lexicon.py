"""What each word is: content or the glue between phrases, and which spellings are one word.

`models` is counted with `model`, `pre-training` with `pretraining`, `Alzheimer's` with `Alzheimer`,
`optimisation` with `optimization`, where the corpus itself has both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from topics.types import Integers

ROLES = ("gap", "determiner", "cue", "function", "content")
"""What may stand beside a phrase: punctuation, "the", "we/to/can", any other stop word, a content word."""

CONTENT = ROLES.index("content")

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
# have no other form.
_SPELLINGS = tuple(
    (re.compile(british), american)
    for british, american in (
        (
            r"^(?!aris|advis|advertis|compris|compromis|concis|devis|exercis|precis|premis|promis|revis|supervis"
            r"|surpris)(.+[a-z]{2})is(?=(?:e[dr]?|ing|ation)$)",
            r"\1iz",
        ),
        (r"(anal|catal|paral)ys(?=(?:e[dr]?|ing)$)", r"\1yz"),
        (r"^(behavi|col|fav|flav|harb|hon|hum|lab|neighb|od|tum|vap|vig)our", r"\1or"),
        (r"(cent|fib|lit|met|theat)re$", r"\1er"),
        (r"(cancel|channel|fuel|label|level|model|signal|travel|tunnel)l(?=ed|er|ing)", r"\1"),
        (r"haem(?=[aeo])", "hem"),
        (r"aemi(?=[ac])", "emi"),
        (r"^aetio", "etio"),
        (r"anaesth", "anesth"),
        (r"^oe(?=dem|soph|str)", "e"),
        (r"^foet", "fet"),
        (r"paed", "ped"),
        (r"sulph", "sulf"),
        (r"^(program)me$", r"\1"),
        (r"^artefact", "artifact"),
    )
)


@cache
def stop_list() -> Mapping[str, str]:
    """Each built-in word (lower case) and its section: determiner, cue, joiner, function and scholarly are
    stop words; qualifier and generic only may not stand alone.
    """
    section, found = "", {}
    for line in files("topics.terms").joinpath("stop_words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif not line.startswith("#"):
            found.update(dict.fromkeys(line.split(), section))
    return found


def is_stop_word(word: str) -> bool:
    """Whether a keyword or label may not begin or end with `word` (built-in list)."""
    return _is_stop(stop_list().get(word.casefold()))


def _is_stop(section: str | None) -> bool:
    return section not in (None, "qualifier", "generic")


@dataclass(frozen=True)
class Forms:
    """The word forms that occur, in lower case: they decide which forms are one word.

    known: all of them. shouted: those usually written in capitals, whose final S is no plural (AIDS, DBMS).
    stop_words: the user's own, besides the built-in list.
    """

    known: frozenset[str]
    shouted: frozenset[str]
    stop_words: tuple[str, ...]

    @classmethod
    def of(cls, forms: Sequence[str], frequency: npt.NDArray[np.int64], stop_words: Iterable[str]) -> Forms:
        """forms: as written; the first two stand for gaps. frequency: (s,) how often each occurs."""
        lowered = [form.casefold() for form in forms]
        known = frozenset(key for key, times in zip(lowered[2:], frequency[2:], strict=True) if times)
        return cls(known, _mostly_capitals(forms, lowered, frequency), tuple(stop_words))

    @cached_property
    def stops(self) -> Mapping[str, str]:
        """The section of each stop word, the user's own among them."""
        return {**stop_list(), **{word.casefold(): "function" for word in self.stop_words}}

    def root(self, form: str) -> str:
        """The word that a form in lower case is counted as."""
        stops, key = self.stops, form
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
    keys: the counted words: lower case, singular and American where the corpus has that form.
    joiner: (w,) bool, "of" and "and", which may stand inside a phrase.
    qualifier, generic: (w,) bool, words that say nothing by themselves ("large", "method").
    """

    word: Integers
    role: npt.NDArray[np.int8]
    keys: tuple[str, ...]
    joiner: npt.NDArray[np.bool_]
    qualifier: npt.NDArray[np.bool_]
    generic: npt.NDArray[np.bool_]


def read_lexicon(
    forms: Sequence[str], frequency: npt.NDArray[np.int64], stop_words: Iterable[str]
) -> Lexicon:
    """Sort the word forms of a corpus into words and stop words.

    forms: as written; the first two stand for gaps. frequency: (s,) how often each occurs.
    stop_words: the user's own, besides the built-in list.
    """
    found = Forms.of(forms, frequency, stop_words)
    roots = {key: found.root(key) for key in sorted(found.known)}
    sections = {root: found.stops.get(root) for root in roots.values()}
    keys = sorted(root for root, section in sections.items() if section == "joiner" or not _is_stop(section))
    numbers = {key: number for number, key in enumerate(keys)}
    roles = {"determiner": 1, "cue": 2, "qualifier": CONTENT, "generic": CONTENT, None: CONTENT}
    word = np.full(len(forms), -1, dtype=np.int32)
    role = np.zeros(len(forms), dtype=np.int8)
    for number, form in enumerate(forms[2:], start=2):
        key = form.casefold()
        if key in roots and any(map(str.isalpha, key)):
            root = roots[key]
            role[number] = roles.get(sections[root], 3)
            word[number] = numbers.get(root, -1)
    return Lexicon(
        word,
        role,
        tuple(keys),
        np.array([sections[key] == "joiner" for key in keys], dtype=bool),
        np.array([sections[key] == "qualifier" for key in keys], dtype=bool),
        np.array([sections[key] == "generic" or not _stands_alone(key) for key in keys], dtype=bool),
    )


def _mostly_capitals(
    forms: Sequence[str], lowered: Sequence[str], frequency: npt.NDArray[np.int64]
) -> frozenset[str]:
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
    for british, spelled in _SPELLINGS:
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
