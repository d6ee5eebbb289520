"""Texts without what is no prose, and long lines cut into pieces."""

from __future__ import annotations

from typing import Any

from operators.kernels.characters import LETTER as IS_LETTER
from operators.kernels.characters import SPACE as IS_SPACE
from operators.kernels.characters import TABLE_SIZE, UPPER
from operators.kernels.compiled.blocks import item
from operators.kernels.compiled.compiler import borrowing, inlined
from operators.kernels.compiled.utf8 import decode, flags_of
from operators.kernels.prose_bytes import CAPITALS, CHARACTERS, HAS_LETTER, LETTER, LETTERS, MAY_HAVE_LETTER, NO_LETTER, PERHAPS, SIGN, SPACE, WORDS

_LONGEST_TAG = 300
_BLANK, _LEFT, _RIGHT, _SLASH, _DOT, _LESS_THAN, _GREATER_THAN = 0x20, 0x28, 0x29, 0x2F, 0x2E, 0x3C, 0x3E


@borrowing
def write_prose(data: Any, starts: Any, ends: Any, flags: Any, kinds: Any, out: Any, bounds: Any, counts: Any) -> None:
    """Write the line of each text; `bounds`: where it starts and ends in `out`; `counts`: its characters, words, capitals and letters.

    A word is written while it is read, and taken back where it turns out to be none of a language.
    """
    to = 0
    for row in range(len(starts)):
        bounds[row, 0] = to
        characters, words, capitals, letters = 0, 0, 0, NO_LETTER
        at, end = starts[row], ends[row]
        while at < end:
            first, inside = to, 0  # inside: bytes that do not begin a character
            ascii_only, noise, letter = True, False, NO_LETTER
            while at < end:
                byte = item(data, at)
                kind = item(kinds, byte)
                if kind <= LETTER:
                    letter |= kind
                elif kind == SPACE:
                    at += 1
                    break
                elif kind == SIGN:
                    noise = True
                elif kind == PERHAPS:
                    if byte == _LESS_THAN:
                        after = _end_of_tag(data, at, end)
                        if after:
                            at = after
                            break
                    noise |= _is_noise(out, first, to, byte, kinds)
                else:
                    code, after = decode(data, at, end)
                    bits = flags_of(code, flags)
                    if bits & IS_SPACE:
                        at = after
                        break
                    ascii_only = False
                    if bits & IS_LETTER:
                        letter |= HAS_LETTER if code < TABLE_SIZE else MAY_HAVE_LETTER
                    inside += after - at - 1
                    while at < after - 1:
                        out[to] = item(data, at)
                        to += 1
                        at += 1
                out[to] = item(data, at)
                to += 1
                at += 1
            if to == first:
                continue
            if noise and ascii_only:
                to = first
                continue
            code, _ = decode(out, first, to)
            capitals += (flags_of(code, flags) & UPPER) != 0
            characters += to - first - inside + 1
            words += 1
            letters |= letter
            out[to] = _BLANK
            to += 1
        bounds[row, 1] = to - (words > 0)
        counts[row, CHARACTERS] = characters - (words > 0)
        counts[row, WORDS], counts[row, CAPITALS] = words, capitals
        counts[row, LETTERS] = HAS_LETTER if letters & HAS_LETTER else letters


@inlined
def _is_noise(word: Any, first: Any, to: Any, byte: Any, kinds: Any) -> Any:
    """Whether a byte that stands after word[first:to] makes it none of a language: "<", "//", "www.", "()", or a bracket after a letter."""
    if byte == _LESS_THAN:
        return True
    if to == first:
        return False
    last = word[to - 1]
    if byte == _SLASH:
        return last == _SLASH
    if byte == _LEFT:
        return kinds[last] == LETTER
    if byte == _RIGHT:
        return last == _LEFT
    return to - first >= 3 and last == 0x77 and word[to - 2] == 0x77 and word[to - 3] == 0x77


@borrowing
def _end_of_tag(data: Any, at: Any, end: Any) -> Any:
    """Where the tag that begins at `at` ends; 0 if none does: "<" or "</", a letter, at most 300 characters but "<" and ">", and ">"."""
    at += 1
    if at < end and data[at] == _SLASH:
        at += 1
    if at >= end or not (0x61 <= (data[at] | 0x20) <= 0x7A):
        return 0
    characters = 0
    at += 1
    while at < end:
        byte = data[at]
        if byte == _GREATER_THAN:
            return at + 1
        characters += (byte & 0xC0) != 0x80
        if byte == _LESS_THAN or characters > _LONGEST_TAG:
            return 0
        at += 1
    return 0


@borrowing
def cut_pieces(
    data: Any, starts: Any, ends: Any, characters: Any, size: Any, longest: Any, most: Any, bounds: Any, sizes: Any, notices: Any, counts: Any
) -> Any:
    """Write where each piece of each line starts and ends, its characters, and whether it speaks of cookies; return how many in all."""
    total = 0
    for row in range(len(starts)):
        at, left, before = starts[row], characters[row], total
        step = max(size, left // most)
        while left > longest:
            after_space, its_size = at, 0
            position = at
            for place in range(size):
                blank = data[position] == _BLANK
                position = _next_character(data, position, ends[row])
                if blank and place >= size // 2:
                    after_space, its_size = position, place + 1
            if its_size == 0:
                after_space, its_size = position, size
            bounds[total, 0], bounds[total, 1], sizes[total] = at, after_space, its_size
            total += 1
            if step == size:
                at, left = after_space, left - its_size
            else:
                for _ in range(step - size):
                    position = _next_character(data, position, ends[row])
                at, left = position, left - step
        bounds[total, 0], bounds[total, 1], sizes[total] = at, ends[row], max(left, 0)
        total += 1
        counts[row] = total - before
    for piece in range(total):
        notices[piece] = _has_notice(data, bounds[piece, 0], bounds[piece, 1])
    return total


@inlined
def _next_character(data: Any, at: Any, end: Any) -> Any:
    """Where the next character begins, or `end`."""
    at += 1
    while at < end and (item(data, at) & 0xC0) == 0x80:
        at += 1
    return min(at, end)


@borrowing
def _has_notice(data: Any, first: Any, last: Any) -> Any:
    """Whether it has "ookie": a notice about cookies, in whatever language."""
    for at in range(first + 2, last - 2):
        if item(data, at) == 0x6B and data[at - 1] == 0x6F and data[at - 2] == 0x6F and data[at + 1] == 0x69 and data[at + 2] == 0x65:
            return True
    return False
