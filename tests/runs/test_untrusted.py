"""A run's folder and a cache entry that somebody else made, with digests that fit."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tests.conftest import QUICK, ROOT, SEED, run_cli
from topics.cache import store
from topics.cache.stage import NullObserver, RunState, Stage
from topics.errors import RunError
from topics.runs.run import open_run
from topics.types import Clustering, Files

TOPIC = "data/cluster/topic.npy"


@pytest.fixture
def run(quick_run, tmp_path):
    return shutil.copytree(quick_run, tmp_path / "run")


def signed(run, change=None):
    """Make the digests fit; change: of run.json."""
    summary = json.loads((run / store.RUN_FILE).read_text(encoding="utf-8"))
    names = [name for name in summary["files"] if (run / name).is_file()]
    summary["files"] = {name: store.file_digest(run / name) for name in names}
    if change:
        change(summary)
    store.write_summary(run / store.RUN_FILE, summary)


def header(shape, kind="<i4"):
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


ARRAYS = {
    "empty": b"",
    "no header": b"junk" * 50,
    "huge": header("(10000000, 10000)"),
    "negative": header("(-1, -1)") + b"abcd",
    "objects": header("(1,)", "|O") + b"x" * 8,
    "texts": header("(1,)", "<U2") + b"x" * 8,
    "longer": header("(50,)") + bytes(400),
    "deep": b"\x93NUMPY\x01\x00\xe8\x03" + b"(" * 1000,
    "of others": header("(3,)") + bytes(12),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_checked_before_it_is_mapped(run, name):
    (run / TOPIC).write_bytes(ARRAYS[name])
    signed(run)
    with pytest.raises(RunError, match="repeat the run"):
        assert open_run(run).clustering
    for command in ("evaluate", "report"):
        assert "Error: " in run_cli(command, run, expect=2).output


def link_out(path):
    path.symlink_to("/etc/hostname")


def link_to_zeros(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("put", [link_out, link_to_zeros, os.mkfifo, os.mkdir])
@pytest.mark.parametrize("name", [TOPIC, "data/cluster/value.json", "topics.csv"])
def test_what_is_no_file_of_the_run_is_not_opened(run, put, name):
    (run / name).unlink()
    put(run / name)
    with pytest.raises(RunError, match="repeat the run"):
        open_run(run).check(name)


def test_a_folder_that_leads_out_is_refused(run, tmp_path):
    shutil.move(run / "data", tmp_path / "elsewhere")
    (run / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="leads out of"):
        assert open_run(run).clustering


def test_a_name_that_leads_out_is_refused(run):
    digest = store.file_digest(SEED)
    signed(run, lambda summary: summary["files"].update({"data/cluster/../../../seed": digest}))
    shutil.copyfile(SEED, run.parent / "seed")
    with pytest.raises(RunError, match="leads out of"):
        open_run(run).check("data/cluster")


def test_a_file_that_nobody_signed_is_refused(run):
    np.save(run / "data" / "cluster" / "extra.npy", np.zeros(3))
    with pytest.raises(RunError, match=r"holds data/cluster/extra\.npy, of which run\.json does not know"):
        assert open_run(run).clustering


@pytest.mark.parametrize("part", ["files", "config", "counts", "inputs", "versions", "notes"])
@pytest.mark.parametrize("value", [None, [], {}, "text", 3, {"a": 1}, [1]])
def test_parts_of_run_json_are_checked_before_they_are_used(run, part, value):
    signed(run, lambda summary: summary.pop(part) if value is None else summary.update({part: value}))
    for command in ("show", "evaluate"):
        result = run_cli(command, run, expect=None)
        assert result.exit_code in (0, 2), result.output
        assert result.output.count("Error: ") == (result.exit_code == 2)


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"paper_topics":' * 100_000, b"", b"\0" * 9, b'{"paper_topics": {}}']
)
def test_a_run_json_of_any_depth_is_one_sentence(run, text):
    for name in (store.RUN_FILE, store.STAGES_FILE):
        (run / name).write_bytes(text)
    for command in (("show", run), ("map", run, "-o", run / "m.png"), ("cache", "prune", "--keep", run)):
        assert "Error: " in run_cli(*command, expect=2).output


def test_a_matrix_whose_indices_lead_nowhere_is_refused(run):
    path = run / "data" / "count" / "matrix.npz"
    parts = dict(np.load(path))
    np.savez(path, **{**parts, "indices": parts["indices"] * 0 + 10**6})
    signed(run)
    with pytest.raises(RunError, match="matrix.npz is damaged"):
        assert open_run(run).counts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.npy", bytes(10_000_000))
    signed(run)
    with pytest.raises(RunError, match="data.npy is compressed"):
        assert open_run(run).counts


def test_a_table_without_a_column_or_with_holes_is_refused(run):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = run / "data" / "read" / "papers.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("doi")
    for wrong in (
        table.drop_columns(["doi"]),
        table.set_column(place, "doi", pa.nulls(50, pa.string())),
        table.set_column(place, "doi", pa.array(range(50))),
    ):
        pq.write_table(wrong, path)
        signed(run)
        with pytest.raises(RunError, match="data/read has no whole column doi"):
            assert open_run(run).corpus
    pq.write_table(table.slice(0, 20), path)
    signed(run)
    with pytest.raises(RunError, match="data/read has 20 papers, but the run has 50"):
        assert open_run(run).corpus


def test_values_that_do_not_fit_together_are_one_sentence(run):
    value = json.loads((run / "data" / "label" / "value.json").read_text(encoding="utf-8"))
    value["topics"][0]["representative"] = [10**6]
    (run / "data" / "label" / "value.json").write_text(json.dumps(value), encoding="utf-8")
    signed(run)
    said = run_cli("report", run, "-o", run.parent / "r.html", expect=2).output
    assert "are inconsistent (IndexError" in said


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say how much memory a process has")
def test_memory_is_bounded_while_a_table_is_read(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": ["x" * 100_000_000]}), tmp_path / "a.parquet", compression="zstd")
    for most, ends in ((32, 1), (768, 0)):
        code = (
            "import sys; from pathlib import Path; from topics.cache import untrusted; "
            f"untrusted.MOST_MEMORY = {most} << 20; "
            "print(untrusted.load_table(Path(sys.argv[1]), 'a.parquet').shape)"
        )
        command = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == ends, done.stderr
        assert ("RunError: " in done.stderr and "a.parquet needs more than 32 MB" in done.stderr) == bool(
            ends
        )


def clustering():
    return Clustering(np.zeros(3), np.zeros(3), np.ones(3), np.ones((1, 2)), temperature=0.1)


@pytest.mark.parametrize("damage", ["array", "value", "link", "fifo"])
def test_a_hostile_cache_entry_is_done_again(tmp_path, damage):
    notes = []
    observer = NullObserver()
    observer.note = notes.append
    cache = store.Cache(tmp_path)

    def stage():
        return Stage("cluster", Clustering, lambda folder: clustering(), RunState(cache, observer), None)

    first = stage()
    assert len(first.value) == 3
    entry = first.folder
    path = entry / ("value.json" if damage == "value" else "topic.npy")
    path.unlink()
    if damage == "link":
        path.symlink_to("/etc/hostname")
    elif damage == "fifo":
        os.mkfifo(path)
    else:
        path.write_bytes(b"[" * 10_000 if damage == "value" else header("(100000, 100000)"))
    store.write_json(entry / store.MANIFEST, store.digests(entry, skip=[store.MANIFEST]))
    assert cache.check("cluster", first.key) is None
    assert len(stage().value) == 3
    assert notes == [f"the cached stage cluster was not written by topics ({entry}); it is computed anew"]


def test_a_stage_names_no_files_elsewhere():
    for name in ("../x", "/etc/passwd", "a/b", "", "a\0"):
        with pytest.raises(ValueError, match="names of files in one folder"):
            Files((name,))


@pytest.mark.parametrize("arguments", [("--help",), ("check", str(SEED)), ("--version",)])
def test_a_full_standard_output_is_one_sentence(arguments):
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.fail("no /dev/full here to write to")
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "topics", *arguments]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: what is printed cannot be written")
    assert len(done.stderr.splitlines()) == 1


def within(limit, tmp_path, *arguments):
    """The command line under a limit that `ulimit` sets."""
    return subprocess.run(
        ["bash", "-c", f'ulimit {limit}; exec "$@"', "bash", sys.executable, "-m", "topics", *arguments],
        cwd=ROOT,
        env={**os.environ, "TOPICS_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path / "none")},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("limit", ["-n 64", "-f 64"])
def test_limits_of_the_system_end_in_a_run_or_a_sentence(tmp_path, limit):
    """Open files, and the size of one."""
    done = within(limit, tmp_path, "run", str(SEED), "-o", str(tmp_path / "run"), *QUICK, "-q")
    assert "Traceback" not in done.stderr
    assert (tmp_path / "run").exists() == (done.returncode == 0)
    assert done.returncode == (0 if limit == "-n 64" else 2)


@pytest.mark.parametrize(
    "limit", ["-v 300000", "-v 450000", "-v 600000", "-v 1600000", "-d 1400000", "-n 40"]
)
@pytest.mark.parametrize("encoder", ["lsa", "minilm"])
def test_what_a_run_cannot_do_without_is_said_before_a_library_ends_it(tmp_path, limit, encoder):
    done = within(limit, tmp_path, "run", str(SEED), "--set", f"embed.encoder={encoder}")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Error: topics run ")
    assert f"`ulimit {limit[:2]} " in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "cache").exists()


def test_commands_that_need_less_work_with_less(tmp_path, quick_run):
    for limit, arguments in (
        ("-v 60000", ["--help"]),
        ("-v 60000", ["run", "--help"]),
        ("-v 400000", ["show", str(quick_run)]),
        ("-v 400000", ["cache"]),
    ):
        done = within(limit, tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
    for limit in ("-v 60000", "-v 100000"):
        done = within(limit, tmp_path, "cache")
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("Error: topics cache needs at least ")


def test_too_few_threads_are_one_sentence(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    said = run_cli("check", SEED, expect=2).output
    assert "Error: topics check needs " in said
    assert "the system lets it start 0; raise that with `ulimit -u`" in said


@pytest.fixture
def pipe(tmp_path):
    """A pipe that nobody writes into, under a name that all readers of files take."""
    for end in ("npy", "yaml", "csv", "html"):
        os.mkfifo(tmp_path / f"pipe.{end}")
    return tmp_path / "pipe"


def test_a_pipe_that_is_read_is_not_waited_for(pipe, quick_run, tmp_path):
    for arguments in (
        ("check", f"{pipe}.yaml"),
        ("check", f"{pipe}.csv"),
        ("check", SEED, "--set", f"guide.taxonomy={pipe}.csv"),
        ("check", SEED, "--set", f"embed.encoder={pipe}.npy"),
        ("edit", quick_run, f"{pipe}.yaml", "-o", tmp_path / "edited"),
        ("label", quick_run, SEED, "--vectors", f"{pipe}.npy", "-o", tmp_path / "a.csv"),
    ):
        said = run_cli(*arguments, expect=2).output
        assert said.count("Error: ") == 1


def test_no_pipe_or_device_is_replaced_by_a_file(pipe, quick_run):
    for end, arguments in ((".html", ("report", quick_run)), (".csv", ("label", quick_run, SEED))):
        target = pipe.with_suffix(end)
        said = run_cli(*arguments, "-o", target, expect=2).output
        assert "is a pipe or a device, which is not replaced; name a file" in said
        assert target.is_fifo()


def test_links_in_a_circle_and_a_folder_that_is_gone_are_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").mkdir()
    assert "links lead in a circle" in run_cli("check", tmp_path / "loop", expect=2).output
    before = os.getcwd()  # noqa: PTH109
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    try:
        said = run_cli("check", "papers.csv", expect=2).output
    finally:
        os.chdir(before)
    assert "papers.csv cannot be looked for: No such file or directory" in said
