"""The items of a document of docling, in its own JSON, as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from operators.document_model.pictures import place_target
from resources.documents.converters.inline import lowered, marked, raised

Node: TypeAlias = Mapping[str, Any]

_SHOWN: Final = {"body": "", "notes": "notes"}
"""Layer -> source of its blocks. Others are running heads, watermarks and what is hidden."""
_POINTS: Final = {"pdf": 1.0, "pptx": 1 / 12_700}
"""Format -> points a unit of its boxes. Those of sheets count cells."""
_WITH_PAGES: Final = ("pdf", "pptx", "xlsx")
_LISTS: Final = ("list", "ordered_list")
_HEADINGS: Final = ("title", "section_header", "field_heading")
_TICKS: Final = {"checkbox_selected": "[x] ", "checkbox_unselected": "[ ] "}
_NUMBER: Final = re.compile(r"\d{1,9}[.)]")
"""The numbers of items that Markdown knows. Others, such as "1.2.", stand in their text."""
_FOOTNOTE: Final = re.compile(r"[\[(]?(\d{1,3}|[*†‡§¶]{1,3})[\])]?[.:]?\s+(?=\S)")
_CLOSES: Final = re.compile(r"[.,;:!?)\]}»”’%]")
_OPENS: Final = re.compile(r"[(\[{«“‘]$")
_LANGUAGES: Final = {"c++": "cpp", "c#": "csharp", "unknown": ""}


class DoclingItems:
    """Reads what `DoclingDocument.export_to_dict` gives, version 1 of its schema.

    Raises:
        KeyError, TypeError, ValueError, LookupError: from `blocks`, where it is no such document.
    """

    def __init__(self, told: Node, kind: str) -> None:
        self._told = told
        self._scale = _POINTS.get(kind)
        texts = [one for one in told["texts"] if one["label"] == "title"]
        self._below_title = int(any(one["content_layer"] == "body" for one in texts))
        self.title: str = next((make.one_line(one["text"]) for one in texts if one["content_layer"] == "furniture"), "")
        self._apart = {reference["$ref"] for one in self._floating() for name in ("captions", "footnotes") for reference in one.get(name, ())}
        self.pages: int | None = len(told["pages"]) if kind in _WITH_PAGES else None

    def _floating(self) -> Iterator[Node]:
        """What may have captions and notes of its own. These stand with it, wherever they are in the tree."""
        for table in ("texts", "tables", "pictures", "key_value_items", "form_items"):
            yield from self._told.get(table, ())

    def blocks(self) -> Iterator[Block]:
        yield from self._inside(self._told["body"], "")

    def _inside(self, node: Node, source: str) -> Iterator[Block]:
        for one in self._children(node):
            yield from self._node(one, source)

    def _children(self, node: Node) -> list[Node]:
        return [self._named(one) for one in node["children"]]

    def _named(self, reference: Node) -> Node:
        """The node of a reference such as "#/texts/3"."""
        _, table, number = reference["$ref"].split("/")
        found: Node = self._told[table][int(number)]
        return found

    def _node(self, node: Node, source: str) -> Iterator[Block]:
        layer, label = node["content_layer"], node["label"]
        if layer not in _SHOWN or label == "comment_section" or node["self_ref"] in self._apart:
            return
        source = _SHOWN[layer] or source
        if label in _LISTS:
            yield from self._list(node, source)
        elif label == "sheet":
            yield from self._inside(node, node["name"].removeprefix("sheet: "))
        elif label in ("table", "document_index"):
            yield from self._table(node, source)
        elif label in ("picture", "chart"):
            yield from self._picture(node, source)
        elif "graph" in node:
            yield make.paragraph("\n".join(cell["text"] for cell in node["graph"]["cells"]), self._place(node, source))
        elif label == "inline":
            others: list[Node] = []
            yield make.paragraph(self._line(node, others), self._place(node, source))
            for one in others:
                yield from self._node(one, source)
        elif label == "list_item":  # outside of a list
            yield from self._list({**node, "children": [{"$ref": node["self_ref"]}]}, source)
        elif "text" in node:
            yield from self._text(node, source)
        else:
            yield from self._inside(node, source)

    def _text(self, node: Node, source: str) -> Iterator[Block]:
        """A text, and then what hangs on it: the parts of a section hang on its heading."""
        label, place = node["label"], self._place(node, source)
        text, rest = self._whole(node)
        if label in _HEADINGS:
            level = 1 if label == "title" else int(node["level"]) + self._below_title
            yield make.heading(text, level, place)
        elif label == "code":
            language = node["code_language"].lower()
            yield make.code(node["text"], _LANGUAGES.get(language, language), place)
            yield from self._captions(node, source)
        elif label == "formula":
            yield make.formula(node["text"] or node["orig"], place)
        elif label == "caption":
            yield make.caption(text, place)
        elif label == "footnote":
            yield _footnote(text, place)
        else:
            yield make.paragraph(f"{_TICKS.get(label, '')}{text}" if text else "", place)
        for one in rest:
            yield from self._node(one, source)

    def _whole(self, node: Node) -> tuple[str, list[Node]]:
        """The text of a node with that of its parts in the same line, and its other children. Of a text that is bold as a whole nothing is marked."""
        children = self._children(node)
        parts = [one for one in children if one["label"] == "inline"] if not node["text"] else []
        rest = [one for one in children if not any(one is part for part in parts)]
        lines = [self._line(part, rest) for part in parts]
        return " ".join([_linked(node, node["text"]), *lines]).strip(), rest

    def _line(self, group: Node, others: list[Node]) -> str:
        """The parts of a line; what is no text goes to `others`. Spaces that docling left out stand again where no mark follows."""
        made = ""
        for node in self._children(group):
            if node["label"] == "inline":
                text = self._line(node, others)
            elif "text" in node:
                text = _marked(node)
                others += self._children(node)
            else:
                others.append(node)
                continue
            shifted = node.get("formatting", {}).get("script", "baseline") != "baseline"
            if made and text and not (shifted or _CLOSES.match(text) or _OPENS.search(made) or made[-1].isspace() or text[0].isspace()):
                made += " "
            made += text
        return made

    def _list(self, node: Node, source: str) -> Iterator[Block]:
        """A list with those inside it, then what else hangs on its items."""
        others: list[Node] = []
        items = list(self._items(node, 0, others))
        first = next(iter(self._children(node)), node)
        yield make.bullets(items, self._place(first if first["label"] == "list_item" else node, source))
        for one in others:
            yield from self._node(one, source)

    def _items(self, group: Node, depth: int, others: list[Node]) -> Iterator[Item]:
        number = 0
        for node in self._children(group):
            if node["label"] in _LISTS:
                yield from self._items(node, depth + 1, others)
            elif node["label"] != "list_item":
                others.append(node)
            elif node["content_layer"] in _SHOWN:
                text, rest = self._whole(node)
                number += 1
                mark = (node["marker"] or f"{number}.") if node["enumerated"] else "-"
                yield Item(text, depth, mark)
                for one in rest:
                    if one["label"] in _LISTS:
                        yield from self._items(one, depth + 1, others)
                    else:
                        others.append(one)

    def _table(self, node: Node, source: str) -> Iterator[Block]:
        yield from self._captions(node, source)
        yield _grid(node["data"], self._place(node, source))
        yield from self._footnotes(node, source)

    def _picture(self, node: Node, source: str) -> Iterator[Block]:
        """A picture, with the letters on it or what is said of it as its text. The numbers of a chart are a table below it."""
        place = self._place(node, source)
        letters = " ".join(self._letters(one) for one in self._children(node) if one["self_ref"] not in self._apart)
        about = node.get("meta") or {}
        described = (about.get("description") or {}).get("text", "")
        target = str((node.get("image") or {}).get("uri", ""))
        if self._scale == 1.0 and place.page is not None and place.box is not None:
            target = place_target((place.page, place.box))
        yield make.figure(described or letters, target, place)
        yield from self._captions(node, source)
        if chart := about.get("tabular_chart"):
            yield _grid(chart["chart_data"], place)
        yield from self._footnotes(node, source)

    def _letters(self, node: Node) -> str:
        cells = [cell["text"] for cell in node["data"]["table_cells"]] if "data" in node else []
        return " ".join(filter(None, [node.get("text", ""), *cells, *map(self._letters, self._children(node))]))

    def _captions(self, node: Node, source: str) -> Iterator[Block]:
        for reference in node["captions"]:
            caption = self._named(reference)
            yield make.caption(self._whole(caption)[0], self._place(caption, source))

    def _footnotes(self, node: Node, source: str) -> Iterator[Block]:
        for reference in node["footnotes"]:
            note = self._named(reference)
            yield _footnote(self._whole(note)[0], self._place(note, source))

    def _place(self, node: Node, source: str) -> Place:
        """The first place of a node; a group has that of its first part."""
        places: Sequence[Node] = node.get("prov", ())
        if not places:
            first = next(iter(self._children(node)), None) if "text" not in node and "data" not in node else None
            return self._place(first, source) if first is not None else Place(source=source)
        page, box = int(places[0]["page_no"]), places[0]["bbox"]
        if self._scale is None:
            return Place(page, None, source)
        left, top, right, bottom = (float(box[side]) for side in "ltrb")
        if box["coord_origin"] == "BOTTOMLEFT":
            height = float(self._told["pages"][str(page)]["size"]["height"])
            top, bottom = height - top, height - bottom
        scaled = [round(edge * self._scale, 1) for edge in (left, top, right, bottom)]
        return Place(page, (scaled[0], scaled[1], scaled[2], scaled[3]), source)


def _grid(data: Node, place: Place) -> Block:
    """A cell that reaches over several stands where it begins; the others are empty."""
    rows = [[""] * data["num_cols"] for _ in range(data["num_rows"])]
    header = False
    for cell in data["table_cells"]:
        row, column = cell["start_row_offset_idx"], cell["start_col_offset_idx"]
        rows[row][column] = cell["text"]
        header = header or (row == 0 and cell["column_header"])
    return make.table(rows, header, place)


def _marked(node: Node) -> str:
    """A part of a line, with the marks of what it is."""
    text: str = node["text"]
    if node["label"] == "formula":
        return f"${text.strip()}$" if text.strip() else ""
    if node["label"] == "code":
        return marked(text, "`")
    form = node.get("formatting") or {}
    if form.get("script") == "super":
        text = raised(text)
    elif form.get("script") == "sub":
        text = lowered(text)
    if form.get("italic"):
        text = marked(text, "*")
    if form.get("bold"):
        text = marked(text, "**")
    return _linked(node, text)


def _linked(node: Node, text: str) -> str:
    address = str(node.get("hyperlink") or "")
    return f"[{text.strip()}]({address})" if address and text.strip() and not set(address) & set(" ()<>\n") else text


def _footnote(text: str, place: Place) -> Block:
    mark = _FOOTNOTE.match(text)
    return make.footnote(mark[1] if mark else "", text[mark.end() :] if mark else text, place)
