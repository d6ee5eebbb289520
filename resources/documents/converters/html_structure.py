"""Lists and tables of a page that are being read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from resources.documents.converters.html_tokens import Token
from resources.documents.converters.ordinals import shown

HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}


@dataclass
class OpenTable:
    rows: list[list[str]] = field(default_factory=list)
    header: bool = False
    filled: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells that a cell above reaches into, by row and column."""
    caption: list[str] = field(default_factory=list)
    in_caption: bool = False

    def add(self, text: str) -> None:
        """A text of the caption, or of the cell that is open."""
        if self.in_caption or not self.rows or not self.rows[-1]:
            self.caption.append(text)
        else:
            self.rows[-1][-1] += ("\n" if self.rows[-1][-1] else "") + text


@dataclass
class OpenList:
    """An open list: its element, the number of its next item, and how numbers are shown."""

    tag: str
    number: int = 1
    step: int = 1
    form: str = "1"

    @classmethod
    def of(cls, token: Token, items: int) -> OpenList:
        step = -1 if "reversed" in (token.attributes or {}) else 1
        return cls(token.tag, _integer(token.get("start"), items if step < 0 else 1), step, token.get("type") or "1")

    def marker(self, token: Token) -> str:
        """Of the next item."""
        if self.tag != "ol":
            return "-"
        number = _integer(token.get("value"), self.number)
        self.number = number + self.step
        return f"{shown(number, self.form)}."


def items_of_reversed_lists(tokens: list[Token]) -> dict[int, int]:
    """Of each list that counts down, by the place of its "open": how many items it has."""
    found: dict[int, int] = {}
    lists: list[int] = []
    for at, token in enumerate(tokens):
        if token.tag in ("ol", "ul", "menu"):
            if token.what == "close":
                lists.pop()
                continue
            lists.append(at)
            if "reversed" in (token.attributes or {}):
                found[at] = 0
        elif token.what == "open" and token.tag == "li" and lists and lists[-1] in found:
            found[lists[-1]] += 1
    return found


def layout_tables(tokens: list[Token]) -> dict[int, bool]:
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
                counts[3] += token.tag in HEADINGS or token.tag in ("form", "article", "nav", "section")
        elif token.what == "close" and token.tag == "table" and open_tables:
            place, rows, cells, signs = open_tables.pop()
            found[place] = signs > 0 or cells <= max(1, rows)
    return found


def span(text: str) -> int:
    return min(max(_integer(text, 1), 1), 50)


def _integer(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else otherwise
