"""How much of each group comes back in another grouping of the same papers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topics.types import Integers


def best_overlap(
    topic: Integers, again: Integers, n_topics: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(k,) the best Jaccard overlap of each topic with a group (Hennig 2007), and (k,) the topics' sizes.

    topic, again: (n,) from 0 to n_topics - 1, and the groups from 0 on.
    """
    table = np.zeros((n_topics, int(again.max(initial=0)) + 1))
    np.add.at(table, (topic, again), 1)
    sizes = table.sum(axis=1)
    either = sizes[:, None] + table.sum(axis=0) - table
    return (table / np.maximum(either, 1)).max(axis=1), sizes.astype(np.int64)
