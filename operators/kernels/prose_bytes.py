"""What the bytes of a word say of it: whether it is one of a language, or a URL, an address, code or a number."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

SIGNS: Final = "_@{}<>=\\|#$^~`"
"""A word in ASCII that has one of these, or a digit, is none of a language. So is one with "//", "www.", "()", or a bracket right after a letter."""

PLAIN, LETTER, SPACE, SIGN, PERHAPS, NOT_ASCII = 0, 1, 2, 3, 4, 5
"""Kinds of bytes. PERHAPS: what stands before or after says whether the word is one of a language."""
NO_LETTER, HAS_LETTER, MAY_HAVE_LETTER = 0, 1, 2
"""MAY_HAVE_LETTER: only in the planes of ideographs, not all of which are assigned."""

CHARACTERS, WORDS, CAPITALS, LETTERS = 0, 1, 2, 3
"""Columns of the counts."""


@cache
def kinds_of_bytes() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """By byte."""
    kinds = np.full(256, NOT_ASCII, np.uint8)
    for byte in range(0x80):
        character = chr(byte)
        if character.isspace():
            kinds[byte] = SPACE
        elif character.isalpha():
            kinds[byte] = LETTER
        elif character in "</(.)":
            kinds[byte] = PERHAPS
        elif character.isdigit() or character in SIGNS:
            kinds[byte] = SIGN
        else:
            kinds[byte] = PLAIN
    return kinds
