"""Damaged and hostile input to everything that reads: only this package's own errors come out.

There is a target for each reader, for configs, settings, edits, run folders and cache entries. Each begins
with whole files and with those of tests/data/hostile, and changes them. TOPICS_FUZZ is the number of inputs
for each (`make fuzz`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import QUICK, ROOT, SEED, run_cli
from topics.cache import store
from topics.config import CorpusSettings
from topics.config.load import load_config
from topics.corpus.build import gather
from topics.corpus.readers import read_file, readers
from topics.errors import ConfigError, EditError, InputError, RunError
from topics.pipeline import STAGES
from topics.runner import KEPT
from topics.runs.edits import read_edits
from topics.runs.run import open_run

EXAMPLES = int(os.environ.get("TOPICS_FUZZ", "25"))
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES <= 25,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
EXPORTS = sorted((ROOT / "tests" / "data" / "exports").iterdir())
HOSTILE = ROOT / "tests" / "data" / "hostile"
KINDS = {
    "arxiv": ["arxiv.xml"],
    "arxiv-snapshot": ["arxiv_snapshot.json"],
    "bibtex": ["zotero.bib", "tex2000.bib"],
    "endnote": ["endnote.xml"],
    "endnote-refer": ["acm.enw"],
    "excel": ["papers.xlsx", "farcell.xlsx"],
    "jats": ["pmc.nxml"],
    "json": ["openalex.jsonl", "crossref.json"],
    "listing": [],
    "openalex": ["openalex.json", "openalex.jsonl"],
    "parquet": [],
    "pubmed": ["pubmed.nbib"],
    "pubmed-xml": ["pubmed.xml", "encodings2.xml", "encodings4.xml"],
    "refworks": ["refworks.txt"],
    "ris": ["ris_embase.ris", "ris_endnote.ris", "ris_ovid.ris", "ris_zotero.ris"],
    "scopus": ["scopus.csv"],
    "springer": ["springer.csv"],
    "table": ["ieee.csv", "lens.csv", "authors_unhashable.csv"],
    "wos": ["wos.txt", "wos_utf16.txt"],
    "wos-table": [],
    "zotero-rdf": ["zotero.rdf"],
}
NASTY = st.sampled_from(
    [
        *(bytes([sign]) for sign in b"\0\r\n\t\"',;{}[]<>&\\$%@=#:|-*"),
        *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n\n", b"\xe2\x80\xae", b"\x1b[31m"),
        *(
            b"</",
            b"<!--",
            b"&#x0;",
            b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
            b"\\'{",
            b"@string{a=",
            b"{[]}",
            b"[{]}",
        ),
        *(b"- ", b"&a ", b"*a", b"!!int ", b"<<: ", b"TY  - ", b"ER  - \n", b"PT J\n", b"ER\n", b"PMID- "),
        *(
            b"9" * 5000,
            b"[" * 200,
            b"{" * 200,
            b"1e999",
            b"NaN",
            b"null",
            b"-1",
            b"9" * 20,
            b"0x",
            b"2020-99-99",
        ),
    ]
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "replace", "cut", "repeat", "flip"]),
        st.floats(0, 1),
        st.integers(0, 400),
        NASTY | st.binary(min_size=1, max_size=8),
    ),
    max_size=8,
)


@contextlib.contextmanager
def at_most(*errors):
    """Inside, nothing else is raised, and what is says one sentence."""
    said = "nothing"
    try:
        yield
    except errors as error:
        said = str(error)
    assert said
    assert "\n" not in said


def changed(content, changes):
    """Each change at a share of what is there by then."""
    for kind, share, length, piece in changes:
        at = int(share * len(content))
        rest = content[at + length :]
        if kind == "insert":
            content = content[:at] + piece + content[at:]
        elif kind == "replace":
            content = content[:at] + piece + content[at + len(piece) :]
        elif kind == "cut":
            content = content[:at] + rest
        elif kind == "repeat":
            content = content[:at] + content[at : at + length] * 4 + rest
        else:
            content = content[:at] + bytes(255 - sign for sign in content[at : at + 2]) + content[at + 2 :]
    return content


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """What a reader is given at first, by its name and a number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("whole")
    texts = {
        kind: [path.read_bytes() for path in [*EXPORTS, *HOSTILE.iterdir()] if path.name in names]
        for kind, names in KINDS.items()
    }
    table = pa.table(
        {"title": ["A", "B"], "abstract": ["We study.", None], "authors": [["x"], []], "year": [1, 2]}
    )
    pq.write_table(table, folder / "a.parquet")
    texts["parquet"].append((folder / "a.parquet").read_bytes())
    texts["listing"].append(b"\n".join(SEED.read_bytes().split(b"\n")[:12]))
    texts["wos-table"].append(b"PT\tAU\tTI\tSO\tAB\tPY\tUT\nJ\tA, B\tTitle\tVenue\tWe study.\t2020\tWOS:1\n")
    return lambda kind, place: texts[kind][place % len(texts[kind])]


def test_there_is_a_target_for_each_reader():
    assert set(KINDS) == set(readers())


@pytest.mark.parametrize("kind", sorted(KINDS))
@FUZZ
@given(place=st.integers(0, 9), changes=CHANGES, found=st.booleans())
def test_reader(kind, seeds, tmp_path, place, changes, found):
    suffix = readers()[kind].suffixes[0] if readers()[kind].suffixes else ".txt"
    file = tmp_path / f"papers{suffix}"
    file.write_bytes(changed(seeds(kind, place), changes))
    chosen = CorpusSettings(format="auto" if found else kind, min_abstract_words=0)
    with at_most(InputError):
        corpus = gather(read_file(file, file.name, chosen), chosen)
        for column in ("id", "title", "abstract", "date", "doi", "url"):
            assert not [text for text in corpus.column(column) if "\0" in text]


YAML = [
    path.read_bytes()
    for path in [*sorted(HOSTILE.glob("*.yaml")), *sorted((ROOT / "configs").glob("*.yaml"))]
]
EDITS = [
    b"edits:\n  - rename: {topic: 1, to: New}\n  - merge: {topics: [1, 2], label: Both}\n",
    b'edits:\n  - split: {topic: 1, papers: ["a", b]}\n  - move: {papers: [x], to: 2}\n  - &a [*a]\n',
]


@FUZZ
@given(whole=st.sampled_from(YAML), changes=CHANGES)
def test_config(tmp_path, whole, changes):
    file = tmp_path / "a.yaml"
    file.write_bytes(changed(whole, changes))
    with at_most(ConfigError):
        load_config(file)


@FUZZ
@given(
    key=st.sampled_from(
        ["name", "random_state", "map.title", "label.llm", "corpus.papers", "guide.topics", "a.b", ""]
    ),
    value=st.text(max_size=40) | NASTY.map(lambda piece: piece.decode("latin-1")),
)
def test_settings(key, value):
    with at_most(ConfigError):
        load_config(None, [f"{key}={value}"])


@FUZZ
@given(whole=st.sampled_from(EDITS + YAML), changes=CHANGES)
def test_edits(tmp_path, whole, changes):
    file = tmp_path / "edits.yaml"
    file.write_bytes(changed(whole, changes))
    with at_most(ConfigError, EditError):
        read_edits(file)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzzed") / "run"
    run_cli(
        "run", SEED, "-o", folder, *QUICK, "--set", "cluster.method=kmeans", "--set", "cluster.n_topics=5"
    )
    return folder


def sign(folder):
    """Make the digests fit, as somebody who means harm does."""
    summary = json.loads((folder / store.RUN_FILE).read_text(encoding="utf-8"))
    summary["files"] = {name: store.file_digest(folder / name) for name in summary["files"]}
    store.write_summary(folder / store.RUN_FILE, summary)


@FUZZ
@given(place=st.integers(0, 10_000), changes=CHANGES.filter(bool))
def test_run_folder(run, tmp_path_factory, place, changes):
    folder = tmp_path_factory.getbasetemp() / "changed"
    if not folder.exists():
        shutil.copytree(run, folder)
    files = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    file = files[place % len(files)]
    before, summary = file.read_bytes(), (folder / store.RUN_FILE).read_bytes()
    file.write_bytes(changed(before, changes))
    sign(folder)
    try:
        with at_most(RunError):
            opened = open_run(folder)
            for step in STAGES.values():
                if step.name in KEPT and (folder / "data" / step.name).is_dir():
                    opened.value(step.name, step.kind)
    finally:
        file.write_bytes(before)
        (folder / store.RUN_FILE).write_bytes(summary)


@FUZZ
@given(changes=CHANGES)
def test_run_json(run, tmp_path, changes):
    (tmp_path / store.RUN_FILE).write_bytes(changed((run / store.RUN_FILE).read_bytes(), changes))
    with at_most(RunError):
        opened = open_run(tmp_path)
        assert opened.config


@FUZZ
@given(place=st.integers(0, 10_000), changes=CHANGES.filter(bool))
def test_cache(run, tmp_path, place, changes):
    kept = [step for step in STAGES.values() if step.name in KEPT and (run / "data" / step.name).is_dir()]
    step = kept[place % len(kept)]
    cache = store.Cache(tmp_path / "cache")
    entry = cache.place(step.name, "0" * 32)
    shutil.rmtree(entry, ignore_errors=True)
    store.copy_value(run / "data" / step.name, entry)
    file = sorted(path for path in entry.rglob("*") if path.is_file())[place % 3 % len(list(entry.iterdir()))]
    file.write_bytes(changed(file.read_bytes(), changes))
    store.write_json(entry / store.MANIFEST, store.digests(entry))
    assert cache.check(step.name, "0" * 32) is None
    with at_most(RunError):
        store.unpack(step.kind, entry)
    (entry / store.MANIFEST).write_bytes(changed((entry / store.MANIFEST).read_bytes(), changes))
    cache.check(step.name, "0" * 32)


def test_hostile_cases_are_seeds_here():
    known = {name for names in KINDS.values() for name in names}
    assert {path.name for path in HOSTILE.iterdir() if path.suffix != ".yaml"} <= known
    assert Path(HOSTILE / "y_laughs_scalar.yaml").read_bytes() in YAML
