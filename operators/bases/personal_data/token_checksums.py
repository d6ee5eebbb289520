"""Checksums that issuers write into their tokens: with one, a token is told from what only looks so."""

from __future__ import annotations

import re
import string
import zlib
from typing import Final

_BASE_62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_WITH_CRC: Final = re.compile(r"(?:gh[pousr]|npm)_(?P<value>[0-9A-Za-z]{30})(?P<checksum>[0-9A-Za-z]{6})")
"""GitHub and npm: 30 random characters, and their CRC-32 as six digits of base 62."""


def checksum_is_right(token: str) -> bool | None:
    """Whether the checksum of a token agrees with it; None for a token that has none, as far as is known here."""
    match = _WITH_CRC.fullmatch(token)
    return None if match is None else base_62(zlib.crc32(match["value"].encode())) == match["checksum"]


def base_62(number: int) -> str:
    """Six digits.

    >>> base_62(0), base_62(61), base_62(62)
    ('000000', '00000z', '000010')
    """
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE_62[digit] + digits
    return digits
