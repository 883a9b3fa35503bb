"""What a run says about papers that come to it later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topics.types.arrays import Floats, Integers, freeze, same_length


@dataclass(frozen=True)
class Novelty:
    """What later papers are compared with, to see whether they are like anything in the run.

    rows: (r,) int32, ascending row numbers of the papers that stand for the run.
    closeness: (r,) float32, how close each of them is to the others (`topics.cluster.novelty`).
    """

    rows: Integers
    closeness: Floats

    def __post_init__(self) -> None:
        rows = freeze(self, "rows", self.rows, np.int32, 1)
        closeness = freeze(self, "closeness", self.closeness, np.float32, 1)
        same_length(self, rows=len(rows), closeness=len(closeness))
        if len(rows) < 2 or (np.diff(rows) <= 0).any():
            raise ValueError("Novelty needs two papers or more, in ascending rows")


@dataclass(frozen=True)
class Labelled:
    """Papers with their topics. m papers, row `i` of every array belongs to the i-th paper asked for.

    topic: (m,) int32, equal to `nearest_topic`, or -1 for a paper that is unlike all papers of the run or, in
        a zero-shot run, most like its outliers; what the run says where it holds the paper itself.
    nearest_topic, probability: (m,) int32 and float32 in [0, 1], as in `Clustering`.
    second_topic, second_probability: the same of the next topic; -1 and 0 in a run of one topic.
    familiarity: (m,) float32 in (0, 1], the share of the run's papers that are no closer to the rest of the
        run than this one is.
    row: (m,) int32, the row of the run's paper with the same text; -1 for a paper that is new.
    """

    topic: Integers
    nearest_topic: Integers
    probability: Floats
    second_topic: Integers
    second_probability: Floats
    familiarity: Floats
    row: Integers

    def __post_init__(self) -> None:
        for name in ("topic", "nearest_topic", "second_topic", "row"):
            freeze(self, name, getattr(self, name), np.int32, 1)
        for name in ("probability", "second_probability", "familiarity"):
            freeze(self, name, getattr(self, name), np.float32, 1)
        same_length(self, **{name: len(getattr(self, name)) for name in vars(self)})
        if ((self.topic != -1) & (self.topic != self.nearest_topic)).any():
            raise ValueError("Labelled: nearest_topic must equal topic where topic is not -1")

    def __len__(self) -> int:
        return len(self.topic)
