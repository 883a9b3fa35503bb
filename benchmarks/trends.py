"""Do the verdicts on trends tell the truth? Corpora with planted trends, drawn from real abstracts.

    python benchmarks/trends.py arxiv-200k.jsonl.gz --repeats 40
    python benchmarks/trends.py arxiv-9k.jsonl.gz --runs 12
    python benchmarks/trends.py --acl acl-2016-2025.jsonl.gz [--bertopic]

The first command takes JSON lines with `title`, `abstract` and `labels` (the first one is the class), groups
papers of some classes by TF-IDF, SVD and k-means, and then gives them dates, over and over: the shares of
some classes rise, fall, burst or stay, while the total grows tenfold over ten years. Verdicts are compared
with what was planted, once for the classes themselves and once for the groups that were found, and so are
other readings of the same counts:

topics, also possible: the verdicts, with possible rises and falls taken for trends
raw counts: a line through the yearly counts, p <= 0.05
raw shares: a line through the yearly shares, p <= 0.05, without allowance for the number of topics
raw shares without outliers: the same for the papers that are no outliers, out of all papers
BERTrend's rule: a topic's popularity is the running sum of its papers (it decays in periods without any); it
    is noise below the 10th percentile of all popularities in the last periods, a strong signal above the
    90th, and in between a weak signal when its last popularities rise. Both signals are read as "grows".
    From the paper and the published code of BERTrend (Boutaleb et al. 2024), written anew.

The second compares pairs of corpora that share some classes: are the shared topics found again? The third
groups 55,000 real papers and prints every verdict, times, and with --bertopic the time of BERTopic's
`topics_over_time` on the same groups.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from scipy import stats

from topics.config import LabelSettings, TrendSettings
from topics.corpus.rows import PAPER_SCHEMA
from topics.trends.compare import Side, compare_periods, compare_runs
from topics.trends.trends import find_trends
from topics.trends.verdicts import POSSIBLE_FALL, POSSIBLE_RISE, VERDICTS
from topics.types import Clustering, Corpus, Counts, Keyword, Topic, Topics, Trends

YEARS = 10
UP, DOWN = ("emerging", "growing"), ("declining", "fading")
MAYBE_UP, MAYBE_DOWN = (*UP, POSSIBLE_RISE), (*DOWN, POSSIBLE_FALL)
RESERVOIR = 0.4  # share of the corpus in classes that take up what the planted courses leave over
KINDS = ("flat", "flat", "flat", "up x2", "up x4", "up x16", "down x2", "down x4", "down x16", "burst")
READINGS = (
    "topics",
    "topics, also possible",
    "raw counts",
    "raw shares",
    "raw shares without outliers",
    "BERTrend's rule",
)
SIZES = {20: "< 20", 50: "20-49", 100: "50-99", 200: "100-199", 500: "200-499", 10**9: "500 and more"}


def read(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def group(records: list[dict], k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Group number (n,) and similarity to the group's centre (n,), by TF-IDF, SVD and k-means."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{record['title']}. {record['abstract']}" for record in records]
    terms = TfidfVectorizer(min_df=5, max_df=0.3, sublinear_tf=True, stop_words="english")
    vectors = TruncatedSVD(100, random_state=seed).fit_transform(terms.fit_transform(texts))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    labels = MiniBatchKMeans(k, random_state=seed, batch_size=4096, n_init=3).fit_predict(vectors)
    centres = np.stack([vectors[labels == c].mean(axis=0) for c in range(k)])
    return labels, (vectors * centres[labels]).sum(axis=1)


def as_run(
    dates: list[str], labels: np.ndarray, outlier: np.ndarray, records: list[dict] | None = None
) -> tuple[Corpus, Clustering, Topics, np.ndarray]:
    """Dated and grouped papers as the stages hand them on, and the groups in the order of the topics."""
    columns = {name: pa.array([""] * len(dates)) for name in PAPER_SCHEMA}
    columns |= {"id": pa.array([str(n) for n in range(len(dates))]), "date": pa.array(dates)}
    if records:
        columns |= {name: pa.array([record[name] for record in records]) for name in ("title", "abstract")}
    members = np.where(outlier, -1, labels)
    sizes = np.bincount(members[members >= 0], minlength=labels.max() + 1)
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    number = np.full(len(sizes), -1)
    number[order] = np.arange(len(order))
    lost = number[labels] < 0
    nearest = np.where(lost, 0, number[labels])
    topic = np.where(outlier | lost, -1, nearest)
    clustering = Clustering(topic, nearest, np.ones(len(dates)), np.ones((len(order), 1)), 1.0)
    named = [
        Topic(k, f"group {group}", int(sizes[group]), (Keyword("x", 1.0),), (0,))
        for k, group in enumerate(order.tolist())
    ]
    return Corpus(pa.table(columns), pa.table({"file": [""]})), clustering, Topics(tuple(named)), order


# ---- planted trends


@dataclass(frozen=True)
class Plan:
    """What happens to the classes: a kind for each ("" for the reservoir), the planted courses (c, YEARS) and
    the shares (c, YEARS) that papers are drawn by, which add noise to the courses.
    """

    kinds: list[str]
    courses: np.ndarray
    shares: np.ndarray


def plan(classes: int, wobble: float, alternating: float, random: np.random.Generator) -> Plan:
    """Courses of all classes. Flat ones stay flat whatever the others do: the reservoir gives way."""
    order = random.permutation(classes)
    reserve, planted = order[: classes // 4], order[classes // 4 :]
    kinds, courses = [""] * classes, np.zeros((classes, YEARS))
    for place, c in enumerate(planted):
        kinds[c] = KINDS[place % len(KINDS)]
        course = course_of(kinds[c], random)
        courses[c] = np.exp(random.uniform(0, np.log(60))) * course / course.mean()
    courses *= (1 - RESERVOIR) / courses.sum(axis=0).max()
    noise = np.sqrt(np.log1p(wobble**2)) * random.normal(size=(classes, YEARS))
    sides = random.choice([-1, 0, 1], classes)[:, None] * alternating / 2
    shares = courses * np.exp(noise + sides * np.where(np.arange(YEARS) % 2, 1, -1))
    split = random.dirichlet(np.full(len(reserve), 5.0))[:, None]
    for table in (courses, shares):
        table[reserve] = split * np.maximum(1 - table.sum(axis=0), 0.05)
    return Plan(kinds, courses, shares / shares.sum(axis=0))


def course_of(kind: str, random: np.random.Generator) -> np.ndarray:
    course = np.ones(YEARS)
    if kind == "burst":
        first = random.integers(2, YEARS - 4)
        course[first : first + 2] = 6.0
    elif kind != "flat":
        at = np.linspace(-0.5, 0.5, YEARS)
        course = float(kind.split("x")[1]) ** (at if kind.startswith("up") else -at)
    return course


def draw(
    planned: Plan, pools: list[np.ndarray], papers: int, random: np.random.Generator
) -> tuple[np.ndarray, list[str]]:
    """Paper numbers and dates: `papers` in all, ten times as many in the last year as in the first."""
    totals = 10.0 ** np.linspace(0, 1, YEARS)
    totals = np.rint(papers * totals / totals.sum()).astype(int)
    rows, dates = [], []
    for year, total in enumerate(totals):
        for c, many in enumerate(random.multinomial(total, planned.shares[:, year])):
            rows.append(random.choice(pools[c], many))
            dates += [str(2015 + year)] * many
    return np.concatenate(rows), dates


def kind_of_group(mixture: np.ndarray, planned: Plan) -> str:
    """What was planted for a group of papers from several classes, in the words of `KINDS`; "" when none.

    mixture: (c,) the part of each class's papers that lie in the group.
    """
    course = mixture @ planned.courses
    steps, ratio = np.diff(np.log(course)), course[-1] / course[0]
    if course.max() / course.min() < 1.2:
        return "flat"
    if (steps > -0.05).all() or (steps < 0.05).all():
        change = max(ratio, 1 / ratio)
        size = "x2" if 1.6 <= change < 3 else "x4" if 3 <= change < 8 else "x16" if change >= 8 else ""
        return f"{'up' if ratio > 1 else 'down'} {size}" if size else ""
    middle = np.median(course)
    return "burst" if course.max() > 2.5 * middle and max(course[0], course[-1]) < 1.5 * middle else ""


# ---- readings


def bertrend(counts: np.ndarray) -> np.ndarray:
    """Signals by BERTrend's rule at the end of the time, (k,) bool."""
    popularity = np.zeros(counts.shape)
    for k, row in enumerate(counts):
        value, idle = 0.0, 0
        for t, many in enumerate(row):
            idle = 0 if many else idle + 1
            value = value + many if many else value * np.exp(-0.01 * idle**2)
            popularity[k, t] = value
    window = popularity[:, -2:]
    low, high = np.percentile(window[window > 1e-5], [10, 90])
    last = popularity[:, -1]
    return (last > high) | ((last >= low) & (window[:, 1] > window[:, 0]))


def straight(values: np.ndarray) -> np.ndarray:
    """-1, 0 or 1 (k,): the sign of a line through each row where p <= 0.05."""
    fits = [stats.linregress(np.arange(values.shape[1]), row) for row in values]
    return np.array([np.sign(fit.slope) if fit.pvalue <= 0.05 else 0 for fit in fits])


def say(result: Trends) -> list[np.ndarray]:
    """What each of `READINGS` says about each topic: 1 grows, -1 shrinks, 0 neither."""
    ours = [1 if t.verdict in UP else -1 if t.verdict in DOWN else 0 for t in result.tests]
    return [
        np.array(ours),
        np.array(
            [1 if t.verdict in MAYBE_UP else -1 if t.verdict in MAYBE_DOWN else 0 for t in result.tests]
        ),
        straight(result.counts),
        straight(result.shares),
        straight(result.core / result.totals),
        bertrend(result.counts).astype(int),
    ]


class Tally:
    """Counts of verdicts and readings per planted kind."""

    def __init__(self) -> None:
        self.verdicts: Counter = Counter()
        self.readings: Counter = Counter()
        self.found: Counter = Counter()

    def add(self, result: Trends, kinds: list[str]) -> None:
        readings = say(result)
        for k, kind in enumerate(kinds):
            if not kind:
                continue
            test = result.tests[k]
            self.verdicts[kind, test.verdict] += 1
            for name, values in zip(READINGS, readings, strict=True):
                self.readings[name, kind, int(values[k])] += 1
            size = next(bound for bound in SIZES if test.papers < bound)
            self.found[kind, size, test.verdict in (UP if kind.startswith("up") else DOWN)] += 1

    def print(self) -> None:
        kinds = sorted({kind for kind, _ in self.verdicts}, key=lambda k: (k.split(" ")[0], len(k), k))
        table(("planted", "reads as", *READINGS), [self.reading(kind) for kind in kinds if kind != "burst"])
        rows = []
        for kind in kinds:
            total = sum(self.verdicts[kind, verdict] for verdict in VERDICTS)
            rows.append([kind, total, *(f"{self.verdicts[kind, v] / total:.1%}" for v in VERDICTS)])
        table(("planted", "topics", *VERDICTS), rows)
        moving = [kind for kind in kinds if kind.startswith(("up", "down"))]
        table(
            ("found, by papers", *SIZES.values()), [[kind, *map(self.power(kind), SIZES)] for kind in moving]
        )

    def reading(self, kind: str) -> list[str]:
        values = (1,) if kind.startswith("up") else (-1,) if kind.startswith("down") else (1, -1)
        word = "grows" if values == (1,) else "shrinks" if values == (-1,) else "**a trend (false)**"
        shares = []
        for name in READINGS:
            total = sum(self.readings[name, kind, value] for value in (-1, 0, 1))
            shares.append(f"{sum(self.readings[name, kind, value] for value in values) / total:.1%}")
        return [kind, word, *shares]

    def power(self, kind: str):
        def cell(size: int) -> str:
            right = self.found[kind, size, True]
            total = right + self.found[kind, size, False]
            return f"{right / total:.0%} of {total}" if total else "-"

        return cell


def table(head: tuple[str, ...], rows: list[list[object]]) -> None:
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def truth(path: Path, repeats: int, classes: int, papers: int) -> None:
    records = read(path)
    label = np.array([record["labels"][0] for record in records])
    names = [name for name, many in Counter(label.tolist()).most_common(classes) if many >= 400]
    random = np.random.default_rng(0)
    rows = np.concatenate([random.choice(np.flatnonzero(label == n), 400, replace=False) for n in names])
    gold = np.array([names.index(name) for name in label[rows]])
    found, similarity = group([records[row] for row in rows], len(names))
    outlier = similarity < np.quantile(similarity, 0.15)
    mixture = np.zeros((len(names), len(names)))
    np.add.at(mixture, (found, gold), 1.0 / 400)
    pools = [np.flatnonzero(gold == c) for c in range(len(names))]
    for title, wobble, alternating, thinning in (
        ("shares otherwise constant", 0.0, 0.0, False),
        ("shares vary by 20 % from year to year", 0.2, 0.0, False),
        ("two thirds of the classes swing by 50 % between odd and even years", 0.1, 0.5, False),
        ("outliers fall from 40 % to 10 % of the papers as the field grows", 0.1, 0.0, True),
    ):
        tallies = {"the classes themselves": Tally(), "groups of k-means": Tally()}
        for _ in range(repeats):
            planned = plan(len(names), wobble, alternating, random)
            drawn, dates = draw(planned, pools, papers, random)
            stray = outlier[drawn]
            if thinning:
                chance = 0.4 - 0.3 * (np.array([int(date) for date in dates]) - 2015) / (YEARS - 1)
                stray = random.random(len(drawn)) < chance
            counts = Counts(sp.csr_matrix((len(drawn), 1), dtype=np.int32), ("x",))
            for tally, groups in zip(tallies.values(), (gold, found), strict=True):
                corpus, clustering, topics, order = as_run(dates, groups[drawn], stray)
                result = find_trends(corpus, clustering, topics, counts, TrendSettings())
                of_group = (
                    planned.kinds if groups is gold else [kind_of_group(row, planned) for row in mixture]
                )
                tally.add(result, [of_group[k] for k in order])
        for what, tally in tallies.items():
            print(f"\n### {title}; topics are {what}\n\n{repeats} corpora of {papers:,} papers.")
            tally.print()


# ---- two runs


def runs(path: Path, repeats: int) -> None:
    """Pairs of corpora that share some classes, each grouped on its own.

    A topic is about the classes that make up a quarter of it. A match is right when both are about the same
    class; a topic without a match when no topic of the other side is about just the same.
    """
    from topics.terms.matrix import count_terms

    records = read(path)
    label = np.array([record["labels"][0] for record in records])
    names = np.array([name for name, many in Counter(label.tolist()).most_common(20) if many >= 300])
    random = np.random.default_rng(0)
    seen: Counter = Counter()
    for seed in range(repeats):
        order = random.permutation(names)
        many, shared = int(random.integers(6, 12)), int(random.integers(2, 6))
        sides, about = [], []
        for number, chosen in enumerate((order[:many], order[many - shared : 2 * many - shared])):
            pool = np.flatnonzero(np.isin(label, chosen) & (np.arange(len(label)) % 2 == number))
            rows = random.choice(pool, min(len(pool), 1500), replace=False)
            papers = [records[row] for row in rows]
            groups, _ = group(papers, len(chosen), seed)
            corpus, clustering, topics, _ = as_run(["2020"] * len(rows), groups, groups < 0, papers)
            counts = count_terms(corpus, LabelSettings())
            sides.append(Side(str(number), corpus, clustering, topics, counts, "none", own=True))
            gold = [Counter(label[rows][clustering.nearest_topic == k].tolist()) for k in range(len(topics))]
            about.append([{c for c, n in own.items() if n >= 0.25 * own.total()} for own in gold])
        for change in compare_runs(sides[0], sides[1], TrendSettings()).changes:
            a = None if change.before is None else about[0][change.before]
            b = None if change.after is None else about[1][change.after]
            right = bool(a & b) if a and b else (a or b) not in about[1 if a else 0]
            seen[change.status, right] += 1
    print(f"\n### {repeats} pairs of corpora with some classes in common")
    kinds = ("matched", "split", "merged", "born", "vanished")
    table(("status", "right", "wrong"), [[kind, seen[kind, True], seen[kind, False]] for kind in kinds])


# ---- real papers


def real(path: Path, k: int, bertopic: bool) -> None:
    from topics.terms.matrix import count_terms

    records = read(path)
    labels, similarity = group(records, k)
    dates = [record["date"] for record in records]
    stray = similarity < np.quantile(similarity, 0.15)
    corpus, clustering, topics, _ = as_run(dates, labels, stray, records)
    counts = count_terms(corpus, LabelSettings())
    run = (corpus, clustering, topics, counts)
    find_trends(*run, TrendSettings())  # what is imported or compiled once is not counted on either side
    begin = time.process_time()
    result = find_trends(*run, TrendSettings())
    ours = time.process_time() - begin
    begin = time.process_time()
    middle = len(result.periods) // 2
    spans = [(result.periods[a].name, result.periods[b].name) for a, b in ((0, middle - 1), (middle, -1))]
    compare_periods(*run, ("..".join(spans[0]), "..".join(spans[1])), TrendSettings())
    compared = time.process_time() - begin
    for note in result.notes:
        print(f"- {note}")
    rows = []
    for test in sorted(result.tests, key=lambda test: -(test.rate_ratio or 0)):
        last = [word.term for word in result.keywords if word.topic == test.topic][-6:]
        rows.append([test.topic, test.papers, test.verdict, test.when, test.reason, ", ".join(last)])
    table(("topic", "papers", "verdict", "when", "why", "words of the last period"), rows)
    verdicts = Counter(test.verdict for test in result.tests)
    print("\n" + ", ".join(f"{many} {verdict}" for verdict, many in verdicts.most_common()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"\n{len(records):,} papers, {k} topics, seconds of processor time: trends {ours:.2f}, two periods "
    )
    print(f"compared {compared:.2f}; peak memory of the process up to here {peak:.2f} GB")
    if bertopic:
        theirs = over_time(corpus.texts, dates, clustering)
        print(f"BERTopic's topics_over_time: {theirs:.1f} s of processor time; ratio {theirs / ours:.0f}")


def over_time(texts: tuple[str, ...], dates: list[str], clustering: Clustering) -> float:
    """Processor seconds of BERTopic's topics_over_time on the same groups, phrases of up to three words."""
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.feature_extraction.text import CountVectorizer

    model = BERTopic(
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(ngram_range=(1, 3), min_df=5, stop_words="english"),
    )
    documents = list(texts)
    model.fit(documents, embeddings=np.zeros((len(texts), 2)), y=clustering.nearest_topic.tolist())
    begin = time.process_time()
    # Numbers: BERTopic 0.17.4 cannot read dates as text with pandas 3.
    model.topics_over_time(documents, [int(date[:4]) for date in dates])
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, nargs="?", help="JSON lines with classes, gzipped")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--classes", type=int, default=60)
    parser.add_argument("--size", type=int, default=12_000, help="papers per corpus")
    parser.add_argument("--runs", type=int, default=0, help="pairs of corpora to be compared instead")
    parser.add_argument("--acl", type=Path, help="JSON lines of real papers with years, gzipped")
    parser.add_argument("--topics", type=int, default=80, help="groups of the real papers")
    parser.add_argument("--bertopic", action="store_true", help="time BERTopic on the real papers too")
    arguments = parser.parse_args()
    if arguments.papers and arguments.runs:
        runs(arguments.papers, arguments.runs)
    elif arguments.papers:
        truth(arguments.papers, arguments.repeats, arguments.classes, arguments.size)
    if arguments.acl:
        real(arguments.acl, arguments.topics, arguments.bertopic)


if __name__ == "__main__":
    main()
