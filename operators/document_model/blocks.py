"""The parts of a document. Each is made by the function of its kind, which brings it into the one form that Markdown can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["heading", "paragraph", "list", "table", "code", "formula", "figure", "caption", "footnote"]

MOST_LEVELS: Final = 6
MOST_DEPTH: Final = 12
_LINE_ENDS: Final = re.compile(r"\r\n?")
_LANGUAGE: Final = re.compile(r"[^\w+#.-]+")
_LABEL: Final = re.compile(r"[\s\[\]\\]+")
_SOFT_HYPHEN: Final = "\u00ad"
_MARKER: Final = re.compile(r"\d{1,9}[.)]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands in its file."""

    page: int | None = None
    """From 1. Slides and sheets are pages too; None where the format has none."""
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in points (1/72 inch) from the upper left corner of the page as a reader sees it."""
    source: str = ""
    """The part of the file: a chapter of a book, a sheet, a slide's notes."""


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list. Items of lists inside it follow it, one deeper."""

    text: str
    depth: int = 0
    marker: str = "-"
    """"-", or the number with its mark: "3." or "3)". `bullets` takes others too."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a document.

    `text` is inline Markdown: what the author marked as bold, as code, as a link or as mathematics stays marked. Lists have `items` and tables `rows`
    instead.
    """

    kind: Kind
    text: str = ""
    level: int = 0
    """Of a heading, 1 to 6."""
    language: str = ""
    """Of code, "" where nobody says."""
    label: str = ""
    """Of a footnote: the mark by which the text refers to it."""
    target: str = ""
    """Of a figure: the address or file of the picture."""
    items: tuple[Item, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table, all with the same number of cells."""
    header: bool = False
    """Whether the first row of a table names its columns."""
    place: Place = NOWHERE

    def at(self, place: Place) -> Block:
        return replace(self, place=place)

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.items or self.rows or self.target)


def heading(text: str, level: int = 1, place: Place = NOWHERE) -> Block:
    return Block("heading", one_line(text), level=min(max(level, 1), MOST_LEVELS), place=place)


def paragraph(text: str, place: Place = NOWHERE) -> Block:
    return Block("paragraph", lines(text), place=place)


def bullets(items: Iterable[Item], place: Place = NOWHERE) -> Block:
    """A list. No item stands more than one deeper than the one before it. Markers that Markdown has not ("A.", "(iv)") begin the text of items."""
    kept: list[Item] = []
    for item in items:
        text = lines(item.text)
        if text:
            deepest = kept[-1].depth + 1 if kept else 0
            marker = item.marker
            if not _MARKER.fullmatch(marker):
                text = lines(f"{marker} {text}") if any(map(str.isalnum, marker)) else text
                marker = "-"
            kept.append(Item(text, min(max(item.depth, 0), deepest, MOST_DEPTH), marker))
    return Block("list", items=tuple(kept), place=place)


def table(rows: Iterable[Sequence[str]], header: bool = True, place: Place = NOWHERE) -> Block:
    """A table. Short rows are filled up; rows of empty cells go, and so do the empty columns at its right."""
    cells = [[lines(cell) for cell in row] for row in rows]
    named = header and bool(cells) and any(cells[0])
    cells = [row for row in cells if any(row)]
    width = max((max((at + 1 for at, cell in enumerate(row) if cell), default=0) for row in cells), default=0)
    even = tuple(tuple((row + [""] * width)[:width]) for row in cells)
    return Block("table", rows=even, header=named, place=place)


def code(text: str, language: str = "", place: Place = NOWHERE) -> Block:
    """Code as it stands, without empty lines around it. Its language is a word."""
    verbatim = _LINE_ENDS.sub("\n", text).strip("\n")
    return Block("code", verbatim if verbatim.strip() else "", language=_LANGUAGE.sub("", language), place=place)


def formula(text: str, place: Place = NOWHERE) -> Block:
    """A formula that stands alone, in LaTeX where the source says so much, without the marks around it."""
    return Block("formula", lines(text.replace("$$", "$").strip()).replace("$$", "$"), place=place)


def figure(text: str = "", target: str = "", place: Place = NOWHERE) -> Block:
    """A picture: `text` says what is seen, for readers who do not see it."""
    return Block("figure", one_line(text), target="".join(target.split()), place=place)


def caption(text: str, place: Place = NOWHERE) -> Block:
    return Block("caption", lines(text), place=place)


def footnote(label: str, text: str, place: Place = NOWHERE) -> Block:
    return Block("footnote", lines(text), label=_LABEL.sub("", label) or "note", place=place)


def one_line(text: str) -> str:
    return " ".join(text.replace(_SOFT_HYPHEN, "").split())


def lines(text: str) -> str:
    """Lines without spaces around them; empty lines go, for they would end a paragraph. So do soft hyphens, which nobody sees inside a line."""
    text = _LINE_ENDS.sub("\n", text.replace(_SOFT_HYPHEN, ""))
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)
