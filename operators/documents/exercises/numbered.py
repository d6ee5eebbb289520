"""The blocks of a document as a numbered list, which a model reads and answers about by numbers alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from operators.document_model.blocks import Block

_LONGEST = 1200
"""Characters of a block that the model is shown."""


def numbered(blocks: Sequence[Block], numbers: range) -> str:
    """One block a line or more: its number, its kind, its text; the number is its place among all blocks of the document.

    >>> from operators.document_model.blocks import heading, paragraph
    >>> print(numbered([heading("Sums"), paragraph("1. Add 2 and 3.")], range(2)))
    [0] heading: Sums
    [1] paragraph: 1. Add 2 and 3.
    """
    return "\n".join(f"[{number}] {blocks[number].kind}: {_shown(blocks[number])}" for number in numbers)


def windows(blocks: Sequence[Block], characters: int, overlap: int) -> Iterator[range]:
    """Runs of blocks of about so many characters; each but the first begins with the last `overlap` blocks of the one before."""
    start = 0
    while start < len(blocks):
        end, size = start, 0
        while end < len(blocks) and (end <= start + overlap or size + len(_shown(blocks[end])) <= characters):
            size += len(_shown(blocks[end]))
            end += 1
        yield range(start, end)
        if end == len(blocks):
            return
        start = end - overlap


def said(block: Block) -> str:
    """What a block says, without the marks of Markdown around its parts."""
    if block.items:
        return "\n".join(f"{'  ' * item.depth}{item.marker} {item.text}" for item in block.items)
    if block.rows:
        return "\n".join(" | ".join(cells) for cells in block.rows)
    return block.text or block.target


def _shown(block: Block) -> str:
    text = said(block)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
