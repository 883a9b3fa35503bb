"""From paper files to a corpus."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from topics.config import Config
from topics.corpus.build import account_sentence, build_corpus
from topics.corpus.readers import detect, read_files
from topics.errors import CorpusError
from topics.types import MIN_PAPERS, Broken, Corpus, Progress, Record


def read_papers(config: Config, files: list[Path], progress: Progress | None = None) -> Corpus:
    """Read and clean paper files; no cache, no model. progress: told of each record that was read.

    Raises InputError: a file that is missing, unreadable or of no known format.
    """
    return clean_papers(config, read_files(files, config.corpus), progress)


def clean_papers(config: Config, records: Iterator[Record | Broken], progress: Progress | None) -> Corpus:
    """Clean records that were read already. Raises InputError: no paper is left."""

    def watched() -> Iterator[Record | Broken]:
        for record in records:
            yield record
            if progress:
                progress(1)

    return build_corpus(watched(), config.corpus)


def today(config: Config, files: list[Path]) -> str | None:
    """The day that dates without a year are counted back from, where there can be any."""
    readers = {detect(path, config.corpus).name for path in files}
    if config.corpus.reference_date or "listing" not in readers:
        return None
    return datetime.date.today().isoformat()


def require_enough(corpus: Corpus) -> None:
    """Raises CorpusError: there are too few papers for a run."""
    n = len(corpus)
    if n < MIN_PAPERS:
        papers = "1 paper is" if n == 1 else f"{n} papers are"
        raise CorpusError(f"{papers} too few; give at least {MIN_PAPERS} ({account_sentence(corpus)}).")
