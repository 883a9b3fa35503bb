"""What is asked of papers and settings together, before anything expensive is done."""

from __future__ import annotations

from topics.config import Config
from topics.errors import CorpusError
from topics.types import Corpus


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
