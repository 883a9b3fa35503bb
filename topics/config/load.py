"""Config files: read, override, check, explain and write the settings of `topics.config`.

A mistake is answered with one sentence that names the file, the key and what it accepts.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
import textwrap
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from topics.config import TORN, Config
from topics.config.fields import Form
from topics.errors import ConfigError

MOST_BYTES = 1 << 20
"""Largest YAML file: a hundred times the longest config; edits may name some ten thousand papers."""

MOST_VALUES = 100_000
"""Values of a YAML file, those that an alias (`*name`) stands for counted each time."""

DEEPEST = 20
"""Levels of a YAML file. Settings have four."""

LONGEST_NUMBER = 100
"""Signs of a number."""


class _PlainLoader(yaml.SafeLoader):
    """YAML without timestamps (a date stays the text that was written) and without repeated keys, and no more
    of it than the limits above, which hold before anything is built.

    Raises ConfigError: beyond a limit, a value that contains itself, a value that does
        not fit its tag.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        before, event = self._count, self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConfigError(f"line {line} is nested more than {DEEPEST} levels deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent) and id(node) not in self._sizes:
            raise ConfigError(f"the value in line {line} contains itself through an alias")
        self._count += self._sizes.get(id(node), 1) if isinstance(event, yaml.AliasEvent) else 1
        if self._count > MOST_VALUES:
            raise ConfigError(f"line {line} exceeds {MOST_VALUES:,} values, aliases counted each time")
        self._sizes.setdefault(id(node), self._count - before)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        line = node.start_mark.line + 1
        tag = node.tag.rpartition(":")[2]
        if tag in ("int", "float") and isinstance(node.value, str) and len(node.value) > LONGEST_NUMBER:
            raise ConfigError(f"the number in line {line} has more than {LONGEST_NUMBER} digits")
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
            raise ConfigError(f"the value in line {line} is no {tag}") from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key.value, str):
                continue
            if key.value in seen:
                line = node.start_mark.line + 1
                raise ConfigError(
                    f"the key {key.value!r} is given twice, from line {line} on; keep one of them"
                )
            seen.add(key.value)
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
    tree: dict[str, Any] = (
        {}
        if path is None
        else read_yaml(path, "a config is a list of `key: value` lines; `topics init` writes an example")
    )
    if path is not None:
        _anchor_paths(tree, path.parent)
    for override in overrides:
        _apply(tree, override)
    return validate(tree, "the settings" if path is None else str(path))


def override(config: Config, overrides: Sequence[str], where: str) -> Config:
    """Settings with `section.key=value` overrides; `where` names their source in error messages."""
    tree = as_plain(config)
    for change in overrides:
        _apply(tree, change)
    return validate(tree, where)


def validate(tree: Mapping[str, Any], where: str) -> Config:
    """Check nested settings as a whole; `where` names their source in error messages."""
    try:
        return Config.model_validate(dict(tree))
    except ValidationError as error:
        raise ConfigError(explain(error, where)) from None


def read_yaml(path: Path, form: str) -> dict[str, Any]:
    """The mapping that a YAML file holds, checked for nothing else; `form` says what one looks like.

    Raises ConfigError: it is missing, unreadable, not YAML or no mapping.
    """
    kind = "config" if "config" in form else "file of edits"
    try:
        with open_file(path) as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(f"{path} is larger than {MOST_BYTES >> 20} MB, too large for a {kind}")
        text = content.decode("utf-8")
    except FileNotFoundError:
        hint = "config file; `topics init` writes one" if "config" in form else "file"
        raise ConfigError(f"{path}: no such {hint}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: a {kind} must be UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    return parse_yaml(text, str(path), form)


def open_file(path: Path) -> BinaryIO:
    """A file to read at once. Raises OSError, also for a pipe, whose writer may never come."""
    if not (path.is_file() or path.is_dir()) and path.exists():
        raise OSError(errno.EINVAL, "it is a pipe or a device; write it to a file and name that")
    return path.open("rb")


def parse_yaml(text: str, path: str, form: str) -> dict[str, Any]:
    """The mapping that the text of such a file holds; `path` is what errors call it.

    Raises ConfigError: it is not YAML or no mapping.
    """
    try:
        tree = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - _PlainLoader is a SafeLoader
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError(f"{path}: not readable as YAML{line}: {problem}") from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: {form}")
    return tree


def _anchor_paths(tree: dict[str, Any], folder: Path) -> None:
    def anchored(value: Any) -> Any:
        return os.path.normpath(folder / value) if isinstance(value, str) else value

    corpus, embed, guide = tree.get("corpus"), tree.get("embed"), tree.get("guide")
    if isinstance(corpus, dict) and "papers" in corpus:
        papers = corpus["papers"]
        corpus["papers"] = [anchored(p) for p in papers] if isinstance(papers, list) else [anchored(papers)]
    if isinstance(embed, dict):
        if str(embed.get("encoder", "")).startswith((".", "/")) or str(embed.get("encoder")).endswith(".npy"):
            embed["encoder"] = anchored(embed["encoder"])
        if embed.get("model_dir"):
            embed["model_dir"] = anchored(embed["model_dir"])
    if isinstance(guide, dict) and guide.get("taxonomy"):
        guide["taxonomy"] = anchored(guide["taxonomy"])


def without_value(override: str) -> str:
    """How a message names an override: by what stands before "=", or ":" by mistake, if one is there at all.

    All the rest may be a password.
    """
    key, *value = re.split("[=:]", override, maxsplit=1)
    return f"--set {key if value else ''}".rstrip()


def _apply(tree: dict[str, Any], override: str) -> None:
    dotted, equals, text = override.partition("=")
    keys = dotted.strip().split(".")
    named = without_value(override)
    if not equals or ":" in dotted or not all(keys):
        raise ConfigError(f"{named}: write it as section.key=value, for example label.keywords=8")
    try:
        value = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - _PlainLoader is a SafeLoader
    except yaml.YAMLError:
        value = text
    except ConfigError:
        raise ConfigError(f"{named}: this value is no setting; put it in quotes if it is text") from None
    section = tree
    for key in keys[:-1]:
        inner = section.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{named}: {key} is not a section")
        section = inner
    section[keys[-1]] = value


def explain(error: ValidationError, where: str, schema: type[BaseModel] = Config) -> str:
    """The first mistake as one sentence; `where` names the file, `schema` is what its top level must be."""
    mistakes = error.errors(include_url=False)
    # An unknown key says more than the known one that is missing because of it.
    first = next((mistake for mistake in mistakes if mistake["type"] == "extra_forbidden"), mistakes[0])
    section, path, start = schema, list[str](), 0
    place = where
    for at, part in enumerate(first["loc"]):
        if isinstance(part, int):
            place, path, start = f"{where}: entry {part + 1} of {'.'.join(path)}", [], at + 1
            continue
        field = section.model_fields.get(str(part))
        if field is None:
            break
        path.append(str(part))
        name = f"{place}: {'.'.join(path)}"
        inner = _section(field.annotation)
        if first["type"] == "missing" and at == len(first["loc"]) - 1:
            return f"{name} is missing; it must be {describe(field)}"
        if inner is None or (at == len(first["loc"]) - 1 and inner is not field.annotation):
            if first["type"] == TORN:
                return f"{name} {first['msg']}"
            if _guarded(field.annotation):
                return f"{name} must be {describe(field)}; what stands there is not repeated here"
            shown = _shown(error, first["loc"][: at + 1])
            return f"{name} is {shown}, but must be {describe(field)}"
        section = inner
    if first["type"] != "extra_forbidden":
        if not path:
            return f"{place} must be a section with the keys {', '.join(section.model_fields)}"
        return f"{place}: {'.'.join(path)} must be a section with keys below it"
    wrong = str(first["loc"][start + len(path)])
    near = difflib.get_close_matches(wrong, section.model_fields, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(section.model_fields)}"
    return f"{place}: unknown key {'.'.join([*path, wrong])}; {hint}"


def _section(annotation: Any) -> type[BaseModel] | None:
    """The schema of a section, be it optional, or of the entries of a list of them."""
    arguments = [part for part in typing.get_args(annotation) if part is not type(None)]
    if typing.get_origin(annotation) in (tuple, types.UnionType, typing.Union) and arguments:
        annotation = arguments[0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _guarded(annotation: Any) -> bool:
    """Whether a wrong value may hold a password."""
    parts = typing.get_args(annotation)
    return any(part.guarded if isinstance(part, Form) else _guarded(part) for part in parts)


def _shown(error: ValidationError, path: Sequence[int | str]) -> str:
    for entry in error.errors(include_url=False):
        if entry["loc"][: len(path)] == tuple(path):
            try:
                shown = repr(entry["input"])
            except ValueError:
                # Python writes no whole number of more than 4,300 digits.
                return "a number beyond all bounds"
            return shown if len(shown) <= 100 else f"{shown[:100]}…"
    return "not valid"


def describe(field: FieldInfo) -> str:
    """What a setting accepts, in words: "a whole number from 2 to 200, or auto"."""
    return _describe(field.annotation, field.metadata)


def _describe(annotation: Any, metadata: Sequence[Any]) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _describe(arguments[0], [*metadata, *_constraints(arguments[1:])])
    if origin in (typing.Union, types.UnionType):
        parts = [_describe(argument, metadata) for argument in arguments]
        return f"{', '.join(parts[:-1])}, or {parts[-1]}"
    if origin is Literal:
        return " or ".join(str(argument) for argument in arguments)
    if section := _section(annotation if origin is None else None):
        return f"a section with {', '.join(section.model_fields)}"
    if origin is tuple and _section(annotation):
        return f"a list of entries with {', '.join(arguments[0].model_fields)}"
    if origin is tuple:
        one = _describe(arguments[0], []).removeprefix("a ")
        noun = "whole number" if one.startswith("whole number") else one.partition(" ")[0]
        return f"a list of {noun}s{one.removeprefix(noun)}"
    if annotation is type(None):
        return "empty"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    return words[annotation] + _range(metadata)


@dataclass(frozen=True)
class _Example:
    example: str


def _constraints(metadata: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for item in metadata:
        if isinstance(item, FieldInfo):
            found += [*item.metadata, *(_Example(str(example)) for example in item.examples or ())]
        else:
            found.append(item)
    return found


def _range(metadata: Sequence[Any]) -> str:
    bounds = {
        name: getattr(m, name) for m in metadata for name in ("ge", "gt", "le", "lt") if hasattr(m, name)
    }
    example = next((m.example for m in metadata if isinstance(m, _Example)), None)
    form = next((m.words for m in metadata if isinstance(m, Form)), None)
    if form:
        return f" {form}"
    if example:
        return f" such as {example}"
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of at least {low}" if low is not None else ""


def as_plain(value: object) -> Any:
    """Settings, or a tuple of them, as JSON-ready values."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [as_plain(part) for part in value] if isinstance(value, tuple) else value


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
            plain = [as_plain(part) for part in value] if isinstance(value, tuple) else value
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
