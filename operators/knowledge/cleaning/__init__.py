"""Cleaning chunks with a language model, checked for facts."""
