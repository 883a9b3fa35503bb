"""Two periods, and two runs: what rose and fell, what matches, what was born and what vanished."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

from tests.trends import made
from topics.cache import store
from topics.config import TrendSettings
from topics.errors import ConfigError, CorpusError
from topics.trends.compare import Side, compare_periods, compare_runs
from topics.types import Comparison, Counts, TopicChange

AUTO = TrendSettings()


def by_label(comparison: Comparison) -> dict[str, TopicChange]:
    return {
        comparison.labels_before[change.before]
        if change.before is not None
        else comparison.labels_after[change.after]: change
        for change in comparison.changes
    }


def two_periods(before: list[int], after: list[int], years: int = 4, seed: int = 0):
    random = np.random.default_rng(seed)
    table = [random.poisson(before).tolist() for _ in range(years)]
    table += [random.poisson(after).tolist() for _ in range(years)]
    run = made.run({str(2010 + t): row for t, row in enumerate(table)})
    return run, (f"2010..{2009 + years}", f"{2010 + years}..{2009 + 2 * years}")


def test_what_rose_and_fell_is_said_with_an_interval():
    run, spans = two_periods([120, 60, 60, 60, 60, 40], [40, 60, 60, 60, 60, 120])
    found = compare_periods(*run, spans, AUTO)
    words = {(change.change, change.status) for change in found.changes}
    assert words == {("rose", "matched"), ("fell", "matched"), ("no clear change", "matched")}
    for change in found.changes:
        assert change.low < change.difference < change.high
        assert change.difference == pytest.approx(change.share_after - change.share_before)
        assert (change.q <= 0.05) == (change.change != "no clear change")
    assert sum(change.change == "no clear change" for change in found.changes) == 4


def test_a_topic_from_nothing_is_born_and_one_that_ends_vanished():
    run, spans = two_periods([80, 80, 80, 80, 50, 0], [80, 80, 80, 80, 0, 50])
    found = [change for change in compare_periods(*run, spans, AUTO).changes if change.status != "matched"]
    assert {change.status for change in found} == {"born", "vanished"}
    assert all(len(change.papers) == 5 for change in found)


def test_no_difference_is_seldom_claimed():
    claims = 0
    for seed in range(12):
        run, spans = two_periods([60] * 8, [90] * 8, seed=seed)
        claims += sum(
            change.change != "no clear change" for change in compare_periods(*run, spans, AUTO).changes
        )
    assert claims <= 3


def test_years_that_scatter_are_less_sure_than_one_pooled_test():
    """A topic that swings from year to year: pooled, its difference would be certain."""
    rows = {}
    for t, many in enumerate([10, 150, 10, 150, 20, 230, 20, 230]):
        rows[str(2010 + t)] = [many, 200, 200, 200, 200, 200]
    run = made.run(rows)
    years = compare_periods(*run, ("2010..2013", "2014..2017"), AUTO)
    swinging = max(years.changes, key=lambda change: abs(change.difference))
    assert swinging.change == "no clear change"


def test_one_period_on_each_side_is_fishers_test():
    from scipy import stats

    run = made.run({"2010": [50, 50], "2011": [30, 90]})
    change = compare_periods(*run, ("2010", "2011"), AUTO).changes[0]
    table = [[50, 50], [90, 30]]
    assert change.p == pytest.approx(stats.fisher_exact(table).pvalue)


def test_spans_may_be_months_and_papers_between_are_left_out():
    run = made.run(
        {"2010-01": [20, 20], "2010-02": [20, 20], "2010-05": [5, 5], "2010-08": [30, 10], "2010": [4, 4]}
    )
    found = compare_periods(*run, ("2010-01..2010-02", "2010-08"), AUTO)
    assert (found.changes[0].total_before, found.changes[0].total_after) == (80, 40)
    assert found.notes == ("Papers in neither period, or with a date too coarse to tell: 18.",)


@pytest.mark.parametrize(
    ("spans", "error", "message"),
    [
        (("2010..2012", "soon"), ConfigError,
         '"soon" is no span of time; write 2019, 2016..2019 or 2019-01..2019-06.'),
        (("2012..2010", "2013"), ConfigError, "2012..2010 ends before it begins."),
        (("2010..2012", "2012..2014"), ConfigError,
         "2010..2012 must end before 2012..2014 begins; name the earlier span first."),
        (("2013", "2011"), ConfigError, "2013 must end before 2011 begins; name the earlier span first."),
        (("2001..2002", "2010"), CorpusError,
         "No paper is dated in 2001..2002; the dates range from 2010 to 2011."),
    ],
)  # fmt: skip
def test_impossible_spans_get_one_sentence(spans, error, message):
    run = made.run({"2010": [5, 5], "2011": [5, 5]})
    with pytest.raises(error) as caught:
        compare_periods(*run, spans, AUTO)
    assert str(caught.value) == message


VOCABULARY = {
    "parsing": ["parser", "treebank", "dependency", "grammar"],
    "speech": ["speech", "audio", "acoustic", "speaker"],
    "vision": ["image", "visual", "caption", "scene"],
    "law": ["court", "legal", "statute", "judge"],
    "health": ["patient", "clinical", "disease", "drug"],
    "music": ["melody", "chord", "rhythm", "song"],
    "games": ["player", "game", "reward", "agent"],
}


def side(name: str, sizes: dict[str, int], seed: int, encoder: str = "") -> Side:
    """A run whose topics talk about the named things; "parsing+" is a second topic about parsing."""
    random = np.random.default_rng(seed)
    ordered = sorted(sizes, key=lambda theme: -sizes[theme])
    rows, nearest = [], []
    for topic, theme in enumerate(ordered):
        words = VOCABULARY[theme.removesuffix("+")]
        for _ in range(sizes[theme]):
            rows.append(
                ["study", *random.choice(words, 3, replace=False), str(random.choice(VOCABULARY["law"]))]
            )
            nearest.append(topic)
    groups = made.clustering(nearest)
    topics = dataclasses.replace(
        made.named(groups),
        topics=tuple(dataclasses.replace(t, label=ordered[t.id]) for t in made.named(groups).topics),
    )
    corpus = made.corpus(["2020"] * len(rows), f"Paper of {name}")
    return Side(name, corpus, groups, topics, made.words(rows), encoder or "LSA", own=not encoder)


BEFORE = {"parsing": 60, "speech": 50, "vision": 40, "health": 30}


def test_runs_are_matched_by_their_words():
    found = compare_runs(
        side("A", BEFORE, 1), side("B", {"speech": 70, "parsing": 40, "music": 30, "health": 20}, 2), AUTO
    )
    pairs = {
        (found.labels_before[c.before], found.labels_after[c.after])
        for c in found.changes
        if c.status == "matched"
    }
    assert pairs == {("parsing", "parsing"), ("speech", "speech"), ("health", "health")}
    rest = {c.status: c for c in found.changes if c.status != "matched"}
    assert found.labels_before[rest["vanished"].before] == "vision"
    assert found.labels_after[rest["born"].after] == "music"
    assert len(rest["born"].papers) == 5
    assert found.notes[0].endswith("matched by their words alone.")


def test_a_run_matches_itself():
    run = side("A", BEFORE, 3)
    found = compare_runs(run, run, AUTO)
    assert all(
        (c.before, c.status, c.change) == (c.after, "matched", "no clear change") for c in found.changes
    )
    assert all(c.similarity == pytest.approx(1) for c in found.changes)
    assert found.notes[1].startswith("Papers in both runs: 180. The tests take the runs for independent")


def test_topics_of_another_field_do_not_match_for_want_of_better_ones():
    """A run of three topics, none of which the other has: the least different pair is no match."""
    found = compare_runs(
        side("A", {"parsing": 60, "speech": 50, "vision": 40}, 1),
        side("B", {"health": 50, "music": 40, "games": 30}, 2),
        AUTO,
    )
    assert sorted(c.status for c in found.changes) == ["born"] * 3 + ["vanished"] * 3


def test_a_topic_is_the_same_though_its_field_talks_differently():
    """From one run to the other all papers begin to use the same new words."""
    one, two = side("A", BEFORE, 1), side("B", BEFORE, 2)
    new = sp.csr_matrix(np.ones((len(two.corpus), 8), dtype=np.int32))
    terms = (*two.counts.terms, *(f"zz{n}" for n in range(8)))
    drifted = dataclasses.replace(two, counts=Counts(sp.hstack([two.counts.matrix, new]).tocsr(), terms))
    assert {c.status for c in compare_runs(one, drifted, AUTO).changes} == {"matched"}


def test_a_topic_in_two_parts_has_split_and_counts_with_both():
    one = {**BEFORE, "music": 30, "games": 30}
    two = {"parsing": 30, "parsing+": 30, "speech": 50, "vision": 40, "health": 30, "music": 30, "games": 30}
    found = compare_runs(side("A", one, 4), side("B", two, 5), AUTO)
    split = [c for c in found.changes if c.status == "split"]
    assert [found.labels_before[c.before] for c in split] == ["parsing"]
    whole = next(c for c in found.changes if c.status == "matched" and c.before == split[0].before)
    assert whole.count_after + split[0].count_after == 60
    assert (whole.difference, whole.change) == (0.0, "no clear change")
    back = compare_runs(side("B", two, 5), side("A", one, 4), AUTO)
    assert sorted(c.status for c in back.changes).count("merged") == 1


def test_one_encoder_adds_the_centroids():
    found = compare_runs(side("A", BEFORE, 1, "minilm"), side("B", BEFORE, 2, "minilm"), AUTO)
    assert found.notes == ()
    assert all(c.status == "matched" for c in found.changes)


def test_other_settings_of_one_encoder_are_named():
    found = compare_runs(
        side("A", BEFORE, 1, "minilm, 1 window"), side("B", BEFORE, 2, "minilm, 3 windows"), AUTO
    )
    assert found.notes[0].startswith(
        "The vectors of the runs (minilm, 1 window; minilm, 3 windows) cannot be compared"
    )


def test_two_topics_on_either_side_are_too_few():
    small = side("A", {"parsing": 9, "speech": 8}, 1)
    with pytest.raises(CorpusError, match="2 and 2 topics are too few to tell a match from chance"):
        compare_runs(small, small, AUTO)


def test_comparisons_survive_the_cache(tmp_path):
    found = compare_runs(side("A", BEFORE, 1), side("B", BEFORE, 2), AUTO)
    store.pack(found, tmp_path)
    assert store.unpack(Comparison, tmp_path) == found
