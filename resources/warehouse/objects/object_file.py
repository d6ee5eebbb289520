"""An object as a file that is read at any place, each read a request."""

from __future__ import annotations

import io

from resources.warehouse.objects.bucket import Bucket
from resources.warehouse.objects.records import Part

TAIL_BYTES = 64 << 10
"""Readers of Parquet ask for some bytes of the end, and then for some more: they are fetched at once and kept."""


class ObjectFile(io.RawIOBase):
    """Nothing is asked of the store before the first read."""

    def __init__(self, bucket: Bucket, part: Part) -> None:
        super().__init__()
        self._bucket = bucket
        self._part = part
        self._place = 0
        self._tail: bytes | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._part.bytes}[whence]
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        stop = self._part.bytes if size is None or size < 0 else min(self._place + size, self._part.bytes)
        start, self._place = self._place, max(stop, self._place)
        if start >= stop:
            return b""
        tail = max(0, self._part.bytes - TAIL_BYTES)
        if start >= tail:
            if self._tail is None:
                self._tail = self._bucket.read(self._part.key, tail, self._part.bytes - tail)
            return self._tail[start - tail : stop - tail]
        return self._bucket.read(self._part.key, start, stop - start)
