"""`topics trends` and `topics compare` on a finished run, which stays as it is."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.conftest import ROOT, pictures, rows, run_cli, summary_of
from topics.cache import store
from topics.output.trends.gallery import COMPARISON_PLOTS, TREND_PLOTS
from topics.output.trends.tables import COMPARISON, TABLES
from topics.runs import compare
from topics.runs.run import open_run

pytestmark = pytest.mark.slow
SPANS = ("--before", "2021..2023", "--after", "2024..2026")


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_trends_are_written_beside_the_run_and_leave_it_whole(copy):
    printed = run_cli("trends", copy).output
    folder = copy.with_name("seed-trends")
    assert names(folder) == {*TABLES, *pictures(TREND_PLOTS), "trends.json"}
    assert str(folder / "trends.csv") in printed
    assert (folder / "trends.csv").read_bytes() == (copy / "trends.csv").read_bytes()
    open_run(copy).check()
    topics = rows(copy / "topics.csv")
    assert all(f"  {topic['label'][:15]}" in printed for topic in topics)
    assert printed.count("?") == len(topics) + 1
    assert "?: too few papers to say" in printed


def test_other_periods_get_a_folder_of_their_own_and_the_same_bytes_twice(copy, tmp_path):
    printed = run_cli("trends", copy, "--period", "quarter", "--from", "2022", "--to", "2025-06").output
    folder = copy.with_name("seed-trends-quarter-2022..2025-06")
    assert "2022-Q1 to 2025-Q2 in quarters" in printed
    assert "Papers not counted: 6 dated outside trends.start and trends.end." in printed
    assert {row["period"][:4] for row in rows(folder / "trends.csv")} == {"2022", "2023", "2024", "2025"}
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    run_cli("trends", copy, "--period", "quarter", "--from", "2022", "--to", "2025-06")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_failure_leaves_nothing_behind(copy, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device", "trends.png")

    monkeypatch.setattr("topics.output.trends.gallery.draw_trends", fail)
    assert run_cli("trends", copy, expect=2).output.startswith("Error: The disk is full at ")
    assert names(copy.parent) == {"seed"}


def test_a_damaged_run_is_refused(copy):
    file = copy / "data" / "cluster" / "nearest_topic.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    for command in (("trends", copy), ("compare", copy, *SPANS)):
        assert "was changed or cut off since the run was written" in run_cli(*command, expect=2).output
    assert names(copy.parent) == {"seed"}


def test_two_periods_of_a_run(copy):
    printed = run_cli("compare", copy, *SPANS).output
    folder = copy.with_name("seed-compare-2021..2023-2024..2026")
    assert names(folder) == {*COMPARISON, *pictures(COMPARISON_PLOTS), "compare.html", "compare.json"}
    n_topics = open_run(copy).clustering.n_topics
    assert f"2021..2023 and 2024..2026: {n_topics} no clear change" in printed
    open_run(copy).check()
    assert {row["change"] for row in rows(folder / "compare.csv")} == {"no clear change"}


def test_two_runs_of_one_encoder_match_by_centroids_and_words(copy, tmp_path):
    twin = shutil.copytree(copy, tmp_path / "twin")
    printed = run_cli("compare", copy, twin, "-o", tmp_path / "both").output
    assert "words alone" not in printed
    table = rows(tmp_path / "both" / "compare.csv")
    assert all((row["before"], row["status"]) == (row["after"], "matched") for row in table)
    about = json.loads((tmp_path / "both" / "compare.json").read_text(encoding="utf-8"))
    assert (about["before"], about["after"], about["runs"]) == ("seed", "twin", ["seed", "twin"])


def test_runs_whose_vectors_cannot_be_compared_match_by_words_and_say_so(copy, tmp_path):
    """What LSA learned from one corpus means nothing in another, whatever its name is."""
    twin = shutil.copytree(copy, tmp_path / "old" / "seed")
    for place in (copy, twin):
        summary = summary_of(place)
        summary["config"]["embed"]["encoder"] = "lsa"
        store.write_summary(place / "run.json", summary)
    printed = run_cli("compare", twin, copy, "-o", tmp_path / "both").output
    assert "topics are matched by their words alone" in " ".join(printed.split())
    assert f"old/seed and {tmp_path.name}/seed: " in printed
    assert {row["status"] for row in rows(tmp_path / "both" / "compare.csv")} == {"matched"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["trends", "none"], "none: no such run; `topics run` prints the folders that it writes"),
        (["trends", "full"], "full is not a run of topics: it has no readable run.json"),
        (["trends", "seed", "--from", "soon"],
         "--from soon is no date; write a year, a month or a day, as in 2016, 2016-05 or 2016-05-31"),
        (["trends", "seed", "--to", "2022-13"],
         "--to 2022-13 is no date; write a year, a month or a day, as in 2016, 2016-05 or 2016-05-31"),
        (["trends", "seed", "--from", "2025", "--to", "2021"],
         "--from 2025 lies after --to 2021; swap them"),
        (["trends", "seed", "--from", "2030"],
         "No paper is dated from 2030 on; the papers' dates range from 2021-10-12 to 2026-05-19."),
        (["trends", "seed", "--from", "2023", "--to", "2023", "--period", "year"],
         "All dated papers (17) are of 2023; a trend needs at least two periods; "
         "set trends.period to month."),
        (["trends", "seed", "-o", "full"],
         "full holds files but is not what topics wrote there (it has no trends.json); "
         "name an empty or new folder with -o, or remove it first"),
        (["trends", "seed", "-o", "seed"],
         "seed holds files but is not what topics wrote there (it has no trends.json); "
         "name an empty or new folder with -o, or remove it first"),
        (["compare", "seed"],
         "compare needs one run with both --before and --after, or two runs without either"),
        (["compare", "seed", "--before", "2022"],
         "compare needs one run with both --before and --after, or two runs without either"),
        (["compare", "seed", "seed", "--before", "2022"],
         "compare needs one run with both --before and --after, or two runs without either"),
        (["compare", "seed", "full"], "full is not a run of topics: it has no readable run.json"),
        (["compare", "seed", "--before", "2022", "--after", "later"],
         '"later" is no span of time; write 2019, 2016..2019 or 2019-01..2019-06.'),
        (["compare", "seed", "--before", "2022-13", "--after", "2024"],
         '"2022-13" is no span of time: there is no month 2022-13.'),
        (["compare", "seed", "--before", "2022", "--after", "2024..2025-02-30"],
         '"2024..2025-02-30" is no span of time: there is no day 2025-02-30.'),
        (["compare", "seed", "--before", "2021..2023", "--after", "2023..2025"],
         "2021..2023 must end before 2023..2025 begins; name the earlier span first."),
        (["compare", "seed", "--before", "2001..2010", "--after", "2023..2025"],
         "No paper is dated in 2001..2010; the dates range from 2021-10-12 to 2026-05-19."),
        (["compare", "seed", "--before", "2022", "--after", "2023", "-o", "full"],
         "full holds files but is not what topics wrote there (it has no compare.json); "
         "name an empty or new folder with -o, or remove it first"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_nothing_written(copy, monkeypatch, arguments, sentence):
    monkeypatch.chdir(copy.parent)
    (copy.parent / "full").mkdir()
    (copy.parent / "full" / "thesis.docx").touch()
    before = sorted(copy.parent.rglob("*"))
    assert run_cli(*arguments, expect=2).output == f"Error: {sentence}\n"
    assert sorted(copy.parent.rglob("*")) == before


def test_folders_are_named_after_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = {"period": None, "start": None, "end": "2020"}
    assert compare.trends_folder(tmp_path / "a", **asked) == tmp_path / "a-trends-..2020"
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")
    from pathlib import Path

    asked = {"period": "month", "start": None, "end": None}
    assert compare.trends_folder(Path(), **asked) == tmp_path / "b-trends-month"
    assert compare.comparison_folder((Path("../a"), Path()), None, None) == Path("../a-compare-b")


def test_the_page_on_trends_names_every_file_and_every_verdict():
    from topics.trends.verdicts import VERDICTS

    page = (ROOT / "docs" / "trends.md").read_text(encoding="utf-8")
    for name in (*TABLES, *COMPARISON, *TREND_PLOTS, *COMPARISON_PLOTS, "compare.html", *VERDICTS):
        assert name in page, name
