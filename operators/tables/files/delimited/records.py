"""The records of CSV and TSV files, as bytes with the number of the line on which each begins. A quoted field may hold line feeds (RFC 4180)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operators.tables.files.errors import FileFormatError
from operators.tables.files.streams import lines

MAX_RECORD_BYTES = 256 << 20


class RecordSplitter:
    """Finds where records end. As in the parser that follows, a quote counts only as the first character of a field."""

    def __init__(self, delimiter: str) -> None:
        comma = re.escape(delimiter.encode())
        fields = rb'(?:"(?:[^"]|"")*+"[^,]*+|(?!")[^,]*+)'.replace(b",", comma)
        # what may follow a field: whole fields, then perhaps a quoted one that goes on in the next line
        rest = rb'(?:,FIELDS)*+(?P<opens>,"(?:[^"]|"")*+)?\Z'.replace(b",", comma, 1).replace(b',"', comma + b'"').replace(b"FIELDS", fields)
        self._fresh = re.compile(rb'(?:(?P<opens_first>"(?:[^"]|"")*+)\Z|' + fields + rest + rb")", re.DOTALL)
        self._inside = re.compile(rb'(?:(?P<stays>(?:[^"]|"")*+)\Z|(?:[^"]|"")*+"[^,]*+'.replace(b",", comma) + rest + rb")", re.DOTALL)

    def records(self, path: str) -> Iterator[tuple[int, bytes, bool]]:
        """(line, bytes, closed) for each record; `closed` is False for a quote that nothing closes before the end of the file."""
        parts: list[bytes] = []
        first_line = weight = 0
        for number, line in lines(path):
            if not parts:
                if b'"' not in line or not self._opens(line):
                    yield number, line.removesuffix(b"\r"), True
                    continue
                first_line, weight = number, 0
                parts.append(line)
                continue
            parts.append(line)
            weight += len(line)
            if weight > MAX_RECORD_BYTES:
                raise FileFormatError(f"{path}:{first_line}: opens a quote that is not closed within {MAX_RECORD_BYTES >> 20} MB. Mend the line.")
            if b'"' in line and not self._stays_open(line):
                yield first_line, b"\n".join(parts).removesuffix(b"\r"), True
                parts = []
        if parts:
            yield first_line, b"\n".join(parts), False

    def _opens(self, line: bytes) -> bool:
        found = self._fresh.match(line.removesuffix(b"\r"))
        return found is not None and (found["opens_first"] is not None or found["opens"] is not None)

    def _stays_open(self, line: bytes) -> bool:
        found = self._inside.match(line.removesuffix(b"\r"))
        return found is not None and (found["stays"] is not None or found["opens"] is not None)
