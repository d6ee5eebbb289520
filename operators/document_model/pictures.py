"""Pictures of a document: how a block names the place where one is found, how it is drawn, and what came of it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import asdict, dataclass
from typing import Any, Final, Self, TypeAlias

from operators.document_model.blocks import Block
from operators.document_model.conversion import NotConverted

PageBox: TypeAlias = "tuple[int, tuple[float, float, float, float]]"
"""A page, from 1, and left, top, right, bottom in points from the upper left corner of the page as a reader sees it."""

_NUMBER: Final = r"(-?\d{1,9}(?:\.\d{1,4})?)"
_PLACE: Final = re.compile(rf"#page=(\d{{1,9}})&viewrect={_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_ELSEWHERE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/")


@dataclass(frozen=True, slots=True)
class PictureForm:
    """How a place of a page is drawn, and which embedded files are taken."""

    dots_per_inch: int = 150
    margin: float = 4.0
    """Points around the box, for lines and letters that reach over its edge."""
    most_pixels: int = 2_000_000
    """A larger place is drawn with fewer dots per inch."""
    most_bytes: int = 20_000_000
    """Of one picture."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, known: dict[str, Any]) -> Self:
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture file: PNG where a page was drawn, else the file that the document holds or names."""

    content: bytes


PictureResult: TypeAlias = Picture | NotConverted


def place_target(place: PageBox) -> str:
    """The name of a place of a PDF, in the words of RFC 8118: a reader opens "book.pdf#page=3&viewrect=72,100,228,30" there.

    >>> place_target((3, (72.0, 100.0, 300.0, 130.5)))
    '#page=3&viewrect=72,100,228,30.5'
    """
    page, (left, top, right, bottom) = place
    numbers = (left, top, right - left, bottom - top)
    return f"#page={page}&viewrect={','.join(f'{number:.1f}'.removesuffix('.0') for number in numbers)}"


def place_of_target(target: str) -> PageBox | None:
    """The place that a target names; None where it names a file.

    >>> place_of_target("#page=3&viewrect=72,100,228,30.5")
    (3, (72.0, 100.0, 300.0, 130.5))
    """
    found = _PLACE.fullmatch(target)
    if found is None:
        return None
    left, top, width, height = (float(found[group]) for group in range(2, 6))
    return int(found[1]), (left, top, left + width, top + height)


def named_from(path: str, target: str, inside: bool) -> str:
    """The target as it is named from the folder of the document, so that those of several documents are told apart.

    Args:
        path: of the document.
        inside: whether other files that the document names are parts of its archive, as in DOCX.

    >>> named_from("a/book.pdf", "#page=1&viewrect=0,0,9,9", False), named_from("a/book.md", "fig/b.png", False)
    ('a/book.pdf#page=1&viewrect=0,0,9,9', 'a/fig/b.png')
    >>> named_from("a/book.docx", "word/media/b.png", True), named_from("a/book.md", "https://example.org/b.png", False)
    ('a/book.docx#word/media/b.png', 'https://example.org/b.png')
    """
    if not target or not path or (_ELSEWHERE.match(target) and not inside):
        return target
    if target.startswith("#"):
        return path + target
    return f"{path}#{target}" if inside else posixpath.join(posixpath.dirname(path), target)


def named_within(path: str, name: str) -> str:
    """The target that `named_from` made a name of.

    >>> named_within("a/book.docx", "a/book.docx#word/media/b.png"), named_within("a/book.md", "a/fig/b.png")
    ('word/media/b.png', 'fig/b.png')
    """
    if name.startswith(f"{path}#"):
        target = name[len(path) :]
        return target if place_of_target(target) else target[1:]
    folder = posixpath.dirname(path)
    return name.removeprefix(f"{folder}/") if folder else name


def name_of(block: Block) -> str:
    """By which name the picture of a block is found: the target of a figure, the place of a table on its page; "" where there is none."""
    if block.kind == "figure":
        return block.target
    page, box, source = block.place.page, block.place.box, block.place.source
    return named_from(source, place_target((page, box)), inside=False) if block.kind == "table" and page is not None and box is not None else ""
