"""What is asked of a retriever, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Query:
    """A question, or any words to look for."""

    text: str
    only: Mapping[str, str] = field(default_factory=dict)
    """Name -> value that a passage must have: {"document": "report.pdf"} looks in that document alone."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a corpus that may answer a query."""

    id: str
    """In its corpus: the row_id, where that is a table."""
    text: str
    score: float
    """Higher is better. Scores of one answer can be compared with each other, and with nothing else."""


@dataclass(frozen=True, slots=True)
class NotRetrieved:
    """Why there is no answer to a query. That nothing was found is an answer: no passages."""

    reason: str


Retrieved: TypeAlias = tuple[Passage, ...] | NotRetrieved
"""The passages found, the best first."""

PASSAGES: Final = pa.list_(pa.struct([pa.field("id", pa.string()), pa.field("text", pa.string()), pa.field("score", pa.float64())]))
"""Passages as a column of a table."""
