"""Addresses of the web, of mail and of files among the words of a text."""

from __future__ import annotations

from typing import Any

from operators.kernels.characters import DIGIT, LETTER, LINE_BREAK, SPACE
from operators.kernels.compiled.compiler import borrowing, compiled
from operators.kernels.compiled.phrases import is_www
from operators.kernels.compiled.splitting import CONTENT, SPACE_BEFORE, UNSPACED, room_for_words, split_words
from operators.kernels.compiled.utf8 import decode, flags_of

ADDRESS_WORDS, ADDRESS_CHARACTERS = 0, 1
COLUMNS = 2

PATH_SLASHES, PATH_SEGMENT = 3, 24
"""A path has three slashes or more, one in 24 bytes at least: base64 has one in 64."""

_COLON, _SLASH, _BACKSLASH, _AT, _DOT = 0x3A, 0x2F, 0x5C, 0x40, 0x2E


@compiled
def count_addresses(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS): of each text, words of the runs between spaces that have an address in them, and their code points. Words of
    unspaced scripts, and those without a letter or digit, are not among them."""
    room = room_for_words(starts, ends)
    for row in range(len(starts)):
        count = split_words(data, starts[row], ends[row], flags, lower, room)
        end, last, word = ends[row], starts[row], 0
        while word < count:
            first, _ = skip_spaces(data, last, end, flags)
            last = end_of_run(data, first, end, flags)
            wanted = has_address(data, first, last, flags)
            begins = word
            while word < count and (word == begins or not room.notes[word] & SPACE_BEFORE):
                if wanted and room.notes[word] & CONTENT and not room.notes[word] & UNSPACED:
                    out[row, ADDRESS_WORDS] += 1
                    out[row, ADDRESS_CHARACTERS] += room.lengths[word]
                word += 1


@borrowing
def skip_spaces(data: Any, at: Any, end: Any, flags: Any) -> Any:
    """Where the next character stands that is no white space, or the end; and whether a line break was among the spaces."""
    breaks = False
    while at < end:
        code, after = decode(data, at, end)
        bits = flags_of(code, flags)
        if not bits & SPACE:
            break
        breaks |= (bits & LINE_BREAK) != 0
        at = after
    return at, breaks


@borrowing
def end_of_run(data: Any, at: Any, end: Any, flags: Any) -> Any:
    """Where the next white space starts, or the end."""
    while at < end:
        code, after = decode(data, at, end)
        if flags_of(code, flags) & SPACE:
            break
        at = after
    return at


@borrowing
def has_address(data: Any, first: Any, last: Any, flags: Any) -> Any:
    """Whether a run without spaces has "://", "www." at the start of a name, a name with "@" and a domain with a dot, or the slashes of a path."""
    slashes, named, in_domain = 0, False, False  # `named`: a letter or digit stands just before
    for at in range(first, last):
        byte = data[at]
        alphanumeric = byte >= 0x80 or (flags[byte] & (LETTER | DIGIT)) != 0
        if byte == _SLASH or byte == _BACKSLASH:
            slashes += 1
        elif byte == _COLON:
            if named and at + 2 < last and data[at + 1] == _SLASH and data[at + 2] == _SLASH:
                return True
        elif byte == _AT:
            in_domain = named and at + 1 < last
        elif byte == _DOT:
            follows = at + 1 < last and (data[at + 1] >= 0x80 or (flags[data[at + 1]] & (LETTER | DIGIT)) != 0)
            if in_domain and named and follows:
                return True
            if follows and at - first >= 3 and is_www(data, at - 3) and (at - first == 3 or not flags[data[at - 4]] & (LETTER | DIGIT)):
                return True
        named = alphanumeric
    return slashes >= PATH_SLASHES and slashes * PATH_SEGMENT >= last - first
