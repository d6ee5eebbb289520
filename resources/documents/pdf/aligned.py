"""Tables without lines around their cells: rows whose parts stand under each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resources.documents.pdf.fragments import Fragment, is_right_to_left
from resources.documents.pdf.words import joined

_GAP: Final = 0.55
"""Between two columns, of the height of a line."""
_FEWEST_ROWS: Final = 3
_LEADERS: Final = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|_{6,}")
_MARKER: Final = re.compile(r"[•●◦▪▫■□‣⁃∙·–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\]")
_NUMBER: Final = re.compile(r"[(\-–+$€£¥]?\s*\d[\d.,\s]*\s*[%)°*]?|[-–—.]|n/?a", re.IGNORECASE)
_LONG_CELL: Final = 45
_FAR: Final = 2.6
"""Distance to the next row, in heights of a line, at which a table has ended."""


@dataclass(frozen=True, slots=True)
class AlignedTable:
    start: int
    end: int
    """It takes the lines from `start` to before `end`."""
    rows: tuple[tuple[str, ...], ...]


def aligned_tables(lines: Sequence[Sequence[Fragment]]) -> list[AlignedTable]:
    """The tables among the lines of a region, from top to bottom. A line that is no text is empty here."""
    found: list[AlignedTable] = []
    at = 0
    while at < len(lines):
        end = _end_of_run(lines, at)
        table = _table(lines, at, end) if end - at >= _FEWEST_ROWS else None
        if table is not None:
            found.append(table)
        at = end if table is not None else at + 1
    return found


def _end_of_run(lines: Sequence[Sequence[Fragment]], start: int) -> int:
    """Up to where lines keep at least two columns apart, and half of them have parts in two."""
    if len(lines[start]) < 2 or _has_leaders(lines[start]):
        return start + 1
    spans = _spans(lines[start], [])
    most, end, last = len(spans), start + 1, start
    while end < len(lines):
        line = lines[end]
        if not line or _has_leaders(line) or line[0].top - max(one.bottom for one in lines[end - 1]) > _FAR * line[0].size:
            break
        merged = _spans(line, spans)
        if len(merged) < 2 or len(merged) < most - max(1, most // 3):
            break
        if len(line) < 2 and end - last > 3:
            break
        spans, most = merged, max(most, len(merged))
        if len(line) >= 2:
            last = end
        end += 1
    return last + 1


def _spans(line: Sequence[Fragment], spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals of x that hold text, those nearer than a gap made one."""
    gap = _GAP * max(one.size for one in line)
    made: list[tuple[float, float]] = []
    for left, right in sorted([*spans, *((one.left, one.right) for one in line)]):
        if made and left - made[-1][1] < gap:
            made[-1] = (made[-1][0], max(made[-1][1], right))
        else:
            made.append((left, right))
    return made


def _has_leaders(line: Sequence[Fragment]) -> bool:
    return any(_LEADERS.search(one.text) for one in line)


def _table(lines: Sequence[Sequence[Fragment]], start: int, end: int) -> AlignedTable | None:
    spans: list[tuple[float, float]] = []
    for line in lines[start:end]:
        spans = _spans(line, spans)
    if len(spans) < 2:
        return None
    rows: list[list[list[str]]] = []
    last_bottom = 0.0
    for line in lines[start:end]:
        cells: list[list[str]] = [[] for _ in spans]
        for one in line:
            cells[_column(one, spans)].append(one.text)
        goes_on = rows and len(line) == 1 and not cells[0] and line[0].top - last_bottom < 0.5 * line[0].size
        if goes_on:
            for cell, more in zip(rows[-1], cells, strict=True):
                cell += [" ".join(more)] if more else []
        else:
            rows.append([[" ".join(cell)] if cell else [] for cell in cells])
        last_bottom = max(one.bottom for one in line)
    table = tuple(tuple(joined(cell) for cell in row) for row in rows)
    if is_right_to_left("".join(cell for row in table for cell in row)):
        table = tuple(row[::-1] for row in table)
    return AlignedTable(start, end, table) if _is_table(table) else None


def _column(fragment: Fragment, spans: Sequence[tuple[float, float]]) -> int:
    middle = (fragment.left + fragment.right) / 2
    return min(range(len(spans)), key=lambda at: 0.0 if spans[at][0] <= middle <= spans[at][1] else abs((spans[at][0] + spans[at][1]) / 2 - middle))


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether these are cells: short, in several rows and columns, and neither the marks of a list nor words of prose set far apart."""
    full = [row for row in rows if sum(map(bool, row)) >= 2]
    if len(full) < _FEWEST_ROWS:
        return False
    columns = list(zip(*rows, strict=True))
    first = [cell for cell in columns[0] if cell]
    if sum(_MARKER.fullmatch(cell.strip()) is not None for cell in first) > 0.6 * len(first):
        return False
    cells = sorted(len(cell) for row in full for cell in row if cell)
    if cells[len(cells) // 2] > _LONG_CELL:
        return False
    if len(columns) >= 3 and sum(sum(map(bool, row)) >= 3 for row in full) >= 2:
        return True
    numbers = any(sum(_NUMBER.fullmatch(cell.strip()) is not None for cell in column if cell) > 0.6 * sum(map(bool, column)) for column in columns)
    return numbers or len(full) >= 4
