"""Texts cut where they have a mark, or a heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from operators.bases.pieces import Span, sections
from operators.tables.columns import Output
from operators.text.parts.part_rows import MakesParts


class SplitText(MakesParts):
    """Make a row of each part between separators: paragraphs (a blank line), or whatever your data puts between records. The separators go."""

    asks = ("split documents into paragraphs", "cut a text at a separator", "one row per paragraph or line")

    separator: str = Field("\n\n", min_length=1, description="What stands between parts, as it is written.")

    def spans(self, text: str) -> Sequence[Span]:
        found, start = [], 0
        while (end := text.find(self.separator, start)) >= 0:
            found.append(Span(start, end))
            start = end + len(self.separator)
        return [*found, Span(start, len(text))]


class SplitByHeadings(MakesParts):
    """Make a row of each section of a Markdown text: its heading (# or underlined) with what follows, and the headings above it.

    What stands before the first heading is a part as well; a text without headings is one part. Headings in code blocks are none.
    """

    source = "CommonMark, headings"
    asks = ("split markdown by headings", "cut documents into sections", "one row per chapter with its title")

    output_headings = Output(list[str], "headings", description="the headings above the text, from the first level down")

    deepest: int = Field(6, ge=1, le=6, description="Headings of deeper levels stay inside of parts.")

    def spans(self, text: str) -> Sequence[Span]:
        return [Span(section.start, section.end) for section in sections(text, self.deepest)]

    def generate(self, text: str) -> list[dict[str, Any]]:
        found = sections(text, self.deepest)
        rows = self.rows(text, [Span(section.start, section.end) for section in found])
        return [{**row, "headings": list(section.headings)} for row, section in zip(rows, found, strict=True)]
