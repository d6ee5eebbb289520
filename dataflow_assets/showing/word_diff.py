"""What was changed in a text, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

MOST_WORDS = 1500
"""Longer texts are compared up to here: the time grows with the square."""
CONTEXT = 6
"""Unchanged words that are shown on either side of a change."""
CONTEXT_CHARACTERS = 60
MOST_CHANGES = 12
LONGEST_PIECE = 60

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def word_diff(old: str, new: str, same: Callable[[str], str], removed: Callable[[str], str], added: Callable[[str], str]) -> str:
    """Both texts in one, each piece as `same`, `removed` or `added` shows it; what is far from any change is left out."""
    pieces = list(_changes(old, new))
    shown: list[str] = []
    changes = 0
    for place, (kind, text) in enumerate(pieces):
        if kind == "same":
            shown.append(same(_shortened(text, first=place == 0, last=place == len(pieces) - 1)))
            continue
        changes += 1
        if changes > MOST_CHANGES:
            shown.append(same(" …"))
            break
        piece = text if len(text) <= LONGEST_PIECE else text[:LONGEST_PIECE] + "…"
        shown.append((removed if kind == "removed" else added)(piece))
    return "".join(shown)


def _changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    start = max(0, _alike(old, new) - CONTEXT_CHARACTERS)
    if start:
        start = max(old.rfind(" ", 0, start), 0)
        yield "same", "… "
    before, after = _PIECES.findall(old[start:])[:MOST_WORDS], _PIECES.findall(new[start:])[:MOST_WORDS]
    for operation, first, end, new_first, new_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            yield "same", "".join(before[first:end])
            continue
        if end > first:
            yield "removed", "".join(before[first:end])
        if new_end > new_first:
            yield "added", "".join(after[new_first:new_end])


def _alike(old: str, new: str) -> int:
    """Characters that both begin with."""
    return next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


def _shortened(text: str, *, first: bool, last: bool) -> str:
    words = _PIECES.findall(text)
    head, tail = ([] if first else words[:CONTEXT]), ([] if last else words[-CONTEXT:])
    if len(words) <= len(head) + len(tail) + CONTEXT and len(text) <= 2 * LONGEST_PIECE:
        return text
    return "".join([*_cut(head), " … ", *_cut(tail)])


def _cut(words: list[str]) -> Iterator[str]:
    for word in words:
        yield word if len(word) <= LONGEST_PIECE else word[:LONGEST_PIECE] + "…"
