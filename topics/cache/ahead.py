"""Importing what later stages need while an earlier one leaves the interpreter idle."""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence

LONG = 6.0
"""Seconds. Imports take two or three; ten to fifty where UMAP's kernels are compiled on the way."""


@contextlib.contextmanager
def imported_ahead(modules: Sequence[str], late: Callable[[float], None]) -> Iterator[None]:
    """Import `modules`, in this order, in a thread of its own while the block runs.

    The block ends when the thread has: two threads that import what depends on each other can meet half of a
    module. When the block fails, the rest is not imported. A module that cannot be imported is left to the
    stage that needs it, which says so.

    late: called with the seconds that the block had to wait for the imports, when these are more than `LONG`.
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
        begin = time.perf_counter()
        worker.join()
        if (waited := time.perf_counter() - begin) > LONG:
            late(waited)


def _import(modules: Sequence[str], stop: threading.Event) -> None:
    # BERTopic mutes warnings for the whole process when it is imported.
    with warnings.catch_warnings():
        for name in modules:
            if stop.is_set():
                return
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
