"""What this package says of itself."""

__version__ = "0.1.0"
