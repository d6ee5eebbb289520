"""Places of the pages of a PDF, drawn by PDFium."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pypdfium2

from operators.document_model.conversion import NotConverted
from operators.document_model.pictures import Picture, PictureForm, PictureResult, place_of_target
from resources.documents.converters.pdf import open_pdf
from resources.documents.options import Options

_POINTS_AN_INCH: Final = 72
_LONGEST_PAGE: Final = 1_000_000
"""Pixels: the whole page is laid out before a place of it is drawn."""
_WHITE: Final = ((255, 255),) * 3


def prepare(kind: str, options: Options) -> None:
    from PIL import Image  # noqa: F401


def pictures(content: bytes, targets: Sequence[str], form: PictureForm, options: Options) -> Iterator[PictureResult]:
    """The places in the order of `targets`. Raises Stopped: the file cannot be opened."""
    pdf = open_pdf(content, options)
    try:
        number, page = 0, None
        for target in targets:
            place = place_of_target(target)
            if place is None:
                yield NotConverted("not found", f'"{target[:80]}" names no place of a page')
            elif not 0 < place[0] <= len(pdf):
                yield NotConverted("not found", f"there is no page {place[0]:,}, only {len(pdf):,}")
            else:
                if place[0] != number:
                    number, page = place[0], _page(pdf, place[0])
                yield _drawn(page, place[1], form) if page is not None else NotConverted("damaged", f"page {number} cannot be read")
    finally:
        pdf.close()


def _page(pdf: Any, number: int) -> Any | None:
    try:
        return pdf[number - 1]
    except pypdfium2.PdfiumError:
        return None


def _drawn(page: Any, box: tuple[float, float, float, float], form: PictureForm) -> PictureResult:
    """A box of a page as it is seen (left, top, right, bottom in points), with its margin."""
    width, height = page.get_size()
    if box[2] <= box[0] or box[3] <= box[1]:
        return NotConverted("empty", "its box has no area")
    left, top = max(0.0, box[0] - form.margin), max(0.0, box[1] - form.margin)
    right, bottom = min(width, box[2] + form.margin), min(height, box[3] + form.margin)
    if min(width, box[2]) <= max(0.0, box[0]) or min(height, box[3]) <= max(0.0, box[1]):
        return NotConverted("not found", "its box lies outside the page")
    scale = min(
        form.dots_per_inch / _POINTS_AN_INCH,
        math.sqrt(form.most_pixels / ((right - left) * (bottom - top))),
        _LONGEST_PAGE / max(width, height),
    )
    try:
        bitmap = page.render(scale=scale, crop=(left, height - bottom, width - right, top), rev_byteorder=True)
    except ValueError:
        return NotConverted("empty", "its box is smaller than a pixel")
    image = bitmap.to_pil()
    if image.getextrema() == _WHITE:
        return NotConverted("empty", "nothing is drawn there")
    written = io.BytesIO()
    image.save(written, "png")
    return Picture(written.getvalue())
