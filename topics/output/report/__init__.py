"""The report of a run: one page for somebody who was not there."""

from topics.output.report.findings import Findings, findings
from topics.output.report.write import write_page

__all__ = ["Findings", "findings", "write_page"]
