"""A model of a few lines in place of torch and transformers: what operators ask of a model, and what they make of its numbers, without either."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from operators.bases.models import score
from operators.bases.models.inference import Tokens
from operators.bases.models.score import ScoresByCard
from operators.text.raters import deita
from operators.text.scores import perplexity


class ToyTokenizer:
    """Words as tokens, numbered as they come. Called as those of transformers are."""

    pad_token_id = 0
    all_special_ids: Sequence[int] = ()

    def __init__(self, first: int = 1) -> None:
        self.words: dict[str, int] = {}
        self.first = first

    def encode(self, text: str, add_special_tokens: bool = True) -> Tokens:
        return [self.words.setdefault(word, self.first + len(self.words)) for word in text.split()]

    def __call__(self, *texts: Sequence[str], max_length: int | None = None, **_: Any) -> dict[str, list[Any]]:
        whole = [[token for part in row for token in self.encode(part)] for row in zip(*texts, strict=True)]
        if max_length is None:
            return {"input_ids": whole}
        pieces = [(tokens[at : at + max_length], row) for row, tokens in enumerate(whole) for at in range(0, len(tokens) or 1, max_length)]
        return {
            "input_ids": [piece for piece, _ in pieces],
            "token_type_ids": [[0] * len(piece) for piece, _ in pieces],
            "overflow_to_sample_mapping": [row for _, row in pieces],
        }


class ToyModel:
    """Its numbers follow from the tokens alone. It keeps the sequences of every call, and generates nothing."""

    class config:  # noqa: N801
        max_position_embeddings = 64

    def __init__(self, tokenizer: ToyTokenizer) -> None:
        self.tokenizer = tokenizer
        self.calls: list[list[Tokens]] = []

    def log_probabilities(self, model: Any, sequences: Sequence[Tokens], batch_tokens: int, device: str) -> list[list[float]]:
        """Of each token after the first: e⁻¹ where it is the successor of the one before, else e⁻²."""
        self.calls.append(list(sequences))
        return [[-1.0 if after == before + 1 else -2.0 for before, after in pairwise(tokens)] for tokens in sequences]

    def next_token_logits(self, model: Any, sequences: Sequence[Tokens], wanted: Sequence[int], batch_tokens: int, device: str) -> list[list[float]]:
        """Highest for the digit whose place is the length of the prompt by six."""
        self.calls.append(list(sequences))
        self.wanted = list(wanted)
        return [[20.0 if place == len(tokens) % 6 else 0.0 for place in range(6)] for tokens in sequences]

    def run(self, operator: ScoresByCard, tokenizer: Any, weights: str, device: str, pieces: Sequence[tuple[Tokens, Tokens]]) -> list[list[float]]:
        """Shares of the labels, by the sum of the tokens."""
        self.calls.append([tokens for tokens, _ in pieces])
        labels = len(operator.card.labels)
        return [[(1 + (sum(tokens) + label) % labels) / (labels * (labels + 1) / 2) for label in range(labels)] for tokens, _ in pieces]


def install(monkeypatch: pytest.MonkeyPatch) -> ToyModel:
    """Put it where the operators look for a model."""
    model = ToyModel(ToyTokenizer())
    for module in (deita, perplexity, score):
        monkeypatch.setattr(module, "chosen_device", lambda device: "cpu")
        monkeypatch.setattr(module, "load_tokenizer", lambda weights, wanted_by: model.tokenizer)
    for module in (deita, perplexity):
        monkeypatch.setattr(module, "load_causal", lambda *of: model)
    monkeypatch.setattr(perplexity, "log_probabilities", model.log_probabilities)
    monkeypatch.setattr(deita, "next_token_logits", model.next_token_logits)
    monkeypatch.setattr(ScoresByCard, "_run", lambda operator, *given: model.run(operator, *given))
    return model
