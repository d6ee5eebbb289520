"""Spaces and line breaks made plain, in one scan."""

from __future__ import annotations

from typing import Any

from operators.kernels.compiled.compiler import borrowing, inlined

OTHER, SPACE, BREAK = 0, 1, 2


@inlined
def kind_of(data: Any, at: int, end: int) -> tuple[int, int]:
    """Of the character that starts at `at`: OTHER, SPACE (any of Unicode's, and tab) or BREAK (of a line), and its bytes; of OTHER, one byte."""
    byte = data[at]
    if byte > 0x20 and byte < 0xC2:
        return OTHER, 1
    if byte == 0x20 or byte == 0x09:
        return SPACE, 1
    if byte == 0x0D:
        return BREAK, 2 if at + 1 < end and data[at + 1] == 0x0A else 1
    if (byte >= 0x0A and byte <= 0x0C) or (byte >= 0x1C and byte <= 0x1E):
        return BREAK, 1
    if byte == 0xC2 and at + 1 < end:
        if data[at + 1] == 0x85:
            return BREAK, 2
        if data[at + 1] == 0xA0:
            return SPACE, 2
    elif byte >= 0xE1 and byte <= 0xE3 and at + 2 < end:
        second, third = data[at + 1], data[at + 2]
        if byte == 0xE2 and second == 0x80:
            if third <= 0x8A or third == 0xAF:
                return SPACE, 3
            if third == 0xA8 or third == 0xA9:
                return BREAK, 3
        elif (
            (byte == 0xE2 and second == 0x81 and third == 0x9F)
            or (byte == 0xE1 and second == 0x9A and third == 0x80)
            or (byte == 0xE3 and second == 0x80 and third == 0x80)
        ):
            return SPACE, 3
    return OTHER, 1


@inlined
def write_run(data: Any, start: int, end: int, out: Any, to: int) -> int:
    """Spaces as they are, those that are not ASCII as plain ones; where the output goes on."""
    at = start
    while at < end:
        out[to] = data[at] if data[at] < 0x80 else 0x20
        to += 1
        at += kind_of(data, at, end)[1]
    return to


@borrowing
def normalize_spaces(
    data: Any, starts: Any, ends: Any, most_breaks: int, keep_indentation: bool, keep_runs: bool, join_lines: bool, out: Any, bounds: Any
) -> None:
    """Each text without odd spaces, as `NormalizeSpaces` says, to `out`; it is never longer. `bounds`: where each starts in `out`, and the end.

    A character that is no space is written when it is met, and before it the line breaks and spaces that were met since the last one.
    """
    to = 0
    for row in range(len(starts)):
        bounds[row] = to
        breaks, first, last = 0, -1, -1  # line breaks since the last character, and where the spaces since the last of both stand
        in_line = False
        at, end = starts[row], ends[row]
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
                if (breaks or first >= 0) and to > bounds[row]:
                    out[to] = 0x20
                    to += 1
            else:
                if to > bounds[row]:
                    for _ in range(min(breaks, most_breaks)):
                        out[to] = 0x0A
                        to += 1
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
            while at < end and data[at] > 0x20 and data[at] < 0xC2:  # the rest of the word
                out[to] = data[at]
                to += 1
                at += 1
    bounds[len(starts)] = to
