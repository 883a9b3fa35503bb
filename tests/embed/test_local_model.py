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


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a BERT of one layer and 32 dimensions, in the library's own form."""
    pytest.importorskip("sentence_transformers", reason="needs paper-topics[transformers]: make transformers")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    try:
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    except ImportError:
        from sentence_transformers.models import Pooling, Transformer
    made, folder = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("model") / "tiny"
    counts = Counter(re.findall("[a-z]{5,}", SEED.read_text(encoding="utf-8").lower()))
    words = sorted(word for word, number in counts.items() if 1 < number < 20)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    (made / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(0)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    # Wide weights, and the greatest of each dimension, so that texts differ without training.
    size["initializer_range"] = 0.5
    BertModel(BertConfig(vocab_size=len(vocabulary), **size)).save_pretrained(made)
    BertTokenizerFast(str(made / "vocab.txt")).save_pretrained(made)
    reads = Transformer(str(made), max_seq_length=64)
    SentenceTransformer(modules=[reads, Pooling(32, "max")]).save(str(folder))
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
    assert vectors.shape == (50, 32)
    papers = rows(tmp_path / "run" / "corpus.csv")
    own = SentenceTransformer(str(model)).encode([papers[0]["title"]], normalize_embeddings=True)
    assert own.shape == (1, 32)
    run_cli("label", tmp_path / "run", SEED, "-o", tmp_path / "again.csv")
    told = [row["topic"] for row in rows(tmp_path / "again.csv")]
    assert told == [row["topic"] for row in rows(tmp_path / "run" / "assignments.csv")]
