"""What the last tenth brought, in random orders; and what more papers would bring, against known formulas."""

import numpy as np
import pytest
from scipy import special

from tests.trends import made
from topics.config import MapSettings
from topics.evidence.saturation import coverage, further, saturation
from topics.output.evidence.saturation import FILES, sentences, write_saturation
from topics.types import Regroupings

TOPIC = np.repeat([0, 1, 2], [60, 38, 2])
WORDS = [["model", f"own{row}"] if row % 2 else ["model", f"pair{row // 4}", "graph"] for row in range(100)]


@pytest.fixture(scope="module")
def found():
    rows = np.arange(95)
    missing = np.where(TOPIC[rows] == 1, 0, TOPIC[rows])
    again = Regroupings([rows, rows], [TOPIC[rows], missing])
    return saturation(made.clustering(TOPIC), made.words(WORDS), again, 1)


def test_curves_follow_the_rarefaction_formula(found):
    topics, of_five, words, lasting = found.curves
    assert found.ends == tuple(range(10, 101, 10))
    assert (topics.mean[-1], of_five.mean[-1]) == (3, 2)
    # A topic of two papers is met among 90 of 100 unless both are among the last ten.
    missed = special.comb(10, 2) / special.comb(100, 2)
    assert topics.last == pytest.approx(missed, abs=0.03)
    uses = np.asarray((made.words(WORDS).matrix > 0).sum(axis=0)).ravel()
    expected = sum(1 - special.comb(100 - use, 90) / special.comb(100, 90) for use in uses[uses > 0])
    assert words.mean[8] == pytest.approx(expected, rel=0.01)
    assert words.mean[-1] == (uses > 0).sum()
    assert (lasting.mean[-1], lasting.last) == (2, 0)
    assert all(
        low <= mean <= high
        for one in found.curves
        for low, mean, high in zip(one.low, one.mean, one.high, strict=True)
    )


def test_topics_that_nine_tenths_do_not_show_are_counted(found):
    # The second repetition has the topic of 38 papers inside another; no rows are of the two strays.
    assert found.missed == (1, 2)
    few = saturation(made.clustering(TOPIC), made.words(WORDS), Regroupings([[0, 1, 2]], [[0, 0, 0]]), 1)
    assert few.missed == ()
    assert "is not known" in sentences(few)[1]


def test_further_words_by_chao():
    papers = np.array([1] * 20 + [2] * 10 + [9] * 5)
    n, unseen = 50, 49 / 50 * 20**2 / 20
    assert further(papers, n, 10**9) == pytest.approx(unseen)
    assert further(papers, n, 1) == pytest.approx(unseen * 20 / (n * unseen + 20))
    assert further(np.array([2, 3]), n, 5) == 0
    assert coverage(papers, n) == pytest.approx(1 - 20 / 85 * (49 * 20 / (49 * 20 + 20)))
    assert coverage(np.array([2, 3]), n) == 1


def test_page_table_and_picture(found, tmp_path):
    names = write_saturation(found, MapSettings(), tmp_path)
    assert names == (*FILES, "saturation.png", "saturation.svg")
    assert "100 papers in 200 random orders. The last tenth (10 papers) brought" in sentences(found)[0]
    text = (tmp_path / "saturation.md").read_text(encoding="utf-8")
    assert "| topics of 5 papers |" in text
    once = [(tmp_path / name).read_bytes() for name in names]
    write_saturation(found, MapSettings(), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in names] == once
