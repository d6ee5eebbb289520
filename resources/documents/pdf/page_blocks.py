"""Lines in reading order as blocks: headings, paragraphs, lists, code, formulas, captions, footnotes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Kind, Place
from operators.document_model.pictures import place_target
from resources.documents.converters.inline import lowered, raised
from resources.documents.pdf.fragments import is_right_to_left
from resources.documents.pdf.page_layout import Line, PageLayout
from resources.documents.pdf.styles import Styles, is_bold, is_fixed, mathematical_share
from resources.documents.pdf.words import joined, whole_letters

_BULLET: Final = re.compile(r"([•●◦▪▫■□‣⁃∙·–—*❖➢➤✓✔\uf0b7\uf0a7\uf0d8-])\s+(?=\S)")
_NUMBER: Final = re.compile(r"(\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])\s+(?=\S)")
_SECTION: Final = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[A-Z](?:\.\d{1,2}){1,3}\.?|[IVX]{1,5}\.|(?:Chapter|Section|Appendix|Part|Article) [\dIVXA-Z]+\b[.:]?)\s+\S"
)
_CAPTION: Final = re.compile(
    r"(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)|tabelle|tableau|figura|tabla|scheme|listing|algorithm|chart|exhibit|图|表|圖|図|그림|표)\s*"
    r"(?:[A-Z]?\d+(?:[.-]\d+)*|[IVX]+)\s*(?:[.:|)—–]|$|\s)",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(r"[.!?:;。！？：；…؟۔]['\"”’)\]]*$")
_FOOTNOTE_MARK: Final = re.compile(r"(\d{1,3}|[*†‡§¶]{1,3})\)?\s*")
_OPERATORS: Final = re.compile(r"[=≈≠≤≥∑∫∏√∂∇∞±×÷∈∉⊂⊆∪∩→↦∀∃]")
_LONGEST_HEADING: Final = 220


@dataclass(slots=True)
class _Part:
    """Lines of one block, with what kind it seems to be."""

    kind: Kind
    lines: list[Line]
    level: int = 0


class PageBlocks:
    """Makes the blocks of one page after the other."""

    def __init__(self, styles: Styles, words: Collection[str]) -> None:
        self._styles = styles
        self._words = words

    def of(self, page: PageLayout) -> list[list[Block]]:
        """The blocks of each region of a page."""
        made = ([block for part in self._parts(region, page) for block in self._blocks(part, page)] for region in page.regions)
        return [_with_lists_joined(blocks) for blocks in made]

    # Which lines belong together

    def _parts(self, region: Sequence[Line], page: PageLayout) -> Iterator[_Part]:
        texts = [line for line in region if line.is_text]
        left = min((line.left for line in texts), default=0.0)
        right = max((line.right for line in texts), default=0.0)
        leading = _leading(texts)
        current: _Part | None = None
        last: Line | None = None
        for line in region:
            if not line.is_text:
                if current is not None:
                    yield current
                    current = None
                yield _Part("table" if line.table else "figure", [line])
                last = None
                continue
            kind, level = self._looks_like(line, page)
            if current is None or last is None or self._begins(current, last, line, kind, level, (left, right), leading):
                if current is not None:
                    yield current
                current = _Part(kind, [line], level)
            else:
                current.lines.append(line)
            last = line
        if current is not None:
            yield current

    def _looks_like(self, line: Line, page: PageLayout) -> tuple[Kind, int]:
        text = line.text.strip()
        if _CAPTION.match(text) and line.size <= 1.15 * self._styles.body:
            return "caption", 0
        if is_fixed(line) and len(text) > 2:
            return "code", 0
        if self._is_footnote(line, page):
            return "footnote", 0
        level = self._styles.level_of(line)
        if level and any(character.isalpha() for character in text):
            return "heading", level
        if is_bold(line) and not self._styles.bold_body and _is_title(text) and line.size >= 0.95 * self._styles.body:
            return "heading", min(6, max(self._styles.levels.values(), default=1) + 1)
        if _BULLET.match(text) or (_NUMBER.match(text) and not _SECTION_ALONE.match(text)):
            return "list", 0
        if _is_formula(line):
            return "formula", 0
        return "paragraph", 0

    def _is_footnote(self, line: Line, page: PageLayout) -> bool:
        if line.size > 0.93 * self._styles.body or line.top < 0.5 * page.height:
            return False
        first = line.fragments[0].glyphs
        mark = _FOOTNOTE_MARK.match(line.text)
        return mark is not None and (first[0].raised == 1 or first[0].size < 0.8 * line.size or not mark[1].isdigit() or ")" in mark[0])

    def _begins(self, part: _Part, last: Line, line: Line, kind: Kind, level: int, edges: tuple[float, float], leading: float) -> bool:
        """Whether a line begins another block than the line above it."""
        left, right = edges
        size = max(last.size, line.size)
        step = line.bottom - last.bottom
        if step > 1.45 * max(leading, 0.9 * size) or step < -0.5 * size:
            return not (part.kind == "code" and kind == "code" and 0 < step < 4 * leading)
        if kind in ("caption", "footnote") or (kind == "list" and part.kind != "code"):
            return True
        if part.kind == "heading" or kind == "heading":
            same = part.kind == kind and level == part.level and is_bold(last) == is_bold(line)
            return not same or _SECTION.match(line.text) is not None or step > 1.9 * size
        if part.kind == "code" or kind == "code":
            return part.kind != kind
        if part.kind == "formula" or kind == "formula":
            return part.kind != kind
        if abs(line.size - last.size) > 0.12 * size and len(line.text) > 3 and len(last.text) > 3:
            return True
        if part.kind == "list":
            hanging = part.lines[0].left + 0.3 * size
            if line.left < hanging and len(part.lines) > 1 and part.lines[1].left > hanging:
                return True
            return line.left < hanging - 0.2 * size and _ends_early(last, right, size) and _ENDS.search(last.text) is not None
        if part.kind in ("caption", "footnote"):
            return step > 1.25 * max(leading * line.size / max(self._styles.body, 1.0), 0.9 * size)
        if is_right_to_left(line.text):
            return last.left > left + 4 * size and _ENDS.search(last.text.strip()) is not None
        if (
            line.left - left > 0.8 * size
            and last.left - left < 0.4 * size
            and line.left - last.left < 6 * size
            and line.right > left + 0.5 * (right - left)
        ):
            return True
        return _ends_early(last, right, size) and _ENDS.search(last.text.strip()) is not None

    # What they say

    def _blocks(self, part: _Part, page: PageLayout) -> Iterator[Block]:
        place = Place(page.number, _around(part.lines))
        first = part.lines[0]
        if part.kind == "table":
            rows = [[whole_letters(cell) for cell in row] for row in first.table]
            yield make.table(rows, place=place)
        elif part.kind == "figure":
            yield make.figure(whole_letters(first.text), place_target((page.number, first.box)), place)
        elif part.kind == "code":
            yield make.code(_code(part.lines), place=place)
        elif part.kind == "formula":
            yield make.formula("\n".join(self._line(line) for line in part.lines), place)
        else:
            text = self._text(part.lines)
            if part.kind == "heading" and (len(text) > _LONGEST_HEADING or len(part.lines) > 5):
                yield make.paragraph(text, place)
            elif part.kind == "heading":
                yield make.heading(text, part.level, place)
            elif part.kind == "caption":
                yield make.caption(text, place)
            elif part.kind == "footnote":
                mark = _FOOTNOTE_MARK.match(whole_letters(first.text))
                label = mark[1] if mark else "note"
                rest = _FOOTNOTE_MARK.sub("", self._text(part.lines, plain_start=True), count=1)
                yield make.footnote(label, rest, place)
            elif part.kind == "list":
                marker = _NUMBER.match(text)
                mark_of_item = marker or _BULLET.match(text)
                shown = re.sub(r"^\((?=\d)", "", marker[1]) if marker else "-"
                yield make.bullets([Item(text[mark_of_item.end() :] if mark_of_item else text, 0, shown)], place)
            else:
                yield make.paragraph(text, place)

    def _text(self, lines: Sequence[Line], plain_start: bool = False) -> str:
        return joined([self._line(line, plain_start and place == 0) for place, line in enumerate(lines)], self._words)

    def _line(self, line: Line, plain_start: bool = False) -> str:
        """The text of a line, with raised and lowered characters as such."""
        parts: list[str] = []
        for fragment in line.fragments:
            run, state = "", 0
            pieces: list[str] = []
            for place, glyph in enumerate(fragment.glyphs):
                raised_now = 0 if plain_start and not pieces and not run.strip() else glyph.raised
                if raised_now != state:
                    pieces.append(_shifted(run, state))
                    run, state = "", raised_now
                run += f" {glyph.text}" if glyph.space and place else glyph.text
            pieces.append(_shifted(run, state))
            parts.append("".join(pieces))
        return whole_letters(" ".join(parts))


_SECTION_ALONE: Final = re.compile(r"\d{1,2}\.\s+[A-Z][^.!?]{0,60}$")


def _shifted(text: str, state: int) -> str:
    space = text[: len(text) - len(text.lstrip())]
    return space + (raised(text.strip()) if state == 1 else lowered(text.strip())) if state and text.strip() else text


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance from one line to the next."""
    steps = [b.bottom - a.bottom for a, b in itertools.pairwise(lines) if 0.7 * a.size < b.bottom - a.bottom < 2.2 * a.size]
    return median(steps) if steps else 1.2 * (lines[0].size if lines else 10.0)


def _ends_early(line: Line, right: float, size: float) -> bool:
    return line.right < right - 2.5 * size


def _is_title(text: str) -> bool:
    return (len(text) <= 100 and not text.endswith((".", ",", ";")) and sum(map(str.isalpha, text)) >= 2) or (
        _SECTION.match(text) is not None and len(text) < 120
    )


def _is_formula(line: Line) -> bool:
    text = line.text.strip()
    share = mathematical_share(line)
    return len(text) > 2 and (
        share > 0.45 or (share > 0.2 and _OPERATORS.search(text) is not None and len(text.split()) < 25 and not _ENDS.search(text))
    )


def _code(lines: Sequence[Line]) -> str:
    """Lines of code with their indents, as many spaces as characters fit."""
    left = min(line.left for line in lines)
    widths = [glyph.right - glyph.left for line in lines for fragment in line.fragments for glyph in fragment.glyphs]
    width = max(median(widths) if widths else 5.0, 1.0)
    made = []
    for line in lines:
        text = ""
        for fragment in line.fragments:
            text = text.ljust(round((fragment.left - left) / width) if not text else max(len(text) + 1, round((fragment.left - left) / width)))
            text += fragment.text
        made.append(whole_letters(text.rstrip()))
    return "\n".join(made)


def _around(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    boxes = [line.box for line in lines]
    return min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes)


def _with_lists_joined(blocks: Sequence[Block]) -> list[Block]:
    """Items that follow each other are one list, deeper where they stand further to the right."""
    made: list[Block] = []
    indents: list[float] = []
    for block in blocks:
        left = block.place.box[0] if block.place.box else 0.0
        if block.kind == "list" and made and made[-1].kind == "list" and block.items and made[-1].place.box and block.place.box:
            while indents and left < indents[-1] - 4:
                indents.pop()
            if not indents or left > indents[-1] + 4:
                indents.append(left)
            item = Item(block.items[0].text, len(indents) - 1, block.items[0].marker)
            a, b = made[-1].place.box, block.place.box
            box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
            made[-1] = make.bullets([*made[-1].items, item], Place(block.place.page, box))
        else:
            indents = [left]
            made.append(block)
    return made
