"""How many tokens a text has, and filters by that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from operators.bases.models.tokenizer import PACKAGES, WHERE, count_tokens, find_tokenizer, tokenizer_packages, tokenizer_problems
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Need
from operators.engine.batch import Verdict
from operators.tables.columns import Bindings, Input, Output
from operators.tables.errors import Problem


class ModelTokensEvaluator(Evaluate):
    """Count the tokens of each text by the tokenizers of any models, a column each: `ModelTokensEvaluator(tokenizers={"qwen": "qwen2.5.gguf"})`.

    The report has the sum of each column. Special tokens in the text count; those that a model puts at the ends of a text do not.
    """

    source = "Hugging Face tokenizers"
    asks = ("how many tokens does my data set have", "count tokens with the Qwen tokenizer", "token length by model")
    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages = PACKAGES
    extra = "models"
    example: ClassVar[Mapping[str, Any]] = {"tokenizers": {"model": "tokenizer.json"}}

    input_text = Input(str)

    tokenizers: Bindings = Field(min_length=1, description=f"Name -> where its tokenizer is; the column is tokens_NAME. {WHERE}")

    @field_validator("tokenizers")
    @classmethod
    def _names(cls, tokenizers: Bindings) -> Bindings:
        for name, _ in tokenizers:
            if not re.fullmatch(r"\w+", name):
                raise ValueError(f'"{name}" is no name for a column: use letters, digits and "_"')
        return tokenizers

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return tokenizer_packages([place for _, place in self.tokenizers])

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *(problem for _, place in self.tokenizers for problem in tokenizer_problems(self.name, place))]

    def outputs(self) -> dict[str, Output]:
        return {f"tokens_{name}": Output(int, f"tokens_{name}") for name, _ in self.tokenizers}

    def summed(self) -> tuple[str, ...]:
        return tuple(self.outputs())

    def evaluate_batch(self, text: pa.Array) -> dict[str, pa.Array]:
        texts = text.to_pylist()
        return {f"tokens_{name}": pa.array(count_tokens(find_tokenizer(place, self.name), texts), pa.int64()) for name, place in self.tokenizers}


class ModelTokensFilter(Filter):
    """Keep texts of `min` to `max` tokens, both included, by the tokenizer of any model: what fits into a context."""

    source = "Hugging Face tokenizers"
    asks = ("drop samples longer than the context window", "keep texts under 4096 tokens", "throw out rows with too few tokens")
    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages = PACKAGES
    extra = "models"
    at_least_one = (("min", "max"),)
    example: ClassVar[Mapping[str, Any]] = {"tokenizer": "tokenizer.json", "max": 4096}

    input_text = Input(str)

    tokenizer: str = Field(description=WHERE)
    min: int | None = Field(None, ge=0)
    max: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> ModelTokensFilter:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min={self.min} is above max={self.max}: nothing could pass")
        return self

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return tokenizer_packages([self.tokenizer])

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *tokenizer_problems(self.name, self.tokenizer)]

    def keep_batch(self, text: pa.Array) -> Verdict:
        reasons = [self._reason(count) for count in count_tokens(find_tokenizer(self.tokenizer, self.name), text.to_pylist())]
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)

    def _reason(self, tokens: int) -> str | None:
        if self.min is not None and tokens < self.min:
            return f"{self.name}: tokens = {tokens}, below min = {self.min}"
        return f"{self.name}: tokens = {tokens}, above max = {self.max}" if self.max is not None and tokens > self.max else None
