"""The parts of a text that white space lays out, in plain Python: what the kernel is held against."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final, Literal, NamedTuple, TypeAlias

from operators.bases.code_spans import code_spans
from operators.text.cleaning.structure import DIFF, GAP, INDENTED_QUOTATION

Layout: TypeAlias = Literal["code", "columns", "prose"]

COLUMN_LINES: Final = 3
ODD_BREAK: Final = re.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


class Part(NamedTuple):
    """Lines of a text that follow each other."""

    text: str
    layout: Layout


def rewritten(text: str, rewrite: Callable[[Part], str], most_breaks: int) -> str:
    """The text with every part but code rewritten, and at most `most_breaks` line breaks of each at its start and its end."""
    made = ""
    for part in parts_of(ODD_BREAK.sub("\n", text)):
        new = part.text
        if part.layout != "code":
            before, after = (min(space.count("\n"), most_breaks) for space in white_space_around(part.text))
            new = rewrite(part)
            new = "\n" * before * bool(made) + new + "\n" * after * bool(new)
        made += new
    return made.rstrip("\n")


def white_space_around(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def parts_of(text: str) -> Iterator[Part]:
    """Fenced code, what is laid out in columns (rows of a table, diffs), and all else, in order."""
    at = 0
    for start, end in code_spans(text):
        if "\n" in text[start:end] and (start == 0 or text[start - 1] == "\n"):
            yield from by_layout(text[at:start])
            yield Part(text[start:end], "code")
            at = end
    yield from by_layout(text[at:])


def by_layout(text: str) -> Iterator[Part]:
    """A diff goes to the end. Before it, rows with gaps count from three on, and a blank line belongs to what stands before it."""
    diff = re.search(f"^(?:{DIFF})", text, re.MULTILINE)
    end = diff.start() if diff else len(text)
    laid_out: list[tuple[bool, str]] = []
    for gapped, group in groupby(text[:end].splitlines(keepends=True), lambda line: re.search(GAP, line) is not None):
        lines = list(group)
        for line in lines:
            before = bool(laid_out) and laid_out[-1][0]
            laid_out.append((before if line.isspace() else (gapped and len(lines) >= COLUMN_LINES) or has_cells(line), line))
    for in_columns, rows in groupby(laid_out, lambda row: row[0]):
        yield Part("".join(line for _, line in rows), "columns" if in_columns else "prose")
    if diff:
        yield Part(text[end:], "columns")


def has_cells(line: str) -> bool:
    """A row of a Markdown table, a row with tabs between its cells, or an indented line of a quotation."""
    row = line.strip()
    return "\t" in row or (len(row) > 1 and row[0] == row[-1] == "|") or re.match(INDENTED_QUOTATION, line) is not None
