"""The blocks of a document of MinerU, in its own JSON, as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from operators.document_model.pictures import place_target
from resources.documents.converters.html import blocks_of_html
from resources.documents.converters.inline import lowered, marked, raised
from resources.documents.pdf.words import joined

Node: TypeAlias = Mapping[str, Any]

_LEFT_OUT: Final = ("header", "footer", "page_number", "aside_text")
_TEXTS: Final = ("heading", "paragraph", "list")
_WITH_PAGES: Final = ("pdf", "pptx", "xlsx")
_MARKER: Final = re.compile(r"(?:[-*•◦▪‣·–]|(\d{1,9}[.)]))\s+(?=\S)")
_FOOTNOTE: Final = re.compile(r"[\[(]?(\d{1,3}|[*†‡§¶]{1,3}|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3})[\])]?[.:]?\s*(?=\S)")
_DIGITS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class MineruBlocks:
    """Reads what `MiddleJson.to_dict` gives, version 2.0 of its schema.

    Raises:
        KeyError, TypeError, ValueError: from `blocks`, where it is no such document.
    """

    def __init__(self, told: Node, kind: str) -> None:
        self._told = told
        self._has_pages = kind in _WITH_PAGES
        layout = told.get("extensions", {}).get("docvortex_layout", {}).get("pages", ())
        self._sizes = {page["page_idx"]: (float(page["width_pt"]), float(page["height_pt"])) for page in layout}
        self.title: str = make.one_line((told["metadata"].get("document") or {}).get("title") or "")
        self.pages: int | None = len(told["pages"]) if self._has_pages else None

    def blocks(self) -> Iterator[Block]:
        """A text that goes on after a column, a page or a figure is one with its beginning, which may be the last item of a list."""
        begun: Block | None = None
        between: list[Block] = []
        for page in self._told["pages"]:
            for node in page.get("blocks", ()):
                for block in self._node(node, page["page_idx"]):
                    if block.is_empty:
                        continue
                    if block.kind not in _TEXTS:
                        between.append(block)
                    elif node.get("continues_prev") and begun is not None and block.kind == "paragraph" and begun.kind != "heading":
                        begun = _with_more(begun, block.text)
                    else:
                        yield from [begun, *between] if begun is not None else between
                        begun, between = block, []
        yield from [begun, *between] if begun is not None else between

    def _node(self, node: Node, page: int) -> Iterator[Block]:
        kind, place = node["type"], self._place(node, page)
        if kind in _LEFT_OUT:
            return
        if kind in ("doc_title", "paragraph_title"):
            yield make.heading(_inline(node["content"], plain=True), node["level"], place)
        elif kind in ("text", "ref_text"):
            yield make.paragraph(_inline(node["content"]), place)
        elif kind == "page_footnote":
            yield _footnote(_inline(node["content"]), place)
        elif kind == "equation":
            yield make.formula(node["content"], place) if node["content"].strip() else self._figure("", place)
        elif kind in ("list", "index"):
            yield make.bullets(_items(node, 0), place)
        elif kind in ("image", "chart", "table", "code"):
            yield from self._with_captions(node, page)
        else:
            raise ValueError(f'MinerU tells of a block of the unknown type "{kind}"')

    def _with_captions(self, node: Node, page: int) -> Iterator[Block]:
        """Captions stand above tables and code, and below figures; notes stand below all."""
        kind = node["type"]
        parts: dict[str, list[Block]] = {"body": [], "caption": [], "footnote": []}
        for part in node["content"]:
            role, place = part["type"].rpartition("_")[2], self._place(part, page)
            if role == "caption":
                parts[role].append(make.caption(_inline(part["content"]), place))
            elif role == "footnote":
                parts[role].append(_footnote(_inline(part["content"]), place))
            else:
                parts["body"] += self._body(part, node, self._place(node, page))
        above, below = (parts["caption"], []) if kind in ("table", "code") else ([], parts["caption"])
        yield from [*above, *parts["body"], *below, *parts["footnote"]]

    def _body(self, part: Node, node: Node, place: Place) -> Iterator[Block]:
        """What was read of a chart is a table beside its figure. A table of which nothing was read is a figure."""
        if part["type"] == "code_body":
            yield make.code(part["content"], node.get("guess_lang") or "", place)
        elif part["type"] == "algorithm_body":
            yield make.code(_inline(part["content"], plain=True), "", place)
        else:
            tables = [table.at(place) for table in _tables(part["content"])]
            if part["type"] != "table_body" or not tables:
                yield self._figure("" if tables else part["content"], place, part.get("image_url") or "")
            yield from tables

    def _figure(self, text: str, place: Place, address: str = "") -> Block:
        target = place_target((place.page, place.box)) if place.page is not None and place.box is not None else address
        return make.figure(text, target, place)

    def _place(self, node: Node, page: int) -> Place:
        box = node.get("bbox")
        if box is None or page not in self._sizes:
            return Place(page + 1 if self._has_pages else None)
        width, height = self._sizes[page]
        left, top, right, bottom = (round(float(edge) * size, 1) for edge, size in zip(box, (width, height, width, height), strict=True))
        return Place(page + 1, (left, top, right, bottom))


def _with_more(block: Block, text: str) -> Block:
    """A paragraph, or the last item of a list, that goes on."""
    if block.kind == "paragraph":
        return make.paragraph(joined([block.text, text]), block.place)
    *others, last = block.items
    return make.bullets([*others, replace(last, text=joined([last.text, text]))], block.place)


def _items(node: Node, depth: int) -> Iterator[Item]:
    """The items of a list or of a table of contents. Their marks stand in the text."""
    for one in node["content"]:
        if one["type"] in ("list", "index"):
            yield from _items(one, depth + 1)
        else:
            text = _inline(one["content"])
            mark = _MARKER.match(text)
            yield Item(text[mark.end() :] if mark else text, depth, (mark[1] or "-") if mark else "-")


def _inline(spans: Sequence[Node], plain: bool = False) -> str:
    """The text of spans, with marks for what they are."""
    made = []
    for span in spans:
        kind = span["type"]
        if kind == "hyperlink":
            inside, address = _inline(span["content"], plain), span["url"]
            made.append(inside if plain or not inside.strip() or set(address) & set(" ()<>\n") else f"[{inside.strip()}]({address})")
        elif kind == "equation_inline":
            made.append(f"${span['content'].strip()}$")
        elif kind == "code_inline":
            made.append(span["content"] if plain else marked(span["content"], "`"))
        else:
            made.append(_styled(span["content"], span.get("styles", ()), plain))
    return "".join(made)


def _styled(text: str, styles: Sequence[str], plain: bool) -> str:
    if "superscript" in styles:
        text = raised(text)
    elif "subscript" in styles:
        text = lowered(text)
    if not plain and ("italic" in styles or "emphasis" in styles):
        text = marked(text, "*")
    return marked(text, "**") if not plain and "bold" in styles else text


def _tables(content: str) -> list[Block]:
    """The tables of a piece of HTML."""
    if "<table" not in content:
        return []
    from selectolax.lexbor import LexborHTMLParser

    return [block for block in blocks_of_html(LexborHTMLParser(content), True) if block.kind == "table"]


def _footnote(text: str, place: Place) -> Block:
    mark = _FOOTNOTE.match(text)
    return make.footnote(mark[1].translate(_DIGITS) if mark else "", text[mark.end() :] if mark else text, place)
