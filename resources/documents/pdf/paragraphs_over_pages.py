"""Paragraphs that go on in the next column or on the next page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from operators.document_model import blocks as make
from operators.document_model.blocks import Block
from resources.documents.pdf.words import joined

_ENDS: Final = re.compile(r"[.!?:;。！？：；…؟۔]['\"”’)\]*¹²³⁴⁵⁶⁷⁸⁹⁰]*$")
_CAN_STAND_BETWEEN: Final = ("footnote", "figure", "caption", "table")


def with_paragraphs_joined(regions: Sequence[Sequence[Block]], words: Collection[str]) -> list[Block]:
    """One list of blocks. A paragraph without an end goes on at the start of the next region, where that begins with a small letter; notes and
    figures between them come after it."""
    made: list[Block] = []
    for region in regions:
        first = next((place for place, block in enumerate(region) if block.kind not in _CAN_STAND_BETWEEN), None)
        for place, block in enumerate(region):
            at = _open_paragraph(made) if place == first and block.kind == "paragraph" else None
            if at is not None and _continues(made[at], block):
                made[at] = make.paragraph(joined([made[at].text, block.text], words), made[at].place)
            else:
                made.append(block)
    return made


def _open_paragraph(made: Sequence[Block]) -> int | None:
    """The place of the last paragraph, where nothing but notes, figures and tables follow it."""
    for at in range(len(made) - 1, max(-1, len(made) - 8), -1):
        if made[at].kind == "paragraph":
            return at
        if made[at].kind not in _CAN_STAND_BETWEEN:
            return None
    return None


def _continues(before: Block, after: Block) -> bool:
    if _ENDS.search(before.text) or len(before.text) < 40:
        return False
    first = after.text[:1]
    divided = re.search(r"[^\W\d_][-\u2010]$", before.text) is not None
    return first.islower() or (divided and first.isalpha()) or ("\u3040" <= first <= "\u9fff" and before.place.page != after.place.page)
