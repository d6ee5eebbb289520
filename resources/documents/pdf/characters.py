"""The characters of a page, as PDFium finds them, with their boxes."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2.raw as pdfium

HYPHEN_AT_LINE_END: Final = 2
"""What PDFium calls a hyphen that divides a word at the end of a line."""
_BOLD_WEIGHT: Final = 600
_BOLD_NAMES: Final = ("bold", "black", "heavy", "demi", "-bd", "cmbx", "cmssbx", "nimbusromno9l-medi", "sfbx")
_ITALIC_NAMES: Final = ("italic", "oblique", "-it", "cmti", "cmsl", "reguital")
_FIXED_NAMES: Final = tuple("mono courier consol cmtt typewriter menlo inconsolata sourcecode lmtt beramono txtt".split())
_MATHEMATICAL_NAMES: Final = tuple("cmmi cmsy cmex msam msbm stix cambriamath mathjax xits -math latinmodernmath rsfs eufm".split())


@dataclass(frozen=True, slots=True)
class Font:
    bold: bool = False
    italic: bool = False
    fixed: bool = False
    """All characters have one width, as in code."""
    mathematical: bool = False


@dataclass(slots=True)
class Character:
    """Positions are in points, in the coordinates of the page's content: y grows upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    x: float
    """Where it stands on its line: the origin."""
    y: float
    angle: int
    """Of its line, anticlockwise: 0, 90, 180 or 270; -1 for slanting ones."""
    font: Font
    size: float = 0.0
    """Height of its font."""
    after_space: bool = False
    divides_word: bool = False


NO_FONT: Final = Font()


def characters_of(page: Any, most: int = 200_000) -> list[Character]:
    """In the order of PDFium: that of the content, with lines of Arabic and Hebrew in the order in which they are read.

    Args:
        page: a pypdfium2 page.
    """
    text = page.get_textpage()
    try:
        return _read(text.raw, min(pdfium.FPDFText_CountChars(text.raw), most))
    finally:
        text.close()


def _read(text: Any, count: int) -> list[Character]:
    made: list[Character] = []
    fonts: dict[int, Font] = {}
    last_key = 0
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    space = False
    for at in range(count):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if code in (0x20, 0x09, 0xA0, 0x0A, 0x0D, 0x3000) or 0x2000 <= code <= 0x200A:
            space = True
            continue
        divides = code in (HYPHEN_AT_LINE_END, 0xAD)
        if divides:
            code = 0x2D
        elif code < 0x20 or code in (0xFFFE, 0xFFFF, 0xFEFF, 0x7F) or (0xD800 <= code <= 0xDFFF and not made):
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, at, box) or not pdfium.FPDFText_GetCharOrigin(text, at, x, y):
            continue
        if 0xDC00 <= code <= 0xDFFF and made and 0xD800 <= ord(made[-1].text[-1]) <= 0xDBFF:
            high = ord(made[-1].text[-1])
            made[-1].text = made[-1].text[:-1] + chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00))
            continue
        thing = pdfium.FPDFText_GetTextObject(text, at)
        key = ctypes.cast(thing, ctypes.c_void_p).value or 0
        if key not in fonts:
            fonts[key] = _font(thing)
        angle = _right_angle(pdfium.FPDFText_GetCharAngle(text, at))
        character = Character(chr(code), box.left, box.bottom, box.right, box.top, x.value, y.value, angle, fonts[key], after_space=space)
        character.size = (box.top - box.bottom) if angle in (0, 180) else (box.right - box.left)
        character.divides_word = divides
        space = False
        if key == last_key or not _is_printed_twice(made, character):
            made.append(character)
        last_key = key
    return made


def _right_angle(radians: float) -> int:
    degrees = -math.degrees(radians) % 360  # PDFium counts clockwise
    nearest = round(degrees / 90) * 90
    return nearest % 360 if abs(degrees - nearest) <= 12 else -1


def _is_printed_twice(made: list[Character], new: Character) -> bool:
    """Bold letters are sometimes the same letter printed again, a hair aside."""
    if not made or new.after_space:
        return False
    last = made[-1]
    return last.text == new.text and abs(last.x - new.x) < 0.12 * new.size and abs(last.y - new.y) < 0.12 * new.size and new.size > 0


def _font(thing: Any) -> Font:
    if not thing:
        return NO_FONT
    font = pdfium.FPDFTextObj_GetFont(thing)
    if not font:
        return NO_FONT
    size = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(max(1, min(size, 512)))
    pdfium.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    name = buffer.value.decode("latin-1").lower().rpartition("+")[2].replace(" ", "")
    weight = pdfium.FPDFFont_GetWeight(font)
    flags = pdfium.FPDFFont_GetFlags(font)
    return Font(
        bold=weight >= _BOLD_WEIGHT or any(part in name for part in _BOLD_NAMES) or bool(flags & (1 << 18)),
        italic=any(part in name for part in _ITALIC_NAMES),
        fixed=bool(flags & 1) or any(part in name for part in _FIXED_NAMES),
        mathematical=any(part in name for part in _MATHEMATICAL_NAMES),
    )
