"""Faults of the reference's scores of instructions and answers that only a running model can show; with the extra [models]."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.bases.models.inference import chosen_precision
from operators.bases.models.likelihood import load_causal
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from operators.text.raters.deita import DeitaComplexityEvaluator, DeitaQualityEvaluator
from operators.text.raters.model_scores import RewardEvaluator
from operators.text.scores.perplexity import InstructionFollowingDifficultyEvaluator
from tests.faults import fault
from tests.text import tiny_models
from tests.text.faults.models.running import NEEDS_MODELS, Folder, Shapes, dialogues, scored

pytestmark = NEEDS_MODELS

# Deita

DEITA = [DeitaQualityEvaluator, DeitaComplexityEvaluator]


@fault("generates up to 512 tokens although only the logits of the first token are used (one forward pass would do): hundreds of times slower")
@fault("a 13B class model loaded in fp32, one row at a time")
@pytest.mark.parametrize("rater", DEITA)
def test_deita_reads_the_first_logits_of_many_rows_in_one_pass(rater: Any, folder: Folder, passes: Shapes) -> None:
    import torch

    rows = scored(rater(weights=folder("causal", 128), batch_tokens=100_000), dialogues(12))
    assert [shape[0] for shape in passes] == [12]
    assert all(1 <= row[next(name for name in row if name.startswith("deita"))] <= 6 for row in rows)
    assert chosen_precision("auto", "cuda") == "bfloat16"
    scored(rater(weights=folder("causal", 128), precision="bfloat16"), dialogues(1))
    assert load_causal(folder("causal", 128), "cpu", rater.__name__, "bfloat16").dtype == torch.bfloat16


@fault("six token ids are hard-coded for the LLaMA-1/2 tokenizer")
@pytest.mark.parametrize("rater", DEITA)
def test_the_digits_are_those_of_the_models_own_tokenizer(rater: Any, folder: Folder, tmp_path: Path) -> None:
    """The same weights, with the words of the vocabulary in another order: another number, that of the digits' new places."""
    from safetensors.torch import load_file, save_file

    order = [*range(4), *range(tiny_models.VOCABULARY - 1, 3, -1)]
    where = tiny_models.causal_into(tmp_path, 128, tuple(reversed(tiny_models.WORDS)))
    state = load_file(Path(folder("causal", 128)) / "model.safetensors")
    name = "transformer.wte.weight"
    save_file({**state, name: state[name][order].contiguous()}, where / "model.safetensors", {"format": "pt"})
    column = "deita_quality" if rater is DeitaQualityEvaluator else "deita_complexity"
    made, again = (scored(rater(weights=weights), dialogues(3)) for weights in (folder("causal", 128), str(where)))
    assert [row[column] for row in again] == pytest.approx([row[column] for row in made], abs=1e-4)


@fault("max_length is the generation length, not the input length, so long inputs are never truncated")
@pytest.mark.parametrize("rater", DEITA)
def test_max_length_is_that_of_the_input_and_an_input_beyond_it_has_no_score(rater: Any, folder: Folder, passes: Shapes) -> None:
    rows = scored(rater(weights=folder("causal", 128), max_length=60), [*dialogues(1), {"instruction": "cat " * 500, "output": "a dog"}])
    column = "deita_quality" if rater is DeitaQualityEvaluator else "deita_complexity"
    assert [row[column] is None for row in rows] == [False, True]
    assert max(longest for _, longest in passes) <= 60


# Reward


@fault("the whole dataset is one padded batch: out of memory beyond a few hundred rows")
def test_a_table_of_pairs_is_scored_in_batches_of_a_bounded_size(folder: Folder, passes: Shapes) -> None:
    scored(RewardEvaluator(weights=folder("classifier", 1), batch_tokens=300), dialogues(15) * 20)
    assert len(passes) > 10
    assert all(rows * longest <= 300 for rows, longest in passes)


@fault("truncated at 512 tokens silently")
def test_a_pair_that_does_not_fit_is_marked(folder: Folder) -> None:
    operator = RewardEvaluator(weights=folder("classifier", 1), max_length=40)
    short, exact, long = scored(operator, [{"instruction": "cat", "output": "dog " * count} for count in (5, 36, 37)])
    assert [row["reward_truncated"] for row in (short, exact, long)] == [False, False, True]
    assert long["reward"] == pytest.approx(exact["reward"], abs=1e-4), "the score of its beginning"


# Superfiltering


@fault(
    "prompt longer than 512 tokens gives a non-positive max length; the conditional part then fails in a bare except and returns 0, "
    "i.e. a perfect-looking score"
)
@fault("score 0 from an internal failure passes")
def test_where_nothing_can_be_measured_there_is_no_score_and_the_filter_drops_the_row(folder: Folder) -> None:
    rated, kept, rejected = MemoryStorage(), MemoryStorage(), MemoryStorage()
    rows = [{"instruction": "cat " * 600, "output": "a good text"}, {"instruction": "what", "output": "a good text"}]
    InstructionFollowingDifficultyEvaluator(weights=folder("causal", 128)).run(MemoryStorage(pa.Table.from_pylist(rows)), into=rated)
    assert [row["ifd"] is None for row in rated.read().to_pylist()] == [True, False]
    ScoreFilter(min=0, max=1e9).run(rated, into=kept, rejected=rejected, input_score="ifd")
    assert [row["instruction"] for row in kept.read().to_pylist()] == ["what"]
    assert rejected.read().to_pylist()[0]["rejected_reason"] == "ifd is null"


@fault("position found with rfind and re-tokenised prefix: off by one at BPE boundaries")
def test_the_answer_has_the_same_tokens_after_the_prompt_as_alone(folder: Folder, tmp_path: Path, passes: Shapes) -> None:
    """The tokenizer joins the colon that ends the prompt with the letter that begins the answer, where it sees them together."""
    import torch
    import transformers

    where = tiny_models.causal_of_letters_into(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(where)
    assert len(tokenizer(":a")["input_ids"]) == 1
    operator = InstructionFollowingDifficultyEvaluator(weights=str(where))
    (row,) = scored(operator, [{"instruction": "b", "output": "aab"}])
    model = transformers.AutoModelForCausalLM.from_pretrained(where).eval()
    from operators.text.scores.perplexity import prompt_of

    prompt, answer = tokenizer(prompt_of("b", None))["input_ids"], tokenizer("aab")["input_ids"]
    means = []
    for before in ([], prompt):
        with torch.no_grad():
            logits = model(torch.tensor([before + answer])).logits[0].log_softmax(-1)
        places = range(len(before) + 1, len(before) + len(answer))
        means.append(sum(float(-logits[place - 1, (before + answer)[place]]) for place in places) / len(places))
    assert row["ifd"] == pytest.approx(math.exp(means[1] - means[0]), rel=1e-3)


@fault("one row, two forward passes, hidden states switched on for nothing")
def test_both_perplexities_of_many_rows_share_passes_and_no_hidden_states_are_kept(
    folder: Folder, passes: Shapes, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = InstructionFollowingDifficultyEvaluator(weights=folder("causal", 128), batch_tokens=100_000)
    scored(operator, dialogues(1))
    model = load_causal(folder("causal", 128), "cpu", operator.name, "auto")
    outputs: list[Any] = []
    handle = model.register_forward_hook(lambda module, given, made: outputs.append(made))
    passes.clear()
    scored(operator, dialogues(10))
    handle.remove()
    assert [shape[0] for shape in passes] == [20]
    assert all(made.hidden_states is None for made in outputs)


@fault("missing key default is a list, not a string")
@fault("default input column named input must exist or KeyError (evaluator default is None)")
def test_a_table_without_the_column_of_inputs_scores_as_one_with_empty_inputs(folder: Folder) -> None:
    operator = InstructionFollowingDifficultyEvaluator(weights=folder("causal", 128))
    pair = {"instruction": "what is a cat", "output": "it is a dog"}
    rows = (pair, *({**pair, "input": about} for about in (None, "", "the mat")))
    without, null, empty, given = (scored(operator, [row])[0]["ifd"] for row in rows)
    assert without == null == empty != given
