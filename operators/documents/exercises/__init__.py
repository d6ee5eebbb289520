"""Exercises of textbooks: found in the blocks of documents, matched with answers that stand elsewhere, and shown to models with their figures."""
