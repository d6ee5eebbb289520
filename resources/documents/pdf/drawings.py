"""Figures of a page: pictures, shapes that are drawn, and both together where they touch, with the labels on them and beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from resources.documents.pdf.fragments import Fragment
from resources.documents.pdf.frame import Box

_MOST_SHAPES: Final = 3000
_MOST_CLUSTERS: Final = 300
"""Of a page, the largest: the others are dots."""
_GAP: Final = 6.0
"""Points between shapes of one figure."""
_PICTURE_GAP: Final = 2.0
"""Between pictures: strips of one picture touch, pictures beside each other do not."""
_SMALLEST: Final = 0.006
"""Of the page's area."""
_THINNEST: Final = 24.0
"""Points: a drawing that is less high or wide is a rule or an ornament."""
_LARGEST: Final = 0.85
_BACKGROUND: Final = 0.5
"""Of the page's area: a larger shape lies behind the page."""
_DRAWN: Final = 8.0
"""Size of a curved or slanted shape that is more than a letter or a bullet."""
_FILLED: Final = 24.0
"""Size of a single filled shape that is a figure."""
_OUTLINED: Final = 40.0
_MOST_GLYPHS: Final = 1000
_LONGEST_LABEL: Final = 60
_LONGEST_BESIDE: Final = 25
"""Characters of a label that stands outside the shapes: longer is text."""
_TEXT: Final = 0.16
"""Of a figure's area that its labels may cover: more is text with a frame or a background."""
_GLYPHS_ON_PICTURE: Final = 40
"""More is text before a background, or a part of the page that was read by OCR."""
_GLYPHS_ON_SHAPE: Final = 30
_GLYPHS_ON_FILL: Final = 3
_BESIDE: Final = 10.0
"""Points from a figure to labels at its sides; above and below half of that."""
_CAPTION: Final = re.compile(r"(?:fig|tab|abb|图|表|圖|図)\w*\.?\s*\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """A painted path, or a picture: left, top, right, bottom."""

    box: Box
    is_drawn: bool = False
    """It has curves or slanted lines."""
    is_filled: bool = False
    is_picture: bool = False

    @property
    def size(self) -> float:
        """Of its shorter side."""
        return min(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True, slots=True)
class Figure:
    box: Box
    labels: tuple[Fragment, ...] = ()


def figures_of(
    shapes: Sequence[Shape], tables: Sequence[Box], fragments: Sequence[Fragment], turned: Sequence[Box], width: float, height: float
) -> list[Figure]:
    """The figures of a page of this size.

    Args:
        fragments: text outside the tables; each is the label of one figure at most.
        turned: characters of other directions, such as the name of an axis.
    """
    page = max(1.0, width * height)
    useful = [one for one in shapes if one.is_picture or not _is_background(one.box, width, height)]
    useful = [one for one in useful if one.is_picture or not any(_holds(table, one.box) for table in tables)][:_MOST_SHAPES]
    found: list[Figure] = []
    left = list(fragments)
    for members in _clusters(useful):
        box = _around([one.box for one in members])
        inside = [one for one in left if _is_in(one, box)]
        pictures = [one for one in members if one.is_picture]
        if not _is_figure(members, box, inside, page) or _bleeds(members, box, width, height):
            for part in _clusters(pictures) if len(pictures) < len(members) else ():
                around = _around([one.box for one in part])
                if _is_figure(part, around, [one for one in inside if _is_in(one, around)], page):
                    found.append(Figure(around))
        elif len(pictures) == len(members):
            found.append(Figure(box))
        else:
            box = _with_labels(box, [one for one in left if one not in inside], turned)
            box = (max(0.0, box[0]), max(0.0, box[1]), min(width, box[2]), min(height, box[3]))
            inside = [one for one in left if _is_in(one, box)]
            left = [one for one in left if one not in inside]
            found.append(Figure(box, tuple(inside)))
    return found


def _is_background(box: Box, width: float, height: float) -> bool:
    """Whether a shape is large, or reaches from one edge of the page to the other."""
    across, down = box[0] <= 1 and box[2] >= width - 1, box[1] <= 1 and box[3] >= height - 1
    return across or down or _area(box) >= _BACKGROUND * width * height


def _clusters(shapes: Sequence[Shape]) -> list[list[Shape]]:
    """Shapes that touch, or whose boxes together do; in the order of the page's content."""
    if not shapes:
        return []
    boxes = np.array([one.box for one in shapes])
    gaps = np.array([_PICTURE_GAP if one.is_picture else _GAP for one in shapes])
    group = np.full(len(shapes), -1)
    count = 0
    for start in range(len(shapes)):
        if group[start] >= 0:
            continue
        waiting = [start]
        group[start] = count
        while waiting:
            at = waiting.pop()
            near = _near(boxes, boxes[at], np.minimum(gaps, gaps[at])) & (group < 0)
            group[near] = count
            waiting += np.flatnonzero(near).tolist()
        count += 1
    return _merged([[shapes[at] for at in np.flatnonzero(group == number).tolist()] for number in range(count)])


def _near(boxes: Any, box: Any, gap: Any) -> Any:
    across = (boxes[:, 0] <= box[2] + gap) & (boxes[:, 2] >= box[0] - gap)
    return across & (boxes[:, 1] <= box[3] + gap) & (boxes[:, 3] >= box[1] - gap)


def _merged(clusters: list[list[Shape]]) -> list[list[Shape]]:
    """Clusters whose boxes overlap are one figure: the legend in a chart, the letters in a drawing."""
    boxes = [_around([one.box for one in members]) for members in clusters]
    order = sorted(range(len(clusters)), key=lambda at: -_area(boxes[at]))
    made: list[tuple[Box, list[Shape]]] = []
    for at in order[:_MOST_CLUSTERS]:
        box, members = boxes[at], clusters[at]
        while (other := next((place for place, (known, _) in enumerate(made) if _overlap(known, box) > 0), None)) is not None:
            known, more = made.pop(other)
            box, members = _around([known, box]), more + members
        made.append((box, members))
    return [members for _, members in sorted(made, key=lambda one: (one[0][1], one[0][0]))]


def _is_figure(members: Sequence[Shape], box: Box, inside: Sequence[Fragment], page: float) -> bool:
    if not _SMALLEST * page <= _area(box) <= _LARGEST * page:
        return False
    glyphs = sum(len(one.glyphs) for one in inside)
    if all(one.is_picture for one in members):
        return glyphs <= _GLYPHS_ON_PICTURE
    if min(box[2] - box[0], box[3] - box[1]) < _THINNEST:
        return False
    if glyphs > _MOST_GLYPHS or any(len(one.text) > _LONGEST_LABEL for one in inside):
        return False
    if sum(one.width * one.size for one in inside) > _TEXT * _area(box):
        return False
    return any(one.is_picture for one in members) or _says_something(members, inside)


def _says_something(members: Sequence[Shape], inside: Sequence[Fragment]) -> bool:
    """Whether shapes are a drawing: not only rules, frames and backgrounds of text."""
    filled = 0
    for one in members:
        glyphs = sum(len(label.glyphs) for label in inside if _is_in(label, one.box))
        if one.is_drawn and max(one.box[2] - one.box[0], one.box[3] - one.box[1]) >= _DRAWN and one.size > 1 and glyphs <= _GLYPHS_ON_SHAPE:
            return True
        if glyphs > _GLYPHS_ON_FILL:
            continue
        if one.size >= (_FILLED if one.is_filled else _OUTLINED):
            return True
        filled += one.is_filled and one.size > 3.0
        if filled > 1:
            return True
    return False


def _bleeds(members: Sequence[Shape], box: Box, width: float, height: float) -> bool:
    """Whether shapes reach over the edge of the page: they decorate it."""
    over = box[0] <= 1 or box[1] <= 1 or box[2] >= width - 1 or box[3] >= height - 1
    return over and not any(one.is_picture for one in members)


def _with_labels(box: Box, others: Sequence[Fragment], turned: Sequence[Box]) -> Box:
    """The box with the short texts that stand beside it, above it and below it, such as the numbers along an axis."""
    short = [one for one in others if len(one.text) <= _LONGEST_BESIDE and not _CAPTION.match(one.text)]
    labels = [*((one.left, one.top, one.right, one.bottom) for one in short), *turned]
    grown = box
    for _ in range(2):
        for left, top, right, bottom in labels:
            x, y = (left + right) / 2, (top + bottom) / 2
            beside = grown[1] <= y <= grown[3] and left <= grown[2] + _BESIDE and right >= grown[0] - _BESIDE
            upright = grown[0] <= x <= grown[2] and top <= grown[3] + _BESIDE / 2 and bottom >= grown[1] - _BESIDE / 2
            if beside or upright:
                grown = _around([grown, (left, top, right, bottom)])
    most = 4 * _BESIDE  # what goes further is text
    return max(grown[0], box[0] - most), max(grown[1], box[1] - most), min(grown[2], box[2] + most), min(grown[3], box[3] + most)


def _is_in(piece: Fragment, box: Box) -> bool:
    x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] - 3 <= x <= outer[2] + 3 and outer[1] - 3 <= y <= outer[3] + 3


def _around(boxes: Sequence[Box]) -> Box:
    return min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes)


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _overlap(one: Box, other: Box) -> float:
    return _area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))
