"""Texts as vectors, and what can be said of rows by them."""
