"""Pages that are pictures, read by RapidOCR."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Place
from resources.documents.pdf.reading_order import regions_of, rows_of
from resources.documents.pdf.words import joined
from resources.documents.workers.progress import PROGRESS

SCALE: Final = 2.0
"""Pixels a point: 144 dots an inch."""
MOST_PIXELS: Final = 25_000_000
_LEAST_SCORE: Final = 0.5


class _Piece:
    """A line that was read, in pixels."""

    def __init__(self, corners: Sequence[Sequence[float]], text: str) -> None:
        xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        self.left, self.right, self.top, self.bottom = min(xs), max(xs), min(ys), max(ys)
        self.size = self.bottom - self.top
        self.text = text


@functools.cache
def _reader() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR()


def read_nothing() -> None:
    """Load the models."""
    _reader()


def blocks_of_page(page: Any, number: int) -> list[Block]:
    """The paragraphs of a pypdfium2 page."""
    width, height = page.get_size()
    scale = min(SCALE, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    return blocks_of_picture(page.render(scale=scale).to_numpy(), scale, number)


def blocks_of_picture(pixels: Any, scale: float, number: int) -> list[Block]:
    """The paragraphs of a picture (height, width, colours) in reading order; boxes are in pixels over `scale`."""
    found, _ = _reader()(pixels)
    PROGRESS.page_read()
    pieces = [_Piece(corners, text) for corners, text, score in found or () if float(score) >= _LEAST_SCORE and text.strip()]
    made: list[Block] = []
    for region in regions_of(pieces):
        part: list[list[_Piece]] = []
        for row in rows_of(region):
            if part and row[0].top - part[-1][0].bottom > 0.8 * row[0].size:
                made.append(_paragraph(part, scale, number))
                part = []
            part.append(row)
        if part:
            made.append(_paragraph(part, scale, number))
    return made


def _paragraph(rows: Sequence[Sequence[_Piece]], scale: float, number: int) -> Block:
    pieces = [piece for row in rows for piece in row]
    edges = (min(one.left for one in pieces), min(one.top for one in pieces), max(one.right for one in pieces), max(one.bottom for one in pieces))
    box = (round(edges[0] / scale, 1), round(edges[1] / scale, 1), round(edges[2] / scale, 1), round(edges[3] / scale, 1))
    return make.paragraph(joined([" ".join(piece.text for piece in row) for row in rows]), Place(number, box))
