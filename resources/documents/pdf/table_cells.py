"""What stands in the cells of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from resources.documents.pdf.fragments import Fragment, Glyph, is_right_to_left, text_of
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
    table = tuple(tuple(row) for row in _split_rows(rows, held) if any(row))
    return tuple(row[::-1] for row in table) if is_right_to_left("".join(cell for row in table for cell in row)) else table


def _split_rows(rows: Sequence[Sequence[str]], held: Mapping[tuple[int, int], Sequence[Fragment]]) -> Iterator[list[str]]:
    """Rows with as many lines in most of their cells are several rows, between which no line is drawn."""
    for number, row in enumerate(rows):
        lines = [rows_of(held.get((number, column), ())) for column in range(len(row))]
        counts = Counter(len(cell) for cell in lines if cell)
        most, cells = counts.most_common(1)[0] if counts else (0, 0)
        if most < 2 or cells < 2 or cells < 0.6 * counts.total() or not _stand_level([cell for cell in lines if len(cell) == most]):
            yield list(row)
            continue
        for at in range(most):
            made = []
            for text, cell in zip(row, lines, strict=True):
                alone = text if at == 0 else ""
                made.append(" ".join(text_of(one.glyphs) for one in cell[at]) if len(cell) == most else alone)
            yield made


def _stand_level(cells: Sequence[Sequence[Sequence[Fragment]]]) -> bool:
    """Whether the lines of cells stand side by side, and are short as those of tables are."""
    for lines in zip(*cells, strict=True):
        bases = [line[0].base for line in lines]
        if max(bases) - min(bases) > 0.3 * lines[0][0].size:
            return False
    lengths = sorted(sum(len(one.text) for one in line) for cell in cells for line in cell)
    return lengths[len(lengths) // 2] <= 18


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
