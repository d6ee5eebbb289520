"""The content of an answer as it comes, without the encoding of its transport, never larger than allowed: also where a few bytes unpack to many."""

from __future__ import annotations

import zlib
from typing import Final

from resources.web.errors import Refused, TooLarge, Unanswered

_GZIP_OR_ZLIB: Final = 47
_RAW: Final = -15
_GZIP_BEGINS: Final = b"\x1f\x8b"


class Body:
    """Takes blocks, holds what they come to. `content` has at most `most_bytes`."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        """Raises Refused: an encoding that was not asked for, or several on top of each other."""
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Refused(f"its content is encoded as {encoding[:40]!r}")
        self.content = bytearray()
        self._most = most_bytes
        self._taken = 0
        self._is_deflate = encoding == "deflate"
        self._zlib = None if encoding in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)

    def add(self, block: bytes) -> None:
        """Raises TooLarge: of what comes, or of what it unpacks to. Raises Unanswered: it is damaged."""
        if self._is_deflate and not self._taken and block and block[0] & 0x0F != 8:  # some servers leave the header of zlib out
            self._zlib = zlib.decompressobj(_RAW)
        self._taken += len(block)
        while block and self._zlib is not None:
            try:
                self._keep(self._zlib.decompress(block, self._most - len(self.content) + 1))
            except zlib.error as error:
                raise Unanswered(f"its compressed content is damaged ({error})") from None
            block = self._zlib.unconsumed_tail
            if self._zlib.eof and self._zlib.unused_data.startswith(_GZIP_BEGINS):
                block = self._zlib.unused_data
                self._zlib = zlib.decompressobj(_GZIP_OR_ZLIB)
        if self._zlib is None:
            self._keep(block)
        if self._taken > self._most:
            raise TooLarge(f"it is larger than {self._most / 1e6:g} MB")

    def _keep(self, content: bytes) -> None:
        room = self._most - len(self.content)
        self.content += content[:room]
        if len(content) > room:
            raise TooLarge(f"it is larger than {self._most / 1e6:g} MB")

    def end(self) -> None:
        """Raises Unanswered: the compressed content breaks off."""
        if self._zlib is not None and self._taken and not self._zlib.eof:
            raise Unanswered("its compressed content breaks off")
