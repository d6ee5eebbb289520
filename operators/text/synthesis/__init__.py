"""Synthesis: questions, answers, instructions and conversations made of texts."""
