"""CSV and TSV text by Arrow's own reader, many records at a time, where it is certain to give what reading them one by one gives.

Certain is a block whose quotes are all as RFC 4180 wants them, or that has no quote at the beginning of a field. It has to be UTF-8, its lines have
to end with a line feed, and no quoted text may look like rows behind a quote that somebody forgot to close.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from operators.tables.files.blocks import BOM
from operators.tables.files.delimited.records import MIN_ROWS_SWALLOWED, Dialect
from operators.tables.files.scanning import Codes, Places, codes_of, is_utf8, joined, places_of

_QUOTE, _LINE_FEED, _RETURN = b'"\n\r'
_PIECE_BYTES = 1 << 18
_MOST_SIZES_TRIED = 64
"""Where each of them parts a line end, in a text of little else, it is one piece."""
BYTES_PER_COLUMN = 4096
"""Of a text that is read at once: a column costs some work each time, which wide tables have to spread over more rows."""


class Extent(NamedTuple):
    """The first `end` bytes of a text are `rows` whole records, blank lines not counted, in which `lines` end.

    `end` is 0 where a record is longer than the text. `quoted` says that a field may be in quotes. `longest` is the length of the longest record.
    """

    end: int
    rows: int
    lines: int
    quoted: bool
    longest: int


def certain_extent(text: pa.Buffer, last: bool, dialect: Dialect, columns: int) -> Extent | None:
    """How much of a text, which begins with a record, Arrow can be trusted with if it is UTF-8; None if it has to be read record by record."""
    codes = codes_of(text)
    feeds, quotes, returns = places_of(b'\n"\r', codes)
    quoted = _opens_field(codes, quotes, dialect.delimiter[0])
    if not quoted:
        if _has_return_alone(codes, returns, quotes[:0], last):
            return None
        ends, inside = feeds, 0
    else:
        if not _well_formed(codes, quotes, last, dialect.delimiter[0]):
            return None
        before = np.searchsorted(quotes, feeds)
        ends, inside = feeds[before % 2 == 0], int(len(quotes) % 2)
        if _has_return_alone(codes, returns, quotes, last) or (len(ends) < len(feeds) and _swallows_rows(text, feeds, quotes, dialect, columns)):
            return None
    if last and not inside:
        end = len(codes)
        stops = ends if len(ends) and ends[-1] == end - 1 else np.append(ends, end)
    elif last:
        return None
    else:
        end = int(ends[-1]) + 1 if len(ends) else 0
        stops = ends
    if not end:
        return Extent(0, 0, 0, quoted, 0)
    blank = _count_blank(codes, stops) if columns > 1 else 0
    longest = int(np.diff(stops, prepend=-1).max())
    return Extent(end, len(stops) - blank, int(np.searchsorted(feeds, end)), quoted, longest)


def parse(text: pa.Buffer, extent: Extent, names: Sequence[str], wanted: Sequence[str], dialect: Dialect) -> pa.Table | None:
    """The columns `wanted` of the extent as text; None unless it is UTF-8 and has so many rows, each with as many fields as there are names."""
    if not is_utf8(text, extent.end):
        return None
    if not extent.rows:
        return pa.schema([(name, pa.string()) for name in wanted]).empty_table()
    # a table without columns has no rows: then one is read to count them
    read = list(wanted) or list(names[:1])
    source = text.slice(0, extent.end)
    # the parser drops a byte order mark wherever it begins: before one, it is given another to drop
    before = BOM if source[:3].to_pybytes() == BOM else b""
    # and an empty field at the very end it takes for quoted if the one before is, so that the last line is given its end
    after = b"" if source[-1:].to_pybytes() == b"\n" else b"\n"
    if before or after:
        source = joined([before, source, after])
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(source),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=_bytes_at_once(source, extent, len(names)), column_names=list(names)),
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


def _opens_field(codes: Codes, quotes: Places, delimiter: int) -> bool:
    """Whether a quote stands at the beginning of a field: only such a one has a meaning."""
    if not len(quotes):
        return False
    before = codes[np.maximum(quotes - 1, 0)]
    return bool(quotes[0] == 0 or ((before == delimiter) | (before == _LINE_FEED) | (before == _RETURN)).any())


def _well_formed(codes: Codes, quotes: Places, last: bool, delimiter: int) -> bool:
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


def _has_return_alone(codes: Codes, returns: Places, quotes: Places, last: bool) -> bool:
    """Whether a carriage return outside quotes is not followed by a line feed."""
    if not len(returns):
        return False
    if returns[-1] == len(codes) - 1:
        if last:
            return True
        returns = returns[:-1]  # it stands in a record that is not whole yet
    alone = returns[codes[returns + 1] != _LINE_FEED]
    return bool(len(alone)) and bool((np.searchsorted(quotes, alone) % 2 == 0).any())


def _bytes_at_once(text: pa.Buffer, extent: Extent, columns: int) -> int:
    """In how large pieces Arrow takes a text. It learns from the first piece whether fields are long, and passes over those of the next ones at a
    multiple of the speed. A piece has to hold a whole record, and costs some work for each column.

    Arrow takes a line feed at the beginning of a piece for the rest of a line end if the piece before ends with a carriage return, and drops it, be
    it quoted or not: no piece may end so.
    """
    codes = codes_of(text)
    whole = len(codes) + 16
    size = min(whole, max(_PIECE_BYTES, 2 * extent.longest, BYTES_PER_COLUMN * columns) + 16)
    if not extent.quoted:
        return size
    return next((larger for larger in range(size, min(size + _MOST_SIZES_TRIED, whole)) if not _parts_line_ends(codes, larger)), whole)


def _parts_line_ends(codes: Codes, size: int) -> bool:
    """Whether one of the pieces of this size ends between a carriage return and its line feed."""
    begins = codes[size::size]
    return bool(((begins == _LINE_FEED) & (codes[size - 1 :: size][: len(begins)] == _RETURN)).any())


def _swallows_rows(text: pa.Buffer, feeds: Places, quotes: Places, dialect: Dialect, columns: int) -> bool:
    """Whether a quoted field holds what looks like rows. Doubled quotes do not end a field."""
    opens, closes = quotes[: len(quotes) // 2 * 2 : 2], quotes[1::2]
    if not len(opens):
        return False
    begins = np.ones(len(opens), bool)
    begins[1:] = opens[1:] != closes[:-1] + 1
    ends = np.append(begins[1:], True)
    starts, stops = opens[begins], closes[ends]
    long = np.searchsorted(feeds, stops) - np.searchsorted(feeds, starts) > MIN_ROWS_SWALLOWED
    quoted = (text[start + 1 : stop].to_pybytes() for start, stop in zip(starts[long].tolist(), stops[long].tolist(), strict=True))
    return any(dialect.swallows_rows(field, columns) for field in quoted)


def _count_blank(codes: Codes, stops: Places) -> int:
    """How many records are empty lines."""
    starts = np.append(0, stops[:-1] + 1)
    lengths = stops - starts
    with_return = (lengths == 1) & (codes[np.minimum(starts, len(codes) - 1)] == _RETURN)
    return int(np.count_nonzero((lengths == 0) | with_return))
