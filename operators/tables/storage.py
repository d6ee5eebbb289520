"""Where rows come from and go to: the paper's `read()` and `write()`, over Arrow, in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

import pyarrow as pa

from operators.tables.frames import table_of_frame

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_BATCH_ROWS = 2048

Rows: TypeAlias = "pa.Table | pa.RecordBatch | pd.DataFrame | Iterable[pa.RecordBatch]"


class Writer(Protocol):
    """Takes batches of one schema. What was written appears when the context that gave the writer ends without an error; else not at all."""

    def write(self, batch: pa.RecordBatch) -> None: ...


class Storage(ABC):
    """A table that can be read in batches and replaced atomically."""

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """Names and types of the columns, without reading the rows where the format allows."""

    @abstractmethod
    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The rows in order, at most `size` at a time; only `columns`, in that order, where given."""

    @abstractmethod
    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        """Replace the table with what is written inside the context."""

    @abstractmethod
    def count_rows(self) -> int:
        """How many rows `batches` will give."""

    def rows_from(self, first: int, rows: int, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """`rows` rows from row `first` (0 is the first row). Formats that cannot jump there read what stands before."""
        at = 0
        for batch in self.batches(columns, size) if rows else ():
            wanted = batch.slice(max(0, first - at), max(0, min(first + rows - at, batch.num_rows) - max(0, first - at)))
            at += batch.num_rows
            if wanted.num_rows:
                yield wanted
            if at >= first + rows:
                return

    def stretches(self) -> list[int]:
        """Rows that are read in batches of their own: the number of rows of each file, where there are several."""
        return [self.count_rows()]

    def count_bytes(self) -> int | None:
        """How many bytes the rows have as Arrow, about; None where that is not known without reading them."""
        return None

    def resources(self) -> Mapping[str, Any]:
        """What the rows come with and operators on them may need: need -> resource. Rows of databases come with the databases."""
        return {}

    def location(self) -> dict[str, Any] | None:
        """Where another process of this machine finds the same rows, as plain data; None where only this process has them."""
        return None

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        schema = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        return pa.Table.from_batches(self.batches(columns), schema=schema)

    def write(self, rows: Rows) -> None:
        """Replace the table. An iterable of batches may be larger than memory; it needs at least one batch, which gives the schema."""
        schema, batches = _as_batches(rows)
        with self.writer(schema) as writer:
            for batch in batches:
                writer.write(batch)

    def read_pandas(self) -> pd.DataFrame:
        """As a data frame of Arrow-backed columns: integers with nulls stay integers, lists stay lists."""
        import pandas as pd

        return cast("pd.DataFrame", self.read().to_pandas(types_mapper=pd.ArrowDtype))


class MemoryStorage(Storage):
    """A table held in memory: for tests, notebooks and small steps."""

    def __init__(self, rows: Rows | None = None) -> None:
        self._table = pa.table({}) if rows is None else _as_table(rows)

    @property
    def schema(self) -> pa.Schema:
        return self._table.schema

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        table = self._table if columns is None else self._table.select(list(columns))
        yield from table.to_batches(max_chunksize=size)

    @contextmanager
    def writer(self, schema: pa.Schema) -> Iterator[Writer]:
        collected = _Collected(schema)
        yield collected
        self._table = pa.Table.from_batches(collected.batches, schema=schema)

    def count_rows(self) -> int:
        return int(self._table.num_rows)

    def count_bytes(self) -> int:
        return int(self._table.nbytes)


class _Collected:
    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.batches: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch.cast(self.schema))


def _as_table(rows: Rows) -> pa.Table:
    schema, batches = _as_batches(rows)
    return pa.Table.from_batches(batches, schema=schema)


def _as_batches(rows: Rows) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    if isinstance(rows, pa.RecordBatch):
        return rows.schema, [rows]
    table = rows if isinstance(rows, pa.Table) else table_of_frame(rows)
    if table is not None:
        return table.schema, table.to_batches()
    batches = iter(rows if isinstance(rows, Iterable) else (rows,))
    first = next(batches, None)
    if first is not None and not isinstance(first, pa.RecordBatch):
        what = type(rows).__name__ if rows is first or isinstance(rows, str) else f"{type(rows).__name__} of {type(first).__name__}"
        raise TypeError(
            f"{what} is no table: write a pyarrow.Table, such as pa.Table.from_pylist(rows), a data frame of pandas or polars, or batches."
        )
    if first is None:
        raise ValueError("no batch to write: an empty iterable has no schema. Write an empty pa.Table with the schema that you mean.")

    def chain() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    return first.schema, chain()
