"""Deita's scorers: a language model's opinion, read from the probabilities of the digits 1 to 6 instead of from a written answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa
from pydantic import Field

from operators.bases.models.inference import chosen_device, load_tokenizer
from operators.bases.models.likelihood import context_length, load_causal, next_token_logits
from operators.bases.models.transformers import UsesTransformers
from operators.tables.columns import Input, Output

_SYSTEM = "You are a helpful assistant. Please identify the "


class DigitScore(UsesTransformers, abstract=True):
    """The expected digit, 1 to 6, after a prompt: one forward pass a row, digits' token ids from the tokenizer. Null where the prompt is too long."""

    output_score = Output(float)
    max_length: int = Field(2048, ge=8, description="Tokens of the prompt; a longer one is not scored.")

    def expected_digits(self, prompts: Sequence[str]) -> pa.Array:
        device = chosen_device(self.device)
        model, tokenizer = load_causal(self.weights, device, self.name, self.precision), load_tokenizer(self.weights, self.name)
        digits = [tokenizer.encode(str(digit), add_special_tokens=False)[-1] for digit in range(1, 7)]
        length = context_length(model, self.max_length)
        encoded = tokenizer(list(prompts))["input_ids"]
        usable = [at for at, tokens in enumerate(encoded) if len(tokens) <= length]
        scores: list[float | None] = [None] * len(encoded)
        found = next_token_logits(model, [encoded[at] for at in usable], digits, self.batch_tokens, device)
        for at, logits in zip(usable, found, strict=True):
            highest = max(logits)
            shares = [math.exp(logit - highest) for logit in logits]
            scores[at] = sum(digit * share for digit, share in enumerate(shares, start=1)) / sum(shares)
        return pa.array(scores, pa.float64())


class DeitaQualityEvaluator(DigitScore):
    """Rate how well an answer meets its instruction, 1 to 6, by Deita's quality scorer. To filter: ScoreFilter(min=3).

    To select as Deita does, by quality, complexity and diversity: DeitaSelection.
    """

    covers = ("DeitaQualitySampleEvaluator", "DeitaQualityFilter")
    source = "Deita (Liu et al. 2023)"
    asks = ("score response quality with a local LLaMA scorer", "how good is the reply to a prompt", "evol quality of SFT pairs")

    input_instruction = Input(str)
    input_output = Input(str)
    output_score = Output(float, "deita_quality")

    weights: str = Field("hkust-nlp/deita-quality-scorer", description="Folder or hub repository; the scorer is a LLaMA of 13B parameters.")

    def evaluate_batch(self, instruction: pa.Array, output: pa.Array) -> pa.Array:
        return self.expected_digits(
            [
                f"{_SYSTEM}quality score of the Response corresponding to the Question. \n"
                f" #Question#:\n{question}\n#Response#:\n{answer} \n##Quality: "
                for question, answer in zip(instruction.to_pylist(), output.to_pylist(), strict=True)
            ]
        )


class DeitaComplexityEvaluator(DigitScore):
    """Rate how complex an instruction is, 1 to 6, by Deita's complexity scorer. To filter: ScoreFilter(min=3).

    To select as Deita does, by quality, complexity and diversity: DeitaSelection.
    """

    covers = ("DeitaComplexitySampleEvaluator", "DeitaComplexityFilter")
    source = "Deita (Liu et al. 2023)"
    asks = ("how difficult is this prompt", "score hardness of SFT prompts with a local model", "evol complexity of instructions")

    input_instruction = Input(str)
    output_score = Output(float, "deita_complexity")

    weights: str = Field("hkust-nlp/deita-complexity-scorer", description="Folder or hub repository; the scorer is a LLaMA of 13B parameters.")

    def evaluate_batch(self, instruction: pa.Array) -> pa.Array:
        return self.expected_digits(
            [
                f"{_SYSTEM}complexity score of the following user query. \n##Query: {question}  \n##Complexity: "
                for question in instruction.to_pylist()
            ]
        )
