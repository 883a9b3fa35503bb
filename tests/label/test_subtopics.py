"""A topic falls into the parts that its papers agree on, and a cloud into none."""

import numpy as np
import pytest

from topics.label import subtopics
from topics.label.subtopics import LEAST, divide


def balls(sizes, spread=0.25, dimensions=20, seed=0):
    random = np.random.default_rng(seed)
    centres = np.eye(dimensions)[: len(sizes)] + 0.5
    vectors = np.repeat(centres, sizes, axis=0) + random.normal(0, spread, (sum(sizes), dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.arange(len(sizes)), sizes)


def everyone(vectors):
    return np.ones(len(vectors), bool)


def same_groups(one, other):
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@pytest.mark.parametrize("sizes", [(60, 60), (40, 60, 80), (50, 50, 60, 60, 70, 70)])
def test_balls_are_the_parts(sizes):
    vectors, truth = balls(sizes, spread=0.05)
    found = divide(vectors, everyone(vectors), 0)
    assert same_groups(found.of, truth)
    assert found.stability.shape == (len(sizes),)
    assert (found.stability > 0.9).all()


@pytest.mark.parametrize("size", [60, 200])
def test_a_cloud_stays_whole(size):
    for seed in range(4):
        vectors, _ = balls((size,), seed=seed)
        assert divide(vectors, everyone(vectors), 0) is None


def test_what_does_not_come_back_is_no_part(monkeypatch):
    vectors, _ = balls((60, 60), spread=0.05)
    draws = iter(range(100))

    def by_chance(points, number, least, repetition, starts):
        random = np.random.default_rng(next(draws))
        return points[random.choice(len(points), 2, replace=False)] + random.normal(
            0, 3, (2, points.shape[1])
        )

    monkeypatch.setattr(subtopics, "_middles", by_chance)
    assert divide(vectors, everyone(vectors), 0) is None


def test_a_part_that_does_not_come_back_goes_to_the_others(monkeypatch):
    vectors, truth = balls((60, 60, 60), spread=0.05)
    whole = subtopics._middles

    def with_one_by_chance(points, number, least, repetition, starts):
        found = whole(points, number, least, repetition, starts)
        return np.vstack([found, points[:20].mean(axis=0)]) if repetition == 0 else found

    monkeypatch.setattr(subtopics, "_middles", with_one_by_chance)
    found = divide(vectors, everyone(vectors), 0)
    assert same_groups(found.of, truth)
    assert (found.stability > 0.9).all()


def test_a_part_of_the_fewest_papers_is_found_again():
    for seed in range(4):
        vectors, truth = balls((LEAST + 1, 60), spread=0.05, seed=seed)
        assert same_groups(divide(vectors, everyone(vectors), 0).of, truth)


def test_outliers_go_along_and_count_for_nothing():
    vectors, truth = balls((60, 60, LEAST), spread=0.05)
    core = everyone(vectors)
    core[-LEAST // 2 :] = False
    found = divide(vectors, core, 0)
    assert len(found.stability) == 2
    assert same_groups(found.of[:120], truth[:120])
    assert len(found.of) == len(vectors)


def test_few_papers_are_not_divided():
    vectors, _ = balls((LEAST, LEAST - 1), spread=0.01)
    assert divide(vectors, everyone(vectors), 0) is None


def test_of_many_papers_a_sample_is_grouped_and_all_are_placed():
    vectors, truth = balls((400, 500, 600), spread=0.05)
    found = divide(vectors, everyone(vectors), 0)
    assert same_groups(found.of, truth)


def test_the_same_seed_gives_the_same_parts():
    vectors, _ = balls((50, 70, 90), spread=0.1)
    first, second = (divide(vectors, everyone(vectors), 3) for _ in range(2))
    assert first.of.tolist() == second.of.tolist()
    assert first.stability.tolist() == second.stability.tolist()
