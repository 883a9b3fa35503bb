"""Pictures hold what they must, are the same bytes twice, and stand with one topic or eighty."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import pictures
from tests.trends import made
from tests.trends.test_compare import BEFORE, side, two_periods
from topics.config import MapSettings, TrendSettings
from topics.output.canvas import Canvas, make_ink, spread_out
from topics.output.maps import colors
from topics.output.trends import heatmap, multiples, stream
from topics.output.trends.gallery import COMPARISON_PLOTS, TREND_PLOTS, draw_comparison, draw_trends
from topics.trends.compare import compare_periods, compare_runs
from topics.trends.trends import find_trends
from topics.types import Projection

AUTO = TrendSettings()
SMALL = MapSettings(width_mm=120.0)


def example(topics: int, years: int = 8, seed: int = 0):
    random = np.random.default_rng(seed)
    counts = random.poisson(30, (topics, years))
    counts[0] = np.rint(10 * 1.6 ** np.arange(years))
    run = made.run(made.yearly(counts.tolist()))
    layout = Projection(random.normal(size=(len(run[0]), 2)) + run[1].nearest_topic[:, None] % 5)
    return run, find_trends(*run, AUTO), layout


def texts(canvas) -> list[str]:
    return [arguments[2] for name, arguments, _ in canvas.marks if name == "text"]


def test_all_pictures_are_written_and_the_same_twice(tmp_path):
    run, result, layout = example(8)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        names = draw_trends(result, run[2], run[1], layout, SMALL, folder)
    assert set(names) == pictures(TREND_PLOTS)
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_letters_without_a_font_warn_nobody(tmp_path):
    # Private-use letters that no font draws, once each in PNG and SVG.
    page = Canvas(60.0, 20.0, make_ink(None, 1, "light"))
    page.text(5.0, 5.0, "\U00010abc\U00010abd", 7.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page.save(tmp_path / "picture")


def test_figures_are_of_complete_periods():
    run = made.run(made.yearly([[30, 40, 50, 9], [20, 10, 30, 1], [2, 1, 1, 6]]))
    result = find_trends(*run, TrendSettings(incomplete="last"))
    ink = make_ink(None, 3, "light")
    for draw in (multiples.draw, heatmap.draw):
        shown = texts(draw(result, run[2], ink, 120.0))
        assert f"{100 * 2 / 52:.1f}%" in shown
        assert not {"37.5%", "10"} & set(shown)


def test_pictures_hold_no_date_and_no_version(tmp_path):
    run, result, layout = example(3)
    for name in draw_trends(result, run[2], run[1], layout, SMALL, tmp_path):
        content = (tmp_path / name).read_bytes()
        assert not re.search(rb"[Mm]atplotlib|dc:date|tIME", content), name


@pytest.mark.parametrize("topics", [1, 2, 8, 80])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_name_every_topic_within_their_edges(topics, theme):
    run, result, _ = example(topics)
    ink = make_ink(None, topics, theme)
    for draw in (multiples.draw, heatmap.draw):
        canvas = draw(result, run[2], ink, 180.0)
        for topic in run[2].topics:
            assert any(topic.label in text for text in texts(canvas))
        for name, (x, y, *_), _ in canvas.marks:
            if name in ("text", "plot", "fill"):
                xs, ys = np.atleast_1d(x).astype(float), np.atleast_1d(y).astype(float)
                assert np.nanmin(xs) >= 0
                assert np.nanmax(xs) <= canvas.width
                assert np.nanmin(ys) >= 0
                assert np.nanmax(ys) <= canvas.height
    assert len(texts(stream.draw(result, run[2], ink, 180.0))) >= min(topics, 18)


def test_two_incomplete_periods_can_be_drawn(tmp_path):
    run = made.run(made.yearly([[30, 40], [20, 10], [0, 5]]))
    result = find_trends(*run, TrendSettings(incomplete="both"))
    layout = Projection(np.random.default_rng(0).normal(size=(len(run[0]), 2)))
    assert not result.complete.any()
    assert len(draw_trends(result, run[2], run[1], layout, SMALL, tmp_path)) == 2 * len(TREND_PLOTS)


def test_periods_without_papers_leave_gaps(tmp_path):
    run = made.run({"2010": [9, 8], "2011": [9, 8], "2015": [9, 8], "2016": [3, 9], "2017": [9, 2]})
    layout = Projection(np.random.default_rng(0).normal(size=(len(run[0]), 2)))
    result = find_trends(*run, AUTO)
    assert len(result.periods) == 8
    assert len(draw_trends(result, run[2], run[1], layout, SMALL, tmp_path)) == 2 * len(TREND_PLOTS)


def test_the_heatmap_is_ordered_by_the_time_of_the_peak():
    run = made.run(made.yearly([[5, 5, 50, 5, 5, 5], [40, 30, 20, 10, 10, 10], [5, 5, 5, 5, 20, 90]]))
    result = find_trends(*run, AUTO)
    peaks = [result.tests[k].peak for k in heatmap.by_peak(result)]
    assert peaks == sorted(peaks)


def test_streams_keep_all_papers():
    layers = np.random.default_rng(0).random((5, 7)) * 30
    x, smooth = stream.smoothed(np.arange(7.0), layers)
    at = [int(np.argmin(np.abs(x - t))) for t in range(7)]
    assert np.allclose(smooth[:, at], layers)
    edges = stream.stacked(smooth)
    assert np.allclose(np.diff(edges, axis=0), smooth)
    assert np.allclose(edges[0], -edges[-1])


def test_comparisons_are_drawn_for_periods_and_runs(tmp_path):
    run, spans = two_periods([80, 80, 80, 80, 50, 0], [80, 80, 80, 80, 0, 50])
    found = compare_periods(*run, spans, AUTO)
    names = draw_comparison(found, SMALL, tmp_path)
    assert set(names) == pictures(COMPARISON_PLOTS)
    before = {name: (tmp_path / name).read_bytes() for name in names}
    draw_comparison(found, SMALL, tmp_path)
    assert all((tmp_path / name).read_bytes() == content for name, content in before.items())
    draw_comparison(compare_runs(side("A", BEFORE, 1), side("B", BEFORE, 2), AUTO), SMALL, tmp_path)


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=30),
    st.floats(0.5, 5),
)
def test_places_keep_their_order_their_gap_and_their_room(wanted, gap):
    places = spread_out(np.array(wanted), gap, 0.0, 100.0)
    order = np.argsort(wanted, kind="stable")
    step = min(gap, 100 / max(len(wanted) - 1, 1))
    assert (np.diff(places[order]) >= step - 1e-6).all()
    assert places.min() >= -1e-6
    assert places.max() <= 100 + 1e-6


def test_names_can_be_read_on_the_page():
    for theme in ("light", "dark"):
        ink = make_ink(None, 40, theme)
        page = colors.oklab(ink.paper)[0]
        assert (np.abs(colors.oklab(ink.names)[:, 0] - page) > 0.35).all()
        assert abs(colors.oklab(ink.rise(True))[0] - page) > 0.3
