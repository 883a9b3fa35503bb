"""What can go wrong, said in one sentence.

Every error that a user can cause is a `TopicsError`. Its message says what is wrong, where, and what to
do. `topics.cli` turns it into exit code 2 without a traceback; library users catch it like any other
exception.
"""

from __future__ import annotations


class TopicsError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(TopicsError):
    """The configuration is unreadable, has an unknown key or a value out of range."""


class InputError(TopicsError):
    """A paper file is missing, unreadable, of unknown format or holds no usable record."""


class CorpusError(TopicsError):
    """The corpus is too small or too uniform to be divided into topics."""


class ModelError(TopicsError):
    """An embedding model or its package is missing, damaged or not the one expected."""


class ServerError(TopicsError):
    """The server of a language model is not there, refuses, or answers what is no answer."""


class RunError(TopicsError):
    """A run folder is missing, is not a run, is damaged or may not be overwritten."""


class EditError(TopicsError):
    """An edit of a run names what is not there, or asks for what cannot be."""


class LimitError(TopicsError):
    """The system grants a command less memory, fewer files or fewer threads than it needs."""
