"""CSV and TSV text by Arrow's own reader, many records at a time, where it is certain to give what reading them one by one gives.

Certain is a block whose quotes are all as RFC 4180 wants them, or that has no quote at the beginning of a field. It has to be UTF-8, its lines have
to end with a line feed, and no quoted text may look like rows behind a quote that somebody forgot to close.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from operators.tables.files.blocks import BOM
from operators.tables.files.delimited.records import MIN_ROWS_SWALLOWED, Dialect

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

_QUOTE, _LINE_FEED, _RETURN = b'"\n\r'


class Extent(NamedTuple):
    """The first `end` bytes of a text are `rows` whole records, blank lines not counted, in which `lines` end.

    `end` is 0 where a record is longer than the text. `quoted` says that a field may be in quotes.
    """

    end: int
    rows: int
    lines: int
    quoted: bool


def certain_extent(text: bytes, last: bool, dialect: Dialect, columns: int) -> Extent | None:
    """How much of a text, which begins with a record, Arrow can be trusted with; None if it has to be read record by record."""
    codes = np.frombuffer(text, np.uint8)
    feeds = np.flatnonzero(codes == _LINE_FEED)
    quotes = np.flatnonzero(codes == _QUOTE)
    quoted = _opens_field(codes, quotes, dialect.delimiter[0])
    if not quoted:
        if _has_return_alone(text, codes, (), last):
            return None
        ends, inside = feeds, 0
    else:
        if not _well_formed(codes, quotes, last, dialect.delimiter[0]):
            return None
        before = np.searchsorted(quotes, feeds)
        ends, inside = feeds[before % 2 == 0], int(len(quotes) % 2)
        if _has_return_alone(text, codes, quotes, last) or (len(ends) < len(feeds) and _swallows_rows(text, feeds, quotes, dialect, columns)):
            return None
    if last and not inside:
        end = len(text)
        stops = ends if len(ends) and ends[-1] == end - 1 else np.append(ends, end)
    elif last:
        return None
    else:
        end = int(ends[-1]) + 1 if len(ends) else 0
        stops = ends
    if not end:
        return Extent(0, 0, 0, quoted)
    if not _is_utf8(text, end):
        return None
    blank = _count_blank(codes, stops) if columns > 1 else 0
    return Extent(end, len(stops) - blank, int(np.searchsorted(feeds, end)), quoted)


def parse(text: bytes, extent: Extent, names: Sequence[str], wanted: Sequence[str], dialect: Dialect) -> pa.Table | None:
    """The columns `wanted` of the extent as text, or None unless there are so many rows and all have as many fields as there are names."""
    if not extent.rows:
        return pa.schema([(name, pa.string()) for name in wanted]).empty_table()
    # a table without columns has no rows: then one is read to count them
    read = list(wanted) or list(names[:1])
    # the parser drops a byte order mark wherever it begins: where a text begins with one, it is given another to drop
    source = pa.py_buffer(BOM + text[: extent.end]) if text.startswith(BOM) else pa.py_buffer(text).slice(0, extent.end)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(source),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=source.size + 16, column_names=list(names)),
            parse_options=pa_csv.ParseOptions(
                delimiter=dialect.delimiter.decode(), newlines_in_values=extent.quoted, ignore_empty_lines=len(names) > 1
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in read},
                include_columns=read,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
                check_utf8=False,
            ),
        )
    except pa.ArrowException:  # a row with too many or too few fields
        return None
    return table if table.num_rows == extent.rows else None


def _opens_field(codes: Any, quotes: Places, delimiter: int) -> bool:
    """Whether a quote stands at the beginning of a field: only such a one has a meaning."""
    if not len(quotes):
        return False
    before = codes[np.maximum(quotes - 1, 0)]
    return bool(quotes[0] == 0 or ((before == delimiter) | (before == _LINE_FEED) | (before == _RETURN)).any())


def _well_formed(codes: Any, quotes: Places, last: bool, delimiter: int) -> bool:
    """Whether every quote that opens stands at the beginning of a field, and every one that closes at its end; a doubled quote closes and opens."""
    opens, closes = quotes[::2], quotes[1::2]
    before = codes[np.maximum(opens - 1, 0)]
    doubled = np.zeros(len(opens), bool)
    doubled[1:] = opens[1:] == closes[: len(opens) - 1] + 1
    begins = (opens == 0) | (before == delimiter) | (before == _LINE_FEED) | (before == _RETURN) | doubled
    if not begins.all():
        return False
    at_end = closes == len(codes) - 1
    after = codes[np.minimum(closes + 1, len(codes) - 1)]
    following = (after == delimiter) | (after == _LINE_FEED) | (after == _RETURN) | (after == _QUOTE)
    # a quote at the very end of a text that goes on may be the first half of a doubled one: then its record is not taken yet
    return bool((following | at_end).all())


def _has_return_alone(text: bytes, codes: Any, quotes: Any, last: bool) -> bool:
    """Whether a carriage return outside quotes is not followed by a line feed."""
    if b"\r" not in text:
        return False
    returns = np.flatnonzero(codes == _RETURN)
    if returns[-1] == len(codes) - 1:
        if last:
            return True
        returns = returns[:-1]  # it stands in a record that is not whole yet
    alone = returns[codes[returns + 1] != _LINE_FEED]
    return bool(len(alone)) and bool((np.searchsorted(quotes, alone) % 2 == 0).any())


def _swallows_rows(text: bytes, feeds: Places, quotes: Places, dialect: Dialect, columns: int) -> bool:
    """Whether a quoted field holds what looks like rows. Doubled quotes do not end a field."""
    opens, closes = quotes[: len(quotes) // 2 * 2 : 2], quotes[1::2]
    if not len(opens):
        return False
    begins = np.ones(len(opens), bool)
    begins[1:] = opens[1:] != closes[:-1] + 1
    ends = np.append(begins[1:], True)
    starts, stops = opens[begins], closes[ends]
    long = np.searchsorted(feeds, stops) - np.searchsorted(feeds, starts) > MIN_ROWS_SWALLOWED
    return any(dialect.swallows_rows(text[start + 1 : stop], columns) for start, stop in zip(starts[long], stops[long], strict=True))


def _count_blank(codes: Any, stops: Places) -> int:
    """How many records are empty lines."""
    starts = np.append(0, stops[:-1] + 1)
    lengths = stops - starts
    with_return = (lengths == 1) & (codes[np.minimum(starts, len(codes) - 1)] == _RETURN)
    return int(np.count_nonzero((lengths == 0) | with_return))


def _is_utf8(text: bytes, end: int) -> bool:
    array = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, end], np.int32)), pa.py_buffer(text))
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
