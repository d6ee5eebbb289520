"""JSON Lines and JSON arrays as Arrow, in two passes: the first looks at every value to find the types, the second converts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.conversion import declared_array
from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.json.inference import ColumnKinds, RoundedInteger
from operators.tables.files.json.records import records
from operators.tables.files.json.text import WrittenFloat, parse_exactly, parse_object

CHUNK_BYTES = 32 << 20
SCAN_ROWS = 4096
MAX_COLUMNS = 5000
_NEEDS_DIGITS = {float, list, dict}

Row = dict[str, Any]


class Found(NamedTuple):
    """What the first pass found: the type of each column, and whether integers have to be parsed with every digit kept."""

    schema: pa.Schema
    exact: bool


class Chunk(NamedTuple):
    """Parsed objects with the lines they stand on and their bytes."""

    rows: list[Row]
    lines: list[int]
    raw: list[bytes]


class JsonReader:
    """`declared` types are kept to; all other columns take the type that holds each of their values."""

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType]) -> None:
        self._paths = paths
        self._declared = declared

    @property
    def schema(self) -> pa.Schema:
        return self._found.schema

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], SCAN_ROWS, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        schema, exact = self._found
        # columns that a value may not fit are converted for every reading, so that which rows are bad does not depend on the columns asked for
        strict = [field for field in schema if field.name in self._declared or field.type == pa.json_()]
        plain = [schema.field(name) for name in columns if schema.field(name) not in strict]
        wanted = pa.schema([schema.field(name) for name in columns])
        for path in self._paths:
            for chunk in _chunks(path, size, exact, bad):
                arrays, rows = self._strict_arrays(path, strict, chunk, bad)
                try:
                    arrays |= {field.name: _inferred_array([row.get(field.name) for row in rows], field.type) for field in plain}
                except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
                    raise FileFormatError(f"{path}: changed while it was being read ({error}). Read it again.") from error
                if rows:
                    yield _batch(arrays, wanted, len(rows))

    def _strict_arrays(self, path: str, fields: Sequence[pa.Field], chunk: Chunk, bad: BadRows) -> tuple[dict[str, pa.Array], list[Row]]:
        """The declared and the JSON columns, and the rows whose values all fit; the others are bad."""
        arrays: dict[str, pa.Array] = {}
        mistakes: dict[int, str] = {}
        for field in fields:
            values = [row.get(field.name) for row in chunk.rows]
            if pa.types.is_string(field.type) or pa.types.is_decimal(field.type):
                values = _with_digits(values, field.name, chunk.raw)
            arrays[field.name], wrong = declared_array(values, field.type)
            for index, reason in wrong.items():
                mistakes.setdefault(index, f'column "{field.name}": {reason}')
        if not mistakes:
            return arrays, chunk.rows
        for index, reason in sorted(mistakes.items()):
            bad.add(path, chunk.lines[index], reason, chunk.raw[index])
        kept = [index for index in range(len(chunk.rows)) if index not in mistakes]
        return {name: array.take(pa.array(kept, pa.int64())) for name, array in arrays.items()}, [chunk.rows[index] for index in kept]

    @cached_property
    def _found(self) -> Found:
        try:
            return self._scan(exact=False)
        except RoundedInteger:
            return self._scan(exact=True)

    def _scan(self, exact: bool) -> Found:
        columns: dict[str, ColumnKinds] = {}
        needs_digits = False
        for path in self._paths:
            good, bad = 0, BadRows()
            for chunk in _chunks(path, SCAN_ROWS, exact, bad):
                good += len(chunk.rows)
                names = list(dict.fromkeys(name for row in chunk.rows for name in row))
                for name in names:
                    values = [row.get(name) for row in chunk.rows]
                    if name in self._declared:
                        columns.setdefault(name, ColumnKinds())
                        needs_digits = needs_digits or not _NEEDS_DIGITS.isdisjoint(map(type, values))
                    else:
                        columns.setdefault(name, ColumnKinds()).observe(values, chunk.lines, path, exact)
                if len(columns) > MAX_COLUMNS:
                    raise FileFormatError(f"{path}: more than {MAX_COLUMNS} different keys: they look like data. Put them under one key.")
            if bad.count and not good:
                raise FileFormatError(f"{path}: none of its {bad.count} lines could be read. The first: {bad.rows[0]}{_hint(bad.rows[0].excerpt)}")
        schema = self._schema(columns)
        return Found(schema, exact or needs_digits or any(kinds.irregular for kinds in columns.values()))

    def _schema(self, columns: Mapping[str, ColumnKinds]) -> pa.Schema:
        fields, problems = [], []
        for name in [*columns, *(name for name in self._declared if name not in columns)]:
            try:
                fields.append(pa.field(name, self._declared[name] if name in self._declared else columns[name].arrow_type(name)))
            except FileFormatError as error:
                problems.append(str(error))
        if problems:
            raise FileFormatError("\n".join(problems))
        return pa.schema(fields)


def _chunks(path: str, size: int, exact: bool, bad: BadRows) -> Iterator[Chunk]:
    """At most `size` parsed objects at a time, and little more than 32 MB of text; what cannot be parsed is added to `bad`."""
    chunk, weight = Chunk([], [], []), 0
    source = records(path)
    while True:
        try:
            for line, raw in source:
                try:
                    chunk.rows.append(parse_object(raw, exact))
                except BadLine as error:
                    bad.add(path, line, str(error), raw)
                    continue
                chunk.lines.append(line)
                chunk.raw.append(raw)
                weight += len(raw)
                if len(chunk.rows) >= size or weight >= CHUNK_BYTES:
                    yield chunk
                    chunk, weight = Chunk([], [], []), 0
        except BadLine as error:
            bad.add(path, chunk.lines[-1] if chunk.lines else 1, str(error), b"")
        if chunk.rows:
            yield chunk
        return


def _with_digits(values: list[Any], name: str, raw: Sequence[bytes]) -> list[Any]:
    """The same values, fractions with the digits that the file gives them."""
    if float not in map(type, values):
        return values
    return [parse_exactly(line, WrittenFloat)[name] if type(value) is float else value for value, line in zip(values, raw, strict=True)]


def _inferred_array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_floating(type_):
        values = [float(value) if type(value) is int else value for value in values]
    return pa.array(values, type_)


def _batch(arrays: Mapping[str, pa.Array], schema: pa.Schema, count: int) -> pa.RecordBatch:
    if not schema.names:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * count, pa.struct([])))
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _hint(excerpt: str) -> str:
    if excerpt.startswith("["):
        return "\nIt begins like a JSON array: name the file .json."
    if excerpt.rstrip() == "{":
        return "\nIt looks like one JSON object over several lines: wrap it in [ ] or write one object a line."
    return ""
