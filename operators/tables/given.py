"""What people hand in as rows, as a Storage: files, data frames, Arrow, Hugging Face data sets, lists, and tables by name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from operators.tables.errors import ParameterError, Problem, ProblemsFound
from operators.tables.files import FileFormatError, FileStorage
from operators.tables.files.paths import suffix_of
from operators.tables.frames import is_of, plain_batches, plain_schema, table_of_frame
from operators.tables.python_rows import table_of_columns, table_of_rows
from operators.tables.storage import DEFAULT_BATCH_ROWS, MemoryStorage, Storage, Writer

Given: TypeAlias = Any
"""A path or glob, a data frame (pandas, polars), anything of Arrow, a DuckDB relation, a Hugging Face data set, a list of texts or of dicts, a dict
of columns, a Storage, or the name of a table: "web_text.quality"."""

OpenTable: TypeAlias = Callable[[str], Storage]
"""Opens a table by name."""


_KIND = re.compile(r"[a-z_]{2,}:(?!//)")
"""Before the name of a source that is no file: databases:data/spider."""


def as_storage(rows: Given, open_table: OpenTable | None = None) -> Storage:
    """Rows of any form as a Storage. Types are kept: the text "001" stays text, nested values stay nested; no type is guessed from a sample.

    Files and data sets on disk are read batch by batch; everything else is held in memory. What can be read only once is read here.

    Raises:
        ParameterError: it is not rows, or a file or table of that name does not exist; with what to give instead.
        ColumnError: a column of Python values mixes types.
    """
    try:
        return _storage(rows, open_table)
    except ProblemsFound:
        raise
    except (FileNotFoundError, ValueError) as error:
        raise ParameterError([Problem(str(error))]) from error


def _storage(rows: Given, open_table: OpenTable | None) -> Storage:
    if isinstance(rows, Storage):
        return rows
    if isinstance(rows, str):
        return _by_name(rows, open_table)
    if isinstance(rows, os.PathLike):
        return FileStorage(rows)
    if is_of(rows, "pyarrow", "Dataset"):
        return _ArrowDataset(rows)
    if is_of(rows, "datasets", "Dataset"):
        return _HuggingFaceDataset(rows)
    if is_of(rows, "datasets", "DatasetDict", "IterableDatasetDict"):
        splits = ", ".join(map(str, rows))
        raise ParameterError([Problem(f"a data set of several splits ({splits}) is several tables", suggestion='give one: dataset["train"]')])
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    if isinstance(rows, pa.RecordBatchReader):
        rows = rows.read_all()
    if (table := table_of_frame(rows)) is not None:
        return MemoryStorage(table)
    if isinstance(rows, Mapping):
        return MemoryStorage(table_of_columns(rows))
    if isinstance(rows, Iterable) and not isinstance(rows, bytes | bytearray):
        values = list(rows)
        if values and all(isinstance(value, pa.RecordBatch) for value in values):
            return MemoryStorage(pa.Table.from_batches(values))
        return MemoryStorage(table_of_rows(values))
    suggestion = "give a path, a data frame, an Arrow table, or a list of texts or dicts"
    raise ParameterError([Problem(f"{_named(rows)} is not rows", suggestion=suggestion)])


def _by_name(name: str, open_table: OpenTable | None) -> Storage:
    """A file where the text is a path; else a table of that name."""
    if _is_path(name) or open_table is None:
        return FileStorage(name)
    return open_table(name)


def _is_path(text: str) -> bool:
    if Path(text).exists():
        return True
    if _KIND.match(text):
        return False
    if any(mark in text for mark in "*?[/\\"):
        return True
    try:
        suffix_of(text)
    except FileFormatError:
        return False
    return True


def _named(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


class _ReadOnly(Storage):
    """Data sets of other libraries are not written to."""

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        raise TypeError(f"{type(self).__name__.strip('_')} can only be read. Write to a file or a MemoryStorage.")


class _ArrowDataset(_ReadOnly):
    """A `pyarrow.dataset.Dataset`, read batch by batch, in order."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    @property
    def schema(self) -> pa.Schema:
        return plain_schema(self._dataset.schema)

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        schema = _chosen(self.schema, columns)
        yield from plain_batches(self._dataset.to_batches(columns=schema.names, batch_size=size), schema)

    def count_rows(self) -> int:
        return int(self._dataset.count_rows())


class _HuggingFaceDataset(_ReadOnly):
    """A `datasets.Dataset`, read batch by batch from its memory-mapped files, as it was selected and shuffled."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset.with_format("arrow")

    @property
    def schema(self) -> pa.Schema:
        return plain_schema(self._dataset.features.arrow_schema)

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        schema = _chosen(self.schema, columns)
        for start in range(0, len(self._dataset), size):
            rows: pa.Table = self._dataset[start : start + size]
            yield from plain_batches(rows.select(schema.names).to_batches(), schema)

    def count_rows(self) -> int:
        return len(self._dataset)


def _chosen(schema: pa.Schema, columns: Sequence[str] | None) -> pa.Schema:
    return schema if columns is None else pa.schema([schema.field(name) for name in columns])
