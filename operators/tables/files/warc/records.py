"""The records of a WARC file (ISO 28500, versions 1.0 and 1.1): a version line, headers, a blank line, content of the length they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from operators.tables.files.blocks import decompressed

MAX_HEADER_BYTES = 1 << 20
MAX_RECORD_BYTES = 256 << 20
"""A page of more is a bad row: it would have to be held in memory whole."""
_KEPT_OF_BAD = 1000
_VERSIONS = (b"WARC/1.0\r\n", b"WARC/1.1\r\n", b"WARC/1.0\n", b"WARC/1.1\n")
_VERSION = b"WARC/1."


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """`headers` have lower-case names. `fault` says what is wrong with the record; then `content` is what of it could be read."""

    number: int
    headers: dict[str, str]
    content: bytes
    fault: str = ""


def warc_records(path: str) -> Iterator[WarcRecord]:
    """All records, numbered from 1. After a damaged one the reading goes on with the next version line, and the bytes between are one bad record."""
    text = _Text(path)
    number = 0
    while text.skip_blank():
        number += 1
        yield _record(text, number)


def _record(text: _Text, number: int) -> WarcRecord:
    head = text.head()
    if head is None or not head.startswith(_VERSIONS):
        return WarcRecord(number, {}, text.to_next_record(), "is no WARC record: it does not begin with WARC/1.0 or WARC/1.1 and headers")
    headers, fault = parse_headers(head.split(b"\n")[1:])
    length = headers.get("content-length", "")
    if fault or not (length.isascii() and length.isdigit()):
        return WarcRecord(number, headers, text.to_next_record(), fault or "has no Content-Length")
    content = text.take(int(length))
    if len(content) < int(length):
        what = "is larger than is read" if int(length) > MAX_RECORD_BYTES else "ends in the middle"
        return WarcRecord(number, headers, content[:_KEPT_OF_BAD], f"{what}: {int(length):,} bytes were announced")
    if not text.at_record_end():
        return WarcRecord(
            number, headers, content[:_KEPT_OF_BAD], "is not followed by another: its content is not as long as it says, or that is broken"
        )
    return WarcRecord(number, headers, content)


def parse_headers(lines: list[bytes]) -> tuple[dict[str, str], str]:
    """Headers with lower-case names, and what is wrong with them. A line that begins with a space goes on with the one before."""
    headers: dict[str, str] = {}
    name = ""
    for raw in lines:
        line = raw.rstrip(b"\r").decode("utf-8", "replace")
        if not line.strip():
            continue
        if line[0] in " \t" and name:
            headers[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if not colon:
            return headers, f"has a header without a colon: {line[:60]}"
        name = name.strip().lower()
        headers[name] = value.strip()
    return headers, ""


class _Text:
    """The decompressed file, of which a piece is in memory."""

    def __init__(self, path: str) -> None:
        self._source = decompressed(path)
        self._data = b""

    def skip_blank(self) -> bool:
        """Go on to the next byte that is no line end; False at the end of the file."""
        while True:
            self._data = self._data.lstrip(b"\r\n")
            if self._data:
                return True
            if not self._more():
                return False

    def head(self) -> bytes | None:
        """The version line and the headers with the blank line behind them; None where there are none, and nothing is skipped then."""
        while len(self._data) < len(_VERSION) and self._more():
            pass
        while self._data.startswith(_VERSION):
            ends = [place + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (place := self._data.find(mark, 0, MAX_HEADER_BYTES)) >= 0]
            if ends:
                head, self._data = self._data[: min(ends)], self._data[min(ends) :]
                return head
            if len(self._data) > MAX_HEADER_BYTES or not self._more():
                return None
        return None

    def take(self, length: int) -> bytes:
        """So many bytes, or fewer where the file ends or they are too many; those are skipped."""
        parts, left = [self._data[:length]], length - len(self._data)
        self._data = self._data[length:]
        while left > 0 and self._more():
            part = self._data[:left]
            left -= len(part)
            self._data = self._data[len(part) :]
            if length <= MAX_RECORD_BYTES or not sum(map(len, parts)):
                parts.append(part)
        return b"".join(parts) if length <= MAX_RECORD_BYTES else parts[0][:_KEPT_OF_BAD]

    def at_record_end(self) -> bool:
        """Whether the file ends here, or a blank line and then a new record begins, as it has to behind the content."""
        while len(self._data) < 64 and self._more():
            pass
        rest = self._data.lstrip(b"\r\n")
        return not rest or (len(rest) < len(self._data) and rest.startswith(_VERSION))

    def to_next_record(self) -> bytes:
        """Everything before the next version line at the beginning of a line; the beginning of it is given back."""
        kept = b""
        while True:
            place = self._data.find(b"\n" + _VERSION, 1)
            if place >= 0:
                kept += self._data[: place + 1]
                self._data = self._data[place + 1 :]
                return kept[:_KEPT_OF_BAD]
            margin = len(_VERSION)
            kept = (kept + self._data[:-margin])[:_KEPT_OF_BAD]
            self._data = self._data[-margin:]
            if not self._more():
                kept += self._data
                self._data = b""
                return kept[:_KEPT_OF_BAD]

    def _more(self) -> bool:
        block = next(self._source, b"")
        self._data += block
        return bool(block)
