"""Texts in which white space means something: code blocks, diffs, tables, columns, quoted code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, Literal, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.code_spans import code_spans

Layout: TypeAlias = Literal["code", "columns", "prose"]

_SPACES: Final = r"\s" + "\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The same to RE2, whose own knows ASCII alone, and to Python."""
_INK: Final = f"[^{_SPACES}]"
_DIFF: Final = f"diff --git |@@ -\\d|Index: |--- {_INK}[^\\n]*\\n\\+\\+\\+ "
_INDENTED_QUOTATION: Final = f"[>|][> |]*[ \\t]{{2,}}{_INK}"
_GAP: Final = f"(?:{_INK} {{3,}}|[^{_SPACES}.!?:;,\"')\\]] {{2}}){_INK}"
"""Two spaces after a mark end a sentence, as typists do; they are no column."""

_SIGNS: Final = (
    r"^[ \t]*(?:```|~~~)",  # a fence of a code block
    f"^(?:{_DIFF})",
    r"^[ \t]*\|.*\|[ \t\r]*$",  # a table of Markdown
    f"{_INK}[^\\n]*\\t[^\\n]*{_INK}",  # columns by tabs
    f"^{_INDENTED_QUOTATION}",
    f"{_GAP}[^\\n]*\\n[^\\n]*{_GAP}[^\\n]*\\n[^\\n]*{_GAP}",  # columns by spaces in three lines
)
_STRUCTURE: Final = f"(?m){'|'.join(f'(?:{sign})' for sign in _SIGNS)}"
"""For RE2, which reads a text once: Python's own engine takes the square of a long line."""

_COLUMN_LINES: Final = 3
_ODD_BREAKS: Final = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_ODD_BREAK: Final = re.compile(f"\r\n?|[{_ODD_BREAKS}]")
_DIFF_LINE: Final = re.compile(f"^(?:{_DIFF})", re.MULTILINE)
_QUOTED_LINE: Final = re.compile(_INDENTED_QUOTATION)
_GAP_IN_LINE: Final = re.compile(_GAP)


def has_structure(texts: pa.Array) -> pa.BooleanArray:
    """True for the texts that may have a part in which runs of spaces and blank lines mean something."""
    return pc.match_substring_regex(texts, _STRUCTURE)


class Part(NamedTuple):
    """Lines of a text that follow each other."""

    text: str
    layout: Layout


def parts_of(text: str) -> Iterator[Part]:
    """The parts of a text, in order, with plain line ends: fenced code, what is laid out in columns (rows of a table, diffs), and all else."""
    if any(sign in text for sign in _ODD_BREAKS):  # several times as fast as one search for all of them
        text = _ODD_BREAK.sub("\n", text)
    for part, is_code in _around_code(text):
        if is_code:
            yield Part(part, "code")
        else:
            yield from _by_layout(part)


def put_together(parts: Iterable[Part], rewritten: Mapping[str, Iterator[str]], most_breaks: int) -> str:
    """The text of which these are the parts: code as it is, of every other what was made of it.

    `rewritten` has, for each layout but code, what was made of all parts of it, in order.
    At most `most_breaks` line feeds stand between two parts.
    """
    made: list[str] = []
    for part, layout in parts:
        if layout == "code":
            made.append(part)
            continue
        before = min(_breaks(part, at_start=True), most_breaks) if made else 0
        after = min(_breaks(part, at_start=False), most_breaks)
        if new := next(rewritten[layout]):
            made.append("\n" * before + new + "\n" * after)
        elif made:
            made.append("\n" * max(before, after))
    return "".join(made).rstrip("\n")


def _by_layout(part: str) -> Iterator[Part]:
    """Lines that follow each other and are laid out in columns or are not, in order. A diff goes to the end of the part."""
    diff = _DIFF_LINE.search(part)
    end = diff.start() if diff else len(part)
    lines = part[:end].splitlines(keepends=True)
    laid_out: list[bool] = []
    for gapped, group in groupby(lines, _has_gap):
        size = len(list(group))
        laid_out += [gapped and size >= _COLUMN_LINES] * size
    for at, line in enumerate(lines):
        if line.isspace():  # belongs to what stands before it
            laid_out[at] = at > 0 and laid_out[at - 1]
        elif not laid_out[at]:
            laid_out[at] = _has_cells(line)
    at = 0
    for in_columns, kinds in groupby(laid_out):
        size = len(list(kinds))
        yield Part("".join(lines[at : at + size]), "columns" if in_columns else "prose")
        at += size
    if diff:
        yield Part(part[end:], "columns")


def _has_gap(line: str) -> bool:
    inside = line.strip()  # most spaces that follow each other indent a line
    return "  " in inside and _GAP_IN_LINE.search(inside) is not None


def _has_cells(line: str) -> bool:
    """A row of a Markdown table, a row with tabs between its cells, or an indented line of a quotation."""
    if "\t" in line or "|" in line:
        stripped = line.strip()
        if "\t" in stripped or (len(stripped) > 1 and stripped[0] == stripped[-1] == "|"):
            return True
    return line[0] in ">|" and _QUOTED_LINE.match(line) is not None


def _around_code(text: str) -> Iterator[tuple[str, bool]]:
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
    return (part[: len(part) - len(part.lstrip())] if at_start else part[len(part.rstrip()) :]).count("\n")
