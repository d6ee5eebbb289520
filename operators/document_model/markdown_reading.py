"""Markdown as blocks: what `markdown_of` writes without loss, and CommonMark with tables, footnotes and formulas as other people write it.

Quotations stay paragraphs whose lines begin with ">", HTML stays text, comments and lines across the page go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import NOWHERE, Block, Item, Place
from operators.document_model.escapes import unescape_alternative, unescape_cell, unescape_heading, unescape_line
from operators.document_model.markdown_writing import PLACE, SEPARATOR

_FENCE: Final = re.compile(r"(`{3,}|~{3,})[ \t]*\{?\.?([^`\s{}]*)[^`]*$")
_HEADING: Final = re.compile(r"(#{1,6})(?:[ \t]+(.*))?$")
_CLOSING: Final = re.compile(r"(?:^|[ \t]+)#+$")
_ACROSS: Final = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDERLINE: Final = re.compile(r"(=+|-+)$")
_FOOTNOTE: Final = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*(.*)$")
_FIGURE: Final = re.compile(r"!\[((?:[^\[\]\\]|\\.)*+)\]\([ \t]*(?:<(\S*)>|(\S*?))(?:[ \t]+\"[^\"]*\")?[ \t]*\)$")
_ITEM: Final = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])(?:[ \t]+(.*)|)$")
_DELIMITER: Final = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$")
_COLUMN: Final = 4
"""Spaces to a tab, and of indented code."""


def blocks_of(markdown: str) -> list[Block]:
    """The blocks of a text in Markdown, empty ones left out."""
    return [block for block in _Reader(markdown).blocks() if not block.is_empty]


class _Reader:
    """Reads line by line; each line is looked at a bounded number of times."""

    def __init__(self, markdown: str) -> None:
        self._lines = re.sub(r"\r\n?", "\n", markdown).split("\n")
        self._at = 0
        self._last_comment_end = max((at for at, line in enumerate(self._lines) if "-->" in line), default=-1)

    def blocks(self) -> Iterator[Block]:
        place = NOWHERE
        while self._at < len(self._lines):
            stripped = self._lines[self._at].strip()
            if not stripped or stripped == SEPARATOR:
                self._at += 1
            elif stripped.startswith(PLACE) and stripped.endswith("-->"):
                place = _place(stripped) or place
                self._at += 1
            elif stripped.startswith("<!--") and self._skip_comment():
                continue
            elif (block := self._next(stripped)) is not None:
                yield block.at(place)
                place = NOWHERE

    def _next(self, stripped: str) -> Block | None:
        """The block that begins at this line, which is not blank; None for what is none."""
        line = self._lines[self._at]
        if _indent(line) >= _COLUMN and not _ITEM.match(line):
            return self._indented_code()
        if fence := _FENCE.match(stripped):
            return self._fenced_code(fence[1], fence[2], _indent(line))
        if found := _HEADING.match(stripped):
            self._at += 1
            return make.heading(unescape_heading(_CLOSING.sub("", found[2] or "")), len(found[1]))
        if _ACROSS.match(stripped):
            self._at += 1
            return None
        if stripped.startswith("$$"):
            return self._formula(stripped)
        if found := _FOOTNOTE.match(stripped):
            return make.footnote(found[1], self._marked(found[2]))
        if stripped.startswith((": ", ":\t")):
            return make.caption(self._marked(stripped[2:]))
        if found := _FIGURE.match(stripped):
            self._at += 1
            return make.figure(unescape_alternative(found[1]), found[2] or found[3] or "")
        if self._is_table(self._at):
            return self._table()
        if (found := _ITEM.match(line)) and _indent(line) < 2 * _COLUMN:
            return self._list()
        return self._paragraph()

    def _skip_comment(self) -> bool:
        """Go behind a comment; false where it never ends, or text follows it in its last line."""
        at = self._at
        while at <= self._last_comment_end:
            end = self._lines[at].find("-->")
            if end >= 0:
                if self._lines[at][end + 3 :].strip():
                    return False
                self._at = at + 1
                return True
            at += 1
        return False

    def _indented_code(self) -> Block:
        kept: list[str] = []
        while self._at < len(self._lines) and (not self._lines[self._at].strip() or _indent(self._lines[self._at]) >= _COLUMN):
            kept.append(_without_indent(self._lines[self._at], _COLUMN))
            self._at += 1
        return make.code("\n".join(kept).rstrip())

    def _fenced_code(self, fence: str, language: str, indent: int) -> Block:
        kept = []
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            stripped = line.strip(" \t")
            if len(stripped) >= len(fence) and set(stripped) == {fence[0]}:
                break
            kept.append(_without_indent(line, indent) if indent else line)
        return make.code("\n".join(kept), language)

    def _formula(self, stripped: str) -> Block:
        self._at += 1
        first = stripped[2:]
        if first.rstrip().endswith("$$"):
            return make.formula(first.rstrip()[:-2])
        kept = [first]
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            self._at += 1
            if line.endswith("$$"):
                kept.append(line[:-2])
                break
            kept.append(line)
        return make.formula("\n".join(kept))

    def _marked(self, first: str) -> str:
        """The text after a mark, with the indented lines that follow it."""
        kept = [unescape_line(first.strip())]
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
                if _indent(following) < _COLUMN or not following.strip():
                    break
            elif _indent(line) < 2:
                break
            kept.append(unescape_line(line.strip()))
            self._at += 1
        return "\n".join(kept)

    def _is_table(self, at: int) -> bool:
        """Whether names of columns stand at this line: a line with "|" above a line of hyphens with as many cells."""
        if at + 1 >= len(self._lines) or "|" not in self._lines[at]:
            return False
        below = self._lines[at + 1].strip()
        return "-" in below and _DELIMITER.match(below) is not None and len(_cells(below)) == len(_cells(self._lines[at].strip()))

    def _table(self) -> Block:
        rows = [_cells(self._lines[self._at].strip())]
        self._at += 2
        while self._at < len(self._lines) and "|" in (line := self._lines[self._at].strip()):
            rows.append(_cells(line))
            self._at += 1
        return make.table(rows)

    def _list(self) -> Block:
        items: list[Item] = []
        indents: list[int] = []
        parts: list[str] = []
        depth, marker = 0, "-"
        while self._at < len(self._lines):
            line = self._lines[self._at]
            stripped = line.strip()
            if not stripped:
                following = next((one for one in self._lines[self._at + 1 : self._at + 3] if one.strip()), "")
                if not (_ITEM.match(following) or _indent(following) >= 2) or _ACROSS.match(following.strip()):
                    break
            elif _FENCE.match(stripped) or _ACROSS.match(stripped) or (stripped == SEPARATOR or stripped.startswith(PLACE)):
                break
            elif found := _ITEM.match(line):
                if parts:
                    items.append(Item("\n".join(parts), depth, marker))
                indent = _indent(line)
                while indents and indent < indents[-1] + 2:
                    indents.pop()
                depth, marker = len(indents), found[2]
                indents.append(indent)
                parts = [unescape_line((found[3] or "").strip())]
            elif _indent(line) < 2 and (_HEADING.match(stripped) or not self._lines[self._at - 1].strip()):
                break
            else:
                parts.append(unescape_line(stripped))
            self._at += 1
        if parts:
            items.append(Item("\n".join(parts), depth, marker))
        return make.bullets(items)

    def _paragraph(self) -> Block:
        kept = [self._lines[self._at].strip()]
        self._at += 1
        while self._at < len(self._lines):
            stripped = self._lines[self._at].strip()
            if not stripped or self._interrupts(stripped):
                break
            if found := _UNDERLINE.match(stripped):
                self._at += 1
                return make.heading(" ".join(map(unescape_line, kept)), 1 if found[1][0] == "=" else 2)
            kept.append(stripped)
            self._at += 1
        return make.paragraph("\n".join(map(unescape_line, kept)))

    def _interrupts(self, stripped: str) -> bool:
        """Whether a line inside a paragraph begins another block. Of numbered lists only one that begins with 1 does."""
        if stripped[0] not in "`~#$![<:-*+_|0123456789" and "|" not in stripped:
            return False
        item = _ITEM.match(stripped)
        return bool(
            _FENCE.match(stripped)
            or (_HEADING.match(stripped) and _HEADING.match(stripped)[2])  # type: ignore[index]
            or stripped.startswith(("$$", "<!--"))
            or _FOOTNOTE.match(stripped)
            or _FIGURE.match(stripped)
            or (_ACROSS.match(stripped) and not _UNDERLINE.match(stripped))
            or (item and item[3] and (not item[2][0].isdigit() or item[2][:-1] == "1"))
            or self._is_table(self._at)
        )


def _place(comment: str) -> Place | None:
    try:
        told = json.loads(comment[len(PLACE) : -len("-->")])
        box = told.get("box")
        return Place(told.get("page"), None if box is None else (box[0], box[1], box[2], box[3]), told.get("source", ""))
    except (ValueError, AttributeError, LookupError, TypeError):
        return None


def _cells(line: str) -> list[str]:
    """The cells of a row. A "|" after an odd number of backslashes is part of a cell."""
    inside = line.removeprefix("|")
    cells, start, marks = [], 0, 0
    for at, character in enumerate(inside):
        if character == "|" and marks % 2 == 0:
            cells.append(inside[start:at])
            start = at + 1
        marks = marks + 1 if character == "\\" else 0
    if inside[start:].strip():
        cells.append(inside[start:])
    return [unescape_cell(cell.strip()) for cell in cells]


def _indent(line: str) -> int:
    width = 0
    for character in line:
        if character == "\t":
            width += _COLUMN - width % _COLUMN
        elif character == " ":
            width += 1
        else:
            break
    return width


def _without_indent(line: str, most: int) -> str:
    at = 0
    while at < most and line[at : at + 1] == " ":
        at += 1
    return line[at + 1 :] if at < most and line[at : at + 1] == "\t" else line[at:]
