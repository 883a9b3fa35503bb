"""Texts to vectors: one file per encoder."""
