"""Opening a paper file: gzip, encodings, bounds.

A `Source` is read in one pass and never held whole, so a file of any size needs the memory of its longest
record only. Bounds keep a hostile file from filling the memory: see `MAX_RECORD` and `MAX_RATIO`.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

from topics.config.fields import text_encoding
from topics.errors import InputError

HEAD = 1 << 16
MAX_RECORD = 1 << 23
"""Longest line or record in characters: 8 million are five thousand abstracts."""

MAX_LINES = 100_000
"""Lines of a record, where its format gives each value a line of its own."""

MAX_BLANK = 100_000
"""Blank lines in a row. A gzip file of a few kilobytes can hold millions."""

MAX_DEPTH = 100
"""Levels of a record, of JSON or of XML. Records of OpenAlex, the deepest of all, have 8."""

MAX_COLUMNS = 2000
"""Columns of a table, and different names of fields in all records together."""

MAX_WHOLE = 1 << 28
"""Bytes of a file whose format cannot be read from its beginning to its end."""

MAX_RATIO = 200
SMALL = 1 << 24
"""Gzip shrinks text 3 to 10 times and can shrink zeros 1,030 times. Beyond `SMALL` bytes of output, more than
`MAX_RATIO` bytes out per byte in is refused."""

_MOST_WRONG = 9
"""Lines with wrong bytes for each line beyond ASCII without, from which on a file is not taken for UTF-8."""

_MOST_CONTROLS = 2
"""Control characters in the first thousand that text may have, and one more for each hundred."""

GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]{1,80}?encoding=["']([A-Za-z][\w.:-]{1,40})["']""")
_ESCAPED = re.compile("[\udc80-\udcff]")


def too_long(lines: int | None = None) -> str:
    """Why a record beyond the limits is broken; lines: the most that it may have, where they count."""
    return f"longer than {MAX_RECORD:,} characters{f' or {lines:,} lines' if lines else ''}"


def _declared_codec(name: str) -> str:
    """UTF-8 for a declaration that cannot be true: it could be read, so ASCII in it is ASCII."""
    ascii_signs = bytes(range(32, 127))
    try:
        codec = text_encoding(name)
        return codec if ascii_signs.decode(codec) == ascii_signs.decode() else "utf-8"
    except ValueError:
        return "utf-8"


def _is_damaged_utf8(text: str) -> bool:
    """Whether text with wrong bytes as surrogates is UTF-8 all the same.

    In any other encoding some bytes make a character by chance, but few lines and not half of the characters.
    """
    beyond = [line for line in text.splitlines() if not line.isascii()]
    wrong = sum(_ESCAPED.search(line) is not None for line in beyond)
    escaped = len(_ESCAPED.findall(text))
    characters = sum(sign > "\x7f" for sign in text) - escaped
    return _MOST_WRONG * (len(beyond) - wrong) >= wrong or characters >= escaped


class _Bounded(io.RawIOBase):
    """The decompressed bytes of a gzip file, refused once they outgrow the compressed ones absurdly."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self._raw = raw
        self._unzipped = gzip.GzipFile(fileobj=raw)
        self._name = name
        self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        try:
            data = self._unzipped.read(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(f"{self._name} is a damaged or cut gzip file ({error}); copy it again") from None
        self._out += len(data)
        if self._out > SMALL and self._out > MAX_RATIO * max(self._raw.tell(), 1):
            raise InputError(
                f"{self._name} unpacks to more than {MAX_RATIO} times its size, as a zip bomb does; "
                "unpack it yourself if you trust it"
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._unzipped.close()
        self._raw.close()
        super().close()


@dataclass(frozen=True)
class Source:
    """One paper file.

    name: how the file is called in the account and in messages.
    encoding: a codec's name, or auto.
    """

    path: Path
    name: str
    encoding: str = "auto"
    head: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            with self.open_bytes() as stream:
                object.__setattr__(self, "head", stream.read(HEAD))
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror or error}") from None

    @property
    def plain_name(self) -> str:
        """Lower-case name without .gz."""
        return self.name.lower().removesuffix(".gz")

    def is_gzip(self) -> bool:
        """Whether the file itself, not what is unzipped from it, begins as gzip does."""
        with self.path.open("rb") as raw:
            return raw.read(2) == GZIP

    def open_bytes(self) -> BinaryIO:
        """The file's bytes, unzipped."""
        raw = self.path.open("rb")
        if raw.peek(2)[:2] != GZIP:
            return raw
        return cast(BinaryIO, io.BufferedReader(_Bounded(raw, self.name), HEAD))

    def check_unzipped(self) -> None:
        """Raises InputError when what follows in a gzip file is refused, before any of it is worked on."""
        if self.is_gzip():
            with self.open_bytes() as stream:
                for _ in range(-(-SMALL // HEAD) + 1):
                    if not stream.read(HEAD):
                        return

    def whole(self) -> bytes:
        """All bytes, for formats that cannot be streamed. Raises InputError on more than `MAX_WHOLE`."""
        with self.open_bytes() as stream:
            data = stream.read(MAX_WHOLE + 1)
        if len(data) > MAX_WHOLE:
            raise InputError(
                f"{self.name} is larger than {MAX_WHOLE >> 20:,} MB; save it as CSV or JSON lines"
            )
        return data

    def codec(self) -> str:
        """The encoding's name: as set, by byte order mark, by the zeros of UTF-16, else UTF-8.

        Raises InputError when the head of the file is text in none of them.
        """
        if self.encoding != "auto":
            return self.encoding
        for mark, name in _BOMS:
            if self.head.startswith(mark):
                return name
        if len(self.head) > 3 and 0 in self.head[:4]:
            return "utf-16-le" if self.head[1] == 0 else "utf-16-be"
        declared = _XML_ENCODING.match(self.head)
        if declared and (codec := _declared_codec(declared[1].decode("ascii"))) != "utf-8":
            return codec
        self._require_utf8()
        return "utf-8"

    def is_binary(self) -> bool:
        """Whether the head holds control characters, more than a damaged text has."""
        text = self.head_text()[:1024]
        return sum(sign < "\t" or "\r" < sign < "\x1b" for sign in text) > _MOST_CONTROLS + len(text) // 100

    def _require_utf8(self) -> None:
        text = self.head.decode("utf-8", "surrogateescape")
        body = text[:-4] if len(self.head) == HEAD else text
        wrong = _ESCAPED.search(body)
        if wrong is None or _is_damaged_utf8(body):
            return
        line = body.count("\n", 0, wrong.start()) + 1
        byte = ord(wrong.group()) - 0xDC00
        raise InputError(
            f"{self.name} is not UTF-8 text (byte 0x{byte:02X} in line {line}); save it as UTF-8, or "
            "name its encoding with corpus.encoding (of Windows programs: cp1252 Western, cp1251 Cyrillic, "
            "gb18030 Chinese, cp932 Japanese, cp949 Korean)"
        )

    def head_text(self) -> str:
        """The head decoded for sniffing; undecodable bytes become replacement characters."""
        try:
            codec = self.codec()
        except InputError:
            codec = "latin-1"
        return self.head.decode(codec, "replace").lstrip("\ufeff")

    def open_text(self, newline: str | None = None) -> IO[str]:
        """The file as text. Bytes that do not decode become lone surrogates, found by `corpus.rows`."""
        codec = self.codec()
        errors = "replace" if codec.startswith(("utf-16", "utf-32")) else "surrogateescape"
        return io.TextIOWrapper(self.open_bytes(), encoding=codec, errors=errors, newline=newline)

    def lines(self, newline: str | None = None) -> Iterator[tuple[int, str]]:
        """Numbered lines from 1, with their ends; `newline` as in `open`.

        Raises InputError on a line longer than `MAX_RECORD` characters, and on more than `MAX_BLANK` blank
        ones in a row.
        """
        with self.open_text(newline) as stream:
            number = blank = 0
            while line := stream.readline(MAX_RECORD):
                number += 1
                blank = blank + 1 if line.isspace() else 0
                if blank > MAX_BLANK:
                    raise InputError(
                        f"{self.name} has more than {MAX_BLANK:,} blank lines before line {number + 1:,}; "
                        "remove them"
                    )
                if len(line) == MAX_RECORD:
                    raise InputError(f"{self.name}: line {number} is longer than {MAX_RECORD:,} characters")
                yield number, line
