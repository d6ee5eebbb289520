"""A table of 64-bit hashes and the row that each belongs to, and what is looked up in it: shingles of texts, lines, passages."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import SCRIPT_SHIFT, SPACE
from operators.kernels.compiled.compiler import borrowing, compiled
from operators.kernels.compiled.hashing import FIRST, mix, next_hash
from operators.kernels.compiled.utf8 import decode, flags_of, lower_of

NOBODY = -1
_BLANK = 0x20
_BASE = np.uint64(0x9E3779B97F4A7C15)


@borrowing
def find_slot(key: Any, keys: Any, owners: Any) -> Any:
    """Where a key stands, or the empty slot where it would."""
    mask = len(keys) - 1
    slot = np.int64(key >> np.uint64(20)) & mask
    while owners[slot] != NOBODY and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@borrowing
def move(keys: Any, owners: Any, new_keys: Any, new_owners: Any) -> None:
    """Put everything into a larger table."""
    for slot in range(len(keys)):
        if owners[slot] != NOBODY:
            place = find_slot(keys[slot], new_keys, new_owners)
            new_keys[place], new_owners[place] = keys[slot], owners[slot]


@compiled
def match_or_add(shingles: Any, row: Any, least: Any, add: Any, keys: Any, owners: Any, tally: Any) -> Any:
    """How many of a text's shingles have an owner, who owns most, and how many were added: those of a text whose share with an owner is below
    `least` become its own. `tally`: scratch, as long as the shingles."""
    found = 0
    for place in range(len(shingles)):
        slot = find_slot(shingles[place], keys, owners)
        if owners[slot] != NOBODY:
            tally[found] = owners[slot]
            found += 1
    best, most = np.int64(NOBODY), 0
    if found:
        sorted_owners = np.sort(tally[:found])
        run = 0
        for place in range(found):
            run = run + 1 if place and sorted_owners[place] == sorted_owners[place - 1] else 1
            if run > most:
                best, most = sorted_owners[place], run
    added = 0
    if add and len(shingles) and found < least * len(shingles):
        for place in range(len(shingles)):
            slot = find_slot(shingles[place], keys, owners)
            if owners[slot] == NOBODY:
                keys[slot], owners[slot] = shingles[place], row
                added += 1
    return found, best, added


@borrowing
def mark_lines(data: Any, start: Any, end: Any, flags: Any, lower: Any, least: Any, row: Any, keys: Any, owners: Any, bounds: Any, goes: Any) -> Any:
    """Write where each line of a text starts and ends and whether an equal one stood before, in this text or another; return how many lines and how
    many are new. Case and the amount of white space do not make lines differ; lines of less than `least` characters always stay."""
    lines, added, position = 0, 0, start
    while position <= end:
        first = position
        h, length, space = FIRST, 0, False
        while position < end:
            byte = data[position]
            if byte == 0x0A:
                break
            code, position = decode(data, position, end)
            if flags_of(code, flags) & SPACE:
                space = length > 0
                continue
            if space:
                h = next_hash(h, _BLANK)
                length += 1
                space = False
            h = next_hash(h, lower_of(code, lower))
            length += 1
        bounds[lines, 0], bounds[lines, 1] = first, position
        goes[lines] = False
        if length >= least:
            key = mix(h)
            slot = find_slot(key, keys, owners)
            if owners[slot] == NOBODY:
                keys[slot], owners[slot] = key, row
                added += 1
            else:
                goes[lines] = True
        lines += 1
        position += 1
    return lines, added


@borrowing
def cut_tokens(data: Any, start: Any, end: Any, flags: Any, hashes: Any, bounds: Any) -> Any:
    """Write hash, start and end of each token: what stands between spaces, and each character of scripts without spaces. Return how many."""
    count, position = 0, start
    is_open = False
    h = FIRST
    while position < end:
        at = position
        code, position = decode(data, position, end)
        bits = flags_of(code, flags)
        alone = (bits >> SCRIPT_SHIFT) & 7
        if is_open and (bits & SPACE or alone):
            hashes[count], bounds[count, 1] = mix(h), at
            count += 1
            is_open = False
        if bits & SPACE:
            continue
        if not is_open:
            h = FIRST
            bounds[count, 0] = at
            is_open = True
        h = next_hash(h, code)
        if alone:
            hashes[count], bounds[count, 1] = mix(h), position
            count += 1
            is_open = False
    if is_open:
        hashes[count], bounds[count, 1] = mix(h), end
        count += 1
    return count


@borrowing
def mark_passages(tokens: Any, count: Any, size: Any, row: Any, keys: Any, owners: Any, goes: Any) -> Any:
    """Mark every token that stands in a run of `size` tokens which occurred before, here or in another text; return how many runs are new."""
    goes[:count] = False
    if count < size:
        return 0
    power = np.uint64(1)
    for _ in range(size - 1):
        power *= _BASE
    rolling = np.uint64(0)
    for token in range(size - 1):
        rolling = rolling * _BASE + tokens[token]
    added, marked = 0, 0
    for last in range(size - 1, count):
        rolling = rolling * _BASE + tokens[last]
        first = last - size + 1
        key = mix(rolling)
        slot = find_slot(key, keys, owners)
        if owners[slot] == NOBODY:
            keys[slot], owners[slot] = key, row
            added += 1
        else:
            for token in range(max(first, marked), last + 1):
                goes[token] = True
            marked = last + 1
        rolling -= tokens[first] * power
    return added
