"""Taking something out of a text without leaving a hole or gluing words together."""

from __future__ import annotations

import re
from collections.abc import Callable


def with_spaces(expression: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of the expression and the spaces around it, for `remove`."""
    return re.compile(rf"(?P<before>[ ]?)(?:{expression})(?P<after>[ ]?)", flags)


def remove(pattern: re.Pattern[str], text: str, goes: Callable[[re.Match[str]], bool] | None = None) -> str:
    """Remove what matches, with one of the spaces around it, until nothing matches any more. `goes` may spare a match."""

    def left(match: re.Match[str]) -> str:
        return match.group() if goes is not None and not goes(match) else space_left(match)

    while (without := pattern.sub(left, text)) != text:
        text = without
    return text


def space_left(match: re.Match[str]) -> str:
    """One of the spaces around what goes, where it still parts two things."""
    before, after = match["before"], match["after"]
    at_start = match.start() == 0 or match.string[match.start() - 1] == "\n"
    at_end = match.end() == len(match.string) or match.string[match.end()] == "\n"
    if before and after:
        return "" if at_start or at_end else " "
    if before:
        return "" if at_end or match.string[match.end()] in ".,;:!?)]}" else before
    return after if after and not at_start else ""
