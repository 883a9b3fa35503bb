"""Records to `Corpus`: what is kept, the account, the original columns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.config import CorpusSettings
from topics.corpus.build import ACCOUNT_SCHEMA, build_corpus, summary, summary_sentence
from topics.corpus.rows import PAPER_SCHEMA
from topics.errors import InputError
from topics.types import Broken, Record

ABSTRACT = "We study how papers are read and what they say about the world of papers."


def paper(number: int = 1, **fields: object) -> Record:
    values: dict[str, object] = {
        "title": f"Title {number}",
        "abstract": f"{ABSTRACT} Part {number}.",
        "id": str(number),
        "file": "a.csv",
        "position": number,
        "original": {"title": f"Title {number}"},
    }
    return Record(**(values | fields))


SETTINGS = CorpusSettings()


def test_columns_are_those_of_the_schemas() -> None:
    corpus = build_corpus([paper()], SETTINGS)
    assert corpus.papers.column_names == list(PAPER_SCHEMA)
    assert corpus.account.column_names == list(ACCOUNT_SCHEMA)
    assert {str(field.type) for field in corpus.papers.schema} == {"string", "list<item: string>", "int64"}


@pytest.mark.parametrize(
    "field", [{"doi": "caf\udce9"}, {"date": "\udce9"}, {"identifiers": ("doi:\udce9",)}]
)
def test_a_record_that_is_not_text_in_any_field_is_left_out(field: dict[str, object]) -> None:
    corpus = build_corpus([paper(1), paper(2, **field)], SETTINGS)
    assert corpus.ids == ("1",)
    assert corpus.account.column("reason")[1].as_py().startswith("broken: bytes that are not text")


def test_order_is_the_inputs() -> None:
    corpus = build_corpus([paper(3), paper(1), paper(2)], SETTINGS)
    assert corpus.ids == ("3", "1", "2")


def test_id_is_the_inputs_then_the_doi_then_a_stable_hash() -> None:
    records = [paper(1), paper(2, id="", doi="10.1000/x"), paper(3, id=""), paper(4, id="")]
    ids = build_corpus(records, SETTINGS).ids
    assert ids[:2] == ("1", "10.1000/x")
    assert ids[2] != ids[3]
    assert ids == build_corpus(records, SETTINGS).ids


def test_account_and_sentence() -> None:
    records = [
        paper(1),
        paper(2, abstract=""),
        paper(3, abstract="Too short."),
        Broken("b.csv", 7, "not a row"),
        paper(4, title="\ud800"),
    ]
    corpus = build_corpus(records, SETTINGS)
    assert corpus.account.column("kept").to_pylist() == [True, False, False, False, False]
    reasons = corpus.account.column("reason").to_pylist()
    assert reasons[:4] == ["", "no abstract", "short abstract: 2 words", "broken: not a row"]
    assert reasons[4].startswith("broken: bytes that are not text")
    assert summary(corpus) == {
        "files": 2,
        "records": 5,
        "kept": 1,
        "no abstract": 1,
        "short abstract": 1,
        "broken": 2,
    }
    assert summary_sentence(summary(corpus)) == (
        "5 records read from 2 files: 1 kept, 1 without abstract, 1 with too short an abstract, 2 unreadable"
    )


def test_titles_alone_are_enough_when_the_settings_say_so() -> None:
    assert len(build_corpus([paper(abstract="")], CorpusSettings(min_abstract_words=0))) == 1


def test_nothing_left_is_refused_with_the_account() -> None:
    with pytest.raises(
        InputError, match="No paper is left: 1 record read from 1 file: 0 kept, 1 without abs"
    ):
        build_corpus([paper(abstract="")], SETTINGS)


def test_notices_and_languages_are_left_out_and_counted() -> None:
    french = (
        "Cet article est consacré à l'étude de la croissance des mousses sur les toits à l'ombre des arbres."
    )
    records = [
        paper(1),
        paper(2, title="Erratum to: Title 1"),
        paper(3, abstract=french),
        paper(4, kind="Erratum"),
    ]
    corpus = build_corpus(records, CorpusSettings(languages=("en",)))
    assert corpus.account.column("reason").to_pylist() == [
        "",
        "notice: by its title",
        "language: fr",
        "notice: erratum",
    ]
    assert summary_sentence(summary(corpus)).endswith("1 kept, 2 notices, 1 in other languages")
    kept = build_corpus(records, CorpusSettings(notices="keep", duplicates="keep"))
    assert kept.ids == ("1", "2", "3", "4")
    assert kept.column("language") == ["en", "en", "fr", "en"]
    assert kept.notes[-1] == (
        "1 paper is kept although it is not in en (fr 1); corpus.languages: [en] would leave it out"
    )


def test_duplicates_point_to_the_kept_paper_which_takes_their_fields() -> None:
    records = [
        paper(
            1,
            abstract="",
            doi="10.1000/x",
            identifiers=("doi:10.1000/x",),
            keywords=("moss",),
            date="2020-05",
        ),
        paper(2, doi="10.1000/x", identifiers=("doi:10.1000/x",), date="2020", title="Title 1", venue="Own"),
        paper(
            3,
            doi="10.1000/x",
            identifiers=("doi:10.1000/x",),
            url="https://x.org",
            title="Title 1",
            venue="Other",
        ),
    ]
    corpus = build_corpus(records, SETTINGS)
    assert corpus.ids == ("2",)
    kept = corpus.papers.to_pylist()[0]
    assert (kept["keywords"], kept["url"], kept["venue"], kept["date"]) == (
        ["moss"],
        "https://x.org",
        "Own",
        "2020-05",
    )
    account = corpus.account.to_pylist()
    assert [row["duplicate_of"] for row in account] == ["2", "", "2"]
    assert [row["reason"] for row in account] == ["duplicate: same DOI", "", "duplicate: same DOI"]
    assert kept["original"] == json.dumps(records[1].original)


def test_arxiv_versions_collapse_to_the_last() -> None:
    versions = [paper(n, id=f"2301.00001v{n}", identifiers=("arxiv:2301.00001",)) for n in (2, 10, 1)]
    corpus = build_corpus(versions, SETTINGS)
    assert corpus.ids == ("2301.00001v10",)
    assert set(corpus.account.column("reason").to_pylist()) == {"", "duplicate: same arXiv id"}


def test_a_cut_abstract_does_not_win() -> None:
    whole = ABSTRACT + " " + "It goes on for a while with more words that say more things. " * 5
    same = {"identifiers": ("doi:10.1000/x",), "title": "Title 1"}
    corpus = build_corpus([paper(1, **same), paper(2, abstract=whole, **same)], SETTINGS)
    assert corpus.ids == ("2",)


def test_duplicates_can_be_kept() -> None:
    records = [paper(1), paper(1, id="other")]
    assert len(build_corpus(records, SETTINGS)) == 1
    assert len(build_corpus(records, CorpusSettings(duplicates="keep"))) == 2


def test_ids_stay_unique() -> None:
    words = ["one", "two", "three", "four"]
    records = [
        paper(n, id="7", title=f"A title of {word}", abstract=f"{word} " * 20) for n, word in enumerate(words)
    ]
    corpus = build_corpus(records, SETTINGS)
    assert corpus.ids == ("7", "7-2", "7-3", "7-4")
    assert corpus.notes[-1] == "3 papers had another paper's id and got a number added to it"
    assert corpus.account.column("id").to_pylist() == list(corpus.ids)


def test_records_beyond_one_batch_keep_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topics.corpus.rows.PART", 3)
    monkeypatch.setattr("topics.corpus.build.PART", 3)
    words = [f"w{n}{'abcdefgh'[n % 8]}" for n in range(20)]
    records = [
        paper(n, title=f"On {word} and its uses {n}", abstract=f"{word} {word} is " * 9)
        for n, word in enumerate(words)
    ]
    records[11] = paper(11, title=records[4].title, abstract=records[4].abstract, authors=("A Byron",))
    records[7] = Broken("a.csv", 7, "odd")
    corpus = build_corpus(records, SETTINGS)
    assert corpus.ids == tuple(str(n) for n in range(20) if n not in (7, 11))
    account = corpus.account.to_pylist()
    assert [row["position"] for row in account] == list(range(20))
    assert (account[11]["duplicate_of"], account[7]["reason"]) == ("4", "broken: odd")
    assert corpus.column("authors")[4] == ["A Byron"]


def test_assumptions_become_notes() -> None:
    chosen = CorpusSettings(duplicates="keep")
    corpus = build_corpus([paper(1, assumed="the year"), paper(2, assumed="the year"), paper(3)], chosen)
    assert corpus.notes[0] == "2 records: the year"


@pytest.mark.parametrize("by_name", [True, False])
def test_fields_that_hardly_any_record_has_are_said(by_name: bool) -> None:
    def bare(number: int, file: str, **more: object) -> Record:
        values = {"authors": (), "date": "", "abstract": f"{number} {ABSTRACT}", "file": file, **more}
        return paper(number, by_name=by_name, original={"Titel": "x", "Note": "y"}, **values)

    records = [bare(n, "a.csv", authors=("A",) if n == 1 else ()) for n in range(1, 12)]
    records += [bare(n, file, date="2020") for file in ("b.csv", "c.csv") for n in (21, 22)]
    whole = [paper(n, file="d.csv", authors=("A",), date="2020") for n in range(31, 41)]
    missing = [paper(n, file="d.csv", authors=(), date="") for n in range(41, 50)]
    chosen = CorpusSettings(duplicates="keep")
    columns = "; the columns are Titel, Note; " if by_name else "; the fields are Titel, Note"
    names = ["corpus.columns.date and corpus.columns.authors name the right ones"] * by_name
    name = ["corpus.columns.authors names the right one"] * by_name
    assert [note for note in build_corpus([*records, *whole, *missing], chosen).notes if ".csv" in note] == [
        f"a.csv: fewer than a tenth of the papers have a date or authors{columns}{''.join(names)}",
        f"b.csv and 1 more file: no paper has authors{columns}{''.join(name)}",
    ]


def test_a_translated_abstract_becomes_an_input_column() -> None:
    own = f"{ABSTRACT} We study the growth of moss on the roofs of houses and find that it is fast."
    other = "Este artículo estudia el crecimiento del musgo en los tejados a la sombra de los árboles viejos."
    corpus = build_corpus([paper(1, abstract=f"{own}\n\n{other}", original={"AB": [own, other]})], SETTINGS)
    assert tuple(corpus.abstracts) == (own,)
    assert corpus.column("language") == ["en"]
    assert json.loads(corpus.column("original")[0]) == {"AB": [own, other], "abstract_other_language": other}


def test_titles_alone_are_offered_where_there_are_no_abstracts() -> None:
    offer = "corpus.min_abstract_words: 0 works on titles alone"
    with pytest.raises(InputError, match=offer):
        build_corpus([paper(1, abstract=""), paper(2, abstract="")], SETTINGS)
    alone = [paper(n, abstract="", file="a.ris", title=f"Title of paper {n * 7}") for n in range(9)]
    (note,) = [note for note in build_corpus([paper(99), *alone], SETTINGS).notes if "a.ris" in note]
    assert "no paper has" in note
    assert note.endswith(offer)
    with pytest.raises(InputError) as caught:
        build_corpus([paper(1, title="", abstract="")], SETTINGS)
    assert offer not in str(caught.value)


def test_original_is_plain_json_even_with_nan() -> None:
    corpus = build_corpus([paper(original={"score": float("nan"), "list": [float("inf")]})], SETTINGS)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = corpus.column("original")[0]
    assert json.loads(text, parse_constant=refuse) == {"score": None, "list": [None]}


ITEMS = st.lists(
    st.one_of(
        st.builds(
            paper, st.integers(0, 5), abstract=st.sampled_from(["", "short", ABSTRACT, ABSTRACT + " B"])
        ),
        st.builds(Broken, st.sampled_from(["a.csv", "b.csv"]), st.integers(1, 9), st.just("odd")),
    ),
    max_size=12,
)


@given(ITEMS)
def test_counts_add_up(items: list[Record | Broken]) -> None:
    corpus = build_corpus([paper(99), *items], SETTINGS)
    counts = summary(corpus)
    files, records = counts.pop("files"), counts.pop("records")
    assert files == len({"a.csv", *(item.file for item in items)})
    assert records == len(items) + 1 == sum(counts.values())
    assert counts["kept"] == len(corpus) == sum(corpus.account.column("kept").to_pylist())
