"""The records of CSV and TSV text, one by one: the exact reader, which says of each byte to which record it belongs, or that nobody can know.

As in RFC 4180, a quote counts only as the first character of a field, a quoted field may hold line ends, and after its closing quote the field ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

MIN_ROWS_SWALLOWED = 10
"""A quoted text of so many lines that each look like a row is taken for rows behind a quote that somebody forgot to close."""
MIN_ROWS_CERTAIN = 3
"""A quote that does not close has nothing to do with the lines behind it if at least so many of them, and all of them, are rows."""

_QUOTED = re.compile(rb'"((?:[^"]|"")*+)"', re.DOTALL)
_RETURN_ALONE = re.compile(rb"\r(?!\n)")


class Fields(NamedTuple):
    """A record: None for an empty field without quotes. `end` is where the next one begins; `alone` says that a carriage return alone ended it."""

    values: list[bytes | None]
    end: int
    alone: bool = False
    longest: bytes = b""
    """The quoted field with the most bytes."""


class Unfinished(NamedTuple):
    """The text ends inside the record."""

    in_quotes: bool


class TextAfterQuote(NamedTuple):
    """Something other than the end of the field follows a closing quote at `place`."""

    place: int


@dataclass(frozen=True)
class Dialect:
    delimiter: bytes

    def record(self, text: bytes, start: int, last: bool) -> Fields | Unfinished | TextAfterQuote:
        """The record that begins at `start`. `last` says that no text follows `text`."""
        plain = _plain(self.delimiter)
        values: list[bytes | None] = []
        place, longest = start, b""
        while True:
            if text[place : place + 1] == b'"':
                quoted = _QUOTED.match(text, place)
                if quoted is None or (quoted.end() == len(text) and not last):
                    return Unfinished(in_quotes=True)
                place = quoted.end()
                if text[place : place + 1] not in (self.delimiter, b"\r", b"\n", b""):
                    return TextAfterQuote(place)
                values.append(quoted[1].replace(b'""', b'"'))
                longest = max(longest, quoted[1], key=len)
            else:
                end = plain.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing at least
                values.append(text[place:end] or None)
                place = end
            following = text[place : place + 1]
            if following == self.delimiter:
                place += 1
                continue
            if not following:
                return Fields(values, place, False, longest) if last else Unfinished(in_quotes=False)
            if following == b"\n":
                return Fields(values, place + 1, False, longest)
            if text[place + 1 : place + 2] == b"\n":
                return Fields(values, place + 2, False, longest)
            if place + 1 == len(text) and not last:
                return Unfinished(in_quotes=False)
            return Fields(values, place + 1, True, longest)

    def ends_with_text_after_quote(self, text: bytes, start: int, stop: int) -> bool:
        """Whether the record that begins at `start`, of which a closing quote is followed by text, surely ends with its line at `stop`."""
        line = text[start:stop].rstrip(b"\r\n")
        field = rb'(?:"(?:[^"]|"")*+"[^,"]*+|(?!")[^,]*+)'
        tolerant = re.compile((field + rb"(?:," + field + rb")*+\Z").replace(b",", re.escape(self.delimiter)))
        return tolerant.match(line) is not None

    def are_rows(self, text: bytes, start: int, stop: int, columns: int) -> int | None:
        """How many records there are from `start` to `stop`, if all are whole rows of so many columns; else None."""
        part, place, count = text[start:stop], 0, 0
        while place < len(part):
            found = self.record(part, place, last=True)
            if not isinstance(found, Fields):
                return None
            if part[place : found.end].strip(b"\r\n"):
                if len(found.values) != columns:
                    return None
                count += 1
            place = found.end
        return count

    def swallows_rows(self, quoted: bytes, columns: int) -> bool:
        """Whether each line of a quoted text, but its first and last, has the delimiters of a row, and there are many.

        Behind a comma of prose stands a space, behind one of a row seldom.
        """
        if columns < 2 or quoted.count(b"\n") <= MIN_ROWS_SWALLOWED or self.delimiter + b" " in quoted:
            return False
        first = quoted.find(b"\n") + 1
        if quoted.count(self.delimiter, first, quoted.find(b"\n", first)) != columns - 1:
            return False
        return all(line.count(self.delimiter) == columns - 1 for line in quoted.split(b"\n")[1:-1])


def line_ends(text: bytes, returns_count: bool) -> int:
    """How many lines end in a text; with `returns_count` also at a carriage return alone."""
    return text.count(b"\n") + (len(_RETURN_ALONE.findall(text)) if returns_count else 0)


def _plain(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[^%s\r\n]*+" % re.escape(delimiter))  # compiled once: re keeps what it compiled
