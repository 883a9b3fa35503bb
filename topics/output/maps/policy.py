"""How the policy of a page names the one script or style that it allows."""

from __future__ import annotations

import base64
import hashlib


def source(text: str) -> str:
    """A script or style as a source of a Content-Security-Policy: 'sha256-...', in its quotes."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
