"""Everything that a report tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from topics.config import Config
from topics.types import Clustering, Corpus, Hierarchy, Levels, Projection, Quality, Topics, Trends
from topics.types.run import Values

# A drawing of more bytes is a burden for the page, and the picture takes its place.
_HEAVY = 1_000_000


@dataclass(frozen=True)
class Findings:
    """A run as the report needs it.

    account: records read, kept and left out for each reason, as text and number.
    encoder: the name of what made the vectors. inputs: file to sha256. versions: distribution to version.
    picture: the map, with its media type. explorer: the address of map.html, seen from the report.
    history: what was done to the topics since they were found.
    """

    corpus: Corpus
    clustering: Clustering
    topics: Topics
    layout: Projection
    hierarchy: Hierarchy
    quality: Quality
    trends: Trends
    config: Config
    account: tuple[tuple[str, int], ...]
    encoder: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    picture: bytes
    media_type: str
    explorer: str
    history: tuple[str, ...] = ()
    levels: Levels = field(default_factory=Levels)


def findings(
    run: Values,
    config: Config,
    *,
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    maps: Path,
    explorer: str,
    history: tuple[str, ...],
) -> Findings:
    """Gather what the report tells. maps: the folder that holds map.svg and map.png; the rest as there."""
    from topics.corpus.build import REASONS, summary

    counts = summary(run.corpus)
    drawing = maps / "map.svg"
    heavy = drawing.stat().st_size > _HEAVY
    names = {"files": "files", "records": "records read", "kept": "kept", **REASONS}
    return Findings(
        corpus=run.corpus,
        clustering=run.clustering,
        topics=run.topics,
        layout=run.layout,
        hierarchy=run.hierarchy,
        quality=run.quality,
        trends=run.trends,
        config=config,
        account=tuple((names[name], number) for name, number in counts.items()),
        encoder=run.embeddings.encoder,
        inputs=inputs,
        versions=versions,
        picture=(maps / "map.png").read_bytes() if heavy else drawing.read_bytes(),
        media_type="image/png" if heavy else "image/svg+xml",
        explorer=explorer,
        history=history,
        levels=run.levels,
    )
