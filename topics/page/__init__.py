"""The report of a run: one page for somebody who was not there."""

from topics.page.findings import Findings, findings
from topics.page.write import write_page

__all__ = ["Findings", "findings", "write_page"]
