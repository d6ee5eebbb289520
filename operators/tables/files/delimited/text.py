"""The text of a CSV or TSV file as it is read: a piece of it in memory, always from the beginning of a record on."""

from __future__ import annotations

from operators.tables.files.blocks import BLOCK_BYTES, blocks
from operators.tables.files.delimited.records import line_ends

DELIMITERS = {"csv": ",", "tsv": "\t"}


class DelimitedText:
    """`data` begins with a record that stands on `line`; `last` says that nothing follows it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.data = b""
        self.line = 1
        self.last = False
        self.returns_count = False
        """Whether a carriage return alone ends a line in this file."""
        self._source = blocks(path)

    def fill(self, size: int = BLOCK_BYTES) -> None:
        """Read on until `data` has at least so many bytes, or the file ends."""
        parts, length = [self.data], len(self.data)
        while length < size and not self.last:
            block = next(self._source, b"")
            self.last = not block
            parts.append(block)
            length += len(block)
        self.data = b"".join(filter(None, parts))

    def skip(self, end: int, lines: int | None = None) -> None:
        """Go on behind the first `end` bytes, in which so many lines end; they are counted where that is not known."""
        self.line += line_ends(self.data[:end], self.returns_count) if lines is None else lines
        self.data = self.data[end:]
