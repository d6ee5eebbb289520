"""One page: its lines in reading order, with tables and pictures between them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from resources.documents.pdf.aligned import aligned_tables
from resources.documents.pdf.characters import Character, characters_of
from resources.documents.pdf.drawings import Figure, Shape, figures_of
from resources.documents.pdf.fragments import Fragment, fragments_of
from resources.documents.pdf.frame import Box, Frame, as_seen
from resources.documents.pdf.reading_order import regions_of, rows_of
from resources.documents.pdf.rulings import Drawing, Grid, drawing_of, grids_of
from resources.documents.pdf.table_cells import table_rows

_PICTURE: Final = 0.01
"""Of the page's area: smaller pictures are ornaments."""
_WHOLE_PAGE: Final = 0.85
_MARGIN: Final = 0.07
"""Of the page's width."""
_EAST_ASIAN: Final = ("\u2e80", "\uffef")
_PROSE: Final = 400
"""Characters of a cell that is an article, or a column of the page that a drawing's lines cut out."""
_LONGEST_CELL: Final = 700
"""Characters: what has longer cells, in the middle, is a page with lines between its columns, and no table."""


@dataclass(slots=True)
class Line:
    """A line of text, or something that stands between lines (a table, a picture)."""

    fragments: list[Fragment]
    left: float
    right: float
    top: float
    bottom: float
    size: float
    text: str
    box: Box
    """On the page as a reader sees it."""
    table: tuple[tuple[str, ...], ...] = ()
    is_picture: bool = False

    @property
    def is_text(self) -> bool:
        return not self.table and not self.is_picture


@dataclass(slots=True)
class PageLayout:
    number: int
    width: float
    height: float
    regions: list[list[Line]] = field(default_factory=list)
    """Columns in reading order, each with its lines from top to bottom."""
    characters: int = 0
    is_picture: bool = False
    """A picture covers it."""


@dataclass(slots=True)
class _Thing:
    """A table or a picture, as a piece of the page."""

    left: float
    top: float
    right: float
    bottom: float
    size: float = 0.0
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def layout_of(page: Any, number: int) -> PageLayout:
    """The layout of a pypdfium2 page; `number` from 1."""
    left, bottom, right, top = page.get_bbox()
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    rotation = page.get_rotation()
    characters = [one for one in characters_of(page) if _is_on(one, box)]
    drawing = drawing_of(page)
    frame = _main_frame(characters, box)
    made = PageLayout(number, frame.width, frame.height, characters=len(characters))
    area = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    pictures = [picture for picture in (_clipped(picture, box) for picture in drawing.pictures) if _area(picture) >= _PICTURE * area]
    made.is_picture = sum(map(_area, pictures)) >= _WHOLE_PAGE * area
    main = [one for one in characters if frame.vertical or one.angle == frame.angle]
    fragments = fragments_of(main, frame)
    things = [] if frame.vertical else _tables(fragments, grids_of(drawing.edges, frame))
    taken = {id(fragment) for thing, inside in things for fragment in inside}
    pieces: list[Fragment | _Thing] = [fragment for fragment in fragments if id(fragment) not in taken]
    pieces += [thing for thing, _ in things]
    if not made.is_picture:
        turned = [frame.of_box(one.left, one.bottom, one.right, one.top) for one in characters if one.angle != frame.angle]
        figures = _figures(drawing, box, frame, things, fragments, turned)
        labels = {id(label) for one in figures for label in one.labels}
        pieces = [piece for piece in pieces if id(piece) not in labels]
        pieces += [_Thing(*one.box, text=_text_of(one)) for one in figures]
    made.regions = [_lines(region, frame, box, rotation) for region in regions_of(pieces)]
    for angle in (90, 270, 180, 0):
        if angle != frame.angle or frame.vertical:
            others = [] if frame.vertical else [one for one in characters if one.angle == angle and not _is_in_margin(one, frame)]
            aside = Frame(angle, box)
            if len(others) >= 3:
                made.regions += [_lines(region, aside, box, rotation) for region in regions_of(fragments_of(others, aside))]
    return made


def _figures(
    drawing: Drawing, page: Box, frame: Frame, things: Sequence[tuple[_Thing, list[Fragment]]], fragments: Sequence[Fragment], turned: Sequence[Box]
) -> list[Figure]:
    """Pictures, and drawings with their labels. A picture before which text stands is a background."""
    area = max(1.0, _area(page))
    shapes = [Shape(frame.of_box(*box), is_picture=True) for box in (_clipped(one, page) for one in drawing.pictures) if _area(box) > 0]
    shapes = [
        one for one in shapes if _area(one.box) < _PICTURE * area or (_area(one.box) < _WHOLE_PAGE * area and not _is_behind(one.box, fragments))
    ]
    if frame.vertical:
        return [Figure(one.box) for one in shapes if _area(one.box) >= _PICTURE * area]
    for path in drawing.paths:
        left, bottom, right, top = path.box
        if left >= page[0] - 1 and bottom >= page[1] - 1 and right <= page[2] + 1 and top <= page[3] + 1:  # others decorate the page, or are clipped
            shapes.append(Shape(frame.of_box(*path.box), path.is_drawn, path.is_filled))
    taken = {id(fragment) for _, inside in things for fragment in inside}
    free = [fragment for fragment in fragments if id(fragment) not in taken]
    tables = [(thing.left, thing.top, thing.right, thing.bottom) for thing, _ in things]
    return figures_of(shapes, tables, free, turned, frame.width, frame.height)


def _text_of(figure: Figure) -> str:
    """Its labels, from top to bottom."""
    return " ".join(one.text for row in rows_of(figure.labels) for one in row)


def _lines(region: Sequence[Fragment | _Thing], frame: Frame, page: Box, rotation: int) -> list[Line]:
    made = []
    rows = rows_of(region)
    tables = {} if frame.vertical else {table.start: table for table in aligned_tables([_texts(row) for row in rows])}
    at = 0
    while at < len(rows):
        table = tables.get(at)
        row = [piece for line in rows[at : table.end] for piece in line] if table else rows[at]
        at = table.end if table else at + 1
        first = row[0]
        around = (min(one.left for one in row), min(one.top for one in row), max(one.right for one in row), max(one.bottom for one in row))
        box = as_seen(frame.back(around), page, rotation)
        if table is not None:
            made.append(Line([], *_edges(around), 0.0, "", box, table.rows))
        elif isinstance(first, _Thing):
            made.append(Line([], *_edges(around), 0.0, first.text, box, first.rows, not first.rows))
        else:
            fragments = _texts(row)
            size = max(fragments, key=lambda one: len(one.glyphs)).size
            made.append(Line(fragments, *_edges(around), size, " ".join(one.text for one in fragments), box))
    return made


def _texts(row: Sequence[Fragment | _Thing]) -> list[Fragment]:
    return [one for one in row if isinstance(one, Fragment)]


def _edges(box: Box) -> tuple[float, float, float, float]:
    """Left, right, top, bottom."""
    return box[0], box[2], box[1], box[3]


def _main_frame(characters: Sequence[Character], page: Box) -> Frame:
    """The direction of most of the text; vertical where the signs of East Asia stand under each other."""
    angles = Counter(one.angle for one in characters if one.angle >= 0)
    angle = max(angles, key=lambda angle: (angles[angle], angle == 0)) if angles else 0
    down = across = 0
    for last, one in itertools.pairwise(characters):
        if _EAST_ASIAN[0] <= one.text <= _EAST_ASIAN[1] and _EAST_ASIAN[0] <= last.text <= _EAST_ASIAN[1]:
            size = max(one.size, 1.0)
            down += abs(one.left - last.left) < 0.3 * size and 0.5 * size < last.bottom - one.bottom < 2 * size
            across += abs(one.bottom - last.bottom) < 0.3 * size and 0.5 * size < one.left - last.left < 2 * size
    return Frame(angle, page, vertical=down > across and down > 5)


def _is_on(character: Character, page: Box) -> bool:
    x, y = (character.left + character.right) / 2, (character.bottom + character.top) / 2
    return page[0] - 1 <= x <= page[2] + 1 and page[1] - 1 <= y <= page[3] + 1 and character.right - character.left < 400


def _is_in_margin(character: Character, frame: Frame) -> bool:
    """Text along the side of a page is a stamp: where it was downloaded, its number in an archive."""
    left, _, right, _ = frame.of_box(character.left, character.bottom, character.right, character.top)
    return left < _MARGIN * frame.width or right > (1 - _MARGIN) * frame.width


def _clipped(box: Box, page: Box) -> Box:
    return max(box[0], page[0]), max(box[1], page[1]), min(box[2], page[2]), min(box[3], page[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _is_behind(box: Box, fragments: Sequence[Fragment]) -> bool:
    """Whether text stands on a picture: then it is a background, or a part of the page that was read by OCR."""
    return sum(len(one.glyphs) for one in fragments if _inside(one, box)) > 40


def _inside(piece: Fragment, box: Box) -> bool:
    x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _tables(fragments: Sequence[Fragment], grids: Sequence[Grid]) -> list[tuple[_Thing, list[Fragment]]]:
    """Tables with what stands in them. A grid with text in less than two columns or rows, or with articles in its cells, is none."""
    made: list[tuple[_Thing, list[Fragment]]] = []
    for grid in grids:
        inside = [one for one in fragments if _inside(one, grid.box)]
        rows = table_rows(grid, inside)
        filled = [cell for row in rows for cell in row if cell]
        columns = {at for row in rows for at, cell in enumerate(row) if cell}
        if len(columns) < 2 or sum(any(row) for row in rows) < 2 or sorted(map(len, filled))[len(filled) // 2] > _LONGEST_CELL:
            continue
        if sum(len(cell) for cell in filled if len(cell) > _PROSE) > 0.6 * sum(map(len, filled)):
            continue
        made.append((_Thing(*grid.box, rows=rows), inside))
    return made
