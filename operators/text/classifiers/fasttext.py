"""Labels by any fastText classifier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field, field_validator

from operators.bases.models.fasttext_classifier import FastTextClassifier, load_fasttext, read_labels
from operators.bases.models.weights import weights_problems
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Need, Operator
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem, StageFailed, closest
from operators.tables.numbers import number_beside

_WEIGHTS = "File (.bin or .ftz), folder with one, or OWNER/NAME on the hub (extra [models])."


class ClassifiesByFastText(Operator, abstract=True):
    """Reads a text with a fastText classifier."""

    needs: ClassVar[tuple[Need, ...]] = ("model",)
    extra = "models"
    example: ClassVar[Mapping[str, Any]] = {"weights": "classifier.bin"}

    input_text = Input(str)

    weights: str = Field(description=_WEIGHTS)
    lowercase: bool = Field(False, description="Whether the classifier was trained on texts in lower case.")

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return () if Path(self.weights).expanduser().exists() else ("huggingface_hub",)

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *weights_problems(self.name, self.weights)]

    def classifier(self) -> FastTextClassifier:
        return load_fasttext(self.weights, self.name)

    def probabilities(self, text: str) -> Mapping[str, float]:
        return self.classifier().probabilities(text.lower() if self.lowercase else text)


class FastTextEvaluator(ClassifiesByFastText, Evaluate):
    """Say which label a fastText classifier gives to each text, and how probable it is, 0 to 1; null for a text without any word.

    With `of_label`, the score is the probability of that label, whichever is the likeliest: what quality classifiers are used for.
    """

    source = "fastText (Joulin et al. 2016)"
    asks = ("run a fastText model of my own", "topic or quality labels from a .bin file", "DCLM style quality scores by fastText")

    output_label = Output(str, "label")
    output_score = Output(float, "label_score")

    of_label: str = Field("", description="The label whose probability is the score; the likeliest by default.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *unknown_labels(self.name, self.weights, [self.of_label] if self.of_label else [])]

    def evaluate(self, text: str) -> dict[str, Any]:
        found = self.probabilities(text)
        if not found:
            return {"label": None, "score": None}
        likeliest = next(iter(found))
        if self.of_label:
            check_labels(self.name, self.classifier().labels, [self.of_label])
        return {"label": likeliest, "score": found.get(self.of_label or likeliest, 0.0)}


class FastTextFilter(ClassifiesByFastText, Filter):
    """Keep texts whose likeliest label, by a fastText classifier, is one of `labels`; or, with `min_score`, to which these labels are together so
    probable.

    A text without any word has no label, and goes.
    """

    source = "fastText (Joulin et al. 2016)"
    asks = ("keep texts with some label of a fastText classifier", "filter by my own quality classifier", "drop what a .ftz model calls spam")
    example: ClassVar[Mapping[str, Any]] = {"weights": "classifier.bin", "labels": ("good",)}

    labels: tuple[str, ...] = Field(min_length=1, description='Labels to keep, without "__label__".')
    min_score: float | None = Field(None, ge=0, le=1, description="Probability of the labels from which a text stays.")

    @field_validator("labels", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *unknown_labels(self.name, self.weights, self.labels)]

    def keep(self, text: str) -> tuple[bool, str | None]:
        found = self.probabilities(text)
        check_labels(self.name, self.classifier().labels, self.labels)
        wanted = " or ".join(self.labels)
        if not found:
            return False, "has no word that could be classified"
        if self.min_score is None:
            likeliest, share = next(iter(found.items()))
            return likeliest in self.labels, f"label = {likeliest} ({share:.2f}), not {wanted}"
        score = sum(found.get(label, 0.0) for label in self.labels)
        return score >= self.min_score, f"probability of {wanted} = {number_beside(score, self.min_score)}, below min_score = {self.min_score:g}"


def unknown_labels(operator: str, weights: str, wanted: Any) -> list[Problem]:
    """Labels that a file on this machine does not have, before anything runs."""
    file = Path(weights).expanduser()
    if not wanted or not file.is_file():
        return []
    try:
        known = read_labels(file)
    except (OSError, ValueError) as error:
        return [Problem(f"{operator}: the classifier {weights} cannot be read: {error}")]
    listed = (("labels", ", ".join(known[:40])),)
    return [
        Problem(f'{operator}: the classifier has no label "{label}"', details=listed, suggestion=closest(label, known))
        for label in wanted
        if label not in known
    ]


def check_labels(operator: str, known: tuple[str, ...], wanted: Any) -> None:
    """
    Raises:
        StageFailed: the classifier has no such label; no text could fare better.
    """
    if missing := [label for label in wanted if label not in known]:
        raise StageFailed(f'{operator}: the classifier has no label "{missing[0]}"; it has {", ".join(known[:20])}')
