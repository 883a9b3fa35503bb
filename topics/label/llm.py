"""A language model on a server with OpenAI's interface. No other module of this package talks to a network.

The standard library's client is enough for one kind of request. Where the key may go is decided here: into
one header, to the address in the settings and nowhere else, over TLS or to this machine. No redirect is
followed, no text of the server is passed on with the key in it.
"""

from __future__ import annotations

import datetime
import email.utils
import http.client
import io
import ipaddress
import json
import os
import re
import socket
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

from topics.about import __version__
from topics.cache import store, untrusted
from topics.config import LlmSettings
from topics.errors import ConfigError, ServerError

Messages = list[dict[str, str]]
"""Each with `role` and `content`, as OpenAI's interface has them."""

TRIES = 4
"""How often a question is put to a server that is busy or out of order."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the second try, twice as many before each further one; and the most that a server may ask
for in Retry-After."""

MOST_BYTES = 1_000_000
"""Longest answer. A label takes some hundred bytes, a model that thinks aloud some ten thousand."""

SHELF = "answers"
"""The place of answers in the cache."""

SECRET = 8
"""Signs from which on a key is one; shorter ones are words like "none", which local servers are given."""

_BROKEN = (ConnectionResetError, BrokenPipeError, http.client.IncompleteRead)

_KEY, _STRANGE = "[key]", "\N{REPLACEMENT CHARACTER}"
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class _Until(io.RawIOBase):
    """What a connection says, up to a moment: the system's time limit begins anew with each byte."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until
        self._stream = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(_left(self._until))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _left(until: float) -> float:
    """Seconds. Raises TimeoutError: there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _opener(until: float, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """An opener whose whole exchange ends at a moment: connecting, sending, headers and content."""

    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *rest: Any, **named: Any) -> None:
            super().__init__(sock, *rest, **named)
            self.fp.close()
            self.fp = io.BufferedReader(_Until(sock, until))

    class Plain(http.client.HTTPConnection):
        response_class = Response

        def connect(self) -> None:
            self.timeout = _left(until)
            super().connect()
            self.sock.settimeout(_left(until))

    class Encrypted(http.client.HTTPSConnection):
        response_class = Response

        def connect(self) -> None:
            self.timeout = _left(until)
            super().connect()
            self.sock.settimeout(_left(until))

    class OpenPlain(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> Any:
            return self.do_open(Plain, request)

    class OpenEncrypted(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> Any:
            return self.do_open(Encrypted, request)

    return urllib.request.build_opener(OpenPlain, OpenEncrypted, *handlers)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Server:
    """A model and how to reach it.

    key: "" where none is sent. variable: where the key is from, for sentences about it.
    """

    url: str
    model: str
    sampling: Mapping[str, object]
    timeout: int
    variable: str
    key: str = field(repr=False)

    @classmethod
    def of(cls, settings: LlmSettings, random_state: int) -> Server | None:
        """The server that the settings name, or None where they name none. Nothing is sent.

        Raises ConfigError: only one of url and model is there, or the key is none or would go unencrypted.
        """
        if not settings.url and not settings.model:
            return None
        if not settings.url or not settings.model:
            there, missing = ("url", "model") if settings.url else ("model", "url")
            raise ConfigError(
                f"label.llm.{there} is set but label.llm.{missing} is not; set both, or neither"
            )
        variable = settings.key_env or ""
        key = os.environ.get(variable, "").strip() if variable else ""
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise ConfigError(
                f"The environment variable {variable} does not hold a key (one word of ASCII characters)"
            )
        if key and settings.url.startswith("http:") and not _here(settings.url):
            raise ConfigError(
                f"The key in the environment variable {variable} would go to {settings.url} unencrypted; use "
                "https, or set label.llm.key_env to nothing to send no key"
            )
        greedy = {"temperature": 0, "seed": random_state}
        sampling = greedy if settings.sampling == "greedy" else {}
        return cls(settings.url, settings.model, sampling, settings.timeout, variable, key)

    def ask(self, messages: Messages, cache: store.Cache, *, anew: bool = False) -> str:
        """What the model answers, "" for nothing, from the cache unless `anew`. New answers are kept there.

        Raises ServerError: the server is not there, refuses, or answers what is no answer.
        """
        body = {"model": self.model, "messages": messages, "stream": False, **self.sampling}
        key = store.stage_key(SHELF, url=self.url, body=body)
        file = cache.place(SHELF, key) / "answer.json"
        if not anew and cache.check(SHELF, key) is None:
            cache.touch(SHELF, key)
            kept = untrusted.read_json(file.parent, file.name)
            if isinstance(kept, dict) and isinstance(kept.get("answer"), str):
                return str(kept["answer"])
        answer = self._cleaned(self._content(self._answered(json.dumps(body).encode())))
        with cache.fill(SHELF, key, forced=anew) as folder:
            store.write_json(folder / file.name, {"answer": answer, "model": self.model, "url": self.url})
        return answer

    def _answered(self, body: bytes) -> bytes:
        """The body of an answer that was given in earnest; patient with a server that is busy."""
        tries = 0
        while True:
            status, wanted, content = self._post(body)
            if 200 <= status < 300:
                return content
            if 300 <= status < 500 and status != 429:
                self._refused(status, content)
            tries += 1
            if tries == TRIES:
                said = f"answers {status} ({self._said(content)})" if status else "breaks the connection"
                self._fail(f"{said}, {TRIES} times in a row; try again later")
            wait = FIRST_WAIT * 2 ** (tries - 1) if wanted is None else wanted
            if wait > LONGEST_WAIT:
                self._fail(f"answers {status} and asks to wait {wait:,.0f} s; try again then")
            time.sleep(wait)

    def _post(self, body: bytes) -> tuple[int, float | None, bytes]:
        """Status, the wait in seconds that was asked for, content; status 0 for a connection that broke."""
        request = urllib.request.Request(  # noqa: S310 - the settings allow http and https only
            f"{self.url}/chat/completions",
            data=body,
            headers={"Content-Type": "application/json", "User-Agent": f"paper-topics/{__version__}"},
        )
        if self.key:
            request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        # What goes to this machine is nobody else's; for others the system's proxies hold, as users expect.
        proxies = urllib.request.ProxyHandler({} if _here(self.url) else None)
        until = time.monotonic() + self.timeout
        opener = _opener(until, _NoRedirect(), proxies)
        try:
            try:
                response = opener.open(request, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                response = error
            with response:
                wait = _asked_wait(response.headers)
                return response.status, wait, self._read(response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(reason, _BROKEN):
                return 0, None, b""
            self._unreached(reason)

    def _read(self, response: Any) -> bytes:
        stream: Any = response.fp if isinstance(response, urllib.error.HTTPError) else response
        content = b""
        while part := stream.read1(65_536):
            content += part
            if len(content) > MOST_BYTES:
                self._fail(f"answers with more than {MOST_BYTES // 1_000_000} MB, which is no label")
        if stream.length:
            raise http.client.IncompleteRead(content, stream.length)
        return content

    def _unreached(self, reason: object) -> NoReturn:
        if isinstance(reason, TimeoutError):
            self._fail(
                f"has not answered within {self.timeout} s; a large model, or one being loaded, may need a "
                "longer label.llm.timeout"
            )
        why = getattr(reason, "strerror", None) or getattr(reason, "reason", None) or type(reason).__name__
        self._fail(
            f"cannot be reached ({self._plain(str(why))}); is the server running, and the address right?"
        )

    def _refused(self, status: int, content: bytes) -> NoReturn:
        if 300 <= status < 400:
            self._fail(f"redirects elsewhere ({status}), which is not followed; name the final address")
        if status == 401:
            # What servers say here repeats parts of the key.
            if self.key:
                self._fail(f"refuses the key in {self.variable} (401)")
            place = self.variable or "that label.llm.key_env names"
            self._fail(
                f"refuses to answer without a key (401); put one into the environment variable {place}"
            )
        said = self._said(content)
        if status == 403:
            self._fail(f"does not allow this (403: {said}); may the key use this model?")
        if status == 404:
            self._fail(f"knows no model {self.model!r}, or has no such address (404: {said})")
        hint = (
            "" if not self.sampling else "; if it is temperature or seed, set label.llm.sampling to default"
        )
        self._fail(f"does not take the request ({status}: {said}){hint}")

    def _content(self, content: bytes) -> str:
        """The text of the first choice, be it one text or parts of one."""
        found = _parsed(content)
        try:
            text = found["choices"][0]["message"].get("content") or ""
            if isinstance(text, list):
                text = "".join(part["text"] for part in text if part.get("type") == "text")
        except (AttributeError, IndexError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            self._fail(f"does not answer as a server with OpenAI's interface does ({self._said(content)})")
        return text

    def _said(self, content: bytes) -> str:
        """A server's own words about an error, short and harmless."""
        found = _parsed(content)
        for name in ("error", "message", "detail"):
            found = found.get(name, found) if isinstance(found, dict) else found
        text = found if isinstance(found, str) else content.decode("utf-8", "replace")
        short = self._plain(text)
        return f"{short[:200]}…" if len(short) > 200 else short or "no reason given"

    def _plain(self, text: str) -> str:
        return " ".join(self._cleaned(text).split())

    def _cleaned(self, text: str) -> str:
        """Text of the server without the key, and without what cannot be written or steers a terminal."""
        if len(self.key) >= SECRET:
            text = text.replace(self.key, _KEY)
            # Written as JSON, a key can come out only when that is read.
            text = _KEY if self.key in _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) else text
        lines = text.replace("\r\n", "\n")
        return "".join(sign if sign == "\n" or visible(sign) else _STRANGE for sign in lines)

    def _fail(self, what: str) -> NoReturn:
        end = "" if what.endswith("?") else "."
        raise ServerError(
            f"The language model at {self.url} {what}{end} Finished stages are kept; without the section "
            "label.llm (--set label.llm=) the same run needs no server."
        )


def visible(sign: str) -> bool:
    """Whether a character is text: no control or direction character, nothing private, no half of a pair."""
    # Two characters without a shape of their own decide on the letters beside them, in Persian and in Hindi.
    return unicodedata.category(sign)[0] != "C" or sign in "\u200c\u200d"


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _here(url: str) -> bool:
    """Whether the address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds from now, be it a number or a date; None where it is neither."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=moment.tzinfo or datetime.UTC)
    return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())
