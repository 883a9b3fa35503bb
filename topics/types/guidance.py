"""Topics that somebody asked for, and the papers that speak for them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topics.types.arrays import Floats, Integers, freeze


@dataclass(frozen=True)
class Guidance:
    """The topics that a run is asked to have. g topics; all empty where it is asked for none.

    names: (g,) their labels. seeds: (g,) for each the row numbers of the papers that support it best, best
        first, never none; a paper is a seed of one topic only.
    places: (g, d) float32 unit rows in the space of the embeddings: where the words that ask for each topic
        lie; zero where that is not known.
    only: whether papers of no such topic shall be outliers.
    without: names of the taxonomy that no paper supports, which are therefore left out.
    """

    names: tuple[str, ...] = ()
    seeds: tuple[tuple[int, ...], ...] = ()
    places: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    only: bool = False
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = [row for seeds in self.seeds for row in seeds]
        places = freeze(self, "places", self.places, np.float32, 2)
        if len(places) != len(self.names):
            raise ValueError("Guidance needs one place per name")
        if len(self.names) != len(self.seeds) or not all(self.seeds):
            raise ValueError("Guidance needs at least one seed paper per name")
        if len(set(rows)) != len(rows):
            raise ValueError("Guidance: a paper can be a seed of one topic only")

    def within(self, rows: Integers) -> Guidance:
        """For a part of the papers, `rows` of them: the topics that still have a seed there."""
        place = {row: at for at, row in enumerate(rows.tolist())}
        seeds = [tuple(place[row] for row in own if row in place) for own in self.seeds]
        kept = [topic for topic, own in enumerate(seeds) if own]
        return Guidance(
            tuple(self.names[topic] for topic in kept),
            tuple(seeds[topic] for topic in kept),
            self.places[kept],
            self.only,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.without:
            return ()
        return (f"No paper supports these topics of the taxonomy, left out: {', '.join(self.without)}.",)
