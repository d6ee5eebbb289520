"""Spaces and line breaks made plain, in one scan; what white space lays out keeps its shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import BLOCK, copy_block, item, low_bits, match, take_block, trailing_zeros
from operators.kernels.compiled.compiler import borrowing, inlined
from operators.kernels.compiled.layouts import CODE, PROSE, layouts_of
from operators.kernels.compiled.white_space import BREAK, SPACE, is_ink, kind_of

_match_blank, _match_other = match([0x20]), match(list(range(0x21, 0x100)))
_match_first, _match_second = match([0xC2, 0xE1, 0xE3]), match([0x80, 0x85, 0x9A, 0xA0])
_match_first_of_most, _match_second_of_most = match([0xE2]), match([0x80, 0x81])
"""How the spaces and line breaks begin that are not ASCII."""


@borrowing
def normalize_spaces(
    data: Any,
    starts: Any,
    ends: Any,
    laid_out: Any,
    most_breaks: int,
    keep_indentation: bool,
    keep_runs: bool,
    join_lines: bool,
    line_ends: Any,
    layouts: Any,
    block: Any,
    out: Any,
    bounds: Any,
) -> None:
    """Each text as `NormalizeSpaces` says, to `out`, which has room for a block more. `bounds`: where each starts in `out`, and the end.

    `laid_out`: the texts whose layout is looked at. `line_ends` and `layouts` have room for as many lines as the longest of them has bytes.
    """
    to = 0
    for row in range(len(starts)):
        bounds[row] = to
        if laid_out[row]:
            lines = layouts_of(data, starts[row], ends[row], line_ends, layouts)
            to = write_parts(data, starts[row], line_ends, layouts, lines, most_breaks, keep_indentation, keep_runs, block, out, to)
        else:
            to = write_normal(data, starts[row], ends[row], most_breaks, keep_indentation, keep_runs, join_lines, block, out, to)
    bounds[len(starts)] = to


@borrowing
def write_parts(
    data: Any,
    at: int,
    line_ends: Any,
    layouts: Any,
    lines: int,
    most_breaks: int,
    keep_indentation: bool,
    keep_runs: bool,
    block: Any,
    out: Any,
    to: int,
) -> int:
    """A text by its parts, the lines of one layout that follow each other: code as it is, every other part normalized, and at most `most_breaks` line
    breaks at its start and at its end. Where the output goes on."""
    begin, line = to, 0
    while line < lines:
        layout = layouts[line]
        while line < lines and layouts[line] == layout:
            line += 1
        end = line_ends[line - 1]
        if layout == CODE:
            to = write_code(data, at, end, out, to)
        else:
            before, after = breaks_around(data, at, end)
            if to > begin:
                to = write_breaks(min(before, most_breaks), out, to)
            first = to
            to = write_normal(data, at, end, most_breaks, keep_indentation, keep_runs or layout != PROSE, False, block, out, to)
            if to > first:
                to = write_breaks(min(after, most_breaks), out, to)
        at = end
    while to > begin and out[to - 1] == 0x0A:
        to -= 1
    return to


@inlined
def write_code(data: Any, at: int, end: int, out: Any, to: int) -> int:
    """A part with plain line breaks, and all else as it is; where the output goes on."""
    while at < end:
        kind, width = kind_of(data, at, end)
        if kind == BREAK:
            out[to] = 0x0A
            at += width
        else:
            out[to] = data[at]
            at += 1
        to += 1
    return to


@inlined
def breaks_around(data: Any, at: int, end: int) -> tuple[int, int]:
    """The line breaks in the white space at the start and at the end of a part: of one that has nothing else, all of them twice."""
    before, after = -1, 0
    while at < end:
        kind, width = kind_of(data, at, end)
        if kind == BREAK:
            after += 1
        elif is_ink(data, at, end):
            before = after if before < 0 else before
            after = 0
            while at + 1 < end and item(data, at + 1) > 0x20 and item(data, at + 1) < 0xC2:  # the rest of the word
                at += 1
        at += width
    return before if before >= 0 else after, after


@inlined
def write_run(data: Any, start: int, end: int, out: Any, to: int) -> int:
    """Spaces as they are, those that are not ASCII as plain ones; where the output goes on."""
    at = start
    while at < end:
        out[to] = data[at] if data[at] < 0x80 else 0x20
        to += 1
        at += kind_of(data, at, end)[1]
    return to


@inlined
def write_breaks(count: int, out: Any, to: int) -> int:
    """So many line feeds; where the output goes on."""
    for _ in range(count):
        out[to] = 0x0A
        to += 1
    return to


@inlined
def may_be_space(block: Any) -> Any:
    """The bits of the bytes with which a space or line break may begin that is not ASCII."""
    last = np.uint64(1 << 63)  # what comes after it is not known
    most = _match_first_of_most(block) & ((_match_second_of_most(block) >> np.uint64(1)) | last)
    return most | (_match_first(block) & ((_match_second(block) >> np.uint64(1)) | last))


@borrowing
def write_normal(
    data: Any, at: int, end: int, most_breaks: int, keep_indentation: bool, keep_runs: bool, join_lines: bool, block: Any, out: Any, to: int
) -> int:
    """A text or part of one without odd spaces, as `NormalizeSpaces` says, and without any at its end; it is never longer. Where the output goes on.

    A character that is no space is written when it is met, and before it the line breaks and spaces that were met since the last one.
    """
    begin = to
    breaks, first, last = 0, -1, -1  # line breaks since the last character, and where the spaces since the last of both stand
    in_line = False
    while at < end:
        kind, width = kind_of(data, at, end)
        if kind == SPACE:
            if first < 0:
                first = at
            at += width
            last = at
            continue
        if kind == BREAK:
            breaks += 1
            in_line, first = False, -1
            at += width
            continue
        if join_lines:
            if (breaks or first >= 0) and to > begin:
                out[to] = 0x20
                to += 1
        else:
            if to > begin:
                to = write_breaks(min(breaks, most_breaks), out, to)
            if first >= 0:
                if in_line and not keep_runs:
                    out[to] = 0x20
                    to += 1
                elif in_line or keep_indentation:
                    to = write_run(data, first, last, out, to)
        breaks, first, in_line = 0, -1, True
        out[to] = data[at]
        to += 1
        at += 1
        clean = BLOCK
        while at < end and clean == BLOCK:  # the rest of the word, and all words that one plain space parts from those before
            take_block(data, at, block)
            letters = _match_other(block) & ~may_be_space(block) & low_bits(end - at)
            clean = trailing_zeros(~(letters | (_match_blank(block) & (letters >> np.uint64(1)))))
            copy_block(block, 0, out, to)
            to += clean
            at += clean
    return to
