"""A small textbook with exercises, tables and answers at its back, written for this project: to try `document_vqa` out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

_FOLDER = Path(__file__).with_name("sample_books")


class SampleBooks(Storage):
    """The books as files: columns `path` (the name) and `content` (bytes)."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([("path", pa.string()), ("content", pa.binary())])

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        rows = [{"path": file.name, "content": file.read_bytes()} for file in sorted(_FOLDER.glob("*.md"))]
        batch = pa.RecordBatch.from_pylist(rows, schema=self.schema)
        yield batch if columns is None else batch.select(list(columns))

    def count_rows(self) -> int:
        return len(list(_FOLDER.glob("*.md")))

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise TypeError("the sample books can only be read")
