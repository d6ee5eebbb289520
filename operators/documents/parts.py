"""Parts of documents that say nothing of their subject: lists of references, tables of contents, captions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, Literal, TypeAlias

from pydantic import Field

from operators.core.kinds import Refine
from operators.document_model.blocks import Block
from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from operators.document_model.markdown_writing import markdown_of
from operators.tables.columns import Input

DocumentPart: TypeAlias = Literal["references", "contents", "captions", "footnotes", "figures", "tables", "code", "formulas"]
"""references: a section of that name, with its heading. contents: a table of contents, by its name or by its dots and page numbers."""

_REFERENCES: Final = re.compile(
    r"\W*(?:[\dIVX]+[.\s]+)?(?:references(?: and notes| cited)?|bibliography|works cited|literature cited|literatur(?:verzeichnis)?|références|"
    r"bibliographie|referencias|bibliografía|bibliografia|参考文献|參考文獻|참고\s?문헌|список литературы|литература|المراجع)\W*",
    re.IGNORECASE,
)
_CONTENTS: Final = re.compile(
    r"\W*(?:table of contents|contents|inhalt(?:sverzeichnis)?|table des matières|sommaire|"
    r"índice|indice|目录|目錄|目次|차례|содержание|оглавление|الفهرس)\W*",
    re.IGNORECASE,
)
_LEADERS: Final = re.compile(r"(?<![.\s])\s?(?:\.\s?){4,}+\s*+(?:\d{1,4}|[ivxl]{1,6})\s*$", re.MULTILINE)
_NUMBER_AT_END: Final = re.compile(r"(?:\d{1,4}|[ivxl]{1,6})")
_OF_KIND: Final = {"captions": "caption", "footnotes": "footnote", "figures": "figure", "tables": "table", "code": "code", "formulas": "formula"}


class DropDocumentParts(Refine):
    """Leave out parts of Markdown that say nothing of its subject: references, contents, captions, footnotes, figures, tables, code, formulas.

    A section of references ends at the next heading of its level or above it. A text that has none of these parts stays as it is, byte for byte.
    """

    asks = ("drop the reference list of papers", "remove tables of contents", "cut bibliography, figures and captions from documents")

    input_text = Input(str)

    parts: tuple[DocumentPart, ...] = Field(("references", "contents"), min_length=1)

    def refine(self, text: str) -> str:
        blocks = blocks_of(text)
        kept = blocks_without(blocks, self.parts)
        return text if len(kept) == len(blocks) else markdown_of(kept)


def without_parts(document: Document, parts: Collection[DocumentPart]) -> Document:
    return document.changed(blocks=tuple(blocks_without(document.blocks, parts))) if parts else document


def blocks_without(blocks: Sequence[Block], parts: Collection[DocumentPart]) -> list[Block]:
    """The blocks that belong to none of these parts, in order."""
    kinds = {_OF_KIND[part] for part in parts if part in _OF_KIND}
    kept = [block for block in blocks if block.kind not in kinds]
    if "references" in parts:
        kept = _without_sections(kept, _REFERENCES, lambda block: True)
    if "contents" in parts:
        kept = _without_sections(kept, _CONTENTS, _is_contents)
        kept = [block for block in kept if not _has_leaders(block)]
    return kept


def _without_sections(blocks: Sequence[Block], name: re.Pattern[str], belongs: Callable[[Block], bool]) -> list[Block]:
    """Without headings of a name, and what stands under them as long as it belongs there."""
    kept: list[Block] = []
    level = 0
    for block in blocks:
        if block.kind == "heading" and (not level or block.level <= level):
            level = block.level if name.fullmatch(block.text) else 0
            if level:
                continue
        if level and not belongs(block):
            level = 0
        if not level:
            kept.append(block)
    return kept


def _is_contents(block: Block) -> bool:
    """Lines that end in the number of a page, or a list of short names."""
    if block.kind == "list":
        return all(len(item.text) < 160 for item in block.items)
    if block.kind == "table":
        return all(row[-1].strip().isdigit() or not row[-1].strip() for row in block.rows)
    lines = block.text.split("\n")
    return bool(_LEADERS.search(block.text)) or sum(_ends_in_a_number(line) for line in lines) > 0.5 * len(lines)


def _ends_in_a_number(line: str) -> bool:
    before, _, last = line.strip().rpartition(" ")
    return bool(before) and len(line) < 160 and _NUMBER_AT_END.fullmatch(last) is not None


def _has_leaders(block: Block) -> bool:
    """Whether a block is entries of a table of contents: dots, and a number."""
    texts = [item.text for item in block.items] or block.text.split("\n")
    return block.kind in ("paragraph", "list") and sum(_LEADERS.search(text) is not None for text in texts) > 0.5 * len(texts)
