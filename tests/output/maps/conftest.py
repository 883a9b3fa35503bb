"""Invented runs as maps."""

import pytest

from tests.invented import layers_of, trust_of
from topics.config import MapSettings
from topics.output.maps.interactive import write_interactive
from topics.output.maps.view import build_view


@pytest.fixture
def write_page(tmp_path):
    """Write the interactive map of a run, with layers or without; returns the file."""

    def write(run, layered=False, words=None, neighbours=None, **settings):
        corpus, clustering, topics, projection = run
        layers = layers_of(clustering, topics, projection) if layered else None
        trust = trust_of(clustering, ("Its papers scatter.",)) if layered else None
        view = build_view(*run, MapSettings(**settings), layers, trust)
        path = tmp_path / "map.html"
        write_interactive(view, corpus, topics, path, layers, trust, words, neighbours)
        return path

    return write
