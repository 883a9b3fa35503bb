"""A sentence-transformers model in a local folder, through the three lines that docs/languages.md gives.

Needs the extra `transformers`, which takes torch: `make transformers` installs it into .venv and runs this.
"""

import re
import socket
from collections import Counter

import numpy as np
import pytest
import yaml

from tests.conftest import ROOT, SEED, rows, run_cli, summary_of
from topics.runs.run import open_run

WIDTH = 16


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a model in the library's own form, which averages a vector of each word of the seed."""
    pytest.importorskip("sentence_transformers", reason="needs paper-topics[transformers]: make transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    texts = SEED.read_text(encoding="utf-8").lower().split("\n")
    found = [Counter(re.findall("[a-z]{4,}", text)) for text in texts if len(text) > 400]
    held = Counter(word for words in found for word in words)
    words = sorted(word for word, number in held.items() if 1 < number < 20)
    counts = np.array([[text[word] / held[word] for word in words] for text in found])
    _, _, directions = np.linalg.svd(counts, full_matrices=False)
    rows_of_words = np.vstack([np.zeros(WIDTH), directions[:WIDTH].T])
    weights = np.ascontiguousarray(rows_of_words, np.float32)
    numbers = {word: number for number, word in enumerate(["[UNK]", *words])}
    reads = Tokenizer(WordLevel(numbers, unk_token="[UNK]"))
    reads.normalizer, reads.pre_tokenizer = Lowercase(), Whitespace()
    folder = tmp_path_factory.mktemp("model") / "tiny"
    SentenceTransformer(modules=[StaticEmbedding(reads, embedding_weights=weights)]).save(str(folder))
    return folder


def documented():
    """The three lines, as they stand in the documentation."""
    text = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    block = text[text.index("  # pip install 'paper-topics[transformers]'") :]
    lines = [line.removeprefix("  ") for line in block[: block.index("```")].strip("\n ").split("\n")]
    assert len(lines) == 3
    return "\n".join(lines)


def test_the_documented_lines_name_a_folder():
    config = yaml.safe_load(documented())
    assert list(config) == ["embed"]
    assert config["embed"]["encoder"].startswith("/")


def test_a_run_and_papers_that_come_later(model, tmp_path, monkeypatch):
    from sentence_transformers import SentenceTransformer

    def refused(*_):
        raise OSError("a local model asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refused)
    named = yaml.safe_load(documented())["embed"]["encoder"]
    lines = documented().replace(named, str(model))
    settings = f"corpus:\n  papers: ['{SEED}']\n  reference_date: 2026-06-01\n"
    (tmp_path / "my.yaml").write_text(f"{lines}\n{settings}", encoding="utf-8")
    run_cli("run", tmp_path / "my.yaml", "-o", tmp_path / "run")
    assert str(model) in summary_of(tmp_path / "run")["encoder"]
    vectors = np.load(tmp_path / "run" / "data" / "embed" / "vectors.npy")
    assert vectors.shape == (50, WIDTH)
    texts = list(open_run(tmp_path / "run").corpus.texts)
    own = SentenceTransformer(str(model)).encode(texts, normalize_embeddings=True)
    assert np.allclose(vectors, own, atol=1e-5)
    run_cli("label", tmp_path / "run", SEED, "-o", tmp_path / "again.csv")
    told = [row["topic"] for row in rows(tmp_path / "again.csv")]
    assert told == [row["topic"] for row in rows(tmp_path / "run" / "assignments.csv")]
