"""Lines at the edges of pages that come again on other pages: running heads, footers, page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

from resources.documents.pdf.page_layout import Line, PageLayout

_EDGE: Final = 0.14
"""Of the page's height, above and below."""
_NARROW_EDGE: Final = 0.085
"""Where a number that stands alone is the page's."""
_MARGIN: Final = 0.065
"""What stands this near to the edge, alone, short and no larger than the text, is of the page and not of the text."""
_MARGIN_ABOVE: Final = 0.05
_LONGEST: Final = 140
_FEWEST_LINES: Final = 8
_SHARE: Final = 0.3
_FEWEST: Final = 3
_DIGITS: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"\W*(?:(?:page|seite|página|pagina|p\.|стр\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de|sur|из|-|–)\s*\d{1,4})?\s*(?:页|頁|ページ|쪽)?\W*",
    re.IGNORECASE,
)


def without_repeated_lines(pages: Sequence[PageLayout]) -> None:
    """Take them out of the pages."""
    places: dict[tuple[bool, str], list[tuple[int, float]]] = defaultdict(list)
    for page in pages:
        for line, from_edge, above in _at_edges(page, _EDGE):
            places[above, _key(line.text)].append((page.number, from_edge))
    least = max(2, min(_FEWEST, len(pages) // 2 + 1)) if len(pages) < 6 else max(_FEWEST, round(_SHARE * len(pages)) if len(pages) < 12 else _FEWEST)
    for page in pages:
        dropped = set()
        texts = [line for region in page.regions for line in region if line.is_text]
        usual = median(line.size for line in texts) if texts else 0.0
        for line, from_edge, above in _at_edges(page, _EDGE):
            found = places[above, _key(line.text)]
            alike = {number for number, other in found if abs(other - from_edge) < 6}
            if len(alike) >= least and len(pages) > 1:
                dropped.add(id(line))
        for line, from_edge, above in _at_edges(page, _NARROW_EDGE):
            numbered = _is_page_number(line.text) or _is_running_head(line)
            small = from_edge < (_MARGIN_ABOVE if above else _MARGIN) * page.height and len(line.text) < _LONGEST and line.size <= usual * 1.05
            if (numbered and _stands_alone(line, page, 0.6)) or (small and len(texts) > _FEWEST_LINES and _stands_alone(line, page, 1.3)):
                dropped.add(id(line))
        if dropped:
            page.regions = [kept for region in page.regions if (kept := [line for line in region if id(line) not in dropped])]


def _at_edges(page: PageLayout, share: float) -> list[tuple[Line, float, bool]]:
    """Lines near the upper or lower edge: each with its distance from it, and whether it is the upper one."""
    found = []
    for region in page.regions:
        for line in region:
            if not line.is_text:
                continue
            if line.top < share * page.height:
                found.append((line, line.top, True))
            elif line.bottom > (1 - share) * page.height:
                found.append((line, page.height - line.bottom, False))
    return found


def _is_page_number(text: str) -> bool:
    return _PAGE_NUMBER.fullmatch(text.strip()) is not None and any(character.isalnum() for character in text)


def _is_running_head(line: Line) -> bool:
    """Whether a number stands at one end of a line, away from the rest."""
    if len(line.fragments) < 2:
        return False
    return any(_DIGITS.fullmatch(fragment.text.strip()) for fragment in (line.fragments[0], line.fragments[-1])) and len(line.text) < 120


def _key(text: str) -> str:
    """The same for "Page 3" and "Page 4"."""
    return _DIGITS.sub("#", " ".join(text.split()).lower())


def _stands_alone(line: Line, page: PageLayout, heights: float) -> bool:
    """Whether nothing is within so many of its heights above or below it."""
    for region in page.regions:
        for other in region:
            if other is line or abs(other.top - line.top) < 0.5 * line.size:
                continue
            gap = max(other.top - line.bottom, line.top - other.bottom)
            if gap < heights * line.size and not (other.right < line.left - 40 or other.left > line.right + 40):
                return False
    return True
