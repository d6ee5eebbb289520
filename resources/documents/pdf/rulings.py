"""Tables with lines around their cells: where the lines of a page make a grid, and which cells it has."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2.raw as pdfium

from resources.documents.pdf.frame import Box, Frame

_MOST_OBJECTS: Final = 6000
_MOST_EDGES: Final = 3000
_MOST_SEGMENTS: Final = 200
"""Of one path; drawings have more."""
_THIN: Final = 3.0
_SHORTEST: Final = 4.0
_SNAP: Final = 3.0
_DEEPEST: Final = 3
_SLANT: Final = 1.0
_WHITE: Final = 250


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table, row by row. A cell that reaches over several columns or rows stands where it begins; the others are None."""

    box: Box
    cells: tuple[tuple[Box | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on a page beside text, in the coordinates of its content."""

    edges: tuple[Box, ...]
    """Level and upright lines: left, bottom, right, top."""
    pictures: tuple[Box, ...]
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path that is painted: left, bottom, right, top."""

    box: Box
    is_drawn: bool
    """It has curves or slanted lines."""
    is_filled: bool


def drawing_of(page: Any) -> Drawing:
    edges: list[Box] = []
    pictures: list[Box] = []
    paths: list[Path] = []
    count = pdfium.FPDFPage_CountObjects(page.raw)
    things = ((pdfium.FPDFPage_GetObject(page.raw, at), None) for at in range(min(count, _MOST_OBJECTS)))
    for thing, outer in _with_forms(things, 0):
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            if len(edges) < _MOST_EDGES:
                edges += _edges(thing, outer)
            if (path := _path(thing, outer)) is not None:
                paths.append(path)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and (box := _bounds(thing, outer)) is not None:
            pictures.append(box)
    return Drawing(tuple(edges[:_MOST_EDGES]), tuple(pictures), tuple(paths))


def _with_forms(things: Iterator[tuple[Any, Any]], depth: int) -> Iterator[tuple[Any, Any]]:
    """Each object with the matrix of the form that it stands in; forms are replaced by what is in them."""
    for thing, outer in things:
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_FORM:
            yield thing, outer
        elif depth < _DEEPEST:
            matrix = _times(_matrix(thing), outer)
            count = min(max(pdfium.FPDFFormObj_CountObjects(thing), 0), _MOST_OBJECTS)
            yield from _with_forms(((pdfium.FPDFFormObj_GetObject(thing, at), matrix) for at in range(count)), depth + 1)


def _matrix(thing: Any) -> tuple[float, ...]:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(thing, matrix):
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _times(inner: tuple[float, ...], outer: tuple[float, ...] | None) -> tuple[float, ...]:
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _at(matrix: tuple[float, ...] | None, x: float, y: float) -> tuple[float, float]:
    if matrix is None:
        return x, y
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounds(thing: Any, outer: tuple[float, ...] | None) -> Box | None:
    values = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(thing, *values):
        return None
    left, bottom, right, top = (value.value for value in values)
    corners = [_at(outer, x, y) for x in (left, right) for y in (bottom, top)]
    return min(x for x, _ in corners), min(y for _, y in corners), max(x for x, _ in corners), max(y for _, y in corners)


def _path(thing: Any, outer: tuple[float, ...] | None) -> Path | None:
    """None for one that is only a clip, or white."""
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(thing, filled, stroked) or not (filled.value or stroked.value):
        return None
    is_filled = bool(filled.value) and not _is_white(thing)
    box = _bounds(thing, outer) if stroked.value or is_filled else None
    return None if box is None else Path(box, _is_drawn(thing), is_filled)


def _is_white(thing: Any) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(thing, *colour):
        return False
    red, green, blue, alpha = (value.value for value in colour)
    return min(red, green, blue) >= _WHITE or alpha == 0


def _is_drawn(thing: Any) -> bool:
    x, y = ctypes.c_float(), ctypes.c_float()
    last = (0.0, 0.0)
    for at in range(min(pdfium.FPDFPath_CountSegments(thing), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(thing, at)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return True
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        slanted = abs(x.value - last[0]) > _SLANT and abs(y.value - last[1]) > _SLANT
        if kind == pdfium.FPDF_SEGMENT_LINETO and slanted:
            return True
        last = (x.value, y.value)
    return False


def _edges(thing: Any, outer: tuple[float, ...] | None) -> Iterator[Box]:
    count = pdfium.FPDFPath_CountSegments(thing)
    if count < 2 or count > _MOST_SEGMENTS:
        return
    matrix = _times(_matrix(thing), outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    part: list[tuple[float, float]] = []
    for at in range(count + 1):
        segment = pdfium.FPDFPath_GetPathSegment(thing, at) if at < count else None
        kind = pdfium.FPDFPathSegment_GetType(segment) if segment else pdfium.FPDF_SEGMENT_MOVETO
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            yield from _straight(part)
            part = []
        if segment:
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            part.append(_at(matrix, x.value, y.value))
            if pdfium.FPDFPathSegment_GetClose(segment):
                part.append(part[0])


def _straight(points: Sequence[tuple[float, float]]) -> Iterator[Box]:
    if len(points) < 2:
        return
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    if min(right - left, top - bottom) <= _THIN:  # a line, or a rectangle that is drawn as one
        if right - left >= _SHORTEST and right - left > top - bottom:
            middle = (bottom + top) / 2
            yield left, middle, right, middle
        elif top - bottom >= _SHORTEST:
            middle = (left + right) / 2
            yield middle, bottom, middle, top
        return
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if abs(y0 - y1) < 0.5 and abs(x0 - x1) >= _SHORTEST:
            yield min(x0, x1), y0, max(x0, x1), y0
        elif abs(x0 - x1) < 0.5 and abs(y0 - y1) >= _SHORTEST:
            yield x0, min(y0, y1), x0, max(y0, y1)


def grids_of(edges: Sequence[Box], frame: Frame) -> list[Grid]:
    """The grids that edges make, of at least two rows and two columns, from top to bottom."""
    if len(edges) < 6:
        return []
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    told = []
    for edge in edges:
        left, top, right, bottom = frame.of_box(*edge)
        direction = "h" if right - left > bottom - top else "v"
        told.append({"x0": left, "x1": right, "top": top, "bottom": bottom, "orientation": direction, "object_type": "line"})
        told[-1]["width"], told[-1]["height"] = right - left, bottom - top
    merged = merge_edges(told, _SNAP, _SNAP, _SNAP, _SNAP)
    if len(merged) > _MOST_EDGES // 5:
        return []
    merged += _sides(merged)
    cells = intersections_to_cells(edges_to_intersections(merged, _SNAP, _SNAP))
    grids = [grid for table in cells_to_tables(cells) if (grid := _grid(table)) is not None]
    return sorted(grids, key=lambda grid: (grid.box[1], grid.box[0]))


def _sides(edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Upright edges at both ends of three or more level ones that are equally long: many tables have lines between rows and none at their sides."""
    level: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for edge in edges:
        if edge["orientation"] == "h" and edge["x1"] - edge["x0"] > 60:
            level.setdefault((round(edge["x0"] / _SNAP), round(edge["x1"] / _SNAP)), []).append(edge)
    made = []
    for group in level.values():
        if len(group) >= 3:
            top, bottom = min(edge["top"] for edge in group), max(edge["top"] for edge in group)
            for x in (min(edge["x0"] for edge in group), max(edge["x1"] for edge in group)):
                made.append({**group[0], "x0": x, "x1": x, "top": top, "bottom": bottom, "orientation": "v", "width": 0.0, "height": bottom - top})
    return made


def _grid(cells: Sequence[Box]) -> Grid | None:
    lefts = _merged(sorted({cell[0] for cell in cells}))
    tops = _merged(sorted({cell[1] for cell in cells}))
    if len(lefts) < 2 or len(tops) < 2:
        return None
    rows: list[list[Box | None]] = [[None] * len(lefts) for _ in tops]
    for cell in cells:
        row = min(range(len(tops)), key=lambda at: abs(tops[at] - cell[1]))
        column = min(range(len(lefts)), key=lambda at: abs(lefts[at] - cell[0]))
        rows[row][column] = cell
    box = (min(cell[0] for cell in cells), min(cell[1] for cell in cells), max(cell[2] for cell in cells), max(cell[3] for cell in cells))
    return Grid(box, tuple(map(tuple, rows)))


def _merged(values: Sequence[float]) -> list[float]:
    made: list[float] = []
    for value in values:
        if not made or value - made[-1] > _SNAP:
            made.append(value)
    return made
