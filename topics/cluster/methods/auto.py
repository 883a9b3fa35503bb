"""What many groupings agree on (`topics.cluster.consensus`)."""

from __future__ import annotations

from topics.cluster.consensus import Level, alternatives, group
from topics.cluster.methods import Method, MethodInput
from topics.types import Progress


def _agreed(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:
    """The levels where `n_topics` is None, the best first; else one level of so many topics.

    A number that is among the levels of the open choice is taken from these, so that asking for a number that
    a run offers gives what it offered. For any other number papers are grouped at numbers around it.
    """
    if n_topics:
        levels = _grouped(inputs, None, progress)
        others = sorted(levels, key=lambda level: -level.score)
        offered = sorted(alternatives(levels), key=lambda level: -level.score)
        for level in (levels[0], *offered, *others):
            if level.groups.max() + 1 == n_topics:
                return (level,)
    return _grouped(inputs, n_topics, progress)


def _grouped(inputs: MethodInput, n_topics: int | None, progress: Progress) -> tuple[Level, ...]:
    return group(
        inputs.vectors,
        inputs.neighbour_indices,
        inputs.distances,
        n_topics=n_topics,
        size=inputs.size,
        n_total=inputs.n_total,
        resolution=inputs.resolution,
        seed=inputs.seed,
        progress=progress,
    )


METHOD = Method(
    "auto",
    _agreed,
    "what many k-means agree on, of the vectors and of the eigenvectors of their neighbour graph, at several "
    "numbers of groups",
    (
        (
            "Fred, A. L. N. and Jain, A. K. (2005). Combining multiple clusterings using evidence "
            "accumulation. IEEE Transactions on Pattern Analysis and Machine Intelligence 27(6), 835-850.",
            "https://doi.org/10.1109/TPAMI.2005.113",
        ),
        (
            "Ng, A. Y., Jordan, M. I. and Weiss, Y. (2002). On spectral clustering: analysis and an "
            "algorithm. Advances in Neural Information Processing Systems 14.",
            "https://papers.nips.cc/paper/2092-on-spectral-clustering-analysis-and-an-algorithm",
        ),
    ),
)
