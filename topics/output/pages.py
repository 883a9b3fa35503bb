"""What all pages share: texts of papers, which nobody checked, made safe; what a page may load; its frame."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from html import escape
from urllib.parse import quote

# No user name before the host: it is how an address pretends to lead elsewhere.
_LINK = re.compile(r"https?://[^\s/?#@\\]+([/?#]\S*)?", re.IGNORECASE)
_DOI = re.compile(r"10\.[\d.]+/.+")


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def safe_link(url: str, doi: str) -> str:
    """The address of the paper's DOI, which outlives those of databases; without one its web address if that
    is plain http or https, else nothing.
    """
    if _DOI.fullmatch(doi.strip()):
        return f"https://doi.org/{quote(doi.strip(), safe='/:;.-_')}"
    return url.strip() if _LINK.fullmatch(url.strip()) else ""


def policy(style: str, script: str = "", *, pictures: bool = False) -> str:
    """A Content-Security-Policy that allows a page this one style, this one script, and pictures in the page
    itself where it has some; no network.
    """
    parts = ["default-src 'none'"]
    parts += ["img-src data:"] if pictures else []
    parts += [f"script-src {_source(script)}"] if script else []
    return "; ".join([*parts, f"style-src {_source(style)}", "base-uri 'none'", "form-action 'none'"])


def _source(text: str) -> str:
    """A script or style by its digest: 'sha256-...', in its quotes."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def filled(template: str, parts: Mapping[str, str]) -> str:
    """A page with every `{{name}}` replaced by its part, which is not looked at."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def document(title: str, style: str, body: str, *, head: str = "") -> str:
    """A whole page without a script. title: plain text; body: HTML; head: further lines of its head."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
{head}<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
