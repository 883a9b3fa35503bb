"""Invented runs as reports."""

import base64

import pytest

from tests.invented import InventedRun, layers_of, members_of, trust_of
from topics.config import Config
from topics.output.report import Findings, write_page
from topics.trends.trends import no_trends
from topics.types import Levels

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 6"><circle cx="4" cy="3" r="2"/></svg>'


@pytest.fixture
def told(make_run):
    """The findings of a run of invented papers; what is named replaces a part."""

    def tell(run=None, doubts=(), config=None, **parts):
        corpus, clustering, topics, layout = run or make_run(n=60, count=6)
        values = {
            "corpus": corpus,
            "clustering": clustering,
            "memberships": members_of(clustering),
            "topics": topics,
            "layout": layout,
            "hierarchy": layers_of(clustering, topics, layout),
            "quality": trust_of(clustering, doubts),
            "trends": no_trends("No dates.", corpus, topics),
            "levels": Levels(),
        }
        given = {
            "config": Config.model_validate(config or {"name": "invented"}),
            "encoder": "all-MiniLM-L6-v2, fp32",
            "inputs": {"somewhere/papers.csv": "0a1b2c"},
            "versions": {"numpy": "2.0"},
            "picture": DOT,
            "media_type": "image/svg+xml",
            "narrow": PIXEL,
            "explorer": "map.html",
        }
        values |= {name: parts.pop(name) for name in values if name in parts}
        return Findings(InventedRun(**values), **given | parts)

    return tell


@pytest.fixture
def report(tmp_path, told):
    """Write the report of `told(...)`; returns the file."""

    def write(*run, **parts):
        path = tmp_path / "report.html"
        write_page(told(*run, **parts), path)
        return path

    return write
