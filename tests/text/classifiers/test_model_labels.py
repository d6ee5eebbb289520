"""Labels by models with a card, on a tiny classifier that is computed by hand as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operators.bases.models.card import ModelCard
from operators.generic.selection.label import LabelFilter
from operators.tables.errors import StageFailed
from operators.text.classifiers.cards import NVIDIA_DOMAIN, NVIDIA_MULTILINGUAL_DOMAIN, PROMPT_INJECTION
from operators.text.classifiers.model_labels import DomainEvaluator, ModelLabelEvaluator, PromptInjectionEvaluator
from tests.text import tiny_onnx

for package in ("onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(package, reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")

TEXTS = ["the cat sat", "a good dog", "bad bad dog", "the the the"]


def run(operator: ModelLabelEvaluator, texts: list[str]) -> list[dict[str, Any]]:
    return list(operator.run({"text": texts}, progress=False).table.to_pylist())


def name_labels(folder: Path, *labels: str) -> None:
    (folder / "config.json").write_text(json.dumps({"id2label": {str(at): label for at, label in enumerate(labels)}}))


def test_the_label_is_the_likeliest_and_the_score_its_probability(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 26)
    for text, row in zip(TEXTS, run(DomainEvaluator(weights=str(folder)), TEXTS), strict=True):
        logits = tiny_onnx.logits(26, text).astype(float)
        assert row["domain"] == NVIDIA_DOMAIN.labels[int(logits.argmax())]
        assert row["domain_score"] == pytest.approx(1 / sum(2.718281828459045 ** (logits - logits.max())), abs=1e-5)
        assert row["domain_truncated"] is False


def test_the_order_of_the_labels_is_that_of_the_weights(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 2)
    as_in_card = [row["prompt_injection"] for row in run(PromptInjectionEvaluator(weights=str(folder)), TEXTS)]
    name_labels(folder, "INJECTION", "SAFE")
    swapped = [row["prompt_injection"] for row in run(PromptInjectionEvaluator(weights=str(folder)), TEXTS)]
    assert [{"SAFE": "INJECTION", "INJECTION": "SAFE"}[label] for label in as_in_card] == swapped
    name_labels(folder, "LABEL_0", "LABEL_1")
    assert [row["prompt_injection"] for row in run(PromptInjectionEvaluator(weights=str(folder)), TEXTS)] == as_in_card


def test_weights_with_other_labels_than_the_card_are_refused(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 2)
    name_labels(folder, "negative", "positive")
    with pytest.raises(StageFailed, match="are negative, positive; its card says SAFE, INJECTION"):
        run(PromptInjectionEvaluator(weights=str(folder)), TEXTS)


def test_a_model_of_ones_own_by_its_card(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 3)
    card = ModelCard(name="mood", weights=str(folder), scale="probability", labels=("glad", "sad", "mad"), activation="softmax", chunked=True)
    table = ModelLabelEvaluator(card=card).run({"text": TEXTS}, progress=False).table
    assert table.column_names == ["row_id", "text", "mood", "mood_score"]
    sad = LabelFilter(labels="sad").run(table, input_label="mood", progress=False)
    assert set(sad.table.column("mood").to_pylist()) <= {"sad"}
    assert sad.report.rows_in == sad.report.rows_out + sad.report.filtered


def test_cards_say_what_they_are() -> None:
    assert len(set(NVIDIA_DOMAIN.labels)) == 26
    assert all(card.licence for card in (NVIDIA_DOMAIN, NVIDIA_MULTILINGUAL_DOMAIN, PROMPT_INJECTION))


def test_rows_are_filtered_by_what_a_column_says() -> None:
    rows = {"kind": ["a", "b", None, "c"]}
    kept = LabelFilter(labels=("a", "b")).run(rows, input_label="kind", progress=False)
    assert kept.table.column("kind").to_pylist() == ["a", "b"]
    assert sorted(kept.rejected.column("rejected_reason").to_pylist()) == ["LabelFilter: kind = c, not a or b", "kind is null"]
    dropped = LabelFilter(labels="a", listed="drop").run(rows, input_label="kind", progress=False)
    assert dropped.table.column("kind").to_pylist() == ["b", "c"]
    assert "LabelFilter: kind = a" in dropped.rejected.column("rejected_reason").to_pylist()
