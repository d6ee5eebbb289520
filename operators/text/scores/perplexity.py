"""Perplexity and what is made of it, by causal language models of transformers."""

from __future__ import annotations

import math

import pyarrow as pa
from pydantic import Field

from operators.bases.models.inference import Tokens, chosen_device, load_tokenizer
from operators.bases.models.likelihood import context_length, load_causal, log_probabilities
from operators.bases.models.transformers import UsesTransformers
from operators.tables.columns import Input, Output


class PerplexityEvaluator(UsesTransformers):
    """Say how surprising a text is to a language model: exp of the mean negative log-probability of its tokens, 1 upwards, lower is plainer.

    Texts longer than the model's context are read in windows, each token once, with `overlap` tokens seen again as context; `max_tokens`
    bounds the work. Null for texts of fewer than two tokens. The number depends on the model; to filter whatever it is: PercentileFilter(max=30).
    """

    covers = ("PerplexitySampleEvaluator", "PerplexityFilter")
    source = "CCNet (Wenzek et al. 2020), with a neural model"
    asks = ("perplexity with GPT-2 or another local model", "how natural or fluent is it on my GPU", "find gibberish with a transformer")

    input_text = Input(str)
    output_score = Output(float, "perplexity")

    weights: str = Field("openai-community/gpt2", description="Folder or hub repository of a causal language model.")
    max_length: int | None = Field(None, ge=8, description="Tokens in a window; the model's context by default.")
    overlap: int = Field(64, ge=1, description="Tokens of the window before that are seen again.")
    max_tokens: int = Field(8192, ge=2, description="Longer texts are judged by their first so many tokens.")

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        device = chosen_device(self.device)
        model = load_causal(self.weights, device, self.name, self.precision)
        length = context_length(model, self.max_length)
        overlap = min(self.overlap, length // 2)
        encoded = load_tokenizer(self.weights, self.name)(text.to_pylist(), add_special_tokens=False)["input_ids"]
        windows: list[Tokens] = []
        owners: list[tuple[int, int]] = []
        for at, tokens in enumerate(encoded):
            for start, window, seen in _windows(tokens[: self.max_tokens], length, overlap):
                windows.append(window)
                owners.append((at, seen if start else 1))
        sums, counts = [0.0] * len(encoded), [0] * len(encoded)
        for (at, seen), found in zip(owners, log_probabilities(model, windows, self.batch_tokens, device), strict=True):
            sums[at] += math.fsum(found[seen - 1 :])
            counts[at] += len(found) - (seen - 1)
        return pa.array([perplexity(total, count) for total, count in zip(sums, counts, strict=True)], pa.float64())


def perplexity(log_probability: float, tokens: int) -> float | None:
    """None for no tokens; infinity where the exponential overflows."""
    if not tokens:
        return None
    mean = -log_probability / tokens
    return math.exp(mean) if mean < 700 else math.inf


def _windows(tokens: Tokens, length: int, overlap: int) -> list[tuple[int, Tokens, int]]:
    """(start, tokens, how many of them an earlier window has judged) of windows that cover the text."""
    if len(tokens) < 2:
        return []
    starts = [0]
    while starts[-1] + length < len(tokens):
        starts.append(starts[-1] + length - overlap)
    return [(start, tokens[start : start + length], overlap) for start in starts]


class InstructionFollowingDifficultyEvaluator(UsesTransformers):
    """Say how little an instruction helps a model to write the answer: IFD, the perplexity of the answer after the instruction over that without.

    Above 0; 1 and above means that the instruction does not help, so that the two do not belong together; high below 1 is hard to learn
    and worth training on. Both perplexities are over the same tokens, from the answer's second. Null where the answer has fewer than two
    tokens, or the instruction leaves no place for two of it. To filter as the paper does: ScoreFilter(max=1.0), then TopFilter(share=0.1).
    """

    covers = ("SuperfilteringSampleEvaluator", "SuperfilteringFilter")
    source = "Cherry LLM, Superfiltering (Li et al. 2024)"
    asks = ("cherry pick SFT data with IFD", "which samples can the model learn most from", "superfiltering with a small GPT-2")

    input_instruction = Input(str)
    input_context = Input(str, "input", optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)
    output_score = Output(float, "ifd")

    weights: str = Field("openai-community/gpt2", description="Folder or hub repository of a causal language model.")
    max_length: int | None = Field(None, ge=8, description="Tokens of instruction and answer together; the model's context by default.")

    def evaluate_batch(self, instruction: pa.Array, context: pa.Array | None, output: pa.Array) -> pa.Array:
        device = chosen_device(self.device)
        model, tokenizer = load_causal(self.weights, device, self.name, self.precision), load_tokenizer(self.weights, self.name)
        length = context_length(model, self.max_length)
        asked = [
            prompt_of(question, about)
            for question, about in zip(
                instruction.to_pylist(), context.to_pylist() if context is not None else [None] * len(instruction), strict=True
            )
        ]
        prompts = tokenizer(asked, add_special_tokens=False)["input_ids"]
        # Tokenised apart and put together, so that where the answer begins is known.
        answers = [
            answer[: max(0, length - len(prompt))]
            for prompt, answer in zip(prompts, tokenizer(output.to_pylist(), add_special_tokens=False)["input_ids"], strict=True)
        ]
        usable = [at for at, answer in enumerate(answers) if len(answer) >= 2]
        sequences = [answers[at] for at in usable] + [prompts[at] + answers[at] for at in usable]
        found = log_probabilities(model, sequences, self.batch_tokens, device)
        scores: list[float | None] = [None] * len(answers)
        for place, at in enumerate(usable):
            alone, after = found[place], found[len(usable) + place][-(len(answers[at]) - 1) :]
            mean_alone, mean_after = -math.fsum(alone) / len(alone), -math.fsum(after) / len(after)
            scores[at] = math.exp(min(700.0, mean_after - mean_alone))
        return pa.array(scores, pa.float64())


def prompt_of(instruction: str, context: str | None) -> str:
    """The Alpaca format, which Superfiltering uses."""
    if context:
        return (
            "Below is an instruction that describes a task, paired with an input that provides further context. "
            "Write a response that appropriately completes the request.\n\n"
            f"### Instruction:\n{instruction}\n\n### Input:\n{context}\n\n### Response:"
        )
    return (
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
        f"### Instruction:\n{instruction}\n\n### Response:"
    )
