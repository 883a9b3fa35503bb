"""Naming topics: which of the papers' own phrases lead a reader back to the right papers.

A label is good when a paper, asked which label is nearest to it, finds its own topic's. The labels of all
topics are chosen together, by climbing the mean log-probability that a paper is led to its own topic's: near
its papers, away from the others' and unlike the other labels all at once. A bonus goes to phrases that many
of the topic's papers carry and few others do, and that read like headings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from topics.label.choice import Choice
from topics.label.coverage import Sample, are_near, joined, words_in
from topics.label.phrases import kinds, words_of
from topics.terms.lexicon import stem
from topics.types import OUTLIER, Counts, Doubles, Embeddings, Encode, Floats, Integers, Longs, Mask
from topics.types.arrays import presence, unit_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

MOST_CANDIDATES, MOST_PHRASES = 40, 4000
"""Candidates per topic, and about how many of a family's topics are placed in the embedding space."""

SMALL = 10
"""Up to this size a topic may be named by a phrase of only one of its papers."""

KEYNESS_WEIGHT, FITNESS_WEIGHT, SHARED_WEIGHT = 1.2, 0.4, 1.5
"""Weights in the score of a phrase as a label, whose other part is the papers' mean log-probability
(`Choice`): of the logarithm of its keyness, of the logarithm of its fitness, and of the square of the share
of the topic's papers that have it."""

NARROW = 0.6
"""A phrase that fits a smaller share of the topic's papers (`_shares`), or whose words only one of them has,
is narrow: another one is looked for, to replace it or to be joined with it."""

COVERAGE_WEIGHT, LEAST_SHARE = 0.3, 0.05
"""The weight in a phrase's score of the logarithm of the share of the topic's papers that it fits; and the
share that a smaller one counts as."""

ALLOWED_LOSS, LEAST_GAIN = 0.55, 0.12
"""Of a phrase that replaces a narrow one or is joined with it: by how much its score may be lower, in
log-probability; and by how much the share of papers that the label fits (`_shares`) must grow."""

SELDOM, ALLOWED_LOSS_OF_SELDOM = 0.03, 0.9
"""Where no such phrase is found, one may be joined whose words at most this share of the other topics' papers
have; and by how much its score may be lower."""

JOINED_FITNESS, JOINED_PAPERS = 0.2, 3
"""Least fitness of a phrase that is joined with another; and how many of the topic's papers have its
words."""

OTHERS = 3
"""Further names that are kept with a topic."""

LEAST_FITNESS = 0.1
HALF_AS_USUAL = 0.5
MOST_CREDIT = 0.4
"""How much a paper may count for a phrase of which it has all words, but not side by side."""

LEAST_LIFT, LEAST_LIFT_OF_A_WORD = 2.0, 4.0
"""How many times commoner than elsewhere a phrase, or a single word, must be in the topic it names."""

MOST_ELSEWHERE = 0.25
"""Largest share of the other papers that may carry it: what a quarter of a corpus says is its language."""


def choose_labels(
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    fitness: Doubles,
    encode: Encode | None,
    names: Sequence[str] = (),
    families: Longs | None = None,
) -> tuple[str | None, ...]:
    """One label per topic, no two of the same words; None for a topic whose papers share no usable phrase.

    groups: (n,) the topic of each paper, from 0 to k - 1, -1 for papers in none.
    fitness: (v,) in [0, 1], how fit a term is to be a label at all (see `topics.label.phrases`).
    encode: phrases to vectors in the space of the embeddings; without it a phrase is placed at the mean of
        the papers that carry it.
    names: labels that are settled, "" for topics that need one; the others keep clear of them.
    families: (k,) which topics are told apart from each other only, from 0 on; all of them by default.
    """
    pool = _Pool.of(counts, groups, embeddings, fitness, encode, names, families)
    picked = _told_apart(pool, pool.bonus, groups, embeddings)
    return tuple(None if place is None else pool.phrases[place] for place in picked)


@dataclass(frozen=True)
class _Pool:
    """The phrases that topics may be named by.

    phrases: (c,) first those of the papers, then the settled labels. places: (c, d) unit rows; kind: (c,),
    see `kinds`; fitness: (c,), see `choose_labels`. candidates: for each of k topics rows of the papers'
    phrases; bonus: what each is worth besides being near. families: (k,); settled: the rows of the settled
    labels, by topic.
    """

    phrases: list[str]
    places: Doubles
    kind: Longs
    fitness: Doubles
    candidates: list[Longs]
    bonus: list[Doubles]
    families: Longs
    settled: dict[int, int]

    @classmethod
    def of(
        cls,
        counts: Counts,
        groups: Integers,
        embeddings: Embeddings,
        fitness: Doubles,
        encode: Encode | None,
        names: Sequence[str],
        families: Longs | None,
    ) -> _Pool:
        have = presence(counts.matrix).astype(np.float64)
        many = int(groups.max()) + 1
        families = np.zeros(many, np.int64) if families is None else families
        most = int(np.clip(MOST_PHRASES / np.bincount(families).max(), 12, MOST_CANDIDATES))
        settled = {topic: name for topic, name in enumerate(names) if name}
        kind, words = kinds((*counts.terms, *settled.values())), words_of(counts.terms)
        fitness = fitness * _usual(have, kind[: len(counts.terms)])
        ranked = [
            _candidates(*row, fitness, most)
            for row in _bonuses(have, kind[: len(counts.terms)], words, groups)
        ]
        short = np.unique(np.concatenate([columns for columns, _ in ranked]))
        phrases = [*(counts.terms[column] for column in short), *settled.values()]
        candidates = [np.searchsorted(short, columns) for columns, _ in ranked]
        bonus = [bonus for _, bonus in ranked]
        if not phrases:
            places = np.zeros((0, embeddings.vectors.shape[1]))
        elif encode:
            places = encode(phrases).astype(np.float64)
        else:
            means = [embeddings.vectors[groups == topic].mean(axis=0) for topic in settled]
            places = np.vstack([have[:, short].T @ embeddings.vectors, *means])
        kind_of = np.concatenate([kind[short], kind[len(counts.terms) :]])
        rows = {topic: place for place, topic in enumerate(settled, start=len(short))}
        fitnesses = np.concatenate([fitness[short], np.ones(len(settled))])
        return cls(
            phrases, unit_rows(places, np.float64), kind_of, fitnesses, candidates, bonus, families, rows
        )


def _told_apart(
    pool: _Pool, bonus: Sequence[Doubles], groups: Integers, embeddings: Embeddings
) -> list[int | None]:
    """(k,) the phrase of each topic, chosen family by family; no two of one kind."""
    candidates, bonus, kind = list(pool.candidates), list(bonus), pool.kind
    for topic, settled in pool.settled.items():
        candidates[topic], bonus[topic] = np.array([settled]), np.array([np.inf])
    picked: list[int | None] = [None] * len(candidates)
    for family in range(int(pool.families.max()) + 1):
        own = np.flatnonzero(pool.families == family).tolist()
        number = np.full(len(candidates) + 1, OUTLIER, np.int32)
        number[own] = np.arange(len(own))
        taken = [kind[place] for place in picked if place is not None]
        free = [~np.isin(kind[candidates[topic]], taken) for topic in own]
        found = Choice.of(pool.places, number[groups], embeddings).climb(
            [candidates[topic][left] for topic, left in zip(own, free, strict=True)],
            [bonus[topic][left] for topic, left in zip(own, free, strict=True)],
            kind,
        )
        for topic, place in zip(own, found, strict=True):
            picked[topic] = place
    return picked


def choose_covering(
    counts: Counts,
    groups: Integers,
    embeddings: Embeddings,
    fitness: Doubles,
    encode: Encode | None,
    names: Sequence[str],
    sample: Sample,
    link: str = " and ",
) -> tuple[tuple[str | None, ...], tuple[tuple[str, ...], ...]]:
    """Labels as `choose_labels` gives them, but such that fit most of their topic's papers; and for each
    topic up to `OTHERS` further names that it could have.

    A narrow phrase gives way to a broader one, or is joined with a second one. Either must be nearly as good
    a label by itself, so that neither a stray of a few papers nor a word of the whole field comes in. Where
    there is none, the second one may be less good if other topics hardly use its words; else the narrow
    phrase stays.

    sample: the papers that are asked which phrases fit them, by their words and by the encoder that chooses.
    link: what joins two names (`topics.label.coverage.link_of`).
    """
    pool = _Pool.of(counts, groups, embeddings, fitness, encode, names, None)
    fits, elsewhere = _fitting(pool, sample, embeddings.vectors[sample.rows])
    bonus = [own + _worth(fitting) for own, fitting in zip(pool.bonus, fits, strict=True)]
    picked = _told_apart(pool, bonus, groups, embeddings)
    choice = Choice.of(pool.places, groups, embeddings)
    odds = choice.odds(picked)
    options = [_singles(pool, topic, *own) for topic, own in enumerate(zip(fits, bonus, strict=True))]
    broader: list[list[_NameOption]] = [[] for _ in picked]
    places = [pool.places]
    for topic, place in enumerate(picked):
        if place is None or topic in pool.settled:
            continue
        columns = pool.candidates[topic]
        first = int(np.flatnonzero(columns == place)[0])
        shares, said = _shares(fits[topic]), fits[topic][0].sum(axis=0)
        if shares[first] < NARROW or said[first] < 2:
            value = choice.gain(topic, columns, odds.copy()) + bonus[topic]
            best = value[first]
            near, seldom = value >= best - ALLOWED_LOSS, elsewhere[topic] <= SELDOM
            if said[first] < 2:
                free = ~np.isin(pool.kind[columns], pool.kind[[one for one in picked if one is not None]])
                own = _says(pool.phrases[place])
                inside = [_says(pool.phrases[column]) <= own for column in columns.tolist()]
                better = near & free & inside & (said >= 2) & (shares >= shares[first])
                first = _best(first, better, value)
                picked[topic] = int(columns[first])
                odds[:, topic] = np.exp(choice.scores(picked[topic]))
            least = max(NARROW, shares[first] + LEAST_GAIN)
            broader[topic] = [options[topic][at] for at in np.flatnonzero(near & (shares >= least))]
            start = sum(map(len, places))
            for good in (near, seldom & (value >= best - ALLOWED_LOSS_OF_SELDOM)):
                seconds = np.flatnonzero(good).tolist()
                pairs, where = _pairs(
                    pool, topic, first, seconds, fitting=fits[topic], start=start, link=link
                )
                if broader[topic] or pairs:
                    break
            common = [options[topic][at] for at in np.flatnonzero(near & seldom & (shares >= least))]
            broader[topic] += [pair for pair in pairs if not _says_more(pool, pair, common)]
            options[topic] += pairs
            places.append(where)
    chosen, others = _widened(
        replace(choice, phrases=np.concatenate(places)),
        options,
        broader,
        [_chosen(pool, *pick, options) for pick in enumerate(picked)],
        pool.kind,
    )
    return (
        tuple(None if one is None else one.label for one in chosen),
        tuple(tuple(one.label for one in own) for own in others),
    )


def _best(first: int, others: Mask, value: Doubles) -> int:
    """The one of the others that is worth most, in place of the first; the first if there is none."""
    places = np.flatnonzero(others)
    return int(places[np.argmax(np.round(value[places], 9))]) if len(places) else first


def _says_more(pool: _Pool, pair: _NameOption, singles: Sequence[_NameOption]) -> bool:
    """Whether one of these names is what both parts of a pair have in common, and fits as many papers:
    "discourse", and not "discourse parsing and level".
    """
    one, two = (_says(pool.phrases[part]) for part in pair.parts)
    return any(_says(single.label) <= one & two and single.share >= pair.share for single in singles)


def _says(name: str) -> frozenset[str]:
    return frozenset(map(stem, words_in(name)))


def _chosen(
    pool: _Pool, topic: int, place: int | None, options: Sequence[Sequence[_NameOption]]
) -> _NameOption | None:
    if place is None:
        return None
    if topic in pool.settled:
        return _NameOption(pool.phrases[place], place, (place,), 1.0, np.inf)
    return next(one for one in options[topic] if one.place == place)


def _fitting(pool: _Pool, sample: Sample, vectors: Floats) -> tuple[list[Mask], list[Doubles]]:
    """For each topic (2, m, c) which of its sampled papers its candidates fit, by words and by any rule; and
    (c,) the share of the other topics' papers that have their words.
    """
    known: dict[int, Mask] = {}
    found, elsewhere = [], []
    for topic, candidates in enumerate(pool.candidates):
        if not len(candidates):
            found.append(np.zeros((2, 1, 0), bool))
            elsewhere.append(np.zeros(0))
            continue
        for place in candidates.tolist():
            if place not in known:
                known[place] = sample.have(pool.phrases[place])
        have = np.column_stack([known[place] for place in candidates.tolist()])
        near = are_near(vectors @ pool.places[candidates].T, have, sample.topic, topic)
        own = sample.topic == topic
        found.append(np.stack([have[own], (have | near)[own]]))
        elsewhere.append(have[~own].sum(axis=0) / max(1, int((~own).sum())))
    return found, elsewhere


def _shares(fitting: Mask) -> Doubles:
    """(c,) how much of a topic c phrases fit: the mean of the shares by words and by either.

    fitting: (2, m, c) which papers of the topic they fit, by words and by either.
    The encoder that chooses is no judge of its own choice, so words count twice.
    """
    shares: Doubles = fitting.mean(axis=(0, 1))
    return shares


def _worth(fitting: Mask) -> Doubles:
    """What it is worth that a phrase fits its topic's papers. fitting: (2, m, c)."""
    worth: Doubles = COVERAGE_WEIGHT * np.log(np.maximum(_shares(fitting), LEAST_SHARE))
    return worth


@dataclass(frozen=True)
class _NameOption:
    """A name that a topic could have. place: its row among all phrases; parts: rows of the phrases that it
    joins, or its own; share: of the topic's papers that it fits; bonus: what it is worth besides being near.
    """

    label: str
    place: int
    parts: tuple[int, ...]
    share: float
    bonus: float


def _singles(pool: _Pool, topic: int, fitting: Mask, bonus: Doubles) -> list[_NameOption]:
    return [
        _NameOption(pool.phrases[place], place, (place,), share, worth)
        for place, share, worth in zip(
            pool.candidates[topic].tolist(), _shares(fitting).tolist(), bonus.tolist(), strict=True
        )
    ]


def _pairs(
    pool: _Pool, topic: int, first: int, good: Sequence[int], *, fitting: Mask, start: int, link: str
) -> tuple[list[_NameOption], Doubles]:
    """Names of a narrow phrase and a second one that fits other papers, and (p, d) unit rows, where they lie.

    first, good: places among the topic's candidates, of the narrow phrase and of those good enough.
    start: the row that the first name gets.
    """
    columns, bonus = pool.candidates[topic], pool.bonus[topic]
    phrases = [pool.phrases[column] for column in columns.tolist()]
    found: list[_NameOption] = []
    # "Goals of care and pain" could be read in two ways.
    plain = [at for at in good if " of " not in f"{phrases[first]} {phrases[at]}"]
    named = (pool.fitness[columns] >= JOINED_FITNESS) & (fitting[0].sum(axis=0) >= JOINED_PAPERS)
    for second in plain:
        label = joined(phrases[first], phrases[second], link) if named[second] else None
        both = fitting[:, :, [first]] | fitting[:, :, [second]]
        share = float(_shares(both)[0])
        if label is not None and share >= _shares(fitting[:, :, [first]])[0] + LEAST_GAIN:
            worth = float(min(bonus[first], bonus[second]) + _worth(both)[0])
            parts = int(columns[first]), int(columns[second])
            found.append(_NameOption(label, start + len(found), parts, share, worth))
    where = np.array([pool.places[list(one.parts)].sum(axis=0) for one in found])
    return found, unit_rows(where.reshape(len(found), pool.places.shape[1]), np.float64)


def _widened(
    choice: Choice,
    options: Sequence[Sequence[_NameOption]],
    broader: Sequence[Sequence[_NameOption]],
    picked: Sequence[_NameOption | None],
    kind: Longs,
) -> tuple[list[_NameOption | None], list[list[_NameOption]]]:
    """The picks, narrow ones exchanged for the best of the broader that are free; and what else each topic
    could be called.
    """
    chosen = list(picked)
    odds = choice.odds([one.place if one else None for one in picked])
    for topic, names in enumerate(broader):
        if free := _free(names, topic, chosen, kind):
            chosen[topic] = best = _ranked(choice, topic, free, odds)[0]
            odds[:, topic] = np.exp(choice.scores(best.place))
    others = []
    for topic, pick in enumerate(chosen):
        said = [] if pick is None else [_says(pick.label)]
        kept: list[_NameOption] = []
        for one in _ranked(choice, topic, _free(options[topic], topic, chosen, kind), odds):
            says = _says(one.label)
            if len(kept) < OTHERS and says not in said:
                said.append(says)
                kept.append(one)
        others.append(kept)
    return chosen, others


def _free(
    options: Sequence[_NameOption], topic: int, chosen: Sequence[_NameOption | None], kind: Longs
) -> list[_NameOption]:
    """The options that are no other topic's label, nor have a part which is, or is in, one."""
    rest = [one for other, one in enumerate(chosen) if one and other != topic]
    taken = set(kind[[place for one in rest for place in one.parts]].tolist())
    labels = {one.label.casefold() for one in rest}
    return [
        one
        for one in options
        if taken.isdisjoint(kind[list(one.parts)].tolist()) and one.label.casefold() not in labels
    ]


def _ranked(choice: Choice, topic: int, options: Sequence[_NameOption], odds: Doubles) -> list[_NameOption]:
    places = np.array([one.place for one in options], dtype=np.int64)
    value = choice.gain(topic, places, odds.copy()) + [one.bonus for one in options]
    return [options[at] for at in np.lexsort((places, -np.round(value, 9)))]


def _usual(have: sp.csr_matrix, kind: Longs) -> Mask:
    """(v,) whether a term is how most write those of its kind, or at least half as many as do: "language
    models", and not the "models language" of a sentence.
    """
    papers = np.asarray(have.sum(axis=0)).ravel()
    most = np.zeros(int(kind.max(initial=-1)) + 1)
    np.maximum.at(most, kind, papers)
    usual: Mask = papers >= HALF_AS_USUAL * most[kind]
    return usual


def _bonuses(
    have: sp.csr_matrix, kind: Longs, words: sp.csr_matrix, groups: Integers
) -> Iterator[tuple[Longs, Doubles]]:
    """For each topic the terms that its papers carry more often than the rest, and what that is worth.

    Keyness is the square root of the log-likelihood ratio (Dunning 1993) as a share of the topic's highest;
    a phrase of several words in two papers or more also earns by the square of the share of the topic's
    papers that it is in, less half a paper: a phrase that all of them use is their own name for it.

    Terms of one kind ("human computer interaction", "human-computer interaction") count together. A paper
    that has a phrase's words apart from each other counts in part, the more the smaller the topic: few
    papers share a phrase to the letter.
    """
    import scipy.sparse as sp

    member, n = np.flatnonzero(groups >= 0), len(groups)
    sizes = np.bincount(groups[member])
    ones = np.ones(len(member))
    exact = sp.csr_matrix((ones, (groups[member], member)), shape=(len(sizes), n)) @ have
    everywhere = np.bincount(kind, weights=np.asarray(have.sum(axis=0)).ravel())[kind]
    everywhere = np.minimum(everywhere, n)
    apart = words @ everywhere - everywhere
    single = words.diagonal() == 1.0
    for topic, size in enumerate(sizes.tolist()):
        row = exact[topic]
        columns = row.indices[row.data >= (1 if size <= SMALL else 2)].astype(np.int64)
        dense = np.minimum(np.bincount(kind, weights=row.toarray().ravel())[kind], size)
        credit = min(MOST_CREDIT, 2.0 / size)
        papers = dense[columns] + credit * (words[columns] @ dense - dense[columns])
        total = everywhere[columns] + credit * apart[columns]
        inside, outside = papers / size, (total - papers) / max(n - size, 1)
        lift = np.where(single[columns], LEAST_LIFT_OF_A_WORD, LEAST_LIFT)
        kept = (inside >= lift * outside) & (outside <= MOST_ELSEWHERE)
        ratio = _log_likelihood(papers[kept], total[kept], size, n)
        key = np.sqrt(ratio / max(ratio.max(initial=0.0), 1e-12))
        # Half of the paper that a phrase comes from: what two of three have is hardly a common name yet.
        shared = np.where(single[columns] | (dense[columns] < 2), 0.0, (dense[columns] - 0.5) / size)[kept]
        yield columns[kept], KEYNESS_WEIGHT * np.log(np.maximum(key, 1e-9)) + SHARED_WEIGHT * shared**2


def _log_likelihood(papers: Doubles, everywhere: Doubles, size: int, total: int) -> Doubles:
    """The G statistic of the 2 x 2 table "paper carries the term" by "paper is in the topic"."""
    statistic = np.zeros_like(papers)
    for carrying, within in ((True, True), (True, False), (False, True), (False, False)):
        margin = everywhere if carrying else total - everywhere
        part = size if within else total - size
        inside = papers if carrying else size - papers
        seen = inside if within else margin - inside
        expected = margin * part / total
        statistic += np.where(
            seen > 0, seen * np.log(np.maximum(seen, 1e-12) / np.maximum(expected, 1e-12)), 0.0
        )
    return np.maximum(2.0 * statistic, 0.0)


def _candidates(columns: Longs, bonus: Doubles, fitness: Doubles, most: int) -> tuple[Longs, Doubles]:
    usable = fitness[columns] > LEAST_FITNESS
    columns, bonus = columns[usable], bonus[usable]
    bonus = bonus + FITNESS_WEIGHT * np.log(fitness[columns])
    order = np.sort(np.lexsort((columns, -np.round(bonus, 9)))[:most])
    return columns[order], bonus[order]
