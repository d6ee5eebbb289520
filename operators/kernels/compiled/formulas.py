"""Curly brackets that are no part of a formula in LaTeX."""

from __future__ import annotations

from typing import Any

from operators.kernels.compiled.compiler import borrowing

_OPENING, _CLOSING, _BACKSLASH, _CARET, _UNDERSCORE, _LINE_FEED = 0x7B, 0x7D, 0x5C, 0x5E, 0x5F, 0x0A


@borrowing
def count_brackets_outside_formulas(data: Any, starts: Any, ends: Any, out: Any) -> None:
    r"""Fill `out` (rows): of each text, "{" and "}" but for those of LaTeX: after "^", "_" or a command ("\frac{a}{b}"), what stands inside these,
    and "\{". A group that is still open at a blank line is none."""
    for row in range(len(starts)):
        depth, closed = 0, -1  # open groups of a formula, and where the last was closed
        first, counted = starts[row], 0
        for at in range(first, ends[row]):
            byte = data[at]
            if byte == _LINE_FEED and at > first and data[at - 1] == _LINE_FEED:
                depth = 0
            elif byte == _OPENING:
                if depth:
                    depth += 1
                elif at > first and data[at - 1] != _BACKSLASH:
                    if opens_group(data, first, at, closed):
                        depth = 1
                    else:
                        counted += 1
                elif at == first:
                    counted += 1
            elif byte == _CLOSING:
                if depth:
                    depth -= 1
                    closed = at
                elif at == first or data[at - 1] != _BACKSLASH:
                    counted += 1
        out[row] = counted


@borrowing
def opens_group(data: Any, first: Any, at: Any, closed: Any) -> Any:
    """Whether "{" at `at` follows "^", "_", the group before it, or a backslash and letters."""
    before = at - 1
    if before == closed or data[before] == _CARET or data[before] == _UNDERSCORE:
        return True
    while before >= first and (65 <= data[before] <= 90 or 97 <= data[before] <= 122) and at - before <= 32:
        before -= 1
    return before >= first and before < at - 1 and data[before] == _BACKSLASH
