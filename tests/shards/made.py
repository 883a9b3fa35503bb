"""Four files of invented papers, with all that shards must get right: duplicates inside a file and between
files, a common identifier, papers without a date, a file of which nothing is kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

SUBJECTS = {
    "privacy": "privacy budget noise gradient clipping client leakage attack secure learning",
    "flow": "turbulent flow cylinder vortex Reynolds number separation wake drag boundary",
    "bees": "honey bee colony pollen hive forager nectar queen brood winter",
    "knots": "knot invariant polynomial crossing braid surface genus homology link manifold",
}
GLUE = "we the study of shows that in for a models with and new results".split()


def record(number: int, random: np.random.Generator) -> dict[str, str]:
    subject = list(SUBJECTS)[number % len(SUBJECTS)]
    words = SUBJECTS[subject].split()
    sentences = [
        " ".join(
            random.choice(words if place % 3 else GLUE) if place % 5 else f"{random.choice(words)}s"
            for place in range(12)
        )
        for _ in range(4)
    ]
    # One subject grows.
    growing = sum(number // 4 % 40 >= start for start in (2, 4, 8, 14, 22, 31))
    year = 2010 + (growing if subject == "bees" else number % 7)
    return {
        "id": f"p{number}",
        "title": f"On {random.choice(words)} and {random.choice(words)} {number}",
        "abstract": ". ".join(f"{sentence} x{number}y{at}" for at, sentence in enumerate(sentences)),
        "date": f"{year}-{1 + number % 12:02d}-15" if number % 10 else "",
        "doi": f"10.1000/{number}",
    }


def write(folder: Path) -> list[Path]:
    """a, b, c and d.jsonl with 160 papers, and 5 more records that are left out."""
    random = np.random.default_rng(5)
    papers = [record(number, random) for number in range(160)]
    a, b, c = papers[:70], papers[70:110], papers[110:]
    a.append({**papers[3], "id": "again"})
    b.append({**papers[10], "id": "twin", "doi": "10.1000/other"})
    c.append({**papers[20], "id": "twin of a"})
    c.append({**papers[75], "id": "twin of b"})
    d = [{"id": "empty", "title": "Nothing below", "abstract": "", "date": "2012", "doi": ""}]
    c[0] = {**c[0], "doi": papers[0]["doi"]}
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.jsonl" for name in "abcd"]
    for file, rows in zip(files, (a, b, c, d), strict=True):
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return files
