"""Scores from an ONNX file are the file's own numbers, for any mix of lengths, without torch.

Run where onnxruntime, tokenizers and onnx (which writes the file) are installed.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators.bases.models.card import ModelCard
from operators.core.operator import Operator
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.raters.cards import DEBERTA_QUALITY, QURATING, TOXICITY
from operators.text.raters.model_scores import FineWebEduEvaluator, ModelScore, RewardEvaluator
from tests.text import tiny_models, tiny_onnx

TEXTS = [" ".join(random.Random(seed).choices(tiny_models.WORDS, k=length)) for seed, length in enumerate((3, 12, 1, 9, 13, 2, 14))]


@pytest.fixture
def runtime() -> None:
    for package in ("onnxruntime", "tokenizers", "onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'dataflow-dagster[models]' onnx")


def scored(operator: Operator, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.Table.from_pylist(rows)), into=kept)
    return kept.read().to_pylist()


def texts(*values: str | None) -> list[dict[str, Any]]:
    return [{"text": value} for value in values]


# Which of the two runs a folder, and what it needs


def test_a_folder_with_an_onnx_file_alone_needs_onnxruntime_and_not_torch(tmp_path: Path) -> None:
    operator = FineWebEduEvaluator(weights=str(tmp_path))
    assert operator.needed_packages == ("transformers", "torch")
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").touch()
    assert operator.needed_packages == ("onnxruntime", "tokenizers")
    (tmp_path / "model.safetensors").touch()
    assert operator.needed_packages == ("transformers", "torch")
    assert operator.changed(runtime="onnxruntime").needed_packages == ("onnxruntime", "tokenizers")
    assert FineWebEduEvaluator(runtime="onnxruntime").needed_packages == ("onnxruntime", "tokenizers", "huggingface_hub")


def test_a_missing_onnxruntime_is_said_before_anything_runs_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.core import packages

    (tmp_path / "model.onnx").touch()
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else sys)
    [problem] = FineWebEduEvaluator(weights=str(tmp_path)).package_problems()
    assert "needs onnxruntime, which is not installed" in problem.message
    assert problem.suggestion == "install it: pip install 'dataflow-dagster[models]'"


# What it gives


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("file", ["model.onnx", "onnx/model.onnx"])
@pytest.mark.parametrize("numbers", ["int64", "int32"])
def test_a_score_is_the_files_own_in_the_order_of_the_rows_and_null_for_null(file: str, numbers: str, tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 1, file=file, numbers=numbers)
    rows = scored(FineWebEduEvaluator(weights=str(folder), batch_tokens=40), texts(*TEXTS, None, ""))
    assert [row["fineweb_edu"] for row in rows[:-2]] == pytest.approx([tiny_onnx.logits(1, text).item() for text in TEXTS], abs=1e-5)
    assert rows[-2]["fineweb_edu"] is None
    assert rows[-1]["fineweb_edu"] == pytest.approx(tiny_onnx.logits(1, "").item(), abs=1e-5)


@pytest.mark.usefixtures("runtime")
def test_an_encoder_without_token_types_is_not_given_any(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 1, token_types=False)
    (row,) = scored(FineWebEduEvaluator(weights=str(folder)), texts("the cat sat"))
    assert row["fineweb_edu"] == pytest.approx(tiny_onnx.logits(1, "the cat sat", token_types=False).item(), abs=1e-5)


@pytest.mark.usefixtures("runtime")
def test_a_reward_model_sees_the_pair(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 1)
    rows = [{"instruction": "what is a cat", "output": "a good dog"}, {"instruction": "what is a cat", "output": "bad " * 20}]
    made = scored(RewardEvaluator(weights=str(folder)), rows)
    expected = [tiny_onnx.logits(1, row["instruction"], row["output"]).item() for row in rows]
    assert [row["reward"] for row in made] == pytest.approx(expected, abs=1e-5)


@pytest.mark.usefixtures("runtime")
def test_labels_are_probabilities_of_their_own_or_shares_of_one_as_the_card_says(tmp_path: Path) -> None:
    toxic = tiny_onnx.classifier_into(tmp_path / "toxic", 6)
    (row,) = scored(ModelScore(card=TOXICITY, weights=str(toxic)), texts("the bad dog"))
    expected = 1 / (1 + np.exp(-tiny_onnx.logits(6, "the bad dog")))
    assert [row[f"toxicity_{label}"] for label in TOXICITY.labels] == pytest.approx(expected.tolist(), abs=1e-5)
    quality = tiny_onnx.classifier_into(tmp_path / "quality", 3)
    (row,) = scored(ModelScore(card=DEBERTA_QUALITY, weights=str(quality)), texts("the bad dog"))
    shares = np.exp(tiny_onnx.logits(3, "the bad dog"))
    shares /= shares.sum()
    assert [row[f"deberta_quality_{label}"] for label in ("high", "medium", "low")] == pytest.approx(shares.tolist(), abs=1e-5)
    assert row["deberta_quality"] == pytest.approx(shares[0] + shares[1] / 2, abs=1e-5)


@pytest.mark.usefixtures("runtime")
def test_long_texts_are_cut_and_say_so_or_averaged_over_their_pieces_by_tokens(tmp_path: Path) -> None:
    words = random.Random(5).choices(tiny_models.WORDS, k=40)
    folder = tiny_onnx.classifier_into(tmp_path / "one", 1)
    cut, whole = scored(FineWebEduEvaluator(weights=str(folder), max_length=16), texts(" ".join(words), "the cat"))
    assert cut["fineweb_edu"] == pytest.approx(tiny_onnx.logits(1, tiny_onnx.pieces_of(words)[0]).item(), abs=1e-5)
    assert (cut["fineweb_edu_truncated"], whole["fineweb_edu_truncated"]) == (True, False)
    folder = tiny_onnx.classifier_into(tmp_path / "four", 4)
    (row,) = scored(ModelScore(card=QURATING, weights=str(folder), max_length=16), texts(" ".join(words)))
    pieces = tiny_onnx.pieces_of(words)
    sizes = [len(piece.split()) + 2 for piece in pieces]
    expected = sum(size * tiny_onnx.logits(4, piece) for size, piece in zip(sizes, pieces, strict=True)) / sum(sizes)
    assert [row[f"qurating_{label}"] for label in QURATING.labels] == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.usefixtures("runtime")
def test_rows_reach_the_model_in_batches_of_similar_length_and_the_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.bases.models import onnx_classifier

    batches: list[list[int]] = []
    loaded: list[Path] = []
    compute, load = onnx_classifier.OnnxClassifier.logits, onnx_classifier.OnnxClassifier.__init__

    def counted(model: Any, pieces: Any, padding: int) -> Any:
        batches.append([len(ids) for ids, _ in pieces])
        return compute(model, pieces, padding)

    def counted_load(model: Any, folder: Path, *rest: Any) -> None:
        loaded.append(folder)
        load(model, folder, *rest)

    monkeypatch.setattr(onnx_classifier.OnnxClassifier, "logits", counted)
    monkeypatch.setattr(onnx_classifier.OnnxClassifier, "__init__", counted_load)
    folder = tiny_onnx.classifier_into(tmp_path, 1)
    operator = FineWebEduEvaluator(weights=str(folder), batch_tokens=64)
    assert not loaded
    for _ in range(2):
        scored(operator, texts(*TEXTS * 5))
    assert loaded == [folder]
    assert len(batches) < 35
    assert all(len(batch) * batch[0] <= 64 and batch == sorted(batch, reverse=True) for batch in batches)


@pytest.mark.usefixtures("runtime")
def test_neither_torch_nor_transformers_is_loaded(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path, 1)
    code = f"""
import sys, pyarrow as pa
from operators import MemoryStorage
from operators.text.raters.model_scores import FineWebEduEvaluator
made = MemoryStorage()
FineWebEduEvaluator(weights={str(folder)!r}).run(MemoryStorage(pa.table({{"text": ["the cat"]}})), into=made)
assert made.read()["fineweb_edu"].null_count == 0
assert not {{"torch", "transformers"}} & set(sys.modules), "heavy"
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


# What is wrong with a folder is said in a sentence


@pytest.mark.usefixtures("runtime")
def test_a_folder_that_lacks_its_tokenizer_or_holds_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    folder = tiny_onnx.classifier_into(tmp_path / "a", 1)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(StageFailed, match=r"FineWebEduEvaluator: .* has no tokenizer\.json"):
        scored(FineWebEduEvaluator(weights=str(folder)), texts("the cat"))
    folder = tiny_onnx.classifier_into(tmp_path / "b", 1)
    (folder / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(StageFailed, match=r"model\.onnx cannot be loaded"):
        scored(FineWebEduEvaluator(weights=str(folder)), texts("the cat"))
    (tmp_path / "c").mkdir()
    with pytest.raises(StageFailed, match=r"has no model\.onnx, nor onnx/model\.onnx"):
        scored(FineWebEduEvaluator(weights=str(tmp_path / "c"), runtime="onnxruntime"), texts("the cat"))
    with pytest.raises(ColumnError, match="there is no folder"):
        scored(FineWebEduEvaluator(weights="./nowhere", runtime="onnxruntime"), texts("the cat"))
    folder = tiny_onnx.classifier_into(tmp_path / "d", 2)
    rejected = MemoryStorage()
    card = ModelCard(name="mine", weights=str(folder), scale="any")
    ModelScore(card=card, max_failed=1.0).run(MemoryStorage(pa.Table.from_pylist(texts("the cat"))), into=MemoryStorage(), rejected=rejected)
    assert "the model gives 2 numbers, but its card has 1 labels" in rejected.read().to_pylist()[0]["rejected_reason"]


# A transformers model and its own export agree


@pytest.mark.usefixtures("runtime")
def test_an_exported_model_scores_as_it_does_in_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")
    transformers = pytest.importorskip("transformers", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")
    pytest.importorskip("onnxscript", reason="torch exports ONNX files with onnxscript: pip install onnxscript")
    folder = tiny_models.classifier_into(tmp_path, 4)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    example = torch.ones((3, 8), dtype=torch.int64)
    mask = torch.tensor([[1] * 8, [1] * 5 + [0] * 3, [1] * 8])  # of ones alone, the exporter would take it for a constant

    class Logits(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits

    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens", max=64)
    shapes = {name: {0: batch, 1: tokens} for name in ("input_ids", "attention_mask", "token_type_ids")}
    torch.onnx.export(
        Logits().eval(), (example, mask, 0 * example), folder / "model.onnx", input_names=list(shapes), output_names=["logits"], dynamic_shapes=shapes
    )
    both = [
        scored(ModelScore(card=QURATING, weights=str(folder), max_length=32, batch_tokens=64, runtime=runtime), texts(*TEXTS))
        for runtime in ("transformers", "onnxruntime")
    ]
    for by_transformers, by_onnx in zip(*both, strict=True):
        for label in QURATING.labels:
            assert by_onnx[f"qurating_{label}"] == pytest.approx(by_transformers[f"qurating_{label}"], abs=1e-4)
