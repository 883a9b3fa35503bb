"""The settings of a run: one YAML file, checked as a whole before anything is loaded.

Every key, its meaning, default and range are written here once; `configs/default.yaml`, `topics init` and
the documentation are generated from these classes.
"""

from __future__ import annotations

import datetime
import difflib
import os
import textwrap
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from topics.errors import ConfigError

Auto = Literal["auto"]


def _day(text: str) -> str:
    return datetime.date.fromisoformat(text).isoformat()


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=True)


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
    reference_date: Annotated[str, AfterValidator(_day), Field(examples=["2026-06-01"])] | None = Field(
        None,
        description="the day a listing was copied (YYYY-MM-DD): a date without a year is the last such day "
        "at or before it; empty means today",
    )
    columns: ColumnSettings = Field(
        ColumnSettings(), description="names of input columns, where the conventions do not find them"
    )
    min_abstract_words: int = Field(
        10, ge=0, le=1000, description="a paper with a shorter abstract is left out and counted"
    )


class EmbedSettings(Section):
    """How texts become vectors."""

    encoder: str = Field(
        "minilm",
        min_length=1,
        description="minilm (all-MiniLM-L6-v2, no torch), lsa (TF-IDF and SVD, no weights), a .npy file of "
        "precomputed vectors, or any sentence-transformers model by name or folder",
    )
    max_tokens: int = Field(128, ge=16, le=512, description="how many tokens of each text minilm reads")
    precision: Literal["fp32", "int8"] = Field("fp32", description="minilm's arithmetic; int8 is faster")
    model_dir: str | None = Field(
        None, description="folder with minilm's model.safetensors, instead of the installed package"
    )
    dimensions: int = Field(200, ge=2, le=2000, description="length of lsa's vectors")


class ReduceSettings(Section):
    """UMAP from the vectors to the space that is clustered."""

    n_neighbors: Annotated[int, Field(ge=2, le=200)] | Auto = Field(
        "auto", description="size of a neighbourhood in papers"
    )
    n_components: int = Field(5, ge=2, le=50, description="dimensions of the clustered space")
    min_dist: float = Field(0.0, ge=0.0, le=0.99, description="how tightly UMAP packs points")


class ClusterSettings(Section):
    """How papers are grouped, and how many groups there are."""

    method: Literal["auto", "hdbscan"] = Field("auto", description="auto or hdbscan")
    min_cluster_size: int | Auto = Field("auto", description="fewest papers of a topic, 2 or more, or auto")
    min_samples: int | Auto = Field("auto", description="HDBSCAN's neighbourhood, 1 or more, or auto")


class LabelSettings(Section):
    """Keywords, names and representative papers."""

    keywords: int = Field(10, ge=3, le=50, description="keywords per topic")
    ngram_max: int = Field(3, ge=1, le=5, description="longest keyword in words")
    min_df: int | Auto = Field("auto", description="fewest papers a keyword occurs in, or auto")
    stop_words: tuple[str, ...] = Field(
        (), description="words that must not be keywords, besides the built-in"
    )
    representative: int = Field(3, ge=1, le=20, description="representative papers per topic")


class MapSettings(Section):
    """The 2D map."""

    title: str | None = Field(None, description="the map's heading; empty means the corpus and its size")
    min_dist: float = Field(0.1, ge=0.0, le=0.99, description="how tightly UMAP packs points on the map")
    theme: Literal["light", "dark"] = Field("light", description="background of the pictures")
    width_mm: float = Field(180.0, ge=60.0, le=600.0, description="width of map.png and map.svg")


class CacheSettings(Section):
    """Where finished stages are kept, so that a second run only repeats what changed."""

    dir: str | None = Field(
        None, description="the cache folder; empty means the user's cache folder (or $TOPICS_CACHE)"
    )


class Config(Section):
    """One run."""

    name: str | None = Field(
        None,
        pattern=r"^[\w.-]+$",
        description="the run's name and output folder; empty means the file's name",
    )
    output_dir: str = Field("outputs", description="folder that holds the runs, relative to where you are")
    random_state: int = Field(42, ge=0, le=2**32 - 1, description="the one seed of everything random")
    corpus: CorpusSettings = CorpusSettings()
    embed: EmbedSettings = EmbedSettings()
    reduce: ReduceSettings = ReduceSettings()
    cluster: ClusterSettings = ClusterSettings()
    label: LabelSettings = LabelSettings()
    map: MapSettings = MapSettings()
    cache: CacheSettings = CacheSettings()


class _PlainLoader(yaml.SafeLoader):
    """YAML without timestamps (a date stays the text that was written) and without repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ConfigError(f"the key {key!r} stands twice, line {node.start_mark.line + 1} and after")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_config(path: Path | None, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML config (defaults when `path` is None), apply `section.key=value` overrides, check all.

    Paths inside the file are relative to the file; in the result they are relative to the working directory.

    Raises ConfigError: unreadable file, bad YAML, unknown key (with the nearest known one), bad value.
    """
    tree: dict[str, Any] = {} if path is None else _read_yaml(path)
    if path is not None:
        _anchor_paths(tree, path.parent)
    for override in overrides:
        _apply(tree, override)
    return validate(tree, "the settings" if path is None else str(path))


def validate(tree: Mapping[str, Any], where: str) -> Config:
    """Check nested settings as a whole; `where` names their source in error messages."""
    try:
        return Config.model_validate(dict(tree))
    except ValidationError as error:
        raise ConfigError(_explain(error, where)) from None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config file; `topics init` writes one") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: a config must be UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        tree = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - _PlainLoader is a SafeLoader
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}; keep one of them") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError(f"{path}: not readable as YAML{line}: {problem}") from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{path}: a config is a list of `key: value` lines; `topics init` writes an example"
        )
    return tree


def _anchor_paths(tree: dict[str, Any], folder: Path) -> None:
    def anchored(value: Any) -> Any:
        return os.path.normpath(folder / value) if isinstance(value, str) else value

    corpus, embed = tree.get("corpus"), tree.get("embed")
    if isinstance(corpus, dict) and "papers" in corpus:
        papers = corpus["papers"]
        corpus["papers"] = [anchored(p) for p in papers] if isinstance(papers, list) else [anchored(papers)]
    if isinstance(embed, dict):
        if str(embed.get("encoder", "")).startswith((".", "/")) or str(embed.get("encoder")).endswith(".npy"):
            embed["encoder"] = anchored(embed["encoder"])
        if embed.get("model_dir"):
            embed["model_dir"] = anchored(embed["model_dir"])


def _apply(tree: dict[str, Any], override: str) -> None:
    dotted, equals, text = override.partition("=")
    keys = dotted.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError(f"--set {override}: write it as section.key=value, for example label.keywords=8")
    try:
        value = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - _PlainLoader is a SafeLoader
    except (yaml.YAMLError, ConfigError):
        value = text
    section = tree
    for key in keys[:-1]:
        inner = section.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {key} is not a section")
        section = inner
    section[keys[-1]] = value


def _explain(error: ValidationError, where: str) -> str:
    first = error.errors(include_url=False)[0]
    section: type[BaseModel] = Config
    path: list[str] = []
    for part in first["loc"]:
        field = section.model_fields.get(str(part))
        if field is None:
            break
        path.append(str(part))
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return f"{where}: {'.'.join(path)} is {_shown(error, path)}, but must be {describe(field)}"
        section = field.annotation
    if first["type"] != "extra_forbidden":
        return f"{where}: {'.'.join(path)} must be a section with keys below it"
    wrong = str(first["loc"][len(path)])
    near = difflib.get_close_matches(wrong, section.model_fields, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(section.model_fields)}"
    return f"{where}: unknown key {'.'.join([*path, wrong])}; {hint}"


def _shown(error: ValidationError, path: list[str]) -> str:
    for entry in error.errors(include_url=False):
        if list(entry["loc"][: len(path)]) == path:
            return repr(entry["input"])
    return "not valid"


def describe(field: FieldInfo) -> str:
    """What a setting accepts, in words: "a whole number from 2 to 200, or auto"."""
    return _describe(field.annotation, field.metadata)


def _describe(annotation: Any, metadata: Sequence[Any]) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        inner = [
            m for item in arguments[1:] for m in (item.metadata if isinstance(item, FieldInfo) else [item])
        ]
        return _describe(arguments[0], [*metadata, *inner])
    if origin in (typing.Union, types.UnionType):
        parts = [_describe(argument, metadata) for argument in arguments]
        return f"{', '.join(parts[:-1])}, or {parts[-1]}"
    if origin is Literal:
        return " or ".join(str(argument) for argument in arguments)
    if origin is tuple:
        return "a list of " + _describe(arguments[0], []).removeprefix("a ") + "s"
    words = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        str: "a text",
        type(None): "empty",
    }
    return words[annotation] + _range(metadata)


def _range(metadata: Sequence[Any]) -> str:
    bounds = {
        name: getattr(m, name) for m in metadata for name in ("ge", "gt", "le", "lt") if hasattr(m, name)
    }
    example = next((m.example for m in metadata if isinstance(m, _Example)), None)
    if example:
        return f" such as {example}"
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else ""


def as_yaml(config: Config, *, comments: bool) -> str:
    """The settings as YAML; with `comments`, each key's meaning and range stand above it."""
    return "\n".join(_yaml_lines(config, 0, comments)) + "\n"


def _yaml_lines(section: BaseModel, depth: int, comments: bool) -> list[str]:
    lines: list[str] = []
    indent = "  " * depth
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        nested = isinstance(value, BaseModel)
        if comments:
            meaning = (
                (type(value).__doc__ or "").strip() if nested else f"{field.description}: {describe(field)}"
            )
            if nested and depth == 0:
                lines.append("")
            lines += textwrap.wrap(
                meaning, 100, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}#   "
            )
        if nested:
            lines += [f"{indent}{name}:", *_yaml_lines(value, depth + 1, comments)]
        else:
            plain = list(value) if isinstance(value, tuple) else value
            lines.append(f"{indent}{name}: {_yaml_scalar(plain)}".rstrip())
    return lines


def _yaml_scalar(value: Any) -> str:
    if value is None:
        return ""
    return (
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000)
        .removesuffix("...\n")
        .strip()
    )
