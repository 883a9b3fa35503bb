"""Fields and subtopics on the map: named where there is room, and only where the name says something."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invented import SUBJECTS, grouped, layers_of, papers_of, topics_of, trust_of
from topics.config import MapSettings
from topics.output.maps.layers import BOLD, field_homes, subtopic_homes, worth_naming
from topics.output.maps.place import overlap_area
from topics.output.maps.typeset import extent
from topics.output.maps.view import build_view
from topics.types import Group


@pytest.fixture
def run(make_run):
    return make_run(n=120, count=8)


def boxes(words):
    middles = np.array([(word.x, word.y) for word in words]).reshape(-1, 2)
    halves = np.array([extent(word.lines, word.size) for word in words]).reshape(-1, 2) / 2
    return np.concatenate([middles - halves, middles + halves], axis=1)


def named(hierarchy, names):
    groups = [
        Group(name, group.size, group.keywords) for name, group in zip(names, hierarchy.fields, strict=True)
    ]
    return dataclasses.replace(hierarchy, fields=tuple(groups))


@settings(max_examples=15, deadline=None)
@given(n=st.integers(20, 400), count=st.integers(4, 20), fields=st.integers(2, 6), seed=st.integers(0, 99))
def test_captions_stay_on_the_map_and_off_each_other(n, count, fields, seed):
    projection, clustering = grouped(max(n, count), count, seed)
    topics = topics_of(clustering, ())
    hierarchy = layers_of(clustering, topics, projection, fields)
    corpus = papers_of([{}] * len(clustering))
    view = build_view(corpus, clustering, topics, projection, MapSettings(), hierarchy)
    taken = boxes(view.captions)
    assert (taken[:, :2] >= np.array(view.frame[:2]) - 1e-6).all()
    assert (taken[:, 2:] <= np.array(view.frame[2:]) + 1e-6).all()
    shared = overlap_area(taken, taken)
    assert (shared[~np.eye(len(taken), dtype=bool)] == 0).all()
    assert overlap_area(taken, boxes(view.labels)).sum() == 0
    for caption, (left, bottom, right, top) in zip(view.captions, taken, strict=True):
        x, y = view.positions[:, 0], view.positions[:, 1]
        across = np.maximum(0, np.maximum(left - x, x - right))
        along = np.maximum(0, np.maximum(bottom - y, y - top))
        beside = np.hypot(across, along)
        assert beside.min() >= view.point / 2
        # Papers are counted on a grid, whose cells move the edges of what is around a caption.
        edge = max(0.4, 0.003 * view.width) / 2
        wider = (BOLD - 1) * (right - left) / 2
        around = np.maximum(across - wider, along) - 0.6 * (top - bottom)
        own = (view.topic >= 0) & (hierarchy.field[view.topic] == caption.field)
        assert (own & (beside <= top - bottom)).any()
        assert own[around <= edge].sum() >= 0.6 * (around <= -edge).sum()
    assert {caption.field for caption in view.captions} <= set(worth_naming(hierarchy, topics))


def test_a_map_of_few_topics_names_no_fields(run):
    assert build_view(*run, MapSettings(), layers_of(*run[1:])).captions == ()


def test_captions_keep_clear_of_names(make_run):
    run = make_run(n=240, count=16)
    view = build_view(*run, MapSettings(), layers_of(*run[1:]))
    assert len(view.captions) >= 1
    assert overlap_area(boxes(view.captions), boxes(view.labels)).sum() == 0


def test_where_topics_form_no_fields_the_map_names_none(make_run):
    run = make_run(n=240, count=16)
    layers = layers_of(*run[1:])
    none = dataclasses.replace(layers, field=np.full(16, -1), fields=())
    view = build_view(*run, MapSettings(), none)
    assert view.captions == ()
    assert worth_naming(none, run[2]) == []
    assert len(field_homes(none, run[2], view.anchors)) == 0


def test_a_field_that_is_one_topic_or_is_called_like_one_needs_no_caption(run):
    _, clustering, topics, projection = run
    hierarchy = layers_of(clustering, topics, projection, fields=3)
    assert worth_naming(hierarchy, topics) == [0, 1, 2]
    assert worth_naming(named(hierarchy, ["Nature", SUBJECTS[3].upper(), "Law"]), topics) == [0, 2]
    assert worth_naming(layers_of(clustering, topics, projection, fields=8), topics) == []
    assert worth_naming(layers_of(clustering, topics, projection, fields=1), topics) == []


def test_without_layers_the_map_is_as_before(run):
    view = build_view(*run, MapSettings())
    assert view.captions == ()
    assert len(view.labels) == 8


def test_a_field_lies_amid_its_topics(run):
    _, clustering, topics, projection = run
    hierarchy = layers_of(clustering, topics, projection, fields=2)
    anchors = np.stack([np.arange(8.0), np.ones(8)], axis=1)
    homes = field_homes(hierarchy, topics, anchors)
    for field in range(2):
        members = np.flatnonzero(hierarchy.field == field)
        assert members.min() <= homes[field, 0] <= members.max()
    assert np.allclose(homes[:, 1], 1.0)


def test_a_subtopic_lies_on_one_of_its_papers(run):
    _, clustering, topics, projection = run
    hierarchy = layers_of(clustering, topics, projection)
    found, homes = subtopic_homes(hierarchy, clustering.topic, projection.coordinates)
    assert found.tolist() == list(range(len(hierarchy.subtopics)))
    for number, home in zip(found, homes, strict=True):
        own = (hierarchy.subtopic == number) & (clustering.topic >= 0)
        assert np.abs(projection.coordinates[own] - home).sum(axis=1).min() < 1e-9
    empty = dataclasses.replace(
        hierarchy, subtopic=np.full(len(clustering), -1), parent=np.zeros(0, int), subtopics=()
    )
    assert len(subtopic_homes(empty, clustering.topic, projection.coordinates)[0]) == 0


def test_where_there_is_not_room_for_both_the_stable_topic_is_named(make_run):
    run = make_run(n=400, count=40, labels=tuple(f"A rather long name of subject {k}" for k in range(40)))
    half = np.arange(40) % 2
    shown = {}
    for firm in (0, 1):
        trust = trust_of(run[1])
        trust = dataclasses.replace(trust, stability=np.where(half == firm, 1.0, 0.05))
        view = build_view(*run, MapSettings(width_mm=60), None, trust)
        named = half[[label.topic for label in view.labels]]
        assert 0 < len(named) < 40
        shown[firm] = float((named == firm).mean())
    assert min(shown.values()) > 0.6
