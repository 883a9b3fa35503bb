"""How far a clustering and its keywords can be trusted.

`topics.cluster.stability` asks whether a topic is found again. Coherence is the normalised pointwise mutual
information of its keywords (Bouma 2009) in the papers themselves.
"""

from __future__ import annotations

import numpy as np

from topics.cluster.recovery import DISSOLVED
from topics.cluster.stability import stability
from topics.types import OUTLIER, Clustering, Counts, Doubles, Floats, Quality, Regroupings, Topics, counted
from topics.types.arrays import presence

DOUBTFUL = 0.75
"""From this overlap on a cluster is stable (Hennig 2007); below `DISSOLVED` it is dissolved."""

INCOHERENT, COUNTED = -0.1, 40
"""Coherence below which a topic is doubted, and fewest papers for that: in a topic of fewer, most pairs of
keywords never meet whatever it is about."""

FEWEST_PAPERS = 3
"""A topic of fewer papers is doubted for that alone."""

LARGE = 0.35
"""Share of the papers from which on a topic is doubted where a finer level parts it."""


def assess(clustering: Clustering, counts: Counts, topics: Topics, regroupings: Regroupings) -> Quality:
    """Look how much of the grouping comes back in its repetitions; look up the keywords in the papers."""
    finer = finer_levels(clustering)
    stabilities, agreement = stability(clustering, regroupings)
    words = [[keyword.term for keyword in topic.keywords] for topic in topics.topics]
    coherence = npmi(counts, words)
    return Quality(
        stability=stabilities,
        coherence=coherence,
        agreement=agreement,
        diversity=diversity(words),
        outlier_share=float((clustering.topic == OUTLIER).mean()),
        doubts=tuple(
            _doubt(topic.size, float(stable), float(coherent), topic.size / len(clustering), finer[topic.id])
            for topic, stable, coherent in zip(topics.topics, stabilities, coherence, strict=True)
        ),
    )


def npmi(counts: Counts, words: list[list[str]]) -> Floats:
    """(k,) the mean normalised pointwise mutual information of each topic's pairs of keywords.

    1: they always occur together; 0: as often as chance has it; -1: never. A topic with fewer than two
    keywords that are terms of `counts` has 0.
    """
    place = {term: column for column, term in enumerate(counts.terms)}
    columns = [[place[term] for term in own if term in place] for own in words]
    have = presence(counts.matrix).astype(np.float64).tocsc()
    scores = np.zeros(len(words), np.float32)
    for topic, own in enumerate(columns):
        if len(own) > 1:
            part = have[:, own]
            joint = (part.T @ part).toarray() / counts.matrix.shape[0]
            scores[topic] = _mean_npmi(joint)
    return scores


def _mean_npmi(joint: Doubles) -> float:
    single = np.diag(joint)
    pairs = np.triu_indices(len(joint), 1)
    both, apart = joint[pairs], np.outer(single, single)[pairs]
    some = np.clip(both, 1e-12, 1 - 1e-12)
    value = np.log(some / apart) / -np.log(some)
    return float(np.where(both == 0, -1.0, np.where(both >= 1, 1.0, np.clip(value, -1, 1))).mean())


def diversity(words: list[list[str]]) -> float:
    """The share of distinct terms among all topics' keywords (Dieng et al. 2020)."""
    terms = [term.casefold() for own in words for term in own]
    return len(set(terms)) / len(terms)


def finer_levels(clustering: Clustering) -> list[int]:
    """For each topic of more than `LARGE` of the papers the number of topics of the first level at which none
    of its parts holds as many, or else of the finest level; 0 for other topics, and where there is no finer
    level.
    """
    n, taken = len(clustering), clustering.n_topics
    levels = [level for level in clustering.levels if level.max() >= taken]
    found = [0] * taken
    for topic in np.flatnonzero(clustering.sizes > LARGE * n).tolist() if levels else ():
        members = clustering.topic == topic
        parted = [level for level in levels if np.bincount(level[members]).max() <= LARGE * n]
        found[topic] = int((parted or levels[-1:])[0].max()) + 1
    return found


def _doubt(size: int, stability: float, coherence: float, share: float, finer: int) -> str:
    """One line on why a topic is not to be trusted, or "". The weightiest reason wins.

    share: of the papers; finer: how many topics to look at instead, 0 for none.
    """
    if size < FEWEST_PAPERS:
        return f"rests on {counted(size, 'paper')}"
    if finer:
        return f"holds {share:.0%} of the papers; look at {finer} topics"
    if stability < DISSOLVED:
        return f"repetitions do not find it: it overlaps by {stability:.0%} with what they find"
    if stability < DOUBTFUL:
        return f"repetitions find it only in part: it overlaps by {stability:.0%} with what they find"
    if coherence < INCOHERENT and size >= COUNTED:
        return "its keywords rarely occur in the same paper, so it may be several subjects"
    return ""
