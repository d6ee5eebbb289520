"""HTML to text, by a real parser; text that is not HTML stays as it is."""

from __future__ import annotations

import html
import re
from typing import Final

import pyarrow as pa
from pydantic import Field

from operators.bases.code_spans import code_spans, inside
from operators.bases.html.boilerplate import Boilerplate, without_repeated_blocks
from operators.bases.html.tags import POSSIBLE, is_document, markup_spans
from operators.bases.html.xhtml import as_html, is_xhtml
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input
from operators.text.cleaning.html_pieces import BREAK, BREAKING, CELL, ITEM, LINE, PARAGRAPH, PageReader

_NO_CODE: Final = f"{PARAGRAPH}```\n{LINE}```{PARAGRAPH}"
_ROWS: Final = re.compile(r"\s*<(?:thead|tbody|tfoot|tr|td|th)\b", re.IGNORECASE)
"""A fragment that begins inside a table."""
_ROW_OF_MARKDOWN: Final = re.compile(r"^[ \t]*\|[^\n]*\|[ \t\r]*$", re.MULTILINE)
_BREAKS_A_ROW: Final = re.compile(rf"</?(?:{'|'.join(sorted(BREAKING))})\b", re.IGNORECASE)
_UNTIDY: Final = re.compile(r"\n(?:(?<=[ \t]\n)|\n\n)")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


class HtmlToText(Refine):
    """Turn HTML into text: documents, and the tags left in Markdown or plain text. "a < b and c > d", code and type parameters are not HTML and stay.

    Scripts, styles and comments go, and every word that a reader sees stays; paragraphs, list items ("- ", "1. ") and table rows, with a tab between
    two cells, become lines; `pre` and `code` become Markdown code, so that tags which a text writes about are still there when it is read again.
    Superscripts and subscripts change no number: "10^23", "x_1", "1 1/2", "H2O"; a note is "[2]" where it is a link or ends a sentence. Formulas
    become the LaTeX from which they were made, in dollars, or plain signs: "(a+b)/2", "sqrt(x)". With `boilerplate=False` navigation,
    footers, small forms, blocks that are little but links, and rows of blocks that come a second time go as well. Programs that write tags (JSX), and
    sentences about tags, are not HTML.
    """

    covers = ("HtmlUrlRemoverRefiner",)
    source = "Lexbor (HTML Living Standard), through selectolax"
    asks = ("strip tags and get plain text", "convert HTML to readable text", "get rid of markup, div and span")

    input_text = Input(str)
    boilerplate: bool = Field(True, description="Keep navigation, footers, forms and buttons, which readers see but seldom read.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, POSSIBLE, lambda value: html_to_text(value, self.boilerplate))


def html_to_text(text: str, boilerplate: bool = True) -> str:
    """The text of a document or fragment; the same text where there is no HTML in it."""
    if is_document(text):
        return _without_markup(_read(as_html(text) if is_xhtml(text) else text, False, boilerplate))
    spans = markup_spans(text)
    if not spans:
        return text
    source = _escape_all_but(text, spans)
    return _without_markup(_read(f"<table>{source}" if _ROWS.match(source) else source, True, boilerplate))


def _escape_all_but(text: str, spans: list[tuple[int, int]]) -> str:
    """Hide from the parser every "<" that is not markup, whatever code says, and what would break the line of a row of a Markdown table."""
    rows = [match.span() for match in _ROW_OF_MARKDOWN.finditer(text)]
    hidden = sorted([*((start, end, False) for start, end in spans), *((start, end, True) for start, end in code_spans(text))])
    parts, at = [], 0
    for start, end, is_code in hidden:
        if start < at:
            continue
        parts.append(text[at:start].replace("<", "&lt;"))
        if is_code:
            parts.append(html.escape(text[start:end], quote=False))
        else:
            parts.append(" " if inside(start, rows) and _BREAKS_A_ROW.match(text, start) else text[start:end])
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
        return _tidied("".join(PageReader(source, keep_spaces, None).pieces(root)))
    watch = Boilerplate()
    pieces = PageReader(source, keep_spaces, watch).pieces(root)
    return without_repeated_blocks(_tidied("".join(watch.without(pieces))), watch.linked_texts)


def _tidied(text: str) -> str:
    """Line breaks of markup join those of the text; empty code, empty items and spaces at the ends of lines go."""
    has_lines = "\n" in text or CELL in text
    paragraphs = text.replace(_NO_CODE, PARAGRAPH).split(PARAGRAPH)
    text = "\n\n".join(filter(None, [_lines(part) if LINE in part or BREAK in part else _line(part) for part in paragraphs if part]))
    if "\0" in text:
        text = "\n\n".join(map(_with_columns, text.split("\n\n")))
    if has_lines and (_UNTIDY.search(text) or text.endswith((" ", "\t"))):
        text = _BLANK_LINES.sub("\n\n", "\n".join([line.rstrip(" \t") for line in text.split("\n")]))
    return text.strip("\n")


def _lines(paragraph: str) -> str:
    """The lines of a paragraph that are not empty, with a blank one where two `br` stood between them."""
    if BREAK not in paragraph:
        return "\n".join(filter(None, map(_line, paragraph.split(LINE))))
    made: list[str] = []
    breaks = 0
    for part in paragraph.replace(BREAK, LINE + BREAK).split(LINE):
        if part.startswith(BREAK):
            breaks += 1
            part = part[1:]
        if line := _line(part):
            made += ["\n\n" if breaks > 1 else "\n", line]
            breaks = 0
    return "".join(made[1:])


def _line(part: str) -> str:
    """What stands between two breaks of markup, without the spaces and line breaks next to those."""
    part = part.strip(" \t").strip("\n")
    return _item_or_row(part) if "\0" in part else part


def _item_or_row(part: str) -> str:
    """An item, "" without text; or the cells of a row, with a tab between two and NUL for each empty one before the first text."""
    if part.startswith(ITEM) and not part.startswith(CELL):
        part = part[1:]
        if len(part.split(None, 1)) < 2:
            return ""
    first, *cells = [cell.strip() if place else cell for place, cell in enumerate(part.split(CELL))]
    if not cells:
        return first
    row = "\t".join([first, *cells] if first.strip() else cells)
    text = row.strip("\t")
    return "\0" * (len(row) - len(row.lstrip("\t"))) + text if text else ""


def _with_columns(block: str) -> str:
    """Empty cells at the start of a row count in a table that has texts side by side; others only lay out a page."""
    return block.replace("\0", "\t" if "\t" in block else "") if "\0" in block else block
