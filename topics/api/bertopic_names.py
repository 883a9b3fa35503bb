"""What a BERTopic user calls on a fitted model, on a run; and the run as a BERTopic."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from topics.api.papers import Papers, in_a_sentence
from topics.cache import untrusted
from topics.errors import RunError
from topics.runs.predict import Labeller
from topics.runs.run import Run
from topics.types import OUTLIER

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from topics.types import Integers, Topic


class BertopicNames:
    """BERTopic's methods and attributes on a run; they follow the rule that made the run's tables."""

    run: Run

    @abstractmethod
    def predict(self, papers: Papers, *, vectors: npt.ArrayLike | None = None) -> pd.DataFrame:
        """Topics of papers, a row each."""

    def transform(
        self, papers: Papers, *, vectors: npt.ArrayLike | None = None
    ) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Topics of papers as BERTopic gives them: (topics, probabilities), a value per paper, -1 for none.

        `predict` tells more, and these are its columns topic and probability.
        """
        found = self.predict(papers, vectors=vectors)
        return found["topic"].fillna(OUTLIER).astype(int).tolist(), found["probability"].to_numpy(np.float32)

    @property
    def topics_(self) -> list[int]:
        """The topic of each paper, -1 for outliers, as BERTopic has it."""
        return [int(topic) for topic in self.labels_]

    @property
    @in_a_sentence
    def labels_(self) -> Integers:
        """(n,) int32, the topic of each paper, -1 for outliers, as scikit-learn's clusterers have it."""
        return self.run.clustering.topic

    @in_a_sentence
    def get_topic(self, topic: int) -> list[tuple[str, float]]:
        """The keywords of a topic with their c-TF-IDF weights, best first; none for -1, the outliers.

        Raises RunError: the run has no such topic.
        """
        chosen = self._chosen(topic)
        return [(keyword.term, keyword.weight) for found in chosen for keyword in found.keywords]

    def get_topics(self) -> dict[int, list[tuple[str, float]]]:
        """The keywords of all topics by number, as `get_topic` gives them."""
        return {topic: self.get_topic(topic) for topic in range(len(self.run.topics))}

    @in_a_sentence
    def get_representative_docs(self, topic: int | None = None) -> dict[int, list[str]] | list[str]:
        """The texts of the most central papers of a topic, or of all topics by number."""
        self._chosen(topic)
        found = self._representatives
        return found if topic is None else found.get(topic, [])

    @in_a_sentence
    def get_topic_info(self, topic: int | None = None) -> pd.DataFrame:
        """A row per topic, outliers first, with BERTopic's columns: Topic, Count, Name (number and keywords),
        CustomName (the label), Representation (keywords) and Representative_Docs.
        """
        import pandas as pd

        outliers = int((self.labels_ == OUTLIER).sum())
        docs = self._representatives
        rows: list[tuple[Any, ...]] = []
        if outliers and topic in (None, OUTLIER):
            rows.append((OUTLIER, outliers, "-1_outliers", "outliers", [], []))
        for one in self._chosen(topic):
            words = [keyword.term for keyword in one.keywords]
            rows.append(
                (one.id, one.size, "_".join([str(one.id), *words[:4]]), one.label, words, docs[one.id])
            )
        columns = ["Topic", "Count", "Name", "CustomName", "Representation", "Representative_Docs"]
        return pd.DataFrame(rows, columns=columns)

    def _chosen(self, topic: int | None) -> tuple[Topic, ...]:
        found = self.run.topics.topics
        if topic is None or topic == OUTLIER:
            return found if topic is None else ()
        if topic not in range(len(found)):
            raise RunError(
                f"there is no topic {topic!r:.60}; they are 0 to {len(found) - 1}, and -1 for outliers"
            )
        return (found[int(topic)],)

    @in_a_sentence
    def bertopic(self) -> Any:
        """The run as a fitted `bertopic.BERTopic`, with the run's encoder as its embedding model.

        Its `transform` takes the nearest mean vector, with outliers as a topic of their own; `predict` is the
        rule of this package. Its charts need plotly; those over documents take `documents`.
        Raises RunError: a file of `model/` is missing or was changed.
        """
        from topics.label.bertopic import load_bertopic

        self.run.check("model/")
        with untrusted.damage(self.run.path / "model"):
            return load_bertopic(
                self.run.path / "model",
                lambda texts: self._labeller.encode(texts)[0],
                self.run.clustering,
                self._representatives,
            )

    @property
    def _representatives(self) -> dict[int, list[str]]:
        texts = self.run.corpus.texts
        return {topic.id: [texts[row] for row in topic.representative] for topic in self.run.topics.topics}

    @cached_property
    def _labeller(self) -> Labeller:
        return Labeller(self.run)
