"""Raters: language models and trained classifiers as judges of texts and instructions."""
