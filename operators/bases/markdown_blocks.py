"""The blocks of a Markdown text: paragraphs, lists, tables and code, which are not to be cut where that can be avoided."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.pieces import Span, sentences

_FENCE: Final = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})(.*)")
_ATX: Final = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_TABLE: Final = re.compile(r"\s*\|")


def blocks(text: str, start: int, end: int) -> list[Span]:
    """What blank lines part, between two places of a text. A fenced block of code is one, with its blank lines; headings stand with what follows."""
    found: list[Span] = []
    fence = ""
    first: int | None = None
    only_headings = True
    at = start
    for line in text[start:end].splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        marks = _FENCE.fullmatch(bare)
        if fence:
            if marks and marks[1].startswith(fence) and not marks[2].strip():
                fence = ""
        elif not bare.strip():
            if first is not None and not only_headings:
                found.append(Span(first, at))
                first, only_headings = None, True
            at += len(line)
            continue
        elif marks:
            fence = marks[1]
        first = at if first is None else first
        only_headings = only_headings and not fence and marks is None and _ATX.match(bare) is not None
        at += len(line)
    if first is not None:
        found.append(Span(first, end))
    return found


def lines_or_sentences(text: str, block: Span) -> list[Span]:
    """The parts of a block that is too long: the lines of code and tables, the sentences of the rest. The headings above it go with the first."""
    body = block.start
    for line in text[block.start : block.end].splitlines(keepends=True):
        if line.strip() and _ATX.match(line) is None:
            break
        body += len(line)
    if _FENCE.match(text, body, block.end) is None and _TABLE.match(text, body, block.end) is None:
        found = sentences(text, body, block.end)
    else:
        found, at = [], body
        for line in text[body : block.end].splitlines(keepends=True):
            found.append(Span(at, at + len(line)))
            at += len(line)
    return [Span(block.start, found[0].end), *found[1:]] if found else [block]
