"""What a map shows: everything once, wherever it stands in the input, and honest words around it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invented import grouped, papers_of, topics_of
from topics.config import MapSettings
from topics.errors import ConfigError
from topics.output.maps.view import build_view
from topics.types import Clustering, Projection


def shuffled(run, order):
    corpus, clustering, topics, projection = run
    moved = Clustering(
        topic=clustering.topic[order],
        nearest_topic=clustering.nearest_topic[order],
        probability=clustering.probability[order],
        centroids=clustering.centroids,
        temperature=clustering.temperature,
    )
    return (
        type(corpus)(corpus.papers.take(order), corpus.account),
        moved,
        topics,
        Projection(projection.coordinates[order]),
    )


def test_beside_a_legend_more_names_have_leaders(make_run):
    run = make_run(n=400, count=24)
    led = {}
    for color in ("topic", "category", "date"):
        labels = build_view(*run, MapSettings(width_mm=90, color=color)).labels
        led[color] = {label.topic for label in labels if label.leader}
    assert led["topic"] < led["category"]
    assert led["topic"] < led["date"]


def test_all_papers_lie_within_the_frame(make_run):
    view = build_view(*make_run(n=300, count=7), MapSettings())
    left, bottom, right, top = view.frame
    assert len(view) == 300
    assert (view.positions >= (left, bottom)).all()
    assert (view.positions <= (right, top)).all()
    assert sorted(view.order.tolist()) == list(range(300))
    outliers = int((view.topic < 0).sum())
    assert (view.topic[view.order[:outliers]] == -1).all()


def test_shape_is_not_distorted(make_run):
    run = make_run(n=80, count=4)
    view = build_view(*run, MapSettings())
    plain, shown = run[3].coordinates, view.positions
    ratio = (shown - shown[0])[1:] / (plain - plain[0])[1:]
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-3)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_permuting_papers_permutes_the_map(seed):
    projection, clustering = grouped(40, 4)
    run = papers_of([{} for _ in range(40)]), clustering, topics_of(clustering), projection
    order = np.random.default_rng(seed).permutation(40)
    one, other = build_view(*run, MapSettings()), build_view(*shuffled(run, order), MapSettings())
    assert np.allclose(one.positions[order], other.positions, atol=1e-4)
    assert np.allclose(one.alphas[order], other.alphas, atol=1e-4)
    assert (one.fills[order] == other.fills).all()
    assert (one.glow == other.glow).mean() > 0.999
    assert one.labels == other.labels


def test_the_same_input_gives_the_same_view(make_run):
    run = make_run()
    one, other = build_view(*run, MapSettings()), build_view(*run, MapSettings())
    assert one.labels == other.labels
    assert (one.glow == other.glow).all()


def test_labels_name_the_largest_first(make_run):
    view = build_view(*make_run(n=900, count=60), MapSettings(width_mm=85))
    named = [label.topic for label in view.labels]
    assert 10 < len(named) < 60
    assert named[0] == 0
    assert [label.size for label in view.labels] == sorted(
        (label.size for label in view.labels), reverse=True
    )
    assert min(label.size for label in view.labels) >= 4.8


def test_words_around_the_map(make_run):
    rows = [{"date": f"201{i % 3}-05"} for i in range(60)]
    run = make_run(rows=rows)
    view = build_view(*run, MapSettings())
    outliers = int((run[1].topic < 0).sum())
    assert view.title.text == "60 papers"
    assert view.subtitle.text == f"6 topics · 2010–2012 · {outliers} papers outside any topic"
    titled = build_view(*run, MapSettings(title="My\nreading  list"))
    assert titled.title.text == "My reading list"
    assert titled.subtitle.text.startswith("60 papers · 6 topics")


@pytest.mark.parametrize("width", [60, 85, 180, 600])
def test_headings_stay_on_the_page(make_run, width):
    from topics.output.maps.typeset import text_width

    view = build_view(*make_run(), MapSettings(width_mm=width, title="A title that is far too long " * 4))
    for line in (view.title, view.subtitle, view.note):
        assert line.x + text_width(line.text, line.size) <= width
    assert view.width == width
    assert 0.5 < view.height / view.width < 1.3


def test_colours_by_topic_match_the_palette(make_run):
    for theme in ("light", "dark"):
        view = build_view(*make_run(), MapSettings(theme=theme))
        inside = view.topic >= 0
        assert (view.fills[inside] == view.palettes[theme][view.topic[inside]]).all()
        assert len(np.unique(view.fills[~inside], axis=0)) == 1
        assert view.legend is None


@pytest.mark.parametrize(
    ("color", "names", "ends"),
    [
        ("date", (), ("2015", "2022")),
        ("score", (), ("0", "59")),
        ("category", ("kind 0", "kind 1", "kind 2"), None),
        ("lab", ("L0", "L1", "L2", "L3"), None),
        ("id", (*(f"p{i}" for i in (0, 1, 10, 11, 12, 13, 14, 15, 16, 17)), "other"), None),
    ],
)
def test_colours_by_a_column(make_run, color, names, ends):
    view = build_view(*make_run(), MapSettings(color=color))
    assert view.legend.names == names
    assert view.legend.ends == ends
    assert tuple(line.text for line in view.key) == names
    assert len(np.unique(view.fills, axis=0)) > 2
    assert all(line.y < view.frame[1] for line in view.key)


def test_colours_by_probability_rise(make_run):
    run = make_run()
    view = build_view(*run, MapSettings(color="probability"))
    order = np.argsort(run[1].probability)
    lightness = view.fills[order].astype(float).sum(axis=1)
    assert lightness[:10].mean() > lightness[-10:].mean() + 100


def test_a_column_nobody_has(make_run):
    with pytest.raises(ConfigError, match=r'map.color "colour" is neither .* nor a column .*lab.*score'):
        build_view(*make_run(), MapSettings(color="colour"))
    with pytest.raises(ConfigError) as caught:
        build_view(*make_run(), MapSettings(color="original"))
    assert str(caught.value).count("original") == 1


def test_unknown_values_are_quiet(make_run):
    rows = [{"date": "" if i % 2 else "2020", "categories": []} for i in range(60)]
    run = make_run(rows=rows)
    view = build_view(*run, MapSettings(color="date"))
    assert len(np.unique(view.fills[1::2], axis=0)) == 1
    assert (view.fills[0] != view.fills[1]).any()
    nothing = build_view(*run, MapSettings(color="category"))
    assert nothing.legend is None
    assert len(np.unique(nothing.fills, axis=0)) == 1


def test_inputs_of_different_runs_are_refused(make_run):
    corpus, clustering, topics, projection = make_run()
    other = make_run(n=59)
    with pytest.raises(ValueError, match="60 papers, 60 cluster rows"):
        build_view(corpus, clustering, topics, other[3], MapSettings())
    with pytest.raises(ValueError, match="one 2-D place per paper"):
        build_view(corpus, clustering, topics, Projection(np.zeros((60, 3))), MapSettings())
    with pytest.raises(ValueError, match="6 named topics but 5 clusters"):
        build_view(corpus, make_run(count=5)[1], topics, projection, MapSettings())


def test_two_papers_in_one_place(make_run):
    corpus, clustering, topics, _ = make_run(n=2, count=1, outliers=0)
    view = build_view(corpus, clustering, topics, Projection(np.zeros((2, 2))), MapSettings())
    assert np.isfinite(view.positions).all()
    assert len(view.labels) == 1
