"""What figures say in words follows from the figures."""

import numpy as np
import pytest

from topics.config import Config
from topics.page.words import figures, methods, references
from topics.types import Quality


def quality(agreement=0.5, stability=(0.9, 0.6, 0.3), coherence=(0.2, 0.2, 0.2), diversity=0.8):
    return Quality(
        np.array(stability), np.array(coherence), agreement, diversity, 0.12, ("",) * len(stability)
    )


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (0.93, "nearly the same"),
        (0.7, "mostly the same"),
        (0.5, "in part"),
        (0.1, "hardly"),
        (-0.1, "hard"),
    ],
)
def test_agreement(agreement, words):
    first = figures(quality(agreement=agreement))[0]
    assert words in first.says
    assert first.value == f"{agreement:.2f}"


def test_every_figure_has_a_value_a_sentence_and_a_meaning():
    shown = figures(quality(coherence=(-0.9, -0.5, -1.0), diversity=0.0, agreement=-0.2))
    assert [figure.value for figure in shown] == ["-0.20", "0.60", "-0.80", "0.00", "12%"]
    assert all(figure.says.endswith((".", ")")) and figure.meaning.endswith(".") for figure in shown)
    assert "1 of 3 is found again well" in shown[1].says
    assert "1 of 3 is shaky" in shown[1].says


def test_methods_and_references_name_what_was_used():
    sentence = methods(Config(), "all-MiniLM-L6-v2, fp32", 1996, 21)
    assert sentence.startswith("21 topics were found in the titles and abstracts of 1,996 papers")
    assert "all-MiniLM-L6-v2" in sentence
    single = Config.model_validate({"cluster": {"method": "hdbscan"}})
    assert "grouped by HDBSCAN" in methods(single, "x", 9, 2)
    assert any("MiniLM" in text for text, _ in references("all-MiniLM-L6-v2, fp32"))
    assert not any("MiniLM" in text for text, _ in references("TF-IDF and SVD, 5 terms"))
    assert all(address.startswith("https://") or not address for _, address in references("minilm"))
