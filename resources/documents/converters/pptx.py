"""Slides: their shapes from top to bottom, tables, texts of charts, notes of the speaker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from operators.document_model.document import Document
from resources.documents.archives import open_archive
from resources.documents.converters.docx_styles import child, number_of
from resources.documents.converters.docx_text import Run, text_of_runs
from resources.documents.converters.office_graphics import graphics
from resources.documents.converters.office_parts import OfficeParts
from resources.documents.converters.omml import latex_of
from resources.documents.converters.ordinals import shown
from resources.documents.converters.xml_parts import attribute, local
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_POINT: Final = 12_700
"""English metric units."""
Box: TypeAlias = tuple[float, float, float, float]
_TITLES: Final = ("title", "ctrTitle")
_FORMS: Final = {"alphaLc": "a", "alphaUc": "A", "romanLc": "i", "romanUc": "I"}
_LEFT_OUT: Final = ("sldNum", "dt", "ftr", "hdr", "sldImg")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the places that a group names lie on the slide: scaled, then moved."""

    scale: tuple[float, float] = (1.0, 1.0)
    moved: tuple[float, float] = (0.0, 0.0)

    def inside(self, transform: Element | None) -> _Frame:
        """The frame of a group in this one."""
        outer, inner = _rectangle(transform, "off", "ext"), _rectangle(transform, "chOff", "chExt")
        if outer is None or inner is None or not inner[2] or not inner[3]:
            return self
        scale = outer[2] / inner[2], outer[3] / inner[3]
        moved = [self.moved[at] + self.scale[at] * (outer[at] - scale[at] * inner[at]) for at in (0, 1)]
        return _Frame((self.scale[0] * scale[0], self.scale[1] * scale[1]), (moved[0], moved[1]))

    def box(self, transform: Element | None) -> Box | None:
        """In points."""
        if (found := _rectangle(transform, "off", "ext")) is None:
            return None
        left, top = (self.moved[at] + self.scale[at] * found[at] for at in (0, 1))
        right, bottom = left + self.scale[0] * found[2], top + self.scale[1] * found[3]
        return round(left / _POINT, 1), round(top / _POINT, 1), round(right / _POINT, 1), round(bottom / _POINT, 1)


_WHOLE: Final = _Frame()


def _rectangle(transform: Element | None, offset: str, extent: str) -> tuple[int, int, int, int] | None:
    """Left, top, width, height."""
    start, size = child(transform, offset), child(transform, extent)
    if start is None or size is None:
        return None
    try:
        return int(attribute(start, "x")), int(attribute(start, "y")), int(attribute(size, "cx")), int(attribute(size, "cy"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    element: Element
    box: Box | None

    def from_top(self) -> tuple[float, float]:
        """Shapes without a place of their own stand where the layout puts them: first."""
        return (round(self.box[1] / 20), self.box[0]) if self.box else (-1.0, 0.0)


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    with open_archive(content, options) as archive:
        parts = OfficeParts(archive)
        main = parts.main("presentation")
        targets = parts.targets(main)
        links = (
            next((value for key, value in one.attrib.items() if key.endswith("}id")), "") for one in parts.root(main).iter() if local(one) == "sldId"
        )
        slides = [targets[link] for link in links if link in targets]
        slides = slides or sorted(target for target in parts.target_of_kind(main, "slide"))
        if len(slides) > options.pages:
            raise Stopped("page limit", f"it has {len(slides):,} slides, and {options.pages:,} are allowed")
        blocks = [block for number, path in enumerate(slides, 1) for block in _slide(parts, path, number)]
        return Document.of(blocks, title=parts.title(), pages=len(slides))


def _relation(slide: Element) -> str:
    """`sldId` has an id of its own and, in another namespace, that of the relation."""
    return next((value for key, value in slide.attrib.items() if key.endswith("}id")), "")


def _slide(parts: OfficeParts, path: str, number: int) -> Iterator[Block]:
    targets = parts.targets(path)
    shapes = list(_shapes(_tree(parts.root(path)), _WHOLE))
    titles = [one for one in shapes if _placeholder(one.element) in _TITLES]
    others = sorted((one for one in shapes if one not in titles), key=_Shape.from_top)
    for shape in [*titles, *others]:
        place = Place(number, shape.box)
        for block in _shape(parts, shape.element, targets, shape in titles):
            yield block.at(place)
    notes = parts.target_of_kind(path, "notesSlide")
    for part in notes[:1]:
        for shape in _shapes(_tree(parts.root(part)), _WHOLE):
            if _placeholder(shape.element) == "body":
                for block in _text(shape.element):
                    yield block.at(Place(number, None, "notes"))


def _tree(root: Element) -> Element | None:
    return next((one for one in root.iter() if local(one) == "spTree"), None)


def _shapes(tree: Element | None, frame: _Frame) -> Iterator[_Shape]:
    """Shapes, pictures and frames; of groups what is in them."""
    for one in tree if tree is not None else ():
        name = local(one)
        if name == "grpSp":
            yield from _shapes(one, frame.inside(child(one, "grpSpPr", "xfrm")))
        elif name == "AlternateContent":
            yield from _shapes(child(one, "Choice"), frame)
        elif name in ("sp", "pic", "graphicFrame") and _placeholder(one) not in _LEFT_OUT:
            yield _Shape(one, frame.box(next((inner for inner in one.iter() if local(inner) == "xfrm"), None)))


def _placeholder(shape: Element) -> str:
    found = next((one for one in shape.iter() if local(one) == "ph"), None)
    return "" if found is None else attribute(found, "type") or "body"


def _shape(parts: OfficeParts, shape: Element, targets: dict[str, str], is_title: bool) -> Iterator[Block]:
    name = local(shape)
    if name == "pic":
        described = next((attribute(one, "descr") for one in shape.iter() if local(one) == "cNvPr"), "")
        link = next((attribute(one, "embed") for one in shape.iter() if local(one) == "blip"), "")
        yield make.figure(described, targets.get(link, ""))
    elif name == "graphicFrame":
        yield from (_table(one) for one in shape.iter() if local(one) == "tbl")
        yield from graphics(shape, parts, targets)
    elif is_title:
        yield make.heading(" ".join(_lines(shape)), 1)
    else:
        yield from _text(shape)


def _lines(shape: Element) -> list[str]:
    return [text for one in shape.iter() if local(one) == "p" and (text := text_of_runs(_runs(one), plain=True).strip())]


def _text(shape: Element) -> Iterator[Block]:
    """Paragraphs with a bullet, or deeper than the first level, are items of a list."""
    items: list[Item] = []
    counts: dict[int, int] = {}
    body = _placeholder(shape) == "body"
    for one in shape.iter():
        if local(one) != "p":
            continue
        text = text_of_runs(_runs(one)).strip()
        properties = child(one, "pPr")
        depth = number_of(attribute(properties, "lvl")) if properties is not None else 0
        has_none = child(properties, "buNone") is not None
        number = child(properties, "buAutoNum")
        has_bullet = number is not None or child(properties, "buChar") is not None or depth > 0 or (body and not has_none)
        if not text:
            continue
        counts = {other: count for other, count in counts.items() if other <= depth}
        if has_bullet:
            counts[depth] = 0 if number is None else counts.get(depth, 0) + 1
            items.append(Item(text, depth, "-" if number is None else _marker(number, counts[depth])))
            continue
        counts = {}
        if items:
            yield make.bullets(items)
            items = []
        yield make.paragraph(text)
    if len(items) == 1 and items[0].depth == 0 and items[0].marker == "-" and body:
        yield make.paragraph(items[0].text)
    elif items:
        yield make.bullets(items)


def _marker(number: Element, count: int) -> str:
    """The marker of the item of an automatic list that comes at this place: "3.", "(c)"."""
    kind = attribute(number, "type")
    shown_as = shown(
        number_of(attribute(number, "startAt"), 1) + count - 1, next((form for name, form in _FORMS.items() if kind.startswith(name)), "1")
    )
    return f"({shown_as})" if kind.endswith("ParenBoth") else f"{shown_as})" if kind.endswith("ParenR") else f"{shown_as}."


def _runs(paragraph: Element) -> list[Run]:
    made = []
    for one in paragraph.iter():
        name = local(one)
        if name in ("r", "fld") and not one.tag.rpartition("}")[0].endswith("/math"):
            properties = child(one, "rPr")
            bold = properties is not None and attribute(properties, "b") in ("1", "true")
            italic = properties is not None and attribute(properties, "i") in ("1", "true")
            base = attribute(properties, "baseline") if properties is not None else ""
            shift = "superscript" if base.isdigit() and int(base) > 0 else "subscript" if base.startswith("-") else ""
            text = child(one, "t")
            made.append(Run(text.text or "" if text is not None else "", bold, italic, shift))
        elif name == "br":
            made.append(Run("\n"))
        elif name == "oMath":
            made.append(Run(f"${latex_of(one)}$"))
    return made


def _table(element: Element) -> Block:
    rows = []
    for row in element:
        if local(row) == "tr":
            rows.append(
                [
                    "" if attribute(cell, "hMerge") == "1" or attribute(cell, "vMerge") == "1" else "\n".join(_lines(cell))
                    for cell in row
                    if local(cell) == "tc"
                ]
            )
    properties = child(element, "tblPr")
    return make.table(rows, properties is not None and attribute(properties, "firstRow") == "1")
