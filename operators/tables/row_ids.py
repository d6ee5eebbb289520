"""Row ids: the same content gives the same id, on every run, in batches of any size, from any file format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import islice, pairwise
from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from operators.tables.files.json.encoding import any_iso_text, json_values
from operators.tables.plain_types import is_encoded, plain_array, plain_type
from operators.tables.storage import DEFAULT_BATCH_ROWS, Storage, Writer
from operators.tables.types import ROW_ID, ROW_ID_FIELD

Keys: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"
Bytes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"

_HEX = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), np.uint8).reshape(256, 2)
_DASHES = (8, 13, 18, 23)
_DIGITS = [place for place in range(36) if place not in _DASHES]


class RowIdError(ValueError):
    """A table brings a `row_id` column that cannot identify its rows."""


def with_row_ids(batches: Iterable[pa.RecordBatch], shard: str = "", checked: bool = False) -> Iterator[pa.RecordBatch]:
    """The same rows with `row_id`, a UUID as text, as the first column.

    The id is made from the row as JSON, nulls left out and keys sorted, so that it depends neither on the order of the columns nor on the file
    format; rows that are equal are told apart by the number of equal rows before. A `row_id` column that is there already is kept.
    Shards of one table are read apart, so that nobody can count equal rows over all: there the name of the shard is part of the id. With `checked`,
    ids that the table brings were looked at before.

    Raises:
        RowIdError: the column that is there is not text, or has a null, an empty or a repeated value.
    """
    ids, brought = GeneratedRowIds(shard), _BroughtRowIds()
    for batch in batches:
        if ROW_ID not in batch.schema.names:
            yield ids.add(batch)
            continue
        if not checked:
            brought.check(batch)
        yield _ids_first(batch)


def _ids_first(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with its own ids, as text, in the first column."""
    others = [name for name in batch.schema.names if name != ROW_ID]
    schema = pa.schema([ROW_ID_FIELD, *(batch.schema.field(name) for name in others)], metadata=batch.schema.metadata)
    return pa.RecordBatch.from_arrays([batch.column(ROW_ID).cast(pa.string()), *(batch.column(name) for name in others)], schema=schema)


class GeneratedRowIds:
    """Gives ids to rows that have none, in order; what generated rows carry in `parent_ids` is part of their content.

    Remembers 8 bytes a row, and some 100 more for each row that has an equal.
    """

    def __init__(self, shard: str = "") -> None:
        self._seen = _SeenKeys()
        self._salt = hashlib.blake2b(shard.encode(), digest_size=16).digest() if shard else b""

    def add(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with `row_id` as its first column."""
        schema = pa.schema([ROW_ID_FIELD, *batch.schema], metadata=batch.schema.metadata)
        return pa.RecordBatch.from_arrays([self.of(batch), *batch.columns], schema=schema)

    def of(self, batch: pa.RecordBatch) -> pa.StringArray:
        """The id of each row, version 8 UUIDs: 122 bits of BLAKE2b."""
        digests = [hashlib.blake2b(content, digest_size=16, salt=self._salt).digest() for content in _contents(batch)]
        earlier = self._seen.add(np.frombuffer(b"".join(digests), np.dtype("<u8"))[::2])
        for index in np.flatnonzero(earlier):
            digests[index] = hashlib.blake2b(digests[index] + int(earlier[index]).to_bytes(8, "big"), digest_size=16).digest()
        return _uuids(np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16))


class RowIdStorage(Storage):
    """Another table, its rows with ids as `with_row_ids` gives them. What is written goes to that table as it is.

    Ids that the table brings are checked the first time that all of it is read.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._checked = False

    @property
    def schema(self) -> pa.Schema:
        schema = self._storage.schema
        return pa.schema([ROW_ID_FIELD, *(field for field in schema if field.name != ROW_ID)], metadata=schema.metadata)

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        if columns is not None and ROW_ID not in columns:
            yield from self._storage.batches(columns, size)
            return
        for batch in with_row_ids(self._storage.batches(size=size), checked=self._checked):
            yield batch if columns is None else batch.select(list(columns))
        self._checked = True

    def writer(self, schema: pa.Schema) -> AbstractContextManager[Writer]:
        return self._storage.writer(schema)

    def count_rows(self) -> int:
        return self._storage.count_rows()


class _SeenKeys:
    """How often a key came before. Keys stand in sorted runs, each at least twice as long as the next; equal keys are counted apart.

    Keys are 64 bits of a digest: should two different rows ever share them, one is numbered as a second occurrence, which does no harm.
    """

    def __init__(self) -> None:
        self._runs: list[Keys] = []
        self._repeated: dict[int, int] = {}

    def add(self, keys: Keys) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The number of equal keys before each key, of this batch and of all earlier ones."""
        unique, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        seen = np.zeros(len(unique), dtype=bool)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, unique), len(run) - 1)
            seen |= run[places] == unique
        self._append(unique[~seen])
        earlier = np.zeros(len(keys), dtype=np.int64)
        for index in np.flatnonzero((seen | (counts > 1))[inverse]):
            key = int(keys[index])
            earlier[index] = self._repeated.get(key, int(seen[inverse[index]]))
            self._repeated[key] = int(earlier[index]) + 1
        return earlier

    def _append(self, run: Keys) -> None:
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")
        if len(run):
            self._runs.append(run)


class _BroughtRowIds:
    """Checks ids that a table brings with it, over all its batches."""

    def __init__(self) -> None:
        self._seen = _SeenKeys()
        self._rows = 0

    def check(self, batch: pa.RecordBatch) -> None:
        column = batch.column(ROW_ID)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type)):
            raise RowIdError(f'column "{ROW_ID}" is {column.type}; it has to be text. Rename it (rename={{"{ROW_ID}": ...}}), or declare it as text.')
        ids = column.to_pylist()
        if not all(ids):
            missing = next(place for place, value in enumerate(ids) if not value)
            raise RowIdError(
                f'column "{ROW_ID}" is {"null" if ids[missing] is None else "empty"} in row {self._rows + missing + 1}. '
                "Fill it, or rename or drop the column."
            )
        digests = b"".join(hashlib.blake2b(value.encode(), digest_size=8).digest() for value in ids)
        earlier = self._seen.add(np.frombuffer(digests, np.dtype("<u8")))
        if earlier.any():
            first = int(np.flatnonzero(earlier)[0])
            raise RowIdError(
                f'column "{ROW_ID}" has "{ids[first]}" again in row {self._rows + first + 1}. Ids are unique: mend, rename or drop the column.'
            )
        self._rows += len(ids)


def _contents(batch: pa.RecordBatch) -> Iterator[bytes]:
    """Each row as JSON with sorted keys, without its nulls."""
    if not batch.schema.names:
        return iter([b"{}"] * batch.num_rows)
    # run ends count no nulls
    columns = [plain_array(column, plain_type(column.type)) if pa.types.is_run_end_encoded(column.type) else column for column in batch.columns]
    # sorted once for all rows; only nested values have keys left to sort
    named = sorted(zip(batch.schema.names, columns, strict=True), key=lambda column: column[0].encode())
    names = [name for name, _ in named]
    option = orjson.OPT_SORT_KEYS if any(pa.types.is_nested(column.type) for _, column in named) else None
    rows = zip(*(_values(column, name) for name, column in named), strict=True)
    if any(column.null_count for column in columns):
        return (orjson.dumps({name: value for name, value in zip(names, row, strict=True) if value is not None}, option=option) for row in rows)
    return (orjson.dumps(dict(zip(names, row, strict=True)), option=option) for row in rows)


def _values(column: pa.Array, name: str) -> list[Any]:
    """The values of a column as JSON; those that JSON cannot hold as something that tells them apart."""
    type_ = column.type
    if not _is_beyond_json(type_):
        return json_values(column, name)
    if is_encoded(type_):
        return _values(plain_array(column, plain_type(type_)), name)
    if pa.types.is_duration(type_):
        return _values(column.cast(pa.int64()), name)
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return list(any_iso_text(column).to_pylist())
    if pa.types.is_map(type_):
        return _maps(column, name)
    if pa.types.is_struct(type_):
        names = [field.name for field in type_]
        rows = zip(*(_values(child, name) for child in column.flatten()), strict=True)
        return [dict(zip(names, row, strict=True)) if valid else None for row, valid in zip(rows, column.is_valid().to_pylist(), strict=True)]
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        items = iter(_values(column.flatten(), name))
        return [None if length is None else list(islice(items, length)) for length in pc.list_value_length(column).to_pylist()]
    if isinstance(column, pa.ExtensionArray):
        return _values(column.storage, name)
    return [None if value is None else str(value) for value in column.to_pylist()]


def _maps(column: pa.MapArray, name: str) -> list[Any]:
    """Maps with keys of text, each once, as objects, all others as lists of their pairs."""
    offsets = column.offsets.to_numpy()
    first, entries = int(offsets[0]), int(offsets[-1] - offsets[0])
    keys, items = _values(column.keys.slice(first, entries), name), _values(column.items.slice(first, entries), name)
    found: list[Any] = []
    for (start, end), valid in zip(pairwise((offsets - first).tolist()), column.is_valid().to_pylist(), strict=True):
        pairs = list(zip(keys[start:end], items[start:end], strict=True))
        is_object = all(isinstance(key, str) for key, _ in pairs) and len(dict(pairs)) == len(pairs)
        found.append((dict(pairs) if is_object else pairs) if valid else None)
    return found


@cache
def _is_beyond_json(type_: pa.DataType) -> bool:
    """Whether values of this type, or values inside them, have no JSON, or perhaps none."""
    if isinstance(type_, pa.BaseExtensionType):
        return type_ not in (pa.json_(), pa.uuid()) and _is_beyond_json(type_.storage_type)
    if pa.types.is_map(type_) or pa.types.is_duration(type_) or pa.types.is_interval(type_) or pa.types.is_union(type_):
        return True
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return True  # of a year that is no text
    if pa.types.is_string_view(type_):
        return False
    if pa.types.is_dictionary(type_):
        return is_encoded(type_.value_type) or _is_beyond_json(type_.value_type)
    if pa.types.is_struct(type_):
        return any(_is_beyond_json(field.type) for field in type_)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _is_beyond_json(type_.value_type)
    return is_encoded(type_)


def _uuids(digests: Bytes) -> pa.StringArray:
    """Rows of 16 bytes as UUID text, without making a Python string of any."""
    digests = digests.copy()
    digests[:, 6] = (digests[:, 6] & 0x0F) | 0x80
    digests[:, 8] = (digests[:, 8] & 0x3F) | 0x80
    text = np.full((len(digests), 36), ord("-"), np.uint8)
    text[:, _DIGITS] = _HEX[digests].reshape(len(digests), 32)
    offsets = np.arange(0, 36 * len(digests) + 1, 36, dtype=np.int32)
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), pa.py_buffer(text))
