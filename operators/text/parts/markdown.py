"""Markdown cut by its structure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from pydantic import Field

from operators.bases import pieces
from operators.bases.cutting import CutsToSize
from operators.bases.markdown_blocks import blocks, lines_or_sentences
from operators.bases.pieces import Section, Span, sections
from operators.tables.columns import Output
from operators.text.parts.part_rows import MakesParts


class _Chunk(NamedTuple):
    span: Span
    headings: tuple[str, ...]


class ChunkMarkdown(MakesParts, CutsToSize):
    """Cut Markdown texts into rows of at most `size` units, each of one section and with the headings above it.

    Tables, code, lists and paragraphs stay whole; one that is longer than `size` is cut between its lines or sentences. A section of fewer than
    `min_size` units is joined with the one that follows, under the headings that both have. A text without headings is one section.
    """

    covers = ("KBCChunkGenerator",)
    source = "CommonMark; structure-aware chunking as in LangChain's MarkdownHeaderTextSplitter and Docling's HybridChunker"
    asks = (
        "chunk markdown by headings without breaking tables",
        "split documents into sections of limited length",
        "chunks that keep code blocks whole",
    )

    output_headings = Output(list[str], "headings", description="the headings above the text, from the first level down")

    deepest: int = Field(6, ge=1, le=6, description="Headings of deeper levels stay inside of chunks.")

    def spans(self, text: str) -> Sequence[Span]:
        return [chunk.span for chunk in self._chunks(text)]

    def generate(self, text: str) -> list[dict[str, Any]]:
        chunks = [chunk for chunk in self._chunks(text) if pieces.trim(text, chunk.span) is not None]
        rows = self.rows(text, [chunk.span for chunk in chunks])
        return [{**row, "headings": list(chunk.headings)} for row, chunk in zip(rows, chunks, strict=True)]

    def _chunks(self, text: str) -> Iterator[_Chunk]:
        units = self.units(text)
        starts = [unit.start for unit in units]
        before = [0, *accumulate(unit.units for unit in units)]

        def counted(start: int, end: int) -> int:
            return before[bisect_left(starts, end)] - before[bisect_left(starts, start)]

        for section in self._joined(sections(text, self.deepest), counted):
            outer: list[Span] = []
            for block in blocks(text, section.start, section.end):
                fits = counted(block.start, block.end) <= self.size
                outer += [block] if fits else lines_or_sentences(text, block)
            inside = units[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
            for span in self.packed(pieces.grouped(outer, inside, self.size)):
                yield _Chunk(span, section.headings)

    def _joined(self, found: Sequence[Section], counted: Callable[[int, int], int]) -> list[Section]:
        """Sections that are too small, with the next; the last, where it is too small, with the one before. Never more than fits into one chunk."""
        joined: list[Section] = []
        for section in found:
            before = joined[-1] if joined else None
            if before is not None and self._belong_together(before, section, counted, is_last=section is found[-1]):
                joined[-1] = Section(before.start, section.end, _shared(before.headings, section.headings))
            else:
                joined.append(section)
        return joined

    def _belong_together(self, before: Section, section: Section, counted: Callable[[int, int], int], is_last: bool) -> bool:
        one, other = counted(before.start, before.end), counted(section.start, section.end)
        return one + other <= self.size and (one < self.min_size or (is_last and other < self.min_size))


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    same = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    return one[:same]
