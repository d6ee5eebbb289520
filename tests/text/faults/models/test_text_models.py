"""Faults of the reference's scores of texts that only a running model can show; with the extra [models]."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.bases.models.card import ModelCard
from operators.bases.models.inference import chosen_precision, load_model
from operators.core.operator import Operator
from operators.generic.selection.rank import TemperatureSample
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.raters.cards import DEBERTA_QUALITY, PAIR_QUAL_EN
from operators.text.raters.model_scores import DebertaQualityEvaluator, FineWebEduEvaluator, ModelScore, PairQualEvaluator, QuRatingEvaluator
from operators.text.scores.perplexity import PerplexityEvaluator
from tests.faults import fault
from tests.text import tiny_models
from tests.text.faults.models.running import MIXED, NEEDS_MODELS, Folder, Shapes, direct, scored, texts

pytestmark = NEEDS_MODELS

# What several of them share


@fault("one text per forward pass, no batching, no length sorting, fp32")
@fault("no batching")
@pytest.mark.parametrize("name", ["perplexity", "pair_qual", "deberta_quality", "fineweb_edu"])
def test_texts_of_like_length_share_a_pass_and_a_gpu_works_in_half_precision(name: str, folder: Folder, passes: Shapes) -> None:
    operators: dict[str, Callable[..., Operator]] = {
        "perplexity": lambda **settings: PerplexityEvaluator(weights=folder("causal"), **settings),
        "pair_qual": lambda **settings: PairQualEvaluator(weights=folder("head", PAIR_QUAL_EN.encoder, PAIR_QUAL_EN.head, [8, 1]), **settings),
        "deberta_quality": lambda **settings: DebertaQualityEvaluator(
            weights=folder("head", DEBERTA_QUALITY.encoder, DEBERTA_QUALITY.head, [3]), **settings
        ),
        "fineweb_edu": lambda **settings: FineWebEduEvaluator(weights=folder("classifier", 1), **settings),
    }
    make = operators[name]
    made = [row[name] for row in scored(make(batch_tokens=400), texts(*MIXED))]
    assert len(passes) <= len(MIXED) / 3
    assert all(rows * longest <= 400 for rows, longest in passes)
    longest_of_all = max(longest for _, longest in passes)
    assert sum(rows * longest for rows, longest in passes) < 0.5 * len(MIXED) * longest_of_all, "short texts are not padded to the longest of all"
    alone = [row[name] for text in MIXED[:5] for row in scored(make(batch_tokens=1), texts(text))]
    assert made[:5] == pytest.approx(alone, rel=1e-3)
    assert chosen_precision("auto", "cuda") == "bfloat16"
    half = [row[name] for row in scored(make(precision="bfloat16"), texts(*MIXED[:5]))]
    assert half != alone
    assert half == pytest.approx(alone, rel=0.25, abs=0.7)


@fault("trust_remote_code on")
@pytest.mark.parametrize("model_type", ["bert", "a type of its own"])
def test_code_that_lies_beside_weights_is_never_run(model_type: str, tmp_path: Path) -> None:
    where = tiny_models.classifier_into(tmp_path, 1)
    (where / "modeling.py").write_text(f"open({str(tmp_path / 'was here')!r}, 'w')\nclass Model: pass\nclass Config: pass\n")
    config = json.loads((where / "config.json").read_text())
    config["auto_map"] = {"AutoModelForSequenceClassification": "modeling.Model", "AutoConfig": "modeling.Config"}
    (where / "config.json").write_text(json.dumps({**config, "model_type": model_type}))
    operator = PairQualEvaluator(weights=str(where), card=ModelCard(name="pair_qual", weights="", scale="any"))
    if model_type == "bert":
        assert scored(operator, texts("the cat"))[0]["pair_qual"] is not None
    else:
        with pytest.raises(StageFailed, match="cannot be loaded"):
            scored(operator, texts("the cat"))
    assert not (tmp_path / "was here").exists()


@fault("device cannot be set: always cuda")
def test_the_device_is_a_parameter_and_auto_takes_what_there_is(folder: Folder) -> None:
    import torch

    where = folder("head", PAIR_QUAL_EN.encoder, PAIR_QUAL_EN.head, [8, 1])
    by_default, on_cpu = (scored(PairQualEvaluator(weights=where, **chosen), texts("the cat"))[0] for chosen in ({}, {"device": "cpu"}))
    assert by_default["pair_qual"] == pytest.approx(on_cpu["pair_qual"], abs=0.05)
    if not torch.cuda.is_available():
        with pytest.raises((StageFailed, AssertionError, RuntimeError)):
            scored(PairQualEvaluator(weights=where, device="cuda"), texts("the cat"))


# QuRating


@fault("run() treats a dict of lists as a list of dicts and crashes: the evaluator is unusable on its own")
@fault("852 lines of vendored flash-attention LLaMA code that pins transformers")
def test_qurating_runs_on_its_own_with_the_llama_of_transformers(folder: Folder) -> None:
    where = folder("decoder_classifier", 4)
    rows = scored(QuRatingEvaluator(weights=where, batch_tokens=200), texts(*MIXED[:12]))
    labels = ("writing_style", "required_expertise", "facts_and_trivia", "educational_value")
    for row in rows:
        assert [row[f"qurating_{label}"] for label in labels] == pytest.approx(direct(where, row["text"]), abs=1e-3)
    model = load_model(where, "AutoModelForSequenceClassification", "cpu", "QuRatingEvaluator", "auto")
    assert type(model).__module__.startswith("transformers.models.llama")


@fault("model reloaded at every eval call")
def test_a_model_is_loaded_once_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    where = str(tiny_models.classifier_into(tmp_path, 4))
    loaded: list[Any] = []
    load = transformers.AutoModelForSequenceClassification.from_pretrained
    monkeypatch.setattr(
        transformers.AutoModelForSequenceClassification, "from_pretrained", lambda *given, **named: (loaded.append(given), load(*given, **named))[1]
    )
    for _ in range(3):
        scored(QuRatingEvaluator(weights=where), texts("the cat", "a dog"))
    assert len(loaded) == 1


@fault("labels must be exactly 4 though offered as a parameter")
@pytest.mark.parametrize("count", [1, 2, 6])
def test_any_number_of_labels_can_be_scored(count: int, folder: Folder) -> None:
    labels = tuple(f"side_{at}" for at in range(count))
    card = ModelCard(name="mine", weights=folder("classifier", count), scale="logits", labels=labels)
    (row,) = scored(ModelScore(card=card), texts("the cat sat"))
    assert [row[f"mine_{label}" if count > 1 else "mine"] for label in labels] == pytest.approx(direct(card.weights, "the cat sat"), abs=1e-4)


@fault("scores are thrown away")
def test_scores_stay_on_rows_that_were_chosen_by_them_and_on_those_that_were_not(folder: Folder) -> None:
    rated, kept, rejected = MemoryStorage(), MemoryStorage(), MemoryStorage()
    QuRatingEvaluator(weights=folder("classifier", 4)).run(MemoryStorage(pa.Table.from_pylist(texts(*MIXED[:10]))), into=rated)
    column = "qurating_educational_value"
    TemperatureSample(rows=4).run(rated, into=kept, rejected=rejected, input_score=column)
    scores = {row["text"]: row[column] for row in rated.read().to_pylist()}
    assert {row["text"]: row[column] for row in [*kept.read().to_pylist(), *rejected.read().to_pylist()]} == scores
    assert kept.count_rows() == 4


# Perplexity


@fault("empty text (zero tokens) raises or gives NaN")
def test_a_text_without_tokens_has_no_perplexity_and_costs_no_other_row(folder: Folder) -> None:
    rows = scored(PerplexityEvaluator(weights=folder("causal")), texts("", "the cat sat", " \n "))
    assert [row["perplexity"] is None for row in rows] == [True, False, True]
    assert all(row["perplexity"] is None or math.isfinite(row["perplexity"]) for row in rows)


@fault("long texts judged on their first 1024 tokens")
def test_the_end_of_a_text_of_more_than_1024_tokens_counts(folder: Folder) -> None:
    start = " ".join(random.Random(2).choices(tiny_models.WORDS, k=1100))
    plain, odd = scored(PerplexityEvaluator(weights=folder("causal")), texts(f"{start} the cat sat", f"{start} complexity 6 quality"))
    assert plain["perplexity"] != odd["perplexity"]


@fault("the original load error is hidden by a new RuntimeError")
@pytest.mark.parametrize("broken", ["config.json", "tokenizer.json", "model.safetensors"])
def test_what_is_wrong_with_weights_is_said_and_the_original_error_stays_attached(broken: str, tmp_path: Path) -> None:
    where = tiny_models.causal_into(tmp_path)
    (where / broken).write_text("oops")
    with pytest.raises(StageFailed, match=r"PerplexityEvaluator: the .* in .* cannot be loaded: ") as raised:
        scored(PerplexityEvaluator(weights=str(where)), texts("the cat"))
    assert raised.value.__cause__ is not None
    assert str(raised.value.__cause__).splitlines()[0][:60] in str(raised.value)


# DeBERTa and FineWeb-Edu


@fault("probabilities are discarded so no threshold can be tuned")
def test_the_probability_of_each_class_is_a_column_that_any_threshold_can_be_set_on(folder: Folder) -> None:
    where = folder("head", DEBERTA_QUALITY.encoder, DEBERTA_QUALITY.head, [3])
    rated = MemoryStorage()
    DebertaQualityEvaluator(weights=where).run(MemoryStorage(pa.Table.from_pylist(texts(*MIXED))), into=rated)
    rows = rated.read().to_pylist()
    assert all(sum(row[f"deberta_quality_{label}"] for label in ("high", "medium", "low")) == pytest.approx(1) for row in rows)
    shares = sorted(row["deberta_quality_high"] for row in rows)
    for threshold in (shares[10], shares[50]):
        kept = MemoryStorage()
        ScoreFilter(min=threshold).run(rated, into=kept, input_score="deberta_quality_high")
        assert kept.count_rows() == sum(share >= threshold for share in shares)


@fault("batch_size attribute is 1 and unused")
def test_the_size_of_a_batch_is_used(folder: Folder, passes: Shapes) -> None:
    counts = []
    for batch_tokens in (100, 1000, 100_000):
        passes.clear()
        scored(FineWebEduEvaluator(weights=folder("classifier", 1), batch_tokens=batch_tokens), texts(*MIXED))
        counts.append(len(passes))
    assert counts[0] > counts[1] > counts[2] == 1
