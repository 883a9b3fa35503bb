"""What the terminal, the report and Python say of a corpus before its topics are believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topics.config import EmbedSettings
    from topics.types import Corpus


def all_notes(corpus: Corpus, settings: EmbedSettings) -> tuple[str, ...]:
    """What reading and cleaning had to say, and `corpus_notes`."""
    return (*corpus.notes, *corpus_notes(corpus, settings))


def corpus_notes(corpus: Corpus, settings: EmbedSettings) -> tuple[str, ...]:
    """Sentences on papers that are few, or in a language that the encoder does not read, and on what divides
    text into words but is not installed; each with the way out.
    """
    from collections import Counter

    from topics.cluster.cluster import UNTESTED_BELOW
    from topics.corpus.screen import main_language, read_languages
    from topics.corpus.segment import undivided
    from topics.embed.embed import unread_languages
    from topics.embed.encoder import kind_of
    from topics.types import counted

    spoken = Counter(code for code in read_languages(corpus.languages, corpus.texts) if code)
    notes = []
    if len(corpus) < UNTESTED_BELOW:
        notes.append(
            f"{counted(len(corpus), 'paper')} are too few to tell their groups from chance: read the papers "
            "of a topic before you rely on it"
            + (
                "; embed.encoder minilm finds more in so few than lsa does"
                if kind_of(settings).name == "lsa" and main_language(corpus.languages) == "en"
                else ""
            )
        )
    notes += unread_languages(corpus.languages, corpus.texts, settings)
    for code, name, how in (("ja", "Japanese", "roughly, by their scripts"), ("th", "Thai", "not at all")):
        package = undivided(code) if spoken[code] else ""
        if package:
            notes.append(
                f"{counted(spoken[code], 'paper')} in {name} can be divided into words {how}: "
                f"`pip install '{package}'` for keywords and labels of whole words"
            )
    return tuple(notes)
