"""Settings: what is accepted, and the one sentence for what is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.config import Config
from topics.config.fields import plain_name
from topics.config.load import as_yaml, load_config, validate
from topics.errors import ConfigError


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"embd": {}}, "c.yaml: unknown key embd; did you mean embed?"),
        ({"embed": {"encodr": "lsa"}}, "c.yaml: unknown key embed.encodr; did you mean encoder?"),
        (
            {"reduce": {"n_neighbors": 1}},
            "c.yaml: reduce.n_neighbors is 1, but must be a whole number from 2 to 200, or auto",
        ),
        (
            {"reduce": {"n_neighbors": "many"}},
            "c.yaml: reduce.n_neighbors is 'many', but must be a whole number from 2 to 200, or auto",
        ),
        ({"map": {"theme": "blue"}}, "c.yaml: map.theme is 'blue', but must be light or dark"),
        ({"embed": 3}, "c.yaml: embed must be a section with keys below it"),
        (
            {"random_state": -1},
            "c.yaml: random_state is -1, but must be a whole number from 0 to 4294967295",
        ),
        (
            {"corpus": {"reference_date": "2026-13-01"}},
            "c.yaml: corpus.reference_date is '2026-13-01', but must be a text such as 2026-06-01, or empty",
        ),
        ({"name": "a/b"}, "c.yaml: name is 'a/b', but must be a text such as my-papers, or empty"),
        ({"name": ".."}, "c.yaml: name is '..', but must be a text such as my-papers, or empty"),
        (
            {"guide": {"topics": [{"name": "a" * 100_000}]}},
            f"c.yaml: entry 1 of guide.topics: name is '{'a' * 99}…, but must be a text of 1 to "
            "100 characters, none of them a control character",
        ),
        (
            {"guide": {"topics": [{"name": "red\x1b[31m"}]}},
            "c.yaml: entry 1 of guide.topics: name is 'red\\x1b[31m', but must be a text of 1 to 100 "
            "characters, none of them a control character",
        ),
        (
            {"guide": {"topics": [{"name": "a", "terms": ["b", " "]}]}},
            "c.yaml: entry 1 of guide.topics: terms is ' ', but must be a list of texts of 1 to 100 "
            "characters, none of them a control character",
        ),
    ],
)
def test_mistakes_get_one_exact_sentence(tree, sentence):
    with pytest.raises(ConfigError) as caught:
        validate(tree, "c.yaml")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("tree", "key"),
    [
        ({"map": {"title": "a \ud800"}}, "map.title"),
        ({"map": {"color": "\udcff"}}, "map.color"),
        ({"label": {"stop_words": ["moss", "\udfff"]}}, "label.stop_words"),
        ({"label": {"llm": {"model": "\ud800"}}}, "label.llm.model"),
        ({"trends": {"start": "2016\udcff"}}, "trends.start"),
        ({"corpus": {"columns": {"title": "\ud800"}}}, "corpus.columns.title"),
        ({"guide": {"topics": [{"name": "a\ud800"}]}}, "entry 1 of guide.topics: name"),
        (
            {"guide": {"topics": [{"name": "a", "description": "\ud800"}]}},
            "entry 1 of guide.topics: description",
        ),
    ],
)
def test_half_of_a_character_is_refused_in_every_text(tree, key):
    with pytest.raises(ConfigError) as caught:
        validate(tree, "c.yaml")
    said = "holds half of a character (a lone surrogate); write whole characters, in UTF-8"
    assert str(caught.value) == f"c.yaml: {key} {said}"


def test_half_of_a_character_is_refused_as_yaml_writes_it(tmp_path):
    (tmp_path / "c.yaml").write_text('map: {title: "a \\ud800"}\n')
    with pytest.raises(ConfigError, match=r"c\.yaml: map\.title holds half of a character"):
        load_config(tmp_path / "c.yaml")


@given(st.text(max_size=120))
def test_a_name_is_one_short_line_or_refused(text):
    line = " ".join(text.split())
    if not 0 < len(line) <= 100 or re.search("[\x00-\x1f\x7f-\x9f]", line):
        with pytest.raises(ValueError, match="a text of 1 to 100 characters, none of them a control"):
            plain_name(text)
        return
    name = plain_name(text)
    assert name == line
    assert plain_name(name) == name


def test_a_name_over_two_lines_is_joined():
    tree = {"guide": {"topics": [{"name": " moss\n on\troofs ", "terms": [1984]}]}}
    (topic,) = validate(tree, "c.yaml").guide.topics
    assert (topic.name, topic.terms) == ("moss on roofs", ("1984",))


@pytest.mark.parametrize("comments", [True, False])
def test_written_settings_read_back(tmp_path, comments):
    path = tmp_path / "c.yaml"
    path.write_text(as_yaml(Config(), comments=comments), encoding="utf-8")
    assert load_config(path) == Config()


def test_every_setting_is_explained():
    def walk(section):
        for name, field in section.model_fields.items():
            inner = field.annotation
            if isinstance(inner, type) and hasattr(inner, "model_fields"):
                assert inner.__doc__, name
                walk(inner)
            else:
                assert field.description, f"{section.__name__}.{name} has no description"

    walk(Config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [1", "not readable as YAML at line"),
        ("- a\n- b", "a config is a list of `key: value` lines"),
        ("name: a\nname: b", "the key 'name' is given twice, from line 1 on; keep one of them"),
        (b"name: \xff\xfe", "a config must be UTF-8 text"),
    ],
)
def test_unreadable_files(tmp_path, text, sentence):
    path = tmp_path / "c.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_missing_file_names_init(tmp_path):
    with pytest.raises(ConfigError, match="no such config file; `topics init` writes one"):
        load_config(tmp_path / "none.yaml")


def test_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "corpus: {papers: [../p.csv, /abs/q.csv]}\nembed: {encoder: v.npy, model_dir: m}\n"
    )
    config = load_config(tmp_path / "c.yaml")
    assert config.corpus.papers == (str(tmp_path.parent / "p.csv"), "/abs/q.csv")
    assert config.embed.encoder == str(tmp_path / "v.npy")
    assert config.embed.model_dir == str(tmp_path / "m")


def test_a_date_stays_text(tmp_path):
    (tmp_path / "c.yaml").write_text("corpus: {reference_date: 2026-06-01}\n")
    assert load_config(tmp_path / "c.yaml").corpus.reference_date == "2026-06-01"


def test_overrides_win_and_are_typed(tmp_path):
    (tmp_path / "c.yaml").write_text("label: {keywords: 5}\n")
    overrides = ["label.keywords=8", "embed.encoder=lsa", "label.stop_words=[a, b]"]
    config = load_config(tmp_path / "c.yaml", overrides)
    assert (config.label.keywords, config.embed.encoder) == (8, "lsa")
    assert config.label.stop_words == ("a", "b")


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("keywords", "--set"),
        ("sk-secret", "--set"),
        (" pw", "--set"),
        ("=3", "--set"),
        (":pw", "--set"),
        ("label.=3", "--set label."),
        ("label.llm.url:https://u:pw@h", "--set label.llm.url"),
        ("label.llm.url: https://u:pw@h/?a=b", "--set label.llm.url"),
        ("label.llm.url.=https://u:pw@h", "--set label.llm.url."),
    ],
)
def test_a_malformed_override_is_not_repeated_with_its_value(override, named):
    with pytest.raises(ConfigError) as caught:
        load_config(None, [override])
    assert str(caught.value) == f"{named}: write it as section.key=value, for example label.keywords=8"


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["random_state=3", "random_state.x=4"], "--set random_state.x: random_state is not a section"),
        (
            ["label.llm.url=https://h", "label.llm.url.key=pw"],
            "--set label.llm.url.key: url is not a section",
        ),
    ],
)
def test_an_override_below_a_value_is_refused_and_not_repeated_with_its_value(overrides, sentence):
    with pytest.raises(ConfigError) as caught:
        load_config(None, overrides)
    assert str(caught.value) == sentence
