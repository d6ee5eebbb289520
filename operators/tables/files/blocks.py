"""The bytes of text files, decompressed, in blocks: every byte arrives, or the reading fails."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa

from operators.tables.files.errors import FileFormatError, explained
from operators.tables.files.paths import suffix_of
from operators.tables.files.zstd_checksum import ChecksummedZstd

BLOCK_BYTES = 1 << 20
"""What fits into the caches of a processor is scanned several times at little cost."""
ENOUGH_LINES, MOST_JOINED = 100, 16
_COUNTED_BYTES = 1 << 18  # lines are counted in the beginning of a block, which says enough
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
    data: bytes


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


def line_blocks(path: str) -> Iterator[Block]:
    """The file in blocks of whole lines. Only a line feed ends a line here."""
    line, rest = 1, b""
    for block in _joined(blocks(path)):
        end = block.rfind(b"\n") + 1
        if not end:
            rest += block
            if len(rest) > MAX_LINE_BYTES:
                raise FileFormatError(f"{path}:{line}: the line is longer than {MAX_LINE_BYTES >> 20} MB. Is this a text file of rows?")
            continue
        data = rest + block[:end]
        rest = block[end:]
        yield Block(line, data)
        line += int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_FEED))  # many times faster than bytes.count
    if rest:
        yield Block(line, rest)


def _joined(source: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks joined until they hold enough lines: a block costs some work for each column, and lines of many columns are long."""
    waiting: list[bytes] = []
    lines = 0
    for block in source:
        waiting.append(block)
        lines += block.count(b"\n", 0, _COUNTED_BYTES) * len(block) // min(len(block), _COUNTED_BYTES)
        if lines >= ENOUGH_LINES or len(waiting) >= MOST_JOINED:
            yield b"".join(waiting)
            waiting, lines = [], 0
    if waiting:
        yield b"".join(waiting)


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
