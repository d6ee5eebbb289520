"""Elements of a page, opened and closed in order, as blocks of a document."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from resources.documents.converters.html_structure import HEADINGS, OpenList, OpenTable, items_of_reversed_lists, layout_tables, span
from resources.documents.converters.html_tokens import Token
from resources.documents.converters.inline import lowered, marked, raised

_BLOCKS: Final = frozenset(
    "address article aside body center details dialog div fieldset figure footer form header hgroup html main menu nav p search section summary "
    "legend dir option dt dd hr optgroup select button title".split()
)
_INLINE_MARKS: Final = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "code": "`", "tt": "`", "kbd": "`", "samp": "`"}
_APART: Final = {"del": "ins", "a": "a"}
"""Elements that are seen apart from those that follow them."""
_SPACES: Final = re.compile(r"[ \t\n\r\f\v]+")
_RUNS: Final = re.compile(r" {2,}")
_LANGUAGE: Final = re.compile(r"(?:language|lang|highlight|highlight-source|brush:?)[- ]?(\w[\w+#.-]*)")
_WORD_LANGUAGES: Final = frozenset("python bash sh console java javascript json yaml xml html css sql c cpp rust go ruby r toml".split())


@dataclass
class _Capture:
    """Text that is being collected for one thing: a heading, a cell, bold words."""

    tag: str
    parts: list[str] = field(default_factory=list)
    token: Token | None = None


class HtmlBlocks:
    """Reads tokens once, from first to last."""

    def __init__(self, part: str = "") -> None:
        self._place = Place(source=part)
        self._made: list[Block] = []
        self._text: list[str] = []
        self._inline: list[_Capture] = []
        self._lists: list[OpenList] = []
        self._items: list[Item] = []
        self._marker: str | None = None
        """Of an item whose text is still to come."""
        self._tables: list[OpenTable] = []
        self._quotes = 0
        self._verbatim: _Capture | None = None
        self._layout: list[bool] = []

    def of(self, tokens: list[Token]) -> list[Block]:
        layout = layout_tables(tokens)
        items = items_of_reversed_lists(tokens)
        for at, token in enumerate(tokens):
            if token.what == "text":
                self._read(token.text)
            elif token.what == "open":
                self._open(token, layout.get(at, False), items.get(at, 1))
            else:
                self._close(token.tag)
                if at + 1 < len(tokens) and tokens[at + 1].what == "open" and _APART.get(token.tag) == tokens[at + 1].tag:
                    self._add(" ")
        self._flush()
        self._end_list()
        return [block.at(self._place) for block in self._made if not block.is_empty]

    # Text

    def _read(self, text: str) -> None:
        if self._verbatim is not None:
            self._verbatim.parts.append(text)
        else:
            self._add(_SPACES.sub(" ", text))

    def _add(self, text: str) -> None:
        (self._inline[-1].parts if self._inline else self._text).append(text)

    def _flush(self) -> None:
        """What was read so far is a paragraph, or the text of an item."""
        while self._inline:
            self._end_inline()
        text = make.lines(_RUNS.sub(" ", "".join(self._text)))
        self._text = []
        if not text:
            return
        if self._in_cell:
            self._tables[-1].add(text if self._marker in (None, "-") else f"{self._marker} {text}")
            self._marker = None
        elif self._lists:
            if self._marker is None and self._items:
                last = self._items[-1]
                self._items[-1] = Item(f"{last.text}\n{text}", last.depth, last.marker)
            else:
                self._items.append(Item(text, len(self._lists) - 1, self._marker or "-"))
                self._marker = None
        else:
            self._made.append(make.paragraph(self._quoted(text)))

    def _quoted(self, text: str) -> str:
        return "\n".join(f"{'> ' * self._quotes}{line}" for line in text.split("\n")) if self._quotes else text

    def _end_list(self) -> None:
        if self._items:
            self._made.append(make.bullets(self._items))
            self._items = []

    @property
    def _is_layout(self) -> bool:
        return bool(self._layout) and self._layout[-1]

    @property
    def _in_cell(self) -> bool:
        return bool(self._tables) and not self._is_layout

    # Elements

    def _open(self, token: Token, is_layout: bool, items: int) -> None:
        tag = token.tag
        if self._verbatim is not None:
            if tag == "br":
                self._verbatim.parts.append("\n")
            elif tag == "code" and self._verbatim.token is not None and not self._verbatim.tag.startswith("math"):
                self._verbatim.token = Token("open", "pre", attributes={"class": f"{self._verbatim.token.get('class')} {token.get('class')}"})
        elif tag in _INLINE_MARKS or tag in ("sup", "sub", "math"):
            self._inline.append(_Capture(tag, token=token))
        elif tag == "br":
            self._add("\n")
        elif tag == "rt":
            self._add("(")
        elif tag == "q":
            self._add('"')
        elif tag == "img":
            self._picture(token)
        elif tag in HEADINGS or tag == "figcaption":
            self._begin()
        elif tag == "caption":
            self._begin()
            if self._in_cell:
                self._tables[-1].in_caption = True
        elif tag == "pre":
            self._begin()
            self._verbatim = _Capture("pre", token=token)
        elif tag in ("ul", "ol", "dl", "menu"):
            self._flush()
            self._lists.append(OpenList.of(token, items))
        elif tag in ("li", "dt", "dd"):
            self._open_item(token)
        elif tag == "blockquote":
            self._begin()
            self._quotes += 1
        elif tag == "table":
            self._open_table(is_layout)
        elif tag == "tr" and self._in_cell:
            self._tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self._open_cell(token)
        elif tag in _BLOCKS:
            self._flush()

    def _begin(self) -> None:
        """A block of its own begins: it stands in no list, unless the list stands in a table."""
        self._flush()
        if not self._in_cell and not self._lists:
            self._end_list()

    def _close(self, tag: str) -> None:
        if self._verbatim is not None:
            if tag == self._verbatim.tag:
                self._close_verbatim()
        elif tag in _INLINE_MARKS or tag in ("sup", "sub", "math"):
            if any(capture.tag == tag for capture in self._inline):
                while self._end_inline() != tag:
                    pass
        elif tag == "rt":
            self._add(")")
        elif tag == "q":
            self._add('"')
        elif tag in HEADINGS:
            self._take(lambda text: make.heading(text.strip("¶# \n"), HEADINGS[tag]))
        elif tag == "figcaption":
            self._take(make.caption)
        elif tag == "caption":
            self._flush()
            if self._in_cell:
                self._tables[-1].in_caption = False
        elif tag in ("ul", "ol", "dl", "menu"):
            self._flush()
            if self._lists:
                self._lists.pop()
            if not self._lists and not self._in_cell:
                self._end_list()
        elif tag == "blockquote":
            self._flush()
            self._quotes = max(0, self._quotes - 1)
        elif tag == "table":
            self._close_table()
        elif tag in ("td", "th", "li", "dt", "dd") or tag in _BLOCKS:
            self._flush()

    def _take(self, block_of: Callable[[str], Block]) -> None:
        """What was read since the block began becomes that block; in a cell or an item it stays text."""
        if self._in_cell or self._lists:
            self._flush()
            return
        while self._inline:
            self._end_inline()
        text = "".join(self._text)
        self._text = []
        self._end_list()
        self._made.append(block_of(text))

    def _end_inline(self) -> str:
        capture = self._inline.pop()
        text = "".join(capture.parts)
        if capture.tag == "math":
            block = capture.token is not None and capture.token.get("display") == "block"
            if block and not self._inline and not self._in_cell and not self._lists:
                self._flush()
                self._made.append(make.formula(text))
                return capture.tag
            text = f"${text.strip()}$" if text.strip() else ""
        elif capture.tag in ("sup", "sub"):
            text = raised(text) if capture.tag == "sup" else lowered(text)
        else:
            text = marked(text, _INLINE_MARKS[capture.tag])
        self._add(text)
        return capture.tag

    def _picture(self, token: Token) -> None:
        address = token.get("src") or token.get("data-src")
        address = "" if address.startswith("data:") else address
        text = token.get("alt")
        if self._in_cell or self._lists or self._inline or "".join(self._text).strip():
            self._add(f" {text} " if text else "")
        elif text or address:
            self._flush()
            self._made.append(make.figure(text, address))

    def _close_verbatim(self) -> None:
        capture = self._verbatim
        assert capture is not None
        self._verbatim = None
        text = "".join(capture.parts)
        if self._in_cell:
            self._text.append(f"`{text.strip()}`" if text.strip() and "\n" not in text.strip() else text)
            self._flush()
            return
        self._end_list()
        self._made.append(make.code(text, _language(capture.token.get("class") if capture.token else "")))

    def _open_item(self, token: Token) -> None:
        self._flush()
        if self._lists:
            self._marker = None if token.tag == "dd" and self._items else self._lists[-1].marker(token)

    def _open_table(self, is_layout: bool) -> None:
        self._begin()
        self._layout.append(is_layout or self._in_cell)
        if not self._layout[-1]:
            self._tables.append(OpenTable())

    def _close_table(self) -> None:
        self._flush()
        if not self._layout or self._layout.pop():
            return
        table = self._tables.pop()
        self._end_list()
        if text := make.lines("\n".join(table.caption)):
            self._made.append(make.caption(text))
        self._made.append(make.table(table.rows, table.header))

    def _open_cell(self, token: Token) -> None:
        self._flush()
        if not self._in_cell:
            return
        table = self._tables[-1]
        if not table.rows:
            table.rows.append([])
        row, number = table.rows[-1], len(table.rows) - 1
        while (number, len(row)) in table.filled:
            row.append("")
        if number == 0:
            table.header = table.header or token.tag == "th"
        across, down = span(token.get("colspan")), span(token.get("rowspan"))
        for below in range(1, down):
            for beside in range(across):
                table.filled[number + below, len(row) + beside] = ""
        for beside in range(1, across):
            table.filled[number, len(row) + beside] = ""
        row.append("")


def _language(classes: str) -> str:
    if found := _LANGUAGE.search(classes):
        return found[1].removeprefix("source-")
    return next((name for name in classes.lower().split() if name in _WORD_LANGUAGES), "")
