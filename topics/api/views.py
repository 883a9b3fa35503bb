"""Trends, hierarchy and comparisons in Python: frames of all figures, shown as a short table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.api.inline import WIDE, escaped, html_table, muted
from topics.api.papers import in_a_sentence
from topics.output.text import printable
from topics.output.trends.changes import sections
from topics.output.trends.listing import (
    change_columns,
    comparison_table,
    trend_columns,
    trend_marks,
    trend_table,
)
from topics.runs.compare import trends_of

if TYPE_CHECKING:
    import pandas as pd

    from topics.runs.run import Run
    from topics.types import Comparison, Corpus, Group, Hierarchy, Topic, Topics, Trends


@dataclass(frozen=True, repr=False)
class TrendView:
    """Topics over time. trends: all of it as arrays; docs/trends.md explains every figure.

    _keeper: what keeps the run's folder, where it is a temporary one.
    """

    run: Run
    trends: Trends
    _keeper: object = None

    @in_a_sentence
    def by(self, period: str | None = None, *, start: str | None = None, end: str | None = None) -> TrendView:
        """The trends in other periods: "year", "quarter" or "month", from `start` to `end`.

        Raises ConfigError: no such period or date. CorpusError: no dated papers there.
        """
        found = trends_of(self.run, period=period, start=start, end=end)
        return TrendView(self.run, found, self._keeper)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per topic: the columns of trend_tests.csv."""
        import pandas as pd

        rows = [vars(test) | {"label": self.run.topics[test.topic].label} for test in self.trends.tests]
        names = (
            "topic label papers verdict when reason rate_ratio low high p q peak change_points bursts tau "
            "tau_p slope"
        )
        return pd.DataFrame(rows, columns=names.split())

    @cached_property
    def shares(self) -> pd.DataFrame:
        """A row per period and topic: the columns of trends.csv; `complete` is true or false."""
        import pandas as pd

        found, labels = self.trends, list(self.run.topics.labels)
        n_topics, periods = len(labels), len(found.periods)
        columns = {
            "period": np.repeat([period.name for period in found.periods], n_topics),
            "topic": np.tile(np.arange(n_topics), periods),
            "label": labels * periods,
            "count": found.counts.T.ravel(),
            "total": np.repeat(found.totals, n_topics),
            "share": found.shares.T.ravel(),
            "low": found.low.T.ravel(),
            "high": found.high.T.ravel(),
            "core": found.core.T.ravel(),
            "complete": np.repeat(found.complete, n_topics),
        }
        return pd.DataFrame(columns)

    @cached_property
    def keywords(self) -> pd.DataFrame:
        """A row per period, topic and keyword: the columns of period_keywords.csv."""
        import pandas as pd

        return pd.DataFrame(
            [vars(word) for word in self.trends.keywords],
            columns=["period", "topic", "rank", "term", "papers", "weight"],
        )

    @cached_property
    def changes(self) -> pd.DataFrame:
        """A row per term that came into a topic or went: topic, term, before, after, q."""
        import pandas as pd

        rows = [vars(change) for change in self.trends.changes]
        return pd.DataFrame(rows, columns=["topic", "term", "before", "after", "q"])

    def __repr__(self) -> str:
        if not self.trends.periods:
            return printable("\n".join(self.trends.notes))
        return printable(trend_table(self.trends, self.run.topics, WIDE))

    def _repr_html_(self) -> str:
        found, topics = self.trends, self.run.topics
        notes = "".join(muted(note) for note in found.notes)
        if not found.periods:
            return notes
        columns = trend_columns(found, topics)
        table = html_table([column for column in columns if any(column.cells)], " in .tests")
        return notes + table + "".join(map(muted, trend_marks(found)))


@dataclass(frozen=True, repr=False)
class HierarchyView:
    """Fields of topics, topics, and the subtopics that a topic divides into.

    hierarchy: all of it as arrays, `hierarchy.merges` in scipy's linkage form.
    """

    hierarchy: Hierarchy
    named: Topics

    @property
    def merges(self) -> Any:
        """(k - 1, 4) float64, the tree of topics as `scipy.cluster.hierarchy.dendrogram` takes it."""
        return self.hierarchy.merges

    @cached_property
    def fields(self) -> pd.DataFrame:
        """A row per field: field, label, size, keywords and topics (lists); none where topics form none."""
        owner = self.hierarchy.field
        topics = [np.flatnonzero(owner == number).tolist() for number in range(len(self.hierarchy.fields))]
        return self._layer("field", self.hierarchy.fields, topics=topics)

    @cached_property
    def subtopics(self) -> pd.DataFrame:
        """A row per subtopic: subtopic, label, size, keywords, topic and stability."""
        parts = self.hierarchy.subtopics
        return self._layer(
            "subtopic",
            parts,
            topic=self.hierarchy.parent.tolist(),
            stability=[part.stability for part in parts],
        )

    def _layer(self, what: str, groups: Sequence[Group], **more: Sequence[Any]) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            {
                what: range(len(groups)),
                "label": [group.label for group in groups],
                "size": [group.size for group in groups],
                "keywords": [[keyword.term for keyword in group.keywords] for group in groups],
                **more,
            }
        )

    def _lines(self) -> list[tuple[int, Group | Topic]]:
        """Every field, topic and subtopic in the order of the tree, with its depth."""
        found, lines = self.hierarchy, list[tuple[int, "Group | Topic"]]()
        for number, field in enumerate(found.fields or (None,)):
            lines += [(0, field)] if field else []
            for topic in np.flatnonzero(found.field == number) if field else range(len(found.field)):
                lines.append((bool(field), self.named[int(topic)]))
                lines += [(1 + bool(field), found.subtopics[part]) for part in found.parts(int(topic))]
        return lines

    def __repr__(self) -> str:
        return printable(
            "\n".join(f"{'  ' * depth}{group.label} ({group.size:,})" for depth, group in self._lines())
        )

    def _repr_html_(self) -> str:
        return "".join(
            f'<div style="padding-left:{1.5 * depth}em{"" if depth else ";font-weight:600"}">'
            f"{escaped(f'{group.label} ({group.size:,})')}</div>"
            for depth, group in self._lines()
        )


@dataclass(frozen=True, repr=False)
class ComparisonView:
    """Two runs, or two spans of one, set against each other. corpora: of the two sides."""

    comparison: Comparison
    corpora: tuple[Corpus, Corpus]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """A row per topic: the columns of compare.csv, where terms and ids of papers are lists."""
        import pandas as pd

        from topics.output.trends.tables import home

        found = self.comparison
        rows = [
            vars(change)
            | {
                "label_before": "" if change.before is None else found.labels_before[change.before],
                "label_after": "" if change.after is None else found.labels_after[change.after],
                "share_before": change.share_before,
                "share_after": change.share_after,
                "papers": [home(change, self.corpora).ids[row] for row in change.papers],
            }
            for change in found.changes
        ]
        names = (
            "status change before label_before after label_after similarity count_before total_before "
            "share_before count_after total_after share_after difference low high p q came went papers"
        )
        return pd.DataFrame(rows, columns=names.split()).astype({"before": "Int64", "after": "Int64"})

    def __repr__(self) -> str:
        return printable(comparison_table(self.comparison, WIDE))

    def _repr_html_(self) -> str:
        found = self.comparison
        changes = [change for _, own in sections(found) for change in own]
        columns = change_columns(changes, found, found.before, found.after)
        return "".join(muted(note) for note in found.notes) + html_table(columns, " in .changes")
