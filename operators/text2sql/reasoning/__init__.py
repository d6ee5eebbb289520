"""Prompts, reasoning that leads to a query, and votes on it."""
