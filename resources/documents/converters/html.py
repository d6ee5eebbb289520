"""HTML to blocks.

By default the main text: what trafilatura finds, where it is installed, or else the page without navigation, forms and blocks of links.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from typing import Any, Final

from operators.bases.html.boilerplate import Boilerplate
from operators.bases.html.xhtml import as_html, is_xhtml
from operators.document_model.blocks import Block, one_line
from operators.document_model.document import Document
from resources.documents.converters.html_blocks import HtmlBlocks
from resources.documents.converters.html_tokens import Token, tokens_of
from resources.documents.encodings import decode
from resources.documents.options import Options

_ARTICLE_CHARACTERS: Final = 250
"""A shorter main text is none: the page has another form than an article."""


def prepare(kind: str, options: Options) -> None:
    if _uses_trafilatura(options):
        importlib.import_module("trafilatura")


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    source = decode(content)
    return document_of_html(as_html(source) if is_xhtml(source) else source, options)


def document_of_html(source: str, options: Options, part: str = "") -> Document:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    title = _title(tree)
    if _uses_trafilatura(options) and (article := _article(source)):
        return Document.of(article, title=title)
    return Document.of(blocks_of_html(tree, options.html == "whole", part), title=title)


def blocks_of_html(tree: Any, whole: bool, part: str = "") -> list[Block]:
    """The blocks of a parsed page, with or without boilerplate. `part` is the file's part that it is, such as a chapter."""
    root = tree.root
    if root is None:
        return []
    tokens = tokens_of(root)
    return HtmlBlocks(part).of(tokens if whole else without_boilerplate(tokens))


def without_boilerplate(tokens: list[Token]) -> list[Token]:
    watch = Boilerplate()
    for at, token in enumerate(tokens):
        if token.what == "text":
            watch.read(token.text)
        elif token.what == "open":
            watch.enter(token.tag, at)
        else:
            watch.leave(token.tag, at + 1)
    return watch.without(tokens)


def _uses_trafilatura(options: Options) -> bool:
    return options.html == "main" and importlib.util.find_spec("trafilatura") is not None


def _article(source: str) -> list[Block]:
    """What trafilatura takes for the article, as blocks; none where it finds too little."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.extract(
        source, output_format="html", include_comments=False, include_tables=True, include_formatting=True, include_images=True
    )
    if not found or len(found) < _ARTICLE_CHARACTERS:
        return []
    from selectolax.lexbor import LexborHTMLParser

    blocks = blocks_of_html(LexborHTMLParser(found), True)
    return blocks if sum(len(block.text) for block in blocks) >= _ARTICLE_CHARACTERS else []


def _title(tree: Any) -> str:
    for selector in ("head > title", "title"):
        if (node := tree.css_first(selector)) is not None and (text := one_line(node.text() or "")):
            return text
    return ""
