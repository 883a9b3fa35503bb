"""The questions as one HTML file to click through: no network, and what papers say is shown as text.

The questions travel as base64, so that no title can end a script; the page's own script writes them with
`textContent` only, and its policy names that script and one style by their digests. The key is not in it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from topics.output.maps.policy import source
from topics.validate.questions import ASKED, Question


def write_page(sheet: str, questions: Sequence[Question], path: Path) -> None:
    """Write the page; the same questions give the same bytes."""
    content = {
        "sheet": sheet,
        "asked": ASKED,
        "questions": [
            {
                "number": question.number,
                "task": question.task,
                "title": question.title,
                "abstract": question.abstract,
                "label": question.label,
                "options": question.options,
            }
            for question in questions
        ],
    }
    web = resources.files("topics.validate") / "web"
    style, script = ((web / name).read_text(encoding="utf-8") for name in ("sheet.css", "sheet.js"))
    parts = {
        "policy": f"default-src 'none'; script-src {source(script)}; style-src {source(style)}; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "questions": base64.b64encode(json.dumps(content, ensure_ascii=False).encode()).decode("ascii"),
    }
    template = (web / "sheet.html").read_text(encoding="utf-8")
    page = re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)
    path.write_text(page, encoding="utf-8", newline="\n")
