"""How many tokens a text has: counted with a tokenizer's file, or estimated where none is given."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem

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


@functools.lru_cache(maxsize=4)
def _tokenizer(path: str, _changed: float) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(path)


class CountsTokens(Operator, abstract=True):
    """The tokenizer is a file that is there: nothing is fetched, and it is read when the first batch comes."""

    tokenizer: str | None = Field(None, description="A tokenizer.json, or a folder with one; without it tokens are estimated.")

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return ("tokenizers",) if self.tokenizer else ()

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if self.tokenizer and not self._file().is_file():
            found.append(
                Problem(f"there is no tokenizer {self._file()}", suggestion="give the path of a tokenizer.json, or leave it out: estimated then")
            )
        return found

    def counts(self, texts: Sequence[str]) -> list[int]:
        """Of each text, without special tokens; all texts in one call."""
        if not self.tokenizer:
            return [estimated_tokens(text) for text in texts]
        path = self._file()
        encoded = _tokenizer(str(path), path.stat().st_mtime).encode_batch(list(texts), add_special_tokens=False)
        return [len(one.ids) for one in encoded]

    def _file(self) -> Path:
        path = Path(self.tokenizer or "")
        return path / "tokenizer.json" if path.is_dir() else path


class TokenCountEvaluator(CountsTokens, Evaluate):
    """Count the tokens of a text, exactly with a `tokenizer` file (extra [models]), else estimated. Null stays null, an empty text has 0.

    Follow with DistributionSummary for the figures of the whole table.
    """

    covers = ("ReasoningTokenDatasetEvaluator",)
    asks = ("how long are my answers in tokens", "tokenizer statistics of a dataset", "measure sequence lengths before training")
    extra = "models"

    input_text = Input(str)
    output_tokens = Output(int, "tokens")

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        return pa.array(self.counts(text.to_pylist()), pa.int64())


class TokenCountFilter(CountsTokens, Filter):
    """Keep texts of `min_tokens` to `max_tokens` tokens, counted exactly with a `tokenizer` file (extra [models]), else estimated."""

    covers = ("ReasoningAnswerTokenLengthFilter",)
    asks = ("drop answers longer than the context window", "limit chains of thought to 8192 tokens", "filter by token length")
    extra = "models"

    input_text = Input(str)

    min_tokens: int = Field(1, ge=0)
    max_tokens: int = Field(8192, ge=1)

    def keep_batch(self, text: pa.Array) -> Verdict:
        import numpy as np

        counts = np.array(self.counts(text.to_pylist()), np.int64)
        keep = (counts >= self.min_tokens) & (counts <= self.max_tokens)
        bounds = [f"below min_tokens = {self.min_tokens}" if count < self.min_tokens else f"above max_tokens = {self.max_tokens}" for count in counts]
        about = "" if self.tokenizer else "about "
        return Verdict(keep, [None if kept else f"{about}{count} tokens, {bound}" for kept, count, bound in zip(keep, counts, bounds, strict=True)])
