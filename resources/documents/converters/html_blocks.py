"""Elements of a page, opened and closed in order, as blocks of a document."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item, Place
from resources.documents.converters.html_tokens import Token
from resources.documents.converters.inline import lowered, marked, raised

_BLOCKS: Final = frozenset(
    "address article aside body center details dialog div fieldset figure footer form header hgroup html main menu nav p search section summary "
    "legend dir option dt dd hr optgroup select button title".split()
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_INLINE_MARKS: Final = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "code": "`", "tt": "`", "kbd": "`", "samp": "`"}
_SPACES: Final = re.compile(r"[ \t\n\r\f\v]+")
_RUNS: Final = re.compile(r" {2,}")
_LANGUAGE: Final = re.compile(r"(?:language|lang|highlight|highlight-source|brush:?)[- ]?(\w[\w+#.-]*)")
_WORD_LANGUAGES: Final = frozenset("python bash sh console java javascript json yaml xml html css sql c cpp rust go ruby r toml".split())


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    header: bool = False
    filled: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells that a cell above reaches into, by row and column."""
    caption: list[str] = field(default_factory=list)


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
        self._lists: list[tuple[str, int]] = []
        """The open lists: their element, and the number of the next item."""
        self._items: list[Item] = []
        self._marker: str | None = None
        """Of an item whose text is still to come."""
        self._tables: list[_Table] = []
        self._quotes = 0
        self._verbatim: _Capture | None = None
        self._layout: list[bool] = []

    def of(self, tokens: list[Token]) -> list[Block]:
        layout = _layout_tables(tokens)
        for at, token in enumerate(tokens):
            if token.what == "text":
                self._read(token.text)
            elif token.what == "open":
                self._open(token, layout.get(at, False))
            else:
                self._close(token.tag)
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
        if self._tables and not self._is_layout:
            self._tables[-1].rows[-1][-1] += ("\n" if self._tables[-1].rows[-1][-1] else "") + text
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

    def _open(self, token: Token, is_layout: bool) -> None:
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
        elif tag == "img":
            self._picture(token)
        elif tag in _HEADINGS or tag in ("figcaption", "caption"):
            self._begin()
        elif tag == "pre":
            self._begin()
            self._verbatim = _Capture("pre", token=token)
        elif tag in ("ul", "ol", "dl", "menu"):
            self._flush()
            self._lists.append((tag, int(token.get("start")) if re.fullmatch(r"\d{1,6}", token.get("start")) else 1))
        elif tag in ("li", "dt", "dd"):
            self._open_item(tag)
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
        elif tag in _HEADINGS:
            self._take(lambda text: make.heading(text.strip("¶# \n"), _HEADINGS[tag]))
        elif tag == "figcaption":
            self._take(make.caption)
        elif tag == "caption":
            if self._in_cell:
                self._tables[-1].caption.append("".join(self._text))
                self._text = []
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

    def _open_item(self, tag: str) -> None:
        self._flush()
        if not self._lists:
            return
        kind, number = self._lists[-1]
        self._marker = f"{number}." if kind == "ol" else "-"
        if tag == "dd" and self._items:
            self._marker = None
        self._lists[-1] = (kind, number + 1)

    def _open_table(self, is_layout: bool) -> None:
        self._begin()
        self._layout.append(is_layout or self._in_cell)
        if not self._layout[-1]:
            self._tables.append(_Table())

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
        across, down = _span(token.get("colspan")), _span(token.get("rowspan"))
        for below in range(1, down):
            for beside in range(across):
                table.filled[number + below, len(row) + beside] = ""
        for beside in range(1, across):
            table.filled[number, len(row) + beside] = ""
        row.append("")


def _span(text: str) -> int:
    return min(max(int(text), 1), 50) if re.fullmatch(r"\d{1,3}", text) else 1


def _language(classes: str) -> str:
    if found := _LANGUAGE.search(classes):
        return found[1].removeprefix("source-")
    return next((name for name in classes.lower().split() if name in _WORD_LANGUAGES), "")


def _layout_tables(tokens: list[Token]) -> dict[int, bool]:
    """Of each table, by the place of its "open": whether it only lays out the page. Such a table has tables, headings or several paragraphs in its
    cells, or one cell a row."""
    found: dict[int, bool] = {}
    open_tables: list[list[int]] = []  # place, rows, cells, signs of layout
    for at, token in enumerate(tokens):
        if token.what == "open":
            if token.tag == "table":
                for outer in open_tables:
                    outer[3] += 1
                open_tables.append([at, 0, 0, 0])
            elif open_tables:
                counts = open_tables[-1]
                counts[1] += token.tag == "tr"
                counts[2] += token.tag in ("td", "th")
                counts[3] += token.tag in _HEADINGS or token.tag in ("form", "article", "nav", "section")
        elif token.what == "close" and token.tag == "table" and open_tables:
            place, rows, cells, signs = open_tables.pop()
            found[place] = signs > 0 or cells <= max(1, rows)
    return found
