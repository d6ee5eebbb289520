"""Parts of a table: ranges of its rows, and what another process needs to know to read one.

The work on a table can be cut into parts and done by several processes, byte for byte as by one:

    row by row       each part is processed; what becomes of its rows is written in the order of the parts
    whole tables     a *sketch* is made of each part, `combine` decides once on all rows, `apply` does it to each part; rows on which the
                     sketches leave a doubt are *examined* before that is decided

One process uses the same functions on the whole table, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from operators.tables.errors import StageFailed
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

Location: TypeAlias = Mapping[str, Any]
"""Where a process finds a table, as plain data: {"stored": kind, ...}."""

PART_BYTES = 32 << 20
"""Of a part, about: some tenths of a second of work for the rules, and little memory in each process."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows `first` to `first + rows - 1` of a table."""

    first: int
    rows: int


def cut(stretches: Sequence[int], size_in_bytes: int, at_least: int = 1) -> list[Part]:
    """Parts of about PART_BYTES, and so many at least, where there are rows enough. `stretches` are those of the table.

    Parts end where batches end, so that the batches of the parts are those of the table.
    """
    rows = sum(stretches)
    batches = max(1, int(PART_BYTES / max(size_in_bytes / max(rows, 1), 1.0)) // DEFAULT_BATCH_ROWS)
    size = DEFAULT_BATCH_ROWS * min(batches, max(1, -(-rows // (at_least * DEFAULT_BATCH_ROWS))))
    parts, start = [], 0
    for stretch in stretches:
        parts += [Part(start + first, min(size, stretch - first)) for first in range(0, stretch, size)]
        start += stretch
    return parts


class PartStorage(Storage):
    """A part of a table as a table; read-only."""

    def __init__(self, storage: Storage, part: Part) -> None:
        self._storage = storage
        self._part = part

    @property
    def schema(self) -> pa.Schema:
        return self._storage.schema

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        return self._storage.rows_from(self._part.first, self._part.rows, columns, size)

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        raise TypeError("a part of a table is only read.")

    def count_rows(self) -> int:
        return self._part.rows


def check_conclusion(operator: str, conclusion: pa.RecordBatch, rows: int) -> None:
    """Raises StageFailed: a function of a table decided on more or fewer rows than there are."""
    if conclusion.num_columns and conclusion.num_rows != rows:
        raise StageFailed(f"{operator} gave {conclusion.num_rows} values for {rows} rows: one for each row is needed.")
