"""What the styles and the numbering of a DOCX say of its paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from resources.documents.converters.ordinals import shown
from resources.documents.converters.xml_parts import attribute, local

_HEADING: Final = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок|标题|見出し)\s*(\d)", re.IGNORECASE)
_FORMS: Final = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I", "decimalZero": "01"}
_MOST_BASES: Final = 20


@dataclass(frozen=True, slots=True)
class Style:
    name: str = ""
    base: str = ""
    outline: int | None = None
    """0 for headings of the first level."""
    numbering: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: its form in the words of Word ("upperLetter"), its first number, and what stands before an item ("%1.%2")."""

    form: str = "bullet"
    first: int = 1
    text: str = ""


@dataclass(slots=True)
class Numbering:
    """Lists by number, and where each of them stands."""

    formats: dict[str, dict[int, Level]] = field(default_factory=dict)
    """Number of a list -> its levels."""
    sources: dict[str, str] = field(default_factory=dict)
    """Number of a list -> that of its description. Lists of one description go on counting where the other stopped."""
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    """Number of a list -> level -> the number with which it begins anew."""
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, number: str, level: int) -> str:
        """The marker of the next item: "3.", "(c)" or "-"; "" for a list that is none."""
        levels = self.formats.get(number)
        if levels is None:
            return "-" if number not in ("", "0") else ""
        form = levels.get(level, Level()).form
        if form == "none":
            return ""
        counts = self._counts.setdefault(self.sources.get(number, number), {})
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        first = self.restarts.get(number, {}).pop(level, None)
        counts[level] = counts.get(level, levels.get(level, Level()).first - 1) + 1 if first is None else first
        if form == "bullet":
            return "-"
        return self.written(number, level).strip() or f"{counts[level]}."

    def written(self, number: str, level: int) -> str:
        """The number of an item as Word shows it, after `next`: "2.1"."""
        levels = self.formats.get(number, {})
        counts = self._counts.get(self.sources.get(number, number), {})

        def of_level(found: re.Match[str]) -> str:
            one = levels.get(int(found[1]) - 1, Level())
            return shown(counts.get(int(found[1]) - 1, one.first), _FORMS.get(one.form, "1"))

        return re.sub(r"%([1-9])", of_level, levels.get(level, Level()).text)


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
    return value(numbering, "numId"), number_of(value(numbering, "ilvl"))


def read_numbering(root: Element | None) -> Numbering:
    made = Numbering()
    if root is None:
        return made
    lists: dict[str, dict[int, Level]] = {}
    for element in root:
        if local(element) == "abstractNum":
            lists[attribute(element, "abstractNumId")] = dict(_level(level) for level in element if local(level) == "lvl")
        elif local(element) == "num":
            number, source = attribute(element, "numId"), value(element, "abstractNumId")
            made.formats[number] = dict(lists.get(source, {}))
            made.sources[number] = source
            for change in (one for one in element if local(one) == "lvlOverride"):
                level = number_of(attribute(change, "ilvl"))
                if (other := child(change, "lvl")) is not None:
                    made.formats[number][level] = _level(other)[1]
                if start := value(change, "startOverride"):
                    made.restarts.setdefault(number, {})[level] = number_of(start, 1)
    return made


def number_of(text: str, otherwise: int = 0) -> int:
    """A number of an office file; what is none counts as another."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise


def _level(element: Element) -> tuple[int, Level]:
    form = value(element, "numFmt") or "decimal"
    return number_of(attribute(element, "ilvl")), Level(form, number_of(value(element, "start"), 1), value(element, "lvlText"))


def _style(element: Element) -> Style:
    properties = child(element, "pPr")
    outline = value(properties, "outlineLvl")
    return Style(value(element, "name"), value(element, "basedOn"), number_of(outline) if outline else None, numbering_of(properties))
