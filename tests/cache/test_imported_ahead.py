"""Imports that run ahead neither change nor outlive the stage beside them."""

import importlib
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from tests.conftest import ROOT
from topics.cache.hidden import HIDDEN_DEPENDENCIES
from topics.cache.parallel import imported_ahead, with_kernels


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


def test_where_nothing_may_be_written_compiled_code_goes_to_a_folder_of_its_own(tmp_path):
    """numba looks for a place when a library is loaded; here it is told that there is none."""
    (tmp_path / "compiled.py").write_text(
        "import numba\n@numba.njit(cache=True)\ndef twice(number):\n    return 2 * number\n"
    )
    code = (
        "import os, pathlib, sys; from numba import config; from numba.core import caching; "
        "from topics.cache.parallel import with_kernels; "
        "caching.CacheImpl._locator_classes = [caching.UserProvidedCacheLocator]; "
        "with_kernels('compiled'); import compiled; assert compiled.twice(2) == 4; "
        "folder = pathlib.Path(config.CACHE_DIR); assert list(folder.rglob('*.nbc')); "
        "assert folder.stat().st_mode & 0o77 == 0; print(folder)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists()


def test_a_module_is_imported_without_what_is_left_out(tmp_path, monkeypatch):
    (tmp_path / "needless.py").write_text("")
    (tmp_path / "needy.py").write_text(
        "import importlib.metadata, importlib.util\n"
        "found = importlib.util.find_spec('needless')\n"
        "version = importlib.metadata.version('numpy')\n"
        "import ahead_needed, sys\n"
        "class Finder:\n    def find_spec(*_): pass\n"
        "sys.meta_path.append(Finder())\n"
        "try:\n    import needless\nexcept ModuleNotFoundError:\n    needless = None\n"
    )
    (tmp_path / "ahead_needed.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("needy", "needless", "ahead_needed"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(HIDDEN_DEPENDENCIES, "needy", ("needless",))
    finders = sys.meta_path[:]
    with_kernels("needy")
    needy = sys.modules["needy"]
    assert (needy.found, needy.needless) == (None, None)
    assert needy.version
    assert sys.meta_path[:-1] == finders
    assert isinstance(sys.meta_path.pop(), needy.Finder)
    assert importlib.import_module("needless")


def test_the_command_imports_bertopic_without_plotly(tmp_path):
    for absent in ("torch", "transformers"):
        (tmp_path / f"{absent}.py").touch()
    code = (
        "import sys; sys.argv = ['topics', '--version']\n"
        "from topics.__main__ import command\n"
        "try:\n    command()\nexcept SystemExit:\n    pass\n"
        "from topics.cache.parallel import with_kernels; with_kernels('bertopic')\n"
        "assert not {'plotly', 'torch', 'transformers'} & set(sys.modules)\n"
        "import plotly\n"
    )
    places = os.pathsep.join([str(ROOT), str(tmp_path)])
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": places}, check=True)


def test_other_errors_of_a_library_pass(tmp_path, monkeypatch):
    (tmp_path / "broken_library.py").write_text("raise RuntimeError('odd')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeError, match="odd"):
        with_kernels("broken_library")
