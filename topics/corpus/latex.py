"""LaTeX in titles and abstracts to readable text, through pylatexenc.

Only LaTeX is converted (formulas, macros, groups), each piece by itself and remembered, a formula of plain
symbols straight from the library's table: twenty times as fast as converting whole abstracts.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
# A sign comes first in each pattern, and what may stand before it second: that makes them fast.
_PIECE = re.compile(
    r"\\begin\{(?P<name>\w+\*?)\}.{0,2000}?\\end\{(?P=name)\}"
    r"|\\\[.{0,1000}?\\\]|\\\(.{0,500}?\\\)"
    r"|\$\$[^$]{1,1000}\$\$"
    r"|\$(?<!\\\$)(?=[^$]{0,400}[\\^_])(?:[^$\\]|\\.){1,400}\$|\$(?<!\\\$) ?(?:[A-Za-z]|[^\w\s$]{1,4}) ?\$"
    # Pandoc's rule tells a formula from money: no space inside the dollars, no digit after them.
    r"|\$(?<!\\\$)(?!\s)(?:[^$\\]|\\.){1,400}(?<!\s)\$(?!\d)"
    r"|\{\\[A-Za-z]+\b(?:[^{}]|" + _GROUP + r")*\}"
    r"|\\(?:[A-Za-z]+\*?(?:\[[^\]]{0,80}\])?(?:\s?"
    + _GROUP
    # An accent takes a letter, which a macro without arguments may print; other signs take nothing.
    + r")*|[`'^\"~=.](?:\s?(?:"
    + _GROUP
    + r"|\\?[A-Za-z](?![A-Za-z])|[A-Za-z]|\\(?:ae|AE|oe|OE|aa|AA|imath|jmath)(?![A-Za-z])))?|[^A-Za-z\s])",
    re.DOTALL,
)
_MARKS = re.compile(r"[\\${]")
_REFERENCE = re.compile(r"<(?:ref|cit\.|cit)>|<(?=https?://)|(?<=\w)>$")
_STYLED = re.compile("[\u2102-\u2112\u2115\u2118-\u211d\u2124\u2128-\u2134\U0001d400-\U0001d7ff]+")
# Macros that print their argument in another style, or nothing: what is in their braces is text.
_STYLES = (
    "mathrm|mathbf|mathbb|mathcal|mathit|mathsf|mathfrak|mathscr|mathtt|boldsymbol|bm|ensuremath|operatorname|text|emph|"
    "textit|textbf|textrm|textsc|textsf|texttt|textup|textmd|textnormal|mbox|rm|bf|it|em|sl|sc|tt|sf|left|right|"
    "bigl|bigr|big|Big|Bigl|Bigr|displaystyle|textstyle|limits"
)
_MACRO = re.compile(rf"\\(?:(?P<style>{_STYLES})(?![A-Za-z])\s*|(?P<name>[A-Za-z]+|.))", re.DOTALL)
_INDEX = re.compile(r"_(?<=[^\W\d_]_)(\d{1,2})(?=\b|[A-Z])|\^(?<!\w\^)(\d{1,3})(?=[A-Z])")
_BRACE = re.compile(r"[{}]")
# A tie stands between the words that it keeps together.
_TIE = re.compile(r"~(?<=[\w.,;:)\]}–—-]~)")
# What a macro prints that would be read as a tie, until ties are gone.
_TILDE = "\ue07e"
# Of textcomp, textgreek, upgreek, gensymb and the encoding T1, where pylatexenc has no text for them.
_SIGNS = {
    "textless": "<", "textgreater": ">", "textbar": "|", "textasciitilde": _TILDE, "textasciicircum": "^",
    "textunderscore": "_", "textquotedbl": '"', "textleq": "≤", "textgeq": "≥", "textminus": "−",
    "textmicro": "µ",
    "textapprox": "≈", "textsim": "∼", "textinfty": "∞", "textslash": "/", "textquotestraightbase": ",",
    "textquotestraightdblbase": ",,", "textthreequartersemdash": "—", "texttwelveudash": "–",
    "textvisiblespace": " ",
    "textnobreakspace": " ", "textcompwordmark": "", "degree": "°", "celsius": "℃",
    "perthousand": "‰", "micro": "µ",
    "ohm": "Ω", "textquotesinglbase": "‚",
}  # fmt: skip
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi "
    "Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega"
).split()


# TeX passes over the space after a macro's name; the words after a symbol of a formula keep theirs.
_EATEN = re.compile(
    rf"(\\text(?:{'|'.join(name[4:] for name in _SIGNS if name[:4] == 'text')}|{'|'.join(_GREEK)})) +"
)

# The space after such a macro ends it and prints nothing; a unit after a number keeps it.
_DOTLESS = re.compile(r"""\\(["'`^~=.])\\([ij]) +(?=[a-z])""")
_LETTER = re.compile(r"(?<!\\)(\\(?:[oO]|[lL]|ss|ae|AE|oe|OE|aa|(?<!\d \\)(?<!\d\\)AA)) +(?=[a-z])")
_ACCENT = re.compile(r"(?<!\\)\\([vHcukr]) +([A-Za-z])(?=[a-z\\])")


def readable(text: str) -> str:
    """The text with formulas, macros and braces replaced by what they print; text without any is unchanged.

    A piece that pylatexenc cannot convert stays as it is.
    """
    if not _MARKS.search(text):
        return text
    if "\\text" in text:
        text = _EATEN.sub(r"\1{}", text)
    text = _ACCENT.sub(r"\\\1{\2}", _LETTER.sub(r"\1{}", _DOTLESS.sub(r"\\\1{\\\2}", text)))
    converted = _PIECE.sub(lambda found: _convert(found.group()), text)
    is_tex = converted != text
    converted = _without_braces(converted)
    if is_tex:
        converted = _STYLED.sub(lambda found: unicodedata.normalize("NFKC", found.group()), converted)
        converted = _INDEX.sub(r"\1\2", converted)
        converted = _TIE.sub(" ", converted.replace("\\ ", " ")).replace("``", '"').replace("''", '"')
    return converted.replace(_TILDE, "~")


def _without_braces(text: str) -> str:
    """Text without the braces that have a partner, however deep they are nested."""
    opened: list[int] = []
    paired: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif opened:
            paired += [opened.pop(), found.start()]
    ends = [-1, *sorted(paired), len(text)]
    return "".join(text[left + 1 : right] for left, right in itertools.pairwise(ends))


@lru_cache(maxsize=100_000)
def _convert(piece: str) -> str:
    if "\\" not in piece:
        return piece.strip("$ ")
    macros = list(_MACRO.finditer(piece))
    if piece[:2] != "$$" and all(found["style"] or _symbol(found["name"]) for found in macros):
        plain = _MACRO.sub(lambda found: "" if found["style"] else _symbol(found["name"]), piece)
        return plain.strip("$ ") if piece[0] == "$" else plain
    try:
        return _REFERENCE.sub("", _converter()(piece))
    except Exception:  # pylatexenc raises several unrelated kinds on malformed LaTeX
        return piece


@cache
def _symbol(name: str) -> str:
    """What a macro without arguments prints, as in "alpha"; "" for any other."""
    prints, takes = (table.get_macro_spec(name) for table in _tables())
    text = getattr(prints, "simplify_repl", None)
    arguments = getattr(getattr(takes, "args_parser", None), "argspec", "")
    return text if isinstance(text, str) and not arguments and not set(text) & set("%{}$") else ""


@cache
def _tables() -> tuple[Any, Any]:
    """What macros print and what they take: pylatexenc's tables, with those that lose their words mended."""
    from pylatexenc import latex2text, latexwalker
    from pylatexenc.macrospec import MacroSpec

    prints, takes = latex2text.get_default_latex_context_db(), latexwalker.get_default_latex_context_db()
    losing = ("mbox", "textmd", "textsf", "texttt", "textup")
    words = [latex2text.MacroTextSpec(name, simplify_repl="%s") for name in losing]
    link = latex2text.MacroTextSpec("href", simplify_repl="%(2)s")
    signs = [latex2text.MacroTextSpec(name, simplify_repl=sign) for name, sign in _greek().items()]
    signs += [latex2text.MacroTextSpec(name, simplify_repl=sign) for name, sign in _SIGNS.items()]
    prints.add_context_category("words", macros=[*words, link, *signs], prepend=True)
    own = [*(MacroSpec(name, "{") for name in losing), MacroSpec("href", "{{")]
    takes.add_context_category("words", macros=own, prepend=True)
    return prints, takes


def _greek() -> dict[str, str]:
    r"""The upright letters of text (`\textalpha`) and of formulas (`\upalpha`)."""
    letters = {}
    for name in _GREEK:
        case, said = "CAPITAL" if name[0].isupper() else "SMALL", name.replace("mbda", "mda").upper()
        letters[name] = unicodedata.lookup(f"GREEK {case} LETTER {said}")
    return {f"{prefix}{name}": sign for name, sign in letters.items() for prefix in ("text", "up")}


@cache
def _converter() -> Callable[[str], str]:
    import logging

    from pylatexenc.latex2text import LatexNodes2Text

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    prints, takes = _tables()
    convert = LatexNodes2Text(latex_context=prints, math_mode="text", keep_comments=True).latex_to_text
    # The table is given, because pylatexenc builds it anew for every piece otherwise.
    return partial(convert, latex_context=takes)
