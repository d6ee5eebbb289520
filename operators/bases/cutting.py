"""Texts cut by length: into runs of words, characters, sentences or tokens that can be found again in the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from operators.bases import pieces
from operators.bases.models.tokenizer import WHERE, find_tokenizer, tokenizer_packages, tokenizer_problems
from operators.bases.pieces import Span
from operators.core.operator import Operator
from operators.tables.errors import Problem


class CutsToSize(Operator, abstract=True):
    """An operator that cuts texts into pieces of at most `size` units. Stand it beside the kind."""

    extra = "models"

    unit: Literal["words", "characters", "sentences", "tokens"] = "words"
    size: int = Field(300, ge=1, description="Units in a piece, at most.")
    overlap: int = Field(0, ge=0, description="Units that a piece shares with the one before, at most.")
    min_size: int = Field(0, ge=0, description="A last piece of fewer units is left to the one before, which may then be larger than `size`.")
    whole_sentences: bool = Field(False, description="Whether pieces end where sentences do.")
    tokenizer: str = Field("", description=f'For unit="tokens". {WHERE}')

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.overlap >= self.size:
            raise ValueError(f"overlap={self.overlap} has to be below size={self.size}: each chunk says something new")
        if self.min_size > self.size:
            raise ValueError(f"min_size={self.min_size} is above size={self.size}: no chunk could be both")
        return self

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return tokenizer_packages([self.tokenizer]) if self.tokenizer else ()

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if (self.unit == "tokens") != bool(self.tokenizer):
            what = f"{self.name}: tokens are those of a model, and other units of none"
            return [*found, Problem(what, suggestion='give unit="tokens" and tokenizer="FILE" together, or neither')]
        return [*found, *(tokenizer_problems(self.name, self.tokenizer) if self.tokenizer else [])]

    def cut(self, text: str) -> list[Span]:
        """The pieces of a text."""
        units = self.units(text)
        if self.whole_sentences and self.unit != "sentences":
            units = pieces.grouped(pieces.sentences(text), units, self.size)
        return self.packed(units)

    def packed(self, units: Sequence[Span]) -> list[Span]:
        """Runs of units, each as long as `size` lets it be."""
        spans = list(pieces.windows(units, self.size, self.overlap))
        if len(spans) > 1 and spans[-1].units < self.min_size:
            *spans, before, last = spans
            spans.append(Span(before.start, last.end, sum(unit.units for unit in units if before.start <= unit.start < last.end)))
        return spans

    def units(self, text: str) -> list[Span]:
        """The words, characters, sentences or tokens of a text."""
        if self.unit == "tokens":
            return _tokens(find_tokenizer(self.tokenizer, self.name).encode(text, add_special_tokens=False).offsets)
        by_unit = {"words": pieces.words, "characters": pieces.characters, "sentences": pieces.sentences}
        return by_unit[self.unit](text)


def _tokens(offsets: Sequence[tuple[int, int]]) -> list[Span]:
    """Tokens as spans; several that are parts of one character are one span that counts for all of them."""
    spans: list[Span] = []
    for start, end in offsets:
        if spans and start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, end), spans[-1].units + 1)
        else:
            spans.append(Span(start, end))
    return spans
