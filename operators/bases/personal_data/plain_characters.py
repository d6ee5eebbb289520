"""Digits and marks of other scripts as their ASCII twins, one for one, so that places in a text stay the same."""

from __future__ import annotations

from typing import Final

_MARKS: Final = {
    **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u00ad\ufe63", "-"),
    "\ufe6b": "@",
}
_FULL_WIDTH: Final = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_DIGITS: Final = {
    chr(zero + digit): str(digit)
    for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x1040, 0x17E0)
    for digit in range(10)
}
_TWINS: Final = str.maketrans({**_MARKS, **_FULL_WIDTH, **_DIGITS})


def plain_characters(text: str) -> str:
    """The same length; an ASCII text is returned as it is."""
    return text if text.isascii() else text.translate(_TWINS)


FULL_WIDTH_LETTER: Final = r"[\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]"
"""In the syntax of RE2."""


def any_mark(marks: str, others: str = "") -> str:
    """A class, in the syntax of RE2, of ASCII marks, of all that `plain_characters` makes of them, and of other signs and ranges."""
    twins = [chr(code) for code, plain in _TWINS.items() if plain in marks]
    return "[" + others + "".join(rf"\x{{{ord(mark):x}}}" for mark in [*marks, *twins]) + "]"
