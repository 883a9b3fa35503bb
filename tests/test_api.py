"""The Python interface says what the command line says."""

from __future__ import annotations

import pickle
import re
import shutil
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

import topics
from tests.conftest import ROOT, SEED, rows, run_cli
from tests.runs.test_predict import BIRDS, PRIVATE
from topics import fit, load
from topics.errors import ConfigError, EditError, InputError, ModelError, RunError, TopicsError
from topics.label.bertopic import class_tfidf
from topics.runs.predict import RESULTS

LSA = {"embed": {"encoder": "lsa"}}


def test_the_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    (tmp_path / "seeds").mkdir()
    shutil.copy(SEED, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    assert "pretraining" in names["found"]["label"][0]
    assert len(names["numbers"]) == 1
    for name in RESULTS:
        assert f"`{name}`" in page
    assert "CustomName" in capsys.readouterr().out


def test_importing_the_package_loads_nothing():
    heavy = ("numpy", "pandas", "pydantic", "pyarrow")
    code = f"import sys, topics; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="has no attribute 'guess'"):
        _ = topics.guess


@pytest.mark.parametrize("vectors", [True, False])
def test_the_runs_own_frame_gets_the_runs_answer(seed_run, tmp_path, vectors):
    """Also papers whose LaTeX one pass of cleaning leaves half read, and without an encoder."""
    given = load(seed_run)
    frame = given.papers[["title", "abstract"]].copy()
    for row, tail in enumerate(
        ["{\\it knots of type $(p,m)$.}", "It lies in $S4$$.", "For 5$ a {$k$-best}."]
    ):
        frame.loc[row, "abstract"] += f" {tail}"
    np.save(tmp_path / "v.npy", given.vectors)
    settings = {"embed": {"encoder": str(tmp_path / "v.npy")}} if vectors else LSA
    run = fit(frame, settings, output=tmp_path / "run")
    found = run.predict(run.papers)
    assert found["in_run"].tolist() == run.papers["id"].tolist()
    for name in ("topic", "nearest_topic", "probability"):
        assert found[name].tolist() == run.papers[name].tolist()


def test_frames_are_the_tables(seed_run):
    run = load(seed_run)
    assert run.papers["title"].tolist() == [row["title"] for row in rows(seed_run / "assignments.csv")]
    for frame, name in (
        (run.topics, "topics.csv"),
        (run.keywords, "keywords.csv"),
        (run.trends.shares, "trends.csv"),
        (run.trends.keywords, "period_keywords.csv"),
        (run.trends.tests, "trend_tests.csv"),
        (run.trends.changes.assign(change=""), "term_changes.csv"),
    ):
        table = rows(seed_run / name)
        assert len(frame) == len(table)
        for column in csv_header(seed_run / name):
            assert column in frame
            for value, cell in zip(frame[column], [row[column] for row in table], strict=True):
                assert same(value, cell), (name, column, value, cell)
    assert run.vectors.shape == (50, 384)
    assert run.layout.shape == (50, 2)
    assert run.centroids.shape == (len(run.topics), 384)


def csv_header(path):
    return path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")


def same(value, cell):
    """Whether a value of a frame is what a cell of a CSV file shows."""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) == cell or len(value) > 0 < len(cell)
    if value is None or value is pd.NA or value != value or cell == "":
        return cell in ("", "no") or value in ("", None)
    if isinstance(value, bool | np.bool_):
        return cell == ("yes" if value else "no")
    if isinstance(value, float | np.floating):
        return np.isclose(value, float(cell), rtol=1e-3, atol=1e-4)
    return str(value) == cell


def test_shares_are_a_frame(quick_run):
    run = load(quick_run)
    first = run.shares.groupby("paper").first()
    assert first["id"].tolist() == run.papers["id"].tolist()
    assert first["topic"].tolist() == run.papers["nearest_topic"].tolist()
    assert np.allclose(first["share"], run.papers["probability"])
    assert run.shares.groupby("paper")["share"].sum().max() <= 1 + 1e-6
    old = load(ROOT / "tests" / "data" / "run-2026-11-28")
    assert len(old.shares.groupby("paper")) == len(old.papers)


def test_levels_are_a_frame(quick_run):
    run = load(quick_run)
    own = run.levels[run.levels["taken"]]
    assert own["label"].tolist() == run.topics["label"].tolist()
    assert own["size"].tolist() == run.topics["size"].tolist()
    others = run.levels[~run.levels["taken"]].groupby("n_topics")
    assert others["topic"].count().to_dict() == {number: number for number in others.groups}
    assert len(others) == len(run.run.clustering.levels)
    old = load(ROOT / "tests" / "data" / "run-2026-11-28").levels
    assert old.empty
    assert list(old) == list(run.levels)


def test_predicting_takes_frames_texts_and_files(seed_run, tmp_path):
    run = load(seed_run)
    own = run.predict(SEED)
    assert list(own) == list(RESULTS)
    assert own["nearest_topic"].tolist() == run.papers["nearest_topic"].tolist()
    frame = pd.DataFrame(
        {"abstract": [PRIVATE, None, BIRDS], "year": [2020, np.nan, 2021]}, index=["x", "y", "z"]
    )
    found = run.predict(frame)
    assert found.index.tolist() == ["x", "y", "z"]
    assert found["topic"].isna().tolist() == [False, True, False]
    assert found.loc["y", "left_out"] == "no abstract"
    assert found.loc["z", "topic"] == -1
    assert run.predict([PRIVATE])["nearest_topic"][0] == found.loc["x", "nearest_topic"]
    assert run.predict([BIRDS], abstain=0)["topic"][0] == found.loc["z", "nearest_topic"]


def test_vectors_can_be_given(vectors_run):
    run = load(vectors_run)
    found = run.predict([PRIVATE, BIRDS], vectors=run.vectors[[4, 7]])
    assert found["nearest_topic"].tolist() == run.papers["nearest_topic"][[4, 7]].tolist()


def test_a_list_of_texts_has_no_columns_to_name(seed_run):
    run = fit(load(seed_run).documents[:20], encoder="lsa", quiet=True)
    said = "list: no paper has a title, a date or authors; the fields are abstract"
    assert said in run.run.summary["notes"]


def test_fitting_a_frame_is_a_run_that_can_be_kept(tmp_path):
    source = load(fit(SEED, LSA, output=tmp_path / "file").path)
    frame = source.papers[["title", "abstract", "date"]]
    run = fit(frame, LSA)
    assert run.papers["abstract"].tolist() == source.papers["abstract"].tolist()
    assert run.run.summary["account"]["kept"] == 50
    kept = run.save(tmp_path / "kept")
    assert load(kept).papers.equals(run.papers)
    place = run.path
    del run
    assert not place.exists()
    texts = fit((frame["title"] + ". " + frame["abstract"]).tolist(), LSA)
    assert len(texts.papers) == 50
    assert (texts.papers["title"] == "").all()


@pytest.mark.parametrize(
    ("papers", "config", "sentence"),
    [
        ([], None, "papers must be a pandas or polars frame.*, not \\[\\]"),
        (["a", 2], None, "papers must be a pandas or polars frame.*, not a list with 2 at place 1"),
        (
            "We study one thing.",
            None,
            "papers is one text, or a path .* give texts as a list, as in \\[text\\]",
        ),
        ("one text", None, "papers is one text, or a path .* give texts as a list, as in \\[text\\]"),
        ("my papers.csv", None, "There is no file my papers.csv"),
        ([str(SEED)], None, "a list of str is a list of texts, but .* for files give Paths"),
        (
            pd.DataFrame({"text": ["a"], "year": [1]}),
            LSA,
            "the frame has no column with abstracts; it has text",
        ),
        (pl.LazyFrame({"abstract": ["a"]}), None, "papers is a lazy frame; collect\\(\\) it first"),
        ("nowhere.csv", None, "There is no file nowhere.csv"),
        (
            "watermarks",
            None,
            "There is no file watermarks; if it is a text, give it as a list, as in \\[text\\]",
        ),
        (pd.DataFrame({"abstract": ["a", 1]}), None, "the frame cannot be read: .*; .* column abstract"),
        (pd.DataFrame({"abstract": []}, dtype=str), None, "No paper is left: there are no records"),
    ],
)
def test_mistakes_are_sentences(papers, config, sentence):
    with pytest.raises(InputError, match=sentence):
        fit(papers, config)
    with pytest.raises(ConfigError, match="config: unknown key embed.encodr; did you mean encoder"):
        fit([PRIVATE], {"embed": {"encodr": "lsa"}})


def test_the_bertopic_of_a_run_weighs_terms_as_the_run_does(seed_run):
    """The same numbers to the last bit; BERTopic has its own order of topics, and a row for the outliers."""
    run = load(seed_run)
    model, topic, counts = run.bertopic(), run.run.clustering.topic, run.run.counts
    weights = class_tfidf(counts.matrix, topic)
    numbers = dict(zip(topic.tolist(), model.topics_, strict=True))
    assert -1 in numbers
    for ours in range(run.run.clustering.n_topics):
        theirs = model.c_tf_idf_[numbers[ours] + 1]
        assert (theirs != weights[ours]).nnz == 0
        for keyword in run.run.topics[ours].keywords:
            assert keyword.weight == theirs[0, counts.terms.index(keyword.term)]


def test_bertopic_reads_text_without_torch(seed_run):
    model = load(seed_run).bertopic()
    found, _ = model.transform([PRIVATE])
    assert "private" in model.custom_labels_[found[0] + model._outliers]
    assert "torch" not in sys.modules


def test_a_changed_model_is_noticed(copy):
    file = copy / "model" / "topic_embeddings.safetensors"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(RunError, match=r"topic_embeddings\.safetensors was changed or cut off"):
        load(copy).bertopic()
    (copy / "model" / "topics.json").unlink()
    with pytest.raises(RunError, match=r"lacks model/|was changed"):
        load(copy).bertopic()
    (copy / "assignments.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunError, match=r"assignments\.parquet was changed"):
        _ = load(copy).papers


@pytest.mark.parametrize("papers", [None, 3, [], {PRIVATE}, {"title": "A", "abstract": PRIVATE}])
def test_what_is_no_papers_is_said(seed_run, papers):
    with pytest.raises(InputError, match="papers must be a pandas or polars frame, a list of texts, or"):
        load(seed_run).predict(papers)


@pytest.mark.parametrize("abstain", [2, -0.1, float("nan"), "much", None])
def test_abstain_is_a_share(seed_run, abstain):
    with pytest.raises(ConfigError, match=f"abstain is {abstain!r}, but must be a share from 0 to 1"):
        load(seed_run).predict([PRIVATE], abstain=abstain)


def test_load_needs_a_path():
    with pytest.raises(RunError, match="load needs the path of a run's folder, not None"):
        load(None)


def test_a_mistake_is_one_exception_without_our_frames(seed_run):
    """The caller's line, the wrapper's, and the sentence."""
    for ask in (lambda: fit("nowhere.csv"), lambda: load(seed_run).predict("nowhere.csv")):
        with pytest.raises(InputError) as caught:
            ask()
        assert len(caught.traceback) <= 3
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_parameters_are_settings_and_frames_of_any_kind_are_papers(seed_run):
    given = load(seed_run)
    frame = given.papers[["id", "title", "abstract", "date"]]
    kinds = [frame, pl.from_pandas(frame), pl.from_pandas(frame).to_arrow()]
    found = [fit(kind, LSA, n_topics=4, encoder="lsa", random_state=7, quiet=True) for kind in kinds]
    assert [len(run.topics) for run in found] == [4, 4, 4]
    assert len({tuple(run.labels_) for run in found}) == 1
    config = found[0].run.config
    assert (config.cluster.n_topics, config.embed.encoder, config.random_state) == (4, "lsa", 7)
    assert list(found[0].run.summary["inputs"]) == ["frame"]
    assert set(found[0].run.corpus.account.column("file").to_pylist()) == {"frame"}
    assert found[1].predict(kinds[1])["topic"].tolist() == found[1].papers["topic"].tolist()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"n_topics": 1}, "fit: cluster.n_topics is 1, but must be a whole number from 2"),
        ({"n_topics": 40}, "cluster.n_topics is 40, but 50 papers can make 25 topics at most"),
        ({"random_state": -1}, "fit: random_state is -1"),
        ({"encoder": "lsaa"}, "embed.encoder is lsaa, .*did you mean lsa"),
        ({"vectors": np.eye(3)}, "vectors has 3 vectors for 50 papers"),
        ({"vectors": [[1.0], [1.0, 2.0]]}, "vectors has rows of different lengths"),
        ({"vectors": np.eye(50), "encoder": "lsa"}, "an encoder or vectors, not both"),
        ({"config": 3}, "config must be nested mappings or the path of a YAML file, not 3"),
    ],
)
def test_mistakes_in_parameters_are_sentences(seed_run, settings, sentence):
    with pytest.raises(TopicsError, match=sentence):
        fit(load(seed_run).papers[["title", "abstract"]], **settings, quiet=True)


def test_given_vectors_serve_instead_of_an_encoder(seed_run):
    given = load(seed_run)
    frame = given.papers[["title", "abstract"]].copy()
    frame.loc[50] = ["No abstract", None]
    run = fit(frame, vectors=np.vstack([given.vectors, np.ones(384)]), quiet=True)
    assert np.array_equal(run.vectors, given.vectors)
    assert run.run.embeddings.encoder == "precomputed vectors, 384 dimensions"
    assert run.predict(frame[:3], vectors=given.vectors[:3])["in_run"].notna().all()
    with pytest.raises(
        ModelError, match="cannot read new papers; give their vectors, one row per paper, as vec"
    ):
        run.predict([BIRDS])
    with pytest.raises(RunError, match="name another folder with output"):
        run.edit([{"drop": {"topic": 0}}], output=run.path, quiet=True)


def test_a_run_in_a_few_lines_of_text_and_html(seed_run, copy):
    run = load(seed_run)
    text = repr(run)
    assert len(text) < 3000
    assert max(map(len, text.splitlines())) <= 110
    assert text.splitlines()[0].startswith("50 papers, ")
    assert str(seed_run) in text
    for label, size in zip(run.topics["label"], run.topics["size"], strict=True):
        assert re.search(rf"\d  {re.escape(label[:25])}\S*( \S+)* +{size} ", text)
    shown = run._repr_html_()
    picture = re.search(r'src="data:image/webp;base64,([^"]+)"', shown)
    assert 5_000 < len(picture[1]) < 100_000
    assert "report.html" in shown
    assert "<script" not in shown
    assert not re.search(r"https?://", shown)
    for named in (
        run.topics,
        run.trends,
        run.hierarchy,
        run.compare(before="2021..2022", after="2023..2025"),
    ):
        assert 0 < len(repr(named)) < 10_000
        assert "<bdi>" in named._repr_html_()
    edited = load(copy).edit([{"rename": {"topic": 0, "to": "<img src=x onerror=alert(1)>"}}], quiet=True)
    for named in (edited, edited.topics, edited.trends, edited.hierarchy):
        assert "<img src=x" not in named._repr_html_()
        assert "&lt;img src=x" in named._repr_html_()
    # A slice is a frame like any other.
    assert type(run.topics.head(2)) is pd.DataFrame


def test_trends_in_other_periods_and_without_dates(seed_run):
    run = load(seed_run)
    quarters = run.trends.by("quarter", start="2022").shares
    assert quarters["period"].iloc[0] == "2022-Q1"
    assert len(quarters) % len(run.topics) == 0
    undated = fit(run.documents, LSA, quiet=True).trends
    assert undated.tests.empty or undated.tests["verdict"].nunique() == 1
    assert undated.shares.empty
    assert "date" in repr(undated)
    assert "date" in undated._repr_html_()


def test_trends_show_the_same_figures_as_text_and_as_html(seed_run):
    trends = load(seed_run).trends
    shown, text = trends._repr_html_(), " ".join(repr(trends).split())
    width, cells = shown.count("<th "), re.findall(r"<bdi>(.*?)</bdi>", shown)
    table = [" ".join(cells[at : at + width]) for at in range(0, len(cells), width)]
    assert len(table) == 1 + len(load(seed_run).topics)
    assert [row for row in table if " ".join(row.split()) not in text] == []


def test_groups_saturation_and_codebook_are_those_of_the_commands(seed_run, tmp_path):
    run = load(seed_run)
    found = run.compare(by="categories", least_papers=5, period="year")
    options = ("--by", "categories", "--least-papers", "5", "--period", "year", "-o", tmp_path / "cli")
    run_cli("compare", seed_run, *options)
    saved = found.save(tmp_path / "api")
    names = sorted(path.name for path in saved.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "cli").iterdir())
    for name in names:
        assert (saved / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()
    lines = rows(saved / "groups.csv")
    assert found.shares["verdict"].tolist() == [line["verdict"] for line in lines]
    assert found.shares["share"].tolist() == pytest.approx([float(line["share"]) for line in lines], abs=1e-3)
    assert len(found.periods) == len(rows(saved / "group_periods.csv"))
    assert found.shares.attrs["test"] == "9,999 random permutations within each year"
    assert "groups by categories, compared within each year" in repr(found)
    assert "groups by categories, compared within each year" in found._repr_html_()
    said = run.saturation()
    assert "in 200 random orders" in repr(said)
    assert len(said.curves) == len(rows(said.save(tmp_path / "more") / "saturation.csv"))
    with pytest.raises(ConfigError, match=r"a report is written as \.html, not as report\.png"):
        run.report().save(tmp_path / "report.png")
    book = run.codebook().save(tmp_path / "book.md").read_text(encoding="utf-8")
    assert "# Codebook: " in book
    for wanted, sentence in (
        ({"by": "yeer"}, "did you mean 'year'?"),
        ({"by": "year", "bins": [2024], "period": "year"}, "no year holds papers of two values of year"),
        ({"by": "year", "bins": "2"}, "bins is '2', but must be how many"),
        ({"by": "year", "count": "half"}, "count is 'half'"),
        ({"by": "year", "before": "2020"}, "by takes this run alone"),
        ({"period": "year"}, "period goes with by"),
        ({"by": "year", "least_papers": 40}, "set least_papers="),
    ):
        with pytest.raises(TopicsError, match=re.escape(sentence)):
            run.compare(**wanted)


def test_runs_are_compared_edited_and_updated(seed_run, tmp_path):
    run = load(seed_run)
    first, second = run.topics["label"][:2]
    merged = run.edit(
        [{"merge": {"topics": [0, second], "label": "Both"}}], output=tmp_path / "merged", quiet=True
    )
    assert merged.path == tmp_path / "merged"
    assert merged.topics["label"][0] == "Both"
    assert len(merged.topics) == len(run.topics) - 1
    changes = run.compare(merged).changes
    assert {first, second} & set(changes.loc[changes["label_after"] == "Both", "label_before"])
    assert run.compare(merged.path).changes.equals(changes)
    new = pd.DataFrame({"title": ["Clipping less", "Birds"], "abstract": [PRIVATE, BIRDS]})
    more = run.update(new, quiet=True)
    assert len(more.papers) == 52
    assert more.run.summary["update"]["new"] == 2
    assert more.papers["abstract"].tolist()[50:] == [PRIVATE, BIRDS]
    with pytest.raises(InputError, match="All 50 papers are in .* already"):
        run.update(SEED)
    with pytest.raises(EditError, match="run.edit: entry 1 of edits has 0 changes"):
        run.edit([{}])
    with pytest.raises(EditError, match="edits must be a list"):
        run.edit(3)
    with pytest.raises(EditError, match=r"Edit 1 \(drop: topic 99\): "):
        run.edit([{"drop": {"topic": 99}}], quiet=True)
    with pytest.raises(ConfigError, match="compare needs another run"):
        run.compare()


def test_bertopics_names(seed_run):
    run = load(seed_run)
    topics_, probabilities = run.transform([PRIVATE, BIRDS])
    found = run.predict([PRIVATE, BIRDS])
    assert topics_ == found["topic"].tolist()
    assert probabilities.tolist() == found["probability"].astype("float32").tolist()
    assert run.topics_ == run.labels_.tolist() == run.papers["topic"].tolist()
    info, theirs = run.get_topic_info(), run.bertopic().get_topic_info()
    assert set(info) == set(theirs)
    assert dict(zip(info["CustomName"], info["Count"], strict=True)) == dict(
        zip(theirs["CustomName"], theirs["Count"], strict=True)
    )
    assert info["Count"].sum() == 50
    assert run.get_topic_info(1)["Topic"].tolist() == [1]
    words = run.keywords[run.keywords["topic"] == 1]
    assert run.get_topic(1) == list(zip(words["term"], words["weight"], strict=True))
    assert run.get_topics()[1] == run.get_topic(1)
    assert run.get_topic(-1) == []
    docs = run.get_representative_docs(0)
    assert docs == [run.documents[row] for row in run.run.topics[0].representative]
    assert run.get_representative_docs()[0] == docs
    with pytest.raises(RunError, match="there is no topic 99; they are 0 to"):
        run.get_topic(99)


def test_an_estimator_of_scikit_learn(seed_run, tmp_path):
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.utils import estimator_checks

    checks = (
        "cloneable tags_renamed repr get_params_invariance no_attributes_set_in_init mixin_order set_params "
        "do_not_raise_errors_in_init_or_set_params valid_tag_types parameters_default_constructible"
    )
    for name in checks.split():
        stem = "check_estimator_" if name in ("cloneable", "tags_renamed", "repr") else "check_"
        getattr(estimator_checks, f"{stem}{name}")("TopicModel", topics.TopicModel())
    texts = load(seed_run).documents
    model = topics.TopicModel(3, encoder="lsa", random_state=1)
    with pytest.raises(NotFittedError):
        model.predict(texts)
    kept = topics.TopicModel(3, encoder="lsa", output=tmp_path / "run").fit(texts)
    assert pickle.loads(pickle.dumps(kept)).predict(texts).tolist() == kept.labels_.tolist()
    pipeline = make_pipeline(FunctionTransformer(list), clone(model))
    labels = pipeline.fit_predict([*texts, texts[3], "Too short."])
    fitted = pipeline[-1]
    assert labels.dtype == np.int32
    assert labels.tolist() == fitted.labels_.tolist()
    # A duplicate has the topic of its original, and what was left out has none.
    assert labels.tolist() == [*fitted.run_.topics_, labels[3], -1]
    assert pipeline.predict(texts).tolist() == fitted.run_.topics_
    assert fitted.n_topics_ == 3
    cosine = fitted.transform([*texts, "Too short."])
    assert cosine.shape == (51, 3)
    assert cosine[:50].argmax(axis=1).tolist() == fitted.run_.run.clustering.nearest_topic.tolist()
    assert not cosine[50].any()
    assert fitted.get_feature_names_out().tolist() == fitted.run_.topics["label"].tolist()
    with pytest.raises(RunError, match="lives in a temporary folder and cannot be pickled"):
        pickle.dumps(fitted)
    assert deepcopy(fitted).run_ is fitted.run_
    assert clone(fitted).fit(texts).labels_.tolist() == labels.tolist()[:50]
    given = fitted.run_.vectors
    other = topics.TopicModel(3).fit(texts, vectors=given)
    assert other.fit_predict(texts, vectors=given).tolist() == other.labels_.tolist()
    assert other.predict(texts, vectors=given).tolist() == other.labels_.tolist()


def test_bertopics_charts_are_drawn(seed_run):
    """Each on a real run; pandas 3 and few topics would stop three of them."""
    run = load(seed_run)
    model, docs = run.bertopic(), run.documents
    assert model.get_representative_docs(0) == run.get_representative_docs(0)
    found = model.get_document_info(docs)["Representative_document"].sum()
    assert found == run.topics["representative_ids"].map(len).sum()
    years = [date[:4] for date in run.papers["date"]]
    moved = model.topics_over_time(docs, [*run.papers["date"][:49], ""], evolution_tuning=False)
    binned = model.topics_over_time(docs, years, nr_bins=3)
    assert moved["Frequency"].sum() == 49
    assert binned["Frequency"].sum() == 50
    assert binned["Timestamp"].nunique() == 3
    tree = model.hierarchical_topics(docs)
    shares, tokens = model.approximate_distribution(docs[:2], min_similarity=0, calculate_tokens=True)
    charts = {
        "topics": (),
        "barchart": (),
        "heatmap": (),
        "term_rank": (),
        "hierarchy": (),
        "documents": (docs, None, None, run.layout),
        "hierarchical_documents": (docs, tree, None, None, run.layout),
        "topics_over_time": (moved,),
        "topics_per_class": (model.topics_per_class(docs, years),),
        "distribution": (shares[0],),
    }
    for name, parts in charts.items():
        figure = getattr(model, f"visualize_{name}")(*parts)
        assert figure.data, name
        assert figure.to_json()
    assert "<table" in model.visualize_approximate_distribution(docs[1], tokens[1]).to_html()
    with pytest.raises(ModelError, match="datamap draws with datamapplot: `pip install datamapplot`"):
        model.visualize_document_datamap(docs)
    code = (
        "import sys; sys.modules['plotly'] = None; from topics import load; "
        f"model = load({str(seed_run)!r}).bertopic(); model.visualize_barchart()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].endswith(
        "ModelError: visualize_barchart draws with plotly: `pip install 'paper-topics[plots]'`"
    )
