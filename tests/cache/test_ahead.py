"""Imports that run ahead neither change nor outlive the stage beside them."""

import sys
import threading
import warnings

import pytest

from topics.cache.parallel import imported_ahead


@pytest.fixture
def modules(tmp_path, monkeypatch):
    for name in ("ahead_one", "ahead_two"):
        (tmp_path / f"{name}.py").write_text(
            "import time, warnings\nwarnings.simplefilter('ignore')\ntime.sleep(0.2)\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    yield ("ahead_one", "ahead_two")
    for name in ("ahead_one", "ahead_two"):
        sys.modules.pop(name, None)


def test_all_is_imported_when_the_block_ends(modules):
    seconds = []
    filters = list(warnings.filters)
    with imported_ahead(modules, seconds.append):
        pass
    assert set(modules) <= set(sys.modules)
    assert warnings.filters == filters


def test_a_block_that_fails_stops_the_imports(modules):
    seconds = []
    with pytest.raises(ValueError, match="early"), imported_ahead(modules, seconds.append):
        raise ValueError("early")
    assert "ahead_two" not in sys.modules
    assert "imports" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_be_imported_is_left_to_its_user(modules):
    seconds = []
    with imported_ahead(("no_such_module", *modules), seconds.append):
        pass
    assert set(modules) <= set(sys.modules)


def test_a_long_wait_is_told(modules, monkeypatch):
    monkeypatch.setattr("topics.cache.parallel.LONG", 0.1)
    seconds = []
    with imported_ahead(modules, seconds.append):
        pass
    assert len(seconds) == 1
    assert seconds[0] > 0.1
