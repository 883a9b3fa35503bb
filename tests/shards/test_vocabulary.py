"""Terms that are kept are counted as the run that they are from counted them."""

import numpy as np
import pytest

from tests.papers import corpus
from topics.config import LabelSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files
from topics.runs.run import open_run
from topics.shards.count import Vocabulary
from topics.terms.matrix import count


@pytest.fixture(scope="module")
def papers(files):
    from topics.config import CorpusSettings

    return build_corpus(read_files(files, CorpusSettings()), CorpusSettings())


@pytest.mark.parametrize(
    "settings", [LabelSettings(), LabelSettings(ngram_max=5, min_df=3, stop_words=("hive",))]
)
def test_a_corpus_is_counted_as_it_was(papers, settings):
    counts = count(papers, settings)
    kept = Vocabulary.of(papers, counts.terms, settings.stop_words)
    assert (kept.count(papers.titles, papers.abstracts) != counts.matrix).nnz == 0


def test_names_with_and_are_counted_as_they_were():
    texts = ["Head and neck surgery. Head and neck pain, a head, and neck, ears and neck."] * 3
    hurt = corpus([("", text) for text in texts])
    counts = count(hurt, LabelSettings(min_df=1))
    assert "head and neck" in [term.casefold() for term in counts.terms]
    kept = Vocabulary.of(hurt, counts.terms, ())
    assert (kept.count(hurt.titles, hurt.abstracts) != counts.matrix).nnz == 0


def test_so_is_the_seed(quick_run):
    run = open_run(quick_run)
    kept = Vocabulary.of(run.corpus, run.counts.terms, run.config.label.stop_words)
    assert (kept.count(run.corpus.titles, run.corpus.abstracts) != run.counts.matrix).nnz == 0


def test_papers_are_counted_each_by_itself(papers):
    counts = count(papers, LabelSettings())
    kept = Vocabulary.of(papers, counts.terms, ())
    rows = [
        kept.count([title], [text]).toarray()[0]
        for title, text in zip(papers.titles, papers.abstracts, strict=True)
    ]
    np.testing.assert_array_equal(np.array(rows), counts.matrix.toarray())


def test_a_form_that_the_run_never_saw_is_the_word_it_belongs_to(papers):
    counts = count(papers, LabelSettings())
    kept = Vocabulary.of(papers, counts.terms, ())
    assert "vortexes" not in kept.forms[""].known
    found = kept.count(["Vortexes"], ["Hives, and a queen bee's brood."]).toarray()[0]
    used = {counts.terms[column].casefold(): times for column, times in enumerate(found.tolist()) if times}
    assert {"vortex": 1, "hive": 1, "queen": 1}.items() <= used.items()


def test_it_is_the_same_when_read_again(papers, tmp_path):
    kept = Vocabulary.of(papers, count(papers, LabelSettings()).terms, ("hive",))
    kept.save(tmp_path / "terms.json")
    assert Vocabulary.load(tmp_path / "terms.json") == kept


def test_no_paper_has_no_row(papers):
    kept = Vocabulary.of(papers, ("vortex",), ())
    assert kept.count([], []).shape == (0, 1)


def test_a_paper_shorter_than_the_longest_term_has_none_of_it(papers):
    kept = Vocabulary.of(papers, ("queen vortex hive brood",), ())
    assert kept.count([""], [""]).nnz == 0
