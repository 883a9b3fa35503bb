from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from topics.config import EmbedSettings
from topics.embed.embed import fit_encoder, load_encoder
from topics.embed.sentence_transformers import Transformer, load_transformer
from topics.errors import ModelError


class Lengths:
    """Stands where a sentence-transformers model would, which the test environment does not have."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: list[str], **_: object) -> npt.NDArray[np.float32]:
        self.calls.append(texts)
        return np.array([[len(text), text.count("a")] for text in texts], np.float32)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError) as error:
        load_transformer("allenai/specter2")
    assert str(error.value) == (
        "embed.encoder is allenai/specter2, which is neither distilled, lsa, minilm, multilingual nor a "
        ".npy file; to use it as a sentence-transformers model, run "
        "`pip install 'paper-topics[transformers]'`."
    )


def test_a_misspelt_built_in_encoder_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"embed\.encoder is minlm, .* \(did you mean minilm\?\); to use it"):
        load_transformer("minlm")


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        load_transformer(str(tmp_path / "model"))
    assert str(error.value) == (
        f"{tmp_path / 'model'} is not a folder; embed.encoder must name one that holds a model."
    )


def test_rows_come_in_the_order_of_the_texts() -> None:
    texts = ["b" * (7 * row % 50) + "a" * (row % 5) for row in range(100)]
    done: list[int] = []
    vectors = Transformer("test", Lengths()).encode(texts, done.append)
    expected = np.array([[len(text), text.count("a")] for text in texts], np.float32)
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(vectors, np.divide(expected, lengths, out=np.zeros((100, 2)), where=lengths > 0))
    assert vectors.dtype == np.float32
    assert done == [32, 32, 32, 4]


def test_the_model_sees_the_same_calls_whatever_the_order() -> None:
    texts = [f"{row:03}" * (row % 4) for row in range(90)]
    first, second = Lengths(), Lengths()
    Transformer("test", first).encode(texts)
    Transformer("test", second).encode(texts[::-1])
    assert first.calls == second.calls


def test_no_texts() -> None:
    assert len(Transformer("test", Lengths()).encode([])) == 0


@pytest.mark.parametrize(("load", "asked"), [(fit_encoder, [True, False]), (load_encoder, [True])])
def test_the_model_of_a_run_is_not_downloaded(
    load: Any, asked: list[bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tried: list[bool] = []

    def model(_name: str, device: object, local_files_only: bool) -> None:
        tried.append(local_files_only)
        raise OSError("not here")

    for name, module in {
        "torch": SimpleNamespace(),
        "sentence_transformers": SimpleNamespace(SentenceTransformer=model, __spec__=object()),
        "transformers": SimpleNamespace(),
        "transformers.utils": SimpleNamespace(),
        "transformers.utils.logging": SimpleNamespace(disable_progress_bar=lambda: None),
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    settings = EmbedSettings(encoder="somebody/model")
    with pytest.raises(ModelError, match="cannot load the model somebody/model: not here"):
        if load is fit_encoder:
            fit_encoder(["a text", "another"], settings, random_state=0)
        else:
            load_encoder(settings, tmp_path)
    assert tried == asked
