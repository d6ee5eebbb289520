"""A parsed page as pieces of text and marks of what its elements ask for: line breaks, paragraphs, items, cells."""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import Any, Final

from operators.bases.html import formulas
from operators.bases.html.boilerplate import TOLD, Boilerplate
from operators.bases.html.raised import lowered, raised

LINE: Final = "\v"
PARAGRAPH: Final = "\f"
BREAK: Final = "\x1f"
"""A line break of `br`: two of them make a paragraph."""
CELL: Final = "\0\t"
ITEM: Final = "\0"
"""Stands before the "- " of an item, at the start of its line. No text of a parsed page has the character NUL in it."""

_DROPPED: Final = frozenset("script style noscript template head title svg iframe object embed canvas audio video".split())
"""Nobody sees their text."""
_BLOCKS: Final = {
    **dict.fromkeys(
        "address article aside blockquote body center details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
        "html main p section table".split(),
        PARAGRAPH,
    ),
    **dict.fromkeys("caption legend option summary tr".split(), LINE),
}
"""Elements whose text stands in lines of its own."""
_ENDS: Final = {**_BLOCKS, "dt": LINE}
_LISTS: Final = frozenset("ul ol menu dir".split())
_OPENED: Final = _LISTS | frozenset("pre code li dd td th br sup sub q rt".split())
_CLOSED: Final = _OPENED - {"br"} | frozenset("del button a".split())
BREAKING: Final = frozenset(_BLOCKS) | _LISTS | frozenset("pre li dd td th br".split())
"""Elements that begin or end a line, or a cell."""
_APART: Final = {"del": "ins", "button": "button", "a": "a"}
"""Elements that are seen apart from those that follow them."""
_BREAKS: Final = frozenset((LINE, PARAGRAPH, BREAK))
_WHITE: Final = f" \t\n\r{LINE}{PARAGRAPH}{BREAK}"
_MARKS: Final = _BREAKS | {"", " ", "\n"}
_SPACES: Final = re.compile("  +")
_DEEPEST_INDENTATION: Final = 6

_LOOKED_AT: Final = _DROPPED | formulas.MATH | {"img"}
_DRAWN: Final = re.compile(r"x(?:(?<=katex)|(?<=MathJax))")
"""What every page says that draws formulas with a script. A search that begins with a character is several times as fast as one for a word."""
_CLASSES_OF_COPIES: Final = frozenset("MathJax MathJax_Preview MathJax_Display MathJax_SVG MathJax_SVG_Display MathJax_CHTML MJXc-display".split())
"""What MathJax drew, or shows until it has drawn, beside the script that has the formula."""
_NOTE: Final = re.compile(r"ref|note|cite", re.IGNORECASE)
_SIGNS_OF_PICTURES: Final = ("mwe-math", "latex", '"tex', "'tex", '"math', "'math")
_WIDEST_CELL: Final = 50
_LARGEST_SCRIPT: Final = 12
"""Pieces of a superscript; what has more is no exponent."""


class PageReader:
    """Reads a page once, from its first node to its last. With `keep_spaces` white space of the text stays, as in Markdown."""

    def __init__(self, source: str, keep_spaces: bool, watch: Boilerplate | None) -> None:
        self._keep_spaces = keep_spaces
        self._watch = watch
        self._made: list[str] = []
        self._at_start = -1
        """The number of pieces when an item, a cell or a definition began: a block with which it starts asks for no break."""
        self._cell = -1
        """Where the pieces of the open cell begin."""
        self._verbatim = 0
        self._lists: list[_List] = []
        self._shifted: list[int] = []
        """Where the pieces of open superscripts and subscripts begin."""
        self._source = source
        self._looked_at = _LOOKED_AT
        if _DRAWN.search(source):
            self._looked_at |= {"span", "div", "nobr"}

    @cached_property
    def _has_scripts_of_mathjax(self) -> bool:
        return "math/tex" in self._source

    @cached_property
    def _has_pictures_of_formulas(self) -> bool:
        return any(sign in self._source for sign in _SIGNS_OF_PICTURES)

    @cached_property
    def _has_spans(self) -> bool:
        return "colspan" in self._source

    def pieces(self, root: Any) -> list[str]:
        """Text and marks in document order."""
        made, watch, looked_at = self._made, self._watch, self._looked_at
        add, block_of, end_of = made.append, _BLOCKS.get, _ENDS.get
        open_nodes: list[tuple[Any, str]] = []
        node = root
        while True:
            tag = node.tag
            if tag == "-text":
                if content := self._seen(node.text_content or ""):
                    add(content)
                    if watch:
                        watch.read(content)
            elif tag not in looked_at or not self._is_read_as_a_whole(node, tag):
                child = node.child
                if watch and tag in TOLD and child is not None:
                    watch.enter(tag, len(made))
                if mark := block_of(tag):
                    if len(made) != self._at_start and not self._verbatim:
                        add(mark)
                elif tag in _OPENED:
                    self._open(node, tag, child is None)
                if child is not None:
                    open_nodes.append((node, tag))
                    node = child
                    continue
                if mark:
                    add("\n" if self._verbatim else end_of(tag, mark))
                elif tag in _CLOSED:
                    self._close(node, tag)
            while True:
                if not open_nodes:
                    return made
                following = node.next
                if following is not None:
                    break
                node, tag = open_nodes.pop()
                if mark := end_of(tag):
                    add("\n" if self._verbatim else mark)
                elif tag in _CLOSED:
                    self._close(node, tag)
                if watch and tag in TOLD:
                    watch.leave(tag, len(made))
            node = following

    def _seen(self, content: str) -> str:
        """What a reader sees of a text: outside `pre`, white space of any length is one space, and none at the start of a line."""
        is_kept = self._keep_spaces or self._verbatim
        if content.isspace() and not (is_kept or content.strip(_WHITE)):
            return " " if len(self._made) != self._at_start and self._made[-1] not in _BREAKS else ""
        if "\v" in content or "\f" in content or "\x1f" in content:
            content = content.replace("\v", " ").replace("\f", " ").replace("\x1f", " ")
        if len(self._made) == self._at_start and not self._verbatim:
            content = content.lstrip(" \t\n\r")
        if is_kept:
            return content
        content = content.replace("\n", " ").replace("\t", " ").replace("\r", " ")
        return _SPACES.sub(" ", content) if "  " in content else content

    def _is_read_as_a_whole(self, node: Any, tag: str) -> bool:
        """Formulas, and what nobody sees."""
        if tag == "script":
            kind = node.attributes.get("type") or ""
            if kind.startswith("math/tex"):
                self._add_formula(formulas.in_dollars(self._source_of(node), "display" in kind), "display" in kind)
            return True
        if tag in formulas.MATH:
            self._add_formula(*formulas.of_math(node))
            return True
        if tag == "img":
            if (formula := formulas.of_picture(node)) and self._has_pictures_of_formulas:
                self._add_formula(formula, False)
            return False
        return tag in _DROPPED or self._is_a_copy(node)

    def _is_a_copy(self, node: Any) -> bool:
        """What KaTeX and MathJax draw for the eye, where the page says the formula in another way too."""
        known = node.attributes
        classes = (known.get("class") or "").split()
        if "katex-html" in classes:
            return node.prev is not None and node.prev.tag == "span"
        if self._has_scripts_of_mathjax:
            return not _CLASSES_OF_COPIES.isdisjoint(classes)
        return node.tag == "nobr" and "aria-hidden" in known and node.next is not None

    def _source_of(self, script: Any) -> str:
        """In a fragment, "<" was hidden from the parser, and a parser takes the text of a script as it is."""
        source = script.text() or ""
        return html.unescape(source) if self._keep_spaces else source

    def _add_formula(self, formula: str, display: bool) -> None:
        if formula:
            self._made.append(f"{PARAGRAPH}{formula}{PARAGRAPH}" if display else formula)
            if self._watch:
                self._watch.read(formula)

    def _open(self, node: Any, tag: str, is_empty: bool) -> None:
        made, verbatim = self._made, self._verbatim
        if tag == "br":
            made.append("\n" if verbatim else BREAK)
        elif tag == "pre":
            self._verbatim += 1
            made.append(f"{PARAGRAPH}```\n")
        elif tag in ("sup", "sub"):
            self._shifted.append(len(made))
        elif verbatim or (is_empty and tag == "code"):
            return
        elif tag == "code":
            made.append("`")
        elif tag == "li":
            self._open_item(node)
        elif tag in _LISTS:
            depth = self._lists[-1].depth + 1 if self._lists else 0
            if len(made) != self._at_start:
                made.append(LINE if self._lists else PARAGRAPH)
            elif self._lists and made[-1].startswith(LINE + ITEM):
                depth -= 1
            self._lists.append(_List.numbered(node, depth) if tag == "ol" else _List(depth))
        elif tag == "dd":
            made.append(LINE)
            self._at_start = len(made)
        elif tag in ("td", "th"):
            if len(made) != self._at_start or made[-1] == CELL:
                made.append(CELL)
            self._at_start = self._cell = len(made)
        elif tag == "q":
            made.append('"')
        elif tag == "rt" and not _is_beside(node.prev, "rp"):
            made.append("(")

    def _open_item(self, node: Any) -> None:
        made, lists = self._made, self._lists
        if len(made) == self._at_start and made[-1].startswith(LINE + ITEM):
            made[-1] = LINE
        made.append(f"{LINE}{ITEM}{lists[-1].marker(node) if lists else '- '}")
        self._at_start = len(made)

    def _close(self, node: Any, tag: str) -> None:
        made, verbatim = self._made, self._verbatim
        if tag == "pre":
            self._verbatim -= 1
            made.append(f"{LINE}```{PARAGRAPH}")
        elif tag in ("sup", "sub"):
            self._shift(node, tag, self._shifted.pop())
        elif verbatim:
            if tag == "li":
                made.append("\n")
        elif tag in _APART:
            if _is_beside(node.next, _APART[tag]):
                made.append(" ")
        elif tag == "code":
            if node.child is not None:
                made.append("`")
        elif tag == "li":
            if len(made) == self._at_start and made[-1].startswith(LINE + ITEM):
                made[-1] = ""
            made.append(LINE)
        elif tag in _LISTS:
            self._lists.pop()
            made.append(LINE if self._lists else PARAGRAPH)
        elif tag == "dd":
            made.append(LINE)
        elif tag in ("td", "th"):
            self._close_cell()
            if self._has_spans:
                made += [CELL] * (min(_integer(node.attributes.get("colspan")) or 1, _WIDEST_CELL) - 1)
        elif tag == "q":
            made.append('"')
        elif tag == "rt" and not _is_beside(node.next, "rp"):
            made.append(")")

    def _close_cell(self) -> None:
        """The one paragraph of a cell ends with it, and not the line of the table."""
        made, start = self._made, self._cell
        self._at_start = self._cell = -1
        if start < 0 or not made[-1:] or made[-1] not in _MARKS:
            return
        end = len(made)
        while end > start and made[end - 1] in _MARKS:
            end -= 1
        if not any(map(_has_break, made[start:end])):
            made[end:] = [""] * (len(made) - end)

    def _shift(self, node: Any, tag: str, start: int) -> None:
        made = self._made
        if self._verbatim or not 0 < len(made) - start <= _LARGEST_SCRIPT:
            return
        inside = "".join(made[start:])
        before = "".join(made[max(0, start - 8) : start])[-24:]
        if not before or _has_break(inside):
            return
        if tag == "sub":
            new = lowered(before, inside)
        else:
            following = node.next
            after = following.text_content or "" if following is not None and following.tag == "-text" else ""
            is_fraction = after.strip() in _SLASHES and _is_beside(following and following.next, "sub")
            new = raised(before, inside, after, _is_note(node), is_fraction)
        if new != inside:
            made[start:] = [new] + [""] * (len(made) - start - 1)


_SLASHES: Final = frozenset("/⁄∕")


def _has_break(piece: str) -> bool:
    return LINE in piece or PARAGRAPH in piece or BREAK in piece


def _is_beside(node: Any, tag: str) -> bool:
    return node is not None and node.tag == tag


def _is_note(node: Any) -> bool:
    """Whether a superscript is a link, stands in one, or is called a reference or a note."""
    known = node.attributes
    if known and any(_NOTE.search(known.get(name) or "") for name in ("class", "id")):
        return True
    return _is_beside(node.child, "a") or _is_beside(node.parent, "a")


class _List:
    """An open list: how many lists it stands in, and for an ordered one the number of its next item."""

    def __init__(self, depth: int, number: int | None = None, step: int = 1, kind: str = "1") -> None:
        self.depth = depth
        self._indentation = "  " * min(depth, _DEEPEST_INDENTATION)
        self._number, self._step, self._kind = number, step, kind

    @classmethod
    def numbered(cls, node: Any, depth: int) -> _List:
        known = node.attributes
        step = -1 if "reversed" in known else 1
        number = _integer(known.get("start"))
        if number is None:
            number = 1 if step > 0 else sum(child.tag == "li" for child in node.iter())
        return cls(depth, number, step, known.get("type") or "1")

    def marker(self, item: Any) -> str:
        """What stands before an item: "- ", "3. ", "c. "; of Roman numbers "- "."""
        if self._number is None or self._kind in "iI":
            return f"{self._indentation}- "
        value = _integer(item.attributes.get("value"))
        number = self._number if value is None else value
        self._number = number + self._step
        shown = chr(ord(self._kind) + number - 1) if self._kind in "aA" and 1 <= number <= 26 else number
        return f"{self._indentation}{shown}. "


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text) else None
