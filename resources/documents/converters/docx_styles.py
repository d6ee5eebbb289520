"""What the styles and the numbering of a DOCX say of its paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from resources.documents.converters.xml_parts import attribute, local

_HEADING: Final = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок|标题|見出し)\s*(\d)", re.IGNORECASE)
_MOST_BASES: Final = 20


@dataclass(frozen=True, slots=True)
class Style:
    name: str = ""
    base: str = ""
    outline: int | None = None
    """0 for headings of the first level."""
    numbering: tuple[str, int] | None = None


@dataclass(slots=True)
class Numbering:
    """Lists by number, and where each of them stands."""

    formats: dict[str, dict[int, tuple[str, int, str]]] = field(default_factory=dict)
    """Number of a list -> level -> (format, first number, text such as "%1.%2")."""
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, number: str, level: int) -> str:
        """The marker of the next item: "3." or "-"; "" for a list that is none."""
        levels = self.formats.get(number)
        if levels is None:
            return "-" if number not in ("", "0") else ""
        kind, first, _ = levels.get(level, ("bullet", 1, ""))
        if kind == "none":
            return ""
        counts = self._counts.setdefault(number, {})
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        counts[level] = counts.get(level, first - 1) + 1
        return "-" if kind == "bullet" else f"{counts[level]}."

    def written(self, number: str, level: int) -> str:
        """The number of a heading as Word shows it, after `next`: "2.1"."""
        levels = self.formats.get(number, {})
        text = levels.get(level, ("", 1, ""))[2]
        counts = self._counts.get(number, {})
        return re.sub(r"%(\d)", lambda found: str(counts.get(int(found[1]) - 1, levels.get(int(found[1]) - 1, ("", 1, ""))[1])), text)


class Styles:
    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Style] = {}
        for element in root.iter() if root is not None else ():
            if local(element) == "style":
                self._styles[attribute(element, "styleId")] = _style(element)

    def names(self, style: str) -> list[str]:
        """Its name, then those that it is based on, in small letters."""
        return [one.name.lower() for one in self._chain(style)]

    def heading_level(self, style: str) -> int:
        """1 to 9; 0 for no heading. The title of a document is of level 1."""
        for one in self._chain(style):
            if found := _HEADING.match(one.name):
                return int(found[1])
            if one.name.lower() == "title":
                return 1
            if one.outline is not None and one.outline < 9:
                return one.outline + 1
        return 0

    def numbering(self, style: str) -> tuple[str, int] | None:
        return next((one.numbering for one in self._chain(style) if one.numbering is not None), None)

    def _chain(self, style: str) -> list[Style]:
        found: list[Style] = []
        while style in self._styles and len(found) < _MOST_BASES:
            found.append(self._styles[style])
            style = found[-1].base
        return found


def child(element: Element | None, *names: str) -> Element | None:
    """The first child of this name, its first child of the next name, and so on."""
    for name in names:
        element = next((one for one in element if local(one) == name), None) if element is not None else None
    return element


def value(element: Element | None, *names: str) -> str:
    found = child(element, *names)
    return attribute(found, "val") if found is not None else ""


def numbering_of(properties: Element | None) -> tuple[str, int] | None:
    """(list, level) that the properties of a paragraph name."""
    numbering = child(properties, "numPr")
    if numbering is None or child(numbering, "numId") is None:
        return None
    level = value(numbering, "ilvl")
    return value(numbering, "numId"), int(level) if level.isdigit() else 0


def read_numbering(root: Element | None) -> Numbering:
    made = Numbering()
    if root is None:
        return made
    lists: dict[str, dict[int, tuple[str, int, str]]] = {}
    for element in root:
        if local(element) == "abstractNum":
            lists[attribute(element, "abstractNumId")] = dict(_level(level) for level in element if local(level) == "lvl")
        elif local(element) == "num":
            made.formats[attribute(element, "numId")] = lists.get(value(element, "abstractNumId"), {})
    return made


def _level(element: Element) -> tuple[int, tuple[str, int, str]]:
    number, start = attribute(element, "ilvl"), value(element, "start")
    first = int(start) if start.isdigit() else 1
    return int(number) if number.isdigit() else 0, (value(element, "numFmt") or "decimal", first, value(element, "lvlText"))


def _style(element: Element) -> Style:
    properties = child(element, "pPr")
    outline = value(properties, "outlineLvl")
    return Style(value(element, "name"), value(element, "basedOn"), int(outline) if outline.isdigit() else None, numbering_of(properties))
