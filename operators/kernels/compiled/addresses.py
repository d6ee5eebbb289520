"""Addresses of the web, of mail and of files among the words of a text."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import DIGIT, LETTER, LINE_BREAK, SPACE
from operators.kernels.compiled.blocks import BLOCK, low_bits, match, match_pairs, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.phrases import is_www
from operators.kernels.compiled.splitting import CONTENT, UNSPACED, room_for_words, split_words
from operators.kernels.compiled.utf8 import decode, flags_of

ADDRESS_WORDS, ADDRESS_CHARACTERS = 0, 1
COLUMNS = 2

PATH_SLASHES, PATH_SEGMENT = 3, 24
"""A path has three slashes or more, one in 24 bytes at least: base64 has one in 64."""

_COLON, _SLASH, _BACKSLASH, _AT, _DOT, _W = 0x3A, 0x2F, 0x5C, 0x40, 0x2E, 0x77
_match_sign, _match_ww = match([_SLASH, _BACKSLASH, _AT]), match_pairs([b"ww"])


@compiled
def count_addresses(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, out: Any) -> None:
    """Fill `out` (rows, COLUMNS): of each text, words of the runs between spaces that have an address in them, and their code points. Words of
    unspaced scripts, and those without a letter or digit, are not among them."""
    room = room_for_words(starts, ends)
    block, following = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        end = ends[row]
        done = starts[row]
        sign = next_sign(data, done, end, block, following)
        while sign < end:
            first = start_of_run(data, done, sign, flags)
            last, is_ascii, may_be = end_of_run(data, first, end, flags)
            if may_be and has_address(data, first, last, flags):
                if is_ascii:
                    out[row, ADDRESS_WORDS] += has_content(data, first, last, flags)
                    out[row, ADDRESS_CHARACTERS] += (last - first) * has_content(data, first, last, flags)
                else:
                    for word in range(split_words(data, first, last, flags, lower, False, room)):
                        if room.notes[word] & CONTENT and not room.notes[word] & UNSPACED:
                            out[row, ADDRESS_WORDS] += 1
                            out[row, ADDRESS_CHARACTERS] += room.lengths[word]
            done = last
            sign = next_sign(data, done, end, block, following)


@inlined
def next_sign(data: Any, at: Any, end: Any, block: Any, following: Any) -> Any:
    """Where the next character stands that an address has and few other words, or the end: a slash, an at sign, two letters w."""
    while at < end:
        take_block(data, at, block)
        take_block(data, at + 1, following)
        found = (_match_sign(block) | _match_ww(block, following)) & low_bits(end - at)
        if found:
            return at + trailing_zeros(found)
        at += BLOCK
    return end


@inlined
def start_of_run(data: Any, first: Any, at: Any, flags: Any) -> Any:
    """Where the run without white space begins that the character at `at` belongs to, not before `first`."""
    while at > first:
        before = at - 1
        byte = data[before]
        if byte < 0x80:
            if flags[byte] & SPACE:
                break
        else:
            while before > first and data[before] & 0xC0 == 0x80:
                before -= 1
            if flags_of(decode(data, before, at)[0], flags) & SPACE:
                break
        at = before
    return at


@inlined
def skip_spaces(data: Any, at: Any, end: Any, flags: Any) -> Any:
    """Where the next character stands that is no white space, or the end; and whether a line break was among the spaces."""
    breaks = False
    while at < end:
        byte = data[at]
        if byte < 0x80:
            bits, after = np.int64(flags[byte]), at + 1
        else:
            code, after = decode(data, at, end)
            bits = flags_of(code, flags)
        if not bits & SPACE:
            break
        breaks |= (bits & LINE_BREAK) != 0
        at = after
    return at, breaks


@inlined
def end_of_run(data: Any, at: Any, end: Any, flags: Any) -> Any:
    """Where the next white space starts, or the end; whether all before it is ASCII; and whether there is a sign that addresses have."""
    is_ascii, may_be, ws = True, False, 0
    while at < end:
        byte = data[at]
        if byte < 0x80:
            if flags[byte] & SPACE:
                break
            ws = (ws + 1) * ((byte | 0x20) == _W)
            may_be |= byte == _SLASH or byte == _BACKSLASH or byte == _AT or ws == 3
            at += 1
        else:
            code, after = decode(data, at, end)
            if flags_of(code, flags) & SPACE:
                break
            is_ascii = False
            at = after
    return at, is_ascii, may_be


@borrowing
def has_content(data: Any, first: Any, last: Any, flags: Any) -> Any:
    """1 where a run of ASCII has a letter or digit, else 0."""
    for at in range(first, last):
        if flags[data[at]] & (LETTER | DIGIT):
            return 1
    return 0


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
