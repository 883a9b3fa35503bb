"""Groups of papers as tables, pictures and a page; hostile text stays text."""

import dataclasses
import re

import numpy as np
import pytest

from tests.conftest import pictures, rows
from tests.evidence.test_contrasts import again, compared, one_hot
from topics.config import MapSettings
from topics.evidence.contrasts import Strata
from topics.output.evidence import page, tables
from topics.output.evidence.pictures import PERIODS, PLOTS, draw_groups
from topics.types.groups import HANGS, LESS, MORE, GroupWord

TOPIC = np.array([0] * 60 + [1] * 20 + [0] * 30 + [1] * 70)
GROUP = one_hot([0] * 80 + [1] * 100)
PERIOD = np.array([0, 1] * 90, np.int32)
HOSTILE = '<script>alert("x")</script> | =1+1'


@pytest.fixture(scope="module")
def found():
    """Topic 0 is more in group A; over two years; and a third verdict."""
    years = Strata("year", ("2020", "2021"), PERIOD)
    made = compared(TOPIC, GROUP, [TOPIC] * 5, strata=years)
    shares = [*made.shares[:3], dataclasses.replace(made.shares[3], verdict=HANGS)]
    return dataclasses.replace(
        made, shares=tuple(shares), labels=(HOSTILE, "T1"), names=("A", HOSTILE), notes=(HOSTILE,)
    )


def test_tables_hold_every_figure_as_text(found, tmp_path):
    assert tables.write_groups(found, tmp_path) == (*tables.TABLES, tables.PERIODS)
    lines = rows(tmp_path / "groups.csv")
    assert len(lines) == 4
    assert (lines[0]["papers"], lines[0]["total"], lines[0]["share"], lines[0]["rest"]) == (
        "60", "80", "0.75", "0.3",
    )  # fmt: skip
    assert [line["verdict"] for line in lines] == [MORE, LESS, LESS, HANGS]
    assert (lines[0]["repetitions"], lines[0]["found"], lines[0]["upheld"]) == ("5", "5", "5")
    assert {line["period"] for line in rows(tmp_path / "group_periods.csv")} == {"2020", "2021"}
    text = (tmp_path / "groups.md").read_text(encoding="utf-8")
    assert "| more | 75.0% | 30.0% |" in text
    assert "<script>" not in text
    told = tables.group_table(found, 100)
    assert "?: depends on the grouping" in told
    # Two groups are each other's rest: what one has more of, the other has less of, and it is said once.
    assert found.mirrored
    assert "Of 2 pairs" in told
    assert "1 differs clearly from the rest of the papers (1 more, 0 less); 1 depends on the" in " ".join(
        told.split()
    )


def test_pictures_and_page_are_drawn_the_same_twice_and_run_no_script(found, tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        names = (*draw_groups(found, MapSettings(), folder), *page.write_page(found, folder))
    assert set(names) == {*pictures((*PLOTS, PERIODS)), "groups.html"}
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    text = (folders[0] / "groups.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert text.count("<svg") == 3
    assert "default-src 'none'" in text
    assert "&lt;script&gt;" in text
    assert re.search(r'transform="rotate\(-45 ', text)


def test_without_repetitions_the_page_says_what_its_intervals_cover(tmp_path):
    plain = compared(TOPIC, GROUP)
    assert "cover sampling only" in tables.group_table(plain, 100)
    assert "cover both sampling and the grouping" in tables.group_table(
        compared(TOPIC, GROUP, [TOPIC] * 5), 1000
    )
    assert len(again(TOPIC)) == 0


def test_words_that_are_not_within_periods_are_said_to_be_of_all(found):
    said = "Words are compared over all periods together."
    spoken = dataclasses.replace(found, words=(GroupWord(0, 0, "tax", 4.0, 0.5, 0.1, 0.001),))
    assert said in tables.group_table(spoken, 1000)
    assert said in tables.group_table(dataclasses.replace(spoken, repetitions=0), 1000)
    assert said not in tables.group_table(found, 1000)
    assert said not in tables.group_table(dataclasses.replace(spoken, unit="", periods=()), 1000)
