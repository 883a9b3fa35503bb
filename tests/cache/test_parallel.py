"""Parts of the work in other processes: the same answer, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from topics.cache import parallel
from topics.config import CorpusSettings
from topics.corpus.build import build_corpus
from topics.errors import ConfigError, RunError
from topics.shards.ray_engine import _call
from topics.terms.tokens import tokenise
from topics.types import Broken, Record

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and parents as POSIX has them")


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes for all but the first part, on any machine."""
    monkeypatch.setattr(parallel, "BEFORE", 1)
    monkeypatch.setattr(parallel, "_cores", lambda: 2)


def who(part: list[int]) -> tuple[int, list[int]]:
    return os.getpid(), [number + 1 for number in part]


def refuse(part: list[int]) -> list[int]:
    if 7 in part:
        raise ValueError("seven")
    return part


def die(part: list[int]) -> list[int]:
    if 7 in part:
        os.kill(os.getpid(), signal.SIGTERM)
    return part


def test_a_few_parts_are_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> int:
        raise AssertionError("asked for others")

    monkeypatch.setattr(parallel, "_cores", nobody)
    found = list(parallel.in_order(who, parallel.parts_of(range(parallel.BEFORE), 1)))
    assert {process for process, _ in found} == {os.getpid()}
    with pytest.raises(AssertionError, match="asked for others"):
        list(parallel.in_order(who, parallel.parts_of(range(parallel.BEFORE + 1), 1)))


def test_nothing_gives_nothing() -> None:
    assert list(parallel.in_order(who, [])) == []


@pytest.mark.usefixtures("eager")
def test_many_parts_are_done_elsewhere_and_come_in_order() -> None:
    found = list(parallel.in_order(who, parallel.parts_of(range(101), 4)))
    assert [number for _, part in found for number in part] == list(range(1, 102))
    assert found[0][0] == os.getpid()
    assert os.getpid() not in {process for process, _ in found[1:]}


@pytest.mark.usefixtures("eager")
def test_no_folder_is_made_that_a_killed_process_would_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for _ in parallel.in_order(who, parallel.parts_of(range(40), 4)):
        places = [folder for folder in (tmp_path, Path("/dev/shm")) if folder.is_dir()]
        made = [path for folder in places for path in folder.glob(f"joblib_*_{os.getpid()}_*")]
        assert made == []


@pytest.mark.usefixtures("eager")
def test_whoever_shares_out_the_cores_himself_gets_all_done_here() -> None:
    with parallel.alone():
        found = list(parallel.in_order(who, parallel.parts_of(range(20), 4)))
    assert {process for process, _ in found} == {os.getpid()}
    assert len({process for process, _ in parallel.in_order(who, parallel.parts_of(range(20), 4))}) > 1


def thread_of(job: int) -> tuple[int, int, int]:
    """The job, its thread, and the most threads that a sum would be split among there."""
    return job, threading.get_ident(), max(library["num_threads"] for library in threadpool_info())


@pytest.mark.usefixtures("eager")
def test_threads_give_their_answers_in_order_and_split_no_sum() -> None:
    import sklearn.cluster  # noqa: F401

    both = threading.Barrier(2, timeout=30)

    def met(job: int) -> tuple[int, int, int]:
        both.wait()
        return thread_of(job)

    with threadpool_limits(2):
        before = threadpool_info()
        found = list(parallel.in_threads(met, range(10)))
        assert threadpool_info() == before
    assert [job for job, *_ in found] == list(range(10))
    assert len({thread for _, thread, _ in found}) == 2
    assert {most for *_, most in found} == {1}


@pytest.mark.usefixtures("eager")
def test_whoever_shares_out_the_cores_himself_gets_one_thread() -> None:
    with parallel.alone():
        assert len({thread for _, thread, _ in parallel.in_threads(thread_of, range(4))}) == 1


@pytest.mark.usefixtures("eager")
def test_a_thread_shares_out_nothing_itself() -> None:
    def inner(job: int) -> set[int]:
        return {thread for _, thread, _ in parallel.in_threads(thread_of, range(4))}

    assert [len(threads) for threads in parallel.in_threads(inner, range(2))] == [1, 1]


@pytest.mark.usefixtures("eager")
def test_whoever_gives_up_does_not_wait_for_the_rest() -> None:
    done: list[int] = []
    answers = parallel.in_threads(done.append, range(100))
    next(answers)
    time.sleep(0.2)
    assert len(done) <= 4
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert len(done) <= 4


@pytest.mark.usefixtures("eager")
def test_what_a_job_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="seven"):
        list(parallel.in_threads(lambda job: refuse([job]), range(9)))


def shared(parts: list[list[int]]) -> set[int]:
    return {process for process, _ in parallel.in_order(who, parts)}


@pytest.mark.usefixtures("eager")
def test_a_task_of_ray_has_one_core() -> None:
    assert _call(shared, list(parallel.parts_of(range(20), 4))) == {os.getpid()}


@pytest.mark.usefixtures("eager")
def test_parts_are_taken_some_ahead_only() -> None:
    taken = []

    def parts() -> Iterator[list[int]]:
        for number in range(1000):
            taken.append(number)
            yield [number]

    results = parallel.in_order(who, parts())
    for _ in range(3):
        next(results)
    assert len(taken) < 20


@pytest.mark.usefixtures("eager")
def test_an_error_is_the_functions_own() -> None:
    with pytest.raises(ValueError, match="seven"):
        list(parallel.in_order(refuse, parallel.parts_of(range(20), 2)))


@pytest.mark.usefixtures("eager")
def test_an_error_of_whoever_gives_the_parts_comes_after_the_results_before_it() -> None:
    def parts() -> Iterator[list[int]]:
        yield from ([number] for number in range(17))
        raise ValueError("the file ends here")

    found = parallel.in_order(who, parts())
    assert [next(found)[1] for _ in range(9)] == [[number + 1] for number in range(9)]
    with pytest.raises(ValueError, match="the file ends here"):
        list(found)


def depth(part: list[object]) -> int:
    levels, inside = 0, part[0]
    while isinstance(inside, list):
        levels, inside = levels + 1, inside[0]
    return levels


@pytest.mark.usefixtures("eager")
def test_what_cannot_be_sent_is_done_here() -> None:
    nested: object = 1
    for _ in range(5000):
        nested = [nested]
    parts = [[1], [[1]], [nested], [[[1]]], *([[1]] * 20)]
    # Once in a dozen times what was left of the failed attempt came besides.
    for _ in range(10):
        assert list(parallel.in_order(depth, parts)) == [0, 1, 5000, 2, *([0] * 20)]


def test_a_wrong_number_of_cores_gives_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "many")
    with pytest.raises(ConfigError, match="LOKY_MAX_CPU_COUNT is 'many'"):
        list(parallel.in_order(who, parallel.parts_of(range(parallel.BEFORE + 1), 1)))
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    found = list(parallel.in_order(who, parallel.parts_of(range(parallel.BEFORE + 2), 1)))
    assert {process for process, _ in found} == {os.getpid()}


@POSIX
@pytest.mark.usefixtures("eager")
def test_a_process_that_is_ended_gives_one_sentence() -> None:
    with pytest.raises(RunError, match="worker process ended unexpectedly"):
        list(parallel.in_order(die, parallel.parts_of(range(20), 2)))


@pytest.mark.usefixtures("eager")
def test_a_corpus_is_the_same_however_many_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("corpus.rows", "corpus.build"):
        monkeypatch.setattr(f"topics.{module}.PART", 3)
    abstract = "We study how papers of {0} are read and what {0} says about the world of such papers {1}."
    records: list[Record | Broken] = [
        Record(
            title=f"On <i>word{n // 2}</i> and its uses",
            abstract=abstract.format(f"word{n // 2}", n),
            id=str(n % 15),
            assumed="the year" if n % 3 else "",
            identifiers=(f"doi:10.1/{n // 4}",) if n % 2 else (),
            original={"n": n},
        )
        for n in range(30)
    ]
    records[7] = Broken("a.csv", 7, "odd")
    together = build_corpus(records, CorpusSettings())
    with parallel.alone():
        apart = build_corpus(records, CorpusSettings())
    assert together.papers.equals(apart.papers)
    assert together.account.equals(apart.account)
    assert together.notes == apart.notes
    assert 2 < len(together) < 20


@pytest.mark.usefixtures("eager")
def test_words_are_the_same_however_many_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [f"Title of {'abcdefgh'[n % 8] * 3}, again: {n}" for n in range(40)]
    abstracts = [f"Words like w{n % 7} and W{n % 11}. They end? Here $x_{n}$!" for n in range(40)]
    whole = tokenise(titles, abstracts)
    monkeypatch.setattr("topics.terms.tokens.PART", 3)
    parts = tokenise(titles, abstracts)
    assert parts.words == whole.words
    for name in ("surfaces", "starts", "title_lengths"):
        assert (getattr(parts, name) == getattr(whole, name)).all()


SCRIPT = """
import os, signal, sys, time
from topics.cache import parallel
# A shell starts what it runs in the background with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
parallel.BEFORE, parallel._cores = 0, lambda: 2
def work(part):
    os.write(1, b"%d\\n" % os.getpid())  # In one piece, since two processes write.
    time.sleep(.05 if len(sys.argv) < 2 else 60)
    return part
print(sum(len(part) for part in parallel.in_order(work, parallel.parts_of(range(8), 1))), "of 8", flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    place = tmp_path / "without_guard.py"
    place.write_text(SCRIPT, encoding="utf-8")
    return place


def test_a_script_needs_no_guard(script: Path) -> None:
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("8 of 8\n")
    assert done.stdout.count("of 8") == 1


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or ") Z" not in state.read_text()


@POSIX
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_nobody_outlives_a_run_that_was_ended(script: Path, how: str) -> None:
    with subprocess.Popen(
        [sys.executable, script, "long"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stdout is not None
        workers = [int(run.stdout.readline()) for _ in range(2)]
        run.send_signal(signal.Signals[how])
        assert run.wait(60) != 0
    until = time.monotonic() + 60
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.2)
    assert not any(map(alive, workers))
