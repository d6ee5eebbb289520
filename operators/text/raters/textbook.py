"""Quality classes by fastText classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from operators.bases.models.fasttext_classifier import load_fasttext
from operators.bases.models.weights import weights_problems
from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem, StageFailed


class TextbookEvaluator(Evaluate):
    """Say how much a text is like a textbook, 1 (low) to 5 (high), by a fastText classifier: the mean of the classes' values by their probability.

    To filter: ScoreFilter(min=3). `values` gives each class a number; the range of the score is that of the numbers.
    """

    covers = ("TextbookSampleEvaluator", "TextbookFilter")
    source = "kenhktsui llm-data-textbook-quality-fasttext-classifier-v2, after Textbooks Are All You Need (Gunasekar et al. 2023)"
    asks = ("phi style data selection", "quick CPU classifier for learning material", "does it read like course material")
    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages = ("huggingface_hub",)
    extra = "models"

    input_text = Input(str)
    output_score = Output(float, "textbook_quality")

    weights: str = Field("kenhktsui/llm-data-textbook-quality-fasttext-classifer-v2", description="File, folder or hub repository of the classifier.")
    values: tuple[tuple[str, float], ...] = Field(
        (("Low", 1.0), ("Mid", 3.0), ("High", 5.0)), min_length=1, description="Class, and what it is worth."
    )

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *weights_problems(self.name, self.weights)]

    def evaluate(self, text: str) -> float | None:
        found = load_fasttext(self.weights, self.name).probabilities(text)
        return _mean(found, dict(self.values), self.weights, self.name)


def _mean(found: Mapping[str, float], values: Mapping[str, float], weights: str, wanted_by: str) -> float | None:
    """None for a text without any word."""
    known = {label: share for label, share in found.items() if label in values}
    if found and not known:
        raise StageFailed(f"{wanted_by}: the classes of {weights} are {', '.join(sorted(found)[:5])}, and `values` has none of them.")
    return sum(values[label] * share for label, share in known.items()) / sum(known.values()) if known else None
