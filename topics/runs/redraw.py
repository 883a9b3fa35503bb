"""A finished run's map and report, made anew from its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from topics.cache import publish, store
from topics.errors import ConfigError

if TYPE_CHECKING:
    from topics.config import MapSettings
    from topics.runs.run import Run
    from topics.types import Neighbours

MAP_KINDS = (".png", ".svg", ".pdf", ".html")

CODEBOOK_FILE = "codebook.json"


def redraw(run: Run, target: Path, wanted: Mapping[str, Any]) -> str:
    """Write the map of `run` to `target` whose suffix is one of `MAP_KINDS`, or leave it as it was.

    wanted: color, theme, width (mm) and title where they are to differ from the run's settings.

    Returns a sentence on letters that no font here has; "" where all are drawn.
    Raises ConfigError: another suffix, a width out of range, a colour that names nothing. RunError: see Run.
    """
    from topics.cluster.umap import find_neighbours
    from topics.output.map_files import draw_map
    from topics.output.maps.fonts import without_font
    from topics.output.maps.static import words_of

    if target.suffix.lower() not in MAP_KINDS:
        raise ConfigError(f"cannot draw a map as {target.name}: end its name in .png, .svg, .pdf or .html")
    publish.check_file(target)
    own = run.path.resolve()
    if (
        target.resolve().is_relative_to(own)
        and target.resolve().relative_to(own).as_posix() in run.summary["files"]
    ):
        raise ConfigError(f"{target} is a file of the run itself and stays as it is: give another name")
    settings = _settings(run.config.map, wanted)

    def neighbours() -> Neighbours:
        return find_neighbours(run.embeddings, run.config.reduce, random_state=run.config.random_state)

    with publish.whole_file(target) as place:
        view = draw_map(run, settings, [place], neighbours)
    return "" if target.suffix.lower() == ".html" else without_font(words_of(view))


def report_again(run: Run, target: Path, *, inline: bool = False) -> None:
    """Write the report of `run` to `target`, or leave it as it was. inline: without a link to map.html.

    The report in the run's own folder is one of its files, so its digest there is written anew.
    Raises ConfigError: target is no HTML file. RunError: see Run.
    """
    from topics.output.report import findings, write_page

    if target.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"a report is written as .html, not as {target.name}")
    run.check("map.")
    told = findings(
        run,
        run.config,
        inputs=run.summary["inputs"],
        versions=run.summary["versions"],
        maps=run.path,
        explorer="" if inline else _seen_from(target.parent, run.path / "map.html"),
        history=run.history,
        validation=run.validation,
    )
    with publish.whole_file(target) as place:
        write_page(told, place)
    own = run.path / "report.html"
    if target.resolve() == own.resolve():
        run.summary["files"][own.name] = store.file_digest(own)
        with publish.whole_file(run.path / store.RUN_FILE) as place:
            store.write_summary(place, run.summary)


def write_codebooks(run: Run, target: Path | None) -> list[Path]:
    """Write the codebook of `run` to `target`, a file of Markdown or HTML, or both beside the run; gives the
    files.

    Raises ConfigError: a name that ends otherwise. RunError: see Run, or something else lies there.
    """
    from topics.output.evidence.codebook import KINDS, write_codebook
    from topics.runs.compare import folder_beside

    def write(place: Path) -> None:
        write_codebook(run, place, name=run.path.resolve().name, history=run.history, about=run.summary)

    if target is not None:
        if target.suffix.lower() not in KINDS:
            raise ConfigError(f"a codebook is written as .md or .html, not as {target.name}")
        with publish.whole_file(target) as place:
            write(place)
        return [target]
    whole = folder_beside(run.path, "codebook")
    with publish.publish(whole, CODEBOOK_FILE) as folder:
        for kind in KINDS:
            write(folder / f"codebook{kind}")
        publish.leave_mark(folder, CODEBOOK_FILE, run=run.path.name)
    return [whole / f"codebook{kind}" for kind in KINDS]


def _seen_from(folder: Path, file: Path) -> str:
    """The address of a file as a page in `folder` writes it."""
    try:
        return quote(Path(os.path.relpath(file, folder)).as_posix())
    except ValueError:
        # Another drive of Windows.
        return file.resolve().as_uri()


def _settings(settings: MapSettings, wanted: Mapping[str, Any]) -> MapSettings:
    from topics.config.load import validate

    names = {"width": "width_mm"}
    changed = {names.get(name, name): value for name, value in wanted.items()}
    return validate({"map": settings.model_dump() | changed}, "the options").map
