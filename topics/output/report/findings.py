"""Everything that a report tells."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from topics.config import Config
from topics.output.notes import all_notes
from topics.types import Validation
from topics.types.run import Values

# A drawing of more bytes is a burden for the page, and the picture takes its place.
_HEAVY = 1_000_000

NARROW = 72.0
"""Width in mm of the map for a telephone: a screen of 390 pixels shows its smallest names 9 pixels high."""


@dataclass(frozen=True)
class Findings:
    """A run, and what the report says besides.

    encoder: the name of what made the vectors. inputs: file to sha256. versions: distribution to version.
    notes: sentences on what was read. picture: the map, with its media type; narrow: a PNG for a telephone.
    explorer: the address of map.html, seen from the report.
    history: what was done to the topics since they were found. validation: what people who looked at the run
    said of it, where some did.
    """

    run: Values
    config: Config
    encoder: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    picture: bytes
    media_type: str
    narrow: bytes
    explorer: str
    history: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    validation: Validation | None = None


def findings(
    run: Values,
    config: Config,
    *,
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    maps: Path,
    explorer: str,
    history: tuple[str, ...],
    validation: Validation | None = None,
) -> Findings:
    """Gather what the report tells. maps: the folder that holds map.svg and map.png; the rest as there."""
    drawing = maps / "map.svg"
    heavy = drawing.stat().st_size > _HEAVY
    return Findings(
        run=run,
        config=config,
        encoder=run.embeddings.encoder,
        inputs=inputs,
        versions=versions,
        picture=(maps / "map.png").read_bytes() if heavy else drawing.read_bytes(),
        media_type="image/png" if heavy else "image/svg+xml",
        explorer=explorer,
        narrow=_narrow(run, config),
        history=history,
        notes=all_notes(run.corpus, config.embed),
        validation=validation,
    )


def _narrow(run: Values, config: Config) -> bytes:
    """The map for a telephone, where the one of a page would be too small to read, as a PNG."""
    from topics.output.maps.static import draw_static
    from topics.output.maps.view import build_view

    settings = config.map.model_copy(update={"width_mm": NARROW})
    view = build_view(run.corpus, run.placed, run.topics, run.layout, settings, run.hierarchy, run.quality)
    # Too small to read there, and said on the page.
    view = replace(view, subtitle=replace(view.subtitle, text=""), note=replace(view.note, text=""))
    with tempfile.TemporaryDirectory() as folder:
        draw_static(view, Path(folder) / "map.png")
        return (Path(folder) / "map.png").read_bytes()
