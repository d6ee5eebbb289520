"""HTML to text, by a real parser; text that is not HTML stays as it is."""

from __future__ import annotations

import html
import re
from typing import Any, Final

import pyarrow as pa
from pydantic import Field

from operators.bases.code_spans import code_spans
from operators.bases.html.boilerplate import Boilerplate, without_repeated_blocks
from operators.bases.html.tags import is_document, markup_spans
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_DROPPED: Final = frozenset("script style noscript template head title svg iframe object embed canvas audio video".split())
"""Nobody sees their text."""
_PARAGRAPHS: Final = frozenset(
    "address article aside blockquote body center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html "
    "main menu ol p pre "
    "section table ul".split()
)
_LINES: Final = frozenset("br caption dd dt legend li option summary tr".split())
_CELLS: Final = frozenset(("td", "th"))
_SPACES: Final = re.compile(r"[ \t\n\r]+")
_BREAKS: Final = re.compile(r"([\v\f]+)")
_EMPTY_ITEM: Final = re.compile(r"\n-[ \t]*\n")
_EMPTY_ITEMS: Final = re.compile(r"^-[ \t]*\n+", re.MULTILINE)
_BLANK_LINES: Final = re.compile(r"\n{3,}")


class HtmlToText(Refine):
    """Turn HTML into text: documents, and the tags left in Markdown or plain text. "a < b and c > d", code and type parameters are not HTML and stay.

    Scripts, styles and comments go, and every word that a reader sees stays; paragraphs, list items ("- ") and table rows become lines; `pre` and
    `code` become Markdown code, so that tags which a text writes about are still there when it is read again. With `boilerplate=False` navigation,
    footers, small forms, blocks that are little but links, and rows of blocks that come a second time go as well. Programs that write tags (JSX), and
    sentences about tags, are not HTML.
    """

    covers = ("HtmlUrlRemoverRefiner",)
    source = "Lexbor (HTML Living Standard), through selectolax"
    asks = ("strip tags and get plain text", "convert HTML to readable text", "get rid of markup, div and span")

    input_text = Input(str)
    boilerplate: bool = Field(True, description="Keep navigation, footers, forms and buttons, which readers see but seldom read.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"<[A-Za-z/!]", lambda value: html_to_text(value, self.boilerplate))


def html_to_text(text: str, boilerplate: bool = True) -> str:
    """The text of a document or fragment; the same text where there is no HTML in it."""
    if is_document(text):
        return _without_markup(_read(text, False, boilerplate))
    spans = markup_spans(text)
    if not spans:
        return text
    return _without_markup(_read(_escape_all_but(text, spans), True, boilerplate))


def _escape_all_but(text: str, spans: list[tuple[int, int]]) -> str:
    """Hide from the parser every "<" that is not markup, and whatever code says."""
    hidden = sorted([*((start, end, False) for start, end in spans), *((start, end, True) for start, end in code_spans(text))])
    parts, at = [], 0
    for start, end, is_code in hidden:
        if start < at:
            continue
        parts.append(text[at:start].replace("<", "&lt;"))
        parts.append(html.escape(text[start:end], quote=False) if is_code else text[start:end])
        at = end
    parts.append(text[at:].replace("<", "&lt;"))
    return "".join(parts)


def _without_markup(text: str) -> str:
    """Tags that the text wrote as entities stay entities, so that they are not taken for tags the next time."""
    while "<" in text:
        starts = [start for start, _ in markup_spans(text)]
        if not starts and not is_document(text):
            return text
        parts, at = [], 0
        for start in starts or [text.index("<")]:
            parts += [text[at:start], "&lt;"]
            at = start + 1
        text = "".join([*parts, text[at:]])
    return text


def _read(source: str, keep_spaces: bool, boilerplate: bool) -> str:
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(source).root
    if root is None:
        return ""
    if boilerplate:
        return _tidied("".join(_pieces(root, keep_spaces, None)))
    watch = Boilerplate()
    pieces = _pieces(root, keep_spaces, watch)
    return without_repeated_blocks(_tidied("".join(watch.without(pieces))), watch.linked_texts)


def _pieces(root: Any, keep_spaces: bool, watch: Boilerplate | None) -> list[str]:
    """Text and line breaks in document order. Line breaks that markup asks for are "\\v" (one) and "\\f" (a paragraph), to be told from those of the
    text."""
    made: list[str] = []
    node, entering, depth = root, True, 0  # nodes are not compared with the root: that would write both out as HTML
    verbatim = 0
    while True:
        tag = node.tag
        if entering:
            if tag == "-text":
                content = (node.text_content or "").replace("\v", " ").replace("\f", " ")
                made.append(content if keep_spaces or verbatim else _SPACES.sub(" ", content))
                if watch:
                    watch.read(content)
            elif tag not in _DROPPED and not (tag == "code" and node.child is None):
                verbatim += tag == "pre"
                if node.child is not None:
                    if watch:
                        watch.enter(tag, len(made))
                    made.append(_opening(tag, verbatim))
                    node = node.child
                    depth += 1
                    continue
                made.append("\n" if verbatim and tag == "br" else _opening(tag, verbatim))
                made.append(_closing(tag, verbatim))
                verbatim -= tag == "pre"
        else:
            made.append(_closing(tag, verbatim))
            if watch:
                watch.leave(tag, len(made))
            verbatim -= tag == "pre"
        if not depth:
            return made
        if node.next is not None:
            node, entering = node.next, True
        else:
            node, entering = node.parent, False
            depth -= 1


def _opening(tag: str, verbatim: int) -> str:
    if tag == "pre":
        return "\f```\v"
    if tag == "code":
        return "" if verbatim else "`"
    if tag == "li":
        return "\v- "
    if tag in _CELLS:
        return "\t"
    return "\f" if tag in _PARAGRAPHS else "\v" if tag in _LINES else ""


def _closing(tag: str, verbatim: int) -> str:
    if tag == "pre":
        return "\v```\f"
    if tag == "code":
        return "" if verbatim else "`"
    return "\f" if tag in _PARAGRAPHS else "\v" if tag in _LINES - {"br"} else ""


def _tidied(text: str) -> str:
    """Line breaks of markup join those of the text; empty code, empty list items and spaces at the ends of lines go."""
    text = _joined(_BREAKS.split(text.replace("\f```\v\v```\f", "\f")))
    if text.startswith("-") or _EMPTY_ITEM.search(text):
        text = _EMPTY_ITEMS.sub("", text)
    if " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
        text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip("\n")


def _joined(parts: list[str]) -> str:
    """Texts and, between them, breaks of markup. Spaces and line breaks next to those go; what stands around nothing is one break."""
    made, at_break, last = [], "", len(parts) - 1
    for place, part in enumerate(parts):
        if place % 2:
            at_break = "\n\n" if at_break == "\n\n" or "\f" in part else "\n"
            continue
        if place:
            part = part.lstrip(" \t")
        if place < last:
            part = part.rstrip(" \t").rstrip("\n")
        if place:
            part = part.lstrip("\n")
        if part:
            made += [at_break, part]
            at_break = ""
    return "".join([*made, at_break])
