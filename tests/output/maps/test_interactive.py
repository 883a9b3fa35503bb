"""The page as written: closed in itself, exact, and unable to run anything that a paper brings."""

import base64
import hashlib
import json
import re
import zlib

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invented import layers_of
from topics.output.maps import interactive
from topics.output.maps.interactive import sample_rows
from topics.output.pages import safe_link
from topics.types import Counts, Neighbours

from .test_browser import HOSTILE


def block(html, name):
    found = re.search(rf'<script type="application/octet-stream" id="{name}">([\w+/=]*)</script>', html)
    return zlib.decompress(base64.b64decode(found[1]))


def test_all_that_was_given_is_there(make_run, write_page):
    corpus, clustering, topics, projection = run = make_run()
    html = write_page(run).read_text(encoding="utf-8")
    about, texts = json.loads(block(html, "about")), json.loads(block(html, "texts"))
    assert texts["id"] == list(corpus.ids)
    assert texts["title"] == list(corpus.titles)
    assert texts["authors"][3] == "Author 3; Ada Lovelace"
    assert [topic["label"] for topic in about["topics"]] == list(topics.labels)
    assert [topic["size"] for topic in about["topics"]] == clustering.sizes.tolist()
    data = block(html, "points")
    n = len(corpus)
    assert len(data) == n * (4 + 6 * 2 + 3)
    columns = np.frombuffer(data, dtype="<u2", count=6 * n, offset=4 * n).reshape(6, n)
    assert (columns[5] == 65535).all()
    assert (columns[2].astype(np.int16) == clustering.topic).all()
    assert (columns[3] == clustering.nearest_topic).all()
    places = columns[:2].T * (about["width"], about["height"])
    plain = projection.coordinates
    shape = np.corrcoef(places[:, 0], plain[:, 0])[0, 1], np.corrcoef(places[:, 1], plain[:, 1])[0, 1]
    assert min(shape) > 0.99999


def test_layers_and_trust_are_there_where_they_are_known(make_run, write_page):
    corpus, clustering, topics, projection = run = make_run()
    hierarchy = layers_of(clustering, topics, projection)
    html = write_page(run, layered=True).read_text(encoding="utf-8")
    about, n = json.loads(block(html, "about")), len(corpus)
    assert [field["topics"] for field in about["fields"]] == [
        np.flatnonzero(hierarchy.field == number).tolist() for number in range(len(hierarchy.fields))
    ]
    assert [part["topic"] for part in about["subtopics"]] == hierarchy.parent.tolist()
    assert about["stability"][0] == 0.95
    assert about["doubts"][0] == "Its papers scatter."
    columns = np.frombuffer(block(html, "points"), dtype="<u2", count=6 * n, offset=4 * n).reshape(6, n)
    assert (columns[5].astype(np.int16) == hierarchy.subtopic).all()


def test_the_policy_allows_this_script_and_style_and_nothing_else(make_run, write_page):
    html = write_page(make_run()).read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    for tag in ("script", "style"):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_comes_from_elsewhere(make_run, write_page):
    html = write_page(make_run()).read_text(encoding="utf-8")
    assert not re.search(r'\b(src|srcset|action|background)\s*=\s*"', html)
    assert not re.search(r"@import|url\(|importScripts|\bimport\(|XMLHttpRequest|\bfetch\(", html)
    assert set(re.findall(r"https?://[\w.]+", html)) == {"http://www.w3.org"}
    assert "innerHTML" not in html
    assert "eval(" not in html


def test_hostile_words_are_nowhere_in_the_markup(make_run, write_page):
    labels = ("</script><b>evil</b>", "<!--", "{{policy}}")
    html = write_page(
        make_run(n=6, count=3, rows=HOSTILE, labels=labels, outliers=0),
        title="<script>evil</script> {{script}}",
    ).read_text(encoding="utf-8")
    assert "evil" not in html.replace("&lt;script&gt;evil&lt;/script&gt;", "")
    assert html.count("<script") == 8 + 0
    assert "<!--" not in html
    assert html.count("{{script}}") == 1


def test_the_same_run_gives_the_same_bytes(make_run, write_page):
    run = make_run()
    assert write_page(run).read_bytes() == write_page(run).read_bytes()


def test_abstracts_are_cut_at_a_word(make_run, write_page):
    rows = [{"abstract": "A short one."}, *({"abstract": "some words " * 80} for _ in range(9))]
    html = write_page(make_run(n=10, count=2, rows=rows)).read_text(encoding="utf-8")
    starts = json.loads(block(html, "texts"))["abstract"]
    assert starts[0] == "A short one."
    assert starts[1].endswith(("some …", "words …"))
    assert len(starts[1]) <= 322


def test_authors_that_a_listing_leaves_out_are_not_passed_over(make_run, write_page):
    said = [{"et_al": True}, {"et_al": False}, {"et_al": "yes"}, {"venue": {"et_al": True}}, {"et_al": True}]
    rows = [{"authors": ["Ada Lovelace"], "original": json.dumps(fields)} for fields in said]
    rows[4]["authors"] = []
    html = write_page(make_run(n=5, count=2, rows=rows, outliers=0)).read_text(encoding="utf-8")
    shown = json.loads(block(html, "texts"))["authors"]
    assert shown == ["Ada Lovelace et al.", *["Ada Lovelace"] * 3, ""]


def test_thousands_of_authors_do_not_fill_the_file(make_run, write_page):
    rows = [{"authors": [f"Author {i}" for i in range(3000)], "title": "long " * 9000} for _ in range(4)]
    html = write_page(make_run(n=4, count=1, rows=rows)).read_text(encoding="utf-8")
    texts = json.loads(block(html, "texts"))
    assert texts["authors"][0].startswith("Author 0; Author 1; ")
    assert max(len(text) for name in ("authors", "title") for text in texts[name]) <= 2002


def test_many_papers_get_shorter_abstracts_rather_than_a_large_file(make_run, write_page, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [
        {"abstract": " ".join(f"{number:x}" for number in rng.integers(1 << 30, size=60))}
        for _ in range(3000)
    ]
    run = make_run(n=3000, count=5, rows=rows)
    monkeypatch.setattr(interactive, "_MANY", 1000)
    whole = json.loads(block(write_page(run).read_text(encoding="utf-8"), "texts"))["abstract"]
    monkeypatch.setattr(interactive, "TEXT_BYTES", 500_000)
    path = write_page(run)
    cut = json.loads(block(path.read_text(encoding="utf-8"), "texts"))["abstract"]
    assert path.stat().st_size < 1_100_000
    assert 0 < len(cut[0]) < len(whole[0])


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
    st.integers(0, 300),
    st.integers(60, 700),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_a_sample_keeps_every_topic(sizes, outliers, most, seed):
    topic = np.repeat(np.arange(-1, len(sizes)), [outliers, *sizes]).astype(np.int32)
    np.random.default_rng(seed).shuffle(topic)
    rows = sample_rows(topic, most)
    assert len(rows) == min(most, len(topic))
    assert (np.diff(rows) > 0).all()
    kept = np.bincount(topic[rows] + 1, minlength=len(sizes) + 1)
    whole = np.bincount(topic + 1, minlength=len(sizes) + 1)
    assert (kept <= whole).all()
    assert (kept[whole > 0] > 0).all()
    assert (kept >= np.minimum(whole, min(20, most // len(whole)))).all()


def test_a_sample_is_fair():
    topic = np.repeat([0, 1, 2], [8000, 1500, 500]).astype(np.int32)
    kept = np.bincount(topic[sample_rows(topic, 1000)])
    assert kept == pytest.approx([800, 150, 50], abs=25)
    assert (sample_rows(topic, 1000) == sample_rows(topic, 1000)).all()


@pytest.mark.parametrize(
    ("url", "doi", "link"),
    [
        ("https://arxiv.org/abs/2301.1", "", "https://arxiv.org/abs/2301.1"),
        (" HTTP://example.org ", "", "HTTP://example.org"),
        ("https://www.scopus.com/record/1", "10.1000/(x)1", "https://doi.org/10.1000/%28x%291"),
        ("https://x.org/", "none", "https://x.org/"),
        ("", "10.1000/x y", "https://doi.org/10.1000/x%20y"),
        ("javascript:alert(1)", "10.1/a", "https://doi.org/10.1/a"),
        ("javascript:alert(1)//https://x.org", "", ""),
        ("data:text/html,<script>", "", ""),
        ("file:///etc/passwd", "", ""),
        ("https://good.org@evil.org/", "", ""),
        ("https://good.org\\@evil.org/", "", ""),
        ("//example.org", "", ""),
        ("https://", "", ""),
        ("https:///path", "", ""),
        ("https://x.org/a b", "", ""),
        ("\x01https://x.org", "", ""),
        ("", "", ""),
    ],
)
def test_links(url, doi, link):
    assert safe_link(url, doi) == link


@given(st.integers(1, 40_000), st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_uses_of_terms_are_read_as_they_were_written(papers, terms, seed):
    rng = np.random.default_rng(seed)
    have = sp.random(papers, terms, density=rng.random() ** 4, format="csr", rng=rng, dtype=np.float64)
    have.data[:] = 1
    rows = np.flatnonzero(rng.random(papers) < 0.8)
    written = interactive._uses(Counts(have.astype(np.int32), tuple(map(str, range(terms)))), rows)
    numbers, value, shift = [], 0, 0
    for byte in written:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value, shift = 0, 0
    drawn, at = have[rows].toarray(), 0
    for term in range(terms):
        size = numbers[at]
        assert np.cumsum(numbers[at + 1 : at + 1 + size]).tolist() == np.flatnonzero(drawn[:, term]).tolist()
        at += 1 + size
    assert at == len(numbers)


def test_the_nearest_papers_are_there_up_to_a_number(make_run, write_page, monkeypatch):
    order = (np.arange(60)[:, None] + np.arange(8)) % 60
    near = Neighbours(order, np.tile(np.arange(8) / 10, (60, 1)))
    places = block(write_page(make_run(), neighbours=lambda: near).read_text(encoding="utf-8"), "near")
    assert (np.frombuffer(places, "<u2").reshape(60, 5) == order[:, 1:6]).all()
    monkeypatch.setattr(interactive, "MAX_NEIGHBOURS", 59)
    assert block(write_page(make_run(), neighbours=lambda: near).read_text(encoding="utf-8"), "near") == b""
