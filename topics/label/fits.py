"""How much of its topic a name fits, by words and by an encoder that did not choose it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from topics.corpus.screen import main_language
from topics.embed.lsa import fit_lsa, is_lsa
from topics.errors import CorpusError, ModelError
from topics.label.coverage import Sample, are_near
from topics.types import Clustering, Corpus, Counts, Embeddings, Floats, LabelFit, Longs

TITLE = 32
"""Tokens of a title that minilm reads as a judge."""


@dataclass(frozen=True)
class Judge:
    """An encoder that says which papers a label fits. papers: (m, d) unit rows, those of a `Sample`."""

    papers: Floats
    encode: Callable[[Sequence[str]], Floats]

    @classmethod
    def other_than(cls, corpus: Corpus, rows: Longs, chooser: str) -> Judge | None:
        """One that is not the chooser: `lsa`, learned from these papers; where that chose, minilm by titles,
        where these are English and its weights are here.

        rows: (m,) of the sampled papers; chooser: the name of the encoder of the run's vectors. None where
        there is no other encoder: the papers share no word that `lsa` could learn from, or it chose.
        """
        if is_lsa(chooser):
            from topics.embed.minilm import load_minilm

            if main_language(corpus.languages) != "en":
                return None
            try:
                model = load_minilm(max_tokens=TITLE)
            except ModelError:
                return None
            titles = [corpus.titles[row] or corpus.texts[row] for row in rows.tolist()]
            return cls(model.encode(titles), model.encode)
        texts = [corpus.texts[row] for row in rows.tolist()]
        try:
            lsa = fit_lsa(texts)
        except CorpusError:
            return None
        return cls(lsa.encode(texts), lsa.encode)


def fits(
    sample: Sample, judge: Judge | None, names: Sequence[Sequence[str]]
) -> tuple[tuple[LabelFit, ...], ...]:
    """How much of each topic the names that it has or could have fit. names: for each topic."""
    every = sorted({name for own in names for name in own})
    have = {name: sample.have(name) for name in every}
    places = dict(zip(every, judge.encode(every), strict=True)) if judge and every else {}
    found: list[tuple[LabelFit, ...]] = []
    for topic, own in enumerate(names):
        if not own:
            found.append(())
            continue
        inside = sample.topic == topic
        words = np.column_stack([have[name] for name in own])
        if judge:
            closeness = (judge.papers @ np.array([places[name] for name in own]).T).astype(np.float64)
            near = are_near(closeness, words, sample.topic, topic)
        else:
            near = np.zeros(words.shape, bool)
        found.append(
            tuple(
                LabelFit(
                    name,
                    float((has | by)[inside].mean()),
                    float(has[inside].mean()),
                    float(by[inside].mean()),
                )
                for name, has, by in zip(own, words.T, near.T, strict=True)
            )
        )
    return tuple(found)


def fits_of_labels(
    corpus: Corpus,
    embeddings: Embeddings,
    clustering: Clustering,
    counts: Counts,
    labels: Sequence[str],
    chooser: str,
) -> tuple[LabelFit, ...]:
    """How much of each topic its label fits. labels: one for each topic. chooser: see `Judge.other_than`."""
    sample = Sample.of(counts, clustering.topic, embeddings.order)
    judge = Judge.other_than(corpus, sample.rows, chooser)
    return tuple(fit for (fit,) in fits(sample, judge, [[label] for label in labels]))
