"""Topics that flow from period to period: of one fit, of a fit per period, of several runs."""

import json
from itertools import pairwise

import numpy as np
import pytest

from tests.conftest import SEED, rows, run_cli
from topics.config import MapSettings
from topics.errors import ConfigError
from topics.output.trends.flows import draw, write_flow
from topics.trends.flow import _unmatched, spans_of
from topics.types import FlowColumn, FlowLink, TopicFlow

SPANS = "2016..2021,2022..2023,2024..2026"


def made(hostile="Tax law"):
    """Three columns: one topic goes on, one splits and joins, one ends, one is new."""
    return TopicFlow(
        "a fit per period",
        (
            FlowColumn("2016..2018", ("Sleep", "Bridges", hostile), (50, 30, 20), 100),
            FlowColumn("2019..2021", ("Sleep research", "Bridges", "Bridge fatigue"), (40, 20, 20), 80),
            FlowColumn("2022", ("Sleep", "Bridges", "Beehives"), (60, 30, 10), 100),
        ),
        (
            FlowLink(0, 0, 0, "matched", 0.9),
            FlowLink(0, 1, 1, "matched", 0.8),
            FlowLink(0, 1, 2, "split", 0.6),
            FlowLink(1, 0, 0, "matched", 0.9),
            FlowLink(1, 1, 1, "matched", 0.8),
            FlowLink(1, 2, 1, "merged", 0.7),
        ),
        ("2 papers are in none of the periods.",),
    )


def test_table_and_page_say_what_becomes_of_each_topic(tmp_path):
    hostile = "=1+1 <b>|</b>"
    write_flow(made(hostile), MapSettings(), tmp_path)
    found = rows(tmp_path / "flow.csv")
    assert [(row["label"], row["status"], row["next_label"]) for row in found[:4]] == [
        ("Sleep", "matched", "Sleep research"),
        ("Bridges", "matched", "Bridges"),
        ("Bridges", "split", "Bridge fatigue"),
        (f"'{hostile}", "ends", ""),
    ]
    assert [row["status"] for row in found[-3:]] == ["last"] * 3
    assert float(found[0]["share"]) == 0.5
    page = (tmp_path / "flow.md").read_text(encoding="utf-8")
    assert "New: Beehives (2022)." in page
    assert r"Ends: =1+1 \<b\>\|\</b\> (2016–2018)." in page
    assert "| Bridge fatigue, 2019–2021 | 25.0% | Bridges, 2022 (merged) | 30.0% |" in page
    assert (tmp_path / "flow.png").read_bytes().startswith(b"\x89PNG")


def test_every_topic_has_a_block_of_its_share_and_no_two_overlap():
    canvas = draw(made(), MapSettings())
    boxes = [arguments for name, arguments, _ in canvas.marks if name == "fill"]
    assert len(boxes) == 9
    columns = {}
    for x, y in boxes:
        columns.setdefault(round(min(x), 3), []).append((min(y), max(y)))
    assert len(columns) == 3
    for blocks in columns.values():
        ordered = sorted(blocks)
        assert all(one[1] <= other[0] + 1e-9 for one, other in pairwise(ordered))
        assert ordered[0][0] > 0
    heights = [max(y) - min(y) for _, y in boxes[:3]]
    assert np.allclose(np.array(heights) / sum(heights), [0.5, 0.3, 0.2])
    texts = [arguments[2] for name, arguments, _ in canvas.marks if name == "text"]
    assert {"Tax law (ends)", "Beehives (new)", "2016–2018"} <= set(texts)


def test_names_without_a_match_and_periods_without_any_are_told():
    columns = made().columns
    assert list(_unmatched(columns[0], columns[2], ())) == [
        "No topic of 2016..2018 is alike enough to one of 2022 to match (100 papers in 3 topics and "
        "100 papers in 3 topics); the fewer papers topics have, the fewer match.",
        "Under one label in 2016..2018 and 2022, but not alike enough to match: Bridges, Sleep.",
    ]
    assert list(_unmatched(columns[0], columns[2], [FlowLink(0, 0, 0, "matched")])) == [
        "Under one label in 2016..2018 and 2022, but not alike enough to match: Bridges."
    ]
    assert not list(_unmatched(columns[0], columns[1], [FlowLink(0, 1, 2, "split")]))


def test_links_join_topics_that_there_are():
    with pytest.raises(ValueError, match="join topics of successive columns"):
        TopicFlow("x", made().columns, (FlowLink(2, 0, 0, "matched"),))


def test_papers_go_to_their_span():
    dates = ["2016", "2018-05", "2019", "2020-01-01", "2022", ""]
    assert spans_of(dates, ["2016..2018", "2019..2020", "2022"]).tolist() == [0, 0, 1, 1, 2, -1]
    with pytest.raises(ConfigError, match="must end before"):
        spans_of(dates, ["2016", "2022", "2019"])


def test_one_fit_and_a_fit_per_period(quick_run, tmp_path):
    out = run_cli("compare", quick_run, "--spans", SPANS, "-o", tmp_path / "one").output
    assert out.startswith("One fit of all papers")
    found = rows(tmp_path / "one" / "flow.csv")
    assert {row["status"] for row in found} <= {"matched", "ends", "last"}
    last = [float(row["share"]) for row in found if row["period"] == "2024..2026"]
    assert sum(last) == pytest.approx(1, abs=1e-3)
    assert "the same in all periods" in (tmp_path / "one" / "flow.md").read_text(encoding="utf-8")
    refit = ["--spans", "2020..2023,2024..2026", "--refit"]
    out = run_cli("compare", quick_run, *refit, "-o", tmp_path / "each").output
    assert "A fit per period" in out
    mark = json.loads((tmp_path / "each" / "compare.json").read_text(encoding="utf-8"))
    assert mark["periods"] == ["2020..2023", "2024..2026"]
    assert mark["fit"].startswith("a fit per period")
    again = tmp_path / "again"
    run_cli("compare", quick_run, *refit, "-o", again)
    for name in ("flow.csv", "flow.png", "flow.svg"):
        assert (again / name).read_bytes() == (tmp_path / "each" / name).read_bytes()


def test_three_runs(quick_run, lsa_run, seed_run, tmp_path):
    out = run_cli("compare", quick_run, lsa_run, quick_run, "-o", tmp_path / "runs").output
    assert "A fit per run" in out
    found = rows(tmp_path / "runs" / "flow.csv")
    assert len({row["period"] for row in found}) == 3
    assert any(row["status"] == "matched" for row in found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--spans", "2024"), "--spans takes two spans of time or more"),
        (("--spans", "2024,2020"), "must end before 2020 begins"),
        (("--spans", "2016,1950..1960"), "must end before"),
        (("--spans", "1950..1960,2024"), "No paper is dated in 1950..1960"),
        (("--spans", "then,now"), '"then" is no span of time'),
        (("--refit",), "--refit goes with --spans"),
        (("--spans", "2022,2024", "--by", "category"), "leave the other options out"),
        (("--spans", "2016..2021,2022..2026", "--refit"), "2016..2021: 2 papers are too few"),
    ],
)
def test_bad_input_is_one_sentence(quick_run, tmp_path, options, message):
    output = run_cli("compare", quick_run, *options, "-o", tmp_path / "out", expect=2).output
    assert message in " ".join(output.split())
    assert not (tmp_path / "out").exists()
    assert SEED.exists()
