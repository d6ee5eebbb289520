"""About how many tokens a text has, where no tokenizer is at hand. `operators.text.tokens` counts with one."""

from __future__ import annotations

import re
from typing import Final, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from operators.core.kinds import Evaluate, Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output

_PIECE: Final = re.compile(r"\s?[^\W\d_]+|\d|\s?[^\w\s]+|\s+|_")
_LETTERS_A_TOKEN: Final = 6
"""Letters of a longer word that one token of today's vocabularies covers. Digits are a token each (Qwen, Llama 2), other scripts a character each."""


def estimated_tokens(text: str) -> int:
    """About as many tokens as a vocabulary of 100,000 pieces would give: within a quarter for English, code and LaTeX."""
    count = 0
    for piece in _PIECE.findall(text):
        word = piece.strip()
        if not word or not word[0].isalpha():
            count += 1 if not word else max(1, (len(word) + 1) // 2)
        elif word.isascii():
            count += 1 + (len(word) - 1) // (2 * _LETTERS_A_TOKEN)
        else:
            count += max(1, sum(2 if sign > "\u2fff" else 1 for sign in word) // 2)
    return count


class EstimatedTokenEvaluator(Evaluate):
    """Estimate the tokens of a text without a tokenizer. Null stays null, an empty text has 0. TokenCountEvaluator counts with a tokenizer's file.

    Follow with DistributionSummary for the figures of the whole table.
    """

    covers = ("ReasoningTokenDatasetEvaluator",)
    asks = ("how long are my answers in tokens, roughly", "measure sequence lengths without downloading a tokenizer")

    input_text = Input(str)
    output_tokens = Output(int, "estimated_tokens")

    def evaluate(self, text: str) -> int:
        return estimated_tokens(text)


class EstimatedTokenFilter(Filter):
    """Keep texts of about `min_tokens` to `max_tokens` tokens, estimated without a tokenizer. TokenCountFilter counts with a tokenizer's file."""

    covers = ("ReasoningAnswerTokenLengthFilter",)
    asks = ("drop answers that are far too long", "limit chains of thought to about 8192 tokens")

    input_text = Input(str)

    min_tokens: int = Field(1, ge=0)
    max_tokens: int = Field(8192, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_tokens > self.max_tokens:
            raise ValueError(f"min_tokens={self.min_tokens} is above max_tokens={self.max_tokens}: nothing could pass")
        return self

    def keep_batch(self, text: pa.Array) -> Verdict:
        counts = [estimated_tokens(one) for one in text.to_pylist()]
        reasons = [self._reason(count) for count in counts]
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)

    def _reason(self, count: int) -> str | None:
        if count < self.min_tokens:
            return f"about {count} tokens, below min_tokens = {self.min_tokens}"
        return f"about {count} tokens, above max_tokens = {self.max_tokens}" if count > self.max_tokens else None
