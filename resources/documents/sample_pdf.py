"""A PDF book of exercises with figures, drawn when it is asked for: to try `document_vqa` out. Written for this project."""

from __future__ import annotations

import zlib
from typing import Final

_WIDTH: Final = 540
_HEIGHT: Final = 600
_EARTH, _GREEN, _BLUE, _SUN = "0.45 0.28 0.12", "0.35 0.65 0.3", "0.2 0.4 0.8", "0.95 0.75 0.1"
_RAIN: Final = (("March", 30), ("April", 55), ("May", 90), ("June", 40))


class _Page:
    """Text and shapes in points from the upper left corner, as the commands of a page."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def text(self, x: float, y: float, text: str, size: float = 11, bold: bool = False) -> None:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.commands.append(f"BT /{'B' if bold else 'T'} {size:g} Tf {x:g} {_HEIGHT - y:g} Td ({escaped}) Tj ET")

    def rectangle(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.commands.append(f"{colour} rg {x:g} {_HEIGHT - y - height:g} {width:g} {height:g} re f 0 g")

    def lines(self, *points: tuple[float, float], colour: str = "0 0 0") -> None:
        (x, y), *others = points
        further = " ".join(f"{right:g} {_HEIGHT - down:g} l" for right, down in others)
        self.commands.append(f"{colour} RG 1.5 w {x:g} {_HEIGHT - y:g} m {further} S 0 G")

    def picture(self, x: float, y: float, width: float, height: float) -> None:
        self.commands.append(f"q {width:g} 0 0 {height:g} {x:g} {_HEIGHT - y - height:g} cm /P Do Q")


def sample_pdf() -> bytes:
    """Three pages: questions with a photograph of a garden, three beds, a chart and a triangle; the answers stand on the last page."""
    return _file([_looking(), _measuring(), _answers()], _garden())


def _looking() -> _Page:
    page = _Page()
    page.text(40, 50, "Chapter 1: Looking at a garden", 16, bold=True)
    page.text(40, 90, "A garden from above shows its beds as dark fields in the grass.")
    page.text(40, 130, "1.1) The picture shows a garden from above. How many beds does it have?")
    page.picture(60, 150, 240, 120)
    page.text(40, 310, "1.2) Which of the three beds is the widest, A, B or C?")
    for name, left, width in (("A", 60, 60), ("B", 140, 110), ("C", 270, 40)):
        page.rectangle(left, 330, width, 60, _GREEN)
        page.text(left + width / 2 - 4, 364, name)
    page.lines((50, 320), (320, 320), (320, 400), (50, 400), (50, 320), colour=_EARTH)
    page.text(40, 440, "1.3) A bed is 4 metres long and 3 metres wide. How long is the fence around it?")
    return page


def _measuring() -> _Page:
    page = _Page()
    page.text(40, 50, "Chapter 2: Measuring", 16, bold=True)
    page.text(40, 90, "A bar that is twice as high stands for twice as much.")
    page.text(40, 130, "2.1) The chart shows the litres of rain of four months. In which month did it rain most?")
    page.lines((60, 150), (60, 270), (320, 270))
    for place, (month, litres) in enumerate(_RAIN):
        page.rectangle(80 + 60 * place, 270 - litres, 40, litres, _BLUE)
        page.text(82 + 60 * place, 284, month, 10)
    page.text(40, 340, "2.2) Two sides of the triangular bed are shown with their lengths. How long are both together?")
    page.lines((80, 460), (220, 460), (80, 370), (80, 460), colour=_EARTH)
    page.text(140, 474, "8 m", 10)
    page.text(56, 420, "6 m", 10)
    return page


def _answers() -> _Page:
    page = _Page()
    page.text(40, 50, "Answers", 16, bold=True)
    for place, answer in enumerate(("1.1) 3", "1.2) B", "1.3) 14 metres", "2.1) May", "2.2) 14 metres")):
        page.text(40, 100 + 40 * place, answer)
    return page


def _garden() -> tuple[int, int, bytes]:
    """Width, height and colours of a picture: grass with three beds, and a sun."""
    width, height = 60, 30
    grass, earth, sun = ((int(255 * float(share)) for share in colour.split()) for colour in (_GREEN, _EARTH, _SUN))
    colours = {"grass": bytes(grass), "earth": bytes(earth), "sun": bytes(sun)}

    def seen(x: int, y: int) -> str:
        if (x - 53) ** 2 + (y - 5) ** 2 <= 9:
            return "sun"
        return "earth" if 10 <= y < 24 and x % 16 >= 6 and x < 48 else "grass"

    return width, height, b"".join(colours[seen(x, y)] for y in range(height) for x in range(width))


def _file(pages: list[_Page], picture: tuple[int, int, bytes]) -> bytes:
    """Catalogue, page tree, two fonts, the picture, then each page with its commands."""
    first = 6
    kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(pages)))
    width, height, colours = picture
    image = f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 {_WIDTH} {_HEIGHT}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        _stream(f"{image} /Filter /FlateDecode", zlib.compress(colours)),
    ]
    resources = "<< /Font << /T 3 0 R /B 4 0 R >> /XObject << /P 5 0 R >> >>"
    for place, page in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /Resources {resources} /Contents {first + 2 * place + 1} 0 R >>".encode())
        objects.append(_stream("<<", "\n".join(page.commands).encode()))
    made, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + end.encode()


def _stream(dictionary: str, content: bytes) -> bytes:
    return f"{dictionary} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"
