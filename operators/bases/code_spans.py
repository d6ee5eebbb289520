"""Where Markdown code stands in a text: what is written there is what the text is about, and is not to be rewritten."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^\n]*)")
_TICKS = re.compile(r"`+")


def code_spans(text: str) -> list[Span]:
    """The spans (start, end) of code, in order: fenced blocks, from the line that opens one to the line that closes it or the end of the text; and
    code in a line, between two equal runs of backticks. Time grows with the length of the text.
    """
    found: list[Span] = []
    opened: tuple[str, int] | None = None
    """The marks that opened the block under way, and where it begins."""
    for start, end in _marked_lines(text):
        fence = _FENCE.match(text, start, end)
        if opened is not None:
            if fence and fence[1][0] == opened[0][0] and len(fence[1]) >= len(opened[0]) and not fence[2].strip(" \t`~"):
                found.append((opened[1], end))
                opened = None
        elif fence and not (fence[1][0] == "`" and "`" in fence[2]):
            opened = (fence[1], start)
        elif text.find("`", start, end) >= 0:
            found += _in_line(text, start, end)
    return [*found, (opened[1], len(text))] if opened is not None else found


def inside(position: int, spans: Sequence[Span]) -> bool:
    """Whether a position lies in one of the spans, which are in order."""
    at = bisect_right(spans, (position, sys.maxsize)) - 1
    return at >= 0 and spans[at][0] <= position < spans[at][1]


def touches(start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether the part of a text from `start` to `end` shares a character with one of the spans, or ends where one begins."""
    at = bisect_right(spans, (end, sys.maxsize)) - 1
    return at >= 0 and spans[at][1] > start


def _marked_lines(text: str) -> Iterator[Span]:
    """The lines in which there is a backtick, or tildes that may be a fence."""
    at = 0
    tick, tildes = text.find("`"), text.find("~~~")
    while tick >= 0 or tildes >= 0:
        mark = tildes if tick < 0 or 0 <= tildes < tick else tick
        start = text.rfind("\n", at, mark) + 1 or at
        end = text.find("\n", mark)
        end = len(text) if end < 0 else end
        yield start, end
        at = end + 1
        tick = text.find("`", at) if 0 <= tick < at else tick
        tildes = text.find("~~~", at) if 0 <= tildes < at else tildes


def _in_line(text: str, start: int, end: int) -> Iterator[Span]:
    """Each run of backticks goes with the next one of its length."""
    runs = [match.span() for match in _TICKS.finditer(text, start, end)]
    partner: list[int | None] = [None] * len(runs)
    latest: dict[int, int] = {}
    for place in range(len(runs) - 1, -1, -1):
        length = runs[place][1] - runs[place][0]
        partner[place] = latest.get(length)
        latest[length] = place
    place = 0
    while place < len(runs):
        closing = partner[place]
        if closing is None:
            place += 1
            continue
        yield runs[place][0], runs[closing][1]
        place = closing + 1
