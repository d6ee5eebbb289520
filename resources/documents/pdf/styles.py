"""How the lines of a document look: what is its usual text, and which sizes its headings have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resources.documents.pdf.page_layout import Line, PageLayout

_LARGER: Final = 1.12
_LONGEST_HEADING: Final = 200


@dataclass(frozen=True, slots=True)
class Styles:
    body: float
    """Size of most of the text."""
    bold_body: bool
    levels: dict[float, int]
    """Size of a heading -> its level."""

    def level_of(self, line: Line) -> int:
        """Of a line that looks like a heading, 1 to 6; 0 for text."""
        if line.size >= _LARGER * self.body:
            return self.levels.get(rounded(line.size), 0)
        return 0


def styles_of(pages: Sequence[PageLayout]) -> Styles:
    sizes: Counter[float] = Counter()
    bold = count = 0
    for line in (line for page in pages for region in page.regions for line in region if line.is_text):
        sizes[rounded(line.size)] += len(line.text)
        count += len(line.text)
        bold += len(line.text) * is_bold(line)
    body = max(sizes, key=lambda size: sizes[size]) if sizes else 10.0
    larger = [size for size in sorted(sizes, reverse=True) if size >= _LARGER * body]
    levels: dict[float, int] = {}
    level, last = 0, float("inf")
    for size in larger:
        if size < 0.95 * last:
            level += 1
            last = size
        levels[size] = min(level, 5)
    return Styles(body, bold > 0.5 * count, levels)


def rounded(size: float) -> float:
    return round(size * 2) / 2


def is_bold(line: Line) -> bool:
    return _share(line, "bold") > 0.8


def is_fixed(line: Line) -> bool:
    return _share(line, "fixed") > 0.8


def mathematical_share(line: Line) -> float:
    return _share(line, "mathematical")


def _share(line: Line, name: str) -> float:
    glyphs = [glyph for fragment in line.fragments for glyph in fragment.glyphs]
    return sum(getattr(glyph.character.font, name) for glyph in glyphs) / len(glyphs) if glyphs else 0.0
