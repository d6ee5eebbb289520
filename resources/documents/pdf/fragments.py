"""Pieces of lines: characters that follow each other on one line without a wide gap."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from resources.documents.pdf.characters import Character
from resources.documents.pdf.frame import Frame

WIDE_GAP: Final = 1.0
"""Of the font's height: the space between columns, and in tables, is wider; between words it is narrower."""
SPACE: Final = 0.16
"""Of the font's height: a gap that is a space, even where the file has none."""
_ALEFS: Final = "اأإآٱ"


@dataclass(slots=True)
class Glyph:
    """A character in the coordinates in which its line is level: u along the line, v downwards."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    base: float
    size: float
    character: Character
    space: bool
    """Whether a space stands before it."""
    raised: int = 0
    """1 for superscripts, -1 for subscripts."""


@dataclass(slots=True)
class Fragment:
    """Part of a line, with its box in the same coordinates."""

    glyphs: list[Glyph]
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    base: float = 0.0
    size: float = 0.0
    """Height of its largest usual character."""
    text: str = field(default="")

    def __post_init__(self) -> None:
        usual = [glyph for glyph in self.glyphs if not glyph.raised] or self.glyphs
        self.left = min(glyph.left for glyph in self.glyphs)
        self.right = max(glyph.right for glyph in self.glyphs)
        self.size = _most_common_size(usual)
        self.base = sorted(glyph.base for glyph in usual)[len(usual) // 2]
        self.top = self.base - 0.8 * self.size
        self.bottom = self.base + 0.2 * self.size
        self.text = text_of(self.glyphs)

    @property
    def width(self) -> float:
        return self.right - self.left


def _most_common_size(glyphs: Sequence[Glyph]) -> float:
    sizes = Counter(round(glyph.size * 4) / 4 for glyph in glyphs)
    return max(sizes, key=lambda size: (sizes[size], size))


def fragments_of(characters: Sequence[Character], frame: Frame) -> list[Fragment]:
    """The fragments of characters of one direction, in the order of the content."""
    made: list[Fragment] = []
    current: list[Glyph] = []
    for character in characters:
        glyph = _glyph(character, frame)
        if current and not _follows(current, glyph):
            made.append(Fragment(current))
            current = []
        if not current:
            glyph.space = False
        elif _is_reversed_ligature(current[-1], glyph):
            current[-1].text, glyph.text = glyph.text, current[-1].text
        current.append(glyph)
    if current:
        made.append(Fragment(current))
    return made


def _glyph(character: Character, frame: Frame) -> Glyph:
    left, top, right, bottom = frame.of_box(character.left, character.bottom, character.right, character.top)
    base = frame.of_point(character.x, character.y)[1]
    return Glyph(character.text, left, right, top, bottom, base, max(character.size, 0.5), character, character.after_space)


def _follows(current: list[Glyph], new: Glyph) -> bool:
    """Whether a character goes on with the line: near the last one, on its base line, or raised or lowered and smaller."""
    last = current[-1]
    size = max(last.size, new.size)
    gap = max(new.left - last.right, last.left - new.right)
    if gap > WIDE_GAP * size or (new.right < last.left and not _is_right_to_left(new.text) and not _is_right_to_left(last.text)):
        return False
    if new.left < current[0].left - 2 * size and not (_is_right_to_left(new.text) or _is_right_to_left(last.text)):
        return False
    usual = last if not last.raised else next((glyph for glyph in reversed(current) if not glyph.raised), last)
    shift = usual.base - new.base
    if abs(shift) <= 0.15 * size:
        new.raised = 0
    elif abs(shift) <= 0.65 * size and new.size < 0.85 * usual.size and gap < 0.5 * size:
        new.raised = 1 if shift > 0 else -1
    elif abs(shift) <= 0.65 * size and usual.size < 0.85 * new.size and gap < 0.5 * size and len(current) <= 3:
        for glyph in current:
            glyph.raised = -1 if shift > 0 else 1
    elif abs(shift) > 0.3 * size:
        return False
    if unicodedata.combining(new.text[0]):
        new.space = False
    elif not new.space and not _is_right_to_left(new.text):
        new.space = new.left - last.right > SPACE * size * (2.2 if last.character.font.mathematical or new.raised else 1.4)
    return True


def _is_right_to_left(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) in ("R", "AL", "AN", "NSM")


def is_right_to_left(text: str) -> bool:
    """Whether more of a text's letters are read from right to left."""
    kinds = Counter(unicodedata.bidirectional(character) for character in text)
    return kinds["R"] + kinds["AL"] > kinds["L"]


def _is_reversed_ligature(last: Glyph, new: Glyph) -> bool:
    """Lam and alef are written as one sign, which PDFium takes apart from left to right."""
    return new.text == "ل" and last.text in _ALEFS and abs(new.left - last.left) < 0.01 and abs(new.right - last.right) < 0.01


def text_of(glyphs: Sequence[Glyph]) -> str:
    return "".join(f" {glyph.text}" if glyph.space and place else glyph.text for place, glyph in enumerate(glyphs))
