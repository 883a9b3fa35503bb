"""How much of each topic a paper is: one rule for the papers of the run and for papers that come later.

The softmax of a paper's cosines says how much nearer its topic is than the others, not how often the paper is
there when papers are grouped again. So the rule learns that from the run's regroupings. Each group there
counts as the topic that most of its papers have. How often papers are in their nearest topic is read as a
curve over the softmax of that topic: isotonic regression (Zadrozny and Elkan 2002), its blocks joined by
straight lines between their centres (Oron and Flournoy 2017). The rest is divided among the other topics by a
softmax of its own temperature (Guo et al. 2017), the one of the least Brier score. Shares add up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topics.cluster.assign import blocks, similarities
from topics.cluster.recovery import found_again
from topics.types import (
    OUTLIER,
    Clustering,
    Doubles,
    Embeddings,
    Floats,
    Integers,
    Mask,
    Memberships,
    Regroupings,
    ShareRule,
)

LEAST = 0.05
"""Smaller shares are not listed, but for those of a paper's first two topics."""

POINTS = 25
"""Fewest papers that a point of the calibration curve is the mean of."""

TEMPERATURES = tuple(2 ** (step / 4) for step in range(-16, 9))
"""Temperatures that are tried for the topics after the nearest one, as multiples of that of the nearest."""


def shares(vectors: Floats, directions: Floats, rule: ShareRule) -> Doubles:
    """(n, k) shares of all topics, which add up to 1; no share is above the nearest topic's.

    vectors: (n, d) and directions: (k, d) unit rows, of as many papers as memory holds at a time.
    """
    return shares_of(similarities(vectors, directions), rule)


def likeliest(vectors: Floats, directions: Floats, rule: ShareRule, places: int) -> tuple[Integers, Floats]:
    """The topics of each paper's largest shares and these shares, the nearest topic first.

    Returns (n, places) int32 and (n, places) float32; a place beyond the number of topics holds -1 and 0.
    """
    n, topics = len(vectors), len(directions)
    chosen = np.full((n, places), OUTLIER, np.int32)
    found = np.zeros((n, places), np.float32)
    for block, cosines in blocks(vectors, directions):
        own = shares_of(cosines, rule)
        for place in range(min(places, topics)):
            nearest = cosines.argmax(axis=1)
            chosen[block, place] = nearest
            found[block, place] = own[np.arange(len(own)), nearest]
            cosines[np.arange(len(own)), nearest] = -np.inf
    return chosen, found


def learn_memberships(embeddings: Embeddings, clustering: Clustering, repeated: Regroupings) -> Memberships:
    """The shares of the run's papers, by a rule that is learned from all regroupings.

    Its reliability is that of rules learned from all but one of them, looked up in that one.
    """
    cosines, seen = [], []
    for rows, groups in repeated:
        cosines.append(similarities(embeddings.vectors[rows], clustering.directions))
        seen.append(found_again(clustering, rows, groups))
    lessons = [
        _Lesson.of(one, topics, clustering.temperature) for one, topics in zip(cosines, seen, strict=True)
    ]
    rule = _taught(lessons, clustering.n_topics, clustering.temperature)
    tested = []
    for at in range(len(repeated) if len(repeated) > 1 else 0):
        others = [*lessons[:at], *lessons[at + 1 :]]
        without = _taught(others, clustering.n_topics, clustering.temperature)
        tested.append((shares_of(cosines[at], without), seen[at]))
    return applied(embeddings, clustering, rule, reliability(tested))


def applied(
    embeddings: Embeddings,
    clustering: Clustering,
    rule: ShareRule,
    tested: tuple[tuple[int, float, float], ...] = (),
) -> Memberships:
    """The shares of the run's papers by a rule. tested: as in `Memberships.reliability`."""
    many, topics, listed = np.zeros(len(clustering), np.int64), [], []
    for block, cosines in blocks(embeddings.vectors, clustering.directions):
        own = shares_of(cosines, rule)
        # The nearest topic comes first, also where an edit says another one than the rule.
        rank = own.copy()
        rank[np.arange(len(own)), clustering.nearest_topic[block]] = 2.0
        order = np.argsort(-rank, axis=1, kind="stable")
        ranked = np.take_along_axis(own, order, axis=1)
        shown = ranked >= LEAST
        shown[:, :2] = True
        many[block] = shown.sum(axis=1)
        topics.append(order[shown])
        listed.append(ranked[shown])
    return Memberships(
        temperature=rule.temperature,
        others=rule.others,
        knots=tuple((said, seen) for said, seen in rule.knots.tolist()),
        starts=np.concatenate([[0], np.cumsum(many)]),
        topics=np.concatenate(topics),
        shares=np.concatenate(listed),
        reliability=tested,
    )


def learned(cosines: list[Doubles], seen: list[Integers], temperature: float) -> ShareRule:
    """The rule that regroupings teach. cosines: (m, k) of each; seen: (m,) the papers' topics there."""
    lessons = [_Lesson.of(one, topics, temperature) for one, topics in zip(cosines, seen, strict=True)]
    return _taught(lessons, cosines[0].shape[1], temperature)


@dataclass(frozen=True)
class _Lesson:
    """What a regrouping says about the rule, of each of its m papers. Rules are learned from many choices of
    regroupings; so what is the same in all of them is computed once.

    softmax: (m,) of the nearest topic; hit: (m,) whether the paper was seen there.
    largest, chance, squares: (t, m) at each of `TEMPERATURES`, of the softmax of the other topics: the
        largest, that of the topic where the paper was seen, and the sum of all squares.
    """

    softmax: Doubles
    hit: Mask
    largest: Doubles
    chance: Doubles
    squares: Doubles

    @classmethod
    def of(cls, cosines: Doubles, seen: Integers, temperature: float) -> _Lesson:
        every, top = np.arange(len(cosines)), cosines.argmax(axis=1)
        softmax = _softmax(cosines, temperature)[every, top]
        rest = cosines.copy()
        rest[every, top] = -np.inf
        largest, chance, squares = np.zeros((3, len(TEMPERATURES), len(cosines)))
        for number, part in enumerate(TEMPERATURES if cosines.shape[1] > 1 else ()):
            odds = _softmax(rest, temperature * part)
            largest[number], chance[number] = odds.max(axis=1), odds[every, seen]
            squares[number] = np.einsum("ij,ij->i", odds, odds)
        return cls(softmax, seen == top, largest, chance, squares)


def _taught(lessons: list[_Lesson], topics: int, temperature: float) -> ShareRule:
    """The rule that several regroupings teach."""
    if topics == 1:
        return ShareRule.plain(temperature)
    softmax = np.concatenate([lesson.softmax for lesson in lessons])
    hit = np.concatenate([lesson.hit for lesson in lessons])
    # A paper that is as near to every topic has as much of each, whatever four digits make of that.
    part = 1e4 / topics
    evenly = np.array([[np.ceil(part), np.floor(part)]]) / 1e4
    knots = np.maximum.accumulate(np.concatenate([evenly, _curve(softmax, hit)]))
    told = np.interp(softmax, knots[:, 0], knots[:, 1])

    def brier(number: int) -> float:
        largest, chance, squares = (
            np.concatenate([getattr(lesson, name)[number] for lesson in lessons])
            for name in ("largest", "chance", "squares")
        )
        first = np.maximum(told, largest / (1 + largest))
        others = 1 - first
        seen = np.where(hit, first, others * chance)
        return round(float((first**2 + others**2 * squares - 2 * seen + 1).mean()), 9)

    best = min(range(len(TEMPERATURES)), key=brier)
    return ShareRule(temperature, temperature * TEMPERATURES[best], knots)


def reliability(tested: list[tuple[Doubles, Integers]]) -> tuple[tuple[int, float, float], ...]:
    """Of each tenth of shares: pairs of paper and topic, their mean share, how many of them were seen.

    tested: (m, k) shares and (m,) topics that were seen, of each regrouping.
    """
    if not tested:
        return ()
    said = np.concatenate([own.ravel() for own, _ in tested])
    seen = np.concatenate([(np.arange(own.shape[1]) == topic[:, None]).ravel() for own, topic in tested])
    tenth = np.minimum((said * 10).astype(np.int64), 9)
    pairs = np.bincount(tenth, minlength=10)
    sums = [np.bincount(tenth, values, minlength=10) for values in (said, seen.astype(np.float64))]
    return tuple(
        (int(many), float(share / many), float(found / many))
        for many, share, found in zip(pairs, *sums, strict=True)
        if many
    )


def shares_of(cosines: Doubles, rule: ShareRule) -> Doubles:
    if cosines.shape[1] == 1:
        return np.ones((len(cosines), 1))
    every, top = np.arange(len(cosines)), cosines.argmax(axis=1)
    first = np.interp(_softmax(cosines, rule.temperature)[every, top], rule.knots[:, 0], rule.knots[:, 1])
    rest = cosines.copy()
    rest[every, top] = -np.inf
    found: Doubles = _softmax(rest, rule.others)
    # The nearest topic has no smaller share than the second.
    second = found.max(axis=1)
    first = np.maximum(first, second / (1 + second))
    found = np.minimum(found * (1 - first)[:, None], first[:, None])
    found[every, top] = first
    return found


def _curve(softmax: Doubles, hit: Mask) -> Doubles:
    """(c, 2) ascending: the softmax of the nearest topic, and how often it was found again."""
    from sklearn.isotonic import IsotonicRegression

    # Last bits, which differ between processors, shall decide on nothing.
    softmax = np.round(softmax, 6)
    parts = np.array_split(np.argsort(softmax, kind="stable"), max(1, len(softmax) // POINTS))
    size = np.array([len(part) for part in parts])
    said = np.array([softmax[part].mean() for part in parts])
    hits = np.array([hit[part].sum() for part in parts])
    level = IsotonicRegression().fit_transform(said, hits / size, sample_weight=size)
    block = np.concatenate([[0], np.cumsum(np.diff(level) > 0)])
    sizes = np.bincount(block, size)
    middle = np.bincount(block, size * said) / sizes
    # By the rule of succession (Laplace), so that a few papers found every time are not a certainty.
    again = np.maximum.accumulate((np.bincount(block, hits) + 1) / (sizes + 2))
    curve: Doubles = np.round(np.column_stack([middle, again]), 4)
    return curve


def _softmax(cosines: Doubles, temperature: float) -> Doubles:
    likely: Doubles = np.exp((cosines - cosines.max(axis=1, keepdims=True)) / temperature)
    likely /= likely.sum(axis=1, keepdims=True)
    return likely
