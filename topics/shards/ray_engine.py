"""The engine of many processes on many machines: Ray tasks.

The one place that imports Ray. Ray passes the function's name and the task to a worker; the worker writes
files and gives back a number or two, so hardly anything goes through Ray's object store. Nothing is sent
anywhere beyond the cluster: usage statistics and the dashboard are off, and a Ray that is started here
listens to this machine only, and only to those who know its token.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from topics.cache.parallel import alone
from topics.errors import ModelError, RunError, TopicsError
from topics.shards.engine import ATTEMPTS, refusal

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Tasks per processor that are handed to Ray at once."""

_PATIENCE = 5.0
"""Seconds to wait for a cluster to answer at all."""

_STORE = 100_000_000
"""Bytes of shared memory for a Ray of our own; results are a few bytes each."""


@dataclass(frozen=True)
class Cluster:
    """A Ray that is connected."""

    ray: Any
    name: str = "ray"

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """See `topics.shards.engine.Engine`. A worker that dies counts as one failure of its shard."""
        # Ray would try again by itself, but not tell an error of the user's from one of a machine.
        remote = self.ray.remote(max_retries=0)(_call)
        waiting = list(enumerate(tasks))[::-1]
        running: dict[Any, tuple[int, int]] = {}
        done: dict[int, R] = {}
        following = 0
        most = max(AHEAD * int(self.ray.cluster_resources().get("CPU", 1)), 1)
        try:
            while following < len(tasks):
                while waiting and len(running) < most:
                    place, task = waiting.pop()
                    running[remote.remote(function, task)] = place, 1
                finished, _ = self.ray.wait(list(running), num_returns=1)
                place, attempt = running.pop(finished[0])
                try:
                    done[place] = self.ray.get(finished[0])
                except self.ray.exceptions.RayError as error:
                    cause = getattr(error, "cause", None) or error
                    if attempt == ATTEMPTS or isinstance(cause, TopicsError):
                        raise refusal(cause, tasks[place]) from None
                    running[remote.remote(function, tasks[place])] = place, attempt + 1
                while following in done:
                    yield done.pop(following)
                    following += 1
        finally:
            for reference in running:
                self.ray.cancel(reference, force=True)


def _knock(address: str) -> None:
    """Ray waits minutes for a cluster that is not there. Raises OSError or ValueError: nobody answers."""
    if address == "auto" or "://" in address:
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and int(port) < 65_536):
        raise ValueError("an address is a host and a port, as in 10.0.0.5:6379")
    socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()


def _call(function: Callable[[T], R], task: T) -> R:
    # Ray has given each core a task of its own.
    with alone():
        return function(task)


@contextlib.contextmanager
def started(address: str | None, workers: int | None = None) -> Iterator[Cluster]:
    """A Ray, connected and left again in the end; a Ray of our own is ended, too.

    address: of a cluster, "auto" for the one of this machine; None starts one here. workers: how many
    processes that one has, by default as many as there are cores.

    Raises ModelError: Ray is not installed. RunError: it cannot be started, or there is no cluster.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address is None:
        # As it is on macOS: without other machines, Ray listens at 127.0.0.1 only.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        # A token of this session's own; Ray would leave one in the user's home.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    else:
        # Something that listens and says nothing is asked twenty times, for a quarter of an hour.
        os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
    try:
        import ray
    except ImportError:
        raise ModelError(
            "--engine ray needs the package ray; install it with: pip install 'paper-topics[ray]'"
        ) from None
    quiet = {"logging_level": "error", "log_to_driver": False}
    own = {
        "include_dashboard": False,
        "num_cpus": workers,
        "object_store_memory": _STORE,
    }
    try:
        if address is None:
            ray.init("local", **own, **quiet)
        else:
            _knock(address)
            ray.init(address, **quiet)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise RunError(
            f"No Ray cluster answers at {address} ({why}); `ray start --head` prints the address of one; "
            "for one with a token, set RAY_AUTH_TOKEN to it and RAY_AUTH_MODE to token"
            if address is not None
            else f"Ray cannot be started on this machine ({why}); --engine local needs none"
        ) from None
    try:
        yield Cluster(ray)
    finally:
        ray.shutdown()
