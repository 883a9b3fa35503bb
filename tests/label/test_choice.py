"""What it is worth that a topic takes a phrase: the mean log-probability of the papers' own phrases."""

import numpy as np
import pytest

from topics.label.choice import TEMPERATURE, Choice


def choice(seed=0, papers=30, phrases=9, topics=4):
    random = np.random.default_rng(seed)
    topic = np.arange(papers) % topics
    rows = [random.normal(size=(many, 6)) for many in (phrases, papers, topics)]
    unit = [own / np.linalg.norm(own, axis=1, keepdims=True) for own in rows]
    return Choice(unit[0], unit[1], topic, 1 / np.bincount(topic)[topic], unit[2])


def mean_log_probability(asked, picked):
    """By the definition: the softmax over the picked phrases, of each paper's own."""
    scores = np.column_stack([asked.scores(place) for place in picked])
    own = scores[np.arange(len(scores)), asked.topic]
    return asked.weight @ (own - np.log(np.exp(scores).sum(axis=1)))


@pytest.mark.parametrize("seed", range(3))
def test_a_gain_is_the_log_probability_with_that_phrase(seed):
    asked, picked = choice(seed), [0, 1, None, 2]
    for topic in range(4):
        places = np.array([3, 5, 8])
        gain = asked.gain(topic, places, asked.odds(picked))
        expected = [
            mean_log_probability(asked, [*picked[:topic], place, *picked[topic + 1 :]]) for place in places
        ]
        assert np.allclose(gain, expected, rtol=0, atol=1e-12)


def test_a_climb_ends_where_no_single_change_helps():
    asked = choice(papers=60, phrases=12)
    candidates = [np.arange(start, start + 3) for start in (0, 3, 6, 9)]
    bonus = [np.linspace(0, TEMPERATURE, 3)] * 4
    picked = asked.climb(candidates, bonus, np.arange(12))
    for topic, places in enumerate(candidates):
        value = bonus[topic] + asked.gain(topic, places, asked.odds(picked))
        assert picked[topic] == places[value.argmax()]
