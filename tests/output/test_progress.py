"""The moving line, and the log of a run."""

import contextlib
import io
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import QUICK, ROOT, SEED, run_cli, summary_of
from topics.cache import log as diary
from topics.cache import store
from topics.cache.stage import NullObserver
from topics.output.progress import ProgressBars, _counted


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("done", "total", "speed", "shown"),
    [
        (250, 1000, 50.4, "250/1,000 papers  50/s"),
        (3, 10, 0.25, "3/10 papers  0.2/s"),
        (30_000, None, None, "30,000 papers"),
        (0, 10, 0.0, "0/10 papers"),
    ],
)
def test_a_count_has_its_total_and_its_speed_where_there_are_any(done, total, speed, shown):
    assert _counted(done, total, "papers", speed) == shown


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    terminal = Terminal()
    with ProgressBars(1, terminal) as bars:
        bars.started("embed")
        with bars.progress("embed", 10) as advance:
            advance(5)
        bars._moving.refresh()
        bars.note("a \x1b[31mred [b]note")
        bars.finished("embed", 4.0, cached=False)
        bars.detail("not said")
    shown = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", terminal.getvalue())
    assert re.search(r"embed +\S+ 5/10 papers +0:00:00 -:--:--", shown)
    assert "Note: a �[31mred [b]note\n" in shown
    assert "embed           4.0 s\n" in shown
    assert "not said" not in shown


def test_in_python_the_bar_moves_and_only_notes_stay():
    terminal = Terminal()
    with ProgressBars(1, terminal, brief=True) as bars:
        bars.started("embed")
        with bars.progress("embed", 10) as advance:
            advance(5)
        bars._moving.refresh()
        bars.note("a note")
        bars.finished("embed", 4.0, cached=False)
    shown = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "5/10 papers" in shown
    assert "Note: a note\n" in shown
    assert "4.0 s" not in shown
    stream = io.StringIO()
    with ProgressBars(1, stream, brief=True) as bars:
        bars.finished("embed", 4.0, cached=False)
        bars.note("a note")
    assert stream.getvalue() == "Note: a note\n"


def test_single_records_are_shown_a_few_times_a_second(monkeypatch):
    terminal = Terminal()
    with ProgressBars(1, terminal) as bars:
        calls = []
        monkeypatch.setattr(bars._moving, "advance", lambda _, number: calls.append(number))
        with bars.progress("read", None, "records") as advance:
            for _ in range(10_000):
                advance(1)
    assert sum(calls) == 10_000
    assert len(calls) < 1000


@pytest.mark.parametrize(
    ("verbosity", "expected"),
    [(0, ""), (1, "embed        from cache\n"), (2, "  more\nembed        from cache\n")],
)
def test_no_moving_line_where_nobody_looks(verbosity, expected):
    stream = io.StringIO()
    with ProgressBars(verbosity, stream) as bars:
        bars.started("embed")
        bars.detail("more")
        with bars.progress("embed", 10) as advance:
            advance(5)
        bars.finished("embed", 0.0, cached=True)
    assert stream.getvalue() == expected


def test_the_log_tells_the_story_and_nothing_depends_on_it(tmp_path):
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK)
    log = (tmp_path / "run" / store.LOG_FILE).read_text(encoding="utf-8")
    moment = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d  \S")
    assert all(moment.match(line) for line in log.splitlines())
    assert "  paper-topics " in log.splitlines()[0]
    assert re.search(r"  maps (from cache|finished after [\d.]+ s; [\d,]+ MB at most so far)\n", log)
    assert "50 records read from 1 file: 50 kept" in log
    assert "numpy " in log.splitlines()[-1]
    summary = summary_of(tmp_path / "run")
    assert store.LOG_FILE not in summary["files"]


def test_a_log_line_is_one_line(tmp_path):
    log = diary.RunLog(NullObserver())
    log.note("two\nlines")
    log.save(tmp_path / "x.log", ["a sentence"], {"numpy": "2"})
    assert [line.split("  ", 1)[1] for line in (tmp_path / "x.log").read_text().splitlines()][1:] == [
        "note: two lines",
        "a sentence",
        "numpy 2",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_real_terminal(tmp_path):
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "topics", "run", SEED, "--set", "embed.encoder=lsa", "--until", "embed"]
    process = subprocess.Popen(
        [*command, "-o", tmp_path / "run"],
        cwd=ROOT,
        env={**os.environ, "TOPICS_CACHE": str(tmp_path / "cache"), "TERM": "xterm", "COLUMNS": "120"},
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    # Linux ends a terminal that nobody writes to any more with an error.
    with contextlib.suppress(OSError):
        while part := os.read(ours, 100_000):
            shown += part
    os.close(ours)
    assert process.wait() == 0
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"embed +\d+\.\d s\r\n", plain)
    assert re.search(r"embed +\S+ +0:00:\d\d", plain)
