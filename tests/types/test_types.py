"""The values that flow from stage to stage."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from topics.types import Embeddings, Keyword, Levels, NamedLevel, Neighbours, Topic, Topics, join_text
from topics.types.papers import Texts

FEW = st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5])


@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 12), st.integers(1, 4)), elements=FEW))
def test_order_is_that_of_all_columns(vectors):
    order = Embeddings(vectors, "test").order
    np.testing.assert_array_equal(order, np.lexsort(vectors.T[::-1]))


@given(st.permutations(range(9)), hnp.arrays(np.float32, (9, 3), elements=FEW))
def test_order_gives_the_same_vectors_however_they_are_arranged(rows, vectors):
    before, after = Embeddings(vectors, "test"), Embeddings(vectors[rows], "test")
    np.testing.assert_array_equal(before.vectors[before.order], after.vectors[after.order])


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=12), st.integers(1, 5))
def test_texts_are_made_when_asked_for(pairs, at_once):
    columns = [pa.array([pair[place] for pair in pairs], pa.string()) for place in (0, 1)]
    papers = pa.table(columns, names=["title", "abstract"])
    texts, expected = Texts(papers, "title", "abstract"), [join_text(*pair) for pair in pairs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Texts, "_AT_ONCE", at_once)
        assert list(texts) == expected
    assert len(texts) == len(expected)
    for cut in (slice(2, 5), slice(None), slice(5, 2), slice(-3, None), slice(None, None, -2), slice(40, 50)):
        assert texts[cut] == expected[cut]
    assert [texts[row] for row in range(-len(pairs), len(pairs))] == expected * 2
    with pytest.raises(IndexError):
        texts[len(pairs)]
    assert list(Texts(papers, "abstract")) == [two for _, two in pairs]


def test_neighbours_are_among_those_that_stand_for_the_corpus():
    indices, distances = np.array([[0, 2], [1, 0], [2, 0], [3, 2]]), np.zeros((4, 2))
    assert Neighbours(indices, distances, np.array([0, 2])).among.tolist() == [0, 2]
    for wrong in ([2, 0], [0], [0, 1, 1]):
        with pytest.raises(
            ValueError, match=r"Neighbours\.among must hold ascending rows, and all neighbours"
        ):
            Neighbours(indices, distances, np.array(wrong))


def test_under_another_label_a_topic_keeps_only_what_that_does_not_say():
    topic = Topic(
        0, "watermarked text", 2, (Keyword("x", 1.0),), (0,), joined_keywords=("watermarks", "sampling")
    )
    assert Topics((topic,)).relabelled(["LLM watermarks"])[0].name == "LLM watermarks, sampling"
    assert Topics((topic,)).relabelled(["marks"])[0].name == "marks, watermarks, sampling"
    assert Topics((topic,), "minilm").relabelled(["marks"]).encoder == "minilm"


def level(number, score):
    return NamedLevel(tuple(f"t{topic}" for topic in range(number)), (3,) * number, score, 0.5)


@pytest.mark.parametrize(
    ("scores", "taken", "note"),
    [
        (
            {5: 0.995, 13: 1.0, 24: 0.99},
            13,
            "13 topics; 5 and 24 hold nearly as well: --set cluster.n_topics=5",
        ),
        ({5: 0.9, 13: 1.0, 24: 0.991}, 13, "13 topics; 24 holds nearly as well: --set cluster.n_topics=24"),
        ({5: 0.9, 13: 1.0, 24: 0.995}, 5, "5 topics; 13 and 24 hold better: --set cluster.n_topics=13"),
        ({5: 0.9, 13: 1.0, 24: 0.9899}, 13, None),
    ],
)
def test_a_note_says_which_numbers_of_topics_are_nearly_as_good(scores, taken, note):
    numbers = [*scores]
    found = Levels(tuple(level(*pair) for pair in scores.items()), numbers.index(taken), 1.0)
    assert found.notes == ((note,) if note else ())
    assert [len(other) for other in found.others] == [number for number in numbers if number != taken]


def test_levels_are_ordered_by_number():
    assert Levels().notes == ()
    with pytest.raises(ValueError, match="ordered by their numbers"):
        Levels((level(5, 1.0), level(3, 1.0)), 0, 1.0)
    with pytest.raises(ValueError, match="place of one of them"):
        Levels((level(3, 1.0), level(5, 1.0)), 2, 1.0)
    with pytest.raises(ValueError, match="a label and a size"):
        NamedLevel(("a", "b"), (1,), 1.0, 0.5)
    with pytest.raises(ValueError, match="unique"):
        NamedLevel(("a", "A"), (1, 1), 1.0, 0.5)
