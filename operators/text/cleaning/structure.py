"""Texts in which white space means something: code blocks, diffs, tables, columns, quoted code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.code_spans import code_spans

_SIGNS: Final = (
    r"^[ \t]*(?:```|~~~)",  # a fence of a code block
    r"^(?:diff --git |@@ -\d|--- \S|\+\+\+ \S|Index: )",  # a diff
    r"^[ \t]*\|.*\|[ \t]*$",  # a table of Markdown
    r"^[^\t\n]*\S[^\t\n]*\t[^\n]*\S",  # columns by tabs
    r"^[>|][> |]*[ \t]{2,}\S",  # something indented in a quotation
    r"\S {2,}\S[^\n]*\n[^\n]*\S {2,}\S[^\n]*\n[^\n]*\S {2,}\S",  # columns by spaces in three lines
)
_STRUCTURE: Final = f"(?m){'|'.join(f'(?:{sign})' for sign in _SIGNS)}"
_COLUMNS: Final = f"(?m){'|'.join(f'(?:{sign})' for sign in _SIGNS[1:])}"
"""Both are for RE2, which reads a text once: Python's own engine takes the square of a long line."""

_LINE_BREAK = re.compile(r"\r\n?")


def has_structure(texts: pa.Array) -> pa.BooleanArray:
    """True for the texts that may have a part in which runs of spaces and blank lines mean something."""
    return pc.match_substring_regex(texts, _STRUCTURE)


def around_code(text: str, rewrite: Callable[[str, bool], str], most_breaks: int) -> str:
    """The text with each part outside fenced code blocks as `rewrite(part, keep_runs)` makes it; the blocks stay, but for their line ends.

    `keep_runs` is true for parts that are laid out in columns. At most `most_breaks` line feeds stand between a part and a block.
    """
    made: list[str] = []
    for part, is_code in _parts(text):
        if is_code:
            made.append(_LINE_BREAK.sub("\n", part))
            continue
        rewritten = rewrite(part, _has_columns(part))
        before = min(_breaks(part, at_start=True), most_breaks) if made else 0
        after = min(_breaks(part, at_start=False), most_breaks)
        if rewritten:
            made.append("\n" * before + rewritten + "\n" * after)
        elif made:
            made.append("\n" * max(before, after))
    return "".join(made).rstrip("\n")


def _has_columns(part: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(part, pa.string()), _COLUMNS).as_py())


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """What stands outside fenced code, and the code, in order."""
    at = 0
    for start, end in code_spans(text):
        if "\n" in text[start:end] and (start == 0 or text[start - 1] == "\n"):
            if start > at:
                yield text[at:start], False
            yield text[start:end], True
            at = end
    if at < len(text):
        yield text[at:], False


def _breaks(part: str, at_start: bool) -> int:
    """The line breaks in the white space at the start or the end of a part."""
    edge = part[: len(part) - len(part.lstrip())] if at_start else part[len(part.rstrip()) :]
    return edge.replace("\r\n", "\n").replace("\r", "\n").count("\n")
