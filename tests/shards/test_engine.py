"""Engines give results in the order of the tasks, try again what fails, and say what fails every time."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEED, run_cli
from topics.errors import InputError, ModelError, RunError
from topics.shards.engine import Local
from topics.shards.ray_engine import started


@pytest.fixture(params=["local", "ray"])
def engine(request):
    return Local() if request.param == "local" else request.getfixturevalue("ray")


def slow_at_first(number):
    time.sleep(0.3 if number == 0 else 0)
    return number * number


def test_results_come_in_the_order_of_the_tasks(engine):
    assert list(engine.map(slow_at_first, range(20))) == [number * number for number in range(20)]
    assert list(engine.map(slow_at_first, [])) == []


def sometimes(folder, good, number):
    """Fails until it has been tried `good` times for an odd number."""
    place = Path(folder) / str(number)
    place.write_text(place.read_text() + "x" if place.exists() else "x")
    if number % 2 and len(place.read_text()) < good:
        raise OSError("the disk is away")
    return number


def tried(folder):
    return {int(place.name): len(place.read_text()) for place in folder.iterdir()}


def test_what_fails_twice_is_done_the_third_time(engine, tmp_path):
    found = list(engine.map(functools.partial(sometimes, tmp_path, 3), range(4)))
    assert found == [0, 1, 2, 3]
    assert tried(tmp_path) == {0: 1, 1: 3, 2: 1, 3: 3}


def test_what_fails_every_time_is_one_sentence(engine, tmp_path):
    with pytest.raises(RunError, match=r"^1: reading it failed 3 times \(OSError: the disk is away\);"):
        list(engine.map(functools.partial(sometimes, tmp_path, 4), range(2)))
    assert tried(tmp_path)[1] == 3


def mistaken(folder, number):
    sometimes(folder, 1, number)
    raise InputError("this file is in no format; save it as CSV")


def test_a_mistake_of_the_user_is_told_at_once(engine, tmp_path):
    with pytest.raises(InputError, match="^this file is in no format; save it as CSV$"):
        list(engine.map(functools.partial(mistaken, tmp_path), [5]))
    assert tried(tmp_path) == {5: 1}


def deadly(folder, good, number):
    try:
        return sometimes(folder, good, number)
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_is_killed_is_replaced(ray, tmp_path):
    assert list(ray.map(functools.partial(deadly, tmp_path, 2), range(4))) == [0, 1, 2, 3]
    assert tried(tmp_path) == {0: 1, 1: 2, 2: 1, 3: 2}


def test_a_shard_that_kills_every_worker_is_given_up(ray, tmp_path):
    with pytest.raises(
        RunError, match=r"^1: reading it failed 3 times \(.*(died|crashed|killed).*\); finished"
    ):
        list(ray.map(functools.partial(deadly, tmp_path, 9), [1]))
    assert tried(tmp_path) == {1: 3}


def pid(_):
    time.sleep(0.2)
    return os.getpid()


def test_ray_works_in_processes_of_its_own(ray):
    found = set(ray.map(pid, range(8)))
    assert len(found) == 2
    assert os.getpid() not in found


def test_ray_tells_nobody(ray):
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert os.environ["RAY_AUTH_MODE"] == "token"
    import ray as module

    assert module._private.worker.global_worker.node.webui_url in (None, "")
    assert module.nodes()[0]["NodeManagerAddress"] == "127.0.0.1"
    assert module.cluster_resources()["CPU"] == 2


JOIN = """
import sys
from topics.shards.ray_engine import started
with started(sys.argv[1]) as engine:
    print(list(engine.map(abs, [-1, -2])))
"""


def test_a_cluster_that_is_up_is_joined_with_its_token_and_not_without(ray):
    import ray as module

    address = module.get_runtime_context().gcs_address
    joined, refused = (
        subprocess.run(
            [sys.executable, "-c", JOIN, address],
            cwd=ROOT,
            env=os.environ | token,
            capture_output=True,
            text=True,
        )
        for token in ({}, {"RAY_AUTH_TOKEN": "0" * 64})
    )
    assert joined.stdout == "[1, 2]\n", joined.stderr
    assert f"RunError: No Ray cluster answers at {address} " in refused.stderr
    assert refused.stdout == ""


def test_without_ray_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match=r"pip install 'paper-topics\[ray\]'$"), started(None):
        pass


def test_an_address_is_for_ray():
    done = run_cli("run", SEED, "--engine", "local", "--address", "10.0.0.5:6379", expect=2)
    assert "give --engine ray with it" in done.output


def test_a_ray_that_cannot_start_is_one_sentence(monkeypatch):
    import ray

    def broken(*_, **__):
        raise RuntimeError("no more\nmemory")

    monkeypatch.setattr(ray, "init", broken)
    with (
        pytest.raises(RunError, match=r"^Ray cannot be started on this machine \(no more memory\); --engine"),
        started(None),
    ):
        pass
    with (
        pytest.raises(RunError, match=r"^No Ray cluster answers at auto \(no more memory\); `ray start"),
        started("auto"),
    ):
        pass


@pytest.mark.parametrize(
    "address", ["", "here", ":6379", "127.0.0.1:nobody", "127.0.0.1:65536", "[::1]:\uff11"]
)
def test_what_is_no_address_is_told_at_once(address):
    with pytest.raises(RunError) as told, started(address):
        pass
    assert str(told.value).startswith(
        f"No Ray cluster answers at {address} (an address is a host and a port, as in 10.0.0.5:6379); "
    )


def test_so_is_a_port_where_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(RunError, match=rf"^No Ray cluster answers at {address} \(.*refused\)"),
            started(address),
        ):
            pass
