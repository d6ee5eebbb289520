"""Which parts of a web page its readers see but do not come for: navigation, footers, forms, and blocks that are little but links."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeVar

Piece = TypeVar("Piece")

_ALWAYS: Final = frozenset("nav aside footer".split())
_FORMS: Final = frozenset("form dialog select button textarea".split())
_BLOCKS_OF_LINKS: Final = frozenset("ul ol menu dl div section table p".split())
_LOOKED_AT: Final = _ALWAYS | _FORMS | _BLOCKS_OF_LINKS
TOLD: Final = _LOOKED_AT | {"a"}
"""Elements whose start and end have to be told."""

_MENU_LINKS, _MENU_SHARE = 3, 0.8
"""A menu has three links, and four fifths of its characters in them (Kohlschütter et al. 2010: the density of links tells boilerplate best)."""

_LEFT_OF_FORMS, _LEFT_OF_OTHERS = 0.3, 0.05
"""A page that stands in a form as a whole, as some servers write them, is none: so much of the text outside links is left, or forms stay;
with less still, all does."""


_REPEATED_BLOCKS, _ARTICLE_CHARACTERS = 3, 500
"""Teasers come back on a page block by block, and so do articles that are shown twice. One paragraph that does may be the chorus of a song, and
several short ones without links the steps of a recipe."""
_BLANK_LINE: Final = re.compile("\n\n")


class Cut(NamedTuple):
    """Pieces from `start` to `end` are a part of the page that is left out, with so many characters outside links."""

    start: int
    end: int
    unlinked: int
    is_form: bool


class Boilerplate:
    """Watches a page as it is read piece by piece, and finds what can be cut out of it. `enter` and `leave` come in pairs."""

    def __init__(self) -> None:
        self.cuts: list[Cut] = []
        self.linked_texts: set[str] = set()
        self._unlinked = 0
        """Characters outside links."""
        self._cut = 0
        """How many of them are cut."""
        self._linked = 0
        """Characters in links that are not cut."""
        self._links = 0
        """Links that are not cut."""
        self._open_links = 0
        self._open: list[tuple[int, int, int, int, int]] = []
        """Of each open element: where its pieces start, and the four counts when it was entered."""

    def read(self, content: str) -> None:
        stripped = content.strip()
        if self._open_links:
            self._linked += len(stripped)
            self.linked_texts.add(stripped)
        else:
            self._unlinked += len(stripped)

    def enter(self, tag: str, pieces: int) -> None:
        if tag == "a":
            self._open_links += 1
            self._links += 1
        elif tag in _LOOKED_AT:
            self._open.append((pieces, self._unlinked, self._cut, self._linked, self._links))

    def leave(self, tag: str, pieces: int) -> None:
        """What was cut out of an element says nothing of the rest of it."""
        if tag == "a":
            self._open_links -= 1
        elif tag in _LOOKED_AT:
            start, unlinked, cut, linked, links = self._open.pop()
            inside = self._unlinked - unlinked
            if tag not in _BLOCKS_OF_LINKS or _is_menu(inside - (self._cut - cut), self._linked - linked, self._links - links):
                self.cuts.append(Cut(start, pieces, inside, tag in _FORMS))
                self._cut, self._linked, self._links = cut + inside, linked, links

    def without(self, made: list[Piece]) -> list[Piece]:
        """The pieces of the page that are left."""
        others = [cut for cut in self.cuts if not cut.is_form]
        for cuts, least in ((self.cuts, _LEFT_OF_FORMS), (others, _LEFT_OF_OTHERS)):
            outer = _outermost(cuts)
            if self._unlinked - sum(cut.unlinked for cut in outer) <= least * self._unlinked:
                continue
            left: list[Piece] = []
            at = 0
            for cut in outer:
                left += made[at : cut.start]
                at = cut.end
            return left + made[at:]
        return made


def _is_menu(unlinked: int, linked: int, links: int) -> bool:
    return links >= _MENU_LINKS and linked >= _MENU_SHARE * (unlinked + linked)


def _outermost(cuts: list[Cut]) -> list[Cut]:
    """Those that stand in no other, in order. They come in the order of their ends, and one after those in it."""
    outer: list[Cut] = []
    for cut in reversed(cuts):
        if not outer or cut.end <= outer[-1].start:
            outer.append(cut)
    return outer[::-1]


def without_repeated_blocks(text: str, linked: set[str]) -> str:
    """The text without the blocks (between blank lines) that stood before it in the same order: three or more in a row, with a link among any three,
    or as long as the paragraphs of an article."""
    blocks = _BLANK_LINE.split(text)
    if len(blocks) < 2 * _REPEATED_BLOCKS or len(blocks) - len(set(blocks)) < _REPEATED_BLOCKS:
        return text  # of the blocks of a row that comes again, each one stood before it
    is_linked = [block.removeprefix("- ").strip() in linked for block in blocks]
    met: set[tuple[str, ...]] = set()
    repeated: set[int] = set()
    for at in range(len(blocks) - _REPEATED_BLOCKS + 1):
        run = slice(at, at + _REPEATED_BLOCKS)
        if any(is_linked[run]) or sum(map(len, blocks[run])) >= _ARTICLE_CHARACTERS:
            if tuple(blocks[run]) in met:
                repeated.update(range(run.start, run.stop))
            met.add(tuple(blocks[run]))
    return "\n\n".join(block for at, block in enumerate(blocks) if at not in repeated) if repeated else text
