"""The passages of a corpus as an index keeps them: ids, texts, and the columns by which a search can be narrowed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.retrieval.found import Allowed, Found
from operators.retrieval.passages import Passage
from operators.tables.errors import StageFailed
from operators.tables.storage import Storage
from operators.tables.types import ROW_ID

ID: Final = "id"
TEXT: Final = "text"
_FILE: Final = "passages.arrow"
_MASKS_KEPT: Final = 256
_MARKED_BYTES: Final = 65_536


def passages_schema(corpus: pa.Schema, fields: Sequence[str]) -> pa.Schema:
    """id, text, and the fields under "field_NAME", as text or lists of texts.

    Raises:
        StageFailed: a field is an object, or a list of other things than single values.
    """
    columns = [pa.field(f"field_{name}", _text_type(corpus.field(name).type)) for name in fields]
    for name in fields:
        type_ = corpus.field(name).type
        if pa.types.is_nested(type_.value_type if _is_list(type_) else type_):
            raise StageFailed(f'column "{name}" of the corpus is {type_}: a search is narrowed by texts, numbers, or lists of them.')
    return pa.schema([pa.field(ID, pa.large_string()), pa.field(TEXT, pa.large_string()), *columns])


def read_passages(corpus: Storage, text: str, fields: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Of each row that has a text.

    Raises:
        StageFailed: the column of texts holds no texts.
    """
    type_ = corpus.schema.field(text).type
    if not (pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_)):
        raise StageFailed(f'column "{text}" of the corpus is {type_}, and only text is searched.')
    schema = passages_schema(corpus.schema, fields)
    for batch in corpus.batches(list(dict.fromkeys([ROW_ID, text, *fields]))):
        batch = batch.filter(pc.is_valid(batch.column(text)))
        columns = [batch.column(name).cast(field.type) for name, field in zip([ROW_ID, text, *fields], schema, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _text_type(type_: pa.DataType) -> pa.DataType:
    return pa.list_(pa.string()) if _is_list(type_) else pa.large_string()


def _is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_))


def hash_of(batches: Iterator[pa.RecordBatch]) -> str:
    """Of the content of passages: another for other ids, texts, fields, or another order; the same however they are cut into batches."""
    digest = hashlib.sha256()
    for number, batch in enumerate(batches):
        if not number:
            digest.update(repr(batch.schema.names).encode())
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            for value in row:
                written = value.encode() if isinstance(value, str) else repr(value).encode()
                digest.update(b"%d:" % len(written) + written)
    return digest.hexdigest()[:32]


def write_passages(batches: Iterator[pa.RecordBatch], schema: pa.Schema, folder: Path) -> None:
    with pa.ipc.new_file(str(folder / _FILE), schema) as file:
        for batch in batches:
            file.write_batch(batch)


def open_passages(folder: Path) -> Passages:
    """Mapped into memory. Raises OSError, and ArrowInvalid for a file of something else."""
    table = pa.ipc.open_file(pa.memory_map(str(folder / _FILE))).read_all()
    if table.schema.names[:2] != [ID, TEXT]:
        raise pa.ArrowInvalid(f"{_FILE} has the columns {', '.join(table.schema.names)}, not {ID} and {TEXT}")
    return Passages(table)


def mark_of(folder: Path) -> str:
    """What tells the passages of a folder from others: the size of their file, its beginning, and its end, which says where each column lies."""
    path = folder / _FILE
    digest = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_MARKED_BYTES))
        file.seek(max(0, path.stat().st_size - _MARKED_BYTES))
        digest.update(file.read())
    return digest.hexdigest()[:12]


class Passages:
    """A table of the columns of `passages_schema`."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._codes: dict[str, tuple[Any, Any, dict[str, int]]] = {}
        self._masks: dict[tuple[tuple[str, str], ...], Allowed] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @property
    def fields(self) -> list[str]:
        return [name.removeprefix("field_") for name in self._table.schema.names if name.startswith("field_")]

    def texts(self) -> Iterator[pa.Array]:
        yield from self._table.column(TEXT).chunks

    def of(self, found: Sequence[Found]) -> list[tuple[Passage, ...]]:
        """The passages of each answer."""
        rows = pa.array(np.concatenate([np.zeros(0, np.int64), *(one.rows.astype(np.int64) for one in found)]))
        ids, texts = (iter(self._table.column(name).take(rows).to_pylist()) for name in (ID, TEXT))
        return [tuple(Passage(next(ids), next(texts), score) for score in one.scores.tolist()) for one in found]

    def allowed(self, only: Mapping[str, str]) -> Allowed | None:
        """For each passage whether it has these values, a list of texts one of its own; None where nothing is asked for. Raises KeyError."""
        if not only:
            return None
        key = tuple(sorted(only.items()))
        if key not in self._masks:
            if len(self._masks) >= _MASKS_KEPT:
                self._masks.clear()
            mask = np.ones(len(self), np.bool_)
            for name, value in key:
                mask &= self._having(name, value)
            self._masks[key] = mask
        return self._masks[key]

    def _having(self, name: str, value: str) -> Allowed:
        if name not in self._codes:
            column = self._table.column(f"field_{name}").combine_chunks()
            if pa.types.is_list(column.type):
                owners, values = pc.list_parent_indices(column).to_numpy(), column.flatten()
            else:
                owners, values = np.arange(len(column)), column
            encoded = values.dictionary_encode()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            self._codes[name] = owners, codes, {text: code for code, text in enumerate(encoded.dictionary.to_pylist())}
        owners, codes, known = self._codes[name]
        mask = np.zeros(len(self), np.bool_)
        mask[owners[codes == known.get(value, -2)]] = True
        return mask
