"""Does `topics compare --by` tell the truth? Groups of papers planted in real abstracts.

    python benchmarks/groups.py arxiv-9k.jsonl.gz --repeats 100

Takes JSON lines with `title`, `abstract` and `labels` (the first one is the class). Draws corpora of 2,000
papers, their classes of unequal size, and finds their topics once (`topics run`, encoder lsa). Then every
paper gets a group, over and over: at random, or so that the odds of being in the first group are 1.5 to 6
times as high in some classes, and lower in others, so that the groups keep their sizes and the share of all
other classes is the same in all groups. Claims are compared with what was planted, and so are other readings
of the same groups:

counts: the same tests without what the grouping adds
chi-square: of each topic in each group on raw counts, p <= .05; where papers have several authors, the
    country of each author is counted

What is planted in a topic follows from the classes of its papers. It is flat where the odds differ by less
than a tenth. The last table asks how often the 95 % interval of a difference holds what was planted, in the
run's topics and in topics of five further groupings of nine tenths of the papers, which the run has not
seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy import stats

from topics.cluster.stability import REPETITIONS, regroup, regroupings
from topics.evidence.contrasts import Strata, compare_groups, likeness
from topics.evidence.tallies import GroupTally, members
from topics.runs.run import Run, open_run
from topics.types import Counts, Layouts, Regroupings
from topics.types.groups import LESS, MORE, Membership

SHARES = np.array([0.35, 0.3, 0.2, 0.15])
ODDS = (1.5, 2.0, 3.0, 6.0)
PAPERS = 2000
FLAT = 1.1
SIZES = {10: "< 10", 20: "10-19", 50: "20-49", 10**9: "50 and more"}


def corpus(records: list[dict], random: np.random.Generator, folder: Path) -> tuple[Run, np.ndarray]:
    """A run of 2,000 papers of unequal classes, and the class of each of its papers."""
    names = sorted({record["labels"][0] for record in records})
    shares = np.exp(random.uniform(0, np.log(6), len(names)))
    pools = [np.flatnonzero([record["labels"][0] == name for record in records]) for name in names]
    wanted = np.rint(PAPERS * shares / shares.sum()).astype(int)
    rows = np.concatenate(
        [
            random.choice(pool, min(len(pool), many), replace=False)
            for pool, many in zip(pools, wanted, strict=True)
        ]
    )
    papers = folder / "papers.jsonl"
    lines = [
        {"id": str(row), **{name: records[row][name] for name in ("title", "abstract", "labels")}}
        for row in rows
    ]
    papers.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    options = ["--set", "embed.encoder=lsa", "--set", f"random_state={random.integers(1000)}"]
    command = [sys.executable, "-m", "topics", "run", str(papers), "-o", str(folder / "run"), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    run = open_run(folder / "run")
    classes = [json.loads(text)["labels"][0] for text in run.corpus.column("original")]
    return run, np.array([names.index(name) for name in classes])


def unseen(run: Run) -> Regroupings:
    """Five groupings of nine tenths of the papers, which the run has not made."""
    # Runs keep no layouts; the method `auto` has none.
    vars(run)["spaces"] = Layouts.none(len(run.corpus))
    return regroupings(
        run.embeddings, lambda rows, number: regroup(run, run.config, rows, number + REPETITIONS), 77
    )


def planted(classes: np.ndarray, odds: float, random: np.random.Generator) -> np.ndarray:
    """(n, g) each paper's chances of the groups. Pairs of classes give and take, so that groups keep their
    sizes."""
    chances = np.tile(SHARES, (len(classes), 1))
    sizes = np.bincount(classes)
    order = random.permutation(len(sizes))
    for pair in zip(order[:6:2], order[1:6:2], strict=True):
        up, down = sorted(pair, key=lambda c: sizes[c])
        high = odds * SHARES[0] / (1 - SHARES[0] + odds * SHARES[0])
        more = min(high - SHARES[0], 0.9 * SHARES[0] * sizes[down] / sizes[up])
        for which, change in ((up, more), (down, -more * sizes[up] / sizes[down])):
            own = SHARES.copy()
            own[0] += change
            own[1:] *= (1 - own[0]) / own[1:].sum()
            chances[classes == which] = own
    return chances


def draw(chances: np.ndarray, several: bool, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(n, g) weights of the papers' groups, and authors of each: one, or a team, mostly of one country."""
    edges = chances.cumsum(axis=1)
    first = (random.random((len(chances), 1)) > edges[:, :-1]).sum(axis=1)
    authors = np.zeros(chances.shape)
    authors[np.arange(len(chances)), first] = 1
    if several:
        for row, many in enumerate(random.poisson(3.0, len(chances))):
            others = np.where(
                random.random(many) < 0.8,
                first[row],
                (random.random((many, 1)) > edges[row, :-1]).sum(axis=1),
            )
            np.add.at(authors[row], others, 1)
    present = (authors > 0).astype(float)
    return present / present.sum(axis=1, keepdims=True), authors


def naive(topic: np.ndarray, authors: np.ndarray, k: int) -> np.ndarray:
    """(k, g) whether chi-square on raw counts takes a topic in a group for different, p <= .05."""
    table = members(topic, k) @ authors
    found = np.zeros(table.shape, bool)
    for t, j in np.ndindex(table.shape):
        inside, group, size, whole = table[t, j], table[:, j].sum(), table[t].sum(), table.sum()
        cells = [[inside, group - inside], [size - inside, whole - group - size + inside]]
        if size and min(group, whole - group):
            found[t, j] = stats.chi2_contingency(cells, correction=False).pvalue <= 0.05
    return found


def odds_of(topic: np.ndarray, chances: np.ndarray, k: int) -> np.ndarray:
    """(k, g) the odds of each group in each topic over those in all other topics, as planted."""
    size = np.bincount(topic, minlength=k)[:, None]
    inside = members(topic, k) @ chances
    own, rest = inside / size, (chances.sum(axis=0) - inside) / (len(topic) - size)
    return (own / (1 - own)) / (rest / (1 - rest))


class Tallied:
    """Claims by what was planted."""

    def __init__(self) -> None:
        self.claims: Counter = Counter()
        self.corpora: Counter = Counter()
        self.power: dict = defaultdict(Counter)

    def add(self, said: dict[str, np.ndarray], odds: np.ndarray, expected: np.ndarray) -> None:
        flat = (odds < FLAT) & (odds > 1 / FLAT)
        size = np.maximum(odds, 1 / odds)
        self.corpora["all"] += 1
        self.claims["flat"] += int(flat.sum())
        for name, claimed in said.items():
            self.claims[name, "false"] += int((claimed & flat).sum())
            self.claims[name, "all"] += int(claimed.sum())
            self.corpora[name] += bool((claimed & flat).any())
            for at in np.argwhere(size >= 1.3):
                t, j = at.tolist()
                kind = next(bound for bound in (1.75, 2.5, 4.5, np.inf) if size[t, j] < bound)
                many = next(bound for bound in SIZES if expected[t, j] < bound)
                self.power[name][kind, many, bool(claimed[t, j])] += 1

    def print(self, title: str) -> None:
        print(f"\n### {title}")
        rows = []
        for name in ("here", "counts", "chi-square"):
            false, claims = self.claims[name, "false"], self.claims[name, "all"]
            rows.append([
                name, f"{false / self.claims['flat']:.2%} of {self.claims['flat']}",
                f"{self.corpora[name] / self.corpora['all']:.1%} of {self.corpora['all']}",
                f"{false / max(claims, 1):.1%} of {claims}",
            ])  # fmt: skip
        table(("reading", "flat pairs claimed", "drawings with a false claim", "false among claims"), rows)
        if "here" not in self.power:
            return
        for name in ("here", "counts"):
            rows = []
            for bound, kind in (
                (1.75, "1.3-1.75"),
                (2.5, "1.75-2.5"),
                (4.5, "2.5-4.5"),
                (np.inf, "4.5 and more"),
            ):
                cells = []
                for many in SIZES:
                    right, wrong = (self.power[name][bound, many, hit] for hit in (True, False))
                    cells.append(
                        f"{right / (right + wrong):.0%} of {right + wrong}" if right + wrong else "-"
                    )
                rows.append([kind, *cells])
            table((f"found by {name}: odds, by papers expected", *SIZES.values()), rows)


def table(head: tuple[str, ...], rows: list[list[object]]) -> None:
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def coverage(found, run: Run, chances: np.ndarray, further, hits: Counter) -> None:
    """Count intervals that hold the planted difference, in the run's topics and in those of further
    groupings."""
    k, g = len(found.labels), len(found.names)
    low, high = (
        np.array([getattr(share, name) for share in found.shares]).reshape(k, g)
        for name in ("difference_low", "difference_high")
    )
    middle = np.array([share.difference for share in found.shares]).reshape(k, g)
    plain = np.array([share.p for share in found.shares]).reshape(k, g)
    topic = run.clustering.nearest_topic
    truth = difference_of(members(topic, k), chances)
    # The interval without the grouping: the same, narrowed by the inflation that p tells of.
    z, all_z = (
        stats.norm.isf(
            np.clip(np.array([getattr(s, name) for s in found.shares]).reshape(k, g), 1e-300, 1) / 2
        )
        for name in ("p_counts", "p")
    )
    narrow = np.where(z > 1e-6, all_z / np.maximum(z, 1e-6), 1.0)
    ends = {
        "here": (low, high),
        "counts": (middle - (middle - low) * narrow, middle + (high - middle) * narrow),
    }
    expected = (members(topic, k) @ chances) >= 5
    for name, (a, b) in ends.items():
        usable = expected & (plain < 1)
        hits[name, "run"] += int(((a <= truth) & (truth <= b) & usable).sum())
        hits[name, "run", "all"] += int(usable.sum())
        for rows, again in further:
            like, overlap = likeness(topic[rows], again, k)
            theirs = difference_of(like[:, again], chances[rows])
            ours = difference_of(members(topic[rows], k), chances[rows])
            moved = truth + theirs - ours
            there = usable & (overlap >= 0.5)[:, None]
            hits[name, "new"] += int(((a <= moved) & (moved <= b) & there).sum())
            hits[name, "new", "all"] += int(there.sum())


def difference_of(member, chances: np.ndarray) -> np.ndarray:
    """(k, g) the difference of the shares that these chances make, on average."""
    total, n = chances.sum(axis=0), len(chances)
    return np.asarray(member @ ((chances - total / n) / (total * (n - total) / n)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="JSON lines with classes, gzipped")
    parser.add_argument("--repeats", type=int, default=100, help="drawings of groups for each corpus")
    parser.add_argument("--corpora", type=int, default=3)
    arguments = parser.parse_args()
    with gzip.open(arguments.papers, "rt", encoding="utf-8") as stream:
        records = [json.loads(line) for line in stream]
    random = np.random.default_rng(22)
    tallies: dict[str, Tallied] = defaultdict(Tallied)
    hits: Counter = Counter()
    for _ in range(arguments.corpora):
        with tempfile.TemporaryDirectory() as folder:
            run, classes = corpus(records, random, Path(folder))
            topic, k, n = run.clustering.nearest_topic, len(run.topics), len(classes)
            print(
                f"corpus: {n} papers, {k} topics, stability {run.quality.means['stability']:.2f}", flush=True
            )
            further = unseen(run)
            none = Counts(run.counts.matrix[:, :1], run.counts.terms[:1])
            for number in range(arguments.repeats):
                for several in (False, True):
                    if several and number % 6:
                        continue
                    for odds in (1.0, ODDS[number % len(ODDS)]):
                        chances = planted(classes, odds, random)
                        weights, authors = draw(chances, several, random)
                        membership = Membership("group", tuple("ABCD"), weights, np.ones(n, bool), several)
                        found = compare_groups(
                            run.clustering, none, run.topics.labels, run.regroupings, membership,
                            Strata.one(n), alpha=0.05, random_state=number,
                        )  # fmt: skip
                        shape = (k, 4)
                        said = {
                            "here": np.array([s.verdict in (MORE, LESS) for s in found.shares]).reshape(
                                shape
                            ),
                            "counts": np.array([s.q_counts <= 0.05 for s in found.shares]).reshape(shape),
                            "chi-square": naive(topic, authors, k),
                        }
                        kind = "several countries a paper" if several else "one group a paper"
                        what = "nothing planted" if odds == 1 else "differences planted"
                        expected = GroupTally.of(members(topic, k), weights, np.zeros(n, int)).expected
                        tallies[f"{kind}, {what}"].add(said, odds_of(topic, chances, k), expected)
                        if not several:
                            coverage(found, run, chances, further, hits)
    for title, tally in tallies.items():
        tally.print(title)
    rows = [
        [name, *(f"{hits[name, where] / hits[name, where, 'all']:.1%}" for where in ("run", "new"))]
        for name in ("here", "counts")
    ]
    print("\n### 95 % intervals that hold what was planted")
    table(("intervals", "in the run's topics", "in topics of new groupings"), rows)


if __name__ == "__main__":
    main()
