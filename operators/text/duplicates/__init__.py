"""Duplicates: equal texts, nearly equal texts, texts of a benchmark."""
