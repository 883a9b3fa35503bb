"""The values that flow from stage to stage."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from topics.types import Embeddings

FEW = st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5])


@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 12), st.integers(1, 4)), elements=FEW))
def test_order_is_that_of_all_columns(vectors):
    order = Embeddings(vectors, "test").order
    np.testing.assert_array_equal(order, np.lexsort(vectors.T[::-1]))


@given(st.permutations(range(9)), hnp.arrays(np.float32, (9, 3), elements=FEW))
def test_order_gives_the_same_vectors_however_they_are_arranged(rows, vectors):
    before, after = Embeddings(vectors, "test"), Embeddings(vectors[rows], "test")
    np.testing.assert_array_equal(before.vectors[before.order], after.vectors[after.order])
