"""Coordinates in which the lines of a direction are level, and those of the page as a reader sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom; or, of the page's content, left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Turns points of the content (y upwards) by a right angle, so that text of this angle runs from left to right, and lines downwards."""

    angle: int
    """Of the lines in the content, anticlockwise: 0, 90, 180 or 270."""
    page: Box
    """The page in the content: left, bottom, right, top."""
    vertical: bool = False
    """Lines run from top to bottom, and follow each other from right to left, as in Japanese books."""

    def of_point(self, x: float, y: float) -> tuple[float, float]:
        left, bottom, right, top = self.page
        if self.vertical:
            return top - y, right - x
        if self.angle == 90:
            return y - bottom, x - left
        if self.angle == 180:
            return right - x, y - bottom
        if self.angle == 270:
            return top - y, right - x
        return x - left, top - y

    def of_box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The box as left, top, right, bottom."""
        first, second = self.of_point(left, bottom), self.of_point(right, top)
        return min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])

    def back(self, box: Box) -> Box:
        """A box of this frame in the content: left, bottom, right, top."""
        first, second = self._content_point(box[0], box[1]), self._content_point(box[2], box[3])
        return min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])

    def _content_point(self, u: float, v: float) -> tuple[float, float]:
        left, bottom, right, top = self.page
        if self.vertical or self.angle == 270:
            return right - v, top - u
        if self.angle == 90:
            return left + v, bottom + u
        if self.angle == 180:
            return right - u, bottom + v
        return left + u, top - v

    @property
    def width(self) -> float:
        left, bottom, right, top = self.page
        return top - bottom if self.vertical or self.angle in (90, 270) else right - left

    @property
    def height(self) -> float:
        left, bottom, right, top = self.page
        return right - left if self.vertical or self.angle in (90, 270) else top - bottom


def as_seen(box: Box, page: Box, rotation: int) -> Box:
    """A box of the content on the page as a reader sees it, who is shown it turned clockwise by `rotation` degrees."""
    seen = Frame({0: 0, 90: 90, 180: 180, 270: 270}[rotation % 360], page)
    left, top, right, bottom = seen.of_box(*box)
    return round(left, 1), round(top, 1), round(right, 1), round(bottom, 1)
