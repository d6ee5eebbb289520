"""XML of any kind (feeds, articles, books, records): the text of each element by itself, in the order of the file.

Elements that HTML has too (`p`, `table`, `li`) mean the same here. Text that holds HTML, as in feeds, is read as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from operators.document_model.document import Document
from operators.text.cleaning.html_text import html_to_text
from resources.documents.converters.html import document_of_html
from resources.documents.converters.html_blocks import HtmlBlocks
from resources.documents.converters.html_tokens import Token
from resources.documents.converters.xml_parts import local, parse_xml
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*\?>")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[>]*>")
"""A document type without declarations of its own does no harm."""
_UNSEEN: Final = frozenset("script style binary".split())
_BLOCKS: Final = frozenset("p table caption thead tbody tfoot tr td th ul ol li dl dt dd h1 h2 h3 h4 h5 h6 pre blockquote br hr img".split())
"""Elements of HTML whose names mean the same elsewhere."""


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    source = decode(content)
    try:
        root = parse_xml(_DOCTYPE.sub("", _DECLARATION.sub("", source, count=1), count=1).encode("utf-8"), name or "the file")
    except Stopped as stopped:
        if stopped.cause == "refused":
            raise
        return document_of_html(source, options)
    return Document.of(HtmlBlocks().of(list(_tokens(root))))


def _tokens(root: Element) -> Iterator[Token]:
    """Elements beside text are part of its line; others stand in lines of their own."""
    waiting: list[Token | tuple[Element, bool]] = [(root, False)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Token):
            yield one
            continue
        element, in_line = one
        if not isinstance(element.tag, str) or (tag := local(element).lower()) in _UNSEEN:
            continue
        tag = tag if tag in _BLOCKS or in_line else "div"
        known = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
        yield Token("open", tag, attributes=known)
        yield from _text(element.text)
        mixed = in_line or any((text or "").strip() for text in [element.text, *(inner.tail for inner in element)])
        after: list[Token | tuple[Element, bool]] = []
        for inner in element:
            after += [(inner, mixed), *_text(inner.tail)]
        waiting += [Token("close", tag), *reversed(after)]


def _text(text: str | None) -> Iterator[Token]:
    if text and "<" in text:
        for part in html_to_text(text).split("\n\n"):
            yield from (Token("open", "div"), Token("text", text=part), Token("close", "div"))
    elif text:
        yield Token("text", text=text)
