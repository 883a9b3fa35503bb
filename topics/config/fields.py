"""What a setting's text can be: a day, a moment, a name, an address. Each is checked where it is given.

A `Form` says in words what is accepted; `topics.config.load` puts it into the sentence about a mistake.
"""

from __future__ import annotations

import codecs
import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field


def text_encoding(name: str) -> str:
    """The name that Python gives an encoding of text.

    Raises ValueError: there is none of this name, or it encodes no text, as rot13 and zlib do.
    """
    probe = "Aa 09\n"
    try:
        if probe.encode(name, "surrogateescape").decode(name, "surrogateescape") == probe:
            return codecs.lookup(name).name
    except (LookupError, ValueError):
        pass
    raise ValueError(f"no encoding of text is called {name}")


Day = Annotated[
    str,
    AfterValidator(lambda text: datetime.date.fromisoformat(text).isoformat()),
    Field(examples=["2026-06-01"]),
]
Encoding = Annotated[str, AfterValidator(lambda text: text if text == "auto" else text_encoding(text))]

MOMENT = r"[0-9]{4}(-[0-9]{2}){0,2}"


def check_moment(text: str) -> str:
    """A year, month or day as it was given. Raises ValueError: it has another form or is in no calendar."""
    if not re.fullmatch(MOMENT, text):
        raise ValueError(f"{text} is no year, month or day")
    datetime.date.fromisoformat(f"{text}-01-01"[:10])
    return text


Moment = Annotated[
    str,
    BeforeValidator(str),
    Field(examples=["2016 or 2016-05"]),
    AfterValidator(check_moment),
]


@dataclass(frozen=True)
class Form:
    """What a text must be like, as it stands in an error message after "a text".

    guarded: whether a wrong one may hold a password or key, so that no message may show it.
    """

    words: str
    guarded: bool = False


NAME_LENGTH = 100
NAME_FORM = Form(f"of 1 to {NAME_LENGTH} characters, none of them a control character")


def plain_name(text: object) -> str:
    """A topic's name as one line: runs of white space become one space.

    Raises ValueError: nothing is left, or more than `NAME_LENGTH` characters, or control characters, which
    would reach terminals and pictures.
    """
    name = " ".join(str(text).split())
    if not 0 < len(name) <= NAME_LENGTH or any(unicodedata.category(sign) == "Cc" for sign in name):
        raise ValueError(f"a name must be a text {NAME_FORM.words}")
    return name


Name = Annotated[str, BeforeValidator(plain_name), NAME_FORM]


def _address(text: str) -> str:
    """Raises ValueError: no plain web address, or one that could hold a password or key."""
    parts = urlsplit(text)
    plain = text.isascii() and text.isprintable() and not set(" ?#@\\") & set(text)
    # Reading the port raises ValueError where it is none.
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("no plain web address")
    return text.rstrip("/").removesuffix("/chat/completions").rstrip("/")


EMPTY_IS_NONE = BeforeValidator(lambda given: None if given == "" else given)

MODEL_LENGTH = 200
Address = Annotated[
    str,
    AfterValidator(_address),
    Form("that is a web address (http or https) without user, password, query or fragment", guarded=True),
]
Variable = Annotated[
    str,
    Field(pattern=r"^[A-Z_][A-Z0-9_]*$"),
    Form("that is a variable's name in capitals, as OPENAI_API_KEY, and never the key itself", guarded=True),
]
Model = Annotated[str, Field(max_length=MODEL_LENGTH), Form(f"of at most {MODEL_LENGTH} characters")]
