"""Importing what later stages need while an earlier one leaves the interpreter idle."""

from __future__ import annotations

import contextlib
import importlib
import threading
import warnings
from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def imported_ahead(modules: Sequence[str]) -> Iterator[None]:
    """Import `modules`, in this order, in a thread of its own while the block runs.

    The block ends when the thread has: two threads that import what depends on each other can meet half of a
    module. When the block fails, the rest is not imported. A module that cannot be imported is left to the
    stage that needs it, which says so.
    """
    stop = threading.Event()
    worker = threading.Thread(target=_import, args=(modules, stop), name="imports")
    worker.start()
    try:
        yield
    except BaseException:
        stop.set()
        raise
    finally:
        worker.join()


def _import(modules: Sequence[str], stop: threading.Event) -> None:
    # BERTopic mutes warnings for the whole process when it is imported.
    with warnings.catch_warnings():
        for name in modules:
            if stop.is_set():
                return
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
