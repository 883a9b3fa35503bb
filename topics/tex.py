"""LaTeX in titles and abstracts to readable text, through pylatexenc.

Only what is LaTeX is converted (formulas, macros, groups), each piece by itself and remembered: pieces repeat
so much that this is ten times as fast as converting whole abstracts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial

_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_PIECE = re.compile(
    r"\\begin\{(?P<name>\w+\*?)\}.{0,2000}?\\end\{(?P=name)\}"
    r"|\\\[.{0,1000}?\\\]|\\\(.{0,500}?\\\)"
    r"|\$\$[^$]{1,1000}\$\$"
    r"|(?<!\\)\$(?=[^$]{0,400}[\\^_])(?:[^$\\]|\\.){1,400}\$|(?<!\\)\$ ?(?:[A-Za-z]|[^\w\s$]{1,4}) ?\$"
    # Pandoc's rule tells a formula from money: no space inside the dollars, no digit after them.
    r"|(?<!\\)\$(?!\s)(?:[^$\\]|\\.){1,400}(?<!\s)\$(?!\d)"
    r"|\{\\[A-Za-z]+\b(?:[^{}]|" + _GROUP + r")*\}"
    r"|\\(?:[A-Za-z]+\*?(?:\[[^\]]{0,80}\])?(?:\s?"
    + _GROUP
    + r")*|[^A-Za-z\s](?:\s?(?:"
    + _GROUP
    + r"|\\?[A-Za-z]))?)",
    re.DOTALL,
)
_MARKS = re.compile(r"[\\${]")
_REFERENCE = re.compile(r"<(?:ref|cit\.|cit)>|<(?=https?://)|(?<=\w)>$")
_INDEX = re.compile(r"(?<=[^\W\d_])_(\d{1,2})\b|(?<!\w)\^(\d{1,3})(?=[A-Z])")
_BRACES = re.compile(r"\{([^{}]*)\}")


def readable(text: str) -> str:
    """The text with formulas, macros and braces replaced by what they print; text without any is unchanged.

    A piece that pylatexenc cannot convert stays as it is.
    """
    if not _MARKS.search(text):
        return text
    converted = _PIECE.sub(lambda found: _convert(found.group()), text)
    is_tex = converted != text
    while (bare := _BRACES.sub(r"\1", converted)) != converted:
        converted = bare
    if is_tex:
        converted = _INDEX.sub(r"\1\2", converted)
        converted = converted.replace("\\ ", " ").replace("~", " ").replace("``", '"').replace("''", '"')
    return converted


@lru_cache(maxsize=100_000)
def _convert(piece: str) -> str:
    if "\\" not in piece:
        return piece.strip("$ ")
    try:
        return _REFERENCE.sub("", _converter()(piece))
    except Exception:  # pylatexenc raises several unrelated kinds on malformed LaTeX
        return piece


@cache
def _converter() -> Callable[[str], str]:
    import logging

    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import get_default_latex_context_db

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    convert = LatexNodes2Text(math_mode="text", keep_comments=True).latex_to_text
    # Given once, because pylatexenc builds it anew for every piece otherwise.
    return partial(convert, latex_context=get_default_latex_context_db())
