"""Named topics, labelled papers, 2D maps and trends from research-paper abstracts."""

__version__ = "0.1.0"
