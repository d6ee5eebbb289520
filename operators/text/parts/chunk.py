"""Texts cut by length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pyarrow as pa
from pydantic import Field, model_validator

from operators.bases import pieces
from operators.bases.models.tokenizer import WHERE, find_tokenizer, tokenizer_packages, tokenizer_problems
from operators.bases.pieces import Span
from operators.tables.errors import Problem
from operators.text.parts.part_rows import MakesParts


class ChunkText(MakesParts):
    """Cut texts into rows of at most `size` words, characters, sentences or tokens, each beginning with the last `overlap` of the one before.

    With `whole_sentences` a chunk ends where a sentence does; only a sentence that is longer than `size` is cut. Words of scripts without spaces are
    counted as their characters. Tokens are those of a `tokenizer` of any model (extra [models]).
    """

    source = "recursive and sliding-window chunking, as in LangChain and LlamaIndex"
    asks = ("chunk documents with overlap for RAG", "cut long texts into pieces of 512 tokens", "split into windows of sentences")
    extra = "models"

    unit: Literal["words", "characters", "sentences", "tokens"] = "words"
    size: int = Field(300, ge=1, description="Units in a chunk, at most.")
    overlap: int = Field(0, ge=0, description="Units that a chunk shares with the one before, at most.")
    whole_sentences: bool = Field(False, description="Whether chunks end where sentences do.")
    tokenizer: str = Field("", description=f'For unit="tokens". {WHERE}')

    @model_validator(mode="after")
    def _fits(self) -> ChunkText:
        if self.overlap >= self.size:
            raise ValueError(f"overlap={self.overlap} has to be below size={self.size}: each chunk says something new")
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

    def spans(self, text: str) -> Sequence[Span]:
        units = self._units(text)
        if self.whole_sentences and self.unit != "sentences":
            units = pieces.grouped(pieces.sentences(text), units, self.size)
        return list(pieces.windows(units, self.size, self.overlap))

    def _units(self, text: str) -> list[Span]:
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
