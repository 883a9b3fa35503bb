"""The topics of a run as a page to read or to paste."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topics.corpus.build import account_sentence
from topics.output.pages import escaped, safe_link
from topics.output.text import markdown_table, write_lines
from topics.types import OUTLIER, Levels, Topic, Trends, counted

if TYPE_CHECKING:
    from topics.cache.stage import RunContext


def write_markdown(run: RunContext, path: Path) -> None:
    """topics.md."""
    write_lines(path, _markdown(run))


def _outliers(outliers: int, n: int) -> str:
    share = f"{outliers:,} of the kept papers ({outliers / n:.0%})"
    if outliers == 1:
        return f"{share} is an outlier, far from all others. It is not counted below;"
    return f"{share} are outliers, far from all others. They are not counted below;"


def _markdown(run: RunContext) -> list[str]:
    n = len(run.corpus)
    outliers = int((run.clustering.topic == OUTLIER).sum())
    moving = run.trends.telling
    title, model = run.config.map.title, run.config.label.llm.model
    fitted = all(topic.fit for topic in run.topics.topics)
    found = f"{counted(len(run.topics), 'topic')} in {n:,} papers"
    lines = [
        f"# {escaped(title) if title else found}",
        "",
        f"{f'{found}. ' if title else ''}{account_sentence(run.corpus)}.{_period(run.corpus.dates)}",
        f"{_outliers(outliers, n)} `nearest_topic` in `assignments.csv` says where each is closest.",
        *(["", f"Since the topics were found: {escaped('; '.join(run.history))}."] if run.history else []),
        *(["", f"Labels were worded by the language model {escaped(model)}."] if model else []),
        *_on_time(run.trends),
        "",
    ]
    fits, course = (["label fits:"] if fitted else []), (["over time"] if moving else [])
    heads = ("topic:", "label", "papers:", "share:", *fits, "stability:", *course, "keywords")
    rows = (
        (
            str(topic.id),
            escaped(topic.label),
            f"{topic.size:,}",
            f"{topic.size / n:.0%}",
            *([f"{topic.fit.share:.0%}"] if topic.fit else []),
            # From the digits of topics.csv, so that every place rounds to the same two.
            f"{round(float(run.quality.stability[topic.id]), 4):.2f}",
            *([run.trends.tests[topic.id].outcome] if moving else []),
            escaped(", ".join(keyword.term for keyword in topic.keywords[:6])),
        )
        for topic in run.topics.topics
    )
    lines += [
        *markdown_table(heads, rows),
        *_trust(run),
        *_numbers(run.levels),
        *_field_list(run),
        "",
        "## Representative papers",
    ]
    for topic in run.topics.topics:
        lines += ["", *_representatives(run, topic)]
    return lines


def _trust(run: RunContext) -> list[str]:
    lines = [
        "",
        "Stability: how much of a topic comes back when the grouping is repeated on nine tenths of the "
        "papers with other seeds (1: always the same papers).",
    ]
    if all(topic.fit for topic in run.topics.topics):
        lines[-1] += (
            " Label fits: the share of the topic's papers that have its words or that an encoder which did "
            "not choose it finds near."
        )
    pairs = zip(run.topics.topics, run.quality.doubts, strict=True)
    doubtful = [(topic, doubt) for topic, doubt in pairs if doubt]
    if doubtful:
        lines += ["", "Look at their papers before you rely on these:", ""]
    lines += [f"- {topic.id}. {escaped(topic.label)}: {escaped(doubt)}" for topic, doubt in doubtful]
    return lines


def _numbers(levels: Levels) -> list[str]:
    """What other numbers of topics there are to choose from."""
    if not levels.levels:
        return []
    others = ", ".join(
        f"{len(level)} ({levels.best - level.score:.3f} below the best score)" for level in levels.others
    )
    best = max(levels.others, key=lambda level: level.score)
    return [
        "",
        f"Other numbers of topics to choose from: {others}. `topics show RUN --levels` lists their topics; "
        f"`--set cluster.n_topics={len(best)}` takes one.",
    ]


def _field_list(run: RunContext) -> list[str]:
    hierarchy = run.hierarchy
    if not hierarchy.fields:
        return _part_list(run)
    lines = ["", "## Fields", ""]
    for number, field in enumerate(hierarchy.fields):
        lines.append(f"- **{escaped(field.label)}** ({field.size:,} papers)")
        own = (hierarchy.field == number).nonzero()[0].tolist()
        lines += [f"    - {_with_parts(run, topic)}" for topic in own]
    return lines


def _part_list(run: RunContext) -> list[str]:
    """The topics that are divided, where no fields hold them."""
    divided = sorted(set(run.hierarchy.parent.tolist()))
    return ["", "## Subtopics", "", *(f"- {_with_parts(run, topic)}" for topic in divided)] if divided else []


def _with_parts(run: RunContext, topic: int) -> str:
    within = [escaped(run.hierarchy.subtopics[part].label) for part in run.hierarchy.parts(topic)]
    tail = f": {', '.join(within)}" if within else ""
    return f"{topic}. {escaped(run.topics.labels[topic])}{tail}"


def _on_time(trends: Trends) -> list[str]:
    if not trends.periods or trends.telling:
        return []
    return ["", "No topic has enough papers to say how its share moves; `trends.csv` holds the counts."]


def _representatives(run: RunContext, topic: Topic) -> list[str]:
    urls, dois = run.corpus.papers.column("url"), run.corpus.papers.column("doi")
    lines = [f"**{topic.id}. {escaped(topic.label)}**", ""]
    if topic.others:
        names = ", ".join(f"{escaped(other.name)} ({other.share:.0%})" for other in topic.others)
        lines += [f"Other labels, and how many papers they fit: {names}.", ""]
    for row in topic.representative:
        title = escaped(run.corpus.titles[row]) or "(no title)"
        link = safe_link(urls[row].as_py() or "", dois[row].as_py() or "")
        if link and not set("<>()[]\"'") & set(link):
            title = f"[{title}]({link})"
        date = run.corpus.dates[row]
        lines.append(f"- {title}{f' ({date[:4]})' if date else ''}")
    return lines


def _period(dates: Sequence[str]) -> str:
    known = sorted(date for date in dates if date)
    if not known:
        return " No paper has a date."
    first, last = known[0][:4], known[-1][:4]
    span = f"from {first} to {last}" if first != last else f"of {first}"
    undated = len(dates) - len(known)
    rest = f"; {undated:,} {'has' if undated == 1 else 'have'} no date" if undated else ""
    return f" The papers are {span}{rest}."
