"""The text of a CSV or TSV file as it is read: a piece of it in memory, always from the beginning of a record on."""

from __future__ import annotations

from collections.abc import Generator

import pyarrow as pa

from operators.tables.files.blocks import BLOCK_BYTES, into_rooms
from operators.tables.files.delimited.records import Dialect, line_ends
from operators.tables.files.scanning import Codes, codes_of

DELIMITERS = {"csv": ",", "tsv": "\t"}


class DelimitedText:
    """`buffer` begins with a record that stands on `line`; `last` says that nothing follows it."""

    def __init__(self, path: str, source: Generator[int, Codes, None] | None, dialect: Dialect, line: int = 1) -> None:
        """`source` fills the rooms that it is sent, as `into_rooms` does. The file may say that its dialect is another one."""
        self.path = path
        self.dialect = dialect
        self.buffer = pa.py_buffer(b"")
        self.line = line
        self.last = source is None
        self.returns_count = False
        """Whether a carriage return alone ends a line in this file."""
        self._source = source
        self._data: bytes | None = None

    @staticmethod
    def of_file(path: str, dialect: Dialect) -> DelimitedText:
        source = into_rooms(path)
        next(source)
        return DelimitedText(path, source, dialect)

    def part(self, buffer: pa.Buffer, line: int) -> DelimitedText:
        """Whole records of this text as a text of their own."""
        part = DelimitedText(self.path, None, self.dialect, line)
        part.buffer, part.returns_count = buffer, self.returns_count
        return part

    @property
    def data(self) -> bytes:
        """The buffer, for who looks at it record by record."""
        if self._data is None:
            self._data = self.buffer.to_pybytes()
        return self._data

    def fill(self, size: int = BLOCK_BYTES) -> None:
        """Read on until the buffer has at least so many bytes, or the file ends."""
        if self._source is None or self.last or self.buffer.size >= size:
            return
        rest = codes_of(self.buffer)
        length = len(rest)
        whole = pa.allocate_buffer(size + BLOCK_BYTES)
        room = codes_of(whole)
        room[:length] = rest
        while length < size and not self.last:
            count = self._source.send(room[length:])
            self.last = not count
            length += count
        self.buffer, self._data = whole.slice(0, length), None

    def skip(self, end: int, lines: int | None = None) -> None:
        """Go on behind the first `end` bytes, in which so many line feeds stand; they are counted where that is not known."""
        self.line += line_ends(self.data[:end], self.returns_count) if lines is None or self.returns_count else lines
        self.buffer, self._data = self.buffer.slice(end), None
