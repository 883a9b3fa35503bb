"""The settings of a run: every key, its meaning, default and range.

This is the only place where they are written down. `topics.config.load` reads, checks and explains them;
`configs/default.yaml` and `topics init` are generated from these classes.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from topics.config.fields import EMPTY_IS_NONE, Address, Day, Encoding, Model, Moment, Name, Variable

Auto = Literal["auto"]
MOST_WINDOWS = 8
TORN = "torn_text"


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _writable(cls, given: object) -> object:
        """Lone surrogates can neither be written as UTF-8 nor drawn, and no path has a zero byte."""
        for text in given if isinstance(given, list | tuple) else (given,):
            if not isinstance(text, str):
                continue
            if "\0" in text:
                raise PydanticCustomError(TORN, "holds a zero byte; write it without")
            if any(unicodedata.category(sign) == "Cs" for sign in text):
                half = "holds half of a character (a lone surrogate); write whole characters, in UTF-8"
                raise PydanticCustomError(TORN, half)
        return given


class ColumnSettings(Section):
    """Names of input columns, where the conventions do not find them."""

    id: str | None = Field(None, description="column with a unique id")
    title: str | None = Field(None, description="column with the title")
    abstract: str | None = Field(None, description="column with the abstract")
    date: str | None = Field(None, description="column with the date or year")
    authors: str | None = Field(None, description="column with the authors")
    url: str | None = Field(None, description="column with a web address")
    doi: str | None = Field(None, description="column with the DOI")
    venue: str | None = Field(None, description="column with the journal or conference")
    keywords: str | None = Field(None, description="column with the authors' keywords")
    categories: str | None = Field(None, description="column with categories or classes")
    language: str | None = Field(None, description="column with the language")


class CorpusSettings(Section):
    """Which papers are read, and which are left out."""

    papers: tuple[str, ...] = Field(
        (), description="paper files, relative to this file (or given on the command line)"
    )
    format: str = Field("auto", description="auto, or the name of one reader for all files")
    encoding: Encoding = Field(
        "auto", description="auto (UTF-8 or UTF-16), or the encoding of all files, as in cp1252"
    )
    reference_date: Day | None = Field(
        None,
        description="the day a listing was copied: a date without a year is the last such day "
        "at or before it; empty means today",
    )
    columns: ColumnSettings = Field(
        ColumnSettings(), description="names of input columns, where the conventions do not find them"
    )
    min_abstract_words: int = Field(
        10,
        ge=0,
        le=1000,
        description="a paper with a shorter abstract is left out and counted; 0 keeps titles; two characters "
        "of Chinese or Japanese count as a word, five of Thai",
    )
    duplicates: Literal["drop", "keep"] = Field(
        "drop", description="what happens to further records of a paper that is already there"
    )
    same_abstract: float = Field(
        0.8, ge=0.5, le=1.0, description="two abstracts with this share of three-word runs are one text"
    )
    notices: Literal["drop", "keep"] = Field(
        "drop", description="what happens to errata, retractions, withdrawn papers and bare editorials"
    )
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = Field(
        (), description="two-letter codes of the languages to keep, as in [en]; empty keeps all"
    )


class EmbedSettings(Section):
    """How texts become vectors."""

    encoder: str = Field(
        "minilm",
        min_length=1,
        description="minilm (all-MiniLM-L6-v2, English, no torch), multilingual (multilingual-e5-small, some "
        "hundred languages, needs paper-topics[multilingual]), lsa (TF-IDF and SVD, no weights), distilled "
        "(minilm reads a sample, a student of it all papers), a .npy file of "
        "precomputed vectors, or any sentence-transformers model by name or folder",
    )
    max_tokens: int = Field(
        128, ge=16, le=512, description="how many tokens of each text minilm or multilingual reads"
    )
    windows: Annotated[float, Field(ge=1, le=MOST_WINDOWS)] | Auto = Field(
        "auto",
        description="how many stretches of max_tokens they read, one after the other, and average; of 2.5 "
        "the third counts half; more costs as many times the time; auto is 3 for up to 100 papers "
        "(most abstracts end within three), and falls to 1 for 200 and more",
    )
    precision: Literal["fp32", "int8"] = Field(
        "fp32", description="minilm's arithmetic; int8 is faster, and what multilingual always has"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="where minilm in fp32 and sentence-transformers models compute; auto takes a graphics "
        "card where ONNX Runtime or torch finds one, and its vectors differ from a processor's in the last "
        "digits",
    )
    model_dir: str | None = Field(
        None,
        description="folder with minilm's model.safetensors, or multilingual's e5-small-q4.bin, instead of "
        "the installed package",
    )
    own_words: Annotated[float, Field(ge=0, le=1)] | Auto = Field(
        "auto",
        description="how much what lsa learns from these papers counts beside a pretrained model, whose "
        "vectors count 1; auto is 0 up to 500 papers and grows to 0.3 for minilm, or to 0.5 for "
        "multilingual where papers are in one language, at 1,000; 0 for all other encoders",
    )
    teacher_papers: int = Field(
        20_000,
        ge=100,
        le=1_000_000,
        description="how many papers minilm reads for distilled; a corpus of no more is left to minilm",
    )
    dimensions: int = Field(
        200,
        ge=2,
        le=2000,
        description="most dimensions of lsa's vectors, also beside a model, never more than the root of the "
        "papers, or 5; for distilled, of what it learns from besides words",
    )

    @property
    def fixed_windows(self) -> float:
        """`windows`; 1 where they are left to the number of papers and that is not known."""
        return 1 if self.windows == "auto" else self.windows


class ReduceSettings(Section):
    """The neighbour graph, and UMAP from it to the space that methods hdbscan and agglomerative group."""

    n_neighbors: Annotated[int, Field(ge=2, le=200)] | Auto = Field(
        "auto", description="size of a neighbourhood in papers"
    )
    n_components: int = Field(5, ge=2, le=50, description="dimensions of the clustered space")
    min_dist: float = Field(0.0, ge=0.0, le=0.99, description="how tightly UMAP packs points")
    layouts: int = Field(
        1,
        ge=1,
        le=20,
        description="without effect, for configurations of earlier versions, which made several layouts",
    )


class ClusterSettings(Section):
    """How papers are grouped, and how many groups there are."""

    method: Literal["auto", "hdbscan", "kmeans", "agglomerative", "leiden"] = Field(
        "auto",
        description="auto: what many groupings by k-means agree on (vectors and neighbour graph, several "
        "numbers of groups); "
        "hdbscan: one HDBSCAN of one layout; kmeans: of the vectors; agglomerative: Ward's linkage of one "
        "layout; leiden: communities of the neighbour graph (needs paper-topics[leiden])",
    )
    n_topics: Annotated[int, Field(ge=2, le=5000)] | Auto = Field(
        "auto", description="number of topics; not with method hdbscan"
    )
    resolution: float = Field(
        1.0,
        ge=0.1,
        le=10.0,
        description="with method auto: 2 for about twice as many topics as it would find, .5 for half "
        "as many (docs/levels.md)",
    )
    min_cluster_size: Annotated[int, Field(ge=2)] | Auto = Field(
        "auto", description="fewest papers of a topic"
    )
    min_samples: Annotated[int, Field(ge=1)] | Auto = Field(
        "auto", description="with method hdbscan: its neighbourhood, which decides how sparse an outlier lies"
    )


class GuideTopic(Section):
    """One topic to find: its name, and how its papers are recognized."""

    name: Name = Field(description="the topic's label, which it keeps")
    terms: tuple[Name, ...] = Field((), description="words and phrases that its papers use")
    description: str = Field("", description="what it is about, in a sentence")
    papers: tuple[Annotated[str, BeforeValidator(str)], ...] = Field(
        (), description="ids of papers that belong to it"
    )


class GuideSettings(Section):
    """Topics to find by name, besides or instead of those that clustering finds."""

    topics: tuple[GuideTopic, ...] = Field(
        (), description="topics that must be there, each with its name and terms, a description or papers"
    )
    taxonomy: str | None = Field(
        None,
        description="a CSV file with the columns name and description: topics that are there if a paper "
        "supports them",
    )
    mode: Literal["guided", "zero_shot"] = Field(
        "guided",
        description="guided: all other topics are found as usual; zero_shot: papers of none of the given "
        "topics are outliers",
    )


class LlmSettings(Section):
    """A language model that words the labels. Without url and model none is asked and nothing is sent."""

    url: Annotated[Address | None, EMPTY_IS_NONE] = Field(
        None,
        description="where an OpenAI-compatible server listens, as http://localhost:11434/v1; keywords, "
        "labels, and titles and beginnings of abstracts of representative papers are sent there",
    )
    model: Annotated[Model | None, EMPTY_IS_NONE] = Field(
        None, description="the model's name, as that server knows it"
    )
    key_env: Annotated[Variable | None, EMPTY_IS_NONE] = Field(
        "OPENAI_API_KEY",
        description="the environment variable that holds the server's key, if it is set; empty sends none",
    )
    sampling: Literal["greedy", "default"] = Field(
        "greedy",
        description="greedy: temperature 0 and random_state as the seed are sent; default: neither, for "
        "models that refuse them",
    )
    timeout: int = Field(120, ge=1, le=3600, description="seconds that one answer may take")

    @property
    def asked(self) -> dict[str, str | None]:
        """What answers depend on: which model, where, and how it samples."""
        return {"url": self.url, "model": self.model, "sampling": self.sampling if self.model else None}


class LabelSettings(Section):
    """Keywords, names and representative papers."""

    keywords: int = Field(10, ge=3, le=50, description="keywords per topic")
    ngram_max: int = Field(3, ge=1, le=5, description="longest keyword in words")
    min_df: int | Auto = Field("auto", description="fewest papers a keyword occurs in, or auto")
    stop_words: tuple[str, ...] = Field(
        (), description="words that must not be keywords, besides the built-in"
    )
    representative: int = Field(3, ge=1, le=20, description="representative papers per topic")
    llm: Annotated[LlmSettings, BeforeValidator(lambda given: {} if given is None else given)] = LlmSettings()

    @property
    def own(self) -> dict[str, object]:
        """All but the language model, as JSON-ready values."""
        return self.model_dump(mode="json", exclude={"llm"})


class MapSettings(Section):
    """The 2D map."""

    title: str | None = Field(None, description="the map's heading; empty means the corpus and its size")
    min_dist: float = Field(0.1, ge=0.0, le=0.99, description="how tightly UMAP packs points on the map")
    theme: Literal["light", "dark"] = Field("light", description="background of the pictures")
    width_mm: float = Field(180.0, ge=60.0, le=600.0, description="width of map.png and map.svg")
    color: str = Field(
        "topic",
        min_length=1,
        description="what colours mean: topic, date, probability, category or a column's name",
    )


class TrendSettings(Section):
    """How topics change over time."""

    period: Literal["auto", "year", "quarter", "month"] = Field(
        "auto", description="length of a period; auto takes the longest that leaves at least 5 of them"
    )
    start: Moment | None = Field(None, description="leave out papers before this year, month or day")
    end: Moment | None = Field(None, description="leave out papers after this year, month or day")
    incomplete: Literal["auto", "none", "first", "last", "both"] = Field(
        "auto",
        description="which end periods hold only part of their papers and stay out of the tests; auto looks "
        "at dates and totals",
    )
    min_papers: int = Field(20, ge=5, le=10_000, description="fewest papers of a topic that is tested")
    alpha: float = Field(
        0.05, ge=0.001, le=0.2, description="share of false claims that is tolerated among all claims"
    )
    keywords: int = Field(6, ge=1, le=30, description="keywords per topic and period")


class ShardSettings(Section):
    """Runs of more papers than one machine holds (`topics run --engine`): what is done in parts."""

    papers_per_shard: int = Field(
        10_000, ge=10, le=1_000_000, description="how many records are read, cleaned and labelled together"
    )
    fit_papers: int = Field(
        100_000,
        ge=10,
        le=10_000_000,
        description="how many papers the topics are found in: a sample with each year's share of all papers",
    )


class CacheSettings(Section):
    """Where finished stages are kept, so that a second run only repeats what changed."""

    dir: str | None = Field(
        None, description="the cache folder; empty means the user's cache folder (or $TOPICS_CACHE)"
    )


class Config(Section):
    """One run."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$", examples=["my-papers"])] | None = Field(
        None, description="the run's name and output folder; empty means the file's name"
    )
    output_dir: str = Field("outputs", description="folder that holds the runs, relative to where you are")
    random_state: int = Field(42, ge=0, le=2**32 - 1, description="the one seed of everything random")
    corpus: CorpusSettings = CorpusSettings()
    embed: EmbedSettings = EmbedSettings()
    reduce: ReduceSettings = ReduceSettings()
    cluster: ClusterSettings = ClusterSettings()
    guide: GuideSettings = GuideSettings()
    label: LabelSettings = LabelSettings()
    map: MapSettings = MapSettings()
    trends: TrendSettings = TrendSettings()
    shards: ShardSettings = ShardSettings()
    cache: CacheSettings = CacheSettings()
