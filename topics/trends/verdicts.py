"""The rules that turn a topic's figures into one of nine verdicts. docs/trends.md states them for
readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topics.config import TrendSettings
from topics.trends.shares import percent
from topics.types import TOO_FEW, Burst, Doubles, TopicTrend, Trends

EMERGING, GROWING, STABLE, DECLINING, FADING = "emerging", "growing", "stable", "declining", "fading"
BURSTING = "bursting"
POSSIBLE_RISE, POSSIBLE_FALL = (f"possible {move}, not certain after correction" for move in ("rise", "fall"))
"""What holds for the topic alone but not among all that are tested."""

VERDICTS = (
    EMERGING, GROWING, BURSTING, POSSIBLE_RISE, STABLE, POSSIBLE_FALL, DECLINING, FADING, TOO_FEW
)  # fmt: skip
"""In the order in which they are listed."""

LEAST_CHANGE = 1.25
"""A certain change of less than a quarter over the whole time is still called stable."""

MANIFOLD = 4.0
"""Growth of the share from the first to the last third of the time that makes "growing" "emerging"."""

STABLE_WITHIN = 3.0
"""Stable means: it can be ruled out that the share tripled or fell to a third over the whole time."""

MUCH = float(np.log(2.5))
"""Beyond this growth a year, a factor reads better than a percentage."""

FALLEN = 0.5
"""A burst is over when the share is at most this part of the burst's."""


def ordered(trends: Trends) -> list[TopicTrend]:
    """By verdict, and within a verdict by the steepness of the growth."""
    return sorted(
        trends.tests,
        key=lambda test: (VERDICTS.index(test.verdict), -(test.rate_ratio or 0.0), test.topic),
    )


def pace(test: TopicTrend) -> str:
    """How a topic's share grows: "+31% a year (+16% to +47%)"; empty where it was not tested."""
    if test.rate_ratio is None or test.low is None or test.high is None:
        return ""
    return _yearly([float(np.log(bound)) for bound in (test.rate_ratio, test.low, test.high)])


@dataclass(frozen=True)
class Evidence:
    """What is known about one topic. counts, totals: (t,) in complete periods, `names` their names.

    estimate, low, high: log growth per year and its 95% interval; narrow: the interval at which two
    one-sided tests at alpha rule out what is outside. p, q: of the trend; q allows for all `tests`. needed:
    papers at which so steep a course would be certain, infinite where papers alone would not do. direction:
    the sign that all views of the course share, 0 when they differ. years: from the first to the last
    complete period. bursts: windows and their test.
    """

    names: tuple[str, ...]
    counts: Doubles
    totals: Doubles
    estimate: float
    low: float
    high: float
    narrow: tuple[float, float]
    p: float
    q: float
    tests: int
    needed: float
    direction: int
    years: float
    bursts: Sequence[tuple[tuple[int, int], Burst]]


def judge(evidence: Evidence, settings: TrendSettings) -> tuple[str, str, str]:
    """Verdict, when (of a burst) and reason."""
    certain = evidence.q <= settings.alpha and evidence.direction != 0
    possible = evidence.p <= settings.alpha and evidence.direction != 0
    enough = abs(evidence.estimate) * evidence.years >= np.log(LEAST_CHANGE)
    burst = _burst(evidence, settings.alpha, ends_too=not (certain and enough))
    if burst:
        when = burst.first if burst.first == burst.last else f"{burst.first} to {burst.last}"
        return BURSTING, when, f"{burst.ratio:.1f} times its usual share in {when}"
    if certain and enough:
        return _direction(evidence), "", f"{_pace(evidence)}; {_ends(evidence)}"
    if _stable(evidence) and not (enough and evidence.p <= settings.alpha):
        return STABLE, "", _pace(evidence)
    if possible and enough:
        return POSSIBLE_RISE if evidence.direction > 0 else POSSIBLE_FALL, "", _wanting(evidence)
    return TOO_FEW, "", f"{int(evidence.counts.sum()):,} papers leave it open: {_pace(evidence)}"


def needed_papers(
    papers: Doubles, mean: Doubles, p: Doubles, enough: float, dispersion: float, degrees: Doubles
) -> Doubles:
    """(k,) papers at which courses as steep as these would have a p of `enough`; infinite where none suffice.

    papers, mean: (k,) of each topic, in all and per period. p, degrees: (k,) of its slope, see
    `topics.trends.growth.Effect`. The variance of a slope has a part that falls with the papers, that of
    counting, and one that does not, the dispersion.
    """
    from scipy import stats

    remaining = (stats.t.isf(p / 2, degrees) / stats.t.isf(enough / 2, degrees)) ** 2
    counting = 1 / (1 + dispersion * mean)
    room = remaining - (1 - counting)
    return np.where(room > 0, papers * counting / np.where(room > 0, room, 1.0), np.inf)


def _wanting(evidence: Evidence) -> str:
    """What a possible trend lacks."""
    told = f"{_pace(evidence)}; not certain among {evidence.tests} tests"
    if not np.isfinite(evidence.needed):
        return f"{told}: shares jump too much for more papers alone to settle it; more periods would"
    needed, have = float(f"{evidence.needed:.2g}"), int(evidence.counts.sum())
    return f"{told}: at this pace it takes about {max(needed, have + 1):,.0f} papers, and there are {have:,}"


def _stable(evidence: Evidence) -> bool:
    low, high = (bound * evidence.years for bound in evidence.narrow)
    return bool(low > -np.log(STABLE_WITHIN) and high < np.log(STABLE_WITHIN))


def _direction(evidence: Evidence) -> str:
    third = max(1, len(evidence.names) // 3)
    early = float(evidence.counts[:third].sum() / evidence.totals[:third].sum())
    late = float(evidence.counts[-third:].sum() / evidence.totals[-third:].sum())
    if evidence.direction > 0:
        return EMERGING if late >= MANIFOLD * early else GROWING
    return FADING if early >= MANIFOLD * late else DECLINING


def _burst(evidence: Evidence, alpha: float, *, ends_too: bool) -> Burst | None:
    """The strongest certain burst that stands out on both sides; at an end of the time, only with
    `ends_too`.
    """
    found = []
    for (first, last), burst in evidence.bursts:
        inside = slice(first, last + 1)
        share = float(evidence.counts[inside].sum() / evidence.totals[inside].sum())
        at_end = first == 0 or last == len(evidence.names) - 1
        around = (slice(None, first), slice(last + 1, None))
        fallen = all(
            evidence.counts[side].sum() <= FALLEN * share * evidence.totals[side].sum() for side in around
        )
        if burst.q <= alpha and fallen and (ends_too or not at_end):
            found.append(burst)
    return max(found, key=lambda burst: burst.ratio, default=None)


def _pace(evidence: Evidence) -> str:
    word = "multiplied by" if evidence.estimate > MUCH else "changed by"
    return f"its share {word} {_yearly((evidence.estimate, evidence.low, evidence.high))}"


def _yearly(bounds: Sequence[float]) -> str:
    """bounds: log growth per year and the ends of its interval."""
    if bounds[0] > MUCH:
        middle, low, high = (f"{np.exp(bound):,.1f}" for bound in bounds)
    else:
        middle, low, high = (_percent(bound) for bound in bounds)
    return f"{middle} a year ({low} to {high})"


def _ends(evidence: Evidence) -> str:
    first, last = (evidence.counts[at] / evidence.totals[at] for at in (0, -1))
    return f"{_share(first)} of the papers of {evidence.names[0]}, {_share(last)} of {evidence.names[-1]}"


def _percent(log_ratio: float) -> str:
    change = 100 * float(np.expm1(log_ratio))
    return f"{change:+,.0f}%" if abs(change) >= 9.5 else f"{change:+.1f}%"


def _share(share: float) -> str:
    return "none" if share == 0 else percent(share)
