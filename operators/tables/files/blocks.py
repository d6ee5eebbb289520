"""The bytes of text files, decompressed, in blocks: every byte arrives, or the reading fails."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator, Sequence
from typing import IO, NamedTuple

import pyarrow as pa

from operators.tables.files.errors import FileFormatError, explained
from operators.tables.files.paths import suffix_of
from operators.tables.files.scanning import Codes, Text, codes_of, count_of, joined
from operators.tables.files.zstd_checksum import ChecksummedZstd

BLOCK_BYTES = 1 << 20
"""What fits into the caches of a processor is scanned several times at little cost."""
ENOUGH_LINES, MOST_JOINED = 100, 16
MAX_LINE_BYTES = 1 << 30
"""A longer line is refused: it would have to be held in memory whole."""

BOM = b"\xef\xbb\xbf"
_LONGEST_MARK = 4
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LINE_FEED = ord("\n")
_GZIP = 31  # zlib's number for "with a gzip header and checksum"


class Block(NamedTuple):
    """Whole lines with their line feeds; only the last line of a file may lack one. `first_line` counts from 1."""

    first_line: int
    data: pa.Buffer


def blocks(path: str) -> Iterator[bytes]:
    """The decompressed bytes of a text file, some MiB at a time, without a byte order mark.

    Raises FileFormatError: cannot be read, a damaged or incomplete archive, UTF-16 or UTF-32.
    """
    source = decompressed(path)
    head = b""
    while len(head) < _LONGEST_MARK and (block := next(source, b"")):
        head += block
    _refuse_utf16(path, head)
    if head := head.removeprefix(BOM):
        yield head
    yield from source


def into_rooms(path: str) -> Generator[int, Codes, None]:
    """The bytes that `blocks` gives, read into room that the caller sends, and not copied there: how many came; 0 at the end, as often as asked."""
    room = yield 0
    if suffix_of(path).compression:
        for block in blocks(path):
            codes = codes_of(block)
            while len(codes):
                count = min(len(codes), len(room))
                room[:count], codes = codes[:count], codes[count:]
                room = yield count
    else:
        with explained(path, "read"), open(path, "rb", buffering=0) as file:  # noqa: PTH123 (an unbuffered binary file is meant)
            head = file.read(_LONGEST_MARK)
            _refuse_utf16(path, head)
            file.seek(len(BOM) if head.startswith(BOM) else 0)
            while count := file.readinto(room.data):
                room = yield count
    while True:
        yield 0


def line_blocks(path: str) -> Iterator[Block]:
    """The file in blocks of whole lines, some MiB and enough lines at a time. Only a line feed ends a line here.

    A block costs some work for each column, and lines of many columns are long.
    """
    first, lines = 1, 0
    waiting: list[bytes] = []
    for block in blocks(path):
        waiting.append(block)
        lines += count_of(_LINE_FEED, codes_of(block))  # many times faster than bytes.count
        if not lines and sum(map(len, waiting)) > MAX_LINE_BYTES:
            raise FileFormatError(f"{path}:{first}: the line is longer than {MAX_LINE_BYTES >> 20} MB. Is this a text file of rows?")
        if lines and (lines >= ENOUGH_LINES or len(waiting) >= MOST_JOINED):
            whole, waiting = _cut_at_last_line(waiting)
            yield Block(first, joined(whole))
            first, lines = first + lines, 0
    if waiting:
        yield Block(first, joined(waiting))


def is_large(block: Block) -> bool:
    """Whether one such block in memory is enough."""
    return bool(block.data.size > MOST_JOINED * BLOCK_BYTES)


def _cut_at_last_line(parts: Sequence[bytes]) -> tuple[list[Text], list[bytes]]:
    """The whole lines of text in several parts, and what stands behind the last line feed."""
    last = max(place for place, part in enumerate(parts) if b"\n" in part)
    end = parts[last].rindex(b"\n") + 1
    rest = [parts[last][end:], *parts[last + 1 :]]
    return [*parts[:last], memoryview(parts[last])[:end]], [part for part in rest if part]


def decompressed(path: str) -> Iterator[bytes]:
    """The bytes of a file, plain, of all members of a .gz, or of all frames of a .zst. Raises FileFormatError as `blocks` does."""
    compression = suffix_of(path).compression
    with explained(path, "read"), open(path, "rb", buffering=0) as file:  # noqa: PTH123 (an unbuffered binary file is meant)
        if compression == "gzip":
            yield from _gunzip(path, file)
        elif compression == "zstd":
            yield from _unzstd(path, file)
        else:
            while block := file.read(BLOCK_BYTES):
                yield block


def _gunzip(path: str, file: IO[bytes]) -> Iterator[bytes]:
    waiting = file.read(BLOCK_BYTES)
    if not waiting:
        raise _damaged(path, "it is empty")
    while waiting:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            waiting = waiting or file.read(BLOCK_BYTES)
            if not waiting:
                raise _damaged(path, "it ends in the middle")
            try:
                block = member.decompress(waiting, BLOCK_BYTES)
            except zlib.error as error:
                raise _damaged(path, str(error)) from error
            waiting = member.unconsumed_tail
            if block:
                yield block
        waiting = member.unused_data or file.read(BLOCK_BYTES)
        # tapes and some tools fill the end with zeros; anything else that is no further member is refused above, as a wrong header
        while waiting and not waiting.strip(b"\0"):
            waiting = file.read(BLOCK_BYTES)


def _unzstd(path: str, file: IO[bytes]) -> Iterator[bytes]:
    checked = ChecksummedZstd(file)
    try:
        with pa.CompressedInputStream(pa.PythonFile(checked, "r"), "zstd") as stream:
            while block := stream.read(BLOCK_BYTES):
                checked.saw(block)
                yield block
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _damaged(path, str(error)) from error
    if checked.empty:
        raise _damaged(path, "it is empty")
    if not checked.holds:
        raise _damaged(path, "its checksum does not fit its content")


def _damaged(path: str, why: str) -> FileFormatError:
    return FileFormatError(f"{path}: the compressed file is damaged or incomplete ({why}). Fetch or write it again.")


def _refuse_utf16(path: str, head: bytes) -> None:
    """By their marks, or by the zeros of their ASCII characters."""
    zeros = [byte == 0 for byte in head[:4]]
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) or zeros in ([True, True, True, False], [False, True, True, True]):
        raise FileFormatError(f"{path}: is UTF-32; text files are read as UTF-8. Convert it: iconv -f UTF-32 -t UTF-8.")
    if head.startswith(_UTF16_MARKS) or zeros in ([True, False, True, False], [False, True, False, True]):
        raise FileFormatError(f"{path}: is UTF-16; text files are read as UTF-8. Convert it: iconv -f UTF-16 -t UTF-8.")
