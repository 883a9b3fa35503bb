"""Topics of a finished run for any text: papers of the run and papers that come later.

A text that the run holds keeps the run's vector, so it gets the run's answer whatever computed that vector,
on whatever machine; any other text is encoded by the encoder of the run. From there on both go one way:
`topics.cluster.assign` says which topic is nearest, `topics.cluster.novelty` whether the paper is like
anything in the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from topics.cluster.assign import ranked
from topics.cluster.novelty import company, familiarity
from topics.errors import ModelError
from topics.runs.run import Run
from topics.types import OUTLIER, Floats, Integers, Labelled

if TYPE_CHECKING:
    from topics.embed.encoder import Encoder
    from topics.types import Progress

ABSTAIN = 0.05
"""Share of papers like the run's own that are left without a topic, so that papers unlike them can be."""

BESIDE = "belong to none of the topics asked for"
"""What is said of papers that a zero-shot run has the like of, but no topic for."""


def strangers(labelled: Labelled, abstain: float) -> npt.NDArray[np.bool_]:
    """(m,) the new papers that are unlike all papers of the run; others of topic -1 are like its outliers."""
    unlike: npt.NDArray[np.bool_] = (labelled.row < 0) & (labelled.familiarity < abstain)
    return unlike


@dataclass(frozen=True)
class Labeller:
    """The topics of `run` for other papers.

    abstain: papers of a familiarity below this get topic -1; 0 gives every paper a topic.

    Nothing is read before the first question. Every answer depends on the text, or on the vector, that it is
    for and on nothing else: not on its company, its place or the number of threads.
    """

    run: Run
    abstain: float = ABSTAIN

    def label(self, texts: Sequence[str], progress: Progress | None = None) -> Labelled:
        """Topics of texts, each a title and an abstract as `topics.types.join_text` joins them.

        Raises ModelError: a text is new and the run's encoder is not here.
        """
        return self.place(*self.encode(texts, progress))

    def encode(
        self, texts: Sequence[str], progress: Progress | None = None, given: Floats | None = None
    ) -> tuple[Floats, Integers]:
        """The vectors of texts and the rows of the run's papers that they are, -1 for new ones.

        given: (m, d) unit rows, vectors of these texts that somebody else computed, with or without the run's
            words beside them; a text is then a paper of the run only if the vector is that paper's, too.
        Returns (m, d) float32 and (m,) int32. Raises ModelError: see `label`, or `given` has another width.
        """
        known = self.run.embeddings.vectors
        rows = self.rows_of(texts)
        if given is not None:
            given = self._whole(given, texts)
            if given.shape[1:] != known.shape[1:]:
                raise ModelError(
                    f"The vectors have {given.shape[1]} dimensions, but those of {self.run.path} have "
                    f"{known.shape[1]}; give vectors from the model that made the run's."
                )
            same = (given == known[rows]).all(axis=1)
            return given, np.where(same, rows, np.int32(-1))
        vectors = np.array(known[rows])
        new = np.flatnonzero(rows < 0)
        if len(new):
            vectors[new] = self.encoder.encode([texts[number] for number in new.tolist()], progress)
        return vectors, rows

    def _whole(self, given: Floats, texts: Sequence[str]) -> Floats:
        """Vectors of the model alone get those of the run's words beside them, where it has them."""
        from topics.embed.combined import load_words

        words = load_words(self.run.folder("embed") / "encoder")
        if words and given.shape[1] + words.lsa.width == self.run.embeddings.vectors.shape[1]:
            return words.beside(given, texts)
        return given

    def place(self, vectors: Floats, rows: Integers) -> Labelled:
        """Topics of vectors; takes what `encode` gives."""
        groups = self.run.clustering
        chosen, likely = ranked(vectors, groups.directions, groups.temperature, 2)
        known = np.flatnonzero(rows >= 0)
        # A paper that an edit has put elsewhere stays there; the nearest topic is the second choice.
        moved = known[groups.nearest_topic[rows[known]] != chosen[known, 0]]
        chosen[moved] = np.column_stack([groups.nearest_topic[rows[moved]], chosen[moved, 0]])
        likely[moved] = np.column_stack([groups.probability[rows[moved]], likely[moved, 0]])
        found = familiarity(vectors, rows, self._references, self.run.novelty)
        topic = np.where(found < self.abstain, np.int32(OUTLIER), chosen[:, 0])
        if self.run.config.guide.mode == "zero_shot":
            # Topics that were asked for do not cover the run: a paper among its outliers is one as well.
            stray = groups.topic[self.run.novelty.rows] == OUTLIER
            topic[company(vectors, self._references, stray) > 0.5] = OUTLIER
        topic[known] = groups.topic[rows[known]]
        return Labelled(
            topic=topic,
            nearest_topic=chosen[:, 0],
            probability=likely[:, 0],
            second_topic=chosen[:, 1],
            second_probability=likely[:, 1],
            familiarity=found,
            row=rows,
        )

    @cached_property
    def turned_away(self) -> float:
        """Share of the run's own papers, each compared with the others, that would get topic -1."""
        novelty = self.run.novelty
        own = familiarity(self._references, novelty.rows, self._references, novelty)
        return float((own < self.abstain).mean())

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of the run, rebuilt from its folder.

        Raises ModelError: there is none behind the run's vectors, or it is not on this machine.
        """
        made, encoder = self.run.embeddings.encoder, self.rebuilt
        if encoder is None:
            raise ModelError(
                f"{self.run.path} was made from {made}, which cannot read new papers; give their vectors, "
                "one row per paper, with --vectors FILE.npy."
            )
        if encoder.name != made:
            raise ModelError(
                f"{self.run.path} was made with {made}, and what is installed here is {encoder.name}; new "
                "papers need the same."
            )
        return encoder

    @cached_property
    def rebuilt(self) -> Encoder | None:
        """What is in the run's folder of its encoder; None where the vectors were given.

        Raises ModelError: it is not on this machine.
        """
        from topics.embed.embed import load_encoder

        try:
            return load_encoder(self.run.config.embed, self.run.folder("embed") / "encoder")
        except ModelError as error:
            raise ModelError(
                f"{self.run.path} was made with {self.run.embeddings.encoder}, which new papers need: {error}"
            ) from None

    @cached_property
    def _references(self) -> Floats:
        return self.run.embeddings.vectors[self.run.novelty.rows]

    def rows_of(self, texts: Sequence[str]) -> Integers:
        """(m,) int32, the rows of the run's papers with these texts; -1 for a text that is new."""
        rows = self._known
        return np.array([rows.get(_fingerprint(text), -1) for text in texts], np.int32)

    @cached_property
    def _known(self) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for row, text in enumerate(self.run.corpus.texts):
            found.setdefault(_fingerprint(text), row)
        return found


def _fingerprint(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
