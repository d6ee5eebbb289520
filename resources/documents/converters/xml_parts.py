"""XML of unknown origin: no entities, no outside files, a limited depth."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from resources.documents.stopped import Stopped

_DECLARATIONS: Final = re.compile(rb"<!(?:ENTITY|DOCTYPE)")
MOST_DEPTH: Final = 1000


class _Builder(ElementTree.TreeBuilder):
    """Ends a document whose elements are nested too deep, before anything walks through it."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise Stopped("refused", f"its elements are nested more than {MOST_DEPTH:,} deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)


def parse_xml(content: bytes, part: str) -> ElementTree.Element:
    """The root of a part.

    Raises:
        Stopped: it is not well-formed, declares entities or a document type (office files have neither), or is nested too deep.
    """
    if _DECLARATIONS.search(content) or b"<\0!\0" in content or b"\0<\0!" in content:
        raise Stopped("refused", f"{part} declares entities or a document type")
    try:
        return ElementTree.fromstring(content, ElementTree.XMLParser(target=_Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Stopped("damaged", f"{part} is no XML: {error}") from None


def local(element: ElementTree.Element) -> str:
    """The name of an element without its namespace: strict and transitional office files differ in that alone."""
    return element.tag.rpartition("}")[2]


def attribute(element: ElementTree.Element, name: str) -> str:
    """An attribute by its name without namespace; "" where there is none."""
    if (value := element.get(name)) is not None:
        return value
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
