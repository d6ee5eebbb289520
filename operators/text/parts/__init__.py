"""Texts as rows of their parts, and rows as one text."""
