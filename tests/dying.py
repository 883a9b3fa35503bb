"""Run the command line and be killed on the way: python -m tests.dying POINT,POINT,... ARGUMENTS...

Each POINT has a process of its own, one after the other, or at the same time with + between them. Several are
forks of this one, which has loaded the libraries; how each ended is printed. A POINT is a stage, which is
killed when it has made its result and nothing of that is written, or one of

    embed:parts   in the middle of encoding, after two parts of the vectors
    read:pack     in the middle of writing an entry
    publish       in the middle of writing the run
    swap          between taking the last run away and putting the new one there
    wait          not killed, but asleep in the middle of encoding until somebody interrupts it
    after:0.5     wherever it is after so many seconds, unless it has ended by then
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import signal
import sys
import time
from pathlib import Path

import topics.embed.embed
from topics.cache import store
from topics.cli import main
from topics.pipeline import STAGES

PART = 16


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after_making(stage):
    spec = STAGES[stage]

    def made(run, folder):
        spec.make(run, folder)
        (folder / "half").write_text("of it")
        die()

    made.__annotations__ = spec.make.__annotations__
    STAGES[stage] = dataclasses.replace(spec, make=made)


def after_two_parts(then):
    write, written = topics.embed.embed._write_part, []

    def counted(*arguments):
        write(*arguments)
        written.append(1)
        if len(written) == 2:
            then()

    topics.embed.embed._write_part = counted


def in_packing():
    import pyarrow.parquet as pq

    write = pq.write_table

    def half(*arguments, **settings):
        write(*arguments, **settings)
        die()

    pq.write_table = half


def in_publishing():
    store.write_json = lambda path, value: die() if path.name == store.RUN_FILE else _write(path, value)


def in_swapping():
    rename = Path.rename

    def renamed(self, target):
        done = rename(self, target)
        return die() if str(target).endswith("-old") else done

    Path.rename = renamed


def asleep():
    print("asleep", os.getpid(), flush=True)
    time.sleep(600)


_write = store.write_json
POINTS = {
    "embed:parts": lambda: after_two_parts(die),
    "read:pack": in_packing,
    "publish": in_publishing,
    "swap": in_swapping,
    "wait": lambda: after_two_parts(asleep),
    "never": lambda: None,
}


def fork(point, arguments):
    kind, _, seconds = point.partition(":")
    if child := os.fork():
        if kind == "after":
            time.sleep(float(seconds))
            os.kill(child, signal.SIGKILL)
        return child
    if kind != "after":
        POINTS.get(point, lambda: after_making(point))()
    main(arguments, prog_name="topics")
    raise AssertionError("click ends the process")


def load_libraries():
    for name in ("bertopic", "hdbscan", "matplotlib.pyplot", "umap"):
        importlib.import_module(name)


if __name__ == "__main__":
    topics.embed.embed.PART = PART
    # A shell without job control starts what runs in its background deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not sys.argv[1].isalpha():
        load_libraries()
    for points in sys.argv[1].split(","):
        sys.stdout.flush()
        children = {fork(point, sys.argv[2:]): point for point in points.split("+")}
        while children:
            child, status = os.wait()
            print(f"{children.pop(child)} ended with {os.waitstatus_to_exitcode(status)}", flush=True)
