"""Queries that a language model writes."""
