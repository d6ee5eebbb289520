"""Quality classes by fastText classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from operators.bases.models.weights import find_fasttext, weights_problems
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

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        model = _classifier(self.weights, self.name)
        values = dict(self.values)
        return pa.array([_mean(model, " ".join(one.split()), values, self.weights, self.name) for one in text.to_pylist()], pa.float64())


@lru_cache(maxsize=4)
def _classifier(weights: str, wanted_by: str) -> Any:
    import fasttext

    return fasttext.load_model(str(find_fasttext(weights, wanted_by)))


def _mean(model: Any, text: str, values: Mapping[str, float], weights: str, wanted_by: str) -> float | None:
    """None for a text without any word."""
    if not text:
        return None
    labels, probabilities = model.predict(text, -1, 0.0)
    found = {label.removeprefix("__label__"): float(share) for label, share in zip(labels, probabilities, strict=True)}
    known = {label: share for label, share in found.items() if label in values}
    if not known:
        raise StageFailed(f"{wanted_by}: the classes of {weights} are {', '.join(sorted(found)[:5])}, and `values` has none of them.")
    return sum(values[label] * share for label, share in known.items()) / sum(known.values())
