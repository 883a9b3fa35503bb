"""`fit`, `load`, and the finished run that both give."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from topics.api.bertopic_names import BertopicNames
from topics.api.evidence import GroupsView, SaturationView, grouping
from topics.api.inline import InlinePage, run_html, run_text, topic_frame
from topics.api.papers import GivenPapers, Papers, in_a_sentence, in_python, records_of, source_of, vectors_of
from topics.api.views import ComparisonView, HierarchyView, TrendView
from topics.cache import publish, untrusted
from topics.errors import ConfigError, EditError, RunError
from topics.output.progress import ProgressBars
from topics.runs.predict import ABSTAIN, Labeller
from topics.runs.run import Run, open_run

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from topics.config import Config
    from topics.types import Floats

GIVEN_VECTORS = "vectors.npy"
"""What `embed.encoder` says of a run whose vectors were given as an array."""


@in_a_sentence
def fit(
    papers: Papers,
    config: Mapping[str, Any] | str | Path | None = None,
    *,
    n_topics: int | str | None = None,
    encoder: str | Path | None = None,
    vectors: npt.ArrayLike | None = None,
    random_state: int | None = None,
    output: str | Path | None = None,
    quiet: bool = False,
) -> Fitted:
    """Find the topics of papers, as `topics run` does.

    papers: a frame of pandas or polars, texts, a path or several `Path`s. A list of `str` is a list of texts.
    config: settings as nested mappings, as in {"label": {"keywords": 8}}, or the path of a YAML file.
    n_topics, encoder, random_state: the settings cluster.n_topics, embed.encoder and random_state.
    vectors: (n, d), one per paper in the order of papers, instead of encoding them.
    output: the run's folder; without one the run lives in a temporary folder, and as long as the result does
        (`Fitted.save` keeps it).
    quiet: without a progress bar and notes.

    Raises TopicsError: what `topics run` says in one sentence.
    """
    from topics.runner import run

    given = vectors_of(vectors)
    if given and encoder is not None:
        raise ConfigError("fit takes an encoder or vectors, not both; leave one of them out")
    encoder = GIVEN_VECTORS if given else encoder
    settings = _settings(config, n_topics=n_topics, encoder=encoder, random_state=random_state)
    source = source_of(papers)
    files = () if isinstance(source, GivenPapers) else tuple(str(file) for file in source)
    corpus = settings.corpus.model_copy(update={"papers": files})
    settings = settings.model_copy(update={"corpus": corpus})
    keeper, place = _place(output)
    with _Bars(quiet) as bars:
        if isinstance(source, GivenPapers):
            stages, inputs = source.stages(settings, bars, given), {source.name: source.digest}
            run(settings, output=place, observer=bars, given=stages, inputs=inputs)
        else:
            run(settings, output=place, observer=bars)
    return Fitted(open_run(place), keeper)


@in_a_sentence
def load(run: str | Path) -> Fitted:
    """Open the folder of a finished run.

    Raises RunError: no path, no such folder, not a run, or a run of a form that this version does not open.
    """
    return Fitted(open_run(_folder(run)))


@dataclass(frozen=True, repr=False)
class Fitted(BertopicNames):
    """A finished run: its papers, topics, vectors and layout, and topics for other papers.

    Frames and arrays are read from the run's folder, and their digests checked, when they are first asked
    for (RunError: a file is missing or was changed). Row `i` of `papers`, `vectors` and `layout` is one
    paper, row `k` of `topics`, `centroids` and `directions` one topic.
    """

    run: Run
    _keeper: object = field(default=None, repr=False, compare=False)

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.run.path

    @cached_property
    @in_a_sentence
    def papers(self) -> pd.DataFrame:
        """A row per paper: all of assignments.parquet, the input's own columns included."""
        self.run.check("assignments.parquet")
        return untrusted.load_table(self.path, "assignments.parquet").to_pandas()

    @cached_property
    @in_a_sentence
    def topics(self) -> pd.DataFrame:
        """A row per topic, with all columns of topics.csv; keywords, subtopics, other labels and
        representative papers are lists.
        """
        import pandas as pd

        from topics.output.tables.topic_tables import topic_columns

        columns = topic_columns(self.run)
        columns["field"] = pd.array(columns["field"], dtype="Int64")
        return topic_frame()(columns)

    @cached_property
    @in_a_sentence
    def keywords(self) -> pd.DataFrame:
        """A row per topic and keyword: topic, rank (from 1), term and its c-TF-IDF weight."""
        import pandas as pd

        return pd.DataFrame(
            {"topic": topic.id, "rank": rank, "term": keyword.term, "weight": keyword.weight}
            for topic in self.run.topics.topics
            for rank, keyword in enumerate(topic.keywords, start=1)
        )

    @cached_property
    @in_a_sentence
    def shares(self) -> pd.DataFrame:
        """A row per paper and topic that is its nearest or second one, or of which it has a share of .05 or
        more: paper (its row in `papers`), id, topic and share; all shares of a paper add up to 1.
        """
        import numpy as np
        import pandas as pd

        members, ids = self.run.memberships, np.array(self.run.corpus.ids, dtype=object)
        paper = np.repeat(np.arange(len(members)), np.diff(members.starts))
        return pd.DataFrame(
            {"paper": paper, "id": ids[paper], "topic": members.topics, "share": members.shares}
        )

    @cached_property
    @in_a_sentence
    def levels(self) -> pd.DataFrame:
        """A row per topic of each number of topics to choose from: n_topics, taken (whether the run's own),
        score, agreement, topic, label and size; no rows where there is no choice.

        `run.clustering.levels` holds the papers' topics at those that are not the run's own.
        """
        import pandas as pd

        found = self.run.levels
        return pd.DataFrame(
            [
                (len(level), place == found.taken, level.score, level.agreement, topic, label, size)
                for place, level in enumerate(found.levels)
                for topic, (label, size) in enumerate(zip(level.labels, level.sizes, strict=True))
            ],
            columns=["n_topics", "taken", "score", "agreement", "topic", "label", "size"],
        )

    @cached_property
    @in_a_sentence
    def quality(self) -> pd.DataFrame:
        """A row per topic: topic, label, size, stability, coherence, fits and doubt (docs/quality.md).

        `quality.attrs` holds the figures of the run as a whole.
        """
        import pandas as pd

        columns = ["topic", "label", "size", "stability", "coherence", "fits", "doubt"]
        frame = pd.DataFrame(self.topics[columns])
        frame.attrs = self.run.quality.means
        return frame

    @cached_property
    @in_a_sentence
    def trends(self) -> TrendView:
        """Topics over time: `tests`, `shares`, `keywords` and `changes` are frames, `by` takes other periods.
        Without periods where the papers' dates tell nothing.
        """
        return TrendView(self.run, self.run.trends, self._keeper)

    @cached_property
    @in_a_sentence
    def hierarchy(self) -> HierarchyView:
        """Fields, topics and subtopics: `fields` and `subtopics` are frames, `merges` is the tree."""
        return HierarchyView(self.run.hierarchy, self.run.topics)

    @property
    @in_a_sentence
    def vectors(self) -> Floats:
        """(n, d) float32, a row of length 1 per paper."""
        return self.run.embeddings.vectors

    @property
    @in_a_sentence
    def centroids(self) -> Floats:
        """(k, d) float32, a row of length 1 per topic: the mean that the fit found."""
        return self.run.clustering.centroids

    @property
    @in_a_sentence
    def directions(self) -> Floats:
        """(k, d) float32, a row of length 1 per topic: a paper's topic is the one of the highest cosine."""
        return self.run.clustering.directions

    @property
    @in_a_sentence
    def layout(self) -> Floats:
        """(n, 2) float32, the papers' places on the map."""
        return self.run.layout.coordinates

    @property
    @in_a_sentence
    def documents(self) -> list[str]:
        """(n,) the papers' texts, title and abstract: what BERTopic's methods call `docs`."""
        return list(self.run.corpus.texts)

    @in_a_sentence
    def predict(
        self,
        papers: Papers,
        *,
        abstain: float = ABSTAIN,
        vectors: npt.ArrayLike | None = None,
    ) -> pd.DataFrame:
        """Topics of papers, as `topics label` gives them.

        papers: as in `fit`. abstain: the share of papers like the run's own that may get topic -1, so that
            papers unlike them can be found; 0 gives every paper a topic. vectors: (m, d), one per paper, from
            whatever made the run's, instead of encoding.

        Returns a row per paper with the columns of `topics.runs.predict.RESULTS`, under the frame's own index
        if papers is a pandas frame. A paper without a text has no topic (missing) and the reason in
        `left_out`.

        Raises InputError: papers is none of these, or no paper has a text. ConfigError: abstain is no share.
        ModelError: the encoder of the run is not on this machine.
        """
        import pandas as pd
        import pyarrow as pa

        from topics.runs.predict import label_records

        settings = self.run.config.corpus
        labeller = Labeller(self.run, _share(abstain))
        found = label_records(labeller, records_of(papers, settings), settings, vectors=vectors_of(vectors))
        types = {pa.int32(): pd.Int32Dtype()}
        frame: pd.DataFrame = pa.table(found.results).to_pandas(types_mapper=types.get)
        if isinstance(papers, pd.DataFrame):
            frame.index = papers.index
        return frame

    @overload
    def compare(
        self, other: Fitted | str | Path | None = None, *, before: str | None = None, after: str | None = None
    ) -> ComparisonView: ...

    @overload
    def compare(
        self,
        *,
        by: str,
        period: str | None = None,
        count: str = "fractional",
        bins: int | Sequence[float] | None = None,
        least_papers: int = 20,
        separator: str = ";",
    ) -> GroupsView: ...

    @in_a_sentence
    def compare(
        self,
        other: Fitted | str | Path | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        by: str | None = None,
        period: str | None = None,
        count: str = "fractional",
        bins: int | Sequence[float] | None = None,
        least_papers: int = 20,
        separator: str = ";",
    ) -> ComparisonView | GroupsView:
        """The topics of this run and a later one, of this run in two spans of time, or in groups of papers.

        before, after: spans, as 2019, 2016..2019 or 2019-01..2019-06.
        by: a column of the input, or "country", "venue", "year" ... (docs/groups.md). period: "year",
            "quarter" or "month", to compare within each. count: papers of several values are divided
            ("fractional") or count in "each". bins: of numbers, how many or their edges. least_papers: that a
            value must have. separator: between the values of a cell, "" where each cell is one.

        Raises ConfigError: neither another run nor two spans nor a column, or what cannot be read.
        Raises InputError: no such column, or one that does not divide the papers into groups.
        Raises CorpusError: no dates, a span without papers, or too few topics to tell alike from different.
        """
        from topics.runs import compare

        if by is not None:
            if other is not None or before or after:
                raise ConfigError("by takes this run alone, without another one, before and after")
            how = grouping(count, bins, least_papers, separator)
            return GroupsView(self.run, compare.compare_columns(self.run, by, how, period), self._keeper)
        if period is not None:
            raise ConfigError('period goes with by, as in run.compare(by="country", period="year")')
        if other is None and before and after:
            return ComparisonView(compare.compare_spans(self.run, before, after), (self.run.corpus,) * 2)
        if other is None or before or after:
            raise ConfigError(
                "compare needs another run, as in run.compare(load(folder)), before and after, as in "
                'run.compare(before="2016..2019", after="2022..2025"), or by, as in run.compare(by="country")'
            )
        theirs = other.run if isinstance(other, Fitted) else open_run(_folder(other))
        return ComparisonView(compare.compare_two(self.run, theirs), (self.run.corpus, theirs.corpus))

    @in_a_sentence
    def saturation(self) -> SaturationView:
        """Would more searching find more? As `topics saturation` says it."""
        from topics.runs.compare import saturation_of

        return SaturationView(self.run, saturation_of(self.run), self._keeper)

    @in_a_sentence
    def edit(
        self,
        edits: Sequence[Mapping[str, Any]] | str | Path,
        *,
        output: str | Path | None = None,
        quiet: bool = False,
    ) -> Fitted:
        """A new run with the topics changed, as `topics edit` makes it; this one stays as it is.

        edits: as in a file of edits (docs/steering.md), for instance [{"merge": {"topics": [1, 4]}},
            {"rename": {"topic": 0, "to": "Graph learning"}}], or the path of such a file.
        output, quiet: as in `fit`.

        Raises EditError: an edit that cannot be made. RunError: output is this run's folder.
        """
        from topics.runs import edit
        from topics.runs.edits import changes_of, read_edits

        if isinstance(edits, str | Path):
            changes = read_edits(Path(edits))
        elif isinstance(edits, Sequence):
            changes = changes_of({"edits": [*edits]}, "run.edit")
        else:
            raise EditError(f"edits must be a list of edits or the path of a file of them, not {edits!r:.60}")
        keeper, place = _place(output)
        with _Bars(quiet) as bars:
            edit.edit(self.run, changes, place, observer=bars)
        return Fitted(open_run(place), keeper)

    @in_a_sentence
    def update(
        self,
        papers: Papers,
        *,
        refit: bool = False,
        vectors: npt.ArrayLike | None = None,
        output: str | Path | None = None,
        quiet: bool = False,
    ) -> Fitted:
        """A new run with further papers, as `topics update -o` makes it; this one stays as it is.

        Notes say whether the topics still fit; `run.summary["update"]` of the new run holds the figures.
        papers, output, quiet: as in `fit`. refit: find topics in all papers anew; those that are there again
            keep their number and label. vectors: (m, d), one per new paper, instead of encoding.

        Raises InputError: no paper is new. ModelError: the encoder of the run is not on this machine.
        """
        from topics.runs import update as updating

        given, source = vectors_of(vectors), source_of(papers)
        keeper, place = _place(output)
        with _Bars(quiet) as bars:
            if isinstance(source, GivenPapers):
                read, inputs = source.read(self.run.config, bars), {source.name: source.digest}
                found = updating.examine_read(self.run, read, inputs, given)
            else:
                found = updating.examine(self.run, source, self.run.config, given)
            if refit:
                said = updating.refit(found, place, observer=bars)
            else:
                updating.extend(found, place, observer=bars)
                said = []
            for line in (*found.lines(fitted_again=refit), *said):
                bars.note(line)
        return Fitted(open_run(place), keeper)

    @in_a_sentence
    def map(self, *, height: int = 640, **wanted: str | float) -> InlinePage:
        """The map to explore, inside a notebook; its `save` writes .html, and .png, .svg or .pdf to print.

        wanted: color, theme, width (mm) and title where they shall differ from the run's settings.

        Raises ConfigError: no such option, or a colour that is none.
        """
        from topics.runs.redraw import redraw

        unknown = sorted(set(wanted) - {"color", "theme", "width", "title"})
        if unknown:
            raise ConfigError(f"map takes color, theme, width and title, not {unknown[0]}")

        @in_a_sentence
        def write(path: Path) -> None:
            redraw(self.run, path, wanted)

        return _page(write, "map of the papers", height)

    @in_a_sentence
    def widget(self, *, height: int = 640, **wanted: str | float) -> Any:
        """The map as a widget (anywidget): its `selected` is a frame of the papers that are chosen on it.

        height, wanted: as in `map`.

        Raises ModelError: anywidget is not installed. ConfigError: the map is too large, or see `map`.
        """
        from topics.api.widget import map_widget

        page = self.map(height=height, **wanted).page
        return map_widget(page, self.run.clustering.topic, lambda: self.papers, height)

    @in_a_sentence
    def report(self, *, height: int = 800) -> InlinePage:
        """The report of the run, inside a notebook; its `save` writes it as a file."""
        from topics.runs.redraw import report_again

        page = _page(lambda path: report_again(self.run, path, inline=True), "report", height)
        return replace(page, write=in_a_sentence(lambda path: report_again(self.run, path)))

    @in_a_sentence
    def codebook(self, *, height: int = 800) -> InlinePage:
        """What each topic is, for a methods appendix, inside a notebook; its `save` writes .html or .md."""
        from topics.runs.redraw import write_codebooks

        @in_a_sentence
        def write(path: Path) -> None:
            write_codebooks(self.run, path)

        return _page(write, "codebook", height)

    @in_a_sentence
    def save(self, folder: str | Path) -> Path:
        """Copy the run's folder; gives the new place. Raises RunError: something else is there."""
        with publish.publish(Path(folder)) as place:
            shutil.copytree(self.path, place, copy_function=shutil.copyfile, dirs_exist_ok=True)
        return Path(folder)

    def __reduce__(self) -> tuple[Any, ...]:
        """A run is pickled as its folder: `joblib.dump` of a fitted model needs one that stays."""
        if self._keeper is not None:
            raise RunError(
                "this run lives in a temporary folder and cannot be pickled; fit with output=folder, or keep "
                "it with run.save(folder) and open it with load(folder)"
            )
        return load, (str(self.path.resolve()),)

    def __copy__(self) -> Fitted:
        return self

    def __deepcopy__(self, memo: object) -> Fitted:
        return self

    def __repr__(self) -> str:
        return run_text(self.run, self.topics)

    def _repr_html_(self) -> str:
        return run_html(self.run, self.topics)


def _folder(run: object) -> Path:
    if not isinstance(run, str | Path):
        raise RunError(f"load needs the path of a run's folder, not {run!r:.60}")
    return Path(run)


def _place(output: str | Path | None) -> tuple[object, Path]:
    """Where a run goes, and what keeps that place."""
    if output is not None:
        return None, Path(output)
    keeper = tempfile.TemporaryDirectory(prefix="topics-")
    return keeper, Path(keeper.name) / "run"


class _Bars(ProgressBars):
    def __init__(self, quiet: bool) -> None:
        super().__init__(0 if quiet else 1, brief=True)

    def note(self, text: str) -> None:
        super().note(in_python(text))


def _page(write: Callable[[Path], None], what: str, height: int) -> InlinePage:
    with tempfile.TemporaryDirectory(prefix="topics-") as folder:
        write(Path(folder) / "page.html")
        return InlinePage((Path(folder) / "page.html").read_text(encoding="utf-8"), what, height, write)


def _share(abstain: object) -> float:
    share = float(abstain) if isinstance(abstain, Real) else -1.0
    if not 0 <= share <= 1:
        raise ConfigError(f"abstain is {abstain!r:.60}, but must be a share from 0 to 1")
    return share


def _settings(config: Mapping[str, Any] | str | Path | None, **given: Any) -> Config:
    from topics.config.load import as_plain, load_config, validate

    if isinstance(config, Mapping):
        settings = validate(config, "config")
    elif config is None or isinstance(config, str | Path):
        settings = load_config(Path(config) if config is not None else None)
    else:
        raise ConfigError(f"config must be nested mappings or the path of a YAML file, not {config!r:.60}")
    tree = as_plain(settings)
    for name, value in given.items():
        section = _SECTIONS.get(name)
        if value is not None:
            (tree[section] if section else tree)[name] = str(value) if isinstance(value, Path) else value
    return validate(tree, "fit")


_SECTIONS = {"n_topics": "cluster", "encoder": "embed"}
