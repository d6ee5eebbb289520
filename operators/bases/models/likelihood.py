"""How a causal language model of transformers sees tokens: log-probabilities, several texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from operators.bases.models.inference import Tokens, batches_by_length, load_model, padded


def log_probabilities(model: Any, sequences: Sequence[Tokens], batch_tokens: int, device: str) -> list[list[float]]:
    """For each sequence the natural logarithm of the probability of each of its tokens, from the second on."""
    import torch

    made: list[list[float]] = [[] for _ in sequences]
    for group in batches_by_length(sequences, batch_tokens):
        ids, mask = padded([sequences[at] for at in group], 0, device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
            of_tokens = logits.gather(-1, ids[:, 1:, None]).squeeze(-1) - logits.logsumexp(-1)
        for at, row in zip(group, of_tokens.tolist(), strict=True):
            made[at] = row[: len(sequences[at]) - 1]
    return made


def next_token_logits(model: Any, sequences: Sequence[Tokens], wanted: Sequence[int], batch_tokens: int, device: str) -> list[list[float]]:
    """For each sequence the logits of the tokens `wanted` at the place after its end: one pass, nothing is generated."""
    import torch

    made: list[list[float]] = [[] for _ in sequences]
    for group in batches_by_length(sequences, batch_tokens):
        ids, mask = padded([sequences[at] for at in group], 0, device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits
        ends = mask.sum(1) - 1
        chosen = logits[torch.arange(len(group), device=logits.device), ends][:, list(wanted)].float()
        for at, row in zip(group, chosen.tolist(), strict=True):
            made[at] = row
    return made


def load_causal(weights: str, device: str, wanted_by: str, precision: str = "auto") -> Any:
    return load_model(weights, "AutoModelForCausalLM", device, wanted_by, precision)


def context_length(model: Any, asked: int | None) -> int:
    """Tokens that the model sees at once, or fewer where fewer were asked for."""
    known = getattr(model.config, "max_position_embeddings", None) or asked or 1024
    return min(known, asked or known)
