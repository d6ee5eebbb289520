"""Labels by published classifiers: subjects of texts, attacks on prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from operators.bases.models import onnx_classifier
from operators.bases.models.card import ModelCard
from operators.bases.models.score import ScoresByCard
from operators.bases.models.weights import find_weights
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed
from operators.text.classifiers.cards import NVIDIA_DOMAIN, PROMPT_INJECTION


class ModelLabelEvaluator(ScoresByCard):
    """Say which label a classifier gives to each text, and how probable it is, with any model that has a card. To filter: LabelFilter.

    The columns are named after the card. The order of the labels is that of the weights' own config.json (id2label), where it names them; labels that
    are not those of the card are an error. Longer texts than `max_length` are judged by their beginning unless the card says `chunked`.
    """

    asks = ("label texts with a Hugging Face classifier", "topic of each document by a model", "run my own ONNX text classifier for labels")

    input_text = Input(str)
    card: ModelCard = NVIDIA_DOMAIN
    example: ClassVar[Mapping[str, Any]] = {"card": PROMPT_INJECTION}

    def outputs(self) -> dict[str, Output]:
        card = self.card
        cut = Output(bool, f"{card.name}_truncated", description="longer than the model sees: the label is that of the beginning")
        labelled = {
            "label": Output(str, card.name, description="the likeliest of the labels of the card"),
            "score": Output(float, f"{card.name}_score", description=card.scale),
        }
        return labelled if card.chunked else {**labelled, "truncated": cut}

    def evaluate_batch(self, text: pa.Array) -> dict[str, pa.Array]:
        weights = self.weights or self.card.weights
        folder = find_weights(weights, self.name, onnx_classifier.FILES if self._by_onnx() else None)
        labels = labels_of_weights(folder, self.card.labels, self.name)
        made = self.changed(card=self.card.model_copy(update={"labels": labels})).scores(text.to_pylist())
        shares = [made[label].to_pylist() for label in labels]
        likeliest = [max(range(len(labels)), key=lambda at: row[at]) for row in zip(*shares, strict=True)]
        columns = {
            "label": pa.array([labels[at] for at in likeliest], pa.string()),
            "score": pa.array([shares[at][row] for row, at in enumerate(likeliest)], pa.float64()),
        }
        return {**columns, **{name: made[name] for name in made if name == "truncated"}}


def labels_of_weights(folder: Path, of_card: tuple[str, ...], wanted_by: str) -> tuple[str, ...]:
    """The labels in the order of the model's numbers.

    Raises:
        StageFailed: the weights name others than the card.
    """
    file = folder / "config.json"
    configuration = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    named = configuration.get("id2label") or {}
    labels = tuple(str(named[key]) for key in sorted(named, key=int))
    if not labels or all(label.startswith("LABEL_") for label in labels):
        return of_card
    if set(labels) != set(of_card):
        raise StageFailed(
            f"{wanted_by}: the labels of the weights in {folder} are {', '.join(labels[:30])}; its card says {', '.join(of_card[:30])}."
        )
    return labels


class DomainEvaluator(ModelLabelEvaluator):
    """Say which of 26 subjects a text has (Finance, Health, Science, Sports, Adult, ...) and how probably, by NVIDIA's classifier of English texts.

    For 52 languages: weights="nvidia/multilingual-domain-classifier". To filter: LabelFilter(labels=("Science",)) on "domain".
    """

    source = "NVIDIA NeMo Curator domain-classifier"
    asks = ("which topic does each page have", "keep only science and health documents", "balance a corpus by domain with NeMo Curator's model")
    example = {}
    card: ModelCard = NVIDIA_DOMAIN


class PromptInjectionEvaluator(ModelLabelEvaluator):
    """Say whether an English prompt tries to make a model ignore its instructions (INJECTION) or not (SAFE), and how probably, by Protect AI's
    classifier.

    To filter: LabelFilter(labels=("SAFE",)) on "prompt_injection".
    """

    source = "Protect AI deberta-v3-base-prompt-injection-v2"
    asks = ("find jailbreak attempts in chat logs", "detect prompt injection", "screen user prompts for attacks")
    example = {}
    card: ModelCard = PROMPT_INJECTION
