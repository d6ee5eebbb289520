"""Rows between processes: Arrow streams in files, read without a copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer

ARROW = "arrow"


class ArrowFile:
    """Written batch by batch; there is no file where there was no batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: pa.RecordBatchStreamWriter | None = None
        self._schema: pa.Schema | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        if self._stream is None or self._schema is None:
            self._schema = batch.schema
            self._stream = pa.ipc.new_stream(str(self.path), batch.schema)
        self._stream.write_batch(batch if batch.schema == self._schema else batch.cast(self._schema))

    def close(self) -> str:
        """Its path; "" where nothing was written."""
        if self._stream is None:
            return ""
        self._stream.close()
        return str(self.path)


def read_arrow_file(path: str) -> Iterator[pa.RecordBatch]:
    """The batches as they were written; none for "". The memory is that of the file, so that what is not held is not kept."""
    if path:
        with pa.memory_map(path) as file, pa.ipc.open_stream(file) as stream:
            yield from stream


class ArrowFileStorage(Storage):
    """A table in an Arrow stream file; read-only."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def schema(self) -> pa.Schema:
        with pa.memory_map(self._path) as file, pa.ipc.open_stream(file) as stream:
            return stream.schema

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        for batch in read_arrow_file(self._path):
            selected = batch if columns is None else batch.select(list(columns))
            for first in range(0, batch.num_rows, size):
                yield selected.slice(first, size)

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        raise TypeError("a file between processes is written once.")

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in read_arrow_file(self._path))
