"""Does `topics compare --by` tell the truth? Groups of papers planted in real abstracts.

    python benchmarks/groups.py arxiv-9k.jsonl.gz --repeats 100

Takes JSON lines with `title`, `abstract` and `labels` (the first one is the class). Draws corpora of 2,000
papers, their classes of unequal size, and finds their topics once (`topics run`, encoder lsa). Then every
paper gets a group, over and over: at random, or so that the odds of being in the first group are 1.5 to 6
times as high in some classes, and lower in others, so that the groups keep their sizes and the share of all
other classes is the same in all groups. Claims are compared with what was planted, and so are other readings
of the same groups:

Kinds of groups: one a paper; several, divided or counted in each; numbers cut into four bins; ten groups of
20 papers among the others; and one a paper while classes and groups both change over six years, so that every
class that grows seems to belong to the later groups, compared within years.

counts: the same tests without what the grouping adds
chi-square: of each topic in each group on raw counts, p <= .05; where papers have several authors, the
    country of each author is counted

Words: which drawings have a word said to set a group apart, where groups are drawn at random; and how many of
the invented words are found that a group uses 2 or 4 times as often (by odds) in every topic.

What is planted in a topic follows from the classes of its papers. It is flat where the odds differ by less
than a tenth. The last table asks how often the 95 % interval of a difference holds what was planted, in the
run's topics and in topics of ten further groupings of nine tenths of the papers, which the run has not
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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy import stats

from topics.cluster.recovery import are_found
from topics.cluster.stability import REPETITIONS, regroup, regroupings
from topics.evidence import permutations
from topics.evidence.columns import _binned
from topics.evidence.contrasts import Strata, compare_groups
from topics.evidence.moves import likeness
from topics.evidence.tallies import GroupTally, members
from topics.evidence.words import group_words
from topics.runs.run import Run, open_run
from topics.types import Counts, Projection, Regroupings
from topics.types.groups import LESS, MORE, OTHERS, GroupMembership

SHARES = np.array([0.35, 0.3, 0.2, 0.15])
ODDS = (1.5, 2.0, 3.0, 6.0)
PAPERS = 2000
FLAT = 1.1
SMALL, SMALL_GROUPS = 20, 10
YEARS = 6
WORDS = (2.0, 4.0)
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
    """Ten groupings of nine tenths of the papers, which the run has not made."""
    # Runs keep no layout; the method `auto` has none.
    vars(run)["reduced"] = Projection.none(len(run.corpus))
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


@dataclass(frozen=True)
class Design:
    """Groups of papers and what was planted. chances: (n, g) expected weights; authors: (n, g) each."""

    weights: np.ndarray
    authors: np.ndarray
    chances: np.ndarray
    strata: Strata
    fractional: bool = True
    compared: int = len(SHARES)

    @property
    def membership(self) -> GroupMembership:
        names = [f"G{at}" for at in range(self.compared)]
        names += [OTHERS] * (self.weights.shape[1] - self.compared)
        return GroupMembership(
            "group", tuple(names), self.weights, np.ones(len(self.weights), bool), self.fractional
        )


def one(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    chances = planted(classes, odds, random)
    weights, authors = draw(chances, False, random)
    return Design(weights, authors, chances, Strata.one(len(classes)))


def divided(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    chances = planted(classes, odds, random)
    weights, authors = draw(chances, True, random)
    return Design(weights, authors, chances, Strata.one(len(classes)))


def each(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    chances = planted(classes, odds, random)
    _, authors = draw(chances, True, random)
    weights = (authors > 0).astype(float)
    # A paper is in a group if any of its authors is: the first, or a fifth of Poisson(3) others.
    inside = chances + (1 - chances) * (1 - np.exp(-3 * 0.2 * chances))
    return Design(weights, authors, inside, Strata.one(len(classes)), fractional=False)


def bins(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    chances = planted(classes, odds, random)
    weights, _ = draw(chances, False, random)
    numbers = weights.argmax(axis=1) + random.random(len(classes))
    named, names = _binned("number", [(value,) for value in numbers.tolist()], None)
    place = {name: at for at, name in enumerate(names)}
    cut = np.eye(len(names))[[place[own[0]] for own in named]]
    # The groups are stretches of one unit; how much of each lies in each bin.
    edges = np.array([0.0, *np.quantile(numbers, [0.25, 0.5, 0.75], method="higher"), len(SHARES)])
    low, high = np.arange(len(SHARES))[:, None], np.arange(1, len(SHARES) + 1)[:, None]
    part = np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0, None)
    return Design(cut, cut, chances @ part, Strata.one(len(classes)))


def small(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    """Ten groups of 20 papers; each prefers one class, by `odds` times four where anything is planted."""
    n, chances = len(classes), np.full((len(classes), SMALL_GROUPS + 1), SMALL / len(classes))
    for group, favourite in enumerate(random.permutation(classes.max() + 1)[:SMALL_GROUPS]):
        more = np.where(classes == favourite, 4 * odds if odds > 1 else 1.0, 1.0)
        chances[:, group] = SMALL * more / more.sum()
    chances[:, -1] = 1 - chances[:, :-1].sum(axis=1)
    weights = np.eye(SMALL_GROUPS + 1)[(random.random((n, 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)]
    return Design(weights, weights, chances, Strata.one(n), compared=SMALL_GROUPS)


def years(classes: np.ndarray, odds: float, random: np.random.Generator) -> Design:
    """Classes grow and shrink over six years, and so do groups; odds are planted within each year."""
    n = len(classes)
    slope = random.uniform(-0.4, 0.4, classes.max() + 1)
    likely = np.exp(slope[classes][:, None] * (np.arange(YEARS) - (YEARS - 1) / 2))
    year = (random.random((n, 1)) > (likely / likely.sum(axis=1, keepdims=True)).cumsum(axis=1)[:, :-1]).sum(
        axis=1
    )
    chances = planted(classes, odds, random)
    tilt = np.exp(np.outer(year - (YEARS - 1) / 2, [-0.35, -0.1, 0.15, 0.3]))
    chances = chances * tilt
    chances /= chances.sum(axis=1, keepdims=True)
    weights, authors = draw(chances, False, random)
    strata = Strata("year", tuple(str(2019 + at) for at in range(YEARS)), year.astype(np.int32))
    return Design(weights, authors, chances, strata)


DESIGNS = {
    "one group a paper": one,
    "several groups a paper, divided": divided,
    "several groups a paper, in each": each,
    "numbers in four bins": bins,
    "ten groups of 20 papers": small,
    "within years": years,
}


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


def odds_of(topic: np.ndarray, design: Design, k: int) -> np.ndarray:
    """(k, g) the odds of each group in each topic over those in all other topics, as planted; within strata
    the common odds ratio of Mantel and Haenszel.
    """
    above = below = np.zeros((k, design.compared))
    for number in range(len(design.strata.names)):
        rows = design.strata.of_paper == number
        chances, own = design.chances[rows][:, : design.compared], topic[rows]
        size, n = np.bincount(own, minlength=k)[:, None], int(rows.sum())
        inside = members(own, k) @ chances
        total = chances.sum(axis=0)
        above = above + inside * (n - size - total + inside) / n
        below = below + (total - inside) * (size - inside) / n
    return above / below


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
    topic = run.clustering.nearest_topic
    truth = difference_of(members(topic, k), chances)
    # Of few papers the truth may be that of none at all, and its interval tells little.
    usable = ((members(topic, k) @ chances) >= 5) & np.isfinite(low)
    hits["run"] += int(((low <= truth) & (truth <= high) & usable).sum())
    hits["run", "all"] += int(usable.sum())
    for rows, again in further:
        like = likeness(topic[rows], again, k)
        theirs = difference_of(like[:, again], chances[rows])
        ours = difference_of(members(topic[rows], k), chances[rows])
        moved = truth + theirs - ours
        there = usable & are_found(topic[rows], again, k)[:, None]
        hits["new"] += int(((low <= moved) & (moved <= high) & there).sum())
        hits["new", "all"] += int(there.sum())


def difference_of(member, chances: np.ndarray) -> np.ndarray:
    """(k, g) the difference of the shares that these chances make, on average."""
    total, n = chances.sum(axis=0), len(chances)
    return np.asarray(member @ ((chances - total / n) / (total * (n - total) / n)))


def words_claimed(
    run: Run, design: Design, factor: float, random: np.random.Generator
) -> tuple[int, int, int]:
    """How many real words are said to set a group apart, and of how many invented ones how many are found.

    factor: of the odds with which the first group uses the invented words, which a fifth of all others use.
    """
    n = len(design.weights)
    high = 0.2 * factor / (0.8 + 0.2 * factor)
    use = np.where(design.weights[:, 0] > 0, high, 0.2)
    invented = sp.csr_matrix((random.random((n, 5)) < use[:, None]).astype(np.int32))
    terms = tuple(f"invented{at}" for at in range(5))
    counts = Counts(sp.hstack([run.counts.matrix, invented]).tocsr(), (*run.counts.terms, *terms))
    found = group_words(counts, run.clustering.nearest_topic, design.membership, run.regroupings, 0.05)
    hits = {(word.topic, word.term) for word in found if word.term in terms and word.group == 0}
    real = sum(word.term not in terms for word in found)
    return real, len(hits), 5 * len(run.topics)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="JSON lines with classes, gzipped")
    parser.add_argument(
        "--repeats", type=int, default=100, help="drawings of groups for each corpus and kind"
    )
    parser.add_argument("--corpora", type=int, default=3)
    parser.add_argument("--seed", type=int, default=22)
    parser.add_argument("--kind", choices=DESIGNS, action="append", help="only these")
    arguments = parser.parse_args()
    with gzip.open(arguments.papers, "rt", encoding="utf-8") as stream:
        records = [json.loads(line) for line in stream]
    # A fifth of the permutations; beyond what they have seen p comes from the tail of a distribution anyway.
    permutations.MANY = 1999
    random = np.random.default_rng(arguments.seed)
    tallies: dict[str, Tallied] = defaultdict(Tallied)
    hits: dict[str, Counter] = defaultdict(Counter)
    words: dict[float, list[tuple[int, int, int]]] = defaultdict(list)
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
                for kind in arguments.kind or DESIGNS:
                    for odds in (1.0, ODDS[number % len(ODDS)]):
                        design = DESIGNS[kind](classes, odds, random)
                        found = compare_groups(
                            run.clustering, none, run.topics.labels, run.regroupings, design.membership,
                            design.strata, alpha=0.05, random_state=number,
                        )  # fmt: skip
                        shape = (k, design.compared)
                        said = {
                            "here": np.reshape([s.verdict in (MORE, LESS) for s in found.shares], shape),
                            "counts": np.reshape([s.q_counts <= 0.05 for s in found.shares], shape),
                            "chi-square": naive(topic, design.authors, k)[:, : design.compared],
                        }
                        what = "nothing planted" if odds == 1 else "differences planted"
                        tally = GroupTally.of(
                            members(topic, k), design.weights[:, : design.compared], design.strata.of_paper
                        )
                        tallies[f"{kind}, {what}"].add(said, odds_of(topic, design, k), tally.expected)
                        if kind != "within years" and kind != "several groups a paper, in each":
                            coverage(found, run, design.chances[:, : design.compared], further, hits[kind])
                for factor in (1.0, *WORDS):
                    design = one(classes, 1.0, random)
                    words[factor].append(words_claimed(run, design, factor, random))
    for title, tally in tallies.items():
        tally.print(title)
    rows = [
        [kind, *(f"{own[where] / own[where, 'all']:.1%}" for where in ("run", "new"))]
        for kind, own in hits.items()
    ]
    print("\n### 95 % intervals that hold what was planted")
    table(("groups", "in the run's topics", "in topics of new groupings"), rows)
    print("\n### Words")
    table(
        ("odds of invented words", "drawings with a false word", "false words", "invented ones found"),
        [
            [
                factor,
                f"{sum(real > 0 for real, _, _ in own) / len(own):.1%} of {len(own)}",
                sum(real for real, _, _ in own),
                f"{sum(found for _, found, _ in own) / sum(every for _, _, every in own):.1%}",
            ]
            for factor, own in words.items()
        ],
    )


if __name__ == "__main__":
    main()
