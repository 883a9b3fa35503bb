"""The values that flow from stage to stage.

Each stage takes some of these and returns the next one. All are frozen, check their shapes when made and
hold read-only arrays, so a stage can be cached, repeated or replaced without looking at its neighbours.
`n` is the number of kept papers throughout; row `i` of every array belongs to row `i` of `Corpus.papers`.
"""

from topics.types.arrays import (
    Doubles,
    Encode,
    Files,
    Floats,
    Hashes,
    Integers,
    Longs,
    Mask,
    Progress,
    Rows,
    unwatched,
)
from topics.types.clusters import (
    NEARLY,
    OUTLIER,
    Clustering,
    Group,
    Guidance,
    Hierarchy,
    Labelled,
    Levels,
    NamedLevel,
    Novelty,
    Quality,
    Regroupings,
)
from topics.types.groups import GroupComparison, GroupShare, GroupWord, Membership, PeriodShare
from topics.types.papers import Broken, Corpus, Record, Texts, join_text
from topics.types.points import Embeddings, Layouts, Neighbours, Projection
from topics.types.run import RunTables
from topics.types.topics import Answer, Counts, Keyword, LabelFit, Names, Topic, Topics
from topics.types.trends import (
    TOO_FEW,
    Burst,
    Comparison,
    Period,
    PeriodKeyword,
    TermChange,
    TopicChange,
    TopicTrend,
    Trends,
)

__all__ = [
    "NEARLY",
    "OUTLIER",
    "TOO_FEW",
    "Answer",
    "Broken",
    "Burst",
    "Clustering",
    "Comparison",
    "Corpus",
    "Counts",
    "Doubles",
    "Embeddings",
    "Encode",
    "Files",
    "Floats",
    "Group",
    "GroupComparison",
    "GroupShare",
    "GroupWord",
    "Guidance",
    "Hashes",
    "Hierarchy",
    "Integers",
    "Keyword",
    "LabelFit",
    "Labelled",
    "Layouts",
    "Levels",
    "Longs",
    "Mask",
    "Membership",
    "NamedLevel",
    "Names",
    "Neighbours",
    "Novelty",
    "Period",
    "PeriodKeyword",
    "PeriodShare",
    "Progress",
    "Projection",
    "Quality",
    "Record",
    "Regroupings",
    "Rows",
    "RunTables",
    "TermChange",
    "Texts",
    "Topic",
    "TopicChange",
    "TopicTrend",
    "Topics",
    "Trends",
    "join_text",
    "unwatched",
]
