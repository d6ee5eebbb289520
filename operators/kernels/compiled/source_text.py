"""What is comment in a program, what a reader sees of a page of markup, and where the first lines of a text end."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import BLOCK, match, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.phrases import is_ascii_space, lower_ascii
from operators.kernels.source_syntax import (
    BACKTICKS,
    BLOCKS,
    DASHES,
    DOCSTRINGS,
    DOUBLE_QUOTES,
    HASHES,
    MARKUP,
    PERCENTS,
    SEMICOLONS,
    SINGLE_QUOTES,
    SLASHES,
)

_FEED, _RETURN, _BACKSLASH, _SLASH, _STAR, _DASH = 0x0A, 0x0D, 0x5C, 0x2F, 0x2A, 0x2D
_HASH, _PERCENT, _SEMICOLON, _LESS, _GREATER, _BANG = 0x23, 0x25, 0x3B, 0x3C, 0x3E, 0x21
_DOUBLE, _SINGLE, _BACKTICK, _SPACE = 0x22, 0x27, 0x60, 0x20
_IN_LINE, _IN_BLOCK, _IN_MARKUP, _IN_DOCSTRING = 1, 2, 3, 4
_match_mark = match([_HASH, _SLASH, _DASH, _PERCENT, _SEMICOLON, _LESS, _DOUBLE, _SINGLE, _BACKTICK])
_match_break = match([_FEED, _RETURN])
_match_of_string = match([_DOUBLE, _SINGLE, _BACKTICK, _BACKSLASH, _FEED])


@borrowing
def find_first_lines(data: Any, starts: Any, ends: Any, lines: Any, out: Any) -> None:
    """Fill `out` (rows): where the first `lines` lines of each text end."""
    for row in range(len(starts)):
        position, left = starts[row], lines
        while position < ends[row] and left > 0:
            left -= data[position] == _FEED
            position += 1
        out[row] = position


@compiled
def count_comments(data: Any, starts: Any, ends: Any, syntax: Any, out: Any) -> None:
    """Fill `out` (rows): code points of comments, their marks included. `syntax`: of each text the bits of `operators.kernels.source_syntax`."""
    block = np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        out[row] = 0
        first, last = next_comment(data, starts[row], ends[row], syntax[row], block)
        while first < last:
            out[row] += code_points(data, first, last)
            first, last = next_comment(data, last, ends[row], syntax[row], block)


@compiled
def blank_comments(data: Any, starts: Any, ends: Any, syntax: Any, out: Any) -> None:
    """Write spaces over the comments in `out`, a copy of `data`; line breaks in them stay."""
    block = np.empty(BLOCK, np.uint8)
    for row in range(len(starts)):
        first, last = next_comment(data, starts[row], ends[row], syntax[row], block)
        while first < last:
            for at in range(first, last):
                if out[at] != _FEED and out[at] != _RETURN:
                    out[at] = _SPACE
            first, last = next_comment(data, last, ends[row], syntax[row], block)


@borrowing
def next_comment(data: Any, start: Any, end: Any, syntax: Any, block: Any) -> Any:
    """Where the next comment from `start` on begins and ends, which stands outside strings; twice `end` if there is none.

    `start` begins a text or ends a comment, so that a triple-quoted string right after a docstring is of the docstring.
    """
    if syntax == 0:
        return end, end
    position = start
    while True:
        position = next_mark(data, position, end, block)
        if position >= end:
            return end, end
        byte = data[position]
        kind = comment_at(data, start, position, end, syntax)
        if kind:
            return position, end_of_comment(data, position, end, kind, block)
        position = end_of_string(data, position, end, byte, syntax, block) if quote_at(byte, syntax) else position + 1


@inlined
def next_mark(data: Any, position: Any, end: Any, block: Any) -> Any:
    """The next byte that may open a comment or a string in some language; `end` or more if there is none."""
    while position < end:
        take_block(data, position, block)
        found = _match_mark(block)
        if found:
            return position + trailing_zeros(found)
        position += BLOCK
    return position


@inlined
def next_break(data: Any, position: Any, end: Any, block: Any) -> Any:
    """The next line feed or carriage return, or `end`."""
    while position < end:
        take_block(data, position, block)
        found = _match_break(block)
        if found:
            return min(position + trailing_zeros(found), end)
        position += BLOCK
    return end


@inlined
def next_of_string(data: Any, position: Any, end: Any, block: Any) -> Any:
    """The next quote, backslash or line feed, or `end`."""
    while position < end:
        take_block(data, position, block)
        found = _match_of_string(block)
        if found:
            return min(position + trailing_zeros(found), end)
        position += BLOCK
    return end


@inlined
def begins_line(data: Any, start: Any, position: Any) -> Any:
    """Whether nothing but spaces stands before a byte in its line."""
    while position > start:
        byte = data[position - 1]
        if byte == _FEED or byte == _RETURN:
            return True
        if not is_ascii_space(byte):
            return False
        position -= 1
    return True


@inlined
def comment_at(data: Any, start: Any, position: Any, end: Any, syntax: Any) -> Any:
    """The kind of the comment that begins here, or 0."""
    byte = data[position]
    following = data[position + 1] if position + 1 < end else 0
    if byte == _HASH and syntax & HASHES:
        return _IN_LINE
    if byte == _SLASH and following == _SLASH and syntax & SLASHES:
        return _IN_LINE
    if byte == _SLASH and following == _STAR and syntax & BLOCKS:
        return _IN_BLOCK
    if byte == _DASH and following == _DASH and syntax & DASHES:
        return _IN_LINE
    if (byte == _PERCENT and syntax & PERCENTS) or (byte == _SEMICOLON and syntax & SEMICOLONS):
        return _IN_LINE
    if (
        byte == _LESS
        and following == _BANG
        and syntax & MARKUP
        and position + 3 < end
        and data[position + 2] == _DASH
        and data[position + 3] == _DASH
    ):
        return _IN_MARKUP
    if syntax & DOCSTRINGS and (byte == _DOUBLE or byte == _SINGLE) and is_triple(data, position, end) and begins_line(data, start, position):
        return _IN_DOCSTRING
    return 0


@inlined
def opens_comment(data: Any, position: Any, end: Any) -> Any:
    """Whether "<!--" stands at a "<"."""
    return position + 3 < end and data[position + 1] == _BANG and data[position + 2] == _DASH and data[position + 3] == _DASH


@inlined
def is_triple(data: Any, position: Any, end: Any) -> Any:
    return position + 2 < end and data[position + 1] == data[position] and data[position + 2] == data[position]


@borrowing
def end_of_comment(data: Any, position: Any, end: Any, kind: Any, block: Any) -> Any:
    if kind == _IN_LINE:
        return next_break(data, position, end, block)
    if kind == _IN_BLOCK:
        position += 2
        while position + 1 < end and not (data[position] == _STAR and data[position + 1] == _SLASH):
            position += 1
        return min(position + 2, end)
    return end_of_markup(data, position, end) if kind == _IN_MARKUP else end_of_triple(data, position, end, block)


@borrowing
def end_of_markup(data: Any, position: Any, end: Any) -> Any:
    position += 4
    while position + 2 < end and not (data[position] == _DASH and data[position + 1] == _DASH and data[position + 2] == _GREATER):
        position += 1
    return min(position + 3, end)


@borrowing
def end_of_triple(data: Any, position: Any, end: Any, block: Any) -> Any:
    quote = data[position]
    position = next_of_string(data, position + 3, end, block)
    while position < end and not (data[position] == quote and is_triple(data, position, end)):
        position = next_of_string(data, position + (2 if data[position] == _BACKSLASH else 1), end, block)
    return min(position + 3, end)


@inlined
def quote_at(byte: Any, syntax: Any) -> Any:
    return (
        (byte == _DOUBLE and syntax & DOUBLE_QUOTES != 0)
        or (byte == _SINGLE and syntax & SINGLE_QUOTES != 0)
        or (byte == _BACKTICK and syntax & BACKTICKS != 0)
    )


@borrowing
def end_of_string(data: Any, position: Any, end: Any, quote: Any, syntax: Any, block: Any) -> Any:
    """After the closing quote; or at the end of the line, where none closes: but for backticks and triple quotes, strings end with their line."""
    if syntax & DOCSTRINGS and is_triple(data, position, end):
        return end_of_triple(data, position, end, block)
    position = next_of_string(data, position + 1, end, block)
    while position < end and data[position] != quote:
        if data[position] == _FEED and quote != _BACKTICK:
            return position
        position = next_of_string(data, position + (2 if data[position] == _BACKSLASH else 1), end, block)
    return min(position + 1, end)


@inlined
def code_points(data: Any, first: Any, last: Any) -> Any:
    count = 0
    for at in range(first, last):
        count += data[at] & 0xC0 != 0x80
    return count


@borrowing
def count_visible(data: Any, starts: Any, ends: Any, out: Any) -> None:
    """Fill `out` (rows): code points that are no white space outside tags, comments, scripts and styles."""
    for row in range(len(starts)):
        position, end, characters = starts[row], ends[row], 0
        while position < end:
            byte = data[position]
            if byte == _LESS and position + 1 < end and opens_tag(data[position + 1]):
                position = end_of_tag(data, position, end)
                continue
            characters += byte & 0xC0 != 0x80 and not is_ascii_space(byte)
            position += 1
        out[row] = characters


@inlined
def opens_tag(byte: Any) -> Any:
    return byte == _SLASH or byte == _BANG or byte == 0x3F or 97 <= lower_ascii(byte) <= 122


@borrowing
def end_of_tag(data: Any, position: Any, end: Any) -> Any:
    """After a tag or comment; after a script or style, all of it."""
    if opens_comment(data, position, end):
        return end_of_markup(data, position, end)
    first = position + 1
    while position < end and data[position] != _GREATER:
        position += 1
    position = min(position + 1, end)
    hides = has_name(data, first, end, 115, 99, 116) or has_name(data, first, end, 115, 116, 101)  # "sc...t" of script, "st...e" of style
    if not hides:
        return position
    while position < end:
        if data[position] == _LESS and position + 2 < end and data[position + 1] == _SLASH and lower_ascii(data[position + 2]) == 115:
            while position < end and data[position] != _GREATER:
                position += 1
            return min(position + 1, end)
        position += 1
    return end


@inlined
def has_name(data: Any, first: Any, end: Any, one: Any, two: Any, last: Any) -> Any:
    """Whether a name begins with two letters and ends with one: no other tag of HTML does so as "script" and "style" do."""
    at = first
    while at < end and 97 <= lower_ascii(data[at]) <= 122:
        at += 1
    return at - first >= 5 and lower_ascii(data[first]) == one and lower_ascii(data[first + 1]) == two and lower_ascii(data[at - 1]) == last
