"""PDFs with figures whose place and colours are known."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

RED, GREEN, BLUE = (220, 30, 30), (30, 160, 60), (40, 60, 200)
PAGE = (400.0, 600.0)


def drawn(draw: Callable[[Any], None], size: tuple[float, float] = PAGE) -> bytes:
    """A PDF that a function draws on a reportlab canvas (y upwards)."""
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=size, invariant=1)
    canvas.setFont("Helvetica", 11)
    draw(canvas)
    canvas.save()
    return written.getvalue()


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Any:
    """A picture for reportlab whose halves have these colours."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    image = Image.new("RGB", (40, 20), left)
    image.paste(right, (20, 0, 40, 20))
    return ImageReader(image)


def with_picture(canvas: Any) -> None:
    """A red and blue picture, at 60, 320 to 220, 400 from the upper left corner."""
    canvas.drawString(40, 500, "1. Which colour is on the left side of the picture?")
    canvas.drawImage(halves(RED, BLUE), 60, 200, 160, 80)


def in_columns(canvas: Any) -> None:
    """Two columns of text, each with a picture: red on the left, green on the right, beside each other."""
    for left, colour in ((40, RED), (220, GREEN)):
        for line in range(8):
            canvas.drawString(left, 520 - 14 * line, "The harbour is small and old"[: 28 - line % 2])
        canvas.drawImage(halves(colour, colour), left, 300, 140, 80)
        for line in range(8):
            canvas.drawString(left, 270 - 14 * line, "and the ferry leaves at six"[: 27 - line % 2])


def with_drawings(canvas: Any) -> None:
    """A filled circle with a letter; bars on axes with numbers beside them; a framed paragraph, rules and a ruled table, which are no figures."""
    canvas.setFillColorRGB(*(value / 255 for value in GREEN))
    canvas.circle(110, 480, 40, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(106, 476, "M")
    canvas.line(60, 320, 60, 400)
    canvas.line(60, 320, 220, 320)
    for place, height in enumerate((30, 70, 50)):
        canvas.setFillColorRGB(*(value / 255 for value in BLUE))
        canvas.rect(80 + 40 * place, 320, 20, height, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(82 + 40 * place, 308, f"{place + 1}")
        canvas.drawString(42, 320 + 25 * place, f"{10 * place}")
    canvas.rect(40, 210, 320, 56)
    for line in range(3):
        canvas.drawString(48, 250 - 15 * line, "A framed paragraph is text, and says so in every one of its lines.")
    canvas.line(40, 190, 360, 190)
    for row in range(3):
        for column in range(3):
            canvas.rect(40 + 80 * column, 100 + 20 * row, 80, 20)
            canvas.drawString(46 + 80 * column, 106 + 20 * row, f"cell {row}{column}")


def in_strips(canvas: Any) -> None:
    """One picture, as programs cut it into strips that touch."""
    canvas.drawString(40, 500, "What is striped?")
    for place, colour in enumerate((RED, GREEN, BLUE)):
        canvas.drawImage(halves(colour, colour), 60, 300 - 30 * place, 160, 30)


def changed(content: bytes, rotation: int = 0, crop: tuple[float, float, float, float] | None = None) -> bytes:
    """The file with its pages turned clockwise, or with another crop box (left, bottom, right, top)."""
    import pypdfium2

    written = io.BytesIO()
    file = pypdfium2.PdfDocument(content)
    for page in file:
        if rotation:
            page.set_rotation(rotation)
        if crop is not None:
            page.set_cropbox(*crop)
    file.save(written)
    file.close()
    return written.getvalue()
