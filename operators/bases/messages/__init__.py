"""Conversations in a column: read in any published shape, written in two, rendered to text."""
