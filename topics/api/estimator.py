"""Topics as a scikit-learn estimator: texts in, labels out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from topics.api.fitted import fit
from topics.api.papers import Papers, in_a_sentence, records_of
from topics.cluster.assign import similarities
from topics.corpus.rows import stage_records
from topics.runs.predict import ABSTAIN, Labeller
from topics.types import OUTLIER, Texts

if TYPE_CHECKING:
    import numpy.typing as npt
    from sklearn.utils import Tags

    from topics.api.fitted import Fitted
    from topics.types import Floats, Integers


class TopicModel(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """`topics.fit` as an estimator, for pipelines, `clone` and parameter searches.

    Parameters are those of `topics.fit`; None leaves a setting as `config` has it. abstain: as in
    `Fitted.predict`. X is whatever `fit` takes: texts, a frame, paths.

    Attributes after `fit`: run_, the `Fitted`; labels_, (n,) int32, the topic of each paper of X, -1 for
    outliers and papers left out, a duplicate's being that of its original; n_topics_, the number of topics.
    """

    def __init__(
        self,
        n_topics: int | str | None = None,
        *,
        encoder: str | Path | None = None,
        random_state: int | None = None,
        config: Mapping[str, Any] | str | Path | None = None,
        abstain: float = ABSTAIN,
        output: str | Path | None = None,
        quiet: bool = True,
    ) -> None:
        self.n_topics = n_topics
        self.encoder = encoder
        self.random_state = random_state
        self.config = config
        self.abstain = abstain
        self.output = output
        self.quiet = quiet

    @in_a_sentence
    def fit(
        self,
        X: Papers,
        y: object = None,  # noqa: ARG002
        *,
        vectors: npt.ArrayLike | None = None,
    ) -> TopicModel:
        """Find the topics of papers. vectors, raises TopicsError: as `topics.fit`."""
        self.run_: Fitted = fit(
            X,
            self.config,
            n_topics=self.n_topics,
            encoder=self.encoder,
            vectors=vectors,
            random_state=self.random_state,
            output=self.output,
            quiet=self.quiet,
        )
        self.labels_ = _labels(self.run_)
        self.n_topics_ = len(self.run_.topics)
        return self

    @in_a_sentence
    def predict(self, X: Papers, *, vectors: npt.ArrayLike | None = None) -> Integers:
        """(m,) int32, the topic of each paper; -1 for one that is unlike all papers of the fit, an outlier of
        it, or without a text. vectors: as in `Fitted.predict`.
        """
        check_is_fitted(self)
        found = self.run_.predict(X, abstain=self.abstain, vectors=vectors)["topic"]
        topics: Integers = found.fillna(OUTLIER).to_numpy(np.int32)
        return topics

    @in_a_sentence
    def transform(self, X: Papers) -> Floats:
        """(m, k) float32, each paper's cosine with each topic; the highest one is its topic's. 0 for a paper
        without a text.
        """
        check_is_fitted(self)
        run = self.run_.run
        read = stage_records(records_of(X, run.config.corpus), run.config.corpus)
        rows = [row for row, reason in enumerate(read.column("reason").to_pylist()) if not reason]
        found = np.zeros((read.num_rows, self.n_topics_), np.float32)
        vectors, _ = Labeller(run).encode(list(Texts(read.take(rows), "title", "abstract")))
        found[rows] = similarities(vectors, run.clustering.directions)
        return found

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:  # noqa: ARG002
        """The topics' labels."""
        check_is_fitted(self)
        return np.array(self.run_.run.topics.labels, dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        return tags


def _labels(run: Fitted) -> Integers:
    """(n,) a topic for every record of the input: a duplicate has its original's, what was left out -1."""
    account = run.run.corpus.account
    found = dict(zip(run.run.corpus.ids, run.labels_.tolist(), strict=True))
    named = zip(*(account.column(name).to_pylist() for name in ("kept", "id", "duplicate_of")), strict=True)
    labels = [found.get(own if kept else original, OUTLIER) for kept, own, original in named]
    return np.array(labels, np.int32)
