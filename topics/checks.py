"""What is asked of papers and settings together, before anything expensive is done."""

from __future__ import annotations

from collections import Counter

from topics.config import Config
from topics.corpus.build import counted
from topics.corpus.screen import read_languages
from topics.corpus.segment import undivided
from topics.errors import CorpusError
from topics.types import Corpus

ENGLISH = ("minilm", "distilled")
"""Encoders that read English alone."""

MOST_OTHERS = 0.1
"""Largest share of papers in other languages that such an encoder reads without a word."""

_NAMES = {"ja": "Japanese", "th": "Thai"}


def check_settings(corpus: Corpus, config: Config) -> str:
    """What only these papers tell about the settings; gives the answer of `check_dates`.

    Raises ConfigError: more topics than there can be, a colour that names no column, or see `check_dates`.
    """
    from topics.cluster import seeded
    from topics.cluster.cluster import check_number
    from topics.cluster.guide import asked
    from topics.output.maps.paint import check_color

    n_topics = config.cluster.n_topics
    check_number(len(corpus), config.cluster)
    if config.guide.mode == "zero_shot" and n_topics != "auto":
        seeded.check_number(only=bool(asked(config.guide)), n_topics=n_topics)
    check_color(corpus, config.map.color)
    return check_dates(corpus, config)


def language_notes(corpus: Corpus, config: Config) -> tuple[str, ...]:
    """Sentences on papers whose language the encoder does not read, and on what divides text into words but
    is not installed; each with the way out.
    """
    spoken = Counter(code for code in read_languages(corpus.languages, corpus.texts) if code)
    notes = []
    others = sum(spoken.values())
    if config.embed.encoder in ENGLISH and others > MOST_OTHERS * len(corpus):
        listed = ", ".join(f"{code} {number:,}" for code, number in spoken.most_common())
        notes.append(
            f"{others:,} of {counted(len(corpus), 'paper')} are not in English ({listed}), and "
            f"{config.embed.encoder} reads English: set embed.encoder to multilingual (`pip install "
            "'paper-topics[multilingual]'`), or to lsa, which learns from the papers themselves"
        )
    for code, kind in (("ja", "roughly, by their scripts"), ("th", "not at all")):
        package = undivided(code) if spoken[code] else ""
        if package:
            notes.append(
                f"{counted(spoken[code], 'paper')} in {_NAMES[code]} can be divided into words {kind}: "
                f"`pip install '{package}'` for keywords and labels of whole words"
            )
    return tuple(notes)


def check_dates(corpus: Corpus, config: Config) -> str:
    """Why these papers have no trends, in a sentence; empty where they have.

    Raises ConfigError: dates too coarse for `trends.period`, or `trends.start` after `trends.end`.
    """
    from topics.trends.periods import find_periods

    try:
        find_periods(corpus.dates, config.trends)
    except CorpusError as error:
        return str(error)
    return ""


def check_enough(corpus: Corpus) -> None:
    """Raises CorpusError: there are too few papers for a run."""
    from topics.cluster.cluster import MIN_PAPERS
    from topics.corpus.build import summary, summary_sentence

    n = len(corpus)
    if n < MIN_PAPERS:
        papers = "1 paper is" if n == 1 else f"{n} papers are"
        raise CorpusError(
            f"{papers} too few; give at least {MIN_PAPERS} ({summary_sentence(summary(corpus))})."
        )
