"""Any sentence-transformers model, by name or by folder (extra `transformers`)."""

from __future__ import annotations

import difflib
import importlib.util
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from topics.embed.encoder import EncoderKind, kinds
from topics.errors import ModelError
from topics.types import Floats, Progress
from topics.types.arrays import unit_rows

_TEXTS_PER_CALL = 32


@dataclass(frozen=True)
class Transformer:
    """A loaded sentence-transformers model. Make one with `load_transformer`.

    The model pads texts that it reads together, so a vector may differ in its last bits with the others.
    """

    name: str
    model: Any = field(repr=False)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), d) float32 rows of length 1."""
        # Longest first and ties by the text: the same calls whatever the order of the papers.
        order = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), texts[row]))
        found = [np.zeros((0, 0), np.float32)]
        for start in range(0, len(order), _TEXTS_PER_CALL):
            together = [texts[row] for row in order[start : start + _TEXTS_PER_CALL]]
            found.append(self.model.encode(together, batch_size=_TEXTS_PER_CALL, show_progress_bar=False))
            if progress:
                progress(len(together))
        vectors = np.concatenate(found[1:] or found)
        return unit_rows(vectors[np.argsort(order)] if order else vectors)

    def save(self, folder: Path) -> None:
        """Nothing to keep: the model is found again by its name."""


def load_transformer(model: str, device: str = "cpu", *, fetch: bool = True) -> Transformer:
    """Load a model from a folder, or by its name on the model hub.

    Nothing is downloaded unless a name is given that is not in the hub's cache on this machine yet.

    fetch: whether it may be downloaded.
    device: "cpu", "cuda", or "auto" for a graphics card where torch finds one.

    Raises ModelError: sentence-transformers is not installed, or has no such model, or torch has no such
        device.
    """
    check_transformer(model)
    loaded = _load(model, device, fetch=fetch)
    longest = loaded.max_seq_length
    read = f", {longest} tokens" if longest and math.isfinite(longest) else ""
    return Transformer(f"sentence-transformers {model}{read}", loaded)


def check_transformer(model: str) -> None:
    """Raises ModelError: the folder is not there, or sentence-transformers is not installed."""
    if Path(model).is_absolute() and not Path(model).is_dir():
        raise ModelError(f"{model} is not a folder; embed.encoder must name one that holds a model.")
    if importlib.util.find_spec("sentence_transformers") is None:
        own = [name for name, kind in kinds().items() if kind is not ENCODER and kind.encodes]
        near = difflib.get_close_matches(model, own, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise ModelError(
            f"embed.encoder is {model}, which is neither {', '.join(own)} nor a .npy file{hint}; to "
            "use it as a sentence-transformers model, run `pip install 'paper-topics[transformers]'`."
        )


def _load(model: str, device: str, *, fetch: bool) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    for library in ("transformers", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.ERROR)
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError("embed.device is cuda, but torch finds no CUDA device; set embed.device to auto.")
    place = None if device == "auto" else device
    offline = [True, False] if fetch and not Path(model).is_dir() else [True]
    reason = ""
    for local_files_only in offline:
        try:
            return SentenceTransformer(model, device=place, local_files_only=local_files_only)
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
    kept = "" if fetch else "; a run's model is not downloaded: have it on this machine, if you trust the run"
    raise ModelError(f"sentence-transformers cannot load the model {model}: {reason}{kept}")


ENCODER = EncoderKind(
    "sentence-transformers",
    load=lambda settings: load_transformer(settings.encoder, settings.device),
    reload=lambda settings: load_transformer(settings.encoder, settings.device, fetch=False),
    check=lambda settings: check_transformer(settings.encoder),
)
