"""The fenced code blocks of what a model answers."""

from __future__ import annotations

import re
import textwrap
from typing import Final, NamedTuple

from operators.bases.code_spans import code_spans

_TICKS: Final = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<tag>[^\s`]*)[^\n]*\n?")


class Block(NamedTuple):
    """A fenced block: the language that its fence names, in lower case, and what stands in it."""

    tag: str
    code: str


def blocks_of(reply: str) -> list[Block]:
    """The fenced blocks of a text, in order; one whose end is missing goes on to the end of the text."""
    found = []
    for start, end in code_spans(reply):
        fence = _TICKS.match(reply[start:end].lstrip(" \t"))
        if fence is None:
            continue  # code in a line
        body = reply[start:end].lstrip(" \t")[fence.end() :]
        closing = body.rstrip()
        marks = fence["marks"]
        if closing.endswith(marks):
            body = closing[: -len(marks)].rstrip(" \t")
        found.append(Block(fence["tag"].lower(), textwrap.dedent(body).strip("\n")))
    return found
