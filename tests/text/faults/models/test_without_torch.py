"""Faults of the reference's model scores, shown absent where torch is not installed; with it, the tests beside this one run real models."""

from __future__ import annotations

import math
import random
import sys
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from operators.bases.models import inference
from operators.bases.models.inference import batches_by_length, chosen_precision
from operators.core.operator import Operator
from operators.engine.batch import Batch
from operators.generic.selection.rank import TemperatureSample
from operators.generic.selection.score import ScoreFilter
from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.raters.cards import DEBERTA_QUALITY, TOXICITY
from operators.text.raters.deita import DeitaComplexityEvaluator, DeitaQualityEvaluator
from operators.text.raters.model_scores import DebertaQualityEvaluator, FineWebEduEvaluator, PairQualEvaluator, QuRatingEvaluator, RewardEvaluator
from operators.text.scores.perplexity import InstructionFollowingDifficultyEvaluator, PerplexityEvaluator, prompt_of
from tests.faults import fault
from tests.text.faults.models import toy_model
from tests.text.faults.models.toy_model import ToyModel, ToyTokenizer

DRAW = random.Random(3)
MIXED = [" ".join(DRAW.choices("the a cat dog sat on mat".split(), k=DRAW.choice([2, 3, 5, 8, 20, 40]))) for _ in range(60)]
DEITA = [(DeitaQualityEvaluator(), "deita_quality"), (DeitaComplexityEvaluator(), "deita_complexity")]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ToyModel:
    return toy_model.install(monkeypatch)


def scored(operator: Operator, **columns: list[str | None]) -> list[dict[str, Any]]:
    rows = pa.record_batch({"row_id": [str(row) for row in range(len(next(iter(columns.values()))))], **columns})
    processed = operator.process(Batch(rows), {})  # type: ignore[attr-defined]
    assert not processed.rejections, processed.rejections
    return list(processed.kept.rows.to_pylist())


# Batches


@fault("one text per forward pass, no batching, no length sorting, fp32")
@fault("no batching")
@fault("batch_size attribute is 1 and unused")
class TestBatches:
    @pytest.mark.parametrize("operator", [PairQualEvaluator(), DebertaQualityEvaluator(), FineWebEduEvaluator()], ids=lambda operator: operator.name)
    @pytest.mark.parametrize("batch_tokens", [100, 400, 4000])
    def test_texts_of_like_length_share_a_pass_of_a_bounded_size(self, operator: Operator, batch_tokens: int, model: ToyModel) -> None:
        made = scored(operator.changed(batch_tokens=batch_tokens), text=MIXED)
        sizes = [(len(call), max(map(len, call))) for call in model.calls]
        assert all(rows * longest <= batch_tokens for rows, longest in sizes)
        assert len(sizes) <= {100: 20, 400: 6, 4000: 1}[batch_tokens]
        alone = scored(operator, text=MIXED[7:8])[0]
        assert {**alone, "row_id": "7"} == made[7], "each row has its own score, whatever else was in the pass"

    def test_perplexity_hands_over_all_texts_at_once(self, model: ToyModel) -> None:
        scored(PerplexityEvaluator(), text=MIXED)
        assert [len(call) for call in model.calls] == [60]

    def test_what_is_handed_over_is_sorted_by_length_and_hardly_padded(self) -> None:
        lengths = [len(text.split()) for text in MIXED]
        groups = list(batches_by_length([[0] * length for length in lengths], 200))
        assert sorted(at for group in groups for at in group) == list(range(60))
        padded = sum(len(group) * max(lengths[at] for at in group) for group in groups)
        assert padded < 1.35 * sum(lengths)

    def test_a_gpu_works_in_half_precision_unless_told_otherwise(self) -> None:
        assert [chosen_precision("auto", device) for device in ("cuda", "cuda:1", "cpu")] == ["bfloat16", "bfloat16", "float32"]
        assert chosen_precision("float32", "cuda") == "float32"


# QuRating, DeBERTa, reward


@fault("run() treats a dict of lists as a list of dicts and crashes: the evaluator is unusable on its own")
def test_qurating_on_its_own_gives_every_row_its_four_scores(model: ToyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuRatingEvaluator, "needed_packages", ())
    made = MemoryStorage()
    QuRatingEvaluator(max_length=8).run(MemoryStorage(pa.table({"text": [*MIXED[:5], None]})), into=made)
    rows = made.read().to_pylist()
    assert [row["text"] for row in rows] == [*MIXED[:5], None]
    for label in ("writing_style", "required_expertise", "facts_and_trivia", "educational_value"):
        assert [row[f"qurating_{label}"] is None for row in rows] == [False] * 5 + [True]
    assert sum(len(call) for call in model.calls) == sum(-(-len(text.split()) // 8) for text in MIXED[:5]), "long texts are scored piece by piece"


@fault("scores are thrown away")
def test_the_scores_stay_on_the_rows_drawn_and_on_those_that_were_not() -> None:
    scores = [0.5 * row - 3 for row in range(10)]
    table = pa.table({"row_id": [str(row) for row in range(10)], "qurating_educational_value": scores})
    kept, rejected = MemoryStorage(), MemoryStorage()
    TemperatureSample(rows=4).run(MemoryStorage(table), into=kept, rejected=rejected, input_score="qurating_educational_value")
    left = {row["row_id"]: row["qurating_educational_value"] for row in (*kept.read().to_pylist(), *rejected.read().to_pylist())}
    assert left == dict(zip(map(str, range(10)), scores, strict=True))


@fault("probabilities are discarded so no threshold can be tuned")
def test_each_class_has_a_column_of_probabilities(model: ToyModel) -> None:
    rows = scored(DebertaQualityEvaluator(), text=MIXED)
    for row in rows:
        shares = [row[f"deberta_quality_{label}"] for label in DEBERTA_QUALITY.labels]
        assert sum(shares) == pytest.approx(1)
        assert row["deberta_quality"] == pytest.approx(shares[0] + shares[1] / 2)
    kept = MemoryStorage()
    ScoreFilter(min=0.4).run(MemoryStorage(pa.Table.from_pylist(rows)), into=kept, input_score="deberta_quality_high")
    assert 0 < kept.count_rows() < len(rows)
    assert TOXICITY.activation == "sigmoid", "labels that do not exclude each other have a probability each"


@fault("the whole dataset is one padded batch: out of memory beyond a few hundred rows")
@fault("truncated at 512 tokens silently")
def test_pairs_are_scored_in_bounded_batches_and_those_that_do_not_fit_are_marked(model: ToyModel) -> None:
    answers = ["dog " * (row % 50) for row in range(1000)]
    rows = scored(RewardEvaluator(max_length=40, batch_tokens=2000), instruction=["a cat"] * 1000, output=answers)
    assert [row["reward_truncated"] for row in rows] == [2 + row % 50 > 40 for row in range(1000)]
    assert all(len(call) * max(map(len, call)) <= 2000 for call in model.calls)
    assert len(model.calls) > 10


# Perplexity


@fault("empty text (zero tokens) raises or gives NaN")
def test_a_text_without_tokens_has_no_perplexity(model: ToyModel) -> None:
    rows = scored(PerplexityEvaluator(), text=["", "the cat sat", " \n "])
    assert [row["perplexity"] is None for row in rows] == [True, False, True]


@fault("long texts judged on their first 1024 tokens")
def test_every_token_of_a_long_text_is_judged_once(model: ToyModel) -> None:
    """Words that follow each other have probability e⁻¹, the others e⁻²; the toy sees 64 at once."""
    text = " ".join([*(f"w{number}" for number in range(1100)), "w3", "w9", "w4"])
    (row,) = scored(PerplexityEvaluator(overlap=8), text=[text])
    assert max(map(len, model.calls[0])) == 64
    assert row["perplexity"] == pytest.approx(math.exp((1099 * 1 + 3 * 2) / 1102))


@fault("the original load error is hidden by a new RuntimeError")
def test_what_the_library_says_of_weights_that_it_cannot_read_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("config.json is not JSON: line 3")

    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(AutoTokenizer=SimpleNamespace(from_pretrained=refuse)))
    with pytest.raises(StageFailed, match=r"Mine: the tokenizer in .* cannot be loaded: .*config.json is not JSON: line 3") as raised:
        inference.load_tokenizer.__wrapped__(str(tmp_path), "Mine")
    assert isinstance(raised.value.__cause__, OSError)


# Deita


@fault("generates up to 512 tokens although only the logits of the first token are used (one forward pass would do): hundreds of times slower")
@fault("a 13B class model loaded in fp32, one row at a time")
@fault("six token ids are hard-coded for the LLaMA-1/2 tokenizer")
@pytest.mark.parametrize(("rater", "column"), DEITA)
def test_deita_asks_once_for_the_logits_of_the_tokenizers_own_digits_after_every_prompt(rater: Operator, column: str, model: ToyModel) -> None:
    for first in (1, 500):
        model.tokenizer = ToyTokenizer(first)
        model.calls.clear()
        rows = scored(rater, instruction=[f"what is {'a cat ' * row}" for row in range(20)], output=["a dog"] * 20)
        assert [len(call) for call in model.calls] == [20], "one pass of twenty prompts; a toy that cannot generate was enough"
        assert model.wanted == [model.tokenizer.words[digit] for digit in "123456"]
        for row, tokens in zip(rows, model.calls[0], strict=True):
            assert row[column] == pytest.approx(1 + len(tokens) % 6, abs=1e-4)


@fault("max_length is the generation length, not the input length, so long inputs are never truncated")
@pytest.mark.parametrize(("rater", "column"), DEITA)
def test_an_input_beyond_max_length_is_not_scored(rater: Operator, column: str, model: ToyModel) -> None:
    rows = scored(rater.changed(max_length=40), instruction=["what", "cat " * 400], output=["a dog", "a dog"])
    assert [row[column] is None for row in rows] == [False, True]
    assert max(map(len, model.calls[0])) <= 40


# Superfiltering


@fault(
    "prompt longer than 512 tokens gives a non-positive max length; the conditional part then fails in a bare except and returns 0, "
    "i.e. a perfect-looking score"
)
def test_where_the_prompt_leaves_no_place_for_the_answer_there_is_no_score(model: ToyModel) -> None:
    rows = scored(InstructionFollowingDifficultyEvaluator(), instruction=["cat " * 600, "what"], output=["a good text", "a good text"])
    assert [row["ifd"] is None for row in rows] == [True, False]


@fault("position found with rfind and re-tokenised prefix: off by one at BPE boundaries")
@fault("one row, two forward passes, hidden states switched on for nothing")
def test_answers_are_tokenised_apart_and_both_measures_of_all_rows_are_asked_for_at_once(model: ToyModel) -> None:
    instructions, outputs = ["sort", "sort the words", "sort sort"], ["x y z", "the words", "z y x w"]
    rows = scored(InstructionFollowingDifficultyEvaluator(), instruction=instructions, output=outputs)
    (sequences,) = model.calls
    answers = [model.tokenizer.encode(output) for output in outputs]
    assert sequences == [
        *answers,
        *(model.tokenizer.encode(prompt_of(asked, None)) + answer for asked, answer in zip(instructions, answers, strict=True)),
    ]
    # The toy looks back by one token only: the prompt changes nothing from the answer's second token on.
    assert [row["ifd"] for row in rows] == pytest.approx([1, 1, 1])
