"""The moving line, and the log of a run."""

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
from topics.cli.progress import ProgressBar, ProgressBars


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_bar_tells_how_many_how_fast_and_how_long():
    meter = ProgressBar("embed", 0.0, 1000)
    meter.advance(0, 0.0)
    assert meter.line(3.0) == "embed        ⠴ 3 s"
    meter.advance(250, 5.0)
    assert meter.line(5.0) == f"embed        {'█' * 6}{'░' * 18} 250/1,000 papers  50/s  15 s left"
    meter.advance(750, 10.0)
    assert meter.line(10.0).endswith("1,000/1,000 papers  100/s  0 s left")


def test_the_speed_is_that_of_the_last_seconds():
    """What an earlier, killed run left counts at once, and is no speed."""
    meter = ProgressBar("embed", 0.0, 100_000)
    meter.advance(0, 0.0)
    meter.advance(50_000, 0.1)
    for second in range(1, 60):
        meter.advance(10, float(second))
    assert "  10/s  " in meter.line(59.0)


def test_without_a_total_there_is_a_number_and_a_clock():
    meter = ProgressBar("read", 0.0, None, "records")
    meter.advance(0, 0.0)
    meter.advance(30_000, 75.0)
    assert meter.line(75.0).endswith(" 30,000 records  400/s  1:15 min")
    assert ProgressBar("maps", 0.0).line(7300.0).endswith(" 2:01 h")


def test_lines_on_a_terminal():
    terminal, clock = Terminal(), Clock()
    with ProgressBars(1, terminal, clock) as bars:
        bars.started("embed")
        with bars.progress("embed", 10) as advance:
            clock.now += 2
            advance(5)
            bars.draw()
        bars.note("a \x1b[31mred note")
        bars.finished("embed", 4.0, cached=False)
        bars.detail("not said")
    shown = terminal.getvalue()
    assert "5/10 papers" in shown
    assert "\r\x1b[KNote: a �[31mred note\n" in shown
    assert shown.endswith("\r\x1b[Kembed           4.0 s\n\r\x1b[K")
    assert "not said" not in shown


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
    subprocess.run(
        [*command, "-o", tmp_path / "run"],
        cwd=ROOT,
        env={**os.environ, "TOPICS_CACHE": str(tmp_path / "cache")},
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert re.search(r"\r\x1b\[Kembed +\d+\.\d s\r\n", shown)
    assert re.search(r"\rembed +\S \d s\x1b\[K", shown)
