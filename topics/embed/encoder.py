"""What turns texts into vectors: the protocol, and the registry behind `embed.encoder`.

A kind of encoder is one module of this room with a constant `ENCODER`; docs/design.md says how to add one.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from topics.types import Floats, Progress, unwatched

if TYPE_CHECKING:
    from topics.config import EmbedSettings


class Encoder(Protocol):
    """Texts to vectors. The vector of a text depends on that text alone, not on others or its place."""

    @property
    def name(self) -> str:
        """What made the vectors, for people and for `run.json`: the model and all that changes its result."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d) float32; rows have length 1, or are all zero where a text has no known word."""

    def save(self, folder: Path) -> None:
        """Write what is needed to encode later papers into a folder that exists, if anything is."""


Watch = Callable[[int, str], AbstractContextManager[Progress]]
"""Opens a progress bar: of how many, and of what."""


def no_bar(total: int, unit: str) -> AbstractContextManager[Progress]:  # noqa: ARG001
    return contextlib.nullcontext(unwatched)


@dataclass(frozen=True)
class Fitting:
    """What an encoder that learns from a corpus may use besides its texts.

    random_state: seed of whatever is learned. watch: opens a progress bar. parts: a folder that outlives a
        killed run, for what takes long; None for none.
    """

    random_state: int
    watch: Watch = no_bar
    parts: Path | None = None


@dataclass(frozen=True)
class EncoderKind:
    """One kind of encoder. It has `load`, or `fit` and `restore`, or all three.

    name: what `embed.encoder` calls it.
    load: the pretrained model, before it has seen a paper. Raises ModelError: it is not here.
    reload: the pretrained model of an earlier run, from this machine alone: whose run it is, is not known. As
        `load` where there is none.
    check: looks whether `load` can work, without loading a network. Raises ModelError: it cannot.
    fit: learns an encoder from the texts of a corpus; None leaves this corpus to `load`. Raises CorpusError:
        there is nothing to learn from.
    restore: what the `save` of a learned encoder has written; None where there is none.
    takes: whether another value of `embed.encoder`, such as a file's name, means this kind.
    encodes: whether it can encode texts; vectors from a file cannot.
    english: whether it reads English alone: the user is told where many papers are in other languages.
    own_words: on `auto` and of many papers, the weight of what `lsa` learns beside it (see
        `topics.embed.combined`); beside a model of many languages, only where nearly all papers are in one.
    leaves_interpreter: whether it computes outside the interpreter, so that imports may run meanwhile.
    mark: what the names of its encoders have in common, in lower case; references: works to cite for them.
    """

    name: str
    load: Callable[[EmbedSettings], Encoder] | None = None
    reload: Callable[[EmbedSettings], Encoder] | None = None
    check: Callable[[EmbedSettings], object] = lambda _: None
    fit: Callable[[Sequence[str], EmbedSettings, Fitting], Encoder | None] | None = None
    restore: Callable[[Path], Encoder | None] | None = None
    takes: Callable[[str], bool] = lambda _: False
    encodes: bool = True
    english: bool = False
    own_words: float = 0.0
    leaves_interpreter: bool = False
    mark: str = ""
    references: tuple[tuple[str, str], ...] = ()

    @property
    def pretrained(self) -> bool:
        """Whether vectors of different corpora can be compared."""
        return self.encodes and self.load is not None


@cache
def kinds() -> dict[str, EncoderKind]:
    """All kinds of encoders by name."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}."):
        kind = getattr(importlib.import_module(module.name), "ENCODER", None)
        if isinstance(kind, EncoderKind):
            found[kind.name] = kind
    return found


def kind_of(settings: EmbedSettings) -> EncoderKind:
    """The kind that `embed.encoder` names; what no other kind takes is a sentence-transformers model."""
    value, known = settings.encoder, kinds()
    taking = (kind for kind in known.values() if kind.takes(value))
    return known.get(value) or next(taking, known["sentence-transformers"])
