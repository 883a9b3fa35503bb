"""The terms by which a selection of papers is compared with the others."""

import numpy as np

from topics.output import map_files
from topics.output.map_files import telling_terms
from topics.runs.run import open_run


def test_terms_tell_papers_apart_and_stay_within_their_room(quick_run, monkeypatch):
    run = open_run(quick_run)
    chosen = telling_terms(run.counts, run.corpus)
    have = np.asarray(chosen.matrix.sum(axis=0)).ravel()
    assert set(chosen.terms) <= set(run.counts.terms)
    assert set(np.unique(chosen.matrix.data)) == {1}
    assert have.min() >= 2
    assert have.max() <= len(run.corpus) / 2
    original = {term: column for column, term in enumerate(run.counts.terms)}
    for column, term in enumerate(chosen.terms):
        uses = run.counts.matrix[:, original[term]].toarray().ravel() > 0
        assert (chosen.matrix[:, column].toarray().ravel() == uses).all()
    monkeypatch.setattr(map_files, "EACH", 2)
    fewer = telling_terms(run.counts, run.corpus)
    assert 0 < fewer.matrix.nnz <= 2 * len(run.corpus)
    assert set(fewer.terms) < set(chosen.terms)
