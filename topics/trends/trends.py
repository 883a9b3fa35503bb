"""Topics over time: papers and shares per period, growth with intervals, bursts, change points, verdicts.

Papers are counted by `nearest_topic`. The density rule that makes outliers finds more of them where papers
are sparse, so in a growing field their part falls and the share of every honest cluster rises: a trend made
by the clustering. By nearest topic every paper counts once, by a rule that knows no density, and shares add
up to one. Since stray papers could also make a trend of their own that way, each claim must hold without the
outliers too: its p-value is the larger one of both views, and both must point the same way.

`topics.trends.periods` divides the time, `topics.trends.growth` fits, `topics.trends.bursts` finds bursts,
`topics.trends.changepoints` breaks, `topics.trends.verdicts` holds the rules, `topics.trends.words` the
words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topics.config import TrendSettings
from topics.trends import bursts, verdicts
from topics.trends.changepoints import change_points
from topics.trends.dispersion import measure_noise, odd_end
from topics.trends.growth import Effect, Noise, Series, design_matrix, effect
from topics.trends.periods import LEAST_PERIODS, Calendar, find_periods, holding_peaks
from topics.trends.shares import LEVEL, adjusted, crossed, wilson
from topics.trends.words import Usage, period_keywords, term_changes
from topics.types import (
    TOO_FEW,
    Burst,
    Clustering,
    Corpus,
    Counts,
    Doubles,
    Integers,
    Mask,
    Rows,
    Topics,
    TopicTrend,
    Trends,
)

EXPECTED = 5.0
"""Mann-Kendall's p needs at least this many papers expected in every period: with fewer, a growing total
alone makes rare topics look as if they rose.
"""

ODD_MIX = 4.0
"""An end period is set aside when the typical topic deviates this many times as much (squared) as usual."""

MANY_TOPICS = 20
"""Fewest topics that can tell an odd mix."""


def find_trends(
    corpus: Corpus, clustering: Clustering, topics: Topics, counts: Counts, settings: TrendSettings
) -> Trends:
    """What the dates of n papers say about their topics.

    Raises CorpusError: no dates, no papers in the time asked for, or all of them in one period.
    Raises ConfigError: dates too coarse for the period asked for, or `start` after `end`.
    """
    if not len(corpus) == len(clustering) == counts.matrix.shape[0] or len(topics) != clustering.n_topics:
        raise ValueError("trends need corpus, clustering, topics and counts of one run")
    calendar = find_periods(corpus.dates, settings)
    return trends_of(
        calendar, clustering.nearest_topic, clustering.topic, Usage.of(counts), len(topics), settings
    )


def trends_of(
    calendar: Calendar,
    nearest: Integers,
    topic: Integers,
    usage: Usage,
    topics: int,
    settings: TrendSettings,
) -> Trends:
    """The trends of papers that are counted by topic and period already; `find_trends` counts those of a run.

    calendar: with a period for each of r rows. nearest, topic: (r,) of each row, which may stand for many
    papers of one topic and period; usage: of these rows. topics: k.
    """
    shape = topics, len(calendar.periods)
    every = crossed(nearest, calendar.of_paper, shape, usage.size)
    if settings.incomplete == "auto":
        calendar = _without_odd_ends(every, calendar, settings)
    core = crossed(topic, calendar.of_paper, shape, usage.size)
    low, high = wilson(every, calendar.totals)
    names = [period.name for period in calendar.periods]
    halves, half_of_paper = _halves(calendar)
    return Trends(
        calendar.unit,
        calendar.periods,
        every,
        core,
        low.astype(np.float32),
        high.astype(np.float32),
        calendar.of_paper,
        _tests(every, core, calendar, settings),
        period_keywords(usage, nearest, calendar.of_paper, names, settings.keywords),
        term_changes(usage, nearest, half_of_paper, settings.keywords, settings.alpha),
        halves,
        calendar.undated,
        calendar.coarse,
        calendar.outside,
        calendar.notes,
    )


def no_trends(why: str, corpus: Corpus, topics: Topics) -> Trends:
    """What is known about the change of n papers whose dates tell nothing: no period, and the reason.

    why: a sentence.
    """
    papers, n_topics = len(corpus), len(topics)
    return Trends(
        unit="year",
        periods=(),
        counts=np.zeros((n_topics, 0), dtype=np.int32),
        core=np.zeros((n_topics, 0), dtype=np.int32),
        low=np.zeros((n_topics, 0), dtype=np.float32),
        high=np.zeros((n_topics, 0), dtype=np.float32),
        period=np.full(papers, -1, dtype=np.int32),
        tests=tuple(TopicTrend(k, 0, TOO_FEW, "", why) for k in range(n_topics)),
        keywords=(),
        changes=(),
        halves=(),
        undated=sum(not date for date in corpus.dates),
        coarse=0,
        outside=0,
        notes=(f"No trends: {why}",),
    )


def _without_odd_ends(every: Integers, calendar: Calendar, settings: TrendSettings) -> Calendar:
    """Marks an end period as incomplete whose mix of topics as a whole is unlike the others'.

    A corpus often begins or ends with a part of its sources; then most topics jump together.
    """
    for end, neighbours in ((0, slice(0, 1)), (len(calendar.periods) - 1, slice(-1, None))):
        usable = np.flatnonzero(calendar.usable)
        counts = every[:, usable].astype(float)
        counts = counts[counts.sum(axis=1) >= settings.min_papers]
        if end not in usable[neighbours] or len(usable) < LEAST_PERIODS + 2 or len(counts) < MANY_TOPICS:
            continue
        design = design_matrix(calendar.years[usable], calendar.seasons[usable])
        times = odd_end(counts, calendar.totals[usable].astype(float), design, 0 if end == 0 else -1)
        if times >= ODD_MIX:
            reason = f"its mix of topics is unlike the others', {times:.0f} times their usual deviation"
            calendar = calendar.with_incomplete(end, reason)
    return calendar


def _halves(calendar: Calendar) -> tuple[tuple[str, ...], Integers]:
    """The first and the second half of the complete periods: their first names, and each paper's half."""
    usable = np.flatnonzero(calendar.usable)
    if len(usable) < 2:
        return (), np.full(len(calendar.of_paper), -1, dtype=np.int32)
    middle = len(usable) // 2
    side = np.full(len(calendar.periods) + 1, -1, dtype=np.int32)
    side[usable[:middle]], side[usable[middle:]] = 0, 1
    names = tuple(calendar.periods[at].name for at in (usable[0], usable[middle], usable[-1]))
    return names, side[calendar.of_paper]


@dataclass(frozen=True)
class _View:
    """One way of counting: the series of the tested topics and the slopes fitted to it."""

    series: Series
    noise: Noise
    slope: Effect
    line: Doubles

    @classmethod
    def of(cls, counts: Integers, totals: Integers, calendar: Calendar) -> _View:
        usable = calendar.usable
        y, n = counts[:, usable].astype(float), np.maximum(totals[usable].astype(float), 1e-6)
        design = design_matrix(calendar.years[usable], calendar.seasons[usable])
        noise, fitted = measure_noise(y, n, design)
        season = np.exp(np.clip(fitted.coefficients[:, 2:] @ design[:, 2:].T, -3.0, 3.0))
        return cls(Series(y, n, design, n * season), noise, effect(y, n, design, noise), fitted.expected)


def _tests(
    every: Integers, core: Integers, calendar: Calendar, settings: TrendSettings
) -> tuple[TopicTrend, ...]:
    papers = every[:, calendar.usable].sum(axis=1)
    enough = calendar.usable.sum() >= LEAST_PERIODS
    tested = np.flatnonzero((papers >= settings.min_papers) & enough)
    found = {trend.topic: trend for trend in _tested(every, core, tested, calendar, settings)}
    return tuple(
        found.get(k)
        or TopicTrend(k, total, TOO_FEW, "", _want(total, calendar, settings), peak=_peak(every[k], calendar))
        for k, total in enumerate(papers.tolist())
    )


def _want(papers: int, calendar: Calendar, settings: TrendSettings) -> str:
    complete = int(calendar.usable.sum())
    if complete < LEAST_PERIODS:
        return f"{complete} complete {calendar.unit}s; at least {LEAST_PERIODS} are needed"
    return f"{papers:,} papers in complete {calendar.unit}s; at least {settings.min_papers} are needed"


def _peak(counts: Integers, calendar: Calendar) -> str:
    usable = np.flatnonzero(holding_peaks(calendar.totals, calendar.usable))
    if not counts[usable].any():
        return ""
    return calendar.periods[int(usable[(counts[usable] / calendar.totals[usable]).argmax()])].name


def _tested(
    every: Integers,
    core: Integers,
    tested: Rows,
    calendar: Calendar,
    settings: TrendSettings,
) -> list[TopicTrend]:
    """The topics with enough papers, all tested together."""
    if len(tested) == 0:
        return []
    view = _View.of(every[tested], calendar.totals, calendar)
    firm = _View.of(core[tested], core.sum(axis=0), calendar)
    same = np.sign(view.slope.estimate) == np.sign(firm.slope.estimate)
    p = np.where(same, np.maximum(view.slope.p, firm.slope.p), 1.0)
    found = _bursts(view, firm)
    q = adjusted(np.concatenate([p, [chance for own in found for *_, chance in own]]))
    names = tuple(period.name for period, use in zip(calendar.periods, calendar.usable, strict=True) if use)
    rest = iter(q[len(p) :].tolist())
    dated = [
        [(window, Burst(names[window[0]], names[window[1]], ratio, next(rest))) for window, ratio, _ in own]
        for own in found
    ]
    enough = settings.alpha * (np.count_nonzero(q <= settings.alpha) + 1) / len(q)
    findings = _Findings(
        view, names, calendar.years[calendar.usable], same, p, q[: len(p)], len(q), enough, dated, settings
    )
    return findings.trends(tested.tolist(), [_peak(every[k], calendar) for k in tested])


def _bursts(view: _View, firm: _View) -> list[list[tuple[bursts.Window, float, float]]]:
    """Each topic's bursts: window, share inside over share outside, and p allowing for the choice of
    windows.
    """
    found = bursts.find_bursts(view.series, view.noise)
    result: list[list[tuple[bursts.Window, float, float]]] = [[] for _ in found]
    choices = bursts.windows(len(view.series.totals))
    for window in sorted({window for own in found for window in own}):
        at = np.array([k for k, own in enumerate(found) if window in own])
        both = [bursts.inside_effect(one.series, at, window, one.noise) for one in (view, firm)]
        p = np.minimum(1.0, choices * np.maximum(both[0].p, both[1].p) / 2)
        p = np.where((both[0].estimate > 0) & (both[1].estimate > 0), p, 1.0)
        for k, ratio, chance in zip(at.tolist(), np.exp(both[0].estimate).tolist(), p.tolist(), strict=True):
            result[k].append((window, ratio, chance))
    return result


@dataclass(frozen=True)
class _Findings:
    """All that was computed about the tested topics, row by row.

    tests: how many trends and bursts are corrected for; enough: the p with which one more would be certain.
    """

    view: _View
    names: tuple[str, ...]
    years: Doubles
    same: Mask
    p: Doubles
    q: Doubles
    tests: int
    enough: float
    bursts: list[list[tuple[bursts.Window, Burst]]]
    settings: TrendSettings

    def trends(self, topics: list[int], peaks: list[str]) -> list[TopicTrend]:
        view, alpha = self.view, self.settings.alpha
        breaks = change_points(view.series, view.noise, view.line, alpha)
        low, high = view.slope.interval(LEVEL)
        papers = view.series.counts.sum(axis=1)
        needed = verdicts.needed_papers(
            papers,
            papers / len(self.names),
            self.p,
            self.enough,
            view.noise.dispersion,
            view.slope.degrees,
        )
        narrow = np.column_stack(view.slope.interval(1 - 2 * alpha))
        result = []
        for at, (k, peak) in enumerate(zip(topics, peaks, strict=True)):
            tau, tau_p, slope = self._monotone(at)
            evidence = verdicts.Evidence(
                self.names,
                view.series.counts[at],
                view.series.totals,
                estimate=float(view.slope.estimate[at]),
                low=float(low[at]),
                high=float(high[at]),
                narrow=(float(narrow[at, 0]), float(narrow[at, 1])),
                p=float(self.p[at]),
                q=float(self.q[at]),
                tests=self.tests,
                needed=float(needed[at]),
                direction=self._direction(at, tau),
                years=float(self.years[-1] - self.years[0]),
                bursts=self.bursts[at],
            )
            verdict, when, reason = verdicts.judge(evidence, self.settings)
            result.append(
                TopicTrend(
                    k,
                    int(evidence.counts.sum()),
                    verdict,
                    when,
                    reason,
                    rate_ratio=float(np.exp(evidence.estimate)),
                    low=float(np.exp(evidence.low)),
                    high=float(np.exp(evidence.high)),
                    p=evidence.p,
                    q=evidence.q,
                    tau=tau,
                    tau_p=tau_p,
                    slope=slope,
                    peak=peak,
                    bursts=tuple(burst for _, burst in self.bursts[at]),
                    change_points=tuple(self.names[start] for start in breaks[at]),
                )
            )
        return result

    def _direction(self, at: int, tau: float) -> int:
        """The sign on which the slope, the slope without outliers and the ranks agree, else 0."""
        sign = int(np.sign(self.view.slope.estimate[at]))
        return sign if self.same[at] and sign * tau > 0 else 0

    def _monotone(self, at: int) -> tuple[float, float | None, float]:
        """Mann-Kendall's tau and p, and Theil and Sen's slope, of the shares freed from seasons.

        Mann-Kendall is Kendall's tau between share and time, with ties; p is exact where there are none.
        """
        from scipy import stats

        series = self.view.series
        shares = series.counts[at] / series.exposure[at]
        rank = stats.kendalltau(self.years, shares)
        slope = float(stats.theilslopes(shares, self.years).slope)
        expected = float(series.level[at, 0] * series.exposure[at].min())
        tau = 0.0 if np.isnan(rank.statistic) else float(rank.statistic)
        return tau, float(rank.pvalue) if expected >= EXPECTED else None, slope
