"""JSON Lines and JSON arrays as Arrow, in two passes: the first looks at every value to find the types, the second converts.

Blocks of lines are read by Arrow's own reader where it is certain (`arrow_lane`), and line by line where it is not. Both give the same table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.batching import batches_of, batches_without_columns
from operators.tables.files.blocks import Block, is_large, line_blocks
from operators.tables.files.conversion import declared_array, keeps_digits, refuse_unreadable
from operators.tables.files.errors import BadLine, FileFormatError
from operators.tables.files.json.arrow_lane import parse_block
from operators.tables.files.json.first_pass import ParsedBlocks
from operators.tables.files.json.inference import ColumnKinds, Doubtful, is_certain
from operators.tables.files.json.records import Record, count_objects, elements, first_line, holds_several
from operators.tables.files.json.text import WrittenFloat, holds_float, parse_exactly, parse_object
from operators.tables.files.paths import suffix_of
from operators.tables.threads import in_threads

CHUNK_BYTES = 32 << 20
SCAN_ROWS = 4096
MAX_COLUMNS = 5000
_PLAIN = (pa.string(), pa.int64(), pa.float64(), pa.bool_())

Row = dict[str, Any]


class Chunk(NamedTuple):
    """Parsed objects with the lines they stand on and their bytes."""

    rows: list[Row]
    lines: list[int]
    raw: list[bytes]


class JsonReader:
    """`declared` types are kept to; all other columns take the type that holds each of their values.

    Without `fast`, everything is read line by line.
    """

    def __init__(self, paths: Sequence[str], declared: Mapping[str, pa.DataType], fast: bool = True) -> None:
        refuse_unreadable(declared)
        self._paths = paths
        self._declared = declared
        self._fast = fast
        self._parsed = ParsedBlocks()

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], SCAN_ROWS, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns])
        tables = self._tables(wanted, size, bad)
        if columns:
            yield from batches_of(size, (table for table, _ in tables))
        else:
            yield from batches_without_columns(size, (rows for _, rows in tables))

    def _tables(self, wanted: pa.Schema, size: int, bad: BadRows) -> Iterator[tuple[pa.Table, int]]:
        """The columns wanted, and how many rows they have, should there be no column."""
        fast = self._fast and all(_is_plain(field.type, field.name in self._declared) for field in self.schema)
        for path in self._paths:
            for part in self._parts(path, size, bad, self.schema if fast else None):
                yield (part.select(wanted.names), part.num_rows) if isinstance(part, pa.Table) else self._converted(path, part, wanted, bad)

    def _parts(self, path: str, size: int, bad: BadRows, schema: pa.Schema | None) -> Iterator[pa.Table | Chunk]:
        """A file as tables of `schema` that Arrow made, and chunks of what it could not be trusted with."""
        if _has_elements(path):
            yield from _chunks(path, _certain_elements(path), size, bad)
            return

        def parsed(block: Block) -> pa.Table | Block:
            if schema is None:
                return block
            table = _of_schema(self._parsed.take(path, block.first_line), schema)
            if table is None:
                table = parse_block(block.data, schema, "error")
            return table if table is not None and _is_certain(table, schema) else block

        for part in in_threads(parsed, line_blocks(path), is_large):
            if isinstance(part, Block):
                yield from _chunks(path, _lines(part), size, bad)
            else:
                yield part

    def _converted(self, path: str, chunk: Chunk, wanted: pa.Schema, bad: BadRows) -> tuple[pa.Table, int]:
        # columns that a value may not fit are converted for every reading, so that which rows are bad does not depend on the columns asked for
        strict = {field.name: field for field in self.schema if field.name in self._declared or field.type == pa.json_()}
        plain = [field for field in wanted if field.name not in strict]
        arrays, rows = self._strict_arrays(path, list(strict.values()), chunk, bad)
        try:
            arrays |= {field.name: _inferred_array([row.get(field.name) for row in rows], field.type) for field in plain}
        except (pa.ArrowException, TypeError, OverflowError) as error:
            raise FileFormatError(f"{path}: changed while it was being read ({error}). Read it again.") from error
        return pa.Table.from_arrays([arrays[name] for name in wanted.names], schema=wanted), len(rows)

    def _strict_arrays(self, path: str, fields: Sequence[pa.Field], chunk: Chunk, bad: BadRows) -> tuple[dict[str, pa.Array], list[Row]]:
        """The declared and the JSON columns, and the rows whose values all fit; the others are bad."""
        arrays: dict[str, pa.Array] = {}
        mistakes: dict[int, str] = {}
        for field in fields:
            values = [row.get(field.name) for row in chunk.rows]
            if keeps_digits(field.type):
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
    def schema(self) -> pa.Schema:
        """The first pass."""
        try:
            return self._scan(self._fast)
        except FileFormatError:
            if not self._fast:
                raise
        return self._scan(fast=False)  # whose messages name the very lines

    def _scan(self, fast: bool) -> pa.Schema:
        columns: dict[str, ColumnKinds] = {}
        self._parsed.begin()
        for path in self._paths:
            good, bad = 0, BadRows()
            for part in self._scanned_parts(path, bad, columns, fast):
                good += part if isinstance(part, int) else self._observe(path, part, columns)
                if len(columns) > MAX_COLUMNS:
                    raise FileFormatError(f"{path}: more than {MAX_COLUMNS} different keys: they look like data. Put them under one key.")
            if bad.count and not good:
                raise FileFormatError(f"{path}: none of its {bad.count} lines could be read. The first: {bad.rows[0]}{_hint(bad.rows[0].excerpt)}")
        return self._schema(columns)

    def _scanned_parts(self, path: str, bad: BadRows, columns: dict[str, ColumnKinds], fast: bool) -> Iterator[int | Chunk]:
        """The rows of blocks that Arrow has read and that are observed, and chunks of the others."""
        if _has_elements(path):
            yield from _chunks(path, _certain_elements(path), SCAN_ROWS, bad)
            return

        def parsed(item: tuple[Block, pa.Schema]) -> tuple[Block, pa.Table | None]:
            block, known = item
            table = parse_block(block.data, known, "infer") if fast else None
            if table is None and fast and len(known):  # perhaps a column is not what it was before
                table = parse_block(block.data, pa.schema([]), "infer")
            return block, table

        # what is known when a block is read speeds up its parsing, and changes nothing of what is found out
        items = ((block, self._known(columns)) for block in line_blocks(path))
        for block, table in in_threads(parsed, items, lambda item: is_large(item[0])):
            if table is not None and self._observe_table(table, columns, f"{path}:{block.first_line}"):
                self._parsed.keep(path, block.first_line, table)
                yield table.num_rows
            else:
                yield from _chunks(path, _lines(block), SCAN_ROWS, bad)

    def _known(self, columns: Mapping[str, ColumnKinds]) -> pa.Schema:
        """Columns seen before whose types Arrow need not guess: those declared so, and those of text up to here. New ones come in their order."""
        texts = {name: pa.string() for name, kinds in columns.items() if kinds.first_lines.keys() == {str}}
        declared = {name: self._declared[name] for name in columns if name in self._declared and _is_plain(self._declared[name], declared=True)}
        return pa.schema(list((texts | declared).items()))

    def _observe_table(self, table: pa.Table, columns: dict[str, ColumnKinds], place: str) -> bool:
        found = {name: columns.get(name) or ColumnKinds() for name in table.schema.names}
        try:
            for name, kinds in found.items():
                if name not in self._declared:
                    kinds.observe_array(table.column(name).combine_chunks(), place)
        except Doubtful:
            return False  # what was noted already is noted again, to the same effect
        columns.update(found)
        return True

    def _observe(self, path: str, chunk: Chunk, columns: dict[str, ColumnKinds]) -> int:
        for name in dict.fromkeys(name for row in chunk.rows for name in row):
            kinds = columns.setdefault(name, ColumnKinds())
            if name not in self._declared:
                kinds.observe([row.get(name) for row in chunk.rows], chunk.lines, path)
        return len(chunk.rows)

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


def _is_plain(type_: pa.DataType, declared: bool) -> bool:
    """Whether Arrow's reader, told this type, gives the same values or fails. A struct that is declared may lack keys, one found in the file not."""
    if pa.types.is_list(type_):
        return _is_plain(type_.value_type, declared)
    if pa.types.is_struct(type_):
        return not declared and all(_is_plain(field.type, declared) for field in type_)
    return type_ in _PLAIN


def _of_schema(table: pa.Table | None, schema: pa.Schema) -> pa.Table | None:
    """A table of the first pass if the second one would make the same: that is where each column has its type already."""
    if table is None or sorted(table.schema.names) != sorted(schema.names):
        return None
    table = table if table.schema.names == schema.names else table.select(schema.names)
    return table if table.schema == schema else None


def _is_certain(table: pa.Table, schema: pa.Schema) -> bool:
    if table.schema.names != schema.names:
        return False
    return all(is_certain(leaf) for column in table.columns for chunk in column.chunks for leaf in _floats(chunk))


def _floats(array: pa.Array) -> Iterator[pa.Array]:
    if pa.types.is_float64(array.type):
        yield array
    elif pa.types.is_list(array.type):
        yield from _floats(array.flatten())
    elif pa.types.is_struct(array.type):
        for child in array.flatten():
            yield from _floats(child)


def _has_elements(path: str) -> bool:
    """Whether the records are the elements of an array. Raises FileFormatError for a .json file that is one object over many lines."""
    if suffix_of(path).format != "json":
        return False
    first = first_line(path)
    if first.startswith(b"{") and not first.endswith(b"}"):
        raise FileFormatError(f"{path}: it looks like one JSON object over several lines: wrap it in [ ] or write one object a line.")
    return first.startswith(b"[")


def _certain_elements(path: str) -> Iterator[Record]:
    """The elements of an array. Raises FileFormatError for a malformed one that may be several."""
    for line, raw in elements(path):
        if holds_several(raw):
            try:
                parse_exactly(raw, WrittenFloat)
            except BadLine as error:
                if str(error).startswith("malformed"):
                    raise FileFormatError(f"{path}:{line}: {error}, and it may be several elements in one. Mend it, or write JSON Lines.") from error
        yield line, raw


def _lines(block: Block) -> Iterator[Record]:
    """The lines of a block that are not blank."""
    lines = block.data.to_pybytes().split(b"\n")
    return ((number, line) for number, line in enumerate(lines, block.first_line) if line and not line.isspace())


def _chunks(path: str, source: Iterator[Record], size: int, bad: BadRows) -> Iterator[Chunk]:
    """At most `size` parsed objects at a time, and little more than 32 MB of text; what cannot be parsed is added to `bad`.

    A line that holds several objects is as many bad rows.
    """
    chunk, weight = Chunk([], [], []), 0
    for line, raw in _split_at_returns(source):
        try:
            chunk.rows.append(parse_object(raw))
        except BadLine as error:
            count = count_objects(raw)
            reason = str(error) if count == 1 else f"holds {count:,} objects, and each has to stand on its own ({error})"
            for number in range(count):
                bad.add(path, line, reason, b"" if number else raw)
            continue
        chunk.lines.append(line)
        chunk.raw.append(raw)
        weight += len(raw)
        if len(chunk.rows) >= size or weight >= CHUNK_BYTES:
            yield chunk
            chunk, weight = Chunk([], [], []), 0
    if chunk.rows:
        yield chunk


def _split_at_returns(source: Iterator[Record]) -> Iterator[Record]:
    """A carriage return inside a line is white space if the line is one object, else a line end as well; inside strings JSON has none."""
    for line, raw in source:
        parts = raw.split(b"\r")
        if len(parts) <= 2 and not parts[-1].strip():
            yield line, raw
            continue
        if not _is_object(raw) and any(map(_is_object, parts)):
            yield from ((line, part) for part in parts if part.strip())
        else:
            yield line, raw


def _is_object(raw: bytes) -> bool:
    try:
        parse_object(raw)
    except BadLine:
        return False
    return True


def _with_digits(values: list[Any], name: str, raw: Sequence[bytes]) -> list[Any]:
    """The same values, fractions with the digits that the file gives them, at any depth."""
    if set(map(type, values)) <= {str, int, bool, type(None)}:
        return values
    return [parse_exactly(line, WrittenFloat)[name] if holds_float(value) else value for value, line in zip(values, raw, strict=True)]


def _inferred_array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_floating(type_):
        values = [float(value) if type(value) is int else value for value in values]
    return pa.array(values, type_)


def _hint(excerpt: str) -> str:
    if excerpt.startswith("["):
        return "\nIt begins like a JSON array: name the file .json."
    return "\nIt looks like one JSON object over several lines: write one object a line." if excerpt.rstrip() == "{" else ""
