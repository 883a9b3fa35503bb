from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from topics.embed.precomputed import load_vectors
from topics.errors import ModelError


def _save(path: Path, array: object, **options: bool) -> Path:
    np.save(path, array, **options)  # type: ignore[arg-type]
    return path


def _message(path: Path) -> str:
    with pytest.raises(ModelError) as error:
        load_vectors(path)
    return str(error.value)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int64])
def test_rows_are_brought_to_length_one(tmp_path: Path, kind: type) -> None:
    vectors = load_vectors(_save(tmp_path / "v.npy", np.array([[3, 4], [0, 0], [-2, 0]], kind)))
    assert vectors.rows.dtype == np.float32
    assert np.allclose(vectors.rows, np.array([[0.6, 0.8], [0, 0], [-1, 0]]))
    assert vectors.name == "precomputed vectors v.npy, 2 dimensions"


def test_rows_of_length_one_stay_as_they_are(tmp_path: Path) -> None:
    """So a run's own vectors give its topics again, to the last bit."""
    array = np.random.default_rng(0).normal(size=(500, 384)).astype(np.float32)
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    assert np.array_equal(load_vectors(_save(tmp_path / "v.npy", array)).rows, array)


def test_large_and_tiny_numbers_survive(tmp_path: Path) -> None:
    array = np.array([[3e37, 4e37], [3e-37, 4e-37]], np.float32)
    vectors = load_vectors(_save(tmp_path / "v.npy", array))
    assert np.allclose(vectors.rows, [[0.6, 0.8], [0.6, 0.8]])


def test_rows_of_dropped_records_are_left_out(tmp_path: Path) -> None:
    vectors = load_vectors(_save(tmp_path / "v.npy", np.eye(4)))
    assert (vectors.select([True, False, True, True]) == np.eye(4)[[0, 2, 3]]).all()


def test_one_row_per_kept_paper_is_taken_as_it_is(tmp_path: Path) -> None:
    vectors = load_vectors(_save(tmp_path / "v.npy", np.eye(3)))
    assert (vectors.select([True, False, True, True]) == np.eye(3)).all()


def test_a_wrong_number_of_rows_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = _save(tmp_path / "v.npy", np.eye(3))
    vectors = load_vectors(path)
    with pytest.raises(ModelError) as error:
        vectors.select([True] * 5)
    assert str(error.value) == (
        f"{path} has 3 vectors for 5 papers; give one vector per paper, in the order of the paper files."
    )
    with pytest.raises(ModelError) as error:
        vectors.select([True] * 5 + [False])
    assert str(error.value) == (
        f"{path} has 3 vectors for 6 papers (5 kept); "
        "give one vector per paper, in the order of the paper files."
    )


def test_new_text_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path / "v.npy", np.eye(2))
    with pytest.raises(ModelError) as error:
        load_vectors(path).encode(["some text"])
    assert str(error.value) == (
        f"{path} holds vectors and no model, so new text cannot be encoded; "
        "set embed.encoder to minilm, lsa or a sentence-transformers model for that."
    )


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.npy"
    assert _message(path) == f"{path} cannot be read (No such file or directory); give a .npy file."


def test_not_numpy(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    for content in (b"", b"id,vector\n1,2\n", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'"):
        path.write_bytes(content)
        assert _message(path) == f"{path} is not a .npy file of numbers; write it with numpy.save."


def test_cut_short(tmp_path: Path) -> None:
    path = _save(tmp_path / "v.npy", np.ones((100, 8)))
    path.write_bytes(path.read_bytes()[:-50])
    assert _message(path) == f"{path} is not a .npy file of numbers; write it with numpy.save."


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = _save(tmp_path / "v.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert _message(path) == f"{path} is not a .npy file of numbers; write it with numpy.save."


@pytest.mark.parametrize("array", [np.ones(3), np.ones((2, 2, 2)), np.array([["a"]]), np.ones((2, 0))])
def test_wrong_shape_or_kind(tmp_path: Path, array: object) -> None:
    path = _save(tmp_path / "v.npy", array)
    assert _message(path) == f"{path} must hold a two-dimensional array of numbers, one row per paper."


def test_an_archive_is_not_an_array(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    with path.open("wb") as file:
        np.savez(file, np.eye(2))
    assert _message(path) == f"{path} is not a .npy file of numbers; write it with numpy.save."


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity(tmp_path: Path, value: float) -> None:
    array = np.eye(5, dtype=np.float32)
    array[[1, 4], 0] = value
    path = _save(tmp_path / "v.npy", array)
    assert _message(path) == (
        f"{path} has NaN or infinity in 2 of 5 rows, first in row 1 (counted from 0); "
        "compute these vectors again."
    )
