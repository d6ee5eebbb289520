"""Word files, strict and transitional: text boxes, notes, content controls, tracked insertions and formulas too.

Read from the XML itself: of these, python-docx shows none, and it refuses strict files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item
from operators.document_model.document import Document
from resources.documents.archives import open_archive
from resources.documents.converters.docx_styles import Styles, child, number_of, numbering_of, read_numbering, value
from resources.documents.converters.docx_text import ParagraphText, text_of_runs
from resources.documents.converters.office_graphics import graphics
from resources.documents.converters.office_parts import OfficeParts
from resources.documents.converters.xml_parts import attribute, local
from resources.documents.options import Options

_AROUND: Final = frozenset("sdt sdtContent ins moveTo smartTag customXml body AlternateContent Choice".split())
"""Elements that only stand around others."""
_IN_CELLS: Final = _AROUND | {"tbl", "tr", "tc"}


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    with open_archive(content, options) as archive:
        parts = OfficeParts(archive)
        main = parts.main("document")
        return Document.of(_Docx(parts, main).blocks(), title=parts.title())


class _Docx:
    def __init__(self, parts: OfficeParts, main: str) -> None:
        self._parts, self._main = parts, main
        self._styles = Styles(parts.related(main, "styles"))
        self._numbering = read_numbering(parts.related(main, "numbering"))
        self._targets = parts.targets(main)
        self._items: list[Item] = []
        self._code: list[str] = []
        self._pictures: list[tuple[str, str]] = []
        """Those in the cells of a table: what is seen, and the name of the file."""

    def blocks(self) -> Iterator[Block]:
        yield from self._inside(self._parts.root(self._main))
        yield from self._pending()
        for kind in ("footnotes", "endnotes"):
            root = self._parts.related(self._main, kind)
            for note in root if root is not None else ():
                number = attribute(note, "id")
                if local(note) in ("footnote", "endnote") and attribute(note, "type") in ("", "normal"):
                    yield make.footnote(f"{'e' if kind == 'endnotes' else ''}{number}", "\n".join(self._texts(note)))

    def _inside(self, element: Element) -> Iterator[Block]:
        for one in element:
            name = local(one)
            if name == "p":
                yield from self._paragraph(one)
            elif name == "tbl":
                yield from self._pending()
                yield self._table(one)
                yield from (make.figure(described, target) for described, target in self._pictures)
                self._pictures = []
            elif name in _AROUND:
                yield from self._inside(one)

    def _pending(self) -> Iterator[Block]:
        """The list or the code that the next block ends."""
        if self._items:
            yield make.bullets(self._items)
            self._items = []
        if self._code:
            yield make.code("\n".join(self._code))
            self._code = []

    def _paragraph(self, element: Element) -> Iterator[Block]:
        read = ParagraphText(element, self._targets)
        properties = child(element, "pPr")
        style = value(properties, "pStyle")
        names = self._styles.names(style)
        text = text_of_runs(read.runs)
        outline = number_of(value(properties, "outlineLvl"), 9)
        level = self._styles.heading_level(style) or (outline + 1 if outline < 9 else 0)
        numbering = numbering_of(properties) or self._styles.numbering(style)
        if level and text.strip():
            yield from self._pending()
            yield make.heading(f"{self._heading_number(numbering)}{text_of_runs(read.runs, plain=True)}", level)
        elif any("code" in name or "preformatted" in name or "source" in name for name in names):
            yield from self._list_end()
            self._code.append(text_of_runs(read.runs, plain=True))
        elif numbering is not None and text.strip() and (marker := self._numbering.next(*numbering)):
            yield from self._code_end()
            self._items.append(Item(text, numbering[1], marker))
        elif text.strip():
            yield from self._pending()
            is_caption = any(name in ("caption", "beschriftung", "legend") for name in names)
            quoted = any("quote" in name for name in names)
            yield make.caption(text) if is_caption else make.paragraph("\n".join(f"> {line}" for line in text.split("\n")) if quoted else text)
        for formula in read.formulas:
            yield from self._pending()
            yield make.formula(formula)
        for described, target in read.pictures:
            yield from self._pending()
            yield make.figure(described, target)
        for frame in read.graphics:
            yield from self._pending()
            yield from graphics(frame, self._parts, self._targets)
        for box in read.boxes:
            yield from self._pending()
            yield from self._inside(box)

    def _heading_number(self, numbering: tuple[str, int] | None) -> str:
        marker = self._numbering.next(*numbering) if numbering is not None else ""
        return f"{marker} " if marker not in ("", "-") else ""

    def _list_end(self) -> Iterator[Block]:
        if self._items:
            yield make.bullets(self._items)
            self._items = []

    def _code_end(self) -> Iterator[Block]:
        if self._code:
            yield make.code("\n".join(self._code))
            self._code = []

    def _table(self, element: Element) -> Block:
        rows: list[list[str]] = []
        header = False
        for row in _rows(element):
            properties = child(row, "trPr")
            header = header or (not rows and child(properties, "tblHeader") is not None)
            cells = [""] * min(number_of(value(properties, "gridBefore")), 60)
            for cell in _cells(row):
                settings = child(cell, "tcPr")
                across = value(settings, "gridSpan")
                merged = child(settings, "vMerge")
                goes_on = merged is not None and attribute(merged, "val") in ("", "continue")
                cells.append("" if goes_on else self._cell(cell))
                cells += [""] * (min(number_of(across, 1), 60) - 1)
            rows.append(cells)
        look = child(element, "tblPr", "tblLook")
        first = look is not None and (attribute(look, "firstRow") in ("1", "true") or _has_bit(attribute(look, "val"), 0x20))
        return make.table(rows, header or first)

    def _cell(self, cell: Element) -> str:
        """The text of a cell, with what stands in tables and boxes inside it. Its pictures stand after the table."""
        return "\n".join(text for text in self._texts(cell) if text.strip())

    def _texts(self, element: Element) -> Iterator[str]:
        for one in element:
            if local(one) == "p":
                read = ParagraphText(one, self._targets)
                properties = child(one, "pPr")
                numbering = numbering_of(properties) or self._styles.numbering(value(properties, "pStyle"))
                text = text_of_runs(read.runs)
                marker = self._numbering.next(*numbering) if numbering is not None and text.strip() else ""
                yield f"{marker} {text}" if marker not in ("", "-") else text
                yield from (f"${formula}$" for formula in read.formulas)
                self._pictures += read.pictures
                for box in read.boxes:
                    yield from self._texts(box)
            elif local(one) in _IN_CELLS:
                yield from self._texts(one)


def _rows(table: Element) -> Iterator[Element]:
    for one in table:
        if local(one) == "tr":
            yield one
        elif local(one) in _AROUND:
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    for one in row:
        if local(one) == "tc":
            yield one
        elif local(one) in _AROUND:
            yield from _cells(one)


def _has_bit(text: str, bit: int) -> bool:
    try:
        return bool(int(text, 16) & bit)
    except ValueError:
        return False
