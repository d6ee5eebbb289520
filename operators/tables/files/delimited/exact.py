"""CSV and TSV text record by record: which are rows, which are bad, and where nobody can tell one from the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from operators.tables.files.bad_rows import BadRows
from operators.tables.files.delimited.records import MIN_ROWS_CERTAIN, Dialect, Fields, TextAfterQuote, Unfinished, line_ends
from operators.tables.files.delimited.text import DelimitedText
from operators.tables.files.errors import FileFormatError

MAX_RECORD_BYTES = 64 << 20
_SEPARATOR = re.compile(rb'"?sep=([\t!-/:-@\[-`{-~])"?(?:\r\n?|\n)', re.IGNORECASE)


class Record(NamedTuple):
    line: int
    raw: bytes
    values: list[bytes | None]


def header(text: DelimitedText) -> Record | None:
    """The first record, behind which `text` then stands; None for an empty file. Raises FileFormatError where its end is not certain.

    Blank lines before it are skipped, and so is a first line such as "sep=;", which says to Excel and here how fields are separated.
    """
    _skip_blank_lines(text)
    if told := _SEPARATOR.match(text.data):
        text.dialect = Dialect(told[1])
        text.skip(told.end())
        _skip_blank_lines(text)
    if not text.buffer.size:
        return None
    first = _first_record(text)
    record = Record(text.line, text.data[: first.end], first.values)
    text.returns_count = first.alone
    text.skip(first.end)
    return record


def _skip_blank_lines(text: DelimitedText) -> None:
    text.fill()
    while blank := len(text.data) - len(text.data.lstrip(b"\r\n")):
        text.returns_count = b"\n" not in text.data[:blank]
        text.skip(blank)
        text.fill()


def _first_record(text: DelimitedText) -> Fields:
    while isinstance(found := text.dialect.record(text.data, 0, text.last), Unfinished):
        if text.last or len(text.data) > MAX_RECORD_BYTES:
            raise FileFormatError(f"{text.path}:{text.line}: the header opens a quote that is never closed. Mend it.")
        text.fill(2 * len(text.data))
    if isinstance(found, TextAfterQuote):
        raise FileFormatError(
            f"{text.path}:{text.line}: in the header, text follows a closing quote. Double the quotes inside a quoted name, or mend it."
        )
    if (lines := found.longest.count(b"\n")) > 5:
        raise FileFormatError(f"{text.path}:{text.line}: the header opens a quote that is closed only {lines} lines later. Mend it.")
    return found


def records(text: DelimitedText, columns: int, size: int, bad: BadRows) -> Iterator[Record]:
    """The rows of at least the next `size` bytes, up to the end of a record, which `text` then begins with; those that are no rows go to `bad`.

    Raises FileFormatError where it is not certain which line belongs to which record.
    """
    reader = _ExactReader(text, columns, bad)
    stop = min(size, text.buffer.size)
    while reader.place < stop:
        yield from reader.next_rows()
    text.skip(reader.place)


class _ExactReader:
    def __init__(self, text: DelimitedText, columns: int, bad: BadRows) -> None:
        self._text = text
        self._dialect = text.dialect
        self._columns = columns
        self._bad = bad
        self.place = 0
        self._line = text.line

    def next_rows(self) -> Iterator[Record]:
        """The next record; all those of one line where carriage returns stand between them."""
        found = self._found(self.place)
        if isinstance(found, Fields):
            if found.alone and not self._text.returns_count:
                yield from self._around_returns()
            else:
                yield from self._judged([found])
        elif isinstance(found, TextAfterQuote):
            self._skip_broken(found.place)
        else:
            self._skip_broken(len(self._text.data))

    def _found(self, start: int) -> Fields | Unfinished | TextAfterQuote:
        """The record that begins at `start`, with as much text as it takes."""
        while isinstance(found := self._dialect.record(self._text.data, start, self._text.last), Unfinished):
            if self._text.last or len(self._text.data) - start > MAX_RECORD_BYTES:
                return found
            self._text.fill(2 * len(self._text.data))
        return found

    def _around_returns(self) -> Iterator[Record]:
        """Records between which carriage returns stand alone, in a file whose lines end with line feeds: rows only if that is all they can be."""
        found = []
        start = self.place
        while True:
            one = self._found(start)
            if not isinstance(one, Fields):
                break
            found.append(one)
            start = one.end
            if not one.alone or start >= len(self._text.data):
                break
        if self._columns > 1 and all(len(one.values) == self._columns for one in found):
            yield from self._judged(found)
            return
        for one in found:
            raw = self._text.data[self.place : one.end]
            self._bad.add(
                self._text.path, self._line, "a carriage return stands in the line outside quotes: a line end, or a text that has to be quoted", raw
            )
            self._go_to(one.end)

    def _judged(self, found: list[Fields]) -> Iterator[Record]:
        for one in found:
            raw, line = self._text.data[self.place : one.end], self._line
            self._go_to(one.end)
            blank = one.values == [None]
            if blank and self._columns > 1:
                continue  # in a file of one column it is a null
            if len(one.values) != self._columns:
                self._bad.add(self._text.path, line, f"has {len(one.values)} fields, the header {self._columns}", raw)
            elif self._dialect.swallows_rows(one.longest, self._columns):
                for number in range(raw.rstrip(b"\r\n").count(b"\n") + 1):
                    self._bad.add(
                        self._text.path,
                        line + number,
                        f"a quote opened on line {line} takes in what looks like many rows",
                        raw if not number else b"",
                    )
            else:
                yield Record(line, raw, one.values)

    def _skip_broken(self, trouble: int) -> None:
        """A quote is not closed as it should be; `trouble` is where that shows. The line is bad if it is certain that the next is a row."""
        end = self._line_end()
        data = self._text.data
        raw = data[self.place : end]
        if trouble < end and trouble < len(data):
            if self._dialect.ends_with_text_after_quote(data, self.place, end):
                self._bad.add(self._text.path, self._line, "text follows a closing quote; quotes inside a quoted field are doubled", raw)
                self._go_to(end)
                return
            raise self._uncertain("text follows a closing quote, and another quote is not closed")
        if end < len(data):
            # the lines in between have to be rows, each by itself
            ends = (b"\n", b"\r") if self._text.returns_count else (b"\n",)
            stop = max(data.rfind(mark, 0, trouble) for mark in ends) + 1
            rows = self._dialect.are_rows(data, end, max(stop, end), self._columns)
            if self._columns < 2 or rows is None or rows < MIN_ROWS_CERTAIN:
                raise self._uncertain("a quote is opened and never closed, or closed in the middle of a field")
        self._bad.add(self._text.path, self._line, "a quote is opened and never closed", raw)
        self._go_to(end)

    def _line_end(self) -> int:
        """Where the next line begins, whatever quotes say; with as much text as it takes to see whether a carriage return stands alone."""
        while True:
            data = self._text.data
            feed = data.find(b"\n", self.place)
            end = feed + 1 if feed >= 0 else len(data)
            back = data.find(b"\r", self.place, end) if self._text.returns_count else -1
            if back < 0 or data[back + 1 : back + 2] == b"\n":
                return end
            if back + 1 < len(data) or self._text.last:
                return back + 1
            self._text.fill(len(data) + 1)

    def _uncertain(self, what: str) -> FileFormatError:
        return FileFormatError(
            f"{self._text.path}:{self._line}: {what}, and it is not certain which of the lines behind it are rows. Mend that line."
        )

    def _go_to(self, place: int) -> None:
        self._line += line_ends(self._text.data[self.place : place], self._text.returns_count)
        self.place = place
