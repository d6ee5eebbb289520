"""What the first pass over JSON files parsed, for the second one: files that are not large are parsed once."""

from __future__ import annotations

import weakref

import pyarrow as pa

MOST_BYTES = 64 << 20


class ParsedBlocks:
    """Tables by the file and the line that they begin with, at most 64 MB: the first ones of a pass, and those of the latest pass in this process.

    A process may ask many files for their schema and read none of them, so that the next pass takes the room of the one before.
    """

    _latest: weakref.ref[ParsedBlocks] | None = None

    def __init__(self) -> None:
        self._tables: dict[tuple[str, int], pa.Table] = {}
        self._room = 0

    def begin(self) -> None:
        """Keep what comes, and forget what came before, in the pass before as well."""
        before = ParsedBlocks._latest() if ParsedBlocks._latest else None
        if before is not None:
            before._tables, before._room = {}, 0
        self._tables, self._room = {}, MOST_BYTES
        ParsedBlocks._latest = weakref.ref(self)

    def keep(self, path: str, first_line: int, table: pa.Table) -> None:
        """Unless the room is used up."""
        self._room -= table.nbytes
        if self._room >= 0:
            self._tables[path, first_line] = table

    def take(self, path: str, first_line: int) -> pa.Table | None:
        """A table is given once, and then forgotten."""
        return self._tables.pop((path, first_line), None)
