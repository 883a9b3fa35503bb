"""The tables of `benchmarks/single_field.py`, from its file of figures."""

from __future__ import annotations

import collections
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from quality_peers import OURS

MOVES = ("last bit", "random_state", "starts", "90 % of papers", "given back")
LABELS = "labels"

Figures = dict[str, Any]
Judged = dict[str, list[tuple[str, float, bool]]]


def report(done: Sequence[Figures]) -> None:
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"scikit-learn {version('scikit-learn')}, umap-learn {version('umap-learn')}, "
        f"BERTopic {version('bertopic')}."
    )
    for encoder in dict.fromkeys(row["encoder"] for row in done):
        rows = [row for row in done if row["encoder"] == encoder]
        told = {
            (row["population"], row["size"]): {
                draw["draw"]: draw["AMI"] for draw in row["draws"] if "AMI" in draw
            }
            for row in rows
            if row["ran"] == "kmeans"
        }
        for size in sorted({row["size"] for row in rows}):
            here = [row for row in rows if row["size"] == size and row["ran"] != LABELS]
            print(f"\n## {size} papers, {encoder}\n")
            _table(ANSWERS, [_answers(row, told.get((row["population"], size), {})) for row in here])
        print(f"\n## Mean AMI with classes, {encoder}: each method, and ours on the same draws\n")
        _table(BESIDE, _beside(rows))
        print(f"\n## Movement, {encoder}: AMI mean (least), share of runs with the same number of topics\n")
        own = [row for row in rows if row["method"] == OURS]
        moved = [row for row in rows if any(draw.get("moved") for draw in row["draws"])]
        _table(
            ("population", "papers", "method", "draws", *MOVES),
            [_movement(row) for row in moved if row["ran"] != LABELS],
        )
        labelled = [row for row in rows if row["ran"] == LABELS]
        if labelled:
            print(f"\n## Labels kept, {encoder}: mean (least); given back: runs with the same tables\n")
            _table(("population", "papers", "draws", *MOVES), [_labels(row) for row in labelled])
        print(f"\n## Targets, {encoder}\n")
        _table(("target", "reached", "missed by"), _verdicts(_targets(own, told) | _labels_kept(labelled)))
        print(f"\n## Strangers, {encoder}: mean share that is in no topic (least; most)\n")
        planted = [row for row in rows if any("strangers" in draw for draw in row["draws"])]
        _table(
            ("population", "papers", "method", "draws", "strangers", "apart", "others"),
            [row for row in map(_planted, planted) if row],
        )


ANSWERS = (
    "population",
    "method",
    "draws",
    "classes",
    "topics",
    "most / least",
    "largest topic",
    "largest class",
    "AMI",
    "AMI over k-means",
    "ARI",
    "outliers",
)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def _answers(row: Figures, told: dict[int, float]) -> list[str]:
    """told: AMI of k-means with the true number, by draw."""
    draws = row["draws"]
    topics = [draw["topics"] for draw in draws]
    shown = [row["population"], row["method"], str(len(draws))]
    shown += [_middle(draw["classes"] for draw in draws if "classes" in draw)]
    shown += [_middle(topics), f"{max(topics) / max(1, min(topics)):.2f}"]
    shown += [
        _percent([draw[key] for draw in draws if key in draw], max) for key in ("largest", "largest class")
    ]
    shown += [_spread([draw["AMI"] for draw in draws if "AMI" in draw])]
    lead = [draw["AMI"] - told[draw["draw"]] for draw in draws if draw["draw"] in told and "AMI" in draw]
    shown += [_spread(lead, "+") if row["ran"] != "kmeans" else ""]
    shown += [_spread([draw["ARI"] for draw in draws if "ARI" in draw])]
    return [*shown, _percent([draw["outliers"] for draw in draws], max)]


BESIDE = ("papers", "method", "populations", "draws", "AMI", "ours", "ours over it", "topics")


def _beside(rows: Sequence[Figures]) -> list[list[str]]:
    """Each method's means over its draws with classes, and ours; populations weigh the same."""
    ours = {
        (row["size"], row["population"], draw["draw"]): draw["AMI"]
        for row in rows
        if row["method"] == OURS
        for draw in row["draws"]
        if "AMI" in draw
    }
    cells: dict[tuple[int, str], list[list[tuple[float, float, int]]]] = collections.defaultdict(list)
    for row in rows:
        keys = [(row["size"], row["population"], draw["draw"]) for draw in row["draws"]]
        common = [
            (draw["AMI"], ours[key], draw["topics"])
            for key, draw in zip(keys, row["draws"], strict=True)
            if key in ours and "AMI" in draw
        ]
        if common and row["method"] != OURS:
            cells[row["size"], row["method"]].append(common)
    shown = []
    for (size, method), populations in sorted(cells.items(), key=lambda cell: cell[0][0]):
        means = np.mean([np.mean([pair[:2] for pair in common], axis=0) for common in populations], axis=0)
        draws = sorted({len(common) for common in populations})
        shown.append(
            [
                str(size),
                method,
                str(len(populations)),
                "-".join(map(str, draws[:1] + draws[1:][-1:])),
                *(f"{mean:.3f}" for mean in means),
                f"{means[1] - means[0]:+.3f}",
                _middle(topics for common in populations for *_, topics in common),
            ]
        )
    return shown


def _movement(row: Figures) -> list[str]:
    moves: dict[str, list[tuple[float, bool]]] = collections.defaultdict(list)
    draws = [draw for draw in row["draws"] if draw["moved"]]
    for draw in draws:
        for moved in draw["moved"]:
            moves[moved["kind"]].append((moved["AMI"], moved["topics"] == draw["topics"]))
    shown = []
    for kind in MOVES:
        values = [value for value, _ in moves[kind]]
        same = np.mean([same for _, same in moves[kind]]) if values else 0
        shown.append(f"{np.mean(values):.3f} ({min(values):.3f}) {same:.0%}" if values else "")
    return [row["population"], str(row["size"]), row["method"], str(len(draws)), *shown]


def _labels(row: Figures) -> list[str]:
    moves: dict[str, list[Figures]] = collections.defaultdict(list)
    for draw in row["draws"]:
        for moved in draw["moved"]:
            moves[moved["kind"]].append(moved)
    shown = [_percent([moved["labels"] for moved in moves[kind]], min) for kind in MOVES]
    back = moves["given back"]
    shown[MOVES.index("given back")] = f"{sum(moved['same tables'] for moved in back)} of {len(back)}"
    return [row["population"], str(row["size"]), str(len(row["draws"])), *shown]


def _planted(row: Figures) -> list[str]:
    found = [draw["strangers"] for draw in row["draws"] if "strangers" in draw]
    if not any(one["out"] or one["others out"] for one in found):
        return []
    return [
        row["population"],
        str(row["size"]),
        row["method"],
        str(len(found)),
        _percent([one["out"] for one in found], min),
        _percent([one["apart"] for one in found], min),
        _percent([one["others out"] for one in found], max),
    ]


LARGE = 0.35
NUMBER, HELD, LEAST_HELD = 1.6, 0.998, 0.98
SEEDS, SEEDS_OF_50, PARTS = 0.95, 0.93, 0.85
LEAD, WORST_LEAD = 0.02, -0.03
FEWEST, FROM = 5, 200
OUT, OTHERS_OUT = 0.7, 0.05
LABELS_KEPT = 0.97


def _targets(own: Sequence[Figures], told: dict[tuple[str, int], dict[int, float]]) -> Judged:
    """For each target its figure in each population and size, and whether that reaches it."""
    found: Judged = collections.defaultdict(list)
    for row in own:
        draws, cell = row["draws"], f"{row['population']} {row['size']}"

        def judge(target: str, value: float, reached: bool, cell: str = cell) -> None:
            found[target].append((cell, value, bool(reached)))

        if row["size"] >= FROM:
            topics = [draw["topics"] for draw in draws]
            ratio = max(topics) / max(1, min(topics))
            judge(f"most topics at most {NUMBER} times the least", ratio, ratio <= NUMBER)
            judge(f"never fewer than {FEWEST} topics", min(topics), min(topics) >= FEWEST)
            lead = told.get((row["population"], row["size"]))
            if lead:
                over = [draw["AMI"] - lead[draw["draw"]] for draw in draws if draw["draw"] in lead]
                mean = float(np.mean(over))
                judge(f"mean AMI {LEAD} above k-means told the number", mean, mean >= LEAD)
                judge(f"no draw's AMI more than {-WORST_LEAD} below it", min(over), min(over) >= WORST_LEAD)
        # A class as large as that excuses the topic.
        excess = [draw["largest"] for draw in draws if draw.get("largest class", 0) <= LARGE]
        if excess:
            judge(f"no topic above {LARGE:.0%} where no class is", max(excess), max(excess) <= LARGE)
        for kind in MOVES:
            moved = [(one, draw["topics"]) for draw in draws for one in draw["moved"] if one["kind"] == kind]
            if not moved:
                continue
            values = [one["AMI"] for one, _ in moved]
            mean = float(np.mean(values))
            if kind in ("last bit", "given back"):
                judge(f"{kind}: mean AMI {HELD}", mean, mean >= HELD)
                judge(f"{kind}: least AMI {LEAST_HELD}", min(values), min(values) >= LEAST_HELD)
                same = float(np.mean([one["topics"] == topics for one, topics in moved]))
                judge(f"{kind}: the same number of topics in 97 %", same, same >= 0.97)
            elif kind == "90 % of papers":
                judge(f"{kind}: mean AMI {PARTS}", mean, mean >= PARTS)
            else:
                least = SEEDS_OF_50 if row["size"] == 50 else SEEDS
                judge(f"{kind}: mean AMI {SEEDS} ({SEEDS_OF_50} of 50 papers)", mean, mean >= least)
        if planted := [draw["strangers"] for draw in draws if "strangers" in draw]:
            out, others = (float(np.mean([one[key] for one in planted])) for key in ("out", "others out"))
            judge(f"{OUT:.0%} of strangers in no topic", out, out >= OUT)
            judge(f"at most {OTHERS_OUT:.0%} of the others in no topic", others, others <= OTHERS_OUT)
    return found


def _labels_kept(labelled: Sequence[Figures]) -> Judged:
    found: Judged = collections.defaultdict(list)
    for row in labelled:
        cell = f"{row['population']} {row['size']}"
        moved = [one for draw in row["draws"] for one in draw["moved"]]
        if kept := [one["labels"] for one in moved if one["kind"] == "last bit"]:
            mean = float(np.mean(kept))
            found[f"last bit: {LABELS_KEPT:.0%} of the labels kept"].append((cell, mean, mean >= LABELS_KEPT))
        if same := [one["same tables"] for one in moved if one["kind"] == "given back"]:
            found["given back: the same tables"].append((cell, float(np.mean(same)), all(same)))
    return found


def _verdicts(found: Judged) -> list[list[str]]:
    return [
        [
            target,
            f"{sum(reached for *_, reached in cells)} of {len(cells)}",
            ", ".join(f"{cell} ({value:.3g})" for cell, value, reached in cells if not reached),
        ]
        for target, cells in found.items()
    ]


def _middle(values: Iterable[float]) -> str:
    """Median (least-most)."""
    given = list(values)
    return f"{np.median(given):g} ({min(given)}-{max(given)})" if given else ""


def _percent(values: Sequence[float], worst: Callable[[Sequence[float]], float]) -> str:
    return f"{np.mean(values):.0%} ({worst(values):.0%})" if values else ""


def _spread(values: Sequence[float], sign: str = "") -> str:
    """Mean ± standard deviation over draws (least)."""
    if not values:
        return ""
    deviation = np.std(values, ddof=1) if len(values) > 1 else 0.0
    return f"{np.mean(values):{sign}.3f} ± {deviation:.3f} ({min(values):{sign}.3f})"
