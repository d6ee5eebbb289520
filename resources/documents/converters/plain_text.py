"""Plain text: paragraphs between empty lines. What has a shape of its own (columns, drawings, code) stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block
from operators.document_model.document import Document
from resources.documents.encodings import decode
from resources.documents.options import Options

_COLUMNS: Final = re.compile(r"\S(?: {3,}|\t+)\S")


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    return Document.of(blocks_of_text(decode(content)))


def blocks_of_text(text: str) -> Iterator[Block]:
    part: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            part.append(line)
        elif part:
            yield make.code("\n".join(line.rstrip() for line in part)) if has_shape(part) else make.paragraph("\n".join(part))
            part = []


def has_shape(part: list[str]) -> bool:
    """Whether spaces mean something: two lines with columns, or lines that are indented in different ways."""
    if len(part) < 2:
        return False
    if sum(_COLUMNS.search(line) is not None for line in part) >= 2:
        return True
    indents = {len(line) - len(line.lstrip()) for line in part[1:]}
    opens_block = part[0].rstrip().endswith((":", "{", "(", "["))
    return max(indents) >= 2 and (len(indents) > 1 or opens_block)
