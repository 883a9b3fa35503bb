"""The dendrogram's lines: every topic once, neighbours joined, nothing outside the drawing."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from topics.output.report.tree import ROW, tree
from topics.types import Group, Hierarchy, Keyword


def layered(count, fields, seed=0):
    places = np.random.default_rng(seed).normal(size=(count, 3))
    merges = linkage(places, "ward") if count > 1 else np.zeros((0, 4))
    cut = fcluster(merges, fields, "maxclust") - 1 if count > 1 else np.zeros(1, int)
    words = (Keyword("a", 1.0),)
    return Hierarchy(
        merges=merges,
        field=cut,
        fields=tuple(Group(f"f{k}", 1, words) for k in range(cut.max() + 1)),
        subtopic=np.full(count, -1),
        parent=np.zeros(0, int),
        subtopics=(),
    )


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 60), fields=st.integers(1, 8), seed=st.integers(0, 99))
def test_every_topic_is_a_row_and_every_merge_a_branch(count, fields, seed):
    hierarchy = layered(count, min(fields, count), seed)
    drawn = tree(hierarchy)
    assert sorted(drawn.leaves) == list(range(count))
    assert len(drawn.branches) == count - 1
    assert drawn.tall == count * ROW
    for path, _ in drawn.branches:
        x, y, back, down, end = (float(part) for part in re.findall(r"[\d.]+", path))
        assert 0 <= back <= min(x, end) <= drawn.wide
        assert 0 < y < drawn.tall
        assert 0 < down < drawn.tall


@settings(max_examples=30, deadline=None)
@given(count=st.integers(2, 60), fields=st.integers(1, 8), seed=st.integers(0, 99))
def test_topics_of_a_field_stand_together_and_their_branches_are_strong(count, fields, seed):
    hierarchy = layered(count, min(fields, count), seed)
    drawn = tree(hierarchy)
    row = hierarchy.field[list(drawn.leaves)]
    assert (np.diff(row) != 0).sum() == len(hierarchy.fields) - 1
    assert sum(not inside for _, inside in drawn.branches) == len(hierarchy.fields) - 1


def test_merges_without_any_height_are_drawn_too():
    hierarchy = layered(3, 1)
    flat = np.array(hierarchy.merges)
    flat[:, 2] = 0.0
    assert len(tree(Hierarchy(**{**vars(hierarchy), "merges": flat})).branches) == 2
