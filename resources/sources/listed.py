"""What sources have in common whose rows are found one after the other: they are read in batches, and cannot be written."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, ClassVar, NoReturn

import pyarrow as pa

from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer


class ListedRows(Storage):
    """Define `columns` and `rows`; the same source gives the same rows in the same order."""

    columns: ClassVar[Mapping[str, pa.DataType]]
    """Name of each column -> its type."""

    @abstractmethod
    def rows(self) -> Iterator[Mapping[str, Any]]:
        """All rows, one after the other."""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.columns.items()))

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        left = iter(self.rows())
        while some := list(islice(left, size)):
            batch = pa.RecordBatch.from_pylist(some, schema=self.schema)
            yield batch if columns is None else batch.select(list(columns))

    def count_rows(self) -> int:
        return sum(1 for _ in self.rows())

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        self._read_only()

    def _read_only(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} can only be read: write its rows into a file of your own to change them")
