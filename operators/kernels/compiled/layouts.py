"""How the lines of a text are laid out: as prose, in columns, as code."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import item
from operators.kernels.compiled.compiler import inlined
from operators.kernels.compiled.utf8 import decode
from operators.kernels.compiled.white_space import BREAK, is_ink, kind_of

PROSE, COLUMNS, DIFF, CODE = 0, 1, 2, 3

_COLUMN_LINES = 3
_NOTHING, _TAB, _BLANK = 0x00, 0x09, 0x20
_PIPE, _GREATER, _BACKTICK, _TILDE = 0x7C, 0x3E, 0x60, 0x7E
_GIT, _HUNK, _INDEX = (np.frombuffer(sign, np.uint8) for sign in (b"diff --git ", b"@@ -", b"Index: "))
_OLD_FILE, _NEW_FILE = (np.frombuffer(sign, np.uint8) for sign in (b"--- ", b"+++ "))
_MARKS = np.isin(np.arange(256), np.frombuffer(b".!?:;,\"')]", np.uint8))
"""Two spaces after one of these end a sentence, as typists do; they are no column."""
_DIGITS = np.array([code for code in range(0x20000) if chr(code).isdecimal()])
"""Of every script."""


@inlined
def layouts_of(data: Any, at: Any, end: Any, line_ends: Any, layouts: Any) -> Any:
    """Write where each line of a text ends and its layout; return how many lines. The line break after a code block counts as a line.

    CODE: fenced blocks, from the line that opens one to the line that closes it or the end of the text.
    DIFF: from where a diff begins to the next code block. COLUMNS: rows of a table, lines with tabs between their cells, indented lines of a
    quotation, and three lines or more that follow each other and have a gap. A blank line belongs to what stands before it.
    """
    lines, gaps, in_diff = 0, 0, False
    fence, length = _NOTHING, 0  # of the line that opened the block under way
    while at < end:
        start = at
        stop, at, first, last, tabbed, gap = read_line(data, start, end)
        line_ends[lines] = at
        mark, after_marks = fence_at(data, start, stop)
        layout = PROSE
        if fence:
            layout = CODE
            if mark == fence and after_marks - first >= length and closes(data, after_marks, stop):
                fence, gaps, in_diff = _NOTHING, 0, False
                if at > stop:
                    line_ends[lines], layouts[lines] = stop, CODE
                    line_ends[lines + 1], layout = at, PROSE
                    lines += 1
        elif mark and at > stop and not (mark == _BACKTICK and has_backtick(data, after_marks, stop)):
            layout, fence, length = CODE, mark, after_marks - first
        elif in_diff or starts_diff(data, start, stop, at, end):
            layout, in_diff = DIFF, True
        elif first == stop:
            gaps = 0
            if lines:
                layout = layouts[lines - 1]
        else:
            gaps = gaps + 1 if gap else 0
            is_row = first < last and data[first] == _PIPE and data[last] == _PIPE
            if gaps >= _COLUMN_LINES or tabbed or is_row or is_indented_quotation(data, start, stop):
                layout = COLUMNS
            if gaps == _COLUMN_LINES:
                layouts[lines - _COLUMN_LINES + 1 : lines] = COLUMNS
        layouts[lines] = layout
        lines += 1
    return lines


@inlined
def read_line(data: Any, at: Any, end: Any) -> Any:
    """Where a line ends and the next one starts; the first and the last byte that are no white space (where it ends, if there are none); whether
    a tab stands between such, and whether a gap does: three spaces or more, or two that follow no mark."""
    first, last, before = -1, -1, -1  # `before`: what stands before the spaces just met, if that is no white space
    spaces, tab, tabbed, gap = 0, False, False, False
    while at < end:
        if data[at] == _BLANK:
            spaces += 1
            at += 1
            continue
        kind, width = kind_of(data, at, end)
        if kind == BREAK:
            return at, at + width, first if first >= 0 else at, last if first >= 0 else at, tabbed, gap
        if is_ink(data, at, end):
            gap |= before >= 0 and (spaces > 2 or (spaces == 2 and not _MARKS[data[before]]))
            tabbed |= tab
            if first < 0:
                first = at
            at += 1
            while at < end and item(data, at) > 0x20 and item(data, at) < 0xC2:  # the rest of the word
                at += 1
            last = before = at - 1
        else:
            tab |= data[at] == _TAB and first >= 0
            before = -1
            at += width
        spaces = 0
    return end, end, first if first >= 0 else end, last if first >= 0 else end, tabbed, gap


@inlined
def fence_at(data: Any, start: Any, stop: Any) -> Any:
    """The mark of which three or more begin a line, behind spaces and tabs, and where they end; NOTHING if none do."""
    at = start
    while at < stop and (data[at] == _BLANK or data[at] == _TAB):
        at += 1
    if at + 3 > stop or not (data[at] == _BACKTICK or data[at] == _TILDE):
        return _NOTHING, at
    first, mark = at, data[at]
    while at < stop and data[at] == mark:
        at += 1
    return (mark if at - first >= 3 else _NOTHING), at


@inlined
def closes(data: Any, at: Any, stop: Any) -> Any:
    """Whether what stands behind the marks of a fence may stand in the line that closes a block."""
    for place in range(at, stop):
        byte = data[place]
        if not (byte == _BLANK or byte == _TAB or byte == _BACKTICK or byte == _TILDE):
            return False
    return True


@inlined
def has_backtick(data: Any, at: Any, stop: Any) -> Any:
    for place in range(at, stop):
        if data[place] == _BACKTICK:
            return True
    return False


@inlined
def starts_diff(data: Any, start: Any, stop: Any, following: Any, end: Any) -> Any:
    """Whether a line is the first of a diff."""
    if starts_with(data, start, stop, _OLD_FILE):
        return is_ink(data, start + len(_OLD_FILE), stop) and starts_with(data, following, end, _NEW_FILE)
    if starts_with(data, start, stop, _HUNK):
        return start + len(_HUNK) < stop and is_decimal(data, start + len(_HUNK), stop)
    return starts_with(data, start, stop, _GIT) or starts_with(data, start, stop, _INDEX)


@inlined
def starts_with(data: Any, at: Any, stop: Any, sign: Any) -> Any:
    if at + len(sign) > stop:
        return False
    for place in range(len(sign)):
        if data[at + place] != sign[place]:
            return False
    return True


@inlined
def is_decimal(data: Any, at: Any, stop: Any) -> Any:
    code, _ = decode(data, at, stop)
    for digit in _DIGITS:
        if digit == code:
            return True
    return False


@inlined
def is_indented_quotation(data: Any, start: Any, stop: Any) -> Any:
    """Whether quotation marks (">" or "|", and spaces) begin a line, and two spaces or tabs stand between them and what follows."""
    if not (data[start] == _GREATER or data[start] == _PIPE):
        return False
    blanks, tab = 0, False
    for at in range(start + 1, stop):
        byte = data[at]
        if byte == _BLANK or byte == _TAB:
            blanks += 1
            tab |= byte == _TAB
        elif blanks >= 2 and is_ink(data, at, stop):
            return True
        elif tab or not (byte == _GREATER or byte == _PIPE):
            return False
        else:
            blanks = 0
    return False
