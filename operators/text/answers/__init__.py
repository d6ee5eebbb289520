"""Answers: checks of instruction and answer pairs that need no language model."""
