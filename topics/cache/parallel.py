"""One function on many parts of the work, on all cores, with the results in the order of the parts.

In other processes what Python does (`in_order`), in threads what numpy and its like do (`in_threads`). What
is done to a part depends on nothing but the part, so neither the number of cores nor who was done first
changes a byte of the answer. `imported_ahead` imports what later stages need while an earlier one leaves the
interpreter idle.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import itertools
import os
import shutil
import signal
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import TypeVar

from topics.cache.hidden import without_hidden
from topics.errors import ConfigError, RunError

T = TypeVar("T")
R = TypeVar("R")

PART = 2000
"""Papers of a part: enough that handing it over costs little beside the work."""

BEFORE = 10
"""Parts that are done here before other processes are started, which takes a second."""

MOST_WORKERS = 8
"""Most processes or threads: beyond, whoever hands out the parts is what the others wait for."""

_AT_ONCE = 4
"""Parts for each process that are held at a time: bounds the memory."""

_IDLE = 5
"""Seconds after which a process without work ends."""

_alone: ContextVar[bool] = ContextVar("alone", default=False)

_inside: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether this is a thread of `in_threads`."""

LONG = 6.0
"""Seconds. Imports take two or three; ten to fifty where UMAP's kernels are compiled on the way."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Inside, all is done in this process, part by part: for those who share out the cores themselves."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


def parts_of(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, in their order; the last may be shorter."""
    rest = iter(items)
    while part := list(itertools.islice(rest, size)):
        yield part


def in_order(function: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
    """What the function gives for each part, in their order.

    Both must be such as can be sent to another process. Parts are taken one after the other, some of them
    ahead of the results.

    Raises what the function raises. RunError: a process was ended from outside. ConfigError:
    LOKY_MAX_CPU_COUNT in the environment is no number.
    """
    rest = iter(parts)
    for part in itertools.islice(rest, BEFORE):
        yield function(part)
    ahead = next(rest, None)
    if ahead is None:
        return
    rest = itertools.chain([ahead], rest)
    cores = _shared()
    if cores == 1:
        yield from map(function, rest)
        return
    yield from _shared_out(function, rest, cores)


def in_threads(function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
    """What the function gives for each job, in their order: for work that numpy and its like do.

    Each is done with one thread: a sum split among cores comes out differently with their number. That holds
    for libraries that are loaded by now, so the caller imports what the function uses. Raises what the
    function raises, and ConfigError as `in_order` does.
    """
    if _inside.get():
        # Of one thread already; asking all libraries again took a quarter of the division of small topics.
        yield from map(function, jobs)
        return
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import threadpool_limits

    cores, rest = _shared(), iter(jobs)
    with threadpool_limits(1):
        pool = ThreadPoolExecutor(cores, initializer=_with_one_thread)
        try:
            # No more ahead than keeps all busy: whoever gives up does not wait for the rest.
            ahead = deque(pool.submit(function, job) for job in itertools.islice(rest, 2 * cores))
            while ahead:
                yield ahead.popleft().result()
                ahead.extend(pool.submit(function, job) for job in itertools.islice(rest, 1))
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def one_thread_of_blas() -> Iterator[None]:
    """Inside, matrices are multiplied by one thread, in libraries that are loaded by now.

    For small ones: two threads wait for each other longer than they compute, and for ever so long where other
    processes have the second core.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield


def _with_one_thread() -> None:
    """OpenMP counts its threads for each thread that calls it, BLAS for the process."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "openmp")
    _alone.set(True)
    _inside.set(True)


def _shared() -> int:
    return 1 if _alone.get() else _cores()


def _cores() -> int:
    from joblib import effective_n_jobs

    try:
        return min(int(effective_n_jobs(-1)), MOST_WORKERS)
    except ValueError:
        raise ConfigError(
            f"LOKY_MAX_CPU_COUNT is {os.environ.get('LOKY_MAX_CPU_COUNT', '')!r}, but must be a whole "
            "number; leave it out to use all cores"
        ) from None


def _shared_out(function: Callable[[T], R], parts: Iterator[T], cores: int) -> Iterator[R]:
    from concurrent.futures.process import BrokenProcessPool
    from pickle import PicklingError

    from joblib import Parallel, delayed

    waves = parts_of(parts, cores * _AT_ONCE)
    following = next(waves, None)
    while following:
        # joblib's own processes and not those of the standard library: these run the caller's script again.
        # They stay from wave to wave; what is left of a wave that failed goes with its `Parallel`.
        pool = Parallel(
            cores,
            backend="loky",
            pre_dispatch="all",
            return_as="generator",
            max_nbytes=None,
            # Nothing is written there; joblib's own choice is made as an empty folder that kill -9 leaves.
            temp_folder=tempfile.gettempdir(),
            initializer=_serve,
            initargs=(os.getpid(),),
            idle_worker_timeout=_IDLE,
        )
        wave, done = following, 0
        failure: Exception | None = None
        try:
            with contextlib.closing(pool(delayed(function)(part) for part in wave)) as results:
                try:
                    # Taken while the others work, who would wait for it else.
                    following = next(waves, None)
                except Exception as error:
                    failure = error
                try:
                    for result in results:
                        done += 1
                        yield result
                except GeneratorExit:
                    # joblib complains of work that is broken off.
                    deque(results, maxlen=0)
                    raise
        except PicklingError:
            # A record nested hundreds of levels deep can be worked on, but not sent.
            yield from map(function, wave[done:])
        except BrokenProcessPool:
            raise RunError(
                "A worker process ended unexpectedly, perhaps because memory ran out; "
                "run the same command again, or set LOKY_MAX_CPU_COUNT=1 to use one process"
            ) from None
        if failure:
            raise failure


def _serve(parent: int) -> None:
    """A process that works for another: Ctrl-C is the other's to answer, and it does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()


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
                with_kernels(name)


def with_kernels(name: str) -> None:
    """Import a module that may load what numba compiles.

    numba keeps that beside the library or in the user's home and gives up where it may write in neither. Then
    a temporary folder, of nobody else and until the process ends, stands for them.
    """

    def load() -> None:
        with without_hidden(name):
            importlib.import_module(name)

    try:
        load()
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        import numba

        folder = tempfile.mkdtemp(prefix="topics-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]
        load()
