"""What comes out of a folder of real exports, and how fast and in how much memory papers are read.

    python benchmarks/readers.py table EXPORTS            the table of files, as Markdown
    python benchmarks/readers.py speed SNAPSHOT [GB]      an arXiv snapshot's lines repeated to GB gigabytes
    python benchmarks/readers.py corpus PAPERS            the whole way from a file to a corpus
    python benchmarks/readers.py compare FORMER PAPERS [REPETITIONS [GB]]   both of two checkouts

The table's second column is counted here, by another and simpler means than the readers'. `compare` writes
the papers (JSON lines as those of arxiv-200k, gzipped or not) as lines of an arXiv snapshot until there is a
gigabyte, each with an id of its own, and runs `speed` and `corpus` in turn with both checkouts, bound to one
core so that all work is the process's own.
"""

from __future__ import annotations

import datetime
import gzip
import io
import itertools
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from topics.config import CorpusSettings
from topics.corpus.build import build_corpus, summary, summary_sentence
from topics.corpus.readers import detect, read_files
from topics.errors import TopicsError
from topics.types import Broken, Record

_BEGINNINGS = {
    "ris": rb"(?m)^(?:\xef\xbb\xbf)?TY  ?-",
    "pubmed": rb"(?m)^PMID- ",
    "wos": rb"(?m)^PT \w",
    "bibtex": rb"(?m)^@\w+ ?\{",
    "arxiv": rb"<entry>",
    "pubmed-xml": rb"<PubmedArticle>",
    "endnote": rb"<record>",
    "openalex": rb'"authorships":',
    "arxiv-snapshot": rb'(?m)^\{"id"',
}


def main() -> None:
    tasks: dict[str, Callable[..., None]] = {
        "table": table,
        "speed": speed,
        "corpus": corpus,
        "compare": compare,
    }
    task = tasks[sys.argv[1]]
    task(*sys.argv[2:])


def table(folder: str) -> None:
    settings = CorpusSettings()
    print("| file | format | counted | read | with abstract | unreadable | kept | left out, and why |")
    print("|---|---|---|---|---|---|---|---|")
    totals = [0] * 5
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.suffix == ".md":
            continue
        shown = f"{path.parent.name}/{path.name}"
        kind = detect(path, settings).name
        try:
            items = list(read_files([path], settings))
        except TopicsError as error:
            counted = counts_of(path, kind)
            totals[0] += counted
            print(f"| {shown} | {kind} | {counted:,} | refused | | | | {error} |")
            continue
        papers = [item for item in items if isinstance(item, Record)]
        abstracts = sum(bool(paper.abstract) for paper in papers)
        broken = len(items) - len(papers)
        kept, why = outcome(items, settings)
        row = [counts_of(path, kind), len(papers), abstracts, broken, kept]
        totals = [total + number for total, number in zip(totals, row, strict=True)]
        print(f"| {shown} | {kind} | {' | '.join(f'{number:,}' for number in row)} | {why} |")
    print(f"| **all** | | {' | '.join(f'{number:,}' for number in totals)} | |")


def outcome(items: list[Record | Broken], settings: CorpusSettings) -> tuple[int, str]:
    try:
        made = build_corpus(items, settings)
    except TopicsError as error:
        return 0, str(error)
    counts = summary(made)
    reasons = {name: number for name, number in counts.items() if name not in ("files", "records", "kept")}
    return counts["kept"], ", ".join(f"{name} {number:,}" for name, number in reasons.items())


def counts_of(path: Path, kind: str) -> int:
    """Records by counting their beginnings, or a table's rows with another library."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if kind == "wos-table":
        text = data.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig")
        return len(text.strip().splitlines()) - 1
    if kind in ("table", "scopus", "springer"):
        import pandas as pd

        text = data.decode("utf-8-sig")
        sign = ";" if text.partition("\n")[0].count(";") > 2 else ","
        wide = [f"c{place}" for place in range(100)]
        return len(pd.read_csv(io.StringIO(text), sep=sign, names=wide, header=None, dtype=str)) - 1
    return len(re.findall(_BEGINNINGS[kind], data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")))


def speed(sample: str, gigabytes: str = "1") -> None:
    lines = Path(sample).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.json"
        with file.open("wb") as stream:
            while stream.tell() < float(gigabytes) * 1e9:
                stream.write(lines)
        size = file.stat().st_size / 1e9
        before, start = _peak(), time.process_time()
        number = sum(1 for _ in read_files([file], CorpusSettings()))
        seconds = time.process_time() - start
        print(f"{size:.2f} GB, {number:,} records, {seconds:.1f} s CPU, {number / seconds:,.0f} records/s")
        print(f"peak memory {before:,.0f} MB before, {_peak():,.0f} MB after")


def corpus(papers: str) -> None:
    settings = CorpusSettings()
    start = time.process_time()
    made = build_corpus(read_files([Path(papers)], settings), settings)
    seconds = time.process_time() - start
    print(summary_sentence(summary(made)))
    number = made.account.num_rows
    print(f"{seconds:.1f} s CPU, {number / seconds:,.0f} records/s, peak memory {_peak():,.0f} MB")
    print(f"the table of papers takes {made.papers.nbytes / 1e6:,.0f} MB")


def compare(former: str, papers: str, repetitions: str = "3", gigabytes: str = "1") -> None:
    checkouts = {"before": Path(former).resolve(), "after": Path(__file__).resolve().parents[1]}
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.json"
        _write_snapshot(Path(papers), lines, float(gigabytes) * 1e9)
        tasks = {"speed": [str(lines), gigabytes], "corpus": [papers]}
        seconds: dict[tuple[str, str], list[float]] = {}
        for _ in range(int(repetitions)):
            for (task, arguments), (name, checkout) in itertools.product(tasks.items(), checkouts.items()):
                seconds.setdefault((task, name), []).append(_seconds(checkout, task, arguments))
    print("| | before, s | after, s | least after / least before |")
    print("|---|---|---|---|")
    for task in tasks:
        before, after = (seconds[task, name] for name in checkouts)
        shown = (" ".join(f"{value:.1f}" for value in values) for values in (before, after))
        print(f"| {task} | {' | '.join(shown)} | {min(after) / min(before):.2f} |")


def _seconds(checkout: Path, task: str, arguments: list[str]) -> float:
    done = subprocess.run(
        [sys.executable, "benchmarks/readers.py", task, *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        preexec_fn=lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}),
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"{checkout.name} {task}: {done.stdout.strip().splitlines()[-2]}", file=sys.stderr, flush=True)
    return float(re.search(r"([\d.]+) s CPU", done.stdout)[1])  # type: ignore[index]


def _write_snapshot(papers: Path, file: Path, size: float) -> None:
    """Lines as arXiv writes them: abstracts with line ends, a time with each day, authors in parts."""
    with gzip.open(papers, "rt", encoding="utf-8") if papers.suffix == ".gz" else papers.open() as stream:
        found = [json.loads(line) for line in stream]
    with file.open("w", encoding="utf-8") as stream:
        for number, paper in enumerate(itertools.cycle(found)):
            day = datetime.date.fromisoformat((paper.get("date") or "2019-06-01")[:10])
            time_of_day = f"{number % 24:02d}:{number % 60:02d}:{number % 59:02d}"
            names = [name.split() for name in (paper.get("authors") or "").split(", ") if name.strip()]
            line = {
                "id": f"{number // 100_000:04d}.{number % 100_000:05d}",
                "submitter": " ".join(names[0]) if names else None,
                "authors": paper.get("authors") or "",
                "title": paper["title"],
                "comments": "12 pages, 3 figures",
                "journal-ref": None,
                "doi": None,
                "report-no": None,
                "categories": " ".join(paper["labels"]),
                "license": None,
                "abstract": f"  {textwrap.fill(paper['abstract'], 80)}\n",
                "versions": [
                    {"version": "v1", "created": f"{day:%a}, {day.day} {day:%b %Y} {time_of_day} GMT"}
                ],
                "update_date": day.isoformat(),
                "authors_parsed": [[name[-1], " ".join(name[:-1]), ""] for name in names],
            }
            stream.write(json.dumps(line) + "\n")
            if stream.tell() >= size:
                return


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
