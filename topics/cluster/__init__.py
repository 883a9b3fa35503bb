"""Vectors to topics: neighbours, UMAP, clustering, and which topic a paper belongs to."""
