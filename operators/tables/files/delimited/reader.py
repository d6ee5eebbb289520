"""CSV and TSV (RFC 4180, UTF-8) as Arrow. Every column is text unless declared; an empty field is null, a quoted one ("") empty text.

Blocks of text are read by Arrow's own reader where that is certain (`arrow_lane`), else record by record (`exact`). Both give the same table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.batching import batches_of, batches_without_columns
from operators.tables.files.blocks import BLOCK_BYTES
from operators.tables.files.conversion import refuse_unreadable, text_as
from operators.tables.files.delimited.arrow_lane import BYTES_PER_COLUMN, Extent, certain_extent, parse
from operators.tables.files.delimited.exact import MAX_RECORD_BYTES, Record, header, records
from operators.tables.files.delimited.records import Dialect
from operators.tables.files.delimited.text import DELIMITERS, DelimitedText
from operators.tables.files.errors import FileFormatError
from operators.tables.threads import in_threads

SCAN_ROWS = 8192
PART_BYTES = 4 << 20
"""Of certain text, parsed at once. Arrow starts anew with each, and is slow until it has seen how long the fields are."""
WIDE = 200
WIDEST_BLOCK_BYTES = 16 << 20


class CertainPart(NamedTuple):
    """The extent of a text, on which line it begins."""

    text: pa.Buffer
    extent: Extent
    line: int


class DelimitedReader:
    """Files with a header line; `declared` columns are converted, and a row with a value that does not fit is bad.

    Without `fast`, everything is read record by record.
    """

    def __init__(self, paths: Sequence[str], file_format: str, declared: Mapping[str, pa.DataType], fast: bool = True) -> None:
        refuse_unreadable(declared)
        self._paths = paths
        self._dialect = Dialect(DELIMITERS[file_format].encode())
        self._declared = declared
        self._fast = fast

    @cached_property
    def schema(self) -> pa.Schema:
        headers = {path: self._names(path, header(DelimitedText.of_file(path, self._dialect))) for path in self._paths}
        names = next((header for header in headers.values() if header), [])
        known = set(names)
        for path, found in headers.items():
            if found and set(found) != known:
                raise FileFormatError(
                    f"{path}: its columns are {', '.join(found)}; those of {self._paths[0]} are {', '.join(names)}. Read them apart."
                )
        if not names:
            return pa.schema(list(self._declared.items()))
        if unknown := [name for name in self._declared if name not in known]:
            raise FileFormatError(f'types: no column "{unknown[0]}" in {self._paths[0]}; its columns are {", ".join(names)}.')
        return pa.schema([(name, self._declared.get(name, pa.string())) for name in names])

    def count_rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches([], SCAN_ROWS, BadRows()))

    def batches(self, columns: Sequence[str], size: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns])
        for path in self._paths:
            tables = self._with_good_rows(path, wanted, bad)
            yield from batches_of(size, tables) if columns else batches_without_columns(size, (table.num_rows for table in tables))

    def _with_good_rows(self, path: str, wanted: pa.Schema, bad: BadRows) -> Iterator[pa.Table]:
        """A file's rows. Raises FileFormatError at the end where all were bad."""
        good, bad_before = 0, bad.count
        for table in self._tables(path, wanted, bad):
            good += table.num_rows
            yield table
        if bad.count > bad_before and not good:
            raise FileFormatError(f"{path}: none of its {bad.count - bad_before} rows could be read. The last: {bad.rows[-1]}")

    def _tables(self, path: str, wanted: pa.Schema, bad: BadRows) -> Iterator[pa.Table]:
        text = DelimitedText.of_file(path, self._dialect)
        names = self._names(path, header(text))
        # columns that a value may not fit are converted for every reading, so that which rows are bad does not depend on the columns asked for
        asked = set(wanted.names)
        needed = [name for name in names if name in self._declared or name in asked]

        def parsed(part: CertainPart) -> pa.Table | CertainPart:
            table = self._arrow_table(part, names, needed, text.dialect)
            return part if table is None else table

        while True:
            for found in in_threads(parsed, self._certain_parts(text, len(names)), _is_large):
                if isinstance(found, pa.Table):
                    yield _selected(found, wanted)
                else:
                    part = text.part(found.text.slice(0, found.extent.end), found.line)
                    yield from self._exact_tables(part, found.extent.end, names, needed, wanted, bad)
            if not text.buffer.size:
                return
            yield from self._exact_tables(text, BLOCK_BYTES, names, needed, wanted, bad)

    def _certain_parts(self, text: DelimitedText, columns: int) -> Iterator[CertainPart]:
        """The text from where it stands, up to where it ends or is not certain."""
        usual = max(PART_BYTES, min(WIDEST_BLOCK_BYTES, BYTES_PER_COLUMN * columns) if columns > WIDE else 0)
        size = usual
        while True:
            text.fill(size)
            if not text.buffer.size or not self._fast:
                return
            extent = certain_extent(text.buffer, text.last, text.dialect, columns)
            if extent is None or (not extent.end and size >= MAX_RECORD_BYTES):
                return
            if not extent.end:
                size *= 2  # a record is longer than that
                continue
            yield CertainPart(text.buffer, extent, text.line)
            text.skip(extent.end, extent.lines)
            size = usual

    def _arrow_table(self, part: CertainPart, names: Sequence[str], needed: Sequence[str], dialect: Dialect) -> pa.Table | None:
        table = parse(part.text, part.extent, names, needed, dialect)
        if table is None or not needed or not self._declared:
            return table
        arrays = []
        for name, column in zip(needed, table.columns, strict=True):
            array, mistakes = text_as(column.combine_chunks(), self._declared.get(name, pa.string()))
            if mistakes:
                return None  # their lines have to be named
            arrays.append(array)
        return pa.Table.from_arrays(arrays, names=list(needed))

    def _exact_tables(
        self, text: DelimitedText, size: int, names: Sequence[str], needed: Sequence[str], wanted: pa.Schema, bad: BadRows
    ) -> Iterator[pa.Table]:
        """The rows of at least the next `size` bytes."""
        waiting: list[Record] = []
        for record in records(text, len(names), size, bad):
            waiting.append(record)
            if len(waiting) >= SCAN_ROWS:
                yield _selected(self._converted(text.path, waiting, names, needed, bad), wanted)
                waiting = []
        if waiting:
            yield _selected(self._converted(text.path, waiting, names, needed, bad), wanted)

    def _converted(self, path: str, found: Sequence[Record], names: Sequence[str], needed: Sequence[str], bad: BadRows) -> pa.Table:
        mistakes: dict[int, str] = {}
        arrays = {}
        for name, values in zip(names, zip(*(record.values for record in found), strict=True), strict=True):
            texts, wrong = _utf8(values)
            if name in needed:
                texts, unfit = text_as(texts, self._declared.get(name, pa.string()))
                wrong = {**unfit, **wrong}
            arrays[name] = texts
            for index, reason in wrong.items():
                mistakes.setdefault(index, f'column "{name}": {reason}')
        for index, reason in sorted(mistakes.items()):
            bad.add(path, found[index].line, reason, found[index].raw)
        read = list(needed) or list(names[:1])
        table = pa.Table.from_arrays([arrays[name] for name in read], names=read)
        return table.take(pa.array([index for index in range(len(found)) if index not in mistakes], pa.int64())) if mistakes else table

    def _names(self, path: str, first: Record | None) -> list[str]:
        if first is None:
            return []
        try:
            names = [(value or b"").decode("utf-8") or f"column_{place}" for place, value in enumerate(first.values, 1)]
        except UnicodeDecodeError:
            raise FileFormatError(f"{path}:{first.line}: the header is not UTF-8. Convert the file: iconv -t UTF-8.") from None
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise FileFormatError(f'{path}:{first.line}: the header has the column "{twice[0]}" twice. Rename one of them in the file.')
        if len(names) == 1 and (other := next((mark for mark in ";\t," if mark in names[0]), None)) and not first.raw.startswith(b'"'):
            raise FileFormatError(
                f"{path}:{first.line}: the header is one column, {names[0]!r}: the fields seem to be separated by {other!r}. In .csv files that "
                "is a comma, in .tsv files a tab: rename the file, or write it again."
            )
        return names


def _is_large(part: CertainPart) -> bool:
    return part.extent.end > WIDEST_BLOCK_BYTES


def _selected(table: pa.Table, wanted: pa.Schema) -> pa.Table:
    if not wanted.names or table.schema.equals(wanted):
        return table
    return table.select(wanted.names).cast(wanted)


def _utf8(values: Sequence[bytes | None]) -> tuple[pa.StringArray, dict[int, str]]:
    try:
        return pa.array(values, pa.binary()).cast(pa.string()), {}
    except pa.ArrowInvalid:
        texts: list[str | None] = []
        wrong: dict[int, str] = {}
        for index, value in enumerate(values):
            try:
                texts.append(None if value is None else value.decode("utf-8"))
            except UnicodeDecodeError as error:
                texts.append(None)
                wrong[index] = f"invalid UTF-8 at byte {error.start + 1} of the field"
        return pa.array(texts, pa.string()), wrong
