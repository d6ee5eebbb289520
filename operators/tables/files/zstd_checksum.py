"""Checksums in .zst files. Arrow's writer adds none, so that a flipped bit could pass as text; here one stands in a frame that every reader skips.

The trailer is a skippable frame of the Zstandard format (RFC 8878, 3.1.2): a magic number, the size of what follows, then 4 bytes that say whose
frame it is, the CRC-32 of the content, and how many compressed bytes it stands behind. Where these are not the whole file, but begin with a frame,
files were joined, and the checksum of the last is not that of the whole.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import IO, Any

import pyarrow as pa

_OURS = struct.Struct("<II4sIQ")
_MAGIC, _LENGTH, _NAME = 0x184D2A5D, 16, b"crc1"
_FRAME = b"\x28\xb5\x2f\xfd"


class ChecksummedZstd(io.RawIOBase):
    """The raw bytes of a .zst file, for a decompressor whose output is then shown to `saw`. `empty` says that there are none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._checksum = 0
        self._expected: int | None = None
        self._placed = True
        size = file.seek(0, os.SEEK_END)
        self.empty = size == 0
        if size >= _OURS.size:
            file.seek(size - _OURS.size)
            magic, length, name, checksum, compressed = _OURS.unpack(file.read(_OURS.size))
            if (magic, length, name) == (_MAGIC, _LENGTH, _NAME):
                begin = size - _OURS.size - compressed
                self._expected = checksum if begin == 0 else None
                file.seek(max(0, begin))
                self._placed = begin >= 0 and file.read(len(_FRAME)) == _FRAME
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def readable(self) -> bool:
        return True

    def saw(self, content: bytes) -> None:
        if self._expected is not None:
            self._checksum = zlib.crc32(content, self._checksum)

    @property
    def holds(self) -> bool:
        """False where the content is not that of which the file has the checksum."""
        return self._placed and (self._expected is None or self._expected == self._checksum)


class ChecksumWriter:
    """A binary file to write that compresses into `file`, and puts the trailer behind it at the end of its context."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._compressed = _Counted(file)
        self._stream = pa.CompressedOutputStream(pa.PythonFile(self._compressed, "w"), "zstd")
        self._checksum = 0
        self.closed = False

    def write(self, data: Any) -> int:
        self._checksum = zlib.crc32(data, self._checksum)
        self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        """All is written at the end."""

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._stream.close()
            self._file.write(_OURS.pack(_MAGIC, _LENGTH, _NAME, self._checksum, self._compressed.length))

    def __enter__(self) -> ChecksumWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()


class _Counted(io.RawIOBase):
    """A file that counts what is written, and stays open when the compressor over it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.length += len(data)
        return self._file.write(data)
