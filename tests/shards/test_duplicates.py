"""Papers in several shards: the first stays, whatever the buckets; others with its identifier are counted."""

import weakref

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topics.shards.duplicates import find_duplicates
from topics.shards.task import ShardFingerprints

SHARD = st.lists(
    st.tuples(st.integers(0, 8), st.lists(st.integers(0, 5), max_size=2, unique=True)), max_size=8
)

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)


def prints(papers):
    owners = [row for row, (_, names) in enumerate(papers) for _ in names]
    return ShardFingerprints(
        np.array([text for text, _ in papers], np.uint64),
        np.zeros(len(papers), np.int16),
        np.array([name for _, names in papers for name in names], np.uint64),
        np.array(owners, np.int32),
    )


def found(shards, buckets):
    parts = [
        find_duplicates([prints(shard) for shard in shards], bucket, buckets) for bucket in range(buckets)
    ]
    dropped = sorted(
        entry
        for part in parts
        for entry in zip(part.shard.tolist(), part.row.tolist(), part.first.tolist(), strict=True)
    )
    return dropped, sorted({text for part in parts for text in part.sharing.tolist()})


def by_hand(shards):
    seen, dropped, named, sharing = {}, [], {}, set()
    for number, shard in enumerate(shards):
        for row, (text, names) in enumerate(shard):
            if text in seen:
                dropped.append((number, row, seen[text]))
            seen.setdefault(text, number)
            for name in names:
                first_shard, first_text = named.setdefault(name, (number, text))
                if first_shard != number and first_text != text:
                    sharing.add(text)
    return dropped, sorted(sharing)


@CALM
@given(st.lists(SHARD, min_size=1, max_size=4), st.integers(1, 3))
def test_every_later_paper_of_a_text_is_a_twin(shards, buckets):
    assert found(shards, buckets) == by_hand(shards)


def test_the_shards_of_twins_are_named():
    shards = [[(1, []), (2, [7])], [(3, []), (1, [])], [(4, [7]), (1, [])]]
    assert found(shards, 1) == ([(1, 1, 0), (2, 1, 0)], [4])


@pytest.mark.parametrize("shards", [[[]], [[], []], [[(1, [])], []]])
def test_nothing_is_no_twin(shards):
    assert found(shards, 2) == ([], [])


def test_no_shard_is_held_when_the_next_is_read():
    """Each is a few open files, and there may be many thousands of them."""
    read = []

    def shards():
        for number in range(5):
            assert all(texts() is None for texts in read[:-1])
            shard = prints([(number % 3, [number % 2])])
            read.append(weakref.ref(shard.texts))
            yield shard
            del shard

    assert len(find_duplicates(shards()).row) == 2
    assert len(read) == 5
