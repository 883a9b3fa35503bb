"""Finished stages on disk, folders written whole or not at all, work on several cores, the log."""
