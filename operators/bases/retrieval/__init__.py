"""Indexes of the passages of a table: by their words, by their vectors, and by both."""
