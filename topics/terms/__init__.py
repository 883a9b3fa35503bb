"""Texts to terms: words, their forms, and the document-term matrix."""
