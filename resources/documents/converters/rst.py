"""reStructuredText, as documentation is written in it: titles, lists, literal blocks, directives, tables, footnotes, inline marks.

Titles have the level in which their underlines first occur. Directives that only steer Sphinx (toctree, index, currentmodule) go; notes, warnings and
descriptions of functions keep their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block, Item
from operators.document_model.document import Document
from resources.documents.converters.inline import lowered, raised
from resources.documents.converters.rst_tables import csv_table, grid_table, is_grid, is_simple, list_table, simple_table
from resources.documents.encodings import decode
from resources.documents.options import Options

_UNDERLINE: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}$")
_DIRECTIVE: Final = re.compile(r"\.\. (?:\|[^|]+\| )?([\w:.+-]+)::(?:[ \t]+(.*))?$")
_FOOTNOTE: Final = re.compile(r"\.\. \[([^\]]+)\][ \t]*(.*)$")
_ITEM: Final = re.compile(r"([-*+•]|(?:\d{1,6}|#|[a-zA-Z])[.)]|\((?:\d{1,6}|[a-zA-Z])\))[ \t]+(\S.*)$")
_FIELD: Final = re.compile(r":([^:\n]{1,60}):(?:[ \t]+(.*))?$")
_CODE: Final = frozenset(
    "code code-block sourcecode ipython doctest testcode testsetup parsed-literal prompt console highlight literalinclude".split()
)
_SIGNATURES: Final = frozenset("function class method data attribute exception decorator option cmdoption describe opcode".split())
_SKIPPED: Final = frozenset(
    "toctree index currentmodule module contents include meta raw only tabularcolumns highlight default-role role sectionauthor codeauthor "
    "automodule autoclass autofunction automethod autosummary autodata autoattribute autoexception testsetup testcleanup plot".split()
)
_PICTURES: Final = frozenset(("image", "figure"))
_INLINE: Final = (
    (re.compile(r"``(.+?)``"), r"`\1`"),
    (re.compile(r"`([^`<>]+?)\s*<([^`<>\s]+)>`__?"), r"[\1](\2)"),
    (re.compile(r":math:`([^`]+)`"), r"$\1$"),
    (re.compile(r":(?:[\w+.-]+:)?(?:ref|doc|term|any|numref|abbr|guilabel|menuselection)(?::[\w+.-]+)?:`([^`<]+?)\s*(?:<[^`>]*>)?`"), r"\1"),
    (re.compile(r":[\w+.:-]+:`[!~]?([^`<]+?)\s*(?:<[^`>]*>)?`"), r"`\1`"),
    (re.compile(r"`([^`\n]+)`__?(?!\w)"), r"\1"),
    (re.compile(r"\[([#*\w]+)\]_(?!\w)"), r"[^\1]"),
    (re.compile(r"\|(\w[^|\n]*)\|_{0,2}(?!\w)"), r"\1"),
    (re.compile(r"\b([A-Za-z][A-Za-z0-9-]*)_(?![\w_])(?=[\s.,;:)]|$)"), r"\1"),
    (re.compile(r"\\([*`|_ ])"), r"\1"),
)
_SUPERSCRIPT: Final = re.compile(r"\\? ?:sup:`([^`]+)`\\?")
_SUBSCRIPT: Final = re.compile(r"\\? ?:sub:`([^`]+)`\\?")
MOST_DEPTH: Final = 20


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    return Document.of(_Rst(decode(content).expandtabs(8).split("\n")).blocks())


class _Rst:
    def __init__(self, lines: list[str], levels: dict[str, int] | None = None, depth: int = 0) -> None:
        self._lines = [line.rstrip() for line in lines]
        self._levels = {} if levels is None else levels
        self._depth = depth
        self._at = 0

    def blocks(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line:
                self._at += 1
            elif (title := self._title()) is not None:
                yield title
            elif line.startswith((".. ", "__ ")) or line in ("..", "__"):
                yield from self._explicit(line)
            elif is_grid(self._lines, self._at):
                rows, header = grid_table(self._part())
                yield make.table([[_inline(cell) for cell in row] for row in rows], header)
            elif is_simple(line):
                rows, header = simple_table(self._simple_part())
                yield make.table([[_inline(cell) for cell in row] for row in rows], header)
            elif _UNDERLINE.match(line) and len(line) >= 4:
                self._at += 1
            elif line.startswith(">>> "):
                yield make.code("\n".join(self._part()), "pycon")
            elif line.startswith(" "):
                yield from self._inner(self._indented(0))
            elif self._is_item():
                yield from self._list()
            elif _FIELD.match(line) or line.startswith("| "):
                yield make.paragraph("\n".join(_inline(re.sub(r"^\| ?", "", one)) for one in self._part()))
            else:
                yield from self._paragraph()

    def _title(self) -> Block | None:
        line = self._lines[self._at]
        below = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        third = self._lines[self._at + 2] if self._at + 2 < len(self._lines) else ""
        if (over := _UNDERLINE.match(line)) and third == line and below.strip():
            self._at += 3
            return self._heading(below.strip(), over[1] * 2)
        under = _UNDERLINE.match(below)
        if under and not line.startswith(" ") and not _UNDERLINE.match(line) and len(below) >= len(line) * 0.7:
            self._at += 2
            return self._heading(line, under[1])
        return None

    def _heading(self, text: str, style: str) -> Block:
        level = self._levels.setdefault(style, len(self._levels) + 1)
        return make.heading(_inline(text), level)

    def _part(self) -> list[str]:
        """The lines up to the next empty one."""
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at]:
            self._at += 1
        return self._lines[start : self._at]

    def _simple_part(self) -> list[str]:
        """The lines of a table whose columns stand under "===": it ends at the border after which an empty line stands."""
        start = self._at
        self._at += 1
        while self._at < len(self._lines):
            self._at += 1
            if is_simple(self._lines[self._at - 1]) and (self._at >= len(self._lines) or not self._lines[self._at]):
                break
        return self._lines[start : self._at]

    def _indented(self, more_than: int) -> list[str]:
        """The lines that are indented by more than so much, and the empty ones between them, without their common indent."""
        kept: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line and len(line) - len(line.lstrip(" ")) <= more_than:
                break
            kept.append(line)
            self._at += 1
        while kept and not kept[-1]:
            kept.pop()
        while kept and not kept[0]:
            kept.pop(0)
        least = min((len(line) - len(line.lstrip(" ")) for line in kept if line), default=0)
        return [line[least:] for line in kept]

    def _inner(self, lines: list[str]) -> Iterator[Block]:
        if self._depth >= MOST_DEPTH:
            yield make.paragraph("\n".join(lines))
        elif lines:
            yield from _Rst(lines, self._levels, self._depth + 1).blocks()

    def _explicit(self, line: str) -> Iterator[Block]:
        """A directive, a footnote, a link's target or a comment."""
        self._at += 1
        body = self._indented(0)
        if footnote := _FOOTNOTE.match(line):
            yield make.footnote(footnote[1].lstrip("#"), _inline("\n".join([footnote[2], *body])))
        elif directive := _DIRECTIVE.match(line):
            yield from self._directive(directive[1].rpartition(":")[2], directive[2] or "", body)

    def _directive(self, name: str, argument: str, body: list[str]) -> Iterator[Block]:
        options = {}
        while body and (option := _FIELD.match(body[0])):
            options[option[1]] = option[2] or ""
            body = body[1:]
        if name in _CODE:
            yield make.code("\n".join(body), argument)
        elif name == "math":
            yield make.formula("\n".join([argument, *body]))
        elif name in _PICTURES:
            yield make.figure(options.get("alt", ""), argument)
            if name == "figure":
                yield make.caption(_inline("\n".join(body)))
        elif name in ("table", "csv-table", "list-table"):
            yield make.caption(_inline(argument))
            rows, header = csv_table(body, options) if name == "csv-table" else list_table(body, options) if name == "list-table" else ([], False)
            yield make.table([[_inline(cell) for cell in row] for row in rows], header)
            if not rows:
                yield from self._inner(body)
        elif name == "rubric":
            yield make.paragraph(f"**{_inline(argument)}**")
        elif name not in _SKIPPED:
            if argument:
                yield make.paragraph(f"`{argument}`" if name in _SIGNATURES else _inline(argument))
            yield from self._inner(body)

    def _is_item(self) -> bool:
        """A number begins an item where the next line is empty, indented, or an item too: "A. Smith" may begin a paragraph."""
        found = _ITEM.match(self._lines[self._at])
        if found is None or len(found[1]) == 1:
            return found is not None
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        return not following or following.startswith(" ") or _ITEM.match(following) is not None

    def _list(self) -> Iterator[Block]:
        items: list[Item] = []
        after: list[Block] = []
        while self._at < len(self._lines) and (found := _ITEM.match(self._lines[self._at])) and self._is_item():
            marker = found[1].removeprefix("(") if found[1][1:2].isdigit() else found[1]
            self._at += 1
            apart = self._at < len(self._lines) and not self._lines[self._at]
            inside = [found[2], *([""] if apart else []), *self._indented(0)]
            number = f"{len(items) + 1}." if marker[0] == "#" else "-" if len(marker) == 1 else marker
            for place, block in enumerate(self._inner(inside)):
                if block.kind == "list":
                    items += [Item(item.text, item.depth + 1, item.marker) for item in block.items]
                elif block.kind == "paragraph" and place and items and not after:
                    items[-1] = Item(f"{items[-1].text}\n{block.text}", items[-1].depth, items[-1].marker)
                elif block.kind == "paragraph" and not place:
                    items.append(Item(block.text, 0, number))
                else:
                    after.append(block)
            while self._at < len(self._lines) and not self._lines[self._at] and _ITEM.match(self._next_line()):
                self._at += 1
            if after:
                break
        yield make.bullets(items)
        yield from after

    def _next_line(self) -> str:
        return next((line for line in self._lines[self._at : self._at + 4] if line), "")

    def _paragraph(self) -> Iterator[Block]:
        """A paragraph; a term with its indented definition; or one that ends with "::", and the literal block after it."""
        kept = [self._lines[self._at]]
        self._at += 1
        while self._at < len(self._lines) and (line := self._lines[self._at]) and not line.startswith(" "):
            kept.append(line)
            self._at += 1
        text = "\n".join(kept)
        literal = text.endswith("::")
        if literal:
            text = text[:-2].rstrip() if text == "::" or text[:-2].endswith((" ", "\n")) else text[:-1]
        if self._at < len(self._lines) and self._lines[self._at].startswith(" ") and not literal:
            yield make.paragraph(_inline(text))
            yield from self._inner(self._indented(0))
            return
        yield make.paragraph(_inline(text))
        if literal:
            yield make.code("\n".join(self._indented(0)))


def _inline(text: str) -> str:
    if "`" not in text and "_" not in text and "\\" not in text and "|" not in text:
        return text
    text = _SUPERSCRIPT.sub(lambda found: raised(found[1]), text)
    text = _SUBSCRIPT.sub(lambda found: lowered(found[1]), text)
    parts = re.split(r"(``.+?``)", text)
    for place in range(0, len(parts), 2):
        for pattern, replacement in _INLINE[1:]:
            parts[place] = pattern.sub(replacement, parts[place])
    return "".join(_INLINE[0][0].sub(r"`\1`", part) if place % 2 else part for place, part in enumerate(parts))
