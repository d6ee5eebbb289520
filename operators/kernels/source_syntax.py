"""How a programming language writes comments and strings, as the bits of a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

HASHES: Final = 1 << 0
SLASHES: Final = 1 << 1
BLOCKS: Final = 1 << 2
DASHES: Final = 1 << 3
PERCENTS: Final = 1 << 4
SEMICOLONS: Final = 1 << 5
MARKUP: Final = 1 << 6
DOCSTRINGS: Final = 1 << 7
DOUBLE_QUOTES: Final = 1 << 8
SINGLE_QUOTES: Final = 1 << 9
BACKTICKS: Final = 1 << 10

MARKS: Final[dict[str, int]] = {
    "#": HASHES,
    "//": SLASHES,
    "/*": BLOCKS,
    "--": DASHES,
    "%": PERCENTS,
    ";": SEMICOLONS,
    "<!--": MARKUP,
    '"""': DOCSTRINGS,
    '"': DOUBLE_QUOTES,
    "'": SINGLE_QUOTES,
    "`": BACKTICKS,
}
"""What opens a comment or a string -> its bit."""


def syntax_of(marks: Iterable[str]) -> int:
    '''The bits of all marks: `syntax_of(["#", '"""', '"', "'"])` is Python's. Raises KeyError for a mark that is not known.'''
    bits = 0
    for mark in marks:
        bits |= MARKS[mark]
    return bits
