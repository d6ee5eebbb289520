"""Scores: numbers of texts, by formulas, embeddings and language models."""
