"""A document as Markdown that any reader of Markdown understands, and that `document_of` reads back without loss."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from operators.document_model.blocks import Block, Place
from operators.document_model.escapes import escape_alternative, escape_cell, escape_heading, escape_line

SEPARATOR: Final = "<!-- -->"
"""Between two lists, which would otherwise be one."""
PLACE: Final = "<!-- place "
_FENCES: Final = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_HYPHEN: Final = "\\u002d"
"""In JSON; two hyphens may end a comment."""
INDENT: Final = 4
"""Spaces that a list inside a list, and the further lines of a footnote, are indented by."""


def markdown_of(blocks: Iterable[Block], places: bool = False) -> str:
    """The blocks as Markdown, with an empty line between them, and no line end after the last.

    Args:
        places: write page, box and source of each block in a comment before it, so that they are read back too.
    """
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        if places:
            parts.append(_place(block.place))
        elif before is not None and before.kind == block.kind == "list":
            parts.append(SEPARATOR)
        parts.append(written(block))
        before = block
    return "\n\n".join(parts)


def written(block: Block) -> str:
    """One block as Markdown."""
    if block.kind == "heading":
        return f"{'#' * block.level} {escape_heading(block.text)}"
    if block.kind == "list":
        return "\n".join(line for item in block.items for line in _item(item.text, item.depth, item.marker))
    if block.kind == "table":
        return _table(block)
    if block.kind == "code":
        fence = "`" * max(3, max((len(found) for found in _FENCES.findall(block.text)), default=0) + 1)
        return f"{fence}{block.language}\n{block.text}\n{fence}"
    if block.kind == "formula":
        return f"$$\n{block.text}\n$$"
    if block.kind == "figure":
        target = f"<{block.target}>" if set(block.target) & set("()<>") else block.target
        return f"![{escape_alternative(block.text)}]({target})"
    if block.kind == "caption":
        return _marked(": ", block.text, 2)
    if block.kind == "footnote":
        return _marked(f"[^{block.label}]: ", block.text, INDENT)
    return "\n".join(map(escape_line, block.text.split("\n")))


def _item(text: str, depth: int, marker: str) -> list[str]:
    first, *others = map(escape_line, text.split("\n"))
    indent = " " * (INDENT * depth)
    return [f"{indent}{marker} {first}", *(f"{indent}{' ' * (len(marker) + 1)}{line}" for line in others)]


def _marked(mark: str, text: str, indent: int) -> str:
    first, *others = map(escape_line, text.split("\n"))
    return "\n".join([mark + first, *(" " * indent + line for line in others)])


def _table(block: Block) -> str:
    width = len(block.rows[0])
    names, rows = (block.rows[0], block.rows[1:]) if block.header else (("",) * width, block.rows)
    return "\n".join([_row(names), f"|{' --- |' * width}", *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(escape_cell, cells)) + " |"


def _place(place: Place) -> str:
    known = {"page": place.page, "box": place.box, "source": place.source}
    told = json.dumps({name: value for name, value in known.items() if value not in (None, "")}, ensure_ascii=False)
    return f"{PLACE}{told.replace('--', '-' + _HYPHEN)} -->"
