"""What the tables of a run are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from topics.types.clusters import Clustering, Hierarchy, Quality
from topics.types.papers import Corpus
from topics.types.points import Projection
from topics.types.topics import Topics
from topics.types.trends import Trends

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class RunTables:
    """A run as its tables show it.

    original: the input's own columns, one row per paper. history: what was done to the topics since they were
    found. model: the language model that worded labels, "" for none.
    """

    corpus: Corpus
    clustering: Clustering
    topics: Topics
    hierarchy: Hierarchy
    quality: Quality
    layout: Projection
    trends: Trends
    original: pa.Table
    account: str
    history: tuple[str, ...] = ()
    model: str = ""
