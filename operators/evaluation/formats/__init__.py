"""Formats of benchmarks as they are published, each a small declaration. A table's format is told by its columns and their types."""

from operators.evaluation.formats.detection import FORMATS, chosen_format, column_problems_of

__all__ = ["FORMATS", "chosen_format", "column_problems_of"]
