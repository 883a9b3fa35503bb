"""Invented runs to draw, and a Chromium without network to look at the pages."""

import json
import os
import shutil
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest

from topics.config import MapSettings
from topics.maps.interactive import write_interactive
from topics.maps.view import build_view
from topics.types import Clustering, Corpus, Keyword, Projection, Topic, Topics

CHROMIUM = os.environ.get("TOPICS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
SUBJECTS = ("Sleep", "Coral reefs", "Bridge fatigue", "Tax law", "Beehives", "Glass", "Tides", "Grammar")


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "browser: opens the interactive map in Chromium (Debian's package `chromium`, or the program that "
        "TOPICS_CHROMIUM names); deselected where that or playwright is missing, but a failure under CI",
    )


def pytest_collection_modifyitems(config, items):
    if os.environ.get("CI") or (CHROMIUM and find_spec("playwright")):
        return
    away = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in away]
    config.hook.pytest_deselected(items=away)


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
    return Corpus(table, pa.table({"kept": [True] * n}))


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


@pytest.fixture(scope="session")
def make_run():
    """Corpus, clustering, topics and projection of n invented papers."""

    def make(n=60, count=6, seed=0, rows=None, labels=SUBJECTS, outliers=0.1):
        projection, clustering = grouped(n, count, seed, outliers)
        return papers_of(rows or [{}] * n), clustering, topics_of(clustering, labels), projection

    return make


@pytest.fixture
def write_page(tmp_path):
    """Write the interactive map of a run; returns the file."""

    def write(run, **settings):
        view = build_view(*run, MapSettings(**settings))
        path = tmp_path / "map.html"
        write_interactive(view, run[0], run[2], path)
        return path

    return write


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.fail(
            "Chromium is missing: install Debian's package `chromium`, or name one in TOPICS_CHROMIUM"
        )
    if not find_spec("playwright"):
        pytest.fail("the package playwright is missing: install the development requirements")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"]
        )
        yield browser
        browser.close()


class Visit:
    """An opened map: `page`, and what it asked of the network or complained about."""

    def __init__(self, context, path, address=""):
        self.requests, self.complaints = [], []
        context.route("**/*", self._answer)
        self.page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.goto(path.as_uri() + address)
        self.page.wait_for_selector("#map[data-ready]", state="attached")

    def _answer(self, route):
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.fulfill(body="elsewhere")

    def _hear(self, message):
        # The emulated graphics of a machine without a screen complain about being slow.
        if message.type in {"error", "warning"} and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def find(self, title):
        """Search for a title and choose the first paper found; returns the middle of its ring."""
        self.page.fill("#search", f'"{title}"')
        self.page.locator("#results button").first.click()
        return self.ring()

    def ring(self):
        self.page.wait_for_timeout(400)
        box = self.page.locator("#ring").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def clear(self):
        """The first Escape closes the paper, the second clears the filters."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        self.page.wait_for_timeout(50)


@pytest.fixture
def visit(chromium):
    """Open a page; at the end nothing may have been complained about."""
    visits, contexts = [], []

    def open_(path, address="", **context):
        contexts.append(chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}))
        visits.append(Visit(contexts[-1], path, address))
        return visits[-1]

    yield open_
    complaints = [complaint for visited in visits for complaint in visited.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
