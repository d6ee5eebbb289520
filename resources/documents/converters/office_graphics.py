"""Charts and diagrams (SmartArt) of office files: parts of their own, which a slide or a paragraph names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item
from resources.documents.converters.docx_styles import child, number_of
from resources.documents.converters.office_parts import OfficeParts
from resources.documents.converters.xml_parts import attribute, local
from resources.documents.stopped import Stopped


def graphics(element: Element, parts: OfficeParts, targets: dict[str, str]) -> Iterator[Block]:
    """All charts and diagrams that stand in a frame. A part that cannot be read gives none."""
    for one in element.iter():
        if local(one) not in ("chart", "relIds"):
            continue
        path = targets.get(attribute(one, "id") or attribute(one, "dm"), "")
        try:
            root = parts.root(path)
        except Stopped:
            continue
        yield from chart(root) if local(one) == "chart" else diagram(root)


def chart(root: Element) -> Iterator[Block]:
    """The numbers of a chart as a table: a column for each series."""
    title = next((one for one in root.iter() if local(one) == "title"), None)
    if title is not None and (text := " ".join(_paragraphs(title))):
        yield make.caption(text)
    names, columns = [""], []
    labels: dict[int, str] = {}
    for series in (one for one in root.iter() if local(one) == "ser"):
        names.append(" ".join(_points(child(series, "tx")).values()))
        labels = labels or _points(child(series, "cat")) or _points(child(series, "xVal"))
        columns.append(_points(child(series, "val")) or _points(child(series, "yVal")))
    places = sorted({place for column in [labels, *columns] for place in column})
    if places:
        yield make.table([names, *([column.get(place, "") for column in [labels, *columns]] for place in places)])


def _points(element: Element | None) -> dict[int, str]:
    """The points by their place: those without a value are left out of the file. Of labels in several levels the parts stand beside each other."""
    if element is None:
        return {}
    levels = [one for one in element.iter() if local(one) == "lvl"]
    if len(levels) > 1:
        return _in_levels([_points(level) for level in reversed(levels)])
    found: dict[int, str] = {}
    for one in element.iter():
        if local(one) == "pt":
            found[number_of(attribute(one, "idx"), len(found))] = _value(one)
    return found or {place: one.text or "" for place, one in enumerate(one for one in element.iter() if local(one) == "v")}


def _in_levels(levels: list[dict[int, str]]) -> dict[int, str]:
    """An outer label counts until the next one."""
    made: dict[int, str] = {}
    for place in sorted(levels[-1]):
        outer = [max((at, text) for at, text in level.items() if at <= place)[1] for level in levels[:-1] if min(level, default=place + 1) <= place]
        made[place] = " ".join([*outer, levels[-1][place]])
    return made


def _value(point: Element) -> str:
    return next((one.text or "" for one in point if local(one) == "v"), "")


def diagram(root: Element) -> Iterator[Block]:
    """The texts of a diagram as a list, each below what it belongs to."""
    points = {attribute(one, "modelId"): one for one in root.iter() if local(one) == "pt"}
    below: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in root.iter():
        if local(one) == "cxn" and attribute(one, "type") in ("", "parOf"):
            below[attribute(one, "srcId")].append((number_of(attribute(one, "srcOrd")), attribute(one, "destId")))
    items: list[Item] = []
    seen: set[str] = set()
    waiting = [(name, -1) for name, point in reversed(points.items()) if attribute(point, "type") == "doc"]
    while waiting:
        name, depth = waiting.pop()
        if name in seen or name not in points:
            continue
        seen.add(name)
        if depth >= 0 and (text := "\n".join(_paragraphs(points[name]))):
            items.append(Item(text, depth))
        waiting += [(other, depth + 1) for _, other in sorted(below[name], reverse=True)]
    if items:
        yield make.bullets(items)


def _paragraphs(element: Element) -> list[str]:
    """The texts of its paragraphs."""
    texts = ("".join(one.text or "" for one in paragraph.iter() if local(one) == "t") for paragraph in element.iter() if local(paragraph) == "p")
    return [text for text in texts if text.strip()]
