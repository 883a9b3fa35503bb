"""What this package says of itself, as CITATION.cff does."""

__version__ = "0.1.0"

AUTHORS = "The topics developers"

YEAR = "2026"
"""Year of the release."""

ADDRESS = "DOI or address of the release: not given yet"
"""Where the release can be found; CITATION.cff has the same under `identifiers`."""
