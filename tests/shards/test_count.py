"""Terms of a run are counted as the run counted them; sums of shards are those of all papers at once."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.papers import corpus
from topics.config import LabelSettings
from topics.corpus.build import build_corpus
from topics.corpus.readers import read_files
from topics.runs.run import open_run
from topics.shards.count import Tally, Vocabulary, total
from topics.terms.matrix import count_terms


@pytest.fixture(scope="module")
def papers(files):
    from topics.config import CorpusSettings

    return build_corpus(read_files(files, CorpusSettings()), CorpusSettings())


@pytest.mark.parametrize(
    "settings", [LabelSettings(), LabelSettings(ngram_max=5, min_df=3, stop_words=("hive",))]
)
def test_a_corpus_is_counted_as_it_was(papers, settings):
    counts = count_terms(papers, settings)
    kept = Vocabulary.of(papers, counts.terms, settings.stop_words)
    assert (kept.count(papers.titles, papers.abstracts) != counts.matrix).nnz == 0


def test_names_with_and_are_counted_as_they_were():
    texts = ["Head and neck surgery. Head and neck pain, a head, and neck, ears and neck."] * 3
    hurt = corpus([("", text) for text in texts])
    counts = count_terms(hurt, LabelSettings(min_df=1))
    assert "head and neck" in [term.casefold() for term in counts.terms]
    kept = Vocabulary.of(hurt, counts.terms, ())
    assert (kept.count(hurt.titles, hurt.abstracts) != counts.matrix).nnz == 0


def test_so_is_the_seed(quick_run):
    run = open_run(quick_run)
    kept = Vocabulary.of(run.corpus, run.counts.terms, run.config.label.stop_words)
    assert (kept.count(run.corpus.titles, run.corpus.abstracts) != run.counts.matrix).nnz == 0


def test_papers_are_counted_each_by_itself(papers):
    counts = count_terms(papers, LabelSettings())
    kept = Vocabulary.of(papers, counts.terms, ())
    rows = [
        kept.count([title], [text]).toarray()[0]
        for title, text in zip(papers.titles, papers.abstracts, strict=True)
    ]
    np.testing.assert_array_equal(np.array(rows), counts.matrix.toarray())


def test_a_form_that_the_run_never_saw_is_the_word_it_belongs_to(papers):
    counts = count_terms(papers, LabelSettings())
    kept = Vocabulary.of(papers, counts.terms, ())
    assert "vortexes" not in kept.forms[""].known
    found = kept.count(["Vortexes"], ["Hives, and a queen bee's brood."]).toarray()[0]
    used = {counts.terms[column].casefold(): times for column, times in enumerate(found.tolist()) if times}
    assert {"vortex": 1, "hive": 1, "queen": 1}.items() <= used.items()


def test_it_is_the_same_when_read_again(papers, tmp_path):
    kept = Vocabulary.of(papers, count_terms(papers, LabelSettings()).terms, ("hive",))
    kept.save(tmp_path / "terms.json")
    assert Vocabulary.load(tmp_path / "terms.json") == kept


def test_no_paper_has_no_row(papers):
    kept = Vocabulary.of(papers, ("vortex",), ())
    assert kept.count([], []).shape == (0, 1)


def test_a_paper_shorter_than_the_longest_term_has_none_of_it(papers):
    kept = Vocabulary.of(papers, ("queen vortex hive brood",), ())
    assert kept.count([""], [""]).nnz == 0


ROWS, TERMS = 3, 4
PAPERS = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.lists(st.integers(0, 3), min_size=TERMS, max_size=TERMS)),
    max_size=12,
)

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)


def tally(papers):
    row = np.array([row for row, _ in papers], np.int32)
    used = np.array([words for _, words in papers], np.int64).reshape(len(papers), TERMS)
    return Tally.of(row, sp.csr_matrix(used), ROWS)


def plain(found):
    return found.papers.tolist(), found.uses.toarray().tolist(), found.users.toarray().tolist()


def by_hand(papers):
    sums = [[0] * ROWS, [[0] * TERMS for _ in range(ROWS)], [[0] * TERMS for _ in range(ROWS)]]
    for row, words in papers:
        sums[0][row] += 1
        for column, times in enumerate(words):
            sums[1][row][column] += times
            sums[2][row][column] += times > 0
    return tuple(sums)


@CALM
@given(st.lists(PAPERS, min_size=1, max_size=6), st.randoms())
def test_the_sum_of_shards_is_that_of_their_papers(shards, random):
    papers = [paper for shard in shards for paper in shard]
    assert plain(total(map(tally, shards))) == by_hand(papers) == plain(tally(papers))
    random.shuffle(shards)
    assert plain(total(map(tally, shards))) == by_hand(papers)


@CALM
@given(PAPERS, PAPERS, PAPERS)
def test_adding_is_associative_and_commutative_to_the_last_byte(one, two, three):
    a, b, c = tally(one), tally(two), tally(three)
    for first, second in ((a + (b + c), (a + b) + c), (a + b, b + a)):
        assert plain(first) == plain(second)
        for name in ("uses", "users"):
            for part in ("data", "indices", "indptr"):
                left, right = (getattr(getattr(found, name), part) for found in (first, second))
                np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("many", [1, 2, 3, 7, 8, 100])
def test_total_adds_each_part_once_and_in_order(many):
    assert total([str(number)] for number in range(many)) == [str(number) for number in range(many)]


def test_a_tally_has_as_many_rows_of_everything():
    with pytest.raises(ValueError, match="as many rows"):
        Tally(np.zeros(2, np.int64), sp.csr_matrix((3, 1)), sp.csr_matrix((3, 1)))
