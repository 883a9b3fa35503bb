"""What the figures of a run mean, and what to cite, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from topics.about import __version__
from topics.cluster.methods import methods as grouping_methods
from topics.cluster.neighbours import FITTED
from topics.config import Config
from topics.embed.encoder import kinds
from topics.types import Memberships, Quality


@dataclass(frozen=True)
class Figure:
    """One measure of a run: its name, its value as shown, what it says here, what it is."""

    name: str
    value: str
    says: str
    meaning: str


def figures(quality: Quality) -> tuple[Figure, ...]:
    """The quality of a run, for readers who do not know the measures."""
    stability = quality.stability
    firm, shaky = int((stability >= 0.75).sum()), int((stability < 0.5).sum())
    return (
        Figure(
            "Agreement",
            f"{quality.agreement:.2f}",
            _graded(
                quality.agreement,
                (0.8, "Repetitions find nearly the same topics."),
                (0.6, "Repetitions find mostly the same topics."),
                (0.4, "Repetitions agree in part: read the topics as one of several possible views."),
                (-1.0, "Repetitions hardly agree: do not rest a claim on these topics."),
            ),
            "The grouping was repeated with other seeds on parts of the papers, and each repetition compared "
            "with this one by adjusted mutual information: 1 is the same grouping, 0 as alike as by chance.",
        ),
        Figure(
            "Stability of topics",
            f"{quality.means['stability']:.2f}",
            f"{_of(firm, len(stability))} found again well (0.75 or more), {_of(shaky, len(stability))} "
            "shaky (less than 0.5).",
            "How much of a topic comes back as one in those repetitions, from 0 to 1; above is the mean, "
            "and each topic's own value is listed with it.",
        ),
        Figure(
            "Coherence of keywords",
            f"{quality.means['coherence']:.2f}",
            _graded(
                quality.means["coherence"],
                (0.3, "Keywords of a topic usually occur in the same abstracts."),
                (0.1, "Keywords of a topic occur together more often than by chance."),
                (-1.0, "Keywords of a topic seldom occur together; look at the papers instead."),
            ),
            "Normalised pointwise mutual information of a topic's keywords in these abstracts: 1 always "
            "together, 0 as by chance, -1 never.",
        ),
        Figure(
            "Diversity of keywords",
            f"{quality.diversity:.2f}",
            _graded(
                quality.diversity,
                (0.9, "Topics hardly share keywords."),
                (0.7, "Topics share some keywords."),
                (-1.0, "Topics share many keywords: they may be parts of one."),
            ),
            "The share of different words among the keywords of all topics.",
        ),
        Figure(
            "Outside any topic",
            f"{quality.outlier_share:.0%}",
            "These papers lie far from all others; tables name the nearest topic, counts leave them out.",
            "The share of papers whose neighbours lie much farther than those of other papers.",
        ),
    )


def calibration(members: Memberships) -> tuple[Figure, ...]:
    """How far a paper's shares of topics hold; nothing where they were not learned from repetitions."""
    if not members.reliability:
        return ()
    between = int(members.between.sum())
    return (
        Figure(
            "Error of probabilities",
            f"{members.calibration_error:.2f}",
            f"{between:,} of {len(members):,} papers lie between two topics; their second topic is in the "
            "tables.",
            "How far the probability that a paper has for a topic is from how often it was in that topic in "
            "repetitions which the probabilities were not learned from; the mean.",
        ),
    )


def _graded(value: float, *steps: tuple[float, str]) -> str:
    return next(text for least, text in steps if value >= least)


def _of(count: int, total: int) -> str:
    return f"{count} of {total} {'is' if count == 1 else 'are'}"


# How many words of the user a sentence lists; all of them stand among the settings.
_NAMED = 12


def methods(config: Config, encoder: str, papers: int, topics: int, history: tuple[str, ...] = ()) -> str:
    """A sentence or two for the methods section of a paper. history: as in `Findings`."""
    since = f" The topics found were changed since: {'; '.join(history)}." if history else ""
    what = f"{topics} topics {'are' if history else 'were found'} in the titles and abstracts of"
    how = f"{', found' if history else ''} with paper-topics {__version__}"
    groups = grouping_methods()[config.cluster.method].description
    told = [*_shortcuts(papers), *_interventions(config)]
    return (
        f"{what} {papers:,} papers{how} (random_state {config.random_state}).{since} "
        f"Texts were embedded with {vectors_in_words(encoder)}, grouped by {groups}, described by c-TF-IDF "
        f"through BERTopic and laid out by UMAP{''.join(f'; {text}' for text in told)}."
    )


def vectors_in_words(encoder: str) -> str:
    """The name of a run's encoder as a sentence has it; one that joins two says how."""
    model, _, words = encoder.partition(", beside ")
    weight, _, second = words.partition(" of ")
    joined = (
        f"{model}, each vector followed by one of {second} at {weight} of its length" if second else model
    )
    return re.sub(r"\b\d{4,}(?= (terms|dimensions)\b)", lambda found: f"{int(found[0]):,}", joined)


def _shortcuts(papers: int) -> list[str]:
    """What was done with a part of so many papers only."""
    if papers <= FITTED:
        return []
    return [
        f"map and groups were computed on a sample of {FITTED:,} papers, and every other paper was placed by "
        "its nearest papers in that sample"
    ]


def _interventions(config: Config) -> list[str]:
    """What the user decided and readers of the result must know."""
    said, guide, number = [], config.guide, config.cluster.n_topics
    if number != "auto":
        said.append(f"the number of topics was set to {number}")
    if guide.topics:
        named = _some(tuple(topic.name for topic in guide.topics))
        said.append(f"topics were asked for by name (guide.topics): {named}")
    if guide.taxonomy:
        said.append("topics of a taxonomy were looked for by name (guide.taxonomy)")
    if guide.mode == "zero_shot" and (guide.topics or guide.taxonomy):
        said.append("no other topics were looked for")
    if config.label.llm.model:
        said.append(f"labels were worded by the language model {config.label.llm.model}")
    if config.label.stop_words:
        words = _some(config.label.stop_words)
        said.append(f"stop words were set besides the built-in ones (label.stop_words): {words}")
    return said


def _some(names: tuple[str, ...]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


_BERTOPIC = (
    "Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF procedure.",
    "https://arxiv.org/abs/2203.05794",
)
_UMAP = (
    "McInnes, L., Healy, J. and Melville, J. (2018). UMAP: Uniform Manifold Approximation and Projection for "
    "Dimension Reduction.",
    "https://arxiv.org/abs/1802.03426",
)


def references(encoder: str, method: str) -> tuple[tuple[str, str], ...]:
    """Works whose methods this run rests on: how to cite each, and its address or "".

    encoder: the name of the run's; one that joins two names both.
    """
    name = encoder.casefold()
    named = [kind for kind in kinds().values() if kind.mark and kind.mark in name]
    vectors = [
        work for kind in sorted(named, key=lambda kind: name.index(kind.mark)) for work in kind.references
    ]
    return (_BERTOPIC, _UMAP, *grouping_methods()[method].references, *vectors)
