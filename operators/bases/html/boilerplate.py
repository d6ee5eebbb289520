"""Which parts of a web page its readers see but do not come for: navigation, footers, forms, and blocks that are little but links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

Piece = TypeVar("Piece")

_ALWAYS: Final = frozenset("nav aside footer".split())
_FORMS: Final = frozenset("form dialog select button textarea".split())
_BLOCKS_OF_LINKS: Final = frozenset("ul ol menu dl div section table p".split())
LOOKED_AT: Final = _ALWAYS | _FORMS | _BLOCKS_OF_LINKS
"""Elements whose start and end have to be told."""

_MENU_LINKS, _MENU_SHARE = 3, 0.8
"""A menu has three links, and four fifths of its characters in them (Kohlschütter et al. 2010: the density of links tells boilerplate best)."""

_LEFT_OF_FORMS, _LEFT_OF_OTHERS = 0.3, 0.05
"""A page that stands in a form as a whole, as some servers write them, is none: so much of the text outside links is left, or forms stay;
with less still, all does."""


_REPEATED_BLOCKS, _ARTICLE_CHARACTERS = 3, 500
"""Teasers come back on a page block by block, and so do articles that are shown twice. One paragraph that does may be the chorus of a song, and
several short ones without links the steps of a recipe."""


class Cut(NamedTuple):
    """Pieces from `start` to `end` are a part of the page that is left out, with so many characters outside links."""

    start: int
    end: int
    unlinked: int
    is_form: bool


class _Count(NamedTuple):
    """Characters outside and inside links, and links."""

    unlinked: int = 0
    linked: int = 0
    links: int = 0

    def plus(self, other: _Count) -> _Count:
        return _Count(self.unlinked + other.unlinked, self.linked + other.linked, self.links + other.links)

    def minus(self, other: _Count) -> _Count:
        return _Count(self.unlinked - other.unlinked, self.linked - other.linked, self.links - other.links)

    def is_menu(self) -> bool:
        return self.links >= _MENU_LINKS and self.linked >= _MENU_SHARE * (self.unlinked + self.linked)


@dataclass
class _Element:
    """An open element: where its pieces start, what was counted up to there, and what is cut out of it."""

    start: int
    before: _Count
    cut: _Count = field(default_factory=_Count)


@dataclass
class Boilerplate:
    """Watches a page as it is read piece by piece, and finds what can be cut out of it. `enter` and `leave` come in pairs."""

    cuts: list[Cut] = field(default_factory=list)
    linked_texts: set[str] = field(default_factory=set)
    _unlinked: int = 0
    _linked: int = 0
    _links: int = 0
    _open_links: int = 0
    _open: list[_Element] = field(default_factory=list)

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
        elif tag in LOOKED_AT:
            self._open.append(_Element(pieces, self._counted()))

    def leave(self, tag: str, pieces: int) -> None:
        """What was cut out of an element says nothing of the rest of it."""
        if tag == "a":
            self._open_links -= 1
        elif tag in LOOKED_AT:
            element = self._open.pop()
            inside = cut = self._counted().minus(element.before)
            if tag not in _BLOCKS_OF_LINKS or inside.minus(element.cut).is_menu():
                self.cuts.append(Cut(element.start, pieces, inside.unlinked, tag in _FORMS))
            else:
                cut = element.cut
            if self._open:
                self._open[-1].cut = self._open[-1].cut.plus(cut)

    def _counted(self) -> _Count:
        return _Count(self._unlinked, self._linked, self._links)

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


def _outermost(cuts: list[Cut]) -> list[Cut]:
    """Those that stand in no other, in order."""
    outer: list[Cut] = []
    for cut in sorted(cuts, key=lambda cut: (cut.start, -cut.end)):
        if not outer or cut.start >= outer[-1].end:
            outer.append(cut)
    return outer


def without_repeated_blocks(text: str, linked: set[str]) -> str:
    """The text without the blocks (between blank lines) that stood before it in the same order: three or more in a row, with a link among any three,
    or as long as the paragraphs of an article."""
    blocks = text.split("\n\n")
    if len(blocks) < 2 * _REPEATED_BLOCKS:
        return text
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
