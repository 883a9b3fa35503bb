"""Invented runs to draw and to report."""

import json

import numpy as np
import pyarrow as pa

from topics.types import (
    Clustering,
    Corpus,
    Group,
    Hierarchy,
    Keyword,
    Memberships,
    Projection,
    Quality,
    Topic,
    Topics,
)
from topics.types.run import Values

SUBJECTS = ("Sleep", "Coral reefs", "Bridge fatigue", "Tax law", "Beehives", "Glass", "Tides", "Grammar")


class InventedRun(Values):
    """A run whose values are those that it is given, by name."""

    def __init__(self, **values):
        vars(self).update(values)


def with_values(run, **values):
    """The same run with other values."""
    return InventedRun(**vars(run) | values)


def papers_of(rows):
    """A corpus of rows with any of the columns of the papers' table; what is missing is invented."""
    n = len(rows)

    def column(name, make):
        return [row.get(name, make(i)) for i, row in enumerate(rows)]

    strings, lists = pa.string(), pa.list_(pa.string())
    table = pa.table(
        {
            "id": pa.array(column("id", lambda i: f"p{i}"), strings),
            "title": pa.array(column("title", lambda i: f"Paper number {i}"), strings),
            "abstract": pa.array(column("abstract", lambda i: f"What paper {i} found. " * 30), strings),
            "date": pa.array(column("date", lambda i: f"{2015 + i % 8}-{1 + i % 12:02d}"), strings),
            "doi": pa.array(column("doi", lambda i: ""), strings),
            "url": pa.array(column("url", lambda i: f"https://example.org/p/{i}"), strings),
            "venue": pa.array(column("venue", lambda i: ""), strings),
            "language": pa.array(column("language", lambda i: "en"), strings),
            "authors": pa.array(column("authors", lambda i: [f"Author {i}", "Ada Lovelace"]), lists),
            "keywords": pa.array(column("keywords", lambda i: [f"keyword{i}"]), lists),
            "categories": pa.array(column("categories", lambda i: [f"kind {i % 3}"]), lists),
            "file": pa.array(["invented"] * n, strings),
            "position": pa.array(range(1, n + 1), pa.int64()),
            "original": pa.array(
                column("original", lambda i: json.dumps({"score": i, "lab": f"L{i % 4}"})), strings
            ),
        }
    )
    account = {"file": ["invented"] * n, "kept": [True] * n, "reason": [""] * n}
    return Corpus(table, pa.table(account))


def grouped(n, count, seed=0, outliers=0.1):
    """n places in `count` heaps, and their clustering with a share of outliers."""
    rng = np.random.default_rng(seed)
    nearest = np.sort(np.concatenate([np.arange(count), rng.integers(count, size=n - count)]))
    angle = 2 * np.pi * np.arange(count) / count
    middles = 6 * np.stack([1.4 * np.cos(angle), np.sin(angle)], axis=1)
    places = middles[nearest] + rng.normal(size=(n, 2))
    topic = np.where(rng.random(n) < outliers, -1, nearest)
    topic[[np.flatnonzero(nearest == k)[0] for k in range(count)]] = np.arange(count)
    order = np.argsort(-np.bincount(topic[topic >= 0], minlength=count), kind="stable")
    rank = np.argsort(order, kind="stable")
    nearest, topic = rank[nearest], np.where(topic < 0, -1, rank[topic])
    clustering = Clustering(
        topic=topic,
        nearest_topic=nearest,
        probability=rng.random(n),
        centroids=np.eye(count, max(count, 2)),
        temperature=0.1,
    )
    return Projection(places), clustering


def members_of(clustering, reliability=((500, 0.1, 0.12), (60, 0.9, 0.88))):
    """Papers with a share of their nearest topic and no other."""
    return Memberships(
        temperature=clustering.temperature,
        others=clustering.temperature,
        knots=((0.0, 0.0), (1.0, 1.0)),
        starts=np.arange(len(clustering) + 1),
        topics=clustering.nearest_topic,
        shares=clustering.probability,
        reliability=reliability,
    )


def topics_of(clustering, labels=SUBJECTS):
    sizes = clustering.sizes.tolist()
    return Topics(
        tuple(
            Topic(
                id=k,
                label=labels[k] if k < len(labels) else f"Subject {k}",
                size=size,
                keywords=(Keyword(f"term{k}", 0.5), Keyword("shared", 0.25)),
                representative=(int(np.flatnonzero(clustering.topic == k)[0]),),
            )
            for k, size in enumerate(sizes)
        )
    )


def layers_of(clustering, topics, projection, fields=3, parts=2):
    """Topics joined in the order of their numbers, cut into fields, each topic split at its middle."""
    count = len(topics)
    field = np.sort(np.arange(count) % min(fields, count)).astype(np.int32)
    sizes = clustering.sizes
    order = np.argsort([-sizes[field == f].sum() for f in range(field.max() + 1)], kind="stable")
    field = np.argsort(order, kind="stable")[field].astype(np.int32)
    merges, last = [], 0
    for step in range(count - 1):
        merges.append([last, step + 1, 0.1 * (step + 1), step + 2])
        last = count + step
    subtopic, parent, groups = np.full(len(clustering), -1), [], []
    for k in range(count):
        rows = np.flatnonzero(clustering.nearest_topic == k)
        if len(rows) < 2 * parts:
            continue
        ranks = np.argsort(np.argsort(projection.coordinates[rows, 0])) * parts // len(rows)
        for part in range(parts):
            subtopic[rows[ranks == part]] = len(groups)
            size = int((clustering.topic[rows[ranks == part]] >= 0).sum())
            groups.append(Group(f"{topics[k].label} part {part}", size, topics[k].keywords))
            parent.append(k)
    return Hierarchy(
        merges=np.array(merges).reshape(-1, 4),
        field=field,
        fields=tuple(
            Group(f"Field {f}", int(sizes[field == f].sum()), topics[0].keywords) for f in range(len(order))
        ),
        subtopic=subtopic,
        parent=np.array(parent, dtype=np.int32),
        subtopics=tuple(groups),
    )


def trust_of(clustering, doubts=()):
    count = clustering.n_topics
    return Quality(
        stability=np.linspace(0.95, 0.35, count),
        coherence=np.linspace(0.4, 0.1, count),
        agreement=0.71,
        diversity=0.9,
        outlier_share=float((clustering.topic < 0).mean()),
        doubts=tuple(doubts[k] if k < len(doubts) else "" for k in range(count)),
    )
