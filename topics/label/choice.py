"""Choosing a phrase for every topic at once, so that papers lie nearest to the phrase of their own topic.

The phrases of all topics are the classes of a softmax over cosines. The choice maximises the mean
log-probability that it gives the papers' own topics, by hill climbing: one topic's phrase changes at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topics.types import Doubles, Embeddings, Integers, Longs
from topics.types.arrays import evenly_spaced, unit_rows

PAPERS_PER_TOPIC = 64
"""A larger topic is represented by this many of its papers, where labels are chosen."""

TEMPERATURE = 0.1
"""Difference of cosines that makes a paper e times as likely to be led to one phrase as to another."""

SWEEPS = 10
"""The climb nearly always ends after three or four."""


@dataclass(frozen=True)
class Choice:
    """phrases: (c, d) unit rows. papers: (m, d) a sample of each topic's papers. topic: (m,) their topics.

    weight: (m,) so that every topic counts alike. centres: (k, d) unit rows.
    """

    phrases: Doubles
    papers: Doubles
    topic: Longs
    weight: Doubles
    centres: Doubles

    @classmethod
    def of(
        cls, phrases: Doubles, groups: Integers, embeddings: Embeddings, papers: int = PAPERS_PER_TOPIC
    ) -> Choice:
        """papers: of a larger topic so many are asked."""
        sample, topics, centres = [], [], []
        for topic in range(int(groups.max()) + 1):
            members = embeddings.order[groups[embeddings.order] == topic]
            centres.append(embeddings.vectors[members].mean(axis=0, dtype=np.float64))
            sample.append(evenly_spaced(members, papers))
            topics.append(np.full(len(sample[-1]), topic))
        sizes = np.array([len(rows) for rows in sample])
        return cls(
            phrases,
            embeddings.vectors[np.concatenate(sample)].astype(np.float64),
            np.concatenate(topics),
            np.repeat(1.0 / sizes, sizes),
            unit_rows(np.array(centres), np.float64),
        )

    def climb(self, candidates: Sequence[Longs], bonus: Sequence[Doubles], kind: Longs) -> list[int | None]:
        """Start from each topic's own best phrase, then change one at a time while that helps.

        candidates: per topic, rows of `phrases`; bonus: what each is worth besides.
        kind: (c,) no two topics may have phrases of one kind.
        """
        near = self.centres @ self.phrases.T / TEMPERATURE
        near -= np.log(np.exp(near - near.max(axis=0)).sum(axis=0)) + near.max(axis=0)
        picked: list[int | None] = [None] * len(candidates)
        for topic in np.argsort([-row.max(initial=-np.inf) for row in bonus], kind="stable"):
            self._pick(picked, topic, candidates[topic], bonus[topic] + near[topic, candidates[topic]], kind)
        odds = self.odds(picked)
        for _ in range(SWEEPS):
            before = list(picked)
            for topic, places in enumerate(candidates):
                own, place = odds[:, topic].copy(), picked[topic]
                gain = bonus[topic] + self.gain(topic, places, odds)
                self._pick(picked, topic, places, gain, kind)
                same = picked[topic] == place
                odds[:, topic] = own if same else np.exp(self.scores(picked[topic]))
            if picked == before:
                break
        return picked

    @staticmethod
    def _pick(picked: list[int | None], topic: int, places: Longs, gain: Doubles, kind: Longs) -> None:
        taken = [kind[place] for other, place in enumerate(picked) if place is not None and other != topic]
        free = ~np.isin(kind[places], taken)
        if free.any():
            picked[topic] = int(places[free][np.argmax(np.round(gain[free], 9))])

    def odds(self, picked: Sequence[int | None]) -> Doubles:
        """(m, k) exponentials of the scores of the topics' phrases: finite, since cosines are at most 1."""
        return np.exp(np.column_stack([self.scores(place) for place in picked]))

    def scores(self, place: int | None) -> Doubles:
        """(m,) how near each paper is to one phrase, in temperatures."""
        if place is None:
            return np.full(len(self.papers), -1.0 / TEMPERATURE)
        scores: Doubles = self.papers @ self.phrases[place] / TEMPERATURE
        return scores

    def gain(self, topic: int, places: Longs, odds: Doubles) -> Doubles:
        """(p,) the mean log-probability of the papers' own phrases if this topic took each of these.

        odds: (m, k) exponentials of the scores of the phrases that are picked now; the topic's are set to 0.
        """
        own = np.log(odds[np.arange(len(odds)), self.topic])
        odds[:, topic] = 0.0
        new = self.papers @ self.phrases[places].T / TEMPERATURE
        # Of all phrases together; finite, as `odds` says, and in a tenth of the time of a sum of logarithms.
        total = np.exp(new)
        total += odds.sum(axis=1, keepdims=True)
        mine = self.topic == topic
        kept = self.weight[~mine] @ own[~mine]
        gain: Doubles = kept + self.weight[mine] @ new[mine] - self.weight @ np.log(total, out=total)
        return gain
