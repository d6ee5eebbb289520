"""What stands in the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from resources.documents.pdf.fragments import Fragment, Glyph, text_of
from resources.documents.pdf.frame import Box
from resources.documents.pdf.reading_order import rows_of
from resources.documents.pdf.rulings import Grid
from resources.documents.pdf.words import joined

_INSIDE: Final = 1.0


def table_rows(grid: Grid, fragments: Sequence[Fragment]) -> tuple[tuple[str, ...], ...]:
    """The text of each cell, "" for cells that another reaches into. Every character in the grid stands in one of them."""
    cells = [(row, column, box) for row, boxes in enumerate(grid.cells) for column, box in enumerate(boxes) if box is not None]
    held: dict[tuple[int, int], list[Fragment]] = {}
    for fragment in fragments:
        parts: dict[tuple[int, int], list[Glyph]] = {}
        last = cells[0]
        for glyph in fragment.glyphs:
            if not _holds(last[2], glyph):
                last = _cell_of(glyph, cells)
            parts.setdefault((last[0], last[1]), []).append(glyph)
        for where, glyphs in parts.items():
            held.setdefault(where, []).append(Fragment(glyphs))
    width = len(grid.cells[0])
    rows = [["" for _ in range(width)] for _ in grid.cells]
    for (row, column), inside in held.items():
        rows[row][column] = cell_text(inside)
    return tuple(tuple(row) for row in rows if any(row))


def _holds(box: Box, glyph: Glyph) -> bool:
    x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
    return box[0] - _INSIDE <= x <= box[2] + _INSIDE and box[1] - _INSIDE <= y <= box[3] + _INSIDE


def _cell_of(glyph: Glyph, cells: Sequence[tuple[int, int, Box]]) -> tuple[int, int, Box]:
    """The cell that holds a character, or else the nearest."""
    for cell in cells:
        if _holds(cell[2], glyph):
            return cell
    x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
    return min(cells, key=lambda cell: abs((cell[2][0] + cell[2][2]) / 2 - x) + abs((cell[2][1] + cell[2][3]) / 2 - y))


def cell_text(fragments: Sequence[Fragment]) -> str:
    """Its lines, joined as one text."""
    lines = [" ".join(text_of(one.glyphs) for one in row) for row in rows_of(fragments)]
    return joined(lines)
