"""What was changed in a text, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

MOST_WORDS = 2000
"""Longer texts are compared up to here: the time grows with the square."""
CONTEXT = 6
"""Unchanged words that are shown on either side of a change."""
MOST_CHANGES = 12

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
        shown.append((removed if kind == "removed" else added)(text))
    return "".join(shown)


def _changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    before, after = _PIECES.findall(old)[:MOST_WORDS], _PIECES.findall(new)[:MOST_WORDS]
    for operation, start, end, new_start, new_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            yield "same", "".join(before[start:end])
            continue
        if end > start:
            yield "removed", "".join(before[start:end])
        if new_end > new_start:
            yield "added", "".join(after[new_start:new_end])


def _shortened(text: str, *, first: bool, last: bool) -> str:
    words = _PIECES.findall(text)
    head, tail = ([] if first else words[:CONTEXT]), ([] if last else words[-CONTEXT:])
    if len(words) <= len(head) + len(tail) + CONTEXT:
        return text
    return "".join([*head, " … ", *tail])
