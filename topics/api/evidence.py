"""Groups of papers and saturation in Python: frames of all figures, shown in a few lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topics.api.inline import WIDE, html_table, muted
from topics.api.papers import in_a_sentence
from topics.errors import ConfigError
from topics.evidence.columns import Grouping
from topics.output.evidence.saturation import sentences
from topics.output.evidence.sayings import claims, coverage, strength_of, summary
from topics.output.evidence.tables import claim_columns, group_table
from topics.output.text import printable
from topics.runs.compare import write_groups, write_saturation

if TYPE_CHECKING:
    import pandas as pd

    from topics.runs.run import Run
    from topics.types.groups import GroupComparison, Saturation


@dataclass(frozen=True, repr=False)
class GroupsView:
    """The topics of a run in groups of its papers. comparison: all of it; docs/groups.md explains it.

    _keeper: what keeps the run's folder, where it is a temporary one.
    """

    run: Run
    comparison: GroupComparison
    _keeper: object = None

    @cached_property
    def shares(self) -> pd.DataFrame:
        """A row per topic and group, with the figures of groups.csv; `shares.attrs` has Cramer's V and p."""
        import pandas as pd

        found = self.comparison
        frame = pd.DataFrame(
            [
                {"topic": one.topic, "label": found.labels[one.topic], "group": found.names[one.group]}
                | {
                    name: value
                    for name, value in vars(one).items()
                    if name not in ("topic", "group", "words")
                }
                | {"words": list(one.words)}
                for one in found.shares
            ]
        )
        frame.attrs = {
            "cramers_v": found.cramers_v,
            "cramers_v_corrected": found.corrected_v,
            "p": found.table_p,
            "test": found.table_test,
            "notes": list(found.notes),
        }
        return frame

    @cached_property
    def words(self) -> pd.DataFrame:
        """A row per word that sets a group apart inside a topic, as in group_words.csv."""
        return self._frame(self.comparison.words, "topic label group term z inside outside q")

    @cached_property
    def periods(self) -> pd.DataFrame:
        """A row per period, topic and group, as in group_periods.csv; none without `period`."""
        heads = "period topic label group papers total share low high rest"
        return self._frame(self.comparison.periods, heads)

    def _frame(self, rows: Sequence[Any], columns: str) -> pd.DataFrame:
        import pandas as pd

        found = self.comparison
        named = [
            vars(one) | {"label": found.labels[one.topic], "group": found.names[one.group]} for one in rows
        ]
        return pd.DataFrame(named, columns=columns.split())

    @in_a_sentence
    def save(self, folder: str | Path) -> Path:
        """Write the files of `topics compare --by`; gives the folder.

        Raises RunError: something else is there.
        """
        write_groups(self.run, self.comparison, Path(folder))
        return Path(folder)

    def __repr__(self) -> str:
        return printable(group_table(self.comparison, WIDE))

    def _repr_html_(self) -> str:
        found = self.comparison
        lines = (*found.notes, summary(found), strength_of(found), coverage(found))
        said = "".join(map(muted, lines))
        own = claims(found)
        columns = claim_columns(own, found, [one.verdict for one in own])
        return said + (html_table(columns, " in .shares") if own else "")


@dataclass(frozen=True, repr=False)
class SaturationView:
    """Whether more papers would bring more topics and words. saturation: all of it.

    _keeper: what keeps the run's folder, where it is a temporary one.
    """

    run: Run
    saturation: Saturation
    _keeper: object = None

    @cached_property
    def curves(self) -> pd.DataFrame:
        """A row per tenth of the papers and kind: papers, what, met, low and high, as in saturation.csv."""
        import pandas as pd

        found = self.saturation
        rows = [
            (end, curve.name, curve.mean[at], curve.low[at], curve.high[at])
            for curve in found.curves
            for at, end in enumerate(found.ends)
        ]
        return pd.DataFrame(rows, columns=["papers", "what", "met", "low", "high"])

    @in_a_sentence
    def save(self, folder: str | Path) -> Path:
        """Write the files of `topics saturation`; gives the folder.

        Raises RunError: something else is there.
        """
        write_saturation(self.run, self.saturation, Path(folder))
        return Path(folder)

    def __repr__(self) -> str:
        return printable("\n".join(sentences(self.saturation)))

    def _repr_html_(self) -> str:
        return "".join(muted(text) for text in sentences(self.saturation))


def grouping(count: object, bins: object, least_papers: object, separator: object) -> Grouping:
    """What the arguments of `compare(by=...)` ask for. Raises ConfigError: one that is none."""
    if count not in ("fractional", "each"):
        raise ConfigError(f"count is {count!r:.60}, but must be 'fractional' or 'each'")
    if isinstance(least_papers, bool) or not isinstance(least_papers, int) or least_papers < 2:
        raise ConfigError(f"least_papers is {least_papers!r:.60}, but must be a number from 2 on")
    if not isinstance(separator, str):
        raise ConfigError(f"separator is {separator!r:.60}, but must be text")
    return Grouping(count == "fractional", least_papers, separator, _bins(bins))


def _bins(bins: object) -> int | tuple[float, ...] | None:
    if bins is None or (isinstance(bins, int) and not isinstance(bins, bool) and bins >= 2):
        return bins
    if isinstance(bins, Sequence) and not isinstance(bins, str) and bins:
        edges = tuple(float(edge) for edge in bins if isinstance(edge, Real))
        if len(edges) == len(bins) and all(map(math.isfinite, edges)):
            return edges
    raise ConfigError(f"bins is {bins!r:.60}, but must be how many, from 2 on, or a list of edges")
