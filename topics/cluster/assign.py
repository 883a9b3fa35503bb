"""The one rule that says which topic a paper belongs to: the one whose direction has the highest cosine.

It needs the paper's vector and nothing else, so it serves the papers of the run and papers that come later.
Vectors and directions are rounded to multiples of 2**-24 first: every product and every partial sum is then
exact in double precision, and the answer for a paper does not depend on its batch, its place in the batch,
the number of threads or the machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from topics.types import Doubles, Floats, Integers
from topics.types.arrays import on_grid, unit_rows

GRID = float(2**24)
BLOCK_CELLS = 8_000_000

SUMMED = 65_536
"""Papers whose vectors are widened to double precision at a time: bounds the memory."""


def similarities(vectors: Floats, directions: Floats) -> Doubles:
    """Cosine of every paper to every direction, exactly rounded.

    vectors: (n, d) unit rows; directions: (c, d) unit rows. Returns (n, c) float64.
    """
    fine: Doubles = on_grid(vectors.astype(np.float64), GRID)
    product: Doubles = fine @ on_grid(directions.astype(np.float64), GRID).T
    return product


def assign(vectors: Floats, directions: Floats, temperature: float) -> tuple[Integers, Floats]:
    """The nearest topic of each paper and how firmly it belongs there.

    vectors: (n, d) unit rows; directions: (c, d) unit rows; temperature: the cosine difference that makes
    one topic e times as likely as another. Returns (n,) int32 topics and (n,) float32 probabilities, the
    softmax of the cosines. A paper without any known word (a zero vector) goes to topic 0 with
    probability 1/c.
    """
    n = len(vectors)
    topics, probability = np.empty(n, np.int32), np.empty(n, np.float32)
    for block, cosine in blocks(vectors, directions):
        likely = np.exp((cosine - cosine.max(axis=1, keepdims=True)) / temperature)
        topics[block] = cosine.argmax(axis=1)
        probability[block] = likely.max(axis=1) / likely.sum(axis=1)
    return topics, probability


def margins(vectors: Floats, directions: Floats) -> Doubles:
    """(n,) by how much more cosine each paper prefers its topic to the second best of two or more."""
    found = np.empty(len(vectors))
    for block, cosine in blocks(vectors, directions):
        two = np.partition(cosine, -2, axis=1)[:, -2:]
        found[block] = two[:, 1] - two[:, 0]
    return found


def blocks(vectors: Floats, directions: Floats) -> Iterator[tuple[slice, Doubles]]:
    """Some papers at a time and their `similarities`."""
    rows = max(1, BLOCK_CELLS // (len(directions) + vectors.shape[1]))
    for start in range(0, len(vectors), rows):
        block = slice(start, start + rows)
        yield block, similarities(vectors[block], directions)


def means(vectors: Floats | Doubles, groups: Integers) -> Floats:
    """(c, d) unit mean vectors of the groups that have members, in the order of their numbers.

    vectors: (n, d) unit rows, whatever their precision; groups: (n,) from 0, -1 for papers in none.
    """
    import scipy.sparse as sp

    members = np.flatnonzero(groups >= 0)
    everyone = len(members) == len(vectors)
    kept, numbers = np.unique(groups[members], return_inverse=True)
    sums = np.zeros((len(kept), vectors.shape[1]))
    for start in range(0, len(members), SUMMED):
        stretch = slice(start, start + SUMMED)
        some = vectors[stretch if everyone else members[stretch]]
        # One entry per column; put together from pairs of places, a matrix takes longer than its product.
        columns = (np.ones(len(some)), numbers[stretch], np.arange(len(some) + 1))
        membership = sp.csc_matrix(columns, shape=(len(kept), len(some)))
        sums += membership @ some.astype(np.float64, copy=False)
    return unit_rows(sums)
