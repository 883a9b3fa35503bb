"""Where a paper can be read, as an address that is safe in a page."""

from __future__ import annotations

import re
from urllib.parse import quote

# No user name before the host: it is how an address pretends to lead elsewhere.
_LINK = re.compile(r"https?://[^\s/?#@\\]+([/?#]\S*)?", re.IGNORECASE)
_DOI = re.compile(r"10\.[\d.]+/.+")


def safe_link(url: str, doi: str) -> str:
    """The address of the paper's DOI, which outlives those of databases; without one its web address if that
    is plain http or https, else nothing.
    """
    if _DOI.fullmatch(doi.strip()):
        return f"https://doi.org/{quote(doi.strip(), safe='/:;.-_')}"
    return url.strip() if _LINK.fullmatch(url.strip()) else ""
