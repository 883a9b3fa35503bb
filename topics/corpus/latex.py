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
# What macros print that would be read as a tie or as a macro's beginning, until those are gone.
_TILDE, _BACKSLASH = "\ue07e", "\ue05c"
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
    "ohm": "Ω", "textquotesinglbase": "‚", "textbackslash": _BACKSLASH, "textpounds": "£",
    "LaTeX": "LaTeX", "TeX": "TeX", "LaTeXe": "LaTeX2e", "BibTeX": "BibTeX",
}  # fmt: skip
_SPACED = (
    "textdegree|textpm|texttimes|texteuro|textregistered|texttrademark|textcopyright|textsection|LaTeX|TeX"
)
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi "
    "Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega"
).split()


# TeX passes over the space after a macro's name; the words after a symbol of a formula keep theirs.
_EATEN = re.compile(
    rf"(\\(?:text(?:{'|'.join(name[4:] for name in _SIGNS if name[:4] == 'text')}|{'|'.join(_GREEK)})"
    rf"|{_SPACED})) +(?=[^\W_])"
)

# The space after such a macro ends it and prints nothing; a unit after a number keeps it.
_DOTLESS = re.compile(r"""\\(["'`^~=.])\\([ij]) +(?=[a-z])""")
_LETTER = re.compile(r"(?<!\\)(\\(?:[oO]|[lL]|ss|ae|AE|oe|OE|aa|(?<!\d \\)(?<!\d\\)AA)) +(?=[a-z])")
_ACCENT = re.compile(r"(?<!\\)\\([vHcukr]) +([A-Za-z])(?=[a-z\\])")


# Of siunitx: numbers, units, and both.
_QUANTITY = re.compile(
    r"\\(?P<kind>SIrange|numrange|qtyrange|SI|si|qty|unit|num|ang)\s*(?:\[[^\]]{0,80}\])?"
    r"(?P<groups>(?:\s?\{[^{}]{0,200}(?:\{[^{}]{0,20}\}[^{}]{0,200}){0,5}\}(?:\[[^\]]{0,80}\])?){1,3})"
)
_BRACED = re.compile(r"\{((?:[^{}]|\{[^{}]*\})*)\}")
_CHEMISTRY = re.compile(r"\\(?:ce|ch)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_CIRC = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))")
_POWER = re.compile(r"(?<!\d)(10\s?)\\textsuperscript\s?\{\s*([-−–+]?\d{1,3})\s*\}")
_UNIT_MACRO = re.compile(r"\\([A-Za-z]+)\s*(?:\{([^{}]*)\})?|[~.^_{}$ ]|\\[,;:!]")
_UNITS = dict(
    word.split("=")
    for word in (
        "quecto=q ronto=r yocto=y zepto=z atto=a femto=f pico=p nano=n micro=µ milli=m centi=c deci=d "
        "deca=da deka=da hecto=h kilo=k mega=M giga=G tera=T peta=P exa=E zetta=Z yotta=Y kibi=Ki mebi=Mi "
        "gibi=Gi ampere=A candela=cd kelvin=K gram=g metre=m meter=m mole=mol second=s becquerel=Bq "
        "degreeCelsius=°C celsius=°C coulomb=C farad=F gray=Gy hertz=Hz henry=H joule=J lumen=lm katal=kat "
        "lux=lx newton=N ohm=Ω pascal=Pa radian=rad siemens=S sievert=Sv steradian=sr tesla=T volt=V "
        "watt=W weber=Wb day=d hour=h minute=min hectare=ha litre=L liter=L tonne=t bar=bar degree=° "
        "arcminute=′ arcsecond=″ dalton=Da electronvolt=eV angstrom=Å decibel=dB bel=B neper=Np percent=% "
        "permille=‰ astronomicalunit=au atomicmassunit=u bit=bit byte=B molar=M kilogram=kg um=µm nm=nm "
        "mm=mm cm=cm km=km kg=kg mg=mg ug=µg ml=mL ms=ms us=µs ns=ns kHz=kHz MHz=MHz GHz=GHz THz=THz kV=kV "
        "mV=mV eV=eV keV=keV MeV=MeV GeV=GeV TeV=TeV kPa=kPa MPa=MPa GPa=GPa kW=kW MW=MW per=/ squared=2 "
        "cubed=3 square= cubic= of= highlight="
    ).split()
)


def _quantity(found: re.Match[str]) -> str:
    groups = [group[1] for group in _BRACED.finditer(found["groups"])]
    kind = found["kind"]
    if kind in ("si", "unit"):
        return _unit(groups[0])
    if kind == "ang":
        return f"{groups[0].split(';')[0]}°"
    number = "–".join(groups[:2]) if kind.endswith("range") else groups[0]
    units = groups[2:] if kind.endswith("range") else groups[1:]
    return f"{number} {_unit(units[0])}" if units and kind not in ("num", "numrange") else number


def _unit(written: str) -> str:
    r"""As in "kg/m3" for `\kilo\gram\per\cubic\metre`."""
    power = ""

    def said(found: re.Match[str]) -> str:
        nonlocal power
        name = found[1]
        if name in ("square", "cubic"):
            power = "2" if name == "square" else "3"
            return ""
        if name in ("tothe", "raiseto"):
            return found[2] or ""
        symbol = _UNITS.get(name or "", "" if name is None else name)
        if power and symbol and name not in _PREFIXES:
            symbol, power = symbol + power, ""
        return symbol

    return _UNIT_MACRO.sub(said, written).strip()


_PREFIXES = set(list(_UNITS)[: list(_UNITS).index("ampere")])


_SPECIAL = re.compile(r"\\(?:text|SI|si|qty|unit|num|ang|c[eh]\b|circ|LaTeX|TeX)")


def _special(text: str) -> str:
    """Text with quantities, chemical formulas and signs of degree replaced by what they print."""
    text = _QUANTITY.sub(_quantity, text)
    text = _CHEMISTRY.sub(lambda found: re.sub(r"[\^_{}$]", "", found[1]), text)
    text = _POWER.sub(r"\1^\2", text)
    return _CIRC.sub("°", text)


def readable(text: str) -> str:
    """The text with formulas, macros and braces replaced by what they print; text without any is unchanged.

    A piece that pylatexenc cannot convert stays as it is.
    """
    if not _MARKS.search(text):
        return text
    # So the ACL Anthology writes quotation marks.
    text = text.replace("{``}", '"').replace("{''}", '"')
    if _SPECIAL.search(text):
        text = _EATEN.sub(r"\1{}", _special(text))
    text = _ACCENT.sub(r"\\\1{\2}", _LETTER.sub(r"\1{}", _DOTLESS.sub(r"\\\1{\\\2}", text)))
    converted = _PIECE.sub(lambda found: _convert(found.group()), text)
    is_tex = converted != text
    converted = _without_braces(converted)
    if is_tex:
        converted = _STYLED.sub(lambda found: unicodedata.normalize("NFKC", found.group()), converted)
        converted = _INDEX.sub(r"\1\2", converted)
        converted = _TIE.sub(" ", converted.replace("\\ ", " ")).replace("``", '"').replace("''", '"')
    if _BACKSLASH in converted:
        # Of LaTeX that a program escaped, a macro begins again.
        converted = _ESCAPED.sub(lambda found: "\\" if _is_macro(found[1]) else _NO_MACRO, converted)
    return converted.replace(_TILDE, "~")


def _is_macro(name: str) -> bool:
    return bool(name) and (name in _STYLES.split("|") or _tables()[0].get_macro_spec(name) is not None)


_NO_MACRO = "∖"
"""A backslash that begins no macro, so that it is not read as one the next time."""

_ESCAPED = re.compile(rf"{_BACKSLASH}(?=([A-Za-z]*))")


def _without_braces(text: str) -> str:
    """Text without the braces that have a partner, however deep they are nested; those of a set stay."""
    opened: list[int] = []
    paired: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif opened:
            start = opened.pop()
            if not _is_set(text, start, found.start()):
                paired += [start, found.start()]
    ends = [-1, *sorted(paired), len(text)]
    return "".join(text[left + 1 : right] for left, right in itertools.pairwise(ends))


def _is_set(text: str, start: int, end: int) -> bool:
    """Whether braces hold members: short ones with commas between, as in {0, 1}, or with a condition."""
    inside = text[start + 1 : end]
    return (
        len(inside) < _LONGEST_SET
        and _MEMBERS.fullmatch(inside) is not None
        and text[start - 1 : start] not in ("^", "_")
    )


_LONGEST_SET = 60
_MEMBERS = re.compile(r"[^\s,{}]{1,8}(?:,\s?(?:[^\s,{}]{1,8}|\.\.\.|…))+|[^\s,{}]{1,8}\s?[:|∣]\s?[^{}]+")


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
