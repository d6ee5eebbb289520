"""Taking something out of a text without leaving a hole or gluing words together."""

from __future__ import annotations

import re
from collections.abc import Callable


def remove(pattern: re.Pattern[str], text: str, goes: Callable[[re.Match[str]], bool] | None = None) -> str:
    """Remove what matches, with one of the spaces around it, until nothing matches any more. `goes` may spare a match."""
    while (without := _once(pattern, text, goes)) != text:
        text = without
    return text


def _once(pattern: re.Pattern[str], text: str, goes: Callable[[re.Match[str]], bool] | None) -> str:
    kept: list[str] = []
    done = 0
    """What lies before is written, or gone."""
    for match in pattern.finditer(text):
        start, end = match.span()
        if start == end or start < done or (goes is not None and not goes(match)):
            continue
        before = start > done and text[start - 1] == " "
        after = text.startswith(" ", end)
        kept += [text[done : start - before], space_left(text, start - before, end + after, before, after)]
        done = end + after
    return "".join([*kept, text[done:]]) if kept else text


def space_left(text: str, start: int, end: int, before: bool, after: bool) -> str:
    """The space that stays where text[start:end] goes, which has a space in front (`before`), behind (`after`) or both: where it parts two things."""
    at_start = start == 0 or text[start - 1] == "\n"
    at_end = end == len(text) or text[end] == "\n"
    if before and after:
        return "" if at_start or at_end else " "
    if before:
        return "" if at_end or text[end] in ".,;:!?)]}" else " "
    return " " if after and not at_start else ""
