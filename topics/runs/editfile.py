"""Files of edits: reading, checking and describing what a person wants changed in the topics of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, ValidationError

from topics.config import Section
from topics.config.fields import Name
from topics.config.load import explain, read_yaml
from topics.errors import EditError

Ref = StrictInt | StrictStr
Paper = Annotated[str, BeforeValidator(str)]
Papers = Annotated[tuple[Paper, ...], Field(min_length=1)]


class Rename(Section):
    topic: Ref
    to: Name


class Merge(Section):
    topics: Annotated[tuple[Ref, ...], Field(min_length=2)]
    label: Name | None = None


class Split(Section):
    topic: Ref
    into: Annotated[int, Field(ge=2, le=50)] | None = None
    papers: tuple[Paper, ...] = ()
    label: Name | None = None


class Drop(Section):
    topic: Ref


class Move(Section):
    papers: Papers
    to: Ref


class Edit(Section):
    """One change; exactly one of the keys."""

    rename: Rename | None = None
    merge: Merge | None = None
    split: Split | None = None
    drop: Drop | None = None
    move: Move | None = None


class Edits(Section):
    edits: tuple[Edit, ...]


Change = Rename | Merge | Split | Drop | Move


def read_edits(path: Path) -> tuple[Change, ...]:
    """The changes of a YAML file, in their order.

    Raises ConfigError: it is not readable or not YAML. Raises EditError: anything else in it that is no edit.
    """
    tree = read_yaml(path, "a file of edits begins with the line `edits:`")
    try:
        found = Edits.model_validate(tree)
    except ValidationError as error:
        raise EditError(explain(error, str(path), Edits)) from None
    changes = []
    for number, entry in enumerate(found.edits, start=1):
        parts: list[Change] = [part for _, part in entry if part is not None]
        if len(parts) != 1:
            raise EditError(
                f"{path}: entry {number} of edits has {len(parts)} changes, but must have one of "
                f"{', '.join(Edit.model_fields)}"
            )
        change = parts[0]
        if isinstance(change, Split) and (change.into is None) == (not change.papers):
            raise EditError(
                f"{path}: entry {number} of edits: split says either into how many topics, or which papers go"
            )
        if isinstance(change, Split) and change.label and (change.into or 2) > 2:
            raise EditError(
                f"{path}: entry {number} of edits: split has one label, but into {change.into} it splits off "
                f"{(change.into or 2) - 1} topics; leave the label out, or split into 2"
            )
        changes.append(change)
    if not changes:
        raise EditError(f"{path} holds no edits")
    return tuple(changes)


def describe(change: Change) -> str:
    """The change in a few words, as it stands in the file."""
    parts = [
        f"{name} {value}" for name, value in change.model_dump(mode="json").items() if value not in (None, [])
    ]
    return f"{type(change).__name__.lower()}: {', '.join(parts)}".replace("'", "")
