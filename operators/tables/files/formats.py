"""What each file format provides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows


class Reader(Protocol):
    """The files of one reading, of one format. `schema` and `batches` raise FileFormatError."""

    @property
    def schema(self) -> pa.Schema: ...

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]: ...

    def count_rows(self) -> int: ...


class Encoder(Protocol):
    """Writes rows to a binary file; `close` completes the file and leaves it open."""

    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...
