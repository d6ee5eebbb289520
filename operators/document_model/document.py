"""A document: its blocks in reading order, and what is known of it as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from operators.document_model.blocks import Block


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, whatever its format. Blocks that are empty are left out when one is made with `of`."""

    blocks: tuple[Block, ...]
    title: str = ""
    pages: int | None = None
    """Pages, slides or sheets; None where the format has none."""
    kind: str = ""
    """The format, told by the file's bytes: "pdf", "html", "docx", "pptx", "xlsx", "epub", "markdown", "rst", "csv", "xml", "text", "image"."""
    converter: str = ""
    """Which converter made it, with its version: "pdfium 1"."""
    notes: tuple[str, ...] = ()
    """What was left out, in sentences: pages without a text layer, pictures that could not be read."""

    @classmethod
    def of(cls, blocks: Iterable[Block], **known: Any) -> Self:
        return cls(tuple(block for block in blocks if not block.is_empty), **known)

    def changed(self, **known: Any) -> Document:
        return replace(self, **known)

    def where(self, keep: Callable[[Block], bool]) -> Document:
        """The document with some of its blocks."""
        return replace(self, blocks=tuple(block for block in self.blocks if keep(block)))

    def heading(self) -> str:
        """The title, or else its first heading."""
        return self.title or next((block.text for block in self.blocks if block.kind == "heading"), "")
