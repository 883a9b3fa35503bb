"""The engine that `--engine` names."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

from topics.errors import ConfigError
from topics.shards.engine import Engine
from topics.shards.local_engine import Local


def open_engine(name: str, address: str | None) -> AbstractContextManager[Engine]:
    """The engine called local or ray.

    address: of a Ray cluster that is up; without one Ray is started on this machine.

    Raises ConfigError: an address for the engine that has none. ModelError: Ray is not installed.
    RunError: Ray cannot be started, or there is no cluster.
    """
    if name == "ray":
        from topics.shards.ray_engine import started

        return started(address)
    if address is not None:
        raise ConfigError("--address is that of a Ray cluster; give --engine ray with it")
    return contextlib.nullcontext(Local())
