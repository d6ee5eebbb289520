"""Slides: their shapes from top to bottom, tables, texts of charts, notes of the speaker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from operators.document_model.document import Document
from resources.documents.archives import open_archive
from resources.documents.converters.docx_styles import child
from resources.documents.converters.docx_text import Run, text_of_runs
from resources.documents.converters.office_parts import OfficeParts
from resources.documents.converters.omml import latex_of
from resources.documents.converters.xml_parts import attribute, local
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_POINT: Final = 12_700
"""English metric units."""
_TITLES: Final = ("title", "ctrTitle")
_LEFT_OUT: Final = ("sldNum", "dt", "ftr", "hdr", "sldImg")


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    with open_archive(content, options) as archive:
        parts = OfficeParts(archive)
        main = parts.main("presentation")
        targets = parts.targets(main)
        order = [attribute(one, "id") for one in parts.root(main).iter() if local(one) == "sldId"]
        slides = [targets[link] for link in (_relation(one, parts, main) for one in order) if link in targets]
        slides = slides or sorted(target for target in parts.target_of_kind(main, "slide"))
        if len(slides) > options.pages:
            raise Stopped("page limit", f"it has {len(slides):,} slides, and {options.pages:,} are allowed")
        blocks = [block for number, path in enumerate(slides, 1) for block in _slide(parts, path, number)]
        return Document.of(blocks, title=parts.title(), pages=len(slides))


def _relation(number: str, parts: OfficeParts, main: str) -> str:
    """The relation of a slide: `sldId` has an id of its own and, in another namespace, that of the relation."""
    for one in parts.root(main).iter():
        if local(one) == "sldId" and attribute(one, "id") == number:
            return next((value for key, value in one.attrib.items() if key.endswith("}id")), "")
    return ""


def _slide(parts: OfficeParts, path: str, number: int) -> Iterator[Block]:
    root = parts.root(path)
    targets = parts.targets(path)
    tree = next((one for one in root.iter() if local(one) == "spTree"), None)
    shapes = list(_shapes(tree)) if tree is not None else []
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    others = sorted((shape for shape in shapes if shape not in titles), key=_from_top)
    for shape in [*titles, *others]:
        place = Place(number, _box(shape))
        for block in _shape(parts, shape, targets, shape in titles):
            yield block.at(place)
    notes = parts.target_of_kind(path, "notesSlide")
    for part in notes[:1]:
        for shape in _shapes(next((one for one in parts.root(part).iter() if local(one) == "spTree"), None)):
            if _placeholder(shape) == "body":
                for block in _text(shape):
                    yield block.at(Place(number, None, "notes"))


def _shapes(tree: Element | None) -> Iterator[Element]:
    """Shapes, pictures and frames; of groups what is in them."""
    for one in tree if tree is not None else ():
        name = local(one)
        if name == "grpSp":
            yield from _shapes(one)
        elif name == "AlternateContent":
            yield from _shapes(child(one, "Choice"))
        elif name in ("sp", "pic", "graphicFrame") and _placeholder(one) not in _LEFT_OUT:
            yield one


def _placeholder(shape: Element) -> str:
    found = next((one for one in shape.iter() if local(one) == "ph"), None)
    return "" if found is None else attribute(found, "type") or "body"


def _box(shape: Element) -> tuple[float, float, float, float] | None:
    frame = next((one for one in shape.iter() if local(one) == "xfrm"), None)
    offset, extent = child(frame, "off"), child(frame, "ext")
    if offset is None or extent is None:
        return None
    try:
        x, y = int(attribute(offset, "x")) / _POINT, int(attribute(offset, "y")) / _POINT
        width, height = int(attribute(extent, "cx")) / _POINT, int(attribute(extent, "cy")) / _POINT
    except ValueError:
        return None
    return round(x, 1), round(y, 1), round(x + width, 1), round(y + height, 1)


def _from_top(shape: Element) -> tuple[float, float]:
    """Shapes without a place of their own stand where the layout puts them: first."""
    box = _box(shape)
    return (round(box[1] / 20), box[0]) if box else (-1.0, 0.0)


def _shape(parts: OfficeParts, shape: Element, targets: dict[str, str], is_title: bool) -> Iterator[Block]:
    name = local(shape)
    if name == "pic":
        described = next((attribute(one, "descr") for one in shape.iter() if local(one) == "cNvPr"), "")
        link = next((attribute(one, "embed") for one in shape.iter() if local(one) == "blip"), "")
        yield make.figure(described, targets.get(link, ""))
    elif name == "graphicFrame":
        for one in shape.iter():
            if local(one) == "tbl":
                yield _table(one)
            elif local(one) == "chart" and (path := targets.get(attribute(one, "id"))):
                yield from _chart(parts, path)
    elif is_title:
        yield make.heading(" ".join(_lines(shape)), 1)
    else:
        yield from _text(shape)


def _lines(shape: Element) -> list[str]:
    return [text for one in shape.iter() if local(one) == "p" and (text := text_of_runs(_runs(one), plain=True).strip())]


def _text(shape: Element) -> Iterator[Block]:
    """Paragraphs with a bullet, or deeper than the first level, are items of a list."""
    items: list[Item] = []
    body = _placeholder(shape) == "body"
    for one in shape.iter():
        if local(one) != "p":
            continue
        text = text_of_runs(_runs(one)).strip()
        properties = child(one, "pPr")
        level = attribute(properties, "lvl") if properties is not None else ""
        depth = int(level) if level.isdigit() else 0
        has_none = child(properties, "buNone") is not None
        number = child(properties, "buAutoNum") is not None
        has_bullet = number or child(properties, "buChar") is not None or depth > 0 or (body and not has_none)
        if not text:
            continue
        if has_bullet:
            items.append(Item(text, depth, f"{sum(item.depth == depth for item in items) + 1}." if number else "-"))
            continue
        if items:
            yield make.bullets(items)
            items = []
        yield make.paragraph(text)
    if len(items) == 1 and items[0].depth == 0 and items[0].marker == "-" and body:
        yield make.paragraph(items[0].text)
    elif items:
        yield make.bullets(items)


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


def _is_merged(cell: Element) -> bool:
    """Whether another cell reaches into it."""
    return attribute(cell, "hMerge") == "1" or attribute(cell, "vMerge") == "1"


def _chart(parts: OfficeParts, path: str) -> Iterator[Block]:
    """The numbers of a chart as a table: a column for each series."""
    try:
        root = parts.root(path)
    except Stopped:
        return
    title = next((one for one in root.iter() if local(one) == "title"), None)
    if title is not None and (text := " ".join(_lines(title))):
        yield make.caption(text)
    names, columns = [""], []
    labels: list[str] = []
    for series in (one for one in root.iter() if local(one) == "ser"):
        names.append(" ".join(_points(child(series, "tx"))))
        labels = labels or _points(child(series, "cat")) or _points(child(series, "xVal"))
        columns.append(_points(child(series, "val")) or _points(child(series, "yVal")))
    height = max(map(len, [labels, *columns]), default=0)
    rows = [[*(column[at] if at < len(column) else "" for column in [labels, *columns])] for at in range(height)]
    if rows:
        yield make.table([names, *rows])


def _points(element: Element | None) -> list[str]:
    return [one.text or "" for one in element.iter() if local(one) == "v"] if element is not None else []
