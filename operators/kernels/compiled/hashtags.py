"""Hash signs that are no part of a heading, a number or an address."""

from __future__ import annotations

from typing import Any

from operators.kernels.characters import DIGIT
from operators.kernels.compiled.addresses import end_of_run, has_address, skip_spaces
from operators.kernels.compiled.compiler import borrowing

_HASH, _OPENING_BRACKET, _CLOSING_SQUARE = 0x23, 0x28, 0x5D


@borrowing
def count_hashtag_signs(data: Any, starts: Any, ends: Any, flags: Any, out: Any) -> None:
    """Fill `out` (rows): of each text, "#" that are not those of a heading ("## " at the start of a line), of a number ("#12"), of an address or of a
    link inside the page ("[top](#top)")."""
    for row in range(len(starts)):
        end, opens = ends[row], True
        first, _ = skip_spaces(data, starts[row], end, flags)
        while first < end:
            last, _, may_be = end_of_run(data, first, end, flags)
            signs, all_signs = 0, True
            for at in range(first, last):
                if data[at] != _HASH:
                    all_signs = False
                elif at + 1 == last or not flags[data[at + 1]] & DIGIT:
                    signs += not (at - first >= 2 and data[at - 1] == _OPENING_BRACKET and data[at - 2] == _CLOSING_SQUARE)
            if signs and not (all_signs and opens) and not (may_be and has_address(data, first, last, flags)):
                out[row] += signs
            first, opens = skip_spaces(data, last, end, flags)
